"""The selection by API: the ranked list, scores and three Ps with their versions, decisions, new prospects."""

import re

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, PermissionDenied, ValidationError
from rest_framework.response import Response

from accounts.access import may
from accounts.api import ClientName, PersonName
from accounts.models import Client
from accounts.models.client import Stage
from segmentation import judging, prospecting, ranking, selecting, selection_words
from segmentation.models import CriterionScore, Qualification, SelectionDecision, TypeProposal
from segmentation.models.selection import LeadSource
from segmentation.ranking import Among


def register(router) -> None:
    router.register("selection", SelectionViewSet, basename="selection")
    router.register("selection-decisions", DecisionViewSet, basename="selection-decision")
    router.register("prospects", ProspectViewSet, basename="prospect")


class VersionNeeded(APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED


class Stopped(APIException):
    """409: as things stand, this cannot be done."""

    status_code = status.HTTP_409_CONFLICT


# ── What is answered ─────────────────────────────────────────────────────────────────────────


class ScoredSerializer(serializers.Serializer):
    criterion = serializers.CharField(source="criterion.key", read_only=True)
    name = serializers.CharField(source="criterion.name", read_only=True)
    weight = serializers.CharField(source="criterion.weight", read_only=True)
    score = serializers.IntegerField(read_only=True, allow_null=True, help_text="0 to 5.")
    computed = serializers.BooleanField(
        source="is_computed", read_only=True, help_text="From the sales; else judged by a head."
    )
    basis = serializers.CharField(
        read_only=True, help_text="What it was computed from, or the reason."
    )


class EntrySerializer(serializers.Serializer):
    """A client on the list with its total and what moved weights would change."""

    client = ClientName(read_only=True)
    rank = serializers.IntegerField(source="place.rank", read_only=True, allow_null=True)
    total = serializers.SerializerMethodField(
        help_text="0 to 5; null while less than half of the weight is known."
    )
    known = serializers.SerializerMethodField(
        help_text="The part of 1 of the weight that is known."
    )
    best_rank = serializers.IntegerField(source="place.best", read_only=True, allow_null=True)
    worst_rank = serializers.IntegerField(source="place.worst", read_only=True, allow_null=True)
    in_first_ten = serializers.IntegerField(
        source="place.within", read_only=True, help_text="In so many of the variations."
    )
    variations = serializers.SerializerMethodField(
        help_text="Each weight a fifth smaller and a fifth larger."
    )
    deciding = serializers.CharField(
        source="place.deciding",
        read_only=True,
        allow_null=True,
        help_text="The criterion whose weight moves the rank most.",
    )
    explanation = serializers.SerializerMethodField()
    segment = serializers.SerializerMethodField()
    scores = serializers.SerializerMethodField()

    def get_total(self, entry) -> str | None:
        value = entry.total.value
        return None if value is None else f"{float(value):.4f}"

    def get_known(self, entry) -> str:
        return f"{float(entry.total.known):.4f}"

    def get_variations(self, entry) -> int:
        return len(entry.place.ranks)

    def get_explanation(self, entry) -> str:
        return selection_words.formula(entry, self.context["ranking"].rules)

    def get_segment(self, entry) -> str | None:
        return entry.segment.letters if entry.segment else None

    def get_scores(self, entry) -> list[dict]:
        return ScoredSerializer(list(entry.scored.values()), many=True).data


class ScoreSerializer(serializers.ModelSerializer):
    judged_by = PersonName(read_only=True)

    class Meta:
        model = CriterionScore
        fields = ("criterion", "score", "reason", "judged_by", "judged_on", "version")
        read_only_fields = ("criterion", "judged_on", "version")
        extra_kwargs = {
            "score": {"min_value": 0, "max_value": 5},
            "reason": {"max_length": judging.LONGEST_REASON},
        }


class QualificationSerializer(serializers.ModelSerializer):
    judged_by = PersonName(read_only=True)

    class Meta:
        model = Qualification
        fields = (
            "need",
            "need_note",
            "ability",
            "ability_note",
            "authority",
            "authority_note",
            "source",
            "source_note",
            "judged_by",
            "judged_on",
            "version",
        )
        read_only_fields = ("judged_on", "version")
        extra_kwargs = {name: {"min_value": 0, "max_value": 5} for name in judging.THREE_PS}


class ConflictSerializer(serializers.Serializer):
    """Nothing was stored: `version` is the one that stands now, 0 where there is none any more."""

    detail = serializers.CharField()
    version = serializers.IntegerField()
    yours = serializers.JSONField()
    theirs = serializers.JSONField(allow_null=True)


class SelectionDecisionSerializer(serializers.ModelSerializer):
    client = ClientName(read_only=True)
    decided_by = PersonName(read_only=True)

    class Meta:
        model = SelectionDecision
        fields = ("id", "client", "from_stage", "to_stage", "reason", "decided_by", "decided_on")
        read_only_fields = fields


class StageRequest(serializers.Serializer):
    """To become a key client, and to be one no longer, goes with a dossier: by the pages."""

    to = serializers.ChoiceField(choices=[c for c in Stage.choices if c[0] != Stage.KEY])
    reason = serializers.CharField(max_length=2000)


class TypeDecisionSerializer(serializers.ModelSerializer):
    client = ClientName(read_only=True)
    decided_by = PersonName(read_only=True)

    class Meta:
        model = TypeProposal
        fields = ("id", "client", "client_type", "state", "basis", "decided_by", "decided_on")
        read_only_fields = fields


class ProspectRequest(serializers.ModelSerializer):
    source = serializers.ChoiceField(choices=LeadSource.choices)
    source_note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    external_id = serializers.CharField(max_length=64, required=False, allow_blank=True)
    is_another = serializers.BooleanField(
        required=False, help_text="There is a client of that name, and this is a different company."
    )

    class Meta:
        model = Client
        fields = (
            "name",
            "tax_id",
            "external_id",
            "country",
            "city",
            "industry",
            "channel",
            "source",
            "source_note",
            "is_another",
        )


# ── Doors ────────────────────────────────────────────────────────────────────────────────────

_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description='The version that was read: the ETag of the record, such as "3"; "0" where there is none yet.',
)
_AMONG = OpenApiParameter(
    "among",
    str,
    enum=list(Among.values),
    description="Who is compared: those to choose from (the usual), key clients, or both.",
)
_REFUSED = {
    400: OpenApiResponse(description="What is wrong, by field; nothing was stored."),
    403: OpenApiResponse(description="The person's role does not do this."),
    404: OpenApiResponse(description="No such thing, or not for this person."),
}
_CHANGING = {
    **_REFUSED,
    412: OpenApiResponse(ConflictSerializer, description="Somebody else judged it meanwhile."),
    428: OpenApiResponse(description="If-Match is missing."),
}


def _require(request: HttpRequest, act: str) -> None:
    if not may(request.user, act):
        raise PermissionDenied(_("Your role does not do this."))


class SelectionViewSet(viewsets.GenericViewSet):
    """The ranked list from which key clients are chosen, best first: for sales heads, since it holds opinions."""

    serializer_class = EntrySerializer
    queryset = Client.objects.none()
    filter_backends = ()
    lookup_field = "client_id"
    lookup_value_regex = r"\d{1,9}"

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        _require(request, "choose_key_clients")

    def client(self) -> Client:
        visible = Client.objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["client_id"])

    @extend_schema(parameters=[_AMONG], responses={200: EntrySerializer(many=True), **_REFUSED})
    def list(self, request):
        among = request.query_params.get("among", Among.OPEN)
        if among not in Among.values:
            raise ValidationError({"among": [_("open, key or all.")]})
        found = ranking.ranking(request.user, among=among)
        page = self.paginate_queryset(found.entries)
        shown = EntrySerializer(page, many=True, context={"ranking": found})
        return self.get_paginated_response(shown.data)

    @extend_schema(responses={200: EntrySerializer, **_REFUSED})
    def retrieve(self, request, client_id):
        client = self.client()
        among = Among.KEY if client.is_key else Among.OPEN
        found = ranking.ranking(request.user, among=among, beside=[client.pk])
        return Response(EntrySerializer(found.of(client.pk), context={"ranking": found}).data)

    @extend_schema(responses={200: ScoreSerializer, **_REFUSED}, operation_id="score_retrieve")
    @action(detail=True, url_path=r"scores/(?P<criterion>[-a-z0-9_]{1,40})", url_name="score")
    def score(self, request, client_id, criterion):
        return _shown(self._score(criterion), ScoreSerializer)

    @extend_schema(
        parameters=[_IF_MATCH],
        request=ScoreSerializer,
        responses={200: ScoreSerializer, **_CHANGING},
        operation_id="score_put",
    )
    @score.mapping.put
    def put_score(self, request, client_id, criterion):
        client, sent = self.client(), _checked(ScoreSerializer, request)
        try:
            record = judging.judge(
                client,
                criterion,
                seen=_seen(request),
                by=request.user,
                today=timezone.localdate(),
                **sent,
            )
        except judging.JudgingRefused as refusal:
            return _refused(refusal, sent, ScoreSerializer)
        return _shown(record, ScoreSerializer)

    @extend_schema(
        parameters=[_IF_MATCH],
        request=None,
        responses={204: None, **_CHANGING},
        operation_id="score_delete",
    )
    @score.mapping.delete
    def delete_score(self, request, client_id, criterion):
        self._score(criterion)
        try:
            judging.take_back(self.client(), criterion, seen=_seen(request), by=request.user)
        except judging.JudgingRefused as refusal:
            return _refused(refusal, {}, ScoreSerializer)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _score(self, criterion: str) -> CriterionScore:
        scores = CriterionScore.objects.visible_to(self.request.user).filter(client=self.client())
        return get_object_or_404(scores, criterion=criterion)

    @extend_schema(
        responses={200: QualificationSerializer, **_REFUSED}, operation_id="qualification_retrieve"
    )
    @action(detail=True)
    def qualification(self, request, client_id):
        found = Qualification.objects.visible_to(request.user).filter(client=self.client())
        return _shown(get_object_or_404(found), QualificationSerializer)

    @extend_schema(
        parameters=[_IF_MATCH],
        request=QualificationSerializer,
        responses={200: QualificationSerializer, **_CHANGING},
        operation_id="qualification_put",
    )
    @qualification.mapping.put
    def put_qualification(self, request, client_id):
        client, sent = self.client(), _checked(QualificationSerializer, request)
        values = {
            name: sent.get(name, None if name in judging.THREE_PS else "")
            for name in (*QualificationSerializer.Meta.fields[:8],)
        }
        try:
            record = judging.qualify(
                client,
                values=values,
                seen=_seen(request),
                by=request.user,
                today=timezone.localdate(),
            )
        except judging.JudgingRefused as refusal:
            return _refused(refusal, values, QualificationSerializer)
        return _shown(record, QualificationSerializer)

    @extend_schema(
        request=StageRequest,
        responses={
            201: SelectionDecisionSerializer,
            **_REFUSED,
            409: OpenApiResponse(description="From where the client stands there is no such way."),
        },
    )
    @action(detail=True, methods=["post"])
    def decide(self, request, client_id):
        """Candidate, prospect, regular or lost; with the reason."""
        client, sent = self.client(), _checked(StageRequest, request)
        if client.is_key:
            raise Stopped(
                _(
                    "%(client)s is a key client: release it, and its dossier closes with the same act."
                )
                % {"client": client}
            )
        try:
            decision = selecting.change_stage(
                client, by=request.user, today=timezone.localdate(), **sent
            )
        except selecting.SelectionRefused as refusal:
            raise Stopped(str(refusal)) from refusal
        return Response(SelectionDecisionSerializer(decision).data, status=status.HTTP_201_CREATED)


class DecisionViewSet(viewsets.ReadOnlyModelViewSet):
    """Who became a candidate, a key client or was released, by whose decision and why; the newest first."""

    serializer_class = SelectionDecisionSerializer
    filterset_fields = ("client", "to_stage")
    queryset = SelectionDecision.objects.none()

    def get_queryset(self):
        decisions = SelectionDecision.objects.visible_to(self.request.user)
        return decisions.select_related("client", "decided_by")


class ProspectViewSet(viewsets.GenericViewSet):
    """Companies that buy nothing from us yet, entered by hand."""

    serializer_class = ProspectRequest
    queryset = Client.objects.none()

    @extend_schema(
        request=ProspectRequest,
        responses={
            201: ClientName,
            **_REFUSED,
            409: OpenApiResponse(description="There is such a client: its id and name are told."),
        },
    )
    def create(self, request):
        _require(request, "match_clients")
        sent = _checked(ProspectRequest, request)
        try:
            client = prospecting.enter(by=request.user, today=timezone.localdate(), **sent)
        except prospecting.KnownAlready as refusal:
            body = {"detail": str(refusal), "client": ClientName(refusal.client).data}
            return Response(body, status=status.HTTP_409_CONFLICT)
        except (prospecting.EnteringRefused, judging.JudgingRefused) as refusal:
            raise ValidationError({refusal.field or "detail": [str(refusal)]}) from refusal
        return Response(ClientName(client).data, status=status.HTTP_201_CREATED)


# ── Answering ────────────────────────────────────────────────────────────────────────────────


def _checked(serializer: type[serializers.BaseSerializer], request) -> dict:
    sent = serializer(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


def _seen(request) -> str:
    """The version in If-Match; "0" says that there was none."""
    tag = request.headers.get("If-Match", "").strip()
    if tag in ("", "*"):
        raise VersionNeeded(
            _(
                'Say in If-Match which version you saw: the ETag of the record, "0" where there is none.'
            )
        )
    found = re.fullmatch(r'"(\d{1,9})"', tag)
    if not found:
        raise ValidationError(
            {"If-Match": [_('Name one version in quotation marks, such as "3".')]}
        )
    return found[1]


def _shown(record, serializer: type[serializers.ModelSerializer]) -> Response:
    response = Response(serializer(record).data)
    response["ETag"] = f'"{record.version}"'
    return response


def _refused(
    refusal: judging.JudgingRefused, yours: dict, serializer: type[serializers.ModelSerializer]
) -> Response:
    if isinstance(refusal, judging.JudgedMeanwhile):
        theirs = serializer(refusal.record).data if refusal.record else None
        body = {
            "detail": str(refusal),
            "version": refusal.version,
            "yours": yours,
            "theirs": theirs,
        }
        response = Response(body, status=status.HTTP_412_PRECONDITION_FAILED)
        response["ETag"] = f'"{refusal.version}"'
        return response
    if isinstance(refusal, judging.NoSuchCriterion):
        raise NotFound(str(refusal)) from refusal
    if isinstance(refusal, judging.NotAllowed):
        raise PermissionDenied(str(refusal)) from refusal
    raise ValidationError({refusal.field or "detail": [str(refusal)]}) from refusal

"""Numbers of the ledger, doubtful matches and merges by API: the same doors and operations as the pages."""

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from accounts.access import may
from accounts.api import ClientName, PersonName
from accounts.models import Client
from segmentation import merging, splitting
from segmentation.models import ClientMerge, DoubtfulMatch, LedgerNumber

REFUSED = {
    400: OpenApiResponse(description="A sentence on what is wrong; nothing was done."),
    403: OpenApiResponse(description="The person's role does not do this."),
}


def register(router) -> None:
    router.register("ledger-numbers", LedgerNumberViewSet, basename="ledger-number")
    router.register("doubtful-matches", DoubtfulMatchViewSet, basename="doubtful-match")
    router.register("client-merges", ClientMergeViewSet, basename="client-merge")


def _require(person) -> None:
    if not may(person, "match_clients"):
        raise PermissionDenied(_("Your role does not do this."))


class LedgerNumberSerializer(serializers.ModelSerializer):
    client = ClientName(read_only=True)

    class Meta:
        model = LedgerNumber
        fields = ("id", "number", "client", "matched_by", "sales_import", "created_at")
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(
        description="Numbers of the sales ledger and the clients they mean, of clients whose figures are seen."
    )
)
class LedgerNumberViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = LedgerNumberSerializer
    filterset_fields = ("number", "client", "matched_by")
    queryset = LedgerNumber.objects.none()

    def get_queryset(self):
        return (
            LedgerNumber.objects.visible_to(self.request.user)
            .select_related("client")
            .order_by("number")
        )


class MergeSerializer(serializers.ModelSerializer):
    kept = ClientName(read_only=True)
    merged = ClientName(read_only=True)
    merged_by = PersonName(read_only=True)
    split_by = PersonName(read_only=True, allow_null=True)
    moved = serializers.DictField(
        read_only=True,
        help_text="What moved: ids by model and field in `rows`, those that stayed in `stayed`, `lines`, `documents`.",
    )

    class Meta:
        model = ClientMerge
        fields = (
            "id",
            "kept",
            "merged",
            "reason",
            "moved",
            "merged_by",
            "merged_at",
            "split_by",
            "split_at",
        )
        read_only_fields = fields


class MergeRequest(serializers.Serializer):
    kept = serializers.PrimaryKeyRelatedField(
        queryset=Client.objects.none(), help_text="Id of the client that stays."
    )
    merged = serializers.PrimaryKeyRelatedField(
        queryset=Client.objects.none(), help_text="Id of the client that is merged into it."
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None:
            seen = Client.objects.visible_to(request.user)
            self.fields["kept"].queryset = self.fields["merged"].queryset = seen


@extend_schema_view(
    list=extend_schema(description="Merges of clients, the newest first; for analysts and heads."),
    create=extend_schema(request=MergeRequest, responses={201: MergeSerializer, **REFUSED}),
)
class ClientMergeViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    serializer_class = MergeSerializer
    filterset_fields = ("kept", "merged")
    queryset = ClientMerge.objects.none()

    def get_queryset(self):
        return ClientMerge.objects.visible_to(self.request.user).select_related(
            "kept", "merged", "merged_by", "split_by"
        )

    def create(self, request, *args, **kwargs):
        """Make two clients one. Everything of the merged one moves; nothing is lost."""
        _require(request.user)
        asked = MergeRequest(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        try:
            row = merging.merge(
                told["kept"],
                told["merged"],
                by=request.user,
                today=timezone.localdate(),
                reason=told["reason"],
            )
        except merging.MergeRefused as refusal:
            raise ValidationError({"detail": [str(refusal)]}) from refusal
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: MergeSerializer, **REFUSED})
    @action(detail=True, methods=["post"])
    def split(self, request, *args, **kwargs):
        """Take the merge apart again, as long as nothing was done since that hides what belongs to whom."""
        _require(request.user)
        row = self.get_object()
        try:
            splitting.split(row, by=request.user)
        except (splitting.SplitRefused, merging.MergeRefused) as refusal:
            raise ValidationError({"detail": [str(refusal)]}) from refusal
        return Response(self.get_serializer(row).data)


class DoubtSerializer(serializers.ModelSerializer):
    client = ClientName(read_only=True)
    candidate = ClientName(read_only=True)
    decided_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = DoubtfulMatch
        fields = (
            "id",
            "client",
            "candidate",
            "reason",
            "sales_import",
            "state",
            "created_at",
            "decided_by",
            "decided_at",
        )
        read_only_fields = fields


class Answer(serializers.Serializer):
    answer = serializers.ChoiceField(
        choices=["same", "different"],
        help_text="same: the two are merged; different: they stay two clients, and it is not asked again.",
    )


@extend_schema_view(
    list=extend_schema(
        description="Clients of imports that may be clients there were, the newest first; for analysts and heads."
    )
)
class DoubtfulMatchViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = DoubtSerializer
    filterset_fields = ("state", "reason", "client", "candidate", "sales_import")
    queryset = DoubtfulMatch.objects.none()

    def get_queryset(self):
        return DoubtfulMatch.objects.visible_to(self.request.user).select_related(
            "client", "candidate", "decided_by"
        )

    @extend_schema(request=Answer, responses={200: DoubtSerializer, **REFUSED})
    @action(detail=True, methods=["post"])
    def decide(self, request, *args, **kwargs):
        """Say whether the two are one client."""
        _require(request.user)
        asked = Answer(data=request.data)
        asked.is_valid(raise_exception=True)
        doubt = self.get_object()
        try:
            merging.decide(
                doubt,
                same=asked.validated_data["answer"] == "same",
                by=request.user,
                today=timezone.localdate(),
            )
        except merging.MergeRefused as refusal:
            raise ValidationError({"detail": [str(refusal)]}) from refusal
        return Response(self.get_serializer(self.get_queryset().get(pk=doubt.pk)).data)

"""Concentration and kept scenarios by API: the same functions, and so the same doors, as the pages."""

import re
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.exceptions import APIException, PermissionDenied, ValidationError
from rest_framework.response import Response

from accounts.access import may
from accounts.api import PersonName
from accounts.models import Client
from portfolio import leaving
from portfolio.models import Scenario
from segmentation import concentration_figures, policies
from segmentation.concentration import Concentration
from segmentation.models import Measure


def register(router) -> None:
    router.register("concentration", ConcentrationViewSet, basename="concentration")
    router.register("scenarios", ScenarioViewSet, basename="scenario")


def _require(request, act: str) -> None:
    if not may(request.user, act):
        raise PermissionDenied(_("Your role does not do this."))


class VersionNeeded(APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED


class VersionOutdated(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED


def _figures(found: Concentration) -> dict[str, Any]:
    return {
        "clients": found.clients,
        "total": str(found.total),
        "first": leaving.part(found.first),
        "three": leaving.part(found.three),
        "ten": leaving.part(found.ten),
        "hhi": leaving.part(found.hhi),
        "effective": leaving.part(found.effective),
    }


_SHARE = {"allow_null": True, "help_text": "A part of 1, as decimal text."}
_FIGURES = {
    "clients": serializers.IntegerField(help_text="With a total above nought."),
    "total": serializers.CharField(),
    "first": serializers.CharField(**_SHARE),
    "three": serializers.CharField(**_SHARE),
    "ten": serializers.CharField(**_SHARE),
    "hhi": serializers.CharField(allow_null=True, help_text="Herfindahl index, 0 to 10,000."),
    "effective": serializers.CharField(allow_null=True, help_text="10,000 ÷ hhi."),
}


class ChannelFigures(serializers.Serializer):
    channel = serializers.CharField(allow_blank=True)
    share = serializers.CharField(allow_null=True)
    within = inline_serializer("ConcentrationWithin", dict(_FIGURES))


class MonthEndFigures(serializers.Serializer):
    month = serializers.DateField(help_text="First day of the last month that counts.")
    unknown = serializers.IntegerField(help_text="Clients without a known margin.")
    figures = inline_serializer("ConcentrationThen", dict(_FIGURES))


class ConcentrationSerializer(serializers.Serializer):
    first_month = serializers.DateField()
    last_month = serializers.DateField()
    currency = serializers.CharField()
    measure = serializers.ChoiceField(choices=Measure.choices)
    unknown = serializers.IntegerField(help_text="Clients left out: their margin is not known.")
    figures = inline_serializer("ConcentrationFigures", dict(_FIGURES))
    channels = ChannelFigures(many=True)
    trend = MonthEndFigures(many=True)


def _asked(name: str, words: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=words)


class ConcentrationViewSet(viewsets.ViewSet):
    """How much of the sales hangs on a few clients: for heads and analysts."""

    @extend_schema(
        operation_id="concentration",
        responses=ConcentrationSerializer,
        parameters=[
            _asked("to", "The last month, 2026-10; left out, the last full one."),
            _asked("months", "How many, 1 to 60; left out, 12."),
            _asked("currency", "Three letters."),
            _asked("by", "revenue or margin."),
        ],
    )
    def list(self, request):
        _require(request, "see_all_figures")
        window = concentration_figures.window_from(request.query_params, today=timezone.localdate())
        if window is None:
            raise ValidationError({"detail": [_("There are no sales yet. Import them first.")]})
        found = concentration_figures.of(window, user=request.user)
        return Response(
            {
                "first_month": window.first,
                "last_month": window.last,
                "currency": window.currency,
                "measure": window.measure,
                "unknown": len(found.unknown),
                "figures": _figures(found.concentration),
                "channels": [
                    {"channel": one.name, "share": leaving.part(one.share), "within": _figures(one.within)}
                    for one in found.channels
                ],
                "trend": [
                    {"month": end.month, "unknown": end.unknown, "figures": _figures(end.figures)}
                    for end in concentration_figures.trend(window, user=request.user)
                ],
            }
        )  # fmt: skip


class ScenarioSerializer(serializers.ModelSerializer):
    """A kept "what if they leave". `result` holds the figures as found on `kept_on`, as text, with their period."""

    created_by = PersonName(read_only=True)
    clients = serializers.PrimaryKeyRelatedField(many=True, queryset=Client.objects.none())
    months = serializers.IntegerField(
        min_value=1, max_value=concentration_figures.MOST_MONTHS, default=12, write_only=True
    )

    class Meta:
        model = Scenario
        fields = (
            "id", "version", "name", "note", "clients", "months", "currency", "fixed_costs", "reserve",
            "result", "kept_on", "created_by", "created_at",
        )  # fmt: skip
        read_only_fields = ("id", "version", "result", "kept_on", "created_by", "created_at")
        extra_kwargs = {"currency": {"required": False}}

    def get_fields(self):
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and request.user.is_authenticated:
            fields["clients"].child_relation.queryset = Client.objects.visible_to(request.user)
        return fields


class ScenarioViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """What if they leave: for heads. Kept once, a scenario's figures do not change."""

    serializer_class = ScenarioSerializer
    queryset = Scenario.objects.none()
    filter_backends = ()
    lookup_value_regex = r"\d{1,9}"

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        _require(request, "see_portfolio")

    def get_queryset(self):
        found = Scenario.objects.visible_to(self.request.user)
        return found.select_related("created_by").prefetch_related("clients")

    def retrieve(self, request, *args, **kwargs):
        scenario = self.get_object()
        return Response(
            self.get_serializer(scenario).data, headers={"ETag": f'"{scenario.version}"'}
        )

    def create(self, request):
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        window = concentration_figures.window_from(
            {"currency": asked.get("currency", ""), "months": asked["months"]},
            today=timezone.localdate(),
        )
        if window is None or asked.get("currency", window.currency) != window.currency:
            raise ValidationError({"currency": [_("There are no sales in this currency.")]})
        policy = policies.current()
        usual = leaving.from_policy(policy, window)
        try:
            scenario = leaving.keep(
                name=asked["name"],
                note=asked.get("note", ""),
                clients=list(dict.fromkeys(asked["clients"])),
                window=window,
                assumptions=leaving.Assumptions(
                    asked.get("fixed_costs", usual.fixed_costs), asked.get("reserve", usual.reserve)
                ),
                policy=policy,
                by=request.user,
                today=timezone.localdate(),
            )
        except leaving.ScenarioRefused as refusal:
            raise ValidationError({"detail": [str(refusal)]}) from refusal
        return Response(
            self.get_serializer(scenario).data,
            status=status.HTTP_201_CREATED,
            headers={"ETag": f'"{scenario.version}"'},
        )

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "If-Match",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description='The ETag, "3".',
            )
        ],
        responses={204: None},
    )
    def destroy(self, request, *args, **kwargs):
        scenario = self.get_object()
        tag = request.headers.get("If-Match", "").strip()
        if not tag:
            raise VersionNeeded(_("Say in If-Match which version you saw."))
        seen = re.fullmatch(r'"(\d{1,9})"', tag)
        if not seen:
            raise ValidationError(
                {"If-Match": [_('Name one version in quotation marks, such as "3".')]}
            )
        try:
            leaving.delete(scenario, version=int(seen[1]))
        except leaving.ScenarioChanged as refusal:
            raise VersionOutdated(str(refusal)) from refusal
        return Response(status=status.HTTP_204_NO_CONTENT)

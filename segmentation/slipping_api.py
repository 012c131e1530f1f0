"""Rhythms, slippings, losses and win-back measures by API: the same doors and operations as the pages.

Changing needs `If-Match` with the version that was seen (428 without it); where somebody wrote meanwhile the answer is 412
with what stands there now, and nothing is changed.
"""

import re
from typing import Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from accounts.access import may
from accounts.api import ClientName, PersonName
from accounts.models import Client, User
from accounts.models.user import Role
from segmentation import losing, selecting
from segmentation.models import Loss, Rhythm, SlippingEpisode, WinBackMeasure
from segmentation.models.slipping import LossDirection, LossReason, MeasureKind, MeasureState


def register(router) -> None:
    router.register("rhythms", RhythmViewSet, basename="rhythm")
    router.register("slippings", SlippingViewSet, basename="slipping")
    router.register("losses", LossViewSet, basename="loss")
    router.register("win-back-measures", MeasureViewSet, basename="measure")


IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The version that was seen.",
)
ANSWERS = {
    400: OpenApiResponse(description="A sentence on what is wrong; nothing was stored."),
    403: OpenApiResponse(description="The person may read this, and not write it."),
    412: OpenApiResponse(description="Changed meanwhile; `stands` is what stands there now."),
    428: OpenApiResponse(description="If-Match is missing."),
}


class RhythmSerializer(serializers.ModelSerializer):
    client = ClientName(read_only=True)

    class Meta:
        model = Rhythm
        fields = (
            "id", "client", "orders", "first_on", "last_on", "median_days", "spread_days", "slips_on", "lost_on",
            "revenue", "currency", "policy", "computed_at",
        )  # fmt: skip
        read_only_fields = fields


class RhythmFilter(django_filters.FilterSet):
    slipping = django_filters.BooleanFilter(
        method="by_slipping", label=gettext_lazy("past their own limit, and not yet lost")
    )
    lost = django_filters.BooleanFilter(
        method="by_lost", label=gettext_lazy("past the limit of the lost")
    )

    class Meta:
        model = Rhythm
        fields = ("client",)

    def by_slipping(self, rows, _name, value):
        late = Rhythm.objects.visible_to(self.request.user).slipping(on=timezone.localdate())
        return rows.filter(pk__in=late) if value else rows.exclude(pk__in=late)

    def by_lost(self, rows, _name, value):
        late = Rhythm.objects.visible_to(self.request.user).lost(on=timezone.localdate())
        return rows.filter(pk__in=late) if value else rows.exclude(pk__in=late)


@extend_schema_view(
    list=extend_schema(description="How often each client orders, from when it slips and is lost.")
)
class RhythmViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = RhythmSerializer
    filterset_class = RhythmFilter
    queryset = Rhythm.objects.none()

    def get_queryset(self):
        rows = Rhythm.objects.visible_to(self.request.user)
        return rows.select_related("client").order_by("pk")


class SlippingSerializer(serializers.ModelSerializer):
    client = ClientName(read_only=True)

    class Meta:
        model = SlippingEpisode
        fields = (
            "id", "client", "last_order_on", "median_days", "spread_days", "noticed_on", "lost_on", "ended_on",
        )  # fmt: skip
        read_only_fields = fields


class SlippingFilter(django_filters.FilterSet):
    open = django_filters.BooleanFilter(
        field_name="ended_on", lookup_expr="isnull", label=gettext_lazy("not ordered again yet")
    )

    class Meta:
        model = SlippingEpisode
        fields = ("client",)


@extend_schema_view(list=extend_schema(description="Each time a client fell out of its rhythm."))
class SlippingViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = SlippingSerializer
    filterset_class = SlippingFilter
    queryset = SlippingEpisode.objects.none()

    def get_queryset(self):
        rows = SlippingEpisode.objects.visible_to(self.request.user)
        return rows.select_related("client").order_by("-noticed_on", "-pk")


# ── Losses and measures ──────────────────────────────────────────────────────────────────────


class LossSerializer(serializers.ModelSerializer):
    client = ClientName(read_only=True)
    recorded_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = Loss
        fields = (
            "id", "client", "lost_on", "reason", "direction", "competitor", "note", "worth_winning", "revenue_before",
            "currency", "returned_on", "recorded_by", "created_at", "version",
        )  # fmt: skip
        read_only_fields = fields


class LossChange(serializers.Serializer):
    """What can be said of a loss."""

    lost_on = serializers.DateField()
    reason = serializers.ChoiceField(choices=LossReason.choices)
    direction = serializers.ChoiceField(choices=LossDirection.choices)
    competitor = serializers.CharField(max_length=150, required=False, allow_blank=True)
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    worth_winning = serializers.BooleanField(required=False)


class LossRequest(LossChange):
    client = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class MeasureSerializer(serializers.ModelSerializer):
    owner = PersonName(read_only=True)

    class Meta:
        model = WinBackMeasure
        fields = (
            "id", "loss", "kind", "what", "owner", "budget", "currency", "due_on", "state", "done_on", "result",
            "created_at", "version",
        )  # fmt: skip
        read_only_fields = fields


class MeasureChange(serializers.Serializer):
    """A measure as it is to be."""

    kind = serializers.ChoiceField(choices=MeasureKind.choices)
    what = serializers.CharField(max_length=200)
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.active().filter(role__in=(Role.KAM, Role.HEAD))
    )
    budget = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    state = serializers.ChoiceField(choices=MeasureState.choices, required=False)
    done_on = serializers.DateField(required=False, allow_null=True)
    result = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class MeasureRequest(MeasureChange):
    loss = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class Writing(viewsets.GenericViewSet):
    """One answer to each refusal of `losing`."""

    def handle_exception(self, exc):
        if isinstance(exc, losing.ChangedMeanwhile):
            stands = self.get_serializer(exc.stands).data
            return Response(
                {"detail": str(exc), "stands": stands}, status=status.HTTP_412_PRECONDITION_FAILED
            )
        if isinstance(exc, losing.NotYours):
            exc = PermissionDenied(str(exc))
        elif isinstance(exc, losing.LosingRefused):
            exc = ValidationError({exc.field or "detail": [str(exc)]})
        elif isinstance(exc, selecting.SelectionRefused):
            exc = ValidationError({"detail": [str(exc)]})
        elif isinstance(exc, _NoVersion):
            return Response(
                {"detail": _("Say with If-Match which version you saw.")},
                status=status.HTTP_428_PRECONDITION_REQUIRED,
            )
        return super().handle_exception(exc)

    def require_writer(self) -> None:
        if not may(self.request.user, "open_dossiers"):
            raise PermissionDenied(_("Your role does not do this."))

    def version(self) -> int:
        match = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', self.request.headers.get("If-Match", ""))
        if match is None:
            raise _NoVersion
        return int(match.group(1))

    def told(self, form: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
        asked = form(data=self.request.data, partial=partial)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)


class _NoVersion(Exception):
    pass


@extend_schema_view(
    list=extend_schema(description="Clients recorded as lost, the latest first."),
    create=extend_schema(request=LossRequest, responses={201: LossSerializer, **ANSWERS}),
    partial_update=extend_schema(
        request=LossChange, responses={200: LossSerializer, **ANSWERS}, parameters=[IF_MATCH]
    ),
)
class LossViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Writing):
    serializer_class = LossSerializer
    filterset_fields = ("client", "reason", "direction", "worth_winning")
    queryset = Loss.objects.none()

    def get_queryset(self):
        rows = Loss.objects.visible_to(self.request.user)
        return rows.select_related("client", "recorded_by").order_by("-lost_on", "-pk")

    def create(self, request, *args, **kwargs):
        self.require_writer()
        told = self.told(LossRequest)
        client = Client.objects.visible_to(request.user).filter(pk=told.pop("client")).first()
        if client is None:
            raise ValidationError({"client": [_("There is no such client.")]})
        loss = losing.record(client, **told, by=request.user, today=timezone.localdate())
        return Response(self.get_serializer(loss).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request, *args, **kwargs):
        told = self.told(LossChange, partial=True)
        loss = losing.change_loss(
            self.get_object(),
            version=self.version(),
            by=request.user,
            today=timezone.localdate(),
            **told,
        )
        return Response(self.get_serializer(loss).data)


@extend_schema_view(
    list=extend_schema(description="What is done to win lost clients back."),
    create=extend_schema(request=MeasureRequest, responses={201: MeasureSerializer, **ANSWERS}),
    partial_update=extend_schema(
        request=MeasureChange, responses={200: MeasureSerializer, **ANSWERS}, parameters=[IF_MATCH]
    ),
    destroy=extend_schema(
        description="The change history keeps it.",
        responses={204: None, **ANSWERS},
        parameters=[IF_MATCH],
    ),
)
class MeasureViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Writing):
    serializer_class = MeasureSerializer
    filterset_fields = ("loss", "kind", "state")
    queryset = WinBackMeasure.objects.none()

    def get_queryset(self):
        rows = WinBackMeasure.objects.visible_to(self.request.user)
        return rows.select_related("owner").order_by("pk")

    def create(self, request, *args, **kwargs):
        self.require_writer()
        told = self.told(MeasureRequest)
        loss = Loss.objects.visible_to(request.user).filter(pk=told.pop("loss")).first()
        if loss is None:
            raise ValidationError({"loss": [_("There is no such loss.")]})
        measure = losing.add_measure(loss, by=request.user, **told)
        return Response(self.get_serializer(measure).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request, *args, **kwargs):
        told = self.told(MeasureChange, partial=True)
        found = self.get_object()
        measure = losing.change_measure(found, version=self.version(), by=request.user, **told)
        return Response(self.get_serializer(measure).data)

    def destroy(self, request, *args, **kwargs):
        losing.delete_measure(self.get_object(), version=self.version(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

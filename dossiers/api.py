"""Dossiers and their revisions by API. What stands in a dossier is read from the table of its pieces."""

from functools import cache

import django_filters
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from accounts.api import ClientName, Holder, PersonName
from accounts.models import Assignment, Client, User
from accounts.models.assignment import Holding
from accounts.sorting import sort_key
from dossiers import quality, types_api
from dossiers.models import Dossier, Review
from dossiers.pieces import PIECES, Piece, of_section
from dossiers.sections import Section
from segmentation.models import Segment


def register(router) -> None:
    router.register("cards", CardViewSet, basename="card")
    router.register("dossiers", DossierViewSet, basename="dossier")
    router.register("revisions", ReviewViewSet, basename="revision")
    types_api.register(router)


# ── What stands in a dossier ─────────────────────────────────────────────────────────────────


class NamedRow(serializers.Serializer):
    """Another entry that this one points to."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(source="__str__", read_only=True)


# What every entry and every sheet says besides its own fields.
PROVENANCE = ("source", "certainty", "confirmed_on", "confirmed_by", "updated_at", "updated_by")


@cache
def serializer_for(piece: Piece) -> type[serializers.ModelSerializer]:
    """The serializer of a piece's records: its own fields, then where they are known from."""
    rows = {
        name: (PersonName if field.related_model is User else NamedRow)(
            read_only=True, allow_null=field.null
        )
        for name in piece.fields
        if (field := piece.model._meta.get_field(name)).is_relation
    }
    fields = ("id", "version", *piece.fields, *PROVENANCE)
    meta = type("Meta", (), {"model": piece.model, "fields": fields, "read_only_fields": fields})
    people = {"confirmed_by": PersonName(read_only=True), "updated_by": PersonName(read_only=True)}
    return type(
        f"Piece{name_of(piece).title().replace('_', '')}",
        (serializers.ModelSerializer,),
        {"Meta": meta, "__doc__": "", **people, **rows},
    )


def name_of(piece: Piece) -> str:
    """The piece's key as a name that programs can use as it is: financial_years."""
    return piece.key.replace("-", "_")


def _section_serializer(section: str) -> serializers.Serializer:
    fields = {
        name_of(piece): serializer_for(piece)(many=not piece.is_sheet, read_only=True)
        for piece in of_section(section)
    }
    return type(f"Section{section.title()}", (serializers.Serializer,), fields)(read_only=True)


Sections = type(
    "Sections",
    (serializers.Serializer,),
    {
        section: _section_serializer(section)
        for section in Section.values
        if any(of_section(section))
    },
)


def contents(dossier: Dossier) -> dict[str, dict]:
    """{section: {piece: record of a sheet, or list of entries}}: one query for each model."""
    by_model: dict[type, list] = {}
    sections: dict[str, dict] = {}
    for piece in PIECES:
        if piece.model not in by_model:
            by_model[piece.model] = list(
                piece.records(dossier).select_related("updated_by", *points_to(piece))
            )
        records = by_model[piece.model]
        kept = sections.setdefault(piece.section, {})
        kept[name_of(piece)] = next(iter(records), None) if piece.is_sheet else records
    return sections


def points_to(piece: Piece) -> list[str]:
    relations = [name for name in piece.fields if piece.model._meta.get_field(name).is_relation]
    return ["confirmed_by", *relations]


# ── Dossiers ─────────────────────────────────────────────────────────────────────────────────


class DossierSummary(serializers.ModelSerializer):
    client = ClientName(read_only=True)
    kam = Holder(holding=Holding.KAM)
    deputy = Holder(holding=Holding.DEPUTY)
    segment = serializers.CharField(
        read_only=True, allow_null=True, help_text="ABC and XYZ in the run in force, e.g. AX."
    )
    segment_before = serializers.CharField(
        read_only=True, allow_null=True, help_text="The same in the run in force before it."
    )
    overdue = serializers.BooleanField(
        read_only=True, help_text="The revision's day has passed and nothing waits for the head."
    )
    completeness = serializers.IntegerField(
        read_only=True, help_text="0 to 100: how much of what belongs into a dossier is there."
    )
    quality = serializers.SerializerMethodField(
        help_text="0 to 100: completeness, where what nobody has confirmed for 90 days counts half."
    )

    class Meta:
        model = Dossier
        fields = (
            "id",
            "client",
            "types",
            "position",
            "kam",
            "deputy",
            "segment",
            "segment_before",
            "opened_on",
            "closed_on",
            "last_reviewed_on",
            "next_review_on",
            "overdue",
            "completeness",
            "quality",
        )
        read_only_fields = fields

    def get_quality(self, dossier) -> int:
        return quality.of(dossier).percent


class DossierWhole(DossierSummary):
    sections = serializers.SerializerMethodField()

    class Meta(DossierSummary.Meta):
        fields = (*DossierSummary.Meta.fields, "sections")
        read_only_fields = fields

    @extend_schema_field(Sections)
    def get_sections(self, dossier):
        return Sections(contents(dossier)).data


class DossierFilter(django_filters.FilterSet):
    client = django_filters.NumberFilter(field_name="client_id", label=_("id of the client"))
    kam = django_filters.NumberFilter(method="by_kam", label=_("id of the KAM who holds it"))
    open = django_filters.BooleanFilter(
        field_name="closed_on", lookup_expr="isnull", label=_("open, or closed, dossiers only")
    )
    overdue = django_filters.BooleanFilter(
        field_name="overdue", label=_("overdue, or not overdue, dossiers only")
    )
    due_before = django_filters.DateFilter(
        field_name="next_review_on", lookup_expr="lt", label=_("next revision before this day")
    )

    class Meta:
        model = Dossier
        fields = ()

    def by_kam(self, dossiers, _name, value):
        held = Assignment.objects.open().kams().filter(client=OuterRef("client"), person=value)
        return dossiers.filter(Exists(held))


class DossierViewSet(viewsets.ReadOnlyModelViewSet):
    """Dossiers that the person may read, by the client's name."""

    serializer_class = DossierSummary
    filterset_class = DossierFilter
    queryset = Dossier.objects.none()  # for the schema; what a person gets is told below

    def get_serializer_class(self):
        return DossierWhole if self.action == "retrieve" else DossierSummary

    def get_queryset(self):
        visible = Dossier.objects.visible_to(self.request.user)
        overdue = visible.overdue(on=timezone.localdate()).filter(pk=OuterRef("pk"))
        segment = Segment.objects.in_force().filter(client=OuterRef("client"))
        dossiers = visible.annotate(
            overdue=Exists(overdue),
            segment=Subquery(
                segment.annotate(letters_=Concat("abc", "xyz")).values("letters_")[:1]
            ),
            segment_before=Subquery(segment.exclude(previous="").values("previous")[:1]),
        )
        dossiers = quality.with_quality(
            quality.with_completeness(dossiers), today=timezone.localdate()
        )
        return dossiers.with_people().order_by("client__name_sort", "pk")


# ── Client cards ─────────────────────────────────────────────────────────────────────────────


class CardSerializer(serializers.ModelSerializer):
    """What every colleague may know of a key client, field by field, so that nothing else gets out."""

    client = ClientName(read_only=True)
    kam = Holder(holding=Holding.KAM)
    deputy = Holder(holding=Holding.DEPUTY)
    value_proposition = serializers.CharField(source="plan.value_proposition", read_only=True)
    do = serializers.CharField(source="plan.do", read_only=True)
    do_not = serializers.CharField(source="plan.do_not", read_only=True)

    class Meta:
        model = Dossier
        fields = ("client", "types", "kam", "deputy", "value_proposition", "do", "do_not")
        read_only_fields = fields


class CardFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="by_name", label=_("part of the name; case and accents do not matter")
    )

    class Meta:
        model = Dossier
        fields = ()

    def by_name(self, dossiers, _name, value):
        return dossiers.filter(client__name_sort__contains=sort_key(value))


class CardViewSet(viewsets.ReadOnlyModelViewSet):
    """Client cards of the key clients, by name, for everybody who signs in."""

    serializer_class = CardSerializer
    filterset_class = CardFilter
    lookup_field = "client_id"
    queryset = Dossier.objects.none()

    def get_queryset(self):
        clients = Client.objects.with_card_for(self.request.user).key()
        return (
            Dossier.objects.open()
            .filter(client__in=clients)
            .select_related("plan")
            .with_people()
            .order_by("client__name_sort", "pk")
        )


# ── Revisions ────────────────────────────────────────────────────────────────────────────────


class DossierName(serializers.ModelSerializer):
    client = ClientName(read_only=True)

    class Meta:
        model = Dossier
        fields = ("id", "client")
        read_only_fields = fields


class ReviewSerializer(serializers.ModelSerializer):
    dossier = DossierName(read_only=True)
    submitted_by = PersonName(read_only=True, allow_null=True)
    decided_by = PersonName(read_only=True, allow_null=True)

    class Meta:
        model = Review
        fields = (
            "id",
            "dossier",
            "state",
            "due_on",
            "raised_on",
            "submitted_on",
            "submitted_by",
            "summary",
            "decided_on",
            "decided_by",
            "decision_note",
        )
        read_only_fields = fields


class ReviewFilter(django_filters.FilterSet):
    dossier = django_filters.NumberFilter(field_name="dossier_id", label=_("id of the dossier"))
    overdue = django_filters.BooleanFilter(
        method="by_overdue", label=_("overdue, or not overdue, revisions only")
    )

    class Meta:
        model = Review
        fields = ("state",)

    def by_overdue(self, reviews, _name, value):
        overdue = reviews.overdue(on=timezone.localdate()).values("pk")
        return reviews.filter(pk__in=overdue) if value else reviews.exclude(pk__in=overdue)


class ReviewViewSet(viewsets.ReadOnlyModelViewSet):
    """Quarterly revisions of the dossiers that the person may read, latest due first."""

    serializer_class = ReviewSerializer
    filterset_class = ReviewFilter
    queryset = Review.objects.none()

    def get_queryset(self):
        return (
            Review.objects.visible_to(self.request.user)
            .defer("snapshot")
            .select_related("dossier__client", "submitted_by", "decided_by")
            .order_by("-due_on", "-pk")
        )

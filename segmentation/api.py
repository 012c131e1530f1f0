"""Imports, runs and segments by API: the same doors and the same operations as the pages."""

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.access import may
from accounts.api import ClientName, PersonName
from segmentation import (
    abc_xyz,
    jobs,
    matching_api,
    periods,
    reading,
    segmenting,
    selection_api,
    slipping_api,
    tasks,
    undoing,
)
from segmentation import sales_import as importing
from segmentation.checking import ColumnsMissing, Reason
from segmentation.matrix_api import CellActionViewSet, ComparedRuns
from segmentation.models import (
    AbcBy,
    Measure,
    SalesImport,
    Segment,
    SegmentationRun,
    Unit,
    XyzMethod,
)
from segmentation.models.runs import CELLS, SHORT_CELLS
from segmentation.models.sales import AMOUNT_PLACES
from segmentation.policy_api import PolicyViewSet
from segmentation.reading import UnreadableFile
from segmentation.workbook_reading import MOST_SHEETS


def register(router) -> None:
    router.register("imports", ImportViewSet, basename="import")
    router.register("runs", RunViewSet, basename="run")
    router.register("segments", SegmentViewSet, basename="segment")
    router.register("cell-actions", CellActionViewSet, basename="cell-action")
    router.register("policies", PolicyViewSet, basename="policy")
    selection_api.register(router)
    matching_api.register(router)
    slipping_api.register(router)


def _require(person, act: str) -> None:
    if not may(person, act):
        raise PermissionDenied(_("Your role does not do this."))


REFUSED = {
    400: OpenApiResponse(description="A sentence on what is wrong; nothing was stored."),
    403: OpenApiResponse(description="The person's role does not do this."),
}


class Amount(serializers.DecimalField):
    """An exact amount as text, without the noughts behind it."""

    def __init__(self, **options):
        super().__init__(
            max_digits=18 + AMOUNT_PLACES,
            decimal_places=AMOUNT_PLACES,
            normalize_output=True,
            read_only=True,
            **options,
        )


# ── Imports ──────────────────────────────────────────────────────────────────────────────────


class ImportSerializer(serializers.ModelSerializer):
    created_by = PersonName(read_only=True, allow_null=True)
    undone_by = PersonName(read_only=True, allow_null=True)
    reasons = serializers.DictField(
        child=serializers.IntegerField(),
        read_only=True,
        help_text="Lines rejected, by reason: " + ", ".join(Reason.values),
    )
    columns = serializers.DictField(
        child=serializers.CharField(), read_only=True, help_text="Name of the column for each role."
    )

    sheets = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = SalesImport
        fields = (
            "id",
            "original_name",
            "size",
            "sha256",
            "state",
            "progress",
            "error",
            "columns",
            "encoding",
            "delimiter",
            "date_format",
            "decimal_mark",
            "currency",
            "file_format",
            "sheets",
            "read",
            "accepted",
            "rejected",
            "reasons",
            "new_documents",
            "replaced_documents",
            "unchanged_documents",
            "overlapping_documents",
            "new_clients",
            "matched_clients",
            "doubtful_matches",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
            "cancel_asked_at",
            "supplements",
            "undone_at",
            "undone_by",
        )
        read_only_fields = fields


class ImportRequest(serializers.Serializer):
    """A file of sales with what is to be known of it; left out is remembered for its header, or guessed."""

    file = serializers.FileField(
        help_text="CSV, XLSX or Parquet with the names of the columns in its first line."
    )
    columns = serializers.CharField(
        required=False,
        help_text="Which column is what: client=CustomerID,date=InvoiceDate,document=InvoiceNo,quantity=Quantity,"
        f"price=UnitPrice. Roles: {', '.join(reading.ROLES)}.",
    )
    encoding = serializers.ChoiceField(choices=list(reading.ENCODINGS), required=False)
    delimiter = serializers.ChoiceField(choices=list(reading.DELIMITERS), required=False)
    date_format = serializers.ChoiceField(choices=list(reading.DATE_FORMATS), required=False)
    decimal_mark = serializers.ChoiceField(choices=list(reading.DECIMAL_MARKS), required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    sheets = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        max_length=MOST_SHEETS,
        help_text="Of a workbook, those that are read; left out: all with the header of the likeliest.",
    )
    as_new = serializers.BooleanField(
        default=False,
        help_text="Let mended rejected lines replace their documents instead of adding to them.",
    )

    def validate_columns(self, text: str) -> dict[str, str]:
        try:
            return reading.parse_columns(text)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_view(
    list=extend_schema(description="Imports of sales, the newest first; for analysts and heads."),
    create=extend_schema(
        request={"multipart/form-data": ImportRequest}, responses={202: ImportSerializer, **REFUSED}
    ),
)
class ImportViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    serializer_class = ImportSerializer
    parser_classes = (MultiPartParser,)
    filterset_fields = ("state", "sha256")
    queryset = SalesImport.objects.none()  # for the schema; what a person gets is told below

    def get_queryset(self):
        return (
            SalesImport.objects.visible_to(self.request.user)
            .select_related("created_by", "undone_by")
            .newest_first()
        )

    def create(self, request, *args, **kwargs):
        """Upload a file and start its import. Ask for the row until its state is succeeded or failed."""
        _require(request.user, "import_sales")
        asked = ImportRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        told = dict(asked.validated_data)
        try:
            job = importing.receive(
                told.pop("file"), by=request.user, may_mend=not told.pop("as_new"), told=told
            )
        except (importing.ImportRefused, UnreadableFile) as refusal:
            raise ValidationError({"file": [str(refusal)]}) from refusal
        try:
            job = importing.start(job, by=request.user, ring=tasks.import_sales.delay)
        except (ColumnsMissing, importing.ImportRefused, UnreadableFile) as refusal:
            importing.discard(job, by=request.user)
            raise ValidationError({"columns": [str(refusal)]}) from refusal
        return Response(self.get_serializer(job).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={200: ImportSerializer, **REFUSED})
    @action(detail=True, methods=["post"])
    def undo(self, request, pk=None):
        """Take the import back: what it brought goes, the documents that it replaced come back as they stood."""
        _require(request.user, "import_sales")
        job = self.get_object()
        try:
            undoing.undo(job, by=request.user, today=timezone.localdate())
        except undoing.UndoRefused as refusal:
            raise ValidationError([str(refusal)]) from refusal
        tasks.ask_to_look()
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses={200: ImportSerializer, **REFUSED})
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        """Stop an import that waits or runs; nothing of it is stored."""
        _require(request.user, "import_sales")
        try:
            job = jobs.cancel(self.get_object(), by=request.user)
        except jobs.JobRefused as refusal:
            raise ValidationError([str(refusal)]) from refusal
        return Response(self.get_serializer(job).data)


# ── Runs ─────────────────────────────────────────────────────────────────────────────────────


class RunSerializer(serializers.ModelSerializer):
    OF_THE_HOUSE = ("clients", "positive_total", "counts", "totals")

    created_by = PersonName(read_only=True, allow_null=True)
    basis = serializers.CharField(
        read_only=True, help_text="What the figures were computed from, in words."
    )
    positive_total = Amount(allow_null=True)
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        read_only=True,
        allow_null=True,
        help_text="Clients per cell; AN, BN, CN: too short a history. Null for those who see their own clients alone.",
    )
    clients = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Null for those who see their own clients alone."
    )
    totals = serializers.DictField(
        child=serializers.CharField(),
        read_only=True,
        allow_null=True,
        help_text="Total per cell. Null for those who see their own clients alone.",
    )

    def to_representation(self, row):
        """Who sees his own clients alone learns how the run in force was made, but no sums of the house."""
        told = super().to_representation(row)
        if not may(self.context["request"].user, "see_all_figures"):
            told |= dict.fromkeys(self.OF_THE_HOUSE)
        return told

    class Meta:
        model = SegmentationRun
        fields = (
            "id",
            "state",
            "progress",
            "error",
            "start",
            "unit",
            "periods",
            "measure",
            "currency",
            "abc_by",
            "abc_a",
            "abc_b",
            "xyz_method",
            "xyz_x",
            "xyz_y",
            "min_history",
            "channel",
            "industry",
            "team",
            "policy",
            "clients",
            "positive_total",
            "counts",
            "totals",
            "in_force",
            "basis",
            "created_by",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields


class RunRequest(serializers.Serializer):
    """A run to be made. Limits are decimals or fractions: 0.10 or 10/12."""

    start = serializers.CharField(
        max_length=10,
        help_text="The first period, as 2026-01, 2026-Q1 or 2026-W01, or any day of it.",
    )
    unit = serializers.ChoiceField(choices=Unit.choices, default=Unit.MONTH)
    periods = serializers.IntegerField(
        min_value=1, max_value=segmenting.MOST_PERIODS, default=segmenting.DEFAULT_PERIODS
    )
    measure = serializers.ChoiceField(choices=Measure.choices, default=Measure.REVENUE)
    currency = serializers.RegexField(
        r"^[A-Z]{3}$", required=False, help_text="Needed where the period holds several."
    )
    abc_by = serializers.ChoiceField(choices=AbcBy.choices, default=AbcBy.LIMITS)
    abc_a = serializers.DecimalField(
        max_digits=7, decimal_places=4, default=80, help_text="Per cent."
    )
    abc_b = serializers.DecimalField(
        max_digits=7, decimal_places=4, default=95, help_text="Per cent."
    )
    xyz_method = serializers.ChoiceField(choices=XyzMethod.choices, default=XyzMethod.CV)
    xyz_x = serializers.CharField(max_length=24, required=False)
    xyz_y = serializers.CharField(max_length=24, required=False)

    min_history = serializers.IntegerField(
        min_value=0, max_value=segmenting.MOST_PERIODS, default=0
    )
    channel = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    industry = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    team = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")

    def validate(self, told: dict) -> dict:
        try:
            told["start"] = periods.parse(told["unit"], told["start"])
        except periods.NoPeriod as error:
            raise serializers.ValidationError(
                {"start": [_("Write the first period as 2026-01, 2026-Q1 or 2026-W01.")]}
            ) from error
        return told


@extend_schema_view(
    list=extend_schema(description="Runs, the newest first. A KAM sees the run in force."),
    create=extend_schema(request=RunRequest, responses={202: RunSerializer, **REFUSED}),
)
class RunViewSet(
    ComparedRuns,
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    serializer_class = RunSerializer
    filterset_fields = ("state", "in_force", "measure", "start")
    queryset = SegmentationRun.objects.none()

    def get_queryset(self):
        return (
            SegmentationRun.objects.visible_to(self.request.user)
            .select_related("created_by")
            .newest_first()
        )

    def create(self, request, *args, **kwargs):
        """Ask for a run. Ask for the row until its state is succeeded or failed."""
        _require(request.user, "run_segmentation")
        asked = RunRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        usual = segmenting.DEFAULT_LIMITS[XyzMethod(told["xyz_method"])]
        try:
            row = segmenting.request(
                **{
                    name: told[name]
                    for name in ("start", "unit", "periods", "measure", "min_history")
                },
                **{name: told[name] for name in segmenting.SCOPE_FIELDS},
                currency=told.get("currency", ""),
                abc=abc_xyz.COMPUTED
                if told["abc_by"] == AbcBy.COMPUTED
                else (told["abc_a"], told["abc_b"]),
                xyz=told["xyz_method"],
                limits=(told.get("xyz_x", usual[0]), told.get("xyz_y", usual[1])),
                by=request.user,
                ring=tasks.run_segmentation.delay,
            )
        except segmenting.RunRefused as refusal:
            raise ValidationError({"detail": [str(refusal)]}) from refusal
        row.refresh_from_db()
        return Response(self.get_serializer(row).data, status=status.HTTP_202_ACCEPTED)


# ── Segments ─────────────────────────────────────────────────────────────────────────────────


class SegmentSerializer(serializers.ModelSerializer):
    client = ClientName(read_only=True)
    letters = serializers.CharField(
        read_only=True, help_text="ABC and XYZ, e.g. AX; N: too short a history."
    )
    previous = serializers.CharField(
        source="trend",
        read_only=True,
        allow_null=True,
        help_text="The letters an earlier period gave; null when new.",
    )
    total = Amount()
    nets = serializers.ListField(
        child=Amount(), read_only=True, help_text="Net of each month (quarter, week) of the period."
    )
    is_short_history = serializers.BooleanField(
        read_only=True, help_text="Too new to judge how evenly it buys."
    )

    class Meta:
        model = Segment
        fields = (
            "id",
            "run",
            "client",
            "rank",
            "letters",
            "previous",
            "total",
            "share",
            "share_before",
            "cv",
            "xyz_cv",
            "xyz_frequency",
            "active_periods",
            "history_periods",
            "documents",
            "is_short_history",
            "nets",
        )
        read_only_fields = fields


class SegmentFilter(django_filters.FilterSet):
    run = django_filters.NumberFilter(
        method="of_run", label=gettext_lazy("id of the run; left out: the run in force")
    )
    letters = django_filters.ChoiceFilter(
        method="in_cell",
        choices=[(cell, cell) for cell in (*CELLS, *SHORT_CELLS)],
        label=gettext_lazy("one of the nine cells, or AN, BN, CN: too short a history"),
    )
    client = django_filters.NumberFilter(
        field_name="client", label=gettext_lazy("id of the client")
    )

    class Meta:
        model = Segment
        fields = ("abc", "xyz")

    @property
    def qs(self):
        rows = super().qs
        return rows if self.data.get("run") else rows.in_force()

    def of_run(self, rows, _name, value):
        return rows.filter(run=value)

    def in_cell(self, rows, _name, value):
        return rows.in_cell(value)


@extend_schema_view(
    list=extend_schema(
        description="Segments by rank: of the run in force, or of the run asked for."
    )
)
class SegmentViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = SegmentSerializer
    filterset_class = SegmentFilter
    queryset = Segment.objects.none()

    def get_queryset(self):
        person = self.request.user
        return (
            Segment.objects.visible_to(person)
            .filter(run__in=SegmentationRun.objects.visible_to(person))
            .select_related("client")
            .order_by("run", "rank")
        )

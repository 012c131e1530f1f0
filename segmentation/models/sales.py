"""What we sold: imports, documents with their lines, and the monthly rollup kept exact beside them."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from accounts.models import Client
from segmentation.models.jobs import Job, JobQuerySet, JobState

# A quantity has up to 4 decimals and a price up to 6, so their product needs 10 to be exact.
QUANTITY_PLACES = 4
PRICE_PLACES = 6
AMOUNT_PLACES = QUANTITY_PLACES + PRICE_PLACES


def amount_field(verbose_name, **options):
    """An exact amount: 18 digits before the decimal mark, 10 behind it."""
    return models.DecimalField(
        verbose_name, max_digits=18 + AMOUNT_PLACES, decimal_places=AMOUNT_PLACES, **options
    )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ImportMapping(models.Model):
    """Which column is what, told once for a header and remembered for the next file that bears it."""

    fingerprint = models.CharField(
        max_length=64, unique=True, help_text="sha256 of the header's column names"
    )
    header = models.JSONField(_("header"), default=list)
    columns = models.JSONField(_("columns"), default=dict, help_text='{"client": "CustomerID", …}')
    encoding = models.CharField(_("encoding"), max_length=20)
    delimiter = models.CharField(_("separator"), max_length=1)
    date_format = models.CharField(_("date format"), max_length=20)
    decimal_mark = models.CharField(_("decimal mark"), max_length=1, default=".")
    currency = models.CharField(_("currency"), max_length=3)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")

    def __str__(self):
        return ", ".join(self.header)


class FileFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    PARQUET = "parquet", "Parquet"


class ImportPhase(models.TextChoices):
    READING = "reading", _("Reading and checking the lines")
    WAITING = "waiting", _("Waiting for another import to finish")
    STORING = "storing", _("Comparing and storing the documents")
    DONE = "done", _("Finished")


class SalesImportQuerySet(JobQuerySet):
    def visible_to(self, user):
        return self.all() if may(user, "see_imports") else self.none()

    def editable_by(self, user):
        return self.all() if may(user, "import_sales") else self.none()


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["progress", "phase", "log", "read", "accepted", "rejected", "reasons", "part_starts"],
)
class SalesImport(Job):
    """A file of sales on its way in: what it is, how to read it, how far it came, what became of it."""

    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", blank=True, max_length=200)
    original_name = models.CharField(_("name of the file"), max_length=255)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    file_format = models.CharField(
        _("kind of file"), max_length=8, choices=FileFormat.choices, default=FileFormat.CSV
    )
    sheets = models.JSONField(
        _("sheets"),
        default=list,
        blank=True,
        help_text="Those of a workbook that are read, in their order.",
    )

    columns = models.JSONField(
        _("columns"), default=dict, blank=True, help_text='{"client": "CustomerID", …}'
    )
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    delimiter = models.CharField(_("separator"), max_length=1, blank=True)
    date_format = models.CharField(_("date format"), max_length=20, blank=True)
    decimal_mark = models.CharField(_("decimal mark"), max_length=1, default=".", blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    read = models.PositiveBigIntegerField(_("lines read"), default=0)
    accepted = models.PositiveBigIntegerField(_("lines accepted"), default=0)
    rejected = models.PositiveBigIntegerField(_("lines rejected"), default=0)
    reasons = models.JSONField(
        _("reasons"), default=dict, blank=True, help_text='{"no_client": 12, …}'
    )
    new_documents = models.PositiveBigIntegerField(_("new documents"), default=0)
    replaced_documents = models.PositiveBigIntegerField(_("replaced documents"), default=0)
    unchanged_documents = models.PositiveBigIntegerField(_("unchanged documents"), default=0)
    overlapping_documents = models.PositiveBigIntegerField(
        _("documents in several parts of the file"),
        default=0,
        help_text=_("Each counts once, as the last part has it."),
    )
    part_starts = models.JSONField(
        default=list,
        null=True,
        blank=True,
        help_text="[[number of a line, its part], …]: of the lines from there on; null: not kept",
    )
    new_clients = models.PositiveBigIntegerField(_("new clients"), default=0)
    matched_clients = models.PositiveBigIntegerField(_("clients matched"), default=0)
    doubtful_matches = models.PositiveBigIntegerField(_("doubtful matches"), default=0)
    supplements = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supplemented_by",
        verbose_name=_("mends rejected lines of"),
        help_text=_(
            "Its lines are added to the documents that import brought, instead of replacing them."
        ),
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    rejects_file = models.FileField(
        _("rejected lines"), upload_to="rejects/%Y/%m/", blank=True, max_length=200
    )

    objects = SalesImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of sales")
        verbose_name_plural = _("imports of sales")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=JobState.values), name="import_state_known"
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="import_progress_in_percent"
            ),
            models.CheckConstraint(
                condition=Q(file_format__in=FileFormat.values), name="import_format_known"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(state=JobState.SUCCEEDED),
                name="only_finished_imports_undone",
                violation_error_message=_("Only an import that has finished can be undone."),
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.SUCCEEDED) | Q(read=F("accepted") + F("rejected")),
                name="import_accounts_for_every_line",
                violation_error_message=_("Every line of the file is either accepted or rejected."),
            ),
        ]

    def __str__(self):
        return self.original_name

    @property
    def rejected_share(self) -> float:
        """A part of 1."""
        return self.rejected / self.read if self.read else 0

    @property
    def has_stored_nothing(self) -> bool:
        """Not begun, or ended without; what it had counted on the way says nothing then."""
        return self.state in (JobState.UPLOADED, JobState.FAILED, JobState.CANCELLED)

    @property
    def sentence(self) -> str:
        """Where it stands, in words."""
        if self.state == JobState.RUNNING and self.phase:
            return str(ImportPhase(self.phase).label)
        return str(self.get_state_display())


class SalesDocument(models.Model):
    """An invoice or credit note. Its number is the identity: the same number again replaces it whole.

    Content is no identity: exact duplicate lines are real sales, and the same line comes twice when
    two files overlap.
    """

    number = models.CharField(_("number"), max_length=64, unique=True)
    digest = models.CharField(
        max_length=80, help_text="of its accepted lines, whatever their order"
    )
    supplement_digest = models.CharField(
        max_length=80,
        blank=True,
        help_text="of the lines mended and added later; the digest stays that of the file that brought it",
    )
    spans_months = models.BooleanField(
        default=False,
        help_text="its lines lie in several months, so its months cannot be counted by adding",
    )
    sales_import = models.ForeignKey(
        SalesImport,
        models.PROTECT,
        related_name="documents",
        verbose_name=_("import"),
        db_column="import_id",
    )

    class Meta:
        verbose_name = _("sales document")
        verbose_name_plural = _("sales documents")
        indexes = [
            models.Index(
                fields=["id"], name="documents_spanning_months", condition=Q(spans_months=True)
            )
        ]
        triggers = [
            # The lines carry no foreign key (a million checks one by one would double the time of
            # an import); this keeps them with their document, whoever deletes it.
            pgtrigger.Trigger(
                name="lines_go_with_their_document",
                level=pgtrigger.Statement,
                operation=pgtrigger.Delete,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(old="gone"),
                func="DELETE FROM segmentation_salesline USING gone WHERE document_id = gone.id; RETURN NULL;",
            )
        ]

    def __str__(self):
        return self.number


class ClientRowsQuerySet(models.QuerySet):
    """Rows that belong to a client are seen by whoever may see the client's figures."""

    def visible_to(self, user):
        if may(user, "see_all_figures"):
            return self.all()
        return self.filter(client__in=Client.objects.visible_to(user))


class SalesLine(models.Model):
    """One line of a document. `line_no` is its line in the file that brought it.

    No foreign key constraints (see SalesDocument): lines are written only by joining documents and
    clients, and a client with sales is held by its MonthlySales rows.
    """

    # The day is part of the key so that the table can be partitioned by month (see partitioning).
    pk = models.CompositePrimaryKey("document_id", "line_no", "sold_on")
    document = models.ForeignKey(
        SalesDocument,
        models.DO_NOTHING,
        related_name="lines",
        db_constraint=False,
        db_index=False,
        verbose_name=_("document"),
    )
    line_no = models.PositiveBigIntegerField(_("line of the file"))
    client = models.ForeignKey(
        "accounts.Client",
        models.PROTECT,
        related_name="sales_lines",
        db_constraint=False,
        db_index=False,
        verbose_name=_("client"),
    )
    sold_on = models.DateField(_("date"))
    product = models.CharField(_("product"), max_length=200, blank=True)
    product_line = models.CharField(_("product line"), max_length=120, blank=True)
    quantity = models.DecimalField(
        _("quantity"), max_digits=18, decimal_places=QUANTITY_PLACES, null=True, blank=True
    )
    price = models.DecimalField(
        _("price"), max_digits=18, decimal_places=PRICE_PLACES, null=True, blank=True
    )
    amount = amount_field(_("amount"))
    cost = amount_field(_("cost"), null=True, blank=True, help_text=_("Of the whole line."))
    currency = models.CharField(_("currency"), max_length=3)

    objects = ClientRowsQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales line")
        verbose_name_plural = _("sales lines")
        indexes = [models.Index(fields=["client", "sold_on"], name="sales_lines_of_client")]

    def __str__(self):
        return f"{self.document_id}/{self.line_no}"


class MonthlySalesQuerySet(ClientRowsQuerySet):
    def between(self, first, last):
        """Months from `first` to `last`, both included, each given as its first day."""
        return self.filter(month__gte=first, month__lte=last)

    def in_currency(self, currency):
        return self.filter(currency=currency)


class MonthlySales(models.Model):
    """What a client bought in a month. Each import recomputes the months that it touched.

    `orders` is the number of documents with a positive line in the month. Adding months counts a
    document twice whose lines lie in two of them; `rollup.orders` corrects that.
    """

    client = models.ForeignKey(
        "accounts.Client",
        models.PROTECT,
        related_name="monthly_sales",
        db_index=False,
        verbose_name=_("client"),
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))
    currency = models.CharField(_("currency"), max_length=3)
    revenue = amount_field(_("revenue"))
    cost = amount_field(
        _("cost"), null=True, help_text=_("Empty when the cost of a line is unknown.")
    )
    orders = models.PositiveIntegerField(_("orders"))
    active = models.BooleanField(_("active"), help_text=_("At least one line of positive amount."))

    objects = MonthlySalesQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly sales")
        verbose_name_plural = _("monthly sales")
        constraints = [
            models.UniqueConstraint(
                fields=["client", "month", "currency"], name="one_rollup_row_per_month"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="rollup_month_is_first_day"),
            models.CheckConstraint(
                condition=Q(active=True, orders__gt=0) | Q(active=False, orders=0),
                name="active_means_an_order",
            ),
        ]
        indexes = [models.Index(fields=["currency", "month"], name="rollup_by_month")]

    def __str__(self):
        return f"{self.client_id} {self.month:%Y-%m}"


class ReplacedDocument(models.Model):
    """A document as it stood before an import wrote it, for undoing that import. No `digest`: it was new."""

    sales_import = models.ForeignKey(
        SalesImport,
        models.CASCADE,
        related_name="replaced",
        verbose_name=_("import"),
        db_column="import_id",
    )
    document = models.ForeignKey(
        SalesDocument,
        models.CASCADE,
        related_name="replacements",
        db_constraint=False,
        verbose_name=_("document"),
    )
    digest = models.CharField(max_length=80)
    supplement_digest = models.CharField(max_length=80, blank=True)
    spans_months = models.BooleanField()
    import_before = models.ForeignKey(
        SalesImport, models.CASCADE, related_name="+", verbose_name=_("import before")
    )

    class Meta:
        verbose_name = _("replaced document")
        verbose_name_plural = _("replaced documents")
        constraints = [
            models.UniqueConstraint(
                fields=["sales_import", "document"], name="one_replacement_per_import_and_document"
            )
        ]

    def __str__(self):
        return str(self.document_id)


class ReplacedLine(models.Model):
    """A line of a replaced document, whole, as it stood. Written and read by SQL alone."""

    sales_import = models.ForeignKey(
        SalesImport,
        models.CASCADE,
        related_name="+",
        db_constraint=False,
        verbose_name=_("import"),
        db_column="import_id",
    )
    document_id = models.BigIntegerField()
    line_no = models.PositiveBigIntegerField(_("line of the file"))
    client_id = models.BigIntegerField()
    sold_on = models.DateField(_("date"))
    product = models.CharField(_("product"), max_length=200, blank=True)
    product_line = models.CharField(_("product line"), max_length=120, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=QUANTITY_PLACES, null=True)
    price = models.DecimalField(max_digits=18, decimal_places=PRICE_PLACES, null=True)
    amount = amount_field(_("amount"))
    cost = amount_field(_("cost"), null=True)
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("replaced line")
        verbose_name_plural = _("replaced lines")
        indexes = [
            models.Index(fields=["sales_import", "document_id"], name="replaced_lines_of_document")
        ]

    def __str__(self):
        return f"{self.document_id}/{self.line_no}"

"""A file of sales is taken in: what it holds, how it wants to be read, its first lines as they would be."""

import datetime
import os
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import User
from segmentation import reading, rejects, sniffing
from segmentation.checking import LineChecker, Rejected
from segmentation.models import ImportMapping, JobState, SalesImport
from segmentation.models.sales import FileFormat
from segmentation.reading import Shape
from segmentation.rejects import OriginalLines
from segmentation.tables import open_table

PREVIEW_LINES = 5_000
PREVIEW_ROWS = 10
PREVIEW_REJECTS = 20


class ImportRefused(Exception):
    """The import cannot be; the text is a sentence for the person who asked."""


@dataclass
class Preview:
    """The first lines as they would be taken, and those that would not be."""

    header: list[str]
    rows: list[dict] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)
    read: int = 0
    accepted: int = 0
    reasons: Counter = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        return self.read - self.accepted

    @property
    def tells_products(self) -> bool:
        return any("product" in row or "product_line" in row for row in self.rows)

    @property
    def tells_costs(self) -> bool:
        return any(row["cost"] is not None for row in self.rows)

    @property
    def is_whole(self) -> bool:
        return self.read < PREVIEW_LINES


def size_limit() -> int:
    """The largest file that is taken, in bytes."""
    return settings.KAM_SALES_FILE_LIMIT


def receive(
    upload: File, *, by: User, told: dict | None = None, may_mend: bool = True
) -> SalesImport:
    """Keep an uploaded file and find how to read it: as told, as its header was told last time, or by names.

    Raises ImportRefused or UnreadableFile with a sentence; then nothing is kept.
    """
    require_analyst(by)
    if upload.size > size_limit():
        raise ImportRefused(
            _(
                "The file is larger than %(limit)d MB. Export it in parts: documents never come in twice."
            )
            % {"limit": size_limit() // 1024**2}
        )
    name = Path(upload.name or "").name[-200:] or "sales"
    job = SalesImport(original_name=name, created_by=by, state=JobState.UPLOADED)
    # The name under which it is kept tells nothing and obeys nobody.
    job.file.save(f"{os.urandom(12).hex()}", upload, save=False)
    try:
        describe(job, Path(job.file.path), told, may_mend=may_mend)
    except Exception:
        job.file.delete(save=False)
        raise
    job.save()
    return job


def remembered(header: list[str]) -> ImportMapping | None:
    """What was told for a file with this header before."""
    return ImportMapping.objects.filter(fingerprint=reading.fingerprint(header)).first()


def shape_of(job: SalesImport) -> Shape:
    return Shape(
        file_format=job.file_format,
        sheets=tuple(job.sheets),
        encoding=job.encoding,
        delimiter=job.delimiter,
        date_format=job.date_format,
        decimal_mark=job.decimal_mark,
        currency=job.currency,
        columns=job.columns,
        supplements=job.supplements_id,
    )


def path_of(job: SalesImport) -> Path:
    return Path(job.file.path)


def header_of(path: Path, shape: Shape) -> list[str]:
    """The names of the file's columns, as this encoding and separator show them."""
    with open_table(path, shape) as table:
        return reading.name_columns(table.header)


def preview(path: Path, shape: Shape, *, lines: int = PREVIEW_LINES) -> Preview:
    """What the import would say of the first lines. Raises ColumnsMissing or UnreadableFile."""
    with open_table(path, shape) as table:
        checker = LineChecker(table.header, shape)
        numbers, rows = next(table.blocks(lines), ([], []))
    unnumbered: list[Rejected] = []
    if shape.supplements:
        numbers, rows, unnumbered = OriginalLines(checker, shape.supplements).take(numbers, rows)
    accepted, rejected = checker.check(numbers, rows)
    rejected += unnumbered
    return Preview(
        header=checker.header,
        rows=[_as_taken(checker, line) for line in accepted[:PREVIEW_ROWS]],
        rejects=[
            line._replace(row=[reading.printable(cell) for cell in line.row])
            for line in rejected[:PREVIEW_REJECTS]
        ],
        read=len(accepted) + len(rejected),
        accepted=len(accepted),
        reasons=Counter(line.reasons[0].value for line in rejected),
    )


def _as_taken(checker: LineChecker, line: tuple) -> dict:
    """A checked line as the database will hold it, for people to look at."""
    taken = dict(zip(checker.staged, line, strict=True))
    for role in ("quantity", "price", "amount", "cost"):
        taken[role] = Decimal(taken[role]) if taken.get(role) else None
    if taken["amount"] is None:
        taken["amount"] = taken["quantity"] * taken["price"]
    taken["sold_on"] = datetime.date.fromisoformat(taken["sold_on"])
    taken["name"] = checker.clients[taken["client"]].name
    return taken


def tell_columns(job: SalesImport, shape: Shape, *, by: User) -> SalesImport:
    """Set how a file is to be read, before it is started. Raises ImportRefused."""
    require_analyst(by)
    with transaction.atomic():
        job = SalesImport.objects.select_for_update().get(pk=job.pk)
        if job.state != JobState.UPLOADED:
            raise ImportRefused(
                _(
                    "This import has been started already. Upload the file again to read it otherwise."
                )
            )
        _take_shape(job, shape)
        job.save()
    return job


def discard(job: SalesImport, *, by: User) -> None:
    """Throw an uploaded file away that was never started."""
    require_analyst(by)
    with transaction.atomic():
        job = SalesImport.objects.select_for_update().get(pk=job.pk)
        if job.state != JobState.UPLOADED:
            raise ImportRefused(_("This import has been started and cannot be discarded any more."))
        name = job.file.name or ""
        job.state, job.file = JobState.CANCELLED, ""
        job.save()
        transaction.on_commit(lambda: SalesImport._meta.get_field("file").storage.delete(name))


def remember(job: SalesImport, header: list[str]) -> None:
    """What was told and proved right for this header is proposed for the next file that bears it."""
    ImportMapping.objects.update_or_create(
        fingerprint=reading.fingerprint(header),
        defaults={
            "header": header,
            "columns": job.columns,
            "encoding": job.encoding,
            "delimiter": job.delimiter,
            "date_format": job.date_format,
            "decimal_mark": job.decimal_mark,
            "currency": job.currency,
        },
    )


def describe(
    job: SalesImport, path: Path, told: dict | None = None, *, may_mend: bool = True
) -> None:
    """Look at the file: what was told, else what was remembered for its header, else guessed.

    Rejected lines of ours that come back mended are known as such, unless `may_mend` forbids it; then
    what was told for the file that they came from holds.
    """
    told = told or {}
    seen = sniffing.inspect(path, told.get("columns"), told.get("sheets", ()))
    job.supplements = rejects.source_of(seen.header) if may_mend else None
    memory = job.supplements or remembered(seen.header)
    if memory and "columns" in told and told["columns"] != memory.columns:
        memory = None  # what was remembered of other columns says nothing of these
    for name in ("columns", "encoding", "delimiter", "date_format", "decimal_mark", "currency"):
        value = told.get(name) or (memory and getattr(memory, name)) or getattr(seen.shape, name)
        setattr(job, name, value)
    # What is seen in this very file stands above what was told of the last one.
    job.encoding = told.get("encoding") or seen.shape.encoding
    if seen.shape.file_format != FileFormat.CSV or job.supplements:
        job.delimiter = told.get("delimiter") or seen.shape.delimiter
    if seen.dates_are_sure:
        job.date_format = told.get("date_format") or seen.shape.date_format
    job.file_format, job.sheets = seen.shape.file_format, list(seen.shape.sheets)
    job.currency = job.currency or settings.KAM_CURRENCY
    job.sha256, job.size = seen.sha256, seen.size


def _take_shape(job: SalesImport, shape: Shape) -> None:
    job.encoding, job.delimiter = shape.encoding, shape.delimiter
    job.date_format, job.decimal_mark = shape.date_format, shape.decimal_mark
    job.currency, job.columns = shape.currency, shape.columns
    job.sheets = list(shape.sheets)
    # Nobody chooses which import it mends; only whether it does.
    source = rejects.source_of(header_of(path_of(job), shape)) if shape.supplements else None
    job.supplements = source


def require_analyst(by: User) -> None:
    if not may(by, "import_sales"):
        raise ImportRefused(_("Only an analyst imports sales. Ask one, or have your role changed."))

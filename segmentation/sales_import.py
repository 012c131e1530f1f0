"""Import of sales, from the file to the monthly figures. Page, API, command and demo come in here."""

import csv
import datetime
import gc
import os
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import User
from segmentation import jobs, reading, sniffing, storing
from segmentation.checking import STAGED, ColumnsMissing, LineChecker, Reason, Rejected
from segmentation.models import ImportMapping, JobState, SalesImport
from segmentation.models.sales import ImportPhase
from segmentation.reading import Shape, UnreadableFile

# Lines checked at a time, blocks between two reports, and the part of the progress that reading takes.
BLOCK = 2_000
BLOCKS_BETWEEN_REPORTS = 15
READING_SHARE = 70
PREVIEW_LINES = 5_000
PREVIEW_ROWS = 10
PREVIEW_REJECTS = 20
WAIT_SECONDS = 1.0
# From so many lines on the planner is told of the new sizes at once.
MANY_LINES = 50_000


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
    def is_whole(self) -> bool:
        return self.read < PREVIEW_LINES


def size_limit() -> int:
    """The largest file that is taken, in bytes."""
    return settings.KAM_SALES_FILE_LIMIT


def receive(upload: File, *, by: User) -> SalesImport:
    """Keep an uploaded file and guess how to read it: what its header was told last time, or by names.

    Raises ImportRefused or UnreadableFile with a sentence; then nothing is kept.
    """
    _require_analyst(by)
    if upload.size > size_limit():
        raise ImportRefused(
            _(
                "The file is larger than %(limit)d MB. Export it in parts: documents never come in twice."
            )
            % {"limit": size_limit() // 1024**2}
        )
    name = Path(upload.name or "").name[-200:] or "sales.csv"
    job = SalesImport(original_name=name, created_by=by, state=JobState.UPLOADED)
    # The name under which it is kept tells nothing and obeys nobody.
    job.file.save(f"{os.urandom(12).hex()}.csv", upload, save=False)
    try:
        _describe(job, Path(job.file.path))
    except Exception:
        job.file.delete(save=False)
        raise
    job.save()
    return job


def remembered(header: list[str]) -> ImportMapping | None:
    """What was told for this header before; a mended file of rejects counts as the file it came from."""
    candidates = [reading.fingerprint(header), reading.fingerprint(header[:-2])]
    found = {
        mapping.fingerprint: mapping
        for mapping in ImportMapping.objects.filter(fingerprint__in=candidates)
    }
    return next((found[candidate] for candidate in candidates if candidate in found), None)


def are_rejects(header: list[str]) -> bool:
    """Whether the file is one that we handed out: its last two columns are ours behind a header we know."""
    return ImportMapping.objects.filter(fingerprint=reading.fingerprint(header[:-2])).exists()


def shape_of(job: SalesImport) -> Shape:
    return Shape(
        encoding=job.encoding,
        delimiter=job.delimiter,
        date_format=job.date_format,
        decimal_mark=job.decimal_mark,
        currency=job.currency,
        columns=job.columns,
    )


def path_of(job: SalesImport) -> Path:
    return Path(job.file.path)


def header_of(path: Path, shape: Shape) -> list[str]:
    """The names of the file's columns, as this encoding and separator show them."""
    with reading.Table(path, shape) as table:
        return reading.name_columns(table.header)


def preview(path: Path, shape: Shape, *, lines: int = PREVIEW_LINES) -> Preview:
    """What the import would say of the first lines. Raises ColumnsMissing or UnreadableFile."""
    with reading.Table(path, shape) as table:
        checker = LineChecker(table.header, shape)
        numbers, rows = next(table.blocks(lines), ([], []))
    accepted, rejected = checker.check(numbers, rows)
    return Preview(
        header=checker.header,
        rows=[_as_taken(line, checker.names) for line in accepted[:PREVIEW_ROWS]],
        rejects=[
            line._replace(row=[reading.printable(cell) for cell in line.row])
            for line in rejected[:PREVIEW_REJECTS]
        ],
        read=len(accepted) + len(rejected),
        accepted=len(accepted),
        reasons=Counter(line.reasons[0].value for line in rejected),
    )


def _as_taken(line: tuple, names: dict[str, str]) -> dict:
    """A checked line as the database will hold it, for people to look at."""
    taken = dict(zip(STAGED, line, strict=True))
    for role in ("quantity", "price", "amount", "cost"):
        taken[role] = Decimal(taken[role]) if taken[role] else None
    if taken["amount"] is None:
        taken["amount"] = taken["quantity"] * taken["price"]
    taken["sold_on"] = datetime.date.fromisoformat(taken["sold_on"])
    taken["name"] = names[taken["client"]]
    return taken


def tell_columns(job: SalesImport, shape: Shape, *, by: User) -> SalesImport:
    """Set how a file is to be read, before it is started. Raises ImportRefused."""
    _require_analyst(by)
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


def start(job: SalesImport, *, by: User, ring=None) -> SalesImport:
    """Hand the import to a worker; its columns are looked through once more first.

    Raises ImportRefused or ColumnsMissing; then the import waits as it was.
    """
    _require_analyst(by)
    with transaction.atomic():
        job = SalesImport.objects.select_for_update().get(pk=job.pk)
        if job.state != JobState.UPLOADED:
            return job  # a second click starts nothing
        LineChecker(header_of(path_of(job), shape_of(job)), shape_of(job))
        job.state = JobState.QUEUED
        job.save()
        if ring:
            jobs.enqueue(job, ring)
    return job


def discard(job: SalesImport, *, by: User) -> None:
    """Throw an uploaded file away that was never started."""
    _require_analyst(by)
    with transaction.atomic():
        job = SalesImport.objects.select_for_update().get(pk=job.pk)
        if job.state != JobState.UPLOADED:
            raise ImportRefused(_("This import has been started and cannot be discarded any more."))
        name = job.file.name or ""
        job.state, job.file = JobState.CANCELLED, ""
        job.save()
        transaction.on_commit(lambda: SalesImport._meta.get_field("file").storage.delete(name))


def import_file(
    path: Path,
    *,
    columns: dict[str, str] | None = None,
    encoding: str = "",
    delimiter: str = "",
    date_format: str = "",
    decimal_mark: str = "",
    currency: str = "",
    by: User | None = None,
) -> SalesImport:
    """Import a file that lies on this machine, now. What is not told is remembered or guessed.

    The row returned has succeeded or failed. Raises ImportRefused, UnreadableFile or
    ColumnsMissing where it cannot even begin; then there is no row.
    """
    if by is not None:
        _require_analyst(by)
    path = Path(path)
    if not path.is_file():
        raise ImportRefused(_("There is no file %(path)s.") % {"path": path})
    job = SalesImport(original_name=path.name[-255:], created_by=by)
    told = {
        "columns": columns,
        "encoding": encoding,
        "delimiter": delimiter,
        "date_format": date_format,
        "decimal_mark": decimal_mark,
        "currency": currency,
    }
    with jobs.speaking_for(job):
        _describe(job, path, {name: value for name, value in told.items() if value})
        LineChecker(header_of(path, shape_of(job)), shape_of(job))
    job.save()
    return run(job, path=path)


def run(job: SalesImport, *, path: Path | None = None) -> SalesImport:
    """Do the import of a row. May be called twice and at any time: what is done stays done."""
    return jobs.perform(
        job,
        lambda claimed: _import(claimed, path or path_of(claimed)),
        refusals=(ImportRefused, UnreadableFile, ColumnsMissing),
    )


def give_up(job: SalesImport) -> None:
    """Close the row of a command that was killed: its file lies where no worker finds it."""
    sentence = _("The command was broken off before it ended. Nothing was stored; run it again.")
    jobs.perform(job, lambda _claimed: _refuse(sentence), refusals=(ImportRefused,))


def _refuse(sentence: str) -> None:
    raise ImportRefused(sentence)


def _import(job: SalesImport, path: Path) -> None:
    with connection.cursor() as cursor, tempfile.NamedTemporaryFile(suffix=".csv") as rejects:
        storing.prepare_staging(cursor)
        try:
            checker = _read_and_stage(job, path, cursor, Path(rejects.name))
            if not job.accepted:
                raise ImportRefused(_nothing_accepted(job))
            rejects_name = _keep_rejects(job, Path(rejects.name))
            with _in_turn(job):
                jobs.report(job, phase=ImportPhase.STORING, progress=READING_SHARE)
                with transaction.atomic():
                    stored = storing.merge(cursor, import_id=job.pk, names=checker.names)
                    job.new_documents = stored.new_documents
                    job.replaced_documents = stored.replaced_documents
                    job.unchanged_documents = stored.unchanged_documents
                    job.new_clients = stored.new_clients
                    job.rejects_file = rejects_name
                    _remember(job, checker.header)
                    jobs.succeed(job)
            if stored.new_documents + stored.replaced_documents and job.accepted > MANY_LINES:
                cursor.execute(
                    "ANALYZE segmentation_salesline, segmentation_salesdocument, segmentation_monthlysales"
                )
        finally:
            storing.drop_staging(cursor)


def _read_and_stage(job: SalesImport, path: Path, cursor, rejects: Path) -> LineChecker:
    """Every line is either staged or written to the file of rejects, with its number and reasons."""
    shape = shape_of(job)
    reasons: Counter = Counter()
    accepted = 0
    # UTF-8 with its mark, whatever came in: the reasons are in the reader's own letters.
    with (
        _no_garbage_collection(),
        reading.Table(path, shape) as table,
        rejects.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file,
    ):
        checker = LineChecker(table.header, shape)
        writer = csv.writer(file, delimiter=shape.delimiter)
        writer.writerow([*checker.header, _("Line"), _("Why it was rejected")])
        width = len(checker.header)
        blocks = table.blocks(BLOCK)
        while True:
            # Blocks a few thousand lines long: the server parses one while we check the next.
            staged = storing.Staging(cursor)
            with staged:
                for numbers, rows in islice(blocks, BLOCKS_BETWEEN_REPORTS):
                    lines, rejected = checker.check(numbers, rows)
                    staged.write(lines)
                    reasons.update(line.reasons[0].value for line in rejected)
                    writer.writerows(
                        [*line.row, *[""] * (width - len(line.row)), line.line_no, line.sentence]
                        for line in rejected
                    )
            accepted += staged.count
            jobs.report(
                job,
                phase=ImportPhase.READING,
                progress=min(int(READING_SHARE * table.part_done), READING_SHARE),
                accepted=accepted,
                rejected=reasons.total(),
                read=accepted + reasons.total(),
                reasons=dict(reasons),
            )
            if table.is_at_end:
                return checker


def _remember(job: SalesImport, header: list[str]) -> None:
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


@contextmanager
def _no_garbage_collection():
    """Millions of short-lived rows hold no circles, yet looking for some takes a quarter of the reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _nothing_accepted(job: SalesImport) -> str:
    if not job.read:
        return _("The file holds a header but no sales below it. Export it again with its lines.")
    reason, _count = Counter(job.reasons).most_common(1)[0]
    return _(
        "None of the %(read)d lines could be taken; most often because of this: %(reason)s. "
        "Look whether the columns, the date format and the decimal mark are told right."
    ) % {"read": job.read, "reason": Reason(reason).label}


def _keep_rejects(job: SalesImport, rejects: Path) -> str:
    """Store the rejected lines under a name of this import's own; a second run writes over the first."""
    if not job.rejected:
        return ""
    storage = SalesImport._meta.get_field("rejects_file").storage
    name = f"rejects/{job.pk}.csv"
    storage.delete(name)
    with rejects.open("rb") as file:
        return storage.save(name, File(file))


@contextmanager
def _in_turn(job: SalesImport):
    """One import stores at a time; another waits here, and its row says so meanwhile."""
    while True:
        with jobs.session_lock(jobs.lock_key("sales")) as ours:
            if ours:
                yield
                return
        if job.phase != ImportPhase.WAITING:
            jobs.report(job, phase=ImportPhase.WAITING)
        time.sleep(WAIT_SECONDS)


def _describe(job: SalesImport, path: Path, told: dict | None = None) -> None:
    """Look at the file: what was told, else what was remembered for its header, else guessed."""
    told = told or {}
    seen = sniffing.inspect(path, told.get("columns"))
    memory = remembered(seen.header)
    if memory and "columns" in told and told["columns"] != memory.columns:
        memory = None  # what was remembered of other columns says nothing of these
    for name in ("columns", "encoding", "delimiter", "date_format", "decimal_mark", "currency"):
        value = told.get(name) or (memory and getattr(memory, name)) or getattr(seen.shape, name)
        setattr(job, name, value)
    # The encoding is seen in this very file; memory knows only the last one.
    job.encoding = told.get("encoding") or seen.shape.encoding
    job.currency = job.currency or settings.KAM_CURRENCY
    job.sha256, job.size = seen.sha256, seen.size


def _take_shape(job: SalesImport, shape: Shape) -> None:
    job.encoding, job.delimiter = shape.encoding, shape.delimiter
    job.date_format, job.decimal_mark = shape.date_format, shape.decimal_mark
    job.currency, job.columns = shape.currency, shape.columns


def _require_analyst(by: User) -> None:
    if not may(by, "import_sales"):
        raise ImportRefused(_("Only an analyst imports sales. Ask one, or have your role changed."))

"""Import of sales, from the file to the monthly figures. Page, API, command and demo come in here."""

import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from segmentation import jobs, partitioning, staging, storing, supplementing
from segmentation.cells import Reason
from segmentation.checking import ColumnsMissing, LineChecker
from segmentation.models import JobState, SalesImport
from segmentation.models.sales import ImportPhase
from segmentation.reading import Shape, UnreadableFile
from segmentation.receiving import (
    ImportRefused,
    describe,
    discard,
    header_of,
    path_of,
    preview,
    receive,
    remember,
    remembered,
    require_analyst,
    shape_of,
    size_limit,
    tell_columns,
)

__all__ = [
    "ImportRefused",
    "Shape",
    "discard",
    "give_up",
    "header_of",
    "import_file",
    "path_of",
    "preview",
    "receive",
    "remembered",
    "run",
    "shape_of",
    "size_limit",
    "start",
    "tell_columns",
]

WAIT_SECONDS = 1.0
# From so many lines on the planner is told of the new sizes at once.
MANY_LINES = 50_000


def start(job: SalesImport, *, by: User, ring=None) -> SalesImport:
    """Hand the import to a worker; its columns are looked through once more first.

    Raises ImportRefused or ColumnsMissing; then the import waits as it was.
    """
    require_analyst(by)
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


def import_file(
    path: Path,
    *,
    columns: dict[str, str] | None = None,
    encoding: str = "",
    delimiter: str = "",
    date_format: str = "",
    decimal_mark: str = "",
    currency: str = "",
    sheets: Sequence[str] = (),
    may_mend: bool = True,
    by: User | None = None,
) -> SalesImport:
    """Import a file that lies on this machine, now. What is not told is remembered or guessed. Rejected lines
    of an earlier import that come back mended are added to its documents, unless `may_mend` forbids it.

    The row returned has succeeded or failed. Raises ImportRefused, UnreadableFile or
    ColumnsMissing where it cannot even begin; then there is no row.
    """
    if by is not None:
        require_analyst(by)
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
        "sheets": tuple(sheets),
    }
    with jobs.speaking_for(job):
        told = {name: value for name, value in told.items() if value}
        describe(job, path, told, may_mend=may_mend)
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
        rejects_name = ""
        try:
            checker = staging.read_and_stage(job, path, cursor, Path(rejects.name))
            if not job.accepted:
                raise ImportRefused(staging.nothing_accepted(job))
            rejects_name = staging.keep_rejects(job, Path(rejects.name))
            with _in_turn(job):
                jobs.report(job, phase=ImportPhase.STORING, progress=staging.READING_SHARE)
                partitioning.make_room(cursor, today=timezone.localdate())
                with transaction.atomic():
                    stored = _store(job, cursor, checker)
                    job.rejects_file = rejects_name
                    remember(job, checker.header)
                    jobs.succeed(job)
            rejects_name = ""
            if stored.new_documents + stored.replaced_documents and job.accepted > MANY_LINES:
                cursor.execute(
                    "ANALYZE segmentation_salesline, segmentation_salesdocument, segmentation_monthlysales"
                )
        except Exception:
            if rejects_name:
                job._meta.get_field("rejects_file").storage.delete(rejects_name)
                job.rejects_file = ""
            raise
        finally:
            storing.drop_staging(cursor)


def _store(job: SalesImport, cursor, checker: LineChecker) -> storing.Stored:
    job.part_starts = checker.part_starts
    if job.supplements is None:
        stored = storing.merge(cursor, import_id=job.pk, clients=checker.clients)
    else:
        _refuse_what_was_undone(supplementing.mended_by(job))
        added = supplementing.merge(cursor, job=job, clients=checker.clients)
        stored = added.stored
        for reason, left in (
            (Reason.REPLACED_SINCE, added.left_lines),
            (Reason.OTHER_PART, added.other_part),
        ):
            if left:
                job.accepted -= left
                job.rejected += left
                job.reasons = {**job.reasons, reason.value: left}
    for name, count in vars(stored).items():
        setattr(job, name, count)
    return stored


def _refuse_what_was_undone(mended: SalesImport) -> None:
    """Looked at here, under the lock that undoing takes too."""
    mended.refresh_from_db(fields=["undone_at", "state"])
    if mended.undone_at or mended.state != JobState.SUCCEEDED:
        raise ImportRefused(
            _(
                "The import whose rejected lines these are was undone. Import the whole file instead."
            )
        )


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
        jobs.stop_if_cancelled(job)
        time.sleep(WAIT_SECONDS)

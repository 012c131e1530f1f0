"""From the file to the staging table: every line is either staged or kept among the rejected ones."""

import gc
from collections import Counter
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from django.core.files import File
from django.utils.translation import gettext as _

from segmentation import jobs, storing
from segmentation.checking import LineChecker, Reason, Rejected
from segmentation.models import SalesImport
from segmentation.models.sales import FileFormat, ImportPhase
from segmentation.receiving import shape_of
from segmentation.rejects import OriginalLines, RejectsFile
from segmentation.tables import open_table

# Lines checked at a time, blocks between two reports, and the part of the progress that reading takes.
BLOCK = 2_000
BLOCKS_BETWEEN_REPORTS = 15
READING_SHARE = 70
# Of the file of rejected lines, for each kind of file that comes in.
REJECTS_SUFFIXES = {FileFormat.CSV: "csv", FileFormat.XLSX: "xlsx", FileFormat.PARQUET: "xlsx"}


def read_and_stage(job: SalesImport, path: Path, cursor, rejects: Path) -> LineChecker:
    """Every line is either staged or written to the file of rejects, with its number and reasons."""
    shape = shape_of(job)
    reasons: Counter = Counter()
    accepted = 0
    with _no_garbage_collection(), ExitStack() as files:
        table = files.enter_context(open_table(path, shape))
        checker = LineChecker(table.header, shape)
        originals = OriginalLines(checker, shape.supplements) if shape.supplements else None
        rejects_file = files.enter_context(RejectsFile(rejects, checker, shape, job.pk))
        blocks = table.blocks(BLOCK)
        while True:
            # Blocks a few thousand lines long: the server parses one while we check the next.
            staged = storing.Staging(cursor, checker.staged)
            with staged:
                for numbers, rows in islice(blocks, BLOCKS_BETWEEN_REPORTS):
                    unnumbered: list[Rejected] = []
                    if originals:
                        numbers, rows, unnumbered = originals.take(numbers, rows)
                    lines, rejected = checker.check(numbers, rows, part=table.part)
                    rejected += unnumbered
                    staged.write(lines)
                    reasons.update(line.reasons[0].value for line in rejected)
                    rejects_file.write(rejected, table)
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


def nothing_accepted(job: SalesImport) -> str:
    if not job.read:
        return _("The file holds a header but no sales below it. Export it again with its lines.")
    reason, _count = Counter(job.reasons).most_common(1)[0]
    return _(
        "None of the %(read)d lines could be taken; most often because of this: %(reason)s. "
        "Look whether the columns, the date format and the decimal mark are told right."
    ) % {"read": job.read, "reason": Reason(reason).label}


def keep_rejects(job: SalesImport, rejects: Path) -> str:
    """Store the rejected lines under a name of this import's own; a second run writes over the first."""
    if not job.rejected:
        return ""
    storage = SalesImport._meta.get_field("rejects_file").storage
    for suffix in REJECTS_SUFFIXES.values():
        storage.delete(f"rejects/{job.pk}.{suffix}")
    name = f"rejects/{job.pk}.{REJECTS_SUFFIXES[job.file_format]}"
    with rejects.open("rb") as file:
        return storage.save(name, File(file))

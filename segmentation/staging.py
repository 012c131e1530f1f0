"""From the file to the staging table: every line is either staged or kept among the rejected ones."""

import csv
import gc
from collections import Counter
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from django.core.files import File
from django.utils.translation import gettext as _

from segmentation import jobs, reading, storing
from segmentation.checking import LineChecker, Reason
from segmentation.models import SalesImport
from segmentation.models.sales import ImportPhase
from segmentation.receiving import shape_of

# Lines checked at a time, blocks between two reports, and the part of the progress that reading takes.
BLOCK = 2_000
BLOCKS_BETWEEN_REPORTS = 15
READING_SHARE = 70


def read_and_stage(job: SalesImport, path: Path, cursor, rejects: Path) -> LineChecker:
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
            staged = storing.Staging(cursor, checker.staged)
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
    name = f"rejects/{job.pk}.csv"
    storage.delete(name)
    with rejects.open("rb") as file:
        return storage.save(name, File(file))

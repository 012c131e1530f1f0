"""Segments as a table for other programs."""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.db.models.functions import Coalesce

from segmentation import periods
from segmentation.comparing import Move
from segmentation.models import SegmentationRun

COLUMNS = ("client", "total", "documents", "active_months", "abc", "xyz", "cv", "share_before")
MORE_COLUMNS = ("name", "share", "segment_before", "history_periods", "xyz_cv", "xyz_frequency")


def segments_as_csv(run: SegmentationRun) -> Iterator[str]:
    """Lines of CSV, header first, in the order of the ranking; numbers with a decimal point.

    `client` is the number in the sales ledger. A text that a spreadsheet would run as a formula
    gets an apostrophe in front; numbers never do.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")

    def line(row) -> str:
        writer.writerow(row)
        written = text.getvalue()
        text.seek(0)
        text.truncate()
        return written

    starts = periods.starts(run.unit, run.start, run.periods)
    # `active_months` counts the active periods, of whatever unit; each net stands under the name of its period.
    yield line([*COLUMNS, *MORE_COLUMNS, *(periods.code(run.unit, start) for start in starts)])
    rows = run.segments.ranked().annotate(number=Coalesce("client__external_id", "client__name"))
    for row in rows.values_list(
        "number",
        "total",
        "documents",
        "active_periods",
        "abc",
        "xyz",
        "cv",
        "share_before",
        "client__name",
        "share",
        "previous",
        "history_periods",
        "xyz_cv",
        "xyz_frequency",
        "nets",
    ).iterator(chunk_size=2000):
        *cells, nets = row
        yield line([*map(harmless, cells), *map(harmless, nets)])


MOVE_COLUMNS = (
    "client", "name", "segment_before", "segment_after", "total_before", "total_after", "change", "rank_before",
    "rank_after",
)  # fmt: skip


def moves_as_csv(moves: Iterable[Move]) -> Iterator[str]:
    """The clients of a comparison, header first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(MOVE_COLUMNS)
    for move in moves:
        row = (
            move.number, move.client, move.was, move.now, move.total_before, move.total_after, move.change,
            move.rank_before, move.rank_after,
        )  # fmt: skip
        writer.writerow(harmless(cell) for cell in row)
        if text.tell() > 1 << 16:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def harmless(value: object) -> object:
    """A cell that no spreadsheet runs: text beginning like a formula gets an apostrophe."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value

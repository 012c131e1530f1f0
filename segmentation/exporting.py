"""Segments as a table for other programs."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

from django.db.models.functions import Coalesce

from segmentation.models import SegmentationRun

COLUMNS = ("client", "total", "documents", "active_months", "abc", "xyz", "cv", "share_before")
MORE_COLUMNS = ("name", "share", "segment_before", "history_months")


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

    months = [f"m{number:02}" for number in range(1, run.periods + 1)]
    yield line([*COLUMNS, *MORE_COLUMNS, *months])
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
        "nets",
    ).iterator(chunk_size=2000):
        *cells, nets = row
        yield line([*map(harmless, cells), *map(harmless, nets)])


def harmless(value: object) -> object:
    """A cell that no spreadsheet runs: text beginning like a formula gets an apostrophe."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value

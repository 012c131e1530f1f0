"""Brings the generated sales in through the door that everybody uses, and segments them."""

import datetime
import tempfile
from pathlib import Path

from accounts.models import User
from kam.demo.back_in_time import Clock
from kam.demo.dates import Days, at_work, first_of_month
from kam.demo.sales import Correction, ledger, write_ledger
from segmentation import sales_import, segmenting
from segmentation.models import Measure, SalesImport, SegmentationRun, XyzMethod

__all__ = ["Correction", "bring_in", "segment"]

COLUMNS = {
    "client": "client",
    "name": "client_name",
    "date": "date",
    "document": "document",
    "product": "product",
    "quantity": "quantity",
    "price": "price",
    "cost": "cost",
}


class DemoFailed(Exception):
    """A job of the demo did not end well; its own sentence says why."""


def bring_in(
    rows: list[dict], *, corrections: list[Correction], by: User, days: Days, clock: Clock
) -> SalesImport:
    """Import the ledger of two years, as the analyst would have done it this morning."""
    lines = ledger(rows, today=days.today, corrections=corrections)
    first, last = (datetime.date.fromisoformat(lines[place]["date"]) for place in (0, -1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sales_{first:%Y-%m}_{last:%Y-%m}.csv"
        write_ledger(path, lines=lines, first=first, last=last, rejects=True)
        job = sales_import.import_file(
            path,
            columns=COLUMNS,
            delimiter=";",
            date_format="ymd",
            decimal_mark=".",
            currency="EUR",
            by=by,
        )
    if not job.has_succeeded:
        raise DemoFailed(job.error)
    # This morning, before the run that is in force: the schedule then finds nothing new to do.
    clock.created(job, at_work(days.ago(1), days.chance))
    return job


def segment(*, by: User, days: Days, clock: Clock) -> SegmentationRun:
    """Quarterly runs of the past year, each put in force in its time, and two looks at it from elsewhere."""
    for months_ago in (9, 6, 3):
        start = first_of_month(days.today, -12 - months_ago)
        run = segmenting.put_in_force(_run(start, by=by), by=by)
        clock.created(
            run,
            at_work(
                first_of_month(days.today, -months_ago) + datetime.timedelta(days=2), days.chance
            ),
        )
    start = first_of_month(days.today, -12)
    current = _run(start, by=None, scheduled=True, comes_into_force=True)
    # Two other looks at the same months, not in force.
    for other in ({"xyz": XyzMethod.FREQUENCY}, {"measure": Measure.MARGIN}):
        _run(start, by=by, **other)
    return current


def _run(start: datetime.date, **wanted) -> SegmentationRun:
    run = segmenting.run(segmenting.request(start=start, **wanted))
    if not run.has_succeeded:
        raise DemoFailed(run.error)
    return run

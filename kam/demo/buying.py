"""Brings the generated sales in through the door that everybody uses, and segments them."""

import datetime
import tempfile
from pathlib import Path

from accounts.models import User
from kam.demo import doubling
from kam.demo.back_in_time import Clock
from kam.demo.dates import Days, at_work, first_of_month, working_day_after
from kam.demo.sales import Correction, ledger, write_ledger
from segmentation import sales_import, segmenting
from segmentation.models import Measure, SalesImport, SegmentationRun, XyzMethod

__all__ = ["Correction", "year_of_sales"]

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


def year_of_sales(
    rows: list[dict], *, corrections: list[Correction], by: User, days: Days, clock: Clock
) -> SegmentationRun:
    """What the analyst did in a year: the ledger in with each quarter, a run after it. Returns the one in force."""
    lines = ledger(rows, today=days.today, corrections=corrections)
    begun = datetime.date.fromisoformat(lines[0]["date"])
    for months_ago in (9, 6, 3):
        ended = first_of_month(days.today, -months_ago)
        job = _bring_in(lines, begun, ended, by=by)
        run = segmenting.put_in_force(_run(first_of_month(ended, -12), by=by), by=by)
        clock.created(job, at_work(working_day_after(ended, 1), days.chance))
        clock.created(run, at_work(working_day_after(ended, 3), days.chance))
        begun = ended
    _bring_in(lines, begun, days.today, by=by, rejects=True)
    doubling.web_shop(by=by, days=days)
    start = first_of_month(days.today, -12)
    current = _run(start, by=None, scheduled=True, comes_into_force=True)
    # Two other looks at the same months, not in force.
    for other in ({"xyz": XyzMethod.FREQUENCY}, {"measure": Measure.MARGIN}):
        _run(start, by=by, **other)
    return current


def _bring_in(
    lines: list[dict],
    begun: datetime.date,
    ended: datetime.date,
    *,
    by: User,
    rejects: bool = False,
) -> SalesImport:
    """Import the lines of the days from `begun` to before `ended`."""
    last = ended - datetime.timedelta(days=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sales_{begun:%Y-%m}_{last:%Y-%m}.csv"
        write_ledger(path, lines=lines, first=begun, last=last, rejects=rejects)
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
    return job


def _run(start: datetime.date, **wanted) -> SegmentationRun:
    run = segmenting.run(segmenting.request(start=start, **wanted))
    if not run.has_succeeded:
        raise DemoFailed(run.error)
    return run

"""Brings the generated sales in through the door that everybody uses, and segments them."""

from kam.demo.dates import Days
from kam.demo.sales import Correction, ledger

__all__ = ["Correction", "bring_in"]


def bring_in(rows: list[dict], *, corrections: list[Correction], by, days: Days) -> int:
    lines = ledger(rows, today=days.today, corrections=corrections)
    return len(lines)

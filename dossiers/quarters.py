"""Quarters of the calendar, for what is counted by quarter."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from segmentation.models.runs import add_months

SHOWN = 8


@dataclass(frozen=True)
class Quarter:
    """`first`: its first day; `end`: the first day after it."""

    first: datetime.date

    @property
    def end(self) -> datetime.date:
        return add_months(self.first, 3)

    @property
    def label(self) -> str:
        # Translators: a quarter of a year, short enough for the axis of a chart
        return _("Q%(quarter)d %(year)02d") % {
            "quarter": self.first.month // 3 + 1,
            "year": self.first.year % 100,
        }


def quarter_of(day: datetime.date) -> Quarter:
    return Quarter(datetime.date(day.year, (day.month - 1) // 3 * 3 + 1, 1))


def until(today: datetime.date, number: int = SHOWN) -> list[Quarter]:
    """The last quarters, the running one at the end."""
    running = quarter_of(today).first
    return [Quarter(add_months(running, -3 * back)) for back in range(number - 1, -1, -1)]

"""Months, quarters and ISO weeks: what a window of a segmentation is cut into.

A week begins on Monday and is named by ISO 8601, so that the last days of a year may belong to the
first week of the next. `unit` is a value of `models.runs.Unit`.
"""

import datetime
import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.kam_format import month as month_name

MONTHS_IN = {"month": 1, "quarter": 3}


class NoPeriod(ValueError):
    pass


def first_day(unit: str, day: datetime.date) -> datetime.date:
    """First day of the month, quarter or week in which the day lies."""
    if unit == "week":
        return day - datetime.timedelta(days=day.weekday())
    return day.replace(month=day.month - (day.month - 1) % MONTHS_IN[unit], day=1)


def add(unit: str, start: datetime.date, number: int) -> datetime.date:
    """First day of the period that lies `number` periods after that of `start` (before, when negative)."""
    start = first_day(unit, start)
    if unit == "week":
        return start + datetime.timedelta(weeks=number)
    return add_months(start, MONTHS_IN[unit] * number)


def add_months(month: datetime.date, number: int) -> datetime.date:
    """First day of the month that lies `number` months after `month` (before, when negative)."""
    years, index = divmod(month.year * 12 + month.month - 1 + number, 12)
    return datetime.date(years, index + 1, 1)


def starts(unit: str, start: datetime.date, periods: int) -> list[datetime.date]:
    """First days of all periods of a window."""
    return [add(unit, start, number) for number in range(periods)]


def place_of_day(unit: str, days: str) -> str:
    """SQL: which period, from 0, begins so many days after the first one.

    Months and quarters differ from their mean length by less than three days over any window, so
    that a division which rounds finds the place.
    """
    if unit == "week":
        return f"({days}) / 7"
    if unit == "quarter":
        return f"(({days}) * 10000 + 456562) / 913125"
    return f"(({days}) * 10000 + 152187) / 304375"


def name(unit: str, start: datetime.date) -> str:
    """ "January 2026", "Q1 2026", "2026-W01": in the language of the reader."""
    if unit == "quarter":
        return _("Q%(quarter)d %(year)d") % {
            "quarter": (start.month + 2) // 3,
            "year": start.year,
        }
    if unit == "week":
        return code(unit, start)
    return month_name(start)


def window(unit: str, start: datetime.date, periods: int) -> str:
    """The window in words, from its first to its last period."""
    told = {"first": name(unit, start), "last": name(unit, add(unit, start, periods - 1))}
    if unit == "week":
        return _("weeks %(first)s – %(last)s") % told
    return f"{told['first']} – {told['last']}"


def length(unit: str, periods: int) -> str:
    """ "12 months", "4 quarters": how many, in words."""
    if unit == "quarter":
        return ngettext("%(n)d quarter", "%(n)d quarters", periods) % {"n": periods}
    if unit == "week":
        return ngettext("%(n)d week", "%(n)d weeks", periods) % {"n": periods}
    return ngettext("%(n)d month", "%(n)d months", periods) % {"n": periods}


def code(unit: str, start: datetime.date) -> str:
    """As a machine reads it, and `parse` too: 2026-01, 2026-Q1, 2026-W01."""
    if unit == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    if unit == "week":
        year, week, _day = start.isocalendar()
        return f"{year}-W{week:02}"
    return f"{start:%Y-%m}"


def parse(unit: str, text: str) -> datetime.date:
    """First day of the period written as 2026-01, 2026-Q1, 2026-W01, or as any day of it. Raises NoPeriod."""
    text = text.strip().upper()
    try:
        if found := re.fullmatch(r"(\d{4})-Q([1-4])", text):
            day = datetime.date(int(found[1]), int(found[2]) * 3 - 2, 1)
        elif found := re.fullmatch(r"(\d{4})-W(\d{1,2})", text):
            # A week lies where its Thursday does: the first of a year may begin in December.
            thursday = datetime.date.fromisocalendar(int(found[1]), int(found[2]), 4)
            day = first_day(unit, thursday)
        elif found := re.fullmatch(r"(\d{4})-(\d{1,2})", text):
            day = datetime.date(int(found[1]), int(found[2]), 1)
        else:
            day = datetime.date.fromisoformat(text)
        if not 1900 <= day.year <= 2200:
            raise ValueError(text)
    except ValueError as error:
        raise NoPeriod(text) from error
    # The month in which a week or quarter lies is near enough only where the unit fits.
    return first_day(unit, day)

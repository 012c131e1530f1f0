"""The months, quarters or weeks of a run by name."""

import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import day
from accounts.templatetags.kam_format import month as month_name
from segmentation.models.runs import Unit, add_months


def starts(run) -> list[datetime.date]:
    """First day of each period."""
    if run.unit == Unit.WEEK:
        return [run.start + datetime.timedelta(weeks=place) for place in range(run.periods)]
    step = 3 if run.unit == Unit.QUARTER else 1
    return [add_months(run.start, place * step) for place in range(run.periods)]


def name(unit: str, start: datetime.date) -> str:
    if unit == Unit.WEEK:
        return _("week of %(day)s") % {"day": day(start)}
    if unit == Unit.QUARTER:
        return _("quarter %(number)d of %(year)d") % {
            "number": (start.month + 2) // 3,
            "year": start.year,
        }
    return month_name(start)


def short(unit: str, start: datetime.date, *, first: bool = False) -> str:
    """For the foot of a chart, where there is room for a few letters."""
    if unit == Unit.WEEK:
        return f"{start:%d.%m}"
    if unit == Unit.QUARTER:
        return f"{(start.month + 2) // 3}/{start:%y}"
    label = date_format(start, "M")
    return f"{label} {start:%y}" if first or start.month == 1 else label

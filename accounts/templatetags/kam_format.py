"""Figures and dates as people read them, in the language of the reader.

Everything that is shown goes through one of these: `{{ amount|money:"EUR" }}`, `{{ part|share }}`,
`{{ date|day }}`, `{{ date|month }}`, `{{ value|number }}`. Nothing known is shown as a dash.
"""

import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, get_format, number_format
from django.utils.translation import get_language

register = template.Library()

NOTHING = "—"
BLANK = "\u00a0"  # keeps a figure and its unit on one line


def _decimal(value) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / value.denominator
    try:
        figure = Decimal(str(value))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None


def _rounded(figure: Decimal, places: int) -> str:
    # Django's own number_format cuts decimals off instead of rounding them.
    shown = figure.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return (
        number_format(shown + 0, places, force_grouping=True).replace(" ", BLANK).replace("-", "−")
    )


@register.filter
def number(value, places=None) -> str:
    """A figure with its thousands apart. `places` decimals; without, those it has, nought at the end dropped."""
    figure = _decimal(value)
    if figure is None:
        return NOTHING
    if places is None:
        places = max(0, -int(figure.normalize().as_tuple().exponent))
    return _rounded(figure, int(places))


@register.filter
def money(value, currency=None) -> str:
    """A whole amount with its currency; cents are shown under a hundred only, where they matter."""
    figure = _decimal(value)
    if figure is None:
        return NOTHING
    places = 2 if abs(figure) < 100 and figure != figure.to_integral_value() else 0
    return f"{_rounded(figure, places)}{BLANK}{currency or settings.KAM_CURRENCY}"


@register.filter
def share(part, places=1) -> str:
    """A part of one as per cent: 0.1234 → "12.3 %"."""
    figure = _decimal(part)
    if figure is None:
        return NOTHING
    return f"{_rounded(figure * 100, int(places))}{BLANK}%"


@register.filter
def change(part, places=1) -> str:
    """A change as per cent, with its sign: 0.1234 → "+12.3 %"."""
    figure = _decimal(part)
    said = share(part, places)
    return f"+{said}" if figure is not None and figure > 0 else said


@register.filter
def signed(value, places=None) -> str:
    """A figure that says whether it is above nought: "+40", "−12", "0"."""
    figure = _decimal(value)
    said = number(value, places)
    return f"+{said}" if figure is not None and figure > 0 else said


@register.filter
def as_typed(limit) -> str:
    """A limit kept as text, "0.10" or "10/12", with the decimal mark of the reader; its decimals stay."""
    text = str(limit)
    return text if "/" in text else text.replace(".", get_format("DECIMAL_SEPARATOR"))


@register.filter
def day(value) -> str:
    """A day: "21 Nov 2026" in English, "21.11.2026" in Polish and Russian. Of a time, the day here."""
    return _dated(value, "SHORT_DATE_FORMAT")


@register.filter
def moment(value) -> str:
    """A day and its time."""
    return _dated(value, "SHORT_DATETIME_FORMAT")


# Languages that write the names of months with a small letter; Django's catalogues keep them with a capital.
SMALL_MONTHS = frozenset({"pl", "ru"})


@register.filter
def month(value) -> str:
    """A month as it stands within a sentence: "November 2026", in Polish "listopad 2026"."""
    said = _dated(value, "YEAR_MONTH_FORMAT")
    return said[:1].lower() + said[1:] if get_language() in SMALL_MONTHS else said


def _dated(value, form: str) -> str:
    if not isinstance(value, datetime.date):
        return NOTHING
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return date_format(value, form)

"""The drawing of monthly sales, for page and PDF alike: numbers in, places on the sheet out.

Everything the template needs is text already, so that no locale puts a comma into a coordinate.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import month as month_name

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 24, 30
TICKS = 5


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    says: str


@dataclass(frozen=True)
class Mark:
    """A label beside an axis."""

    place: str
    text: str


@dataclass(frozen=True)
class Row:
    """A month of the table that says the same as the drawing."""

    month: datetime.date
    amount: Decimal | None
    before: Decimal | None


@dataclass(frozen=True)
class SalesChart:
    name: str
    title: str
    description: str
    unit: str
    now_label: str
    before_label: str
    bars: list[Bar]
    bars_before: list[Bar]
    ticks: list[Mark]
    months: list[Mark]
    rows: list[Row]
    baseline: str
    width: str = str(WIDTH)
    height: str = str(HEIGHT)
    left: str = str(LEFT)
    right: str = str(WIDTH - RIGHT)
    label_y: str = str(HEIGHT - 10)
    currency: str = ""
    has_before: bool = False


def sales_chart(
    series: Sequence[tuple[datetime.date, Decimal | None]],
    previous: Sequence[Decimal | None] | None = None,
    *,
    currency: str,
    title: str = "",
    name: str = "sales-chart",
) -> SalesChart:
    """Monthly amounts as bars, with those of the same months a year before beside them.

    `series` holds (first day of month, amount) in order; `previous` the amounts a year before, of
    the same length. None stands for a month without a figure. `name` makes ids unique on a page.
    """
    before = list(previous) if previous is not None else [None] * len(series)
    if len(before) != len(series):
        raise ValueError("previous has to cover the same months as series")
    amounts = [amount for _month, amount in series]
    known = [amount for amount in (*amounts, *before) if amount is not None] or [Decimal(0)]
    lowest, highest = min(Decimal(0), min(known)), max(Decimal(0), max(known))
    step = _nice_step((highest - lowest) / TICKS)
    bottom = -(_ceil(-lowest / step) * step)
    top = max(_ceil(highest / step), 1) * step
    scale = (HEIGHT - TOP - BOTTOM) / float(top - bottom)

    def height_of(amount: Decimal) -> float:
        return TOP + float(top - amount) * scale

    zero = height_of(Decimal(0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(series), 1)
    has_before = any(before)
    bar_width = slot * (0.36 if has_before else 0.62)
    thousands = _divisor(max(top, -bottom))
    bars, bars_before, months = [], [], []
    for place, ((month, amount), earlier) in enumerate(zip(series, before, strict=True)):
        start = LEFT + place * slot + slot * (0.12 if has_before else 0.19)
        if earlier:
            said = f"{month_name(_year_before(month))}: {_amount(earlier)} {currency}"
            bars_before.append(_bar(start, bar_width, zero, height_of(earlier), said))
        if amount is not None:
            said = f"{month_name(month)}: {_amount(amount)} {currency}"
            left = start + (bar_width + slot * 0.04 if has_before else 0)
            bars.append(_bar(left, bar_width, zero, height_of(amount), said))
        months.append(Mark(_at(LEFT + (place + 0.5) * slot), _month_label(month, first=place == 0)))
    ticks, level = [], bottom
    while level <= top:
        ticks.append(
            Mark(_at(height_of(level)), number_format(_bare(level / thousands), use_l10n=True))
        )
        level += step
    return SalesChart(
        name=name,
        title=title or _("Monthly sales"),
        description=_describe(series, currency),
        unit=_("thousand %(currency)s") % {"currency": currency}
        if thousands == 1000
        else (_("million %(currency)s") % {"currency": currency} if thousands > 1000 else currency),
        now_label=_span(series),
        before_label=_("the same months a year before"),
        bars=bars,
        bars_before=bars_before,
        ticks=ticks,
        months=months,
        rows=[
            Row(month, amount, earlier)
            for (month, amount), earlier in zip(series, before, strict=True)
        ],
        baseline=_at(zero),
        currency=currency,
        has_before=has_before,
    )


def _nice_step(rough: Decimal) -> Decimal:
    """The next of 1, 2, 2.5, 5 × 10ⁿ that is not smaller."""
    if rough <= 0:
        return Decimal(1)
    unit = Decimal(1).scaleb(rough.adjusted())
    return next(unit * factor for factor in (1, 2, Decimal("2.5"), 5, 10) if unit * factor >= rough)


def _ceil(number: Decimal) -> int:
    return int(number.to_integral_value(rounding="ROUND_CEILING"))


def _divisor(top: Decimal) -> int:
    return 1_000_000 if top >= 5_000_000 else 1000 if top >= 5000 else 1


def _bar(x: float, width: float, zero: float, end: float, says: str) -> Bar:
    return Bar(_at(x), _at(min(zero, end)), _at(width), _at(max(abs(end - zero), 0.5)), says)


def _at(number: float) -> str:
    return f"{number:.1f}"


def _amount(amount: Decimal) -> str:
    return number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)


def _bare(number: Decimal) -> Decimal:
    return (
        number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
    )


def _month_label(month: datetime.date, *, first: bool) -> str:
    label = date_format(month, "M")
    return f"{label} {month:%y}" if first or month.month == 1 else label


def _year_before(month: datetime.date) -> datetime.date:
    return month.replace(year=month.year - 1)


def _span(series: Sequence[tuple[datetime.date, Decimal | None]]) -> str:
    if not series:
        return ""
    first, last = series[0][0], series[-1][0]
    return f"{month_name(first)} – {month_name(last)}"


def _describe(series: Sequence[tuple[datetime.date, Decimal | None]], currency: str) -> str:
    known = [(amount, month) for month, amount in series if amount is not None]
    if not known:
        return _("No sales in this period.")
    (least, least_month), (most, most_month) = min(known), max(known)
    return _(
        "%(span)s: between %(least)s %(currency)s (%(least_month)s) and %(most)s %(currency)s (%(most_month)s)."
    ) % {
        "span": _span(series),
        "least": _amount(least),
        "least_month": month_name(least_month),
        "most": _amount(most),
        "most_month": month_name(most_month),
        "currency": currency,
    }

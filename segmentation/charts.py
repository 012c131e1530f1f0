"""Drawings of figures over time, for page and PDF alike: numbers in, shapes on the sheet out.

A chart is made of some hundred shapes. They are put together here, as text, and not by a template: a page
shows three charts, and a template would take longer over them than over all the rest. Coordinates are
written with a point whatever the language. The attributes carry the colours of print; a page's style sheet
overrides them by class for its theme.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import month as month_name

WIDTH, HEIGHT = 720, 240
# A sheet for half of the page: drawn smaller, so that its letters are as large as those of the others.
HALF = 480
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 24, 30
TICKS = 5
# Of charts that show the same measure several times, one below the other.
BAND, BAND_LEFT = 44, 112

NOW, BEFORE, INK, GRID = "#0e5a66", "#bcd3d3", "#5f6875", "#e3dfd5"


@dataclass(frozen=True)
class Column:
    """One place on the axis: its figure, and the one of a year before beside it; None is not drawn.

    `mark` stands where the bar would, for a figure that is not there; `says` are the words behind each.
    """

    label: str
    amount: Decimal | None
    says: str = ""
    before: Decimal | None = None
    before_says: str = ""
    mark: str = ""
    mark_says: str = ""


@dataclass(frozen=True)
class Row:
    """A month of the table that says the same as the drawing. `note`: why there is no figure."""

    month: datetime.date
    amount: Decimal | None
    before: Decimal | None
    note: str = ""
    before_note: str = ""


@dataclass(frozen=True)
class Chart:
    """What `segmentation/_sales_chart.svg` shows. `body` is SVG, drawn on a sheet of `width` by `height`."""

    name: str
    title: str
    description: str
    unit: str
    body: SafeString
    rows: Sequence[Row] = ()
    now_label: str = ""
    before_label: str = ""
    currency: str = ""
    has_before: bool = False
    width: str = str(WIDTH)
    height: str = str(HEIGHT)


SalesChart = Chart


def sales_chart(
    series: Sequence[tuple[datetime.date, Decimal | None]],
    previous: Sequence[Decimal | None] | None = None,
    *,
    currency: str = "",
    unit: str = "",
    title: str = "",
    name: str = "sales-chart",
    width: int = WIDTH,
    notes: Mapping[datetime.date, tuple[str, str]] | None = None,
) -> Chart:
    """Monthly figures as bars, with those of the same months a year before beside them.

    `series` holds (first day of month, amount) in order; `previous` the amounts a year before, of the same
    length. None stands for a month without a figure. Amounts are in `currency`; without one they are counts
    of `unit`. `notes`: {month: (mark, words)} where the figure is not there or nought, with the reason, for
    the months of both years. `name` makes ids unique on a page. `width`: of the sheet, WIDTH or HALF.
    """
    before = list(previous) if previous is not None else [None] * len(series)
    if len(before) != len(series):
        raise ValueError("previous has to cover the same months as series")
    notes = notes or {}
    columns = []
    for place, ((month, amount), earlier) in enumerate(zip(series, before, strict=True)):
        mark, words = notes.get(month, ("", ""))
        columns.append(
            Column(
                label=_month_label(month, first=place == 0),
                amount=None if mark else amount,
                says=_said(month, amount, currency),
                before=earlier,
                before_says=_said(_year_before(month), earlier, currency),
                mark=mark,
                mark_says=f"{_of_month(month)}: {words}" if mark else "",
            )
        )
    body, thousands = _columns(columns, whole=not currency, sheet=width)
    return Chart(
        name=name,
        title=title or _("Monthly sales"),
        description=_describe(series, currency),
        unit=_unit(currency, thousands) if currency else unit,
        body=body,
        rows=[
            Row(
                month,
                amount,
                earlier,
                notes.get(month, ("", ""))[1],
                notes.get(_year_before(month), ("", ""))[1],
            )
            for (month, amount), earlier in zip(series, before, strict=True)
        ],
        now_label=_span(series),
        before_label=_("the same months a year before"),
        currency=currency,
        has_before=any(before),
        width=str(width),
    )


def points_chart(
    columns: Sequence[Column], *, lowest: int, highest: int, name: str, title: str, description: str
) -> Chart:
    """Scores on a scale that is known beforehand, each with its figure above it."""
    body, _thousands = _columns(
        columns, limits=(Decimal(lowest), Decimal(highest)), height=180, with_figures=True
    )
    return Chart(name, title, description, "", body, height="180")


def amounts_chart(
    columns: Sequence[Column], *, currency: str, name: str, title: str, description: str
) -> Chart:
    """Amounts of any periods, the columns named by whoever knows what they are."""
    body, thousands = _columns(columns)
    return Chart(name, title, description, _unit(currency, thousands), body, currency=currency)


def bands_chart(
    labels: Sequence[str],
    bands: Sequence[tuple[str, Sequence[int]]],
    *,
    name: str,
    title: str,
    description: str,
) -> Chart:
    """Counts by period, a row of bars for each kind, so that kinds are told apart by words and not by colours.

    `bands` holds (name of the kind, counts as many as `labels`). All rows have one scale.
    """
    top = max((count for _label, counts in bands for count in counts), default=0) or 1
    slot = (HALF - BAND_LEFT - RIGHT) / max(len(labels), 1)
    shapes = []
    for row, (label, counts) in enumerate(bands):
        ground = (row + 1) * BAND
        shapes.append(
            _line(BAND_LEFT, HALF - RIGHT, ground)
            + _text(BAND_LEFT - 12, ground - 6, label, anchor="end", kind="chart-text chart-name")
        )
        for place, count in enumerate(counts):
            middle = BAND_LEFT + (place + 0.5) * slot
            height = count / top * (BAND - 20)
            if count:
                shapes.append(
                    _rect(
                        middle - slot * 0.22,
                        slot * 0.44,
                        ground - height,
                        height,
                        f"{label}, {labels[place]}: {count}",
                    )
                )
            shapes.append(
                _text(
                    middle,
                    ground - height - 4,
                    str(count),
                    kind="chart-text chart-value" if count else "chart-text",
                )
            )
    foot = len(bands) * BAND + 18
    for place, label in enumerate(labels):
        shapes.append(_text(BAND_LEFT + (place + 0.5) * slot, foot, label))
    return Chart(
        name,
        title,
        description,
        "",
        mark_safe("".join(shapes)),
        width=str(HALF),
        height=str(foot + 8),
    )


# ── The drawing ──────────────────────────────────────────────────────────────────────────────


def _columns(
    columns: Sequence[Column],
    *,
    whole: bool = False,
    limits: tuple[Decimal, Decimal] | None = None,
    sheet: int = WIDTH,
    height: int = HEIGHT,
    with_figures: bool = False,
) -> tuple[SafeString, int]:
    """The shapes, and by what the figures of the axis were divided."""
    drawn = [figure for column in columns for figure in (column.amount, column.before)]
    known = [figure for figure in drawn if figure is not None] or [Decimal(0)]
    lowest, highest = limits or (min(Decimal(0), min(known)), max(Decimal(0), max(known)))
    step = _nice_step((highest - lowest) / (4 if limits else TICKS), whole=whole)
    bottom = -(_ceil(-lowest / step) * step)
    top = max(_ceil(highest / step), 1) * step
    scale = (height - TOP - BOTTOM) / float(top - bottom)

    def height_of(amount: Decimal) -> float:
        return TOP + float(top - amount) * scale

    zero = height_of(Decimal(0))
    edge = LEFT if sheet == WIDTH else 40
    slot = (sheet - edge - RIGHT) / max(len(columns), 1)
    has_before = any(column.before for column in columns)
    width = slot * (0.36 if has_before or not with_figures else 0.3)
    if not has_before and not with_figures:
        width = slot * 0.62
    thousands = _divisor(max(top, -bottom))
    shapes = []
    level = bottom
    while level <= top:
        y = height_of(level)
        said = number_format(_bare(level / thousands), use_l10n=True).replace("-", "−")
        shapes.append(_line(edge, sheet - RIGHT, y) + _text(edge - 8, y + 4, said, anchor="end"))
        level += step
    for place, column in enumerate(columns):
        middle = edge + (place + 0.5) * slot
        left = middle + slot * 0.02 if has_before else middle - width / 2
        if column.before:
            y = height_of(column.before)
            shapes.append(
                _rect(middle - slot * 0.02 - width, width, min(zero, y), abs(y - zero), column.before_says, before=True)
            )  # fmt: skip
        if column.mark:
            shapes.append(_text(left + width / 2, zero - 4, column.mark, says=column.mark_says))
        elif column.amount is not None:
            y = height_of(column.amount)
            shapes.append(_rect(left, width, min(zero, y), abs(y - zero), column.says))
            if with_figures:
                figure = number_format(_bare(column.amount)).replace("-", "−")
                above = y - 4 if column.amount >= 0 else y + 12
                shapes.append(_text(left + width / 2, above, figure, kind="chart-text chart-value"))
        shapes.append(_text(middle, height - 10, column.label))
    shapes.append(_line(edge, sheet - RIGHT, zero, is_axis=True))
    return mark_safe("".join(shapes)), thousands


def _rect(
    x: float, width: float, y: float, height: float, says: str, *, before: bool = False
) -> str:
    kind, fill = (
        ("chart-bar-2 sales-chart-before", BEFORE) if before else ("chart-bar sales-chart-now", NOW)
    )
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0.5):.1f}"'
        f' fill="{fill}"><title>{escape(says)}</title></rect>'
    )


def _line(left: float, right: float, y: float, *, is_axis: bool = False) -> str:
    kind, stroke = (
        ("chart-axis sales-chart-base", INK) if is_axis else ("chart-grid sales-chart-grid", GRID)
    )
    return (
        f'<line class="{kind}" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"'
        f' stroke="{stroke}" stroke-width="1"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "middle",
    kind: str = "chart-text",
    says: str = "",
) -> str:
    title = f"<title>{escape(says)}</title>" if says else ""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">'
        f"{escape(text)}{title}</text>"
    )


def _nice_step(rough: Decimal, *, whole: bool = False) -> Decimal:
    """The next of 1, 2, 2.5, 5 × 10ⁿ that is not smaller; of whole things, no part of one."""
    if rough <= 0:
        return Decimal(1)
    if whole and rough <= 1:
        return Decimal(1)
    unit = Decimal(1).scaleb(rough.adjusted())
    factors = (1, 2, 5, 10) if whole else (1, 2, Decimal("2.5"), 5, 10)
    return next(unit * factor for factor in factors if unit * factor >= rough)


def _ceil(number: Decimal) -> int:
    return int(number.to_integral_value(rounding="ROUND_CEILING"))


def _divisor(top: Decimal) -> int:
    return 1_000_000 if top >= 5_000_000 else 1000 if top >= 5000 else 1


def _bare(number: Decimal) -> Decimal:
    return (
        number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
    )


# ── The words ────────────────────────────────────────────────────────────────────────────────


def _unit(currency: str, thousands: int) -> str:
    if thousands == 1000:
        return _("thousand %(currency)s") % {"currency": currency}
    return _("million %(currency)s") % {"currency": currency} if thousands > 1000 else currency


def _said(month: datetime.date, amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return ""
    figure = f"{_amount(amount)} {currency}" if currency else number_format(amount)
    return f"{_of_month(month)}: {figure}"


def _of_month(month: datetime.date) -> str:
    return month_name(month)


def _amount(amount: Decimal) -> str:
    return number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)


def _month_label(month: datetime.date, *, first: bool) -> str:
    label = date_format(month, "M")
    return f"{label} {month:%y}" if first or month.month == 1 else label


def _year_before(month: datetime.date) -> datetime.date:
    return month.replace(year=month.year - 1)


def _span(series: Sequence[tuple[datetime.date, Decimal | None]]) -> str:
    if not series:
        return ""
    first, last = series[0][0], series[-1][0]
    return f"{_of_month(first)} – {_of_month(last)}"


def _describe(series: Sequence[tuple[datetime.date, Decimal | None]], currency: str) -> str:
    known = [(amount, month) for month, amount in series if amount is not None]
    if not known:
        return _("No sales in this period.") if currency else ""
    (least, least_month), (most, most_month) = min(known), max(known)
    if not currency:
        return _("%(span)s: between %(least)s (%(least_month)s) and %(most)s (%(most_month)s).") % {
            "span": _span(series),
            "least": number_format(least),
            "least_month": _of_month(least_month),
            "most": number_format(most),
            "most_month": _of_month(most_month),
        }
    return _(
        "%(span)s: between %(least)s %(currency)s (%(least_month)s) and %(most)s %(currency)s (%(most_month)s)."
    ) % {
        "span": _span(series),
        "least": _amount(least),
        "least_month": _of_month(least_month),
        "most": _amount(most),
        "most_month": _of_month(most_month),
        "currency": currency,
    }

"""Drawings beside the explanation of a segment: its nets, and where it stands between the limits of the share."""

import datetime
from collections.abc import Sequence
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import number, share
from segmentation import charts
from segmentation import periods as of
from segmentation.models import Segment
from segmentation.models.runs import Unit

INK, GRID, NOW = charts.INK, charts.GRID, charts.NOW
LEFT, RIGHT = 12, 12
LINE, THICK = 42, 18
# Beyond so many bars their names would run into each other.
NAMED = 14


def nets_chart(segment: Segment) -> charts.Chart:
    """The net of each period as a bar, those under nought below the line."""
    run = segment.run
    starts = of.starts(run.unit, run.start, run.periods)
    every = -(-len(starts) // NAMED)
    columns = [
        charts.Column(
            label=_short(run.unit, start, first=place == 0) if place % every == 0 else "",
            amount=net,
            says=f"{of.name(run.unit, start)}: {number(net, 2)} {run.currency}",
        )
        for place, (start, net) in enumerate(zip(starts, segment.nets, strict=True))
    ]
    return charts.amounts_chart(
        columns,
        currency=run.currency,
        name="nets-chart",
        title=_("Net of each period"),
        description=_("%(periods)d periods, together %(total)s %(currency)s.")
        % {
            "periods": len(columns),
            "total": number(segment.total, 2),
            "currency": run.currency,
        },
    )


def share_drawing(segment: Segment) -> charts.Chart:
    """A line from nought to all sales: the limits of A and B on it, and the piece the client takes."""
    run, width = segment.run, charts.HALF
    room = width - LEFT - RIGHT

    def at(part: Decimal) -> float:
        return LEFT + float(min(max(part, Decimal(0)), Decimal(1))) * room

    a, b = run.abc_a / 100, run.abc_b / 100
    before, after = segment.share_before, segment.share_before + max(segment.share, Decimal(0))
    shapes = [_band(LEFT, room, "chart-bar-2", charts.BEFORE)]
    # A thin client would not be seen: it is drawn at least three points wide.
    piece = max(at(after) - at(before), 3.0)
    shapes.append(_band(min(at(before), width - RIGHT - 3), piece, "chart-bar", NOW))
    for limit in (a, b):
        x = at(limit)
        shapes.append(
            f'<line class="chart-axis" x1="{x:.1f}" x2="{x:.1f}" y1="{LINE - 8}" y2="{LINE + THICK + 8}"'
            f' stroke="{INK}" stroke-width="1.5"/>'
        )
        shapes.append(_word(x, LINE + THICK + 20, share(limit)))
    ends: Sequence[tuple[str, Decimal, Decimal]] = (
        ("A", Decimal(0), a),
        ("B", a, b),
        ("C", b, Decimal(1)),
    )
    for letter, first, last in ends:
        shapes.append(_word((at(first) + at(last)) / 2, LINE - 14, letter, kind="chart-value"))
    shapes.append(_word(LEFT, LINE + THICK + 20, share(Decimal(0), 0), anchor="start"))
    return charts.Chart(
        name="share-drawing",
        title=_("Share before and after, against the limits"),
        description=_(
            "The clients before it bring %(before)s, with it %(after)s; A ends at %(a)s, B at %(b)s."
        )
        % {"before": share(before, 2), "after": share(after, 2), "a": share(a), "b": share(b)},
        unit="",
        body=mark_safe("".join(shapes)),
        width=str(width),
        height=str(LINE + THICK + 28),
    )


def _short(unit: str, start: datetime.date, *, first: bool) -> str:
    """For the foot of a chart, where there is room for a few letters."""
    if unit == Unit.MONTH:
        label = date_format(start, "M")
        return f"{label} {start:%y}" if first or start.month == 1 else label
    if unit == Unit.QUARTER:
        # Translators: a quarter of a year, short enough for the axis of a chart
        return _("Q%(quarter)d %(year)02d") % {
            "quarter": (start.month + 2) // 3,
            "year": start.year % 100,
        }
    return f"{start.isocalendar().week}"


def _band(x: float, width: float, kind: str, fill: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{LINE}" width="{width:.1f}" height="{THICK}" fill="{fill}"/>'


def _word(x: float, y: float, text: str, *, anchor: str = "middle", kind: str = "") -> str:
    return (
        f'<text class="chart-text {kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">'
        f"{escape(text)}</text>"
    )

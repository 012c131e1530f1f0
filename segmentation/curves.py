"""Lines over time and over ranks, for page and PDF alike, in the manner of `segmentation.charts`.

Lines are told apart by their names at the right end and by their dashes, never by colour alone.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import mark_safe

from accounts.templatetags.kam_format import share
from segmentation.charts import HALF as WIDTH
from segmentation.charts import INK, NOW, TOP, Chart, _line, _nice_step, _text

HEIGHT, LEFT, RIGHT, BOTTOM = 240, 46, 84, 36
DASHES = ("", "7 4", "2 3")
# A line of ten thousand clients has no more corners than the sheet has room for.
MOST_CORNERS = 240
NEAREST = 13


def lines_chart(
    labels: Sequence[str],
    lines: Sequence[tuple[str, Sequence[Fraction | None]]],
    *,
    name: str,
    title: str,
    description: str,
    as_shares: bool = False,
) -> Chart:
    """Several lines over the same places. `as_shares`: the figures are parts of 1 and said in per cent."""
    known = [value for _name, values in lines for value in values if value is not None]
    top = _top(max(known, default=Fraction(0)), as_shares)
    width = WIDTH - LEFT - RIGHT
    step = width / max(len(labels) - 1, 1)
    shapes = _ground(top, as_shares)
    every = max(1, -(-len(labels) // 6))
    for place, label in enumerate(labels):
        if (len(labels) - 1 - place) % every == 0:
            shapes.append(_text(LEFT + place * step, HEIGHT - 12, label))
    ends = []
    for number, (line, values) in enumerate(lines):
        corners = [
            (LEFT + place * step, _height(value, top))
            for place, value in enumerate(values)
            if value is not None
        ]
        shapes.append(_path(corners, DASHES[number % len(DASHES)], line))
        if corners:
            ends.append((corners[-1][1], f"{line} {_said(values[-1], as_shares)}"))
    shapes += _names(ends)
    return Chart(
        name,
        title,
        description,
        "",
        mark_safe("".join(shapes)),
        width=str(WIDTH),
        height=str(HEIGHT),
    )


def pareto_chart(
    curve: Sequence[Fraction],
    marks: Sequence[tuple[Fraction, int | None]],
    *,
    name: str,
    title: str,
    description: str,
    axis: str,
) -> Chart:
    """The running share over the clients from the largest on; `marks` are (part of 1, how many bring it)."""
    number = len(curve)
    width = WIDTH - LEFT - RIGHT

    def place(clients: int) -> float:
        return LEFT + clients / max(number, 1) * width

    shapes = _ground(Fraction(1), as_shares=True)
    every = max(1, number // MOST_CORNERS)
    # Where it is steep, each client counts; where it is flat, none is missed.
    shown = sorted({0, number, *range(1, min(number, 60) + 1), *range(every, number, every)})
    corners = [
        (place(clients), _height(curve[clients - 1] if clients else Fraction(0), Fraction(1)))
        for clients in shown
    ]
    shapes.append(_path(corners, "", title))
    for part, clients in marks:
        if clients is None:
            continue
        x, y = place(clients), _height(part, Fraction(1))
        said = f"{share(part, 0)} · {number_format(clients, force_grouping=True)}"
        shapes.append(
            f'<line class="chart-axis" x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{HEIGHT - BOTTOM}"'
            f' stroke="{INK}" stroke-width="1" stroke-dasharray="2 3"/>'
            f'<circle class="chart-dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{NOW}"/>'
        )
        if x < LEFT + width * 0.8:
            shapes.append(_text(x + 8, y + 14, said, anchor="start", kind="chart-text chart-value"))
        else:
            shapes.append(_text(x - 8, y + 16, said, anchor="end", kind="chart-text chart-value"))
    step = int(_nice_step(Decimal(number) / 5, whole=True)) if number else 1
    for clients in range(0, number + 1, step):
        said = number_format(clients, force_grouping=True)
        shapes.append(_text(place(clients), HEIGHT - 18, said))
    shapes.append(_text(LEFT + width / 2, HEIGHT - 3, axis))
    return Chart(
        name,
        title,
        description,
        "",
        mark_safe("".join(shapes)),
        width=str(WIDTH),
        height=str(HEIGHT),
    )


def _ground(top: Fraction, as_shares: bool) -> list[str]:
    shapes = []
    for level in range(6):
        value = top * level / 5
        y = _height(value, top)
        shapes.append(
            _line(LEFT, WIDTH - RIGHT, y, is_axis=level == 0)
            + _text(LEFT - 8, y + 4, _said(value, as_shares), anchor="end")
        )
    return shapes


def _path(corners: Sequence[tuple[float, float]], dash: str, says: str) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<polyline class="chart-line" points="{points}" fill="none" stroke="{NOW}" stroke-width="2"{dashes}>'
        f"<title>{escape(says)}</title></polyline>"
    )


def _names(ends: list[tuple[float, str]]) -> list[str]:
    """What stands at the right of each line, moved apart where two lines end close together."""
    shapes, last = [], float("-inf")
    for y, said in sorted(ends):
        last = max(y + 4, last + NEAREST)
        shapes.append(
            _text(WIDTH - RIGHT + 8, last, said, anchor="start", kind="chart-text chart-value")
        )
    return shapes


def _height(value: Fraction, top: Fraction) -> float:
    return TOP + float((top - value) / top) * (HEIGHT - TOP - BOTTOM)


def _top(highest: Fraction, as_shares: bool) -> Fraction:
    if not highest:
        return Fraction(1)
    scale = 100 if as_shares else 1
    step = Fraction(_nice_step(_decimal(highest * scale / 5)))
    found = step * 5 / scale
    return min(found, Fraction(1)) if as_shares else found


def _said(value: Fraction | None, as_shares: bool) -> str:
    if value is None:
        return ""
    if as_shares:
        return share(value, 0 if (value * 100).denominator == 1 else 1)
    return number_format(round(value), force_grouping=True)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator

"""Curves between cards: each finds the way that hides least behind other cards and other curves."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ARROW = 9
SAMPLES = 14
_STEPS = [step / SAMPLES for step in range(1, SAMPLES)]
# How far the two handles reach, as parts of the distance, and what a less even curve costs.
_REACHES = ((0.3, 0.3, 0), (0.55, 0.55, 12), (0.08, 0.6, 18), (0.6, 0.12, 18))
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    def around(self, other: "Box", by: float) -> "Box":
        """The box that holds both, and a border."""
        left, top = min(self.x, other.x) - by, min(self.y, other.y) - by
        right = max(self.x + self.width, other.x + other.width) + by
        bottom = max(self.y + self.height, other.y + other.height) + by
        return Box(left, top, right - left, bottom - top)

    def touches(self, other: "Box") -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class Curve:
    """A cubic Bézier curve; `points` are its start, two handles and the end at the card's edge."""

    points: tuple[Point, Point, Point, Point]

    def _direction(self) -> Point:
        (hx, hy), (ex, ey) = self.points[2], self.points[3]
        length = math.hypot(ex - hx, ey - hy) or 1
        return (ex - hx) / length, (ey - hy) / length

    def path(self, dx: float, dy: float) -> str:
        """SVG path data, moved; it ends where the arrow head begins."""
        (ax, ay), (bx, by), (cx, cy), (ex, ey) = self.points
        ux, uy = self._direction()
        end = (ex - ux * (ARROW - 2), ey - uy * (ARROW - 2))
        return (
            f"M{_at(ax + dx)} {_at(ay + dy)}C{_at(bx + dx)} {_at(by + dy)} "
            f"{_at(cx + dx)} {_at(cy + dy)} {_at(end[0] + dx)} {_at(end[1] + dy)}"
        )

    def head(self, dx: float, dy: float) -> str:
        ex, ey = self.points[3]
        ux, uy = self._direction()
        backx, backy, half = ex - ux * ARROW, ey - uy * ARROW, ARROW * 0.45
        corners = (
            (ex, ey),
            (backx - uy * half, backy + ux * half),
            (backx + uy * half, backy - ux * half),
        )
        return "M" + "L".join(f"{_at(x + dx)} {_at(y + dy)}" for x, y in corners) + "Z"


def curves(
    boxes: dict[int, Box], pairs: Sequence[tuple[int, int]], lines: Sequence[Sequence[Point]] = ()
) -> list[Curve]:
    """One curve per (from, to), each chosen with regard to those before it and to the straight `lines`."""
    used: dict[tuple[int, int], int] = {}
    drawn: list[list[Point]] = []
    chosen: list[Curve] = []
    for start, end in pairs:
        area = boxes[start].around(boxes[end], 120)
        others = [
            box for key, box in boxes.items() if key not in (start, end) and box.touches(area)
        ]
        ends = [boxes[start], boxes[end]]
        best, least = None, math.inf
        for cost, curve, leaves, arrives in _candidates(boxes[start], boxes[end]):
            if cost >= least:
                break  # they come cheapest first
            cost += 130 * (used.get((start, leaves), 0) + used.get((end, arrives), 0))
            points = samples(curve)
            cost += _hidden(points, others, ends)
            if cost < least:
                cost += _close(points, drawn) + _along(points, lines)
            if cost < least:
                best, least = (curve, leaves, arrives, points), cost
        curve, leaves, arrives, points = best
        used[start, leaves] = used.get((start, leaves), 0) + 1
        used[end, arrives] = used.get((end, arrives), 0) + 1
        drawn.append(points)
        chosen.append(curve)
    return chosen


def _anchors(box: Box) -> list[tuple[Point, Point]]:
    """(place on the edge, direction outwards). Lines of reporting use the middles, so these do not."""
    left, right, top, bottom = box.x, box.x + box.width, box.y, box.y + box.height
    across = [box.x + box.width * part for part in (0.16, 0.34, 0.66, 0.84)]
    down = [box.y + box.height * part for part in (0.28, 0.72)]
    return (
        [((right, y), (1, 0)) for y in down]
        + [((left, y), (-1, 0)) for y in down]
        + [((x, top), (0, -1)) for x in across]
        + [((x, bottom), (0, 1)) for x in across]
    )


def _candidates(start: Box, end: Box) -> list[tuple[float, Curve, int, int]]:
    """(cost without obstacles, curve, anchor of the start, anchor of the end): the likeliest ways, cheapest first."""
    found = []
    for place, ((ax, ay), (nx, ny)) in enumerate(_anchors(start)):
        for other, ((bx, by), (mx, my)) in enumerate(_anchors(end)):
            dx, dy = bx - ax, by - ay
            distance = math.hypot(dx, dy) or 1
            # A curve that leaves away from its aim, or arrives from behind, makes a detour.
            leaves, arrives = (dx * nx + dy * ny) / distance, -(dx * mx + dy * my) / distance
            cost = distance + 110 * (1 - leaves) + 110 * (1 - arrives)
            found.append((cost, place, other, (ax, ay), (nx, ny), (bx, by), (mx, my), distance))
    found.sort(key=lambda way: way[:3])
    ways = []
    for cost, place, other, (ax, ay), (nx, ny), (bx, by), (mx, my), distance in found[:24]:
        for part, last, extra in _REACHES:
            out, home = min(max(distance * part, 18), 190), min(max(distance * last, 22), 190)
            handles = (ax + nx * out, ay + ny * out), (bx + mx * home, by + my * home)
            ways.append((cost + extra, Curve(((ax, ay), *handles, (bx, by))), place, other))
    ways.sort(key=lambda way: way[0])
    return ways


def samples(curve: Curve) -> list[Point]:
    """Points on the curve at equal steps, without its ends."""
    (ax, ay), (bx, by), (cx, cy), (ex, ey) = curve.points
    points = []
    for t in _STEPS:
        s = 1 - t
        p, q, r, w = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
        points.append((p * ax + q * bx + r * cx + w * ex, p * ay + q * by + r * cy + w * ey))
    return points


def _hidden(points: Sequence[Point], others: Sequence[Box], ends: Sequence[Box]) -> float:
    """What it costs that parts of the curve lie behind cards; behind its own two cards it is lost most."""
    cost = 0.0
    for x, y in points:
        for box in others:
            if box.x - 5 < x < box.x + box.width + 5 and box.y - 5 < y < box.y + box.height + 5:
                cost += 130
        for box in ends:
            if box.x + 1 < x < box.x + box.width - 1 and box.y + 1 < y < box.y + box.height - 1:
                cost += 400
    return cost


def hides_behind(curve: Curve, others: Iterable[Box]) -> bool:
    """Whether a reader loses sight of the curve behind one of the cards."""
    points = samples(curve)
    return any(
        box.x < x < box.x + box.width and box.y < y < box.y + box.height
        for box in others
        for x, y in points
    )


def _close(points: Sequence[Point], drawn: Sequence[Sequence[Point]]) -> float:
    """What it costs to run along curves that are drawn already."""
    near = sum(
        1
        for other in drawn
        for (x, y), (ox, oy) in zip(points, other, strict=True)
        if abs(x - ox) + abs(y - oy) < 14
    )
    return 45.0 * near


def _along(points: Sequence[Point], lines: Sequence[Sequence[Point]]) -> float:
    """What it costs to run in a line of reporting instead of across it."""
    cost = 0.0
    left, right = min(x for x, _y in points) - 4, max(x for x, _y in points) + 4
    top, bottom = min(y for _x, y in points) - 4, max(y for _x, y in points) + 4
    for (ax, ay), (bx, by) in lines:
        if max(ax, bx) < left or min(ax, bx) > right or max(ay, by) < top or min(ay, by) > bottom:
            continue
        near = sum(
            1
            for x, y in points
            if min(ax, bx) - 4 < x < max(ax, bx) + 4 and min(ay, by) - 4 < y < max(ay, by) + 4
        )
        cost += 35 * max(0, near - 1)
    return cost


def _at(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")

"""Where the cards of a decision map stand and where its lines run.

The lines of reporting form trees, apart from mistakes (people who report to each other in a circle).
Graphviz' dot places a tree level by level. What would make a sheet endlessly wide is folded first: many
people without reports of their own, under one superior, stand in columns below him, as on printed
organisation charts. Several foldings, from top to bottom and from left to right, are estimated, and the
one that fits best on a screen or a sheet of paper is laid out. People of whom no line of reporting is
known stand in rows of their own below.

A layout depends on who reports to whom and on the size of a card only; it is kept in the cache under
exactly that.
"""

import hashlib
import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.cache import cache

from dossiers.map_curves import Box, curves, hides_behind, samples

CARD_WIDTH = 196
MARGIN = 18
BESIDE = 36  # between cards of one level
BELOW = 46  # between a superior and his people
STACKED = 16  # between the cards of a column
RAIL = 16  # from the line down a column to its cards
LOOSE_TITLE = 30
# What a map should fit into: the screen beside the navigation, where it may rather be high than wide,
# and an upright sheet on which it is still legible.
SCREEN = (1160, 1010)
PAPER = (690, 860)
KEPT_FOR = 7 * 24 * 60 * 60
VERSION = "4"

# The Graphviz library is one per process and does not bear two threads at once.
_graphviz = threading.Lock()


@dataclass(frozen=True)
class Shape:
    """All that a layout depends on. people: (key, key of the superior or None); influences: pairs of keys."""

    people: tuple[tuple[int, int | None], ...]
    influences: tuple[tuple[int, int], ...]
    height: int
    room: tuple[int, int] = SCREEN


@dataclass
class Plan:
    """Places in pixels; lines as SVG path data; influences as (curve, arrow head, whether it passes behind
    cards), in the order of the shape."""

    width: int = 0
    height: int = 0
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    reporting: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    in_circles: tuple[tuple[int, ...], ...] = ()
    influences: tuple[tuple[str, str, bool], ...] = ()
    loose_at: tuple[int, int] | None = None


def laid_out(shape: Shape) -> Plan:
    """The layout, from the cache where the same shape was laid out before."""
    key = "decision-map:" + hashlib.sha256(f"{VERSION} {shape!r}".encode()).hexdigest()
    plan = cache.get(key)
    if plan is None:
        plan = lay_out(shape)
        cache.set(key, plan, KEPT_FOR)
    return plan


def lay_out(shape: Shape) -> Plan:
    if not shape.people:
        return Plan()
    superiors, circles, closing = _without_circles(shape.people)
    forest = _Forest(superiors)
    folding = min(_foldings(shape.height), key=lambda folding: folding.misfit(forest, shape.room))
    placed, paths = _placed_trees(forest, folding, shape.room[0])
    loose_at = None
    if forest.loose:
        loose_at = _place_loose(forest.loose, placed, shape.height, shape.room[0])
    return _finished(shape, placed, paths, circles, closing, loose_at)


# ── Who belongs under whom ───────────────────────────────────────────────────────────────────


def _without_circles(people: Iterable[tuple[int, int | None]]):
    """Superiors with each circle cut open above its first member; the circles; the lines cut."""
    superiors = dict(people)
    circles, closing, settled = [], [], set()
    for start in list(superiors):
        way, here = [], start
        while here is not None and here not in settled and here not in way:
            way.append(here)
            here = superiors[here]
        if here is not None and here in way:
            circle = way[way.index(here) :]
            first = next(key for key in superiors if key in circle)
            circle = circle[circle.index(first) :] + circle[: circle.index(first)]
            circles.append(tuple(circle))
            closing.append((superiors[first], first))
            superiors[first] = None
        settled.update(way)
    return superiors, tuple(circles), tuple(closing)


class _Forest:
    """Children in the order in which people were given; `loose` are those with nobody above or below."""

    def __init__(self, superiors: dict[int, int | None]):
        self.children: dict[int, list[int]] = {key: [] for key in superiors}
        for key, superior in superiors.items():
            if superior is not None:
                self.children[superior].append(key)
        tops = [key for key, superior in superiors.items() if superior is None]
        self.roots = [key for key in tops if self.children[key]]
        self.loose = [key for key in tops if not self.children[key]]

    def split(self, key: int, row: int) -> tuple[list[int], list[int]]:
        """(children with a place in the row below, children folded into columns)."""
        below = self.children[key]
        leaves = [child for child in below if not self.children[child]]
        if len(leaves) <= row:
            return below, []
        return [child for child in below if self.children[child]], leaves


@dataclass(frozen=True)
class _Folding:
    """A way to lay out: `row` leaves may stand side by side; `sideways` runs from left to right."""

    row: int
    flatness: float
    sideways: bool
    card: int  # across the direction in which the tree grows
    depth: int  # along it

    def columns(self, leaves: int) -> int:
        return max(1, min(leaves, round(math.sqrt(leaves * self.flatness))))

    def across_block(self, leaves: int) -> int:
        columns = self.columns(leaves)
        return columns * (self.card + RAIL) + (columns - 1) * (BESIDE - RAIL)

    def misfit(self, forest: _Forest, room: tuple[int, int]) -> float:
        """How far from fitting into the room: below 1 it fits. An estimate; the real sheet is a little smaller."""
        width = height = 0.0
        for root in forest.roots:
            across, along = self._extent(forest, root)
            wide, high = (along, across) if self.sideways else (across, along)
            # Trees that stand side by side when there is room, below each other when there is none.
            if width + wide <= room[0]:
                width, height = width + wide + BESIDE, max(height, high)
            else:
                width, height = max(width, wide), height + high + BELOW
        # People read from above to below; a sheet that is too wide is worse than one that is too high.
        return max(width / room[0], height / room[1], 0.6) * (1.12 if self.sideways else 1)

    def _extent(self, forest: _Forest, key: int) -> tuple[float, float]:
        beside, folded = forest.split(key, self.row)
        extents = [self._extent(forest, child) for child in beside]
        if folded:
            rows = math.ceil(len(folded) / self.columns(len(folded)))
            extents.append((self.across_block(len(folded)), rows * (self.depth + STACKED)))
        if not extents:
            return self.card, self.depth
        across = sum(extent[0] for extent in extents) + BESIDE * (len(extents) - 1)
        return max(self.card, across), self.depth + BELOW + max(extent[1] for extent in extents)


def _foldings(height: int) -> list[_Folding]:
    upright = [
        _Folding(row, flatness, sideways=False, card=CARD_WIDTH, depth=height)
        for row, flatness in (
            (99, 1),
            (5, 0.9),
            (4, 0.6),
            (3, 0.8),
            (2, 0.8),
            (2, 0.3),
            (1, 0.8),
            (1, 0.3),
            (1, 0.02),
        )
    ]
    sideways = [
        _Folding(row, flatness, sideways=True, card=height, depth=CARD_WIDTH)
        for row, flatness in ((6, 3), (3, 3), (2, 2), (1, 1), (1, 0.3))
    ]
    return upright + sideways


# ── Placing ──────────────────────────────────────────────────────────────────────────────────


def _placed_trees(
    forest: _Forest, folding: _Folding, room: float
) -> tuple[dict[int, Box], list[list[tuple[float, float]]]]:
    """Boxes of the cards of all trees, and the polylines of the lines of reporting."""
    if not forest.roots:
        return {}, []
    rows: dict[str, tuple[int, ...]] = {}  # node of the graph → the cards that stand in it
    nodes: dict[str, tuple[float, float]] = {}
    edges: list[tuple[str, str, int]] = []
    parts: dict[int, tuple[list[int], list[str]]] = {}

    def grow(key: int) -> None:
        beside, folded = forest.split(key, folding.row)
        has_people = bool(beside or folded)
        # Room below a superior belongs to his node, so that every level with superiors is wider.
        nodes[f"c{key}"] = (folding.card, folding.depth + (BELOW - STACKED if has_people else 0))
        rows[f"c{key}"] = (key,)
        for child in beside:
            grow(child)
            edges.append((f"c{key}", f"c{child}", 1))
        above, names = f"c{key}", []
        if folded:
            columns = folding.columns(len(folded))
            for row in range(math.ceil(len(folded) / columns)):
                name = f"r{key}-{row}"
                nodes[name] = (folding.across_block(len(folded)), folding.depth)
                rows[name] = tuple(folded[row * columns : (row + 1) * columns])
                edges.append((above, name, 1 if row == 0 else 50))
                above = name
                names.append(name)
        parts[key] = (beside, names)

    for root in forest.roots:
        grow(root)
    centres = _dot(nodes, edges)
    boxes, levels = _boxes(nodes, rows, centres, folding)
    for root in forest.roots:
        _straighten(forest, root, parts, boxes)
    lines = _reporting(parts, rows, boxes, levels, folding)
    if folding.sideways:
        boxes = {key: Box(box.y, box.x, box.height, box.width) for key, box in boxes.items()}
        lines = {key: [[(y, x) for x, y in line] for line in drawn] for key, drawn in lines.items()}
    return _on_shelves(forest, boxes, lines, room)


def _dot(
    nodes: dict[str, tuple[float, float]], edges: list[tuple[str, str, int]]
) -> dict[str, tuple[float, float]]:
    """Centre of each node in pixels, y downwards, as Graphviz' dot places them."""
    import pygraphviz  # only who draws a map loads Graphviz

    with _graphviz:
        graph = pygraphviz.AGraph(directed=True)
        graph.graph_attr.update(nodesep=BESIDE / 72, ranksep=STACKED / 72, splines="false")
        graph.node_attr.update(shape="box", fixedsize="true", label="", margin=0)
        for name, (across, along) in nodes.items():
            graph.add_node(name, width=across / 72, height=along / 72)
        for above, below, weight in edges:
            graph.add_edge(above, below, weight=weight, arrowhead="none")
        graph.layout(prog="dot")
        centres = {
            name: tuple(map(float, graph.get_node(name).attr["pos"].split(","))) for name in nodes
        }
        graph.close()
    return {name: (x, -y) for name, (x, y) in centres.items()}


def _boxes(nodes, rows, centres, folding: _Folding) -> tuple[dict[int, Box], dict[int, int]]:
    """The card's box for each person, and the level on which it stands; cards of a level share their upper edge."""
    boxes, levels = {}, {}
    heights = sorted({round(y) for _x, y in centres.values()})
    level_of: dict[int, int] = {}
    for y in heights:  # centres of one level differ by rounding only
        level_of[y] = level_of.get(y - 1, len(set(level_of.values())))
    tallest: dict[int, float] = {}
    for name, (_x, y) in centres.items():
        level = level_of[round(y)]
        tallest[level] = max(tallest.get(level, 0), nodes[name][1])
    for name, (x, y) in centres.items():
        level = level_of[round(y)]
        top = y - tallest[level] / 2
        left = x - nodes[name][0] / 2
        for place, key in enumerate(rows[name]):
            indent = RAIL + place * (folding.card + BESIDE) if name.startswith("r") else 0
            boxes[key] = Box(left + indent, top, folding.card, folding.depth)
            levels[key] = level
    return boxes, levels


def _straighten(forest: _Forest, key: int, parts, boxes: dict[int, Box]) -> None:
    """Who stands almost below his superior is put exactly there, with all his people: no tiny corners."""
    for child in parts[key][0]:
        aside = boxes[key].x - boxes[child].x
        if 0 < abs(aside) <= BESIDE / 3:
            for member in _members(forest, child):
                box = boxes[member]
                boxes[member] = Box(box.x + aside, box.y, box.width, box.height)
        _straighten(forest, child, parts, boxes)


def _reporting(parts, rows, boxes, levels, folding) -> dict[int, list[list[tuple[float, float]]]]:
    """For each superior the square lines down to his people, as polylines."""
    lanes: dict[int, list[float]] = {}
    drawn: dict[int, list[list[tuple[float, float]]]] = {}
    in_order = sorted(
        (key for key, part in parts.items() if any(part)),
        key=lambda key: (levels[key], boxes[key].x),
    )
    for key in in_order:
        beside, names = parts[key]
        card = boxes[key]
        middle = card.x + card.width / 2
        ends = [boxes[child].x + boxes[child].width / 2 for child in beside]
        columns = len(rows[names[0]]) if names else 0
        rails = [boxes[rows[names[0]][column]].x - RAIL for column in range(columns)]
        reach = (min([middle, *ends, *rails]), max([middle, *ends, *rails]))
        # Two superiors of one level whose lines overlap run in lanes of their own.
        taken = lanes.setdefault(levels[key], [])
        lane = next((place for place, end in enumerate(taken) if end + 8 < reach[0]), len(taken))
        taken[lane : lane + 1] = [reach[1]]
        bus = (
            card.y
            + card.height
            + (BELOW / 2 + 3 if lane == 0 else max(8, BELOW / 2 + 3 - 8 * lane))
        )
        lines = [[(middle, card.y + card.height), (middle, bus)]]
        if reach[0] != reach[1]:
            lines.append([(reach[0], bus), (reach[1], bus)])
        lines += [
            [(end, bus), (end, boxes[child].y)] for child, end in zip(beside, ends, strict=True)
        ]
        for column, rail in enumerate(rails):
            people = [rows[name][column] for name in names if column < len(rows[name])]
            middles = [boxes[child].y + boxes[child].height / 2 for child in people]
            lines.append([(rail, bus), (rail, middles[-1])])
            lines += [[(rail, y), (rail + RAIL, y)] for y in middles]
        drawn[key] = lines
    return drawn


def _on_shelves(forest: _Forest, boxes, lines, room: float):
    """The trees beside and below each other, so that the sheet is not one endless row."""
    placed: dict[int, Box] = {}
    paths: list[list[tuple[float, float]]] = []
    trees = sorted((_members(forest, root) for root in forest.roots), key=len, reverse=True)
    bounds = [_bounds([boxes[key] for key in tree]) for tree in trees]
    room = max([room, *(right - left for left, _top, right, _bottom in bounds)])
    x = y = shelf = 0.0
    for tree, (left, top, right, bottom) in zip(trees, bounds, strict=True):
        if x and x + right - left > room:
            x, y, shelf = 0.0, y + shelf + BELOW, 0.0
        dx, dy = x - left, y - top
        for key in tree:
            box = boxes[key]
            placed[key] = Box(box.x + dx, box.y + dy, box.width, box.height)
            paths += [[(px + dx, py + dy) for px, py in line] for line in lines.get(key, ())]
        x += right - left + BESIDE + 10
        shelf = max(shelf, bottom - top)
    return placed, paths


def _members(forest: _Forest, root: int) -> list[int]:
    members = [root]
    for key in members:
        members += forest.children[key]
    return members


def _bounds(boxes: Iterable[Box]) -> tuple[float, float, float, float]:
    boxes = list(boxes)
    return (
        min(box.x for box in boxes),
        min(box.y for box in boxes),
        max(box.x + box.width for box in boxes),
        max(box.y + box.height for box in boxes),
    )


def _place_loose(
    loose: list[int], placed: dict[int, Box], height: int, room: float
) -> tuple[int, int]:
    """Rows of those without a line of reporting, below the trees; where their heading begins."""
    top = 0.0
    step = (
        CARD_WIDTH + BESIDE + 8
    )  # room for lines of influence between cards that touch nothing else
    if placed:
        _left, _top, right, bottom = _bounds(placed.values())
        top = bottom + BELOW
        columns = int((max(right, min(room, 4 * step)) + BESIDE) // step)
    else:
        columns = max(min(len(loose), 4), math.ceil(math.sqrt(len(loose) * 0.8)))
        columns = min(columns, int((max(room, 4 * step) if len(loose) > 9 else room) // step) or 1)
    columns = max(1, min(columns, len(loose)))
    for place, key in enumerate(loose):
        row, column = divmod(place, columns)
        placed[key] = Box(
            column * step, top + LOOSE_TITLE + row * (height + BESIDE + 6), CARD_WIDTH, height
        )
    return 0, round(top + 14)


# ── On the sheet ─────────────────────────────────────────────────────────────────────────────


def _finished(shape: Shape, placed, paths, circles, closing, loose_at) -> Plan:
    drawn = curves(placed, [*shape.influences, *closing], paths)
    left, top, right, bottom = _bounds(placed.values())
    if loose_at is not None:
        top = min(top, loose_at[1] - 14)
    for curve in drawn:
        xs, ys = zip(*samples(curve), strict=True)
        left, right = min(left, *xs), max(right, *xs)
        top, bottom = min(top, *ys), max(bottom, *ys)
    dx, dy = MARGIN - left, MARGIN - top
    count = len(shape.influences)
    return Plan(
        width=round(right - left + 2 * MARGIN),
        height=round(bottom - top + 2 * MARGIN),
        places={key: (round(box.x + dx), round(box.y + dy)) for key, box in placed.items()},
        reporting=tuple(
            "M" + "L".join(f"{_half(x + dx)} {_half(y + dy)}" for x, y in line) for line in paths
        ),
        circles=tuple(f"{curve.path(dx, dy)}{curve.head(dx, dy)}" for curve in drawn[count:]),
        in_circles=circles,
        influences=tuple(
            (
                curve.path(dx, dy),
                curve.head(dx, dy),
                hides_behind(curve, [box for key, box in placed.items() if key not in pair]),
            )
            for curve, pair in zip(drawn, shape.influences, strict=False)
        ),
        loose_at=(round(loose_at[0] + dx), round(loose_at[1] + dy)) if loose_at else None,
    )


def _half(place: float) -> str:
    """On the middle of a pixel, where a line of one and a half pixels is sharp."""
    return f"{math.floor(place) + 0.5:g}"

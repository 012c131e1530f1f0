"""The loyalty journey matrix: how loyal each stakeholder is, how near to signing, and where he stood before.

`draw` turns stakeholders into places on a sheet; a template draws them, the same for page and PDF. Both
judgements have five steps, so the matrix has 25 cells and whoever stands in a cell gets a row of his own in
it: dots and names cannot collide, and a crowded cell makes its row or column larger. Where somebody stood
before is a small ring in that cell, joined to his dot by a line.
"""

import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dossiers.lettering import sheet_for, width, wrap
from dossiers.models import Dossier, Loyalty, Readiness, Stakeholder, Stance

TOP, RIGHT = 14, 12
MARGIN_TEXT = 92  # width of the words beside the lines
AXIS = 22  # for the name of an axis
CELL_WIDTHS, CELL_HEIGHT = (112, 172), 92  # as wide as the longest name needs, within limits
LINE = 21  # height of a row within a cell
ROWS = 7  # that many below each other, then a second column
PAD = 10
GUTTER = 16  # left of the dots, where the lines of those who moved run
LABEL, STEP = 11.5, 11
RINGS = 14  # height of the strip in which earlier places are marked
EARLIER = 4  # places before the present one that are drawn
PAPERS = (
    "#f6f1ea",
    "#f6f1ea",
    "#f6f1ea",
    "#fdfcfa",
    "#fdfcfa",
    "#f1f7f5",
    "#e8f2f0",
    "#deedea",
    "#d3e7e4",
)
DOTS = {1: "#a1271d", 2: "#d09a3a", 3: "#8a8577", 4: "#5fa3a8", 5: "#0e5a66"}


@dataclass(frozen=True)
class Stop:
    """Where a stakeholder stood from a day on."""

    loyalty: int
    readiness: int
    since: datetime.date


@dataclass(frozen=True)
class Cell:
    """`warmth` is 0 (against us, sees no need) to 8 (with us, ready to sign)."""

    x: int
    y: int
    width: int
    height: int
    warmth: int

    @property
    def paper(self) -> str:
        """The colour of the cell in print, warmer towards the signature."""
        return PAPERS[self.warmth]


@dataclass(frozen=True)
class Dot:
    """A stakeholder in his cell. `step` is the stance, 1 to 5; `influence` 0 to 10 gives the radius."""

    pk: int
    x: int
    y: int
    radius: str
    step: int
    label: str
    label_x: int
    label_y: int
    label_width: int
    warmth: int
    is_placeholder: bool
    says: str

    @property
    def href(self) -> str:
        return f"#stakeholder-{self.pk}"

    @property
    def paint(self) -> str:
        return DOTS[self.step]

    @property
    def paper(self) -> str:
        return PAPERS[self.warmth]


@dataclass(frozen=True)
class Way:
    """The way of one stakeholder: a line through his earlier places; `rings` are those places."""

    pk: int
    step: int
    path: str
    rings: tuple[tuple[int, int], ...]
    says: str

    @property
    def paint(self) -> str:
        return DOTS[self.step]


@dataclass(frozen=True)
class Label:
    x: int
    y: int
    says: str


@dataclass(frozen=True)
class Row:
    """What the table beside the drawing says of one stakeholder."""

    pk: int
    name: str
    loyalty: str
    readiness: str
    influence: int
    stance: str
    before: str


@dataclass(frozen=True)
class Matrix:
    """Everything in pixels at full size. Readiness grows to the right, loyalty upwards; `middle` of the cells."""

    width: int
    height: int
    title: str
    description: str
    cells: tuple[Cell, ...]
    middle: tuple[int, int]
    columns: tuple[Label, ...]
    lines: tuple[Label, ...]
    ways: tuple[Way, ...]
    dots: tuple[Dot, ...]
    rows: tuple[Row, ...]

    @property
    def is_empty(self) -> bool:
        return not self.dots

    @property
    def sheet(self) -> str:
        """The sheet of paper on which it is printed."""
        return sheet_for(self.width, self.height)

    @property
    def stances(self) -> list[tuple[int, str, str]]:
        """What the legend explains: (step, word, colour in print)."""
        return [(stance + 3, label, DOTS[stance + 3]) for stance, label in Stance.choices]


def trail(dossier: Dossier, *, until: datetime.datetime | None = None) -> dict[int, list[Stop]]:
    """Where each stakeholder of the dossier stood, from the change history: {key: stops, oldest first}.

    One query. The last stop is the present place, or that of the moment `until`. A stop's day is that on
    which it was judged.
    """
    so_far = {} if until is None else {"pgh_created_at__lte": until}
    events = (
        Stakeholder.pgh_event_model.objects.filter(dossier_id=dossier.pk, **so_far)
        .exclude(pgh_label="delete")
        .order_by("version", "pgh_id")
        .values_list("pgh_obj_id", "loyalty", "readiness", "confirmed_on")
    )
    stops: dict[int, list[Stop]] = defaultdict(list)
    for key, loyalty, readiness, since in events:
        of_person = stops[key]
        if not of_person or (of_person[-1].loyalty, of_person[-1].readiness) != (
            loyalty,
            readiness,
        ):
            of_person.append(Stop(loyalty, readiness, since))
    return dict(stops)


def draw(
    stakeholders: Iterable[Stakeholder],
    trail: Mapping[int, Sequence[Stop]],
    *,
    widest: int = CELL_WIDTHS[1],
) -> Matrix:
    """The matrix of one dossier; without stakeholders it has no dots.

    `trail` as the function of that name gives it. `widest`: how wide a cell may become for a long name.
    """
    people = sorted(stakeholders, key=lambda person: (-person.influence, person.pk))
    earlier = {person.pk: _earlier(person, trail.get(person.pk, ())) for person in people}
    crowd: dict[tuple[int, int], list[Stakeholder]] = defaultdict(list)
    rings: dict[tuple[int, int], int] = defaultdict(int)
    for person in people:
        crowd[person.readiness, person.loyalty].append(person)
        for stop in earlier[person.pk]:
            rings[stop.readiness, stop.loyalty] += 1
    grid = _Grid(crowd, rings, widest)
    dots = [
        dot
        for place, here in crowd.items()
        for dot in _dots(here, grid.cells[place], grid.rings[place], grid.cell_width)
    ]
    at = {dot.pk: dot for dot in dots}
    return Matrix(
        width=grid.width,
        height=grid.height,
        title=_("Loyalty journey matrix"),
        description=_describe(people),
        cells=tuple(grid.cells.values()),
        middle=((grid.left + grid.width - RIGHT) // 2, (TOP + grid.bottom) // 2),
        columns=tuple(
            Label(cell.x + cell.width // 2, grid.bottom + 16 + 13 * line, says)
            for readiness in Readiness.values
            for cell in [grid.cells[readiness, 0]]
            for line, says in enumerate(_label(Readiness(readiness).label, cell.width - 8))
        ),
        lines=tuple(
            Label(
                grid.left - 8,
                cell.y + cell.height // 2 + round(4 + 13 * (line - (len(says_all) - 1) / 2)),
                says,
            )
            for loyalty in Loyalty.values
            for cell in [grid.cells[0, loyalty]]
            for says_all in [_label(Loyalty(loyalty).label, MARGIN_TEXT)]
            for line, says in enumerate(says_all)
        ),
        ways=tuple(_ways(people, earlier, at, grid.cells)),
        dots=tuple(dots),
        rows=tuple(_row(person, earlier[person.pk]) for person in people),
    )


class _Grid:
    """The 25 cells by (readiness, loyalty), each column and line as large as its fullest cell asks."""

    def __init__(self, crowd: Mapping, rings: Mapping, widest: int):
        folds = {place: math.ceil(len(people) / ROWS) for place, people in crowd.items()}
        lengths = {place: math.ceil(len(people) / folds[place]) for place, people in crowd.items()}
        self.rings = {
            (readiness, loyalty): RINGS if rings.get((readiness, loyalty)) else 0
            for readiness in Readiness.values
            for loyalty in Loyalty.values
        }
        needed = [
            GUTTER + 36 + width(_short(person), LABEL)
            for people in crowd.values()
            for person in people
        ]
        self.cell_width = round(min(max([CELL_WIDTHS[0], *needed]), widest))
        widths = [
            max(1, *(folds.get((readiness, loyalty), 1) for loyalty in Loyalty.values))
            * self.cell_width
            for readiness in Readiness.values
        ]
        heights = {
            loyalty: max(
                CELL_HEIGHT,
                *(
                    lengths.get((readiness, loyalty), 0) * LINE
                    + self.rings[readiness, loyalty]
                    + 2 * PAD
                    for readiness in Readiness.values
                ),
            )
            for loyalty in Loyalty.values
        }
        self.cells: dict[tuple[int, int], Cell] = {}
        words = [
            width(says, STEP) for loyalty in Loyalty for says in _label(loyalty.label, MARGIN_TEXT)
        ]
        self.left = AXIS + round(max(words)) + 8
        y = TOP
        for loyalty in reversed(Loyalty.values):
            x = self.left
            for readiness in Readiness.values:
                warmth = readiness + loyalty + 2
                self.cells[readiness, loyalty] = Cell(
                    x, y, widths[readiness], heights[loyalty], warmth
                )
                x += widths[readiness]
            y += heights[loyalty]
        lines = max(len(_label(step.label, widths[step] - 8)) for step in Readiness)
        self.bottom = y
        self.width = self.left + sum(widths) + RIGHT
        self.height = y + 13 * lines + 8 + AXIS


def _label(says: object, room: float) -> tuple[str, ...]:
    return wrap(str(says), into=room, size=STEP, lines=3)


def _earlier(person: Stakeholder, stops: Sequence[Stop]) -> list[Stop]:
    """The places before the present one, oldest first."""
    past = list(stops)
    if past and (past[-1].loyalty, past[-1].readiness) == (person.loyalty, person.readiness):
        past.pop()
    return past[-EARLIER:]


def _dots(people: Sequence[Stakeholder], cell: Cell, strip: int, across: int) -> list[Dot]:
    """One dot and name below the other, the weightiest first, in the middle of the cell above the strip of rings."""
    folds = math.ceil(len(people) / ROWS)
    length = math.ceil(len(people) / folds)
    top = cell.y + (cell.height - strip - length * LINE) / 2
    dots = []
    for place, person in enumerate(people):
        fold, line = divmod(place, length)
        x = round(cell.x + GUTTER + 12 + fold * across)
        y = round(top + LINE * (line + 0.5))
        [label] = wrap(_short(person), into=across - GUTTER - 34, size=LABEL, lines=1)
        dots.append(
            Dot(
                pk=person.pk,
                x=x,
                y=y,
                radius=f"{max(2.6 + 2 * math.sqrt(person.influence), 5 if person.is_placeholder else 0):.1f}",
                step=person.stance + 3,
                label=label,
                label_x=x + 14,
                label_y=y + 4,
                label_width=round(width(label, LABEL)) + 4,
                warmth=cell.warmth,
                is_placeholder=person.is_placeholder,
                says=_says(person),
            )
        )
    return dots


def _short(person: Stakeholder) -> str:
    """ "Andrzej Mróz" is "A. Mróz" in the matrix; of somebody not identified only the position is known."""
    if person.is_placeholder:
        return person.position or _("Not identified")
    words = person.name.split()
    if len(words) == 1:
        return words[0]
    return f"{words[0][0]}. {words[-1]}"


def _says(person: Stakeholder) -> str:
    return "; ".join(
        [
            str(person),
            _("loyalty %(step)s") % {"step": Loyalty(person.loyalty).label},
            _("readiness %(step)s") % {"step": Readiness(person.readiness).label},
            _("influence %(n)d of 10") % {"n": person.influence},
            str(Stance(person.stance).label),
        ]
    )


def _ways(people, earlier, at: Mapping[int, Dot], cells: Mapping) -> Iterable[Way]:
    taken: dict[tuple[int, int], int] = defaultdict(int)
    for person in people:
        stops = earlier[person.pk]
        if not stops:
            continue
        dot = at[person.pk]
        rings = []
        for stop in stops:
            place = stop.readiness, stop.loyalty
            cell = cells[place]
            rings.append(
                (
                    min(cell.x + 9 + 13 * taken[place], cell.x + cell.width - 8),
                    cell.y + cell.height - 9,
                )
            )
            taken[place] += 1
        yield Way(
            pk=person.pk,
            step=person.stance + 3,
            path=_curve([*rings, (dot.x, dot.y)]),
            rings=tuple(rings),
            says=f"{person}: {_before(stops)}",
        )


def _curve(points: Sequence[tuple[int, int]]) -> str:
    """A line through the points, gently bent to the left or upwards: away from the names."""
    path = f"M{points[0][0]} {points[0][1]}"
    for (ax, ay), (bx, by) in pairwise(points):
        cx, cy = (ax + bx) / 2 - abs(by - ay) * 0.06, (ay + by) / 2 - abs(bx - ax) * 0.08
        path += f"Q{cx:.0f} {cy:.0f} {bx} {by}"
    return path


def _before(stops: Sequence[Stop]) -> str:
    return ", ".join(
        _("%(loyalty)+d / %(readiness)d since %(day)s")
        % {
            "loyalty": stop.loyalty,
            "readiness": stop.readiness,
            "day": date_format(stop.since, "SHORT_DATE_FORMAT"),
        }
        for stop in stops
    ).replace("-", "−")


def _row(person: Stakeholder, stops: Sequence[Stop]) -> Row:
    return Row(
        pk=person.pk,
        name=str(person),
        loyalty=str(Loyalty(person.loyalty).label),
        readiness=str(Readiness(person.readiness).label),
        influence=person.influence,
        stance=str(Stance(person.stance).label),
        before=_before(stops),
    )


def _describe(people: Sequence[Stakeholder]) -> str:
    count = ngettext("%(n)d stakeholder", "%(n)d stakeholders", len(people)) % {"n": len(people)}
    won = sum(person.loyalty > 0 and person.readiness >= Readiness.PREFERS for person in people)
    return _("%(count)s; loyal to us and near to signing: %(won)d") % {"count": count, "won": won}

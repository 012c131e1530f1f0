"""White space: our product lines × the client's business units, who has each cell and what it is worth a year.

Amounts of different currencies are never added: each figure belongs to one currency. A cell whose worth
nobody has said counts in no figure, and the page says how many there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.forms import ModelForm, TextInput
from django.utils.html import format_html, format_html_join

from accounts.models import User
from accounts.sorting import sort_key
from dossiers.models import Competitor, Dossier, Ground, OrgUnit, WhiteSpace
from dossiers.showing import Entry

# So many units of the client fit beside each other; with more, those that have a cell are shown.
COLUMNS = 6
ON_PAPER = 5
OFFERED = 200
ICONS = {
    Ground.OURS: "circle-check",
    Ground.COMPETITOR: "swords",
    Ground.IN_HOUSE: "home",
    Ground.OPEN: "circle-dashed",
}


@dataclass(slots=True)
class Worth:
    """What cells come to in one currency, by whose they are: {"open": …, "ours": …}."""

    currency: str
    by_ground: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def whole(self) -> Decimal:
        return sum(self.by_ground.values(), Decimal(0))

    @property
    def open(self) -> Decimal:
        return self.by_ground.get(Ground.OPEN, Decimal(0))

    @property
    def ours(self) -> Decimal:
        return self.by_ground.get(Ground.OURS, Decimal(0))

    @property
    def share_ours(self) -> Decimal | None:
        """Our part of the worth of all cells, a part of 1."""
        return self.ours / self.whole if self.whole else None


def worths(cells: Iterable[WhiteSpace]) -> list[Worth]:
    """Per currency, in the order of how many cells are written in it; cells without a worth count nothing."""
    found: dict[str, Worth] = {}
    used: Counter[str] = Counter()
    for cell in cells:
        if cell.worth is None:
            continue
        used[cell.currency] += 1
        worth = found.setdefault(cell.currency, Worth(cell.currency))
        worth.by_ground[cell.ground] += cell.worth
    return sorted(found.values(), key=lambda worth: (-used[worth.currency], worth.currency))


def open_worth(cells: Iterable[WhiteSpace]) -> list[tuple[str, Decimal]]:
    """Per currency, what stands open a year; currencies in which nothing does are left out."""
    return [(worth.currency, worth.open) for worth in worths(cells) if worth.open]


# ── The grid ─────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Cell:
    """What stands where a line and a unit meet; `add` says how to write it, where nobody has."""

    entry: Entry | None
    line: str
    unit: str
    icon: str = ""
    add: str = ""


@dataclass(slots=True)
class Line:
    name: str
    cells: list[Cell]
    worths: list[Worth]
    add: str


@dataclass(slots=True)
class Column:
    unit: OrgUnit
    worths: list[Worth]


@dataclass(slots=True)
class State:
    """All cells of one ground: how many, and their worth by currency."""

    ground: str
    label: str
    icon: str
    number: int
    amounts: list[tuple[str, Decimal]]


@dataclass(slots=True)
class Sheet:
    """As many units as paper has room for; the last sheet has the sums of the lines."""

    columns: list[Column]
    rows: list[tuple[Line, list[Cell]]]
    is_last: bool


@dataclass(slots=True)
class Grid:
    columns: list[Column]
    lines: list[Line]
    worths: list[Worth]
    states: list[State]
    left_out: list[str]
    unvalued: int

    @property
    def open_worth(self) -> list[tuple[str, Decimal]]:
        return [(worth.currency, worth.open) for worth in self.worths if worth.open]

    @property
    def sheets(self) -> list[Sheet]:
        return [
            Sheet(
                self.columns[first : first + ON_PAPER],
                [(line, line.cells[first : first + ON_PAPER]) for line in self.lines],
                first + ON_PAPER >= len(self.columns),
            )
            for first in range(0, len(self.columns), ON_PAPER)
        ]


def grid(entries: Sequence[Entry], units: Sequence[OrgUnit]) -> Grid:
    """Lines and units in the order of what stands open in them, most first."""
    cells = [entry.record for entry in entries]
    whole = worths(cells)
    order = [worth.currency for worth in whole]
    in_line: dict[str, list[WhiteSpace]] = defaultdict(list)
    in_unit: dict[int, list[WhiteSpace]] = defaultdict(list)
    for cell in cells:
        in_line[cell.product_line].append(cell)
        in_unit[cell.unit_id].append(cell)
    shown = [unit for unit in units if len(units) <= COLUMNS or unit.pk in in_unit]
    columns = [Column(unit, worths(in_unit[unit.pk])) for unit in shown]
    columns.sort(key=lambda column: (_rank(column.worths, order), sort_key(column.unit.name)))
    by_place = {(entry.record.product_line, entry.record.unit_id): entry for entry in entries}
    lines = [
        Line(
            name,
            [_cell(by_place.get((name, column.unit.pk)), name, column.unit) for column in columns],
            worths(in_line[name]),
            urlencode({"product_line": name, "field": "unit"}),
        )
        for name in in_line
    ]
    lines.sort(key=lambda line: (_rank(line.worths, order), sort_key(line.name)))
    drawn = {column.unit.pk for column in columns}
    return Grid(
        columns=columns,
        lines=lines,
        worths=whole,
        states=_states(cells, whole),
        left_out=[unit.name for unit in units if unit.pk not in drawn],
        unvalued=sum(cell.worth is None for cell in cells),
    )


def _rank(worths: Sequence[Worth], order: Sequence[str]) -> tuple:
    """What stands open in the currencies of the grid, one after the other: they are compared, never added."""
    open_in = {worth.currency: worth.open for worth in worths}
    return tuple(-open_in.get(currency, Decimal(0)) for currency in order)


def _cell(entry: Entry | None, line: str, unit: OrgUnit) -> Cell:
    if entry is None:
        query = {"product_line": line, "unit": unit.pk, "field": "ground"}
        return Cell(None, line, unit.name, add=urlencode(query))
    return Cell(entry, line, unit.name, ICONS[entry.record.ground])


def _states(cells: Sequence[WhiteSpace], whole: Sequence[Worth]) -> list[State]:
    number = Counter(cell.ground for cell in cells)
    return [
        State(
            ground,
            str(Ground(ground).label),
            ICONS[ground],
            number[ground],
            [
                (worth.currency, worth.by_ground[ground])
                for worth in whole
                if worth.by_ground.get(ground)
            ],
        )
        for ground in (Ground.OPEN, Ground.COMPETITOR, Ground.IN_HOUSE, Ground.OURS)
    ]


# ── Its form ─────────────────────────────────────────────────────────────────────────────────


class OfferingInput(TextInput):
    """A line of text with a list of what one is likely to write; anything else may be written too."""

    def __init__(self, offered: Sequence[str], attrs: dict[str, Any] | None = None):
        super().__init__(attrs)
        self.offered = list(offered)

    def render(self, name, value, attrs=None, renderer=None):
        if not self.offered:
            return super().render(name, value, attrs, renderer)
        key = f"{(attrs or {}).get('id') or name}-offered"
        options = format_html_join(
            "", '<option value="{}"></option>', ((one,) for one in self.offered)
        )
        return super().render(name, value, {**(attrs or {}), "list": key}, renderer) + format_html(
            '<datalist id="{}">{}</datalist>', key, options
        )


def offer(form: ModelForm, *, dossier: Dossier, by: User) -> None:
    """Offer the product lines written in the dossiers that the person may see, and the rivals at this client."""
    used = WhiteSpace.objects.visible_to(by).order_by("product_line")
    rivals = Competitor.objects.filter(dossier=dossier).order_by("name")
    for name, offered in (
        ("product_line", used.values_list("product_line", flat=True).distinct()),
        ("held_by", rivals.values_list("name", flat=True)),
    ):
        found = form.fields[name]
        found.widget = OfferingInput(list(offered[:OFFERED]), found.widget.attrs)

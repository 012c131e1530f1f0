"""Pieces with a shape of their own: sums, trees, trends and grids, ready to be laid out.

Everything a drawing needs is text already, so that no locale puts a comma into a coordinate.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.templatetags.kam_format import day
from dossiers import comparison
from dossiers.models import Competitor, Criterion, DossierRecord, Level
from dossiers.showing import Entry

KIND_ICONS = {
    "meeting": "users",
    "call": "phone",
    "feedback": "message-report",
    "delivery": "truck-delivery",
    "contract": "file-certificate",
    "initiative": "heart-handshake",
    "complaint": "alert-triangle",
    "offer": "gift",
}


# ── Tree ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Branch:
    entry: Entry
    depth: int
    branches: list["Branch"]


def tree(entries: Sequence[Entry]) -> list[Branch]:
    """The units below the units they belong to; a unit whose parent is missing stands at the top."""
    branches = {entry.pk: Branch(entry, 0, []) for entry in entries}
    roots = []
    for entry in entries:
        above = branches.get(entry.record.parent_id)
        (above.branches if above else roots).append(branches[entry.pk])
    placed: set[int] = set()
    _deepen(roots, 0, placed)
    # The form refuses a circle; should one come from elsewhere, its units are still shown.
    roots += [Branch(entry, 0, []) for entry in entries if entry.pk not in placed]
    return roots


def _deepen(branches: Iterable[Branch], depth: int, placed: set[int]) -> None:
    for branch in branches:
        branch.depth = depth
        placed.add(branch.entry.pk)
        _deepen(branch.branches, depth + 1, placed)


# ── Money ────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Sum:
    currency: str
    amount: Decimal
    part: Decimal

    @property
    def share(self) -> Decimal | None:
        return self.part / self.amount if self.amount else None


def _sums(records: Iterable[DossierRecord], amount: str, part: str) -> list[Sum]:
    """Per currency, the sum of two figures of each record: amounts of different currencies do not add up."""
    found: dict[str, Sum] = {}
    for record in records:
        total = found.setdefault(record.currency, Sum(record.currency, Decimal(0), Decimal(0)))
        total.amount += getattr(record, amount)
        total.part += getattr(record, part)
    return sorted(found.values(), key=lambda total: -total.amount)


def opportunity(entries: Sequence[Entry]) -> list[Sum]:
    """Bars for amount and expected value as per cent of the largest amount; the sums come back."""
    largest: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        largest[entry.record.currency] = max(largest[entry.record.currency], entry.record.amount)
    for entry in entries:
        top = largest[entry.record.currency] or Decimal(1)
        entry.facts["expected"] = entry.record.expected
        entry.facts["bar"] = _percent(entry.record.amount / top)
        entry.facts["expected_bar"] = _percent(entry.record.expected / top)
    return _sums((entry.record for entry in entries), "amount", "expected")


@dataclass(slots=True)
class BudgetYear:
    year: int
    entries: list[Entry]
    sums: list[Sum]


def budget(entries: Sequence[Entry]) -> list[BudgetYear]:
    """Budget lines by year, newest first, with our share of wallet."""
    by_year: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        entry.facts["bar"] = _percent(entry.record.share_of_wallet or 0)
        by_year[entry.record.year].append(entry)
    return [
        BudgetYear(year, lines, _sums((line.record for line in lines), "amount", "with_us"))
        for year, lines in sorted(by_year.items(), reverse=True)
    ]


def _percent(part: Any) -> str:
    return f"{max(0.0, min(1.0, float(part))) * 100:.1f}"


# ── Assessments: the trend ───────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Point:
    x: str
    y: str
    score: int
    label_y: str
    says: str
    anchor: str


@dataclass(slots=True)
class Trend:
    """The score over time, placed by date on a sheet of `width` by `height`."""

    points: list[Point]
    line: str
    levels: list[tuple[str, str]]
    now: Entry
    change: int | None
    first: str
    last: str
    width: int = 480
    height: int = 132


def trend(entries: Sequence[Entry]) -> Trend | None:
    """Of assessments in their order, newest first."""
    if not entries:
        return None
    dated = sorted(entries, key=lambda entry: (entry.record.assessed_on, entry.pk))
    left, right, top, bottom, width = 26, 14, 18, 114, 480
    first, last = dated[0].record.assessed_on, dated[-1].record.assessed_on
    span = (last - first).days or 1

    def height_of(score: int) -> float:
        return bottom - (score - 1) * (bottom - top) / 4

    points = []
    for entry in dated:
        days = (entry.record.assessed_on - first).days
        x = left + days * (width - left - right) / span if len(dated) > 1 else width / 2
        y = height_of(entry.record.score)
        says = f"{day(entry.record.assessed_on)}: {entry.record.score} – {entry.cell['level'].text}"
        anchor = "start" if x < left + 12 else "end" if x > width - right - 12 else "middle"
        points.append(
            Point(f"{x:.1f}", f"{y:.1f}", entry.record.score, f"{y - 8:.1f}", says, anchor)
        )
    return Trend(
        points=points,
        line=" ".join(f"{point.x},{point.y}" for point in points),
        levels=[(f"{height_of(score):.1f}", str(score)) for score in range(1, 6)],
        now=entries[0],
        change=dated[-1].record.score - dated[-2].record.score if len(dated) > 1 else None,
        first=day(first),
        last=day(last) if last != first else "",
    )


def level_steps(now: str, wanted: str) -> list[dict[str, Any]]:
    """The five levels as steps, which one is reached and which one is wanted."""
    order = list(Level.values)
    reached = order.index(now) if now in order else -1
    return [
        {
            "label": Level(level).label,
            "reached": place <= reached,
            "now": level == now,
            "wanted": level == wanted,
        }
        for place, level in enumerate(order)
    ]


# ── Comparison ───────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Mark:
    """One cell of the grid: the score entry, or what would have to be scored."""

    entry: Entry | None
    criterion: int
    party: int | None
    party_name: str
    tone: str = ""


@dataclass(slots=True)
class GridRow:
    criterion: Criterion
    weight_share: Decimal
    marks: list[Mark]
    ahead: int | None


@dataclass(slots=True)
class Party:
    pk: int | None
    name: str
    total: comparison.Total
    is_best: bool


@dataclass(slots=True)
class Grid:
    parties: list[Party]
    rows: list[GridRow]
    leads: list[str]
    lags: list[str]
    scored: int
    wanted: int
    complete: bool


def grid(
    entries: Sequence[Entry], criteria: Sequence[Criterion], competitors: Sequence[Competitor]
) -> Grid:
    """The client's criteria against us and each competitor."""
    by_place = {(entry.record.criterion_id, entry.record.competitor_id): entry for entry in entries}
    scores = {place: entry.record.score for place, entry in by_place.items()}
    weights = {criterion.pk: criterion.weight for criterion in criteria}
    names = {comparison.US: str(_("We"))} | {
        competitor.pk: competitor.name for competitor in competitors
    }
    totals = comparison.totals(weights, scores, list(names))
    standings = comparison.standings(
        weights, scores, [party for party in names if party is not comparison.US]
    )
    best = max(
        (total.weighted for total in totals.values() if total.weighted is not None), default=None
    )
    whole = sum(weights.values()) or 1
    rows = []
    for criterion in criteria:
        standing = standings[criterion.pk]
        marks = [
            Mark(by_place.get((criterion.pk, party)), criterion.pk, party, name)
            for party, name in names.items()
        ]
        marks[0].tone = "lead" if standing.leads else "lag" if standing.lags else ""
        for mark in marks[1:]:
            mark.tone = "best" if standing.lags and mark.party in standing.best else ""
        rows.append(GridRow(criterion, Decimal(criterion.weight) / whole, marks, standing.ahead))
    called = {criterion.pk: criterion.name for criterion in criteria}
    leads, lags = comparison.in_order(standings)
    return Grid(
        parties=[
            Party(party, name, totals[party], best is not None and totals[party].weighted == best)
            for party, name in names.items()
        ],
        rows=rows,
        leads=[called[key] for key in leads],
        lags=[called[key] for key in lags],
        scored=len(scores),
        wanted=len(criteria) * len(names),
        complete=all(total.covered == 1 for total in totals.values()),
    )


# ── SWOT ─────────────────────────────────────────────────────────────────────────────────────


def lines(text: str) -> list[str]:
    """A text of one point to a line, as points."""
    bare = (re.sub(r"^\s*[•–*-]\s+", "", line).strip() for line in text.splitlines())
    return [line for line in bare if line]


def years_of(entries: Sequence[Entry], *, today: datetime.date) -> None:
    """Say which calendar year "year 1" of an opportunity is: the running one."""
    for entry in entries:
        entry.facts["calendar_year"] = today.year + entry.record.year_number - 1

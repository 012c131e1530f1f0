"""Pieces with a shape of their own: trees, points and the comparison, ready to be laid out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dossiers import comparison
from dossiers.models import Competitor, Criterion
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

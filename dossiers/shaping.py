"""What a shape draws of the part of a page: its tree, its grid, its sums, put together only when they are drawn."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dossiers import (
    closeness,
    master_data,
    potential,
    seats,
    shapes,
    surroundings,
    surveys,
    tender_cards,
    tenders,
    ties,
    timeline,
    wallet,
    white_space,
    yearly,
)
from dossiers.models import Dossier, DossierRecord
from dossiers.pieces import Piece
from dossiers.showing import Cell, Entry, Reader


@dataclass(frozen=True)
class Shaped:
    """From the entries of one piece, and the records of others `beside` them by the keys of their pieces.

    `found`, `chosen`: what was looked for on the timeline, and which tenders are shown.
    """

    piece: Piece
    dossier: Dossier
    entries: Sequence[Entry]
    columns: tuple[Reader, ...]
    beside: Mapping[str, Sequence[DossierRecord]]
    today: datetime.date
    is_past: bool
    found: timeline.Found | None
    chosen: tenders.Chosen

    # ── Sheets ───────────────────────────────────────────────────────────────────────────────

    def fields(self) -> list[Cell]:
        [entry] = self.entries
        if self.piece.key == "identity" and not self.is_past:
            master_data.beside(entry.cells, entry.record, self.dossier.client)
        return entry.cells

    def quadrants(self) -> list[dict[str, Any]]:
        [entry] = self.entries
        names = ("strengths", "weaknesses", "opportunities", "threats")
        icons = ("thumb-up", "thumb-down", "bulb", "alert-triangle")
        return [
            {
                "name": name,
                "icon": icon,
                "label": read.heading,
                "lines": shapes.lines(getattr(entry.record, name)),
            }
            for name, icon, read in zip(names, icons, self.columns, strict=True)
        ]

    # ── Lists in an order of their own ───────────────────────────────────────────────────────

    @cached_property
    def lines(self) -> list[timeline.Line]:
        """The timeline, merged from wherever its lines are kept; as of an earlier day, what was noted."""
        return timeline.lines(self.found, self.entries, self.dossier)

    def kind_choices(self) -> list[dict[str, Any]]:
        return timeline.kind_choices(self.found) if self.found else []

    @cached_property
    def tender_sheet(self) -> tender_cards.Sheet:
        return tender_cards.sheet(self.entries, self.chosen, today=self.today)

    def branches(self) -> list[shapes.Branch]:
        seats.seat(self.entries, self.beside.get("staffing", ()))
        branches = shapes.tree(self.entries)
        seats.count_below(branches)
        return branches

    @cached_property
    def surroundings(self) -> list[surroundings.PartyList]:
        return surroundings.lists(self.entries)

    # ── Figures ──────────────────────────────────────────────────────────────────────────────

    @cached_property
    def years(self) -> yearly.YearTable:
        return yearly.table(self.entries, self.columns)

    @cached_property
    def surveys(self) -> surveys.Surveys:
        return surveys.of([entry.record for entry in self.entries], today=self.today)

    @cached_property
    def opportunity(self) -> potential.Potential:
        cells = self.beside["white-space"]
        return potential.of(self.entries, cells, running_year=self.today.year)

    @cached_property
    def budget(self) -> list[wallet.BudgetYear]:
        return wallet.by_year(self.entries)

    @cached_property
    def trend(self) -> closeness.Trend | None:
        return closeness.trend(self.entries)

    def levels(self) -> list[closeness.Step]:
        now = self.entries[0].record
        return closeness.ladder(now.level, now.wanted_level)

    # ── Grids ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def ties(self) -> ties.Grid:
        return ties.grid(self.entries, self.beside["stakeholders"])

    @property
    def reach_words(self) -> str:
        return ties.words(self.ties.reach)

    @cached_property
    def white_space(self) -> white_space.Grid:
        return white_space.grid(self.entries, self.beside["structure"])

    @cached_property
    def comparison(self) -> shapes.Grid:
        return shapes.grid(self.entries, self.beside["criteria"], self.beside["competitors"])

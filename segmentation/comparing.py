"""Two runs side by side: who was where before and after, counted by the database in one pass over both.

`before` and `after` are any two finished runs. Kinds of a move: "up" and "down" by the letter of value first and
of rhythm second, as the trend of a segment is told; "aside" where only the judgement of the rhythm came or went (N);
"new" and "gone" for who is in one of them alone; "same".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from segmentation.matrix import ALL_CELLS
from segmentation.models import SegmentationRun
from segmentation.models.runs import as_fraction

KINDS = ("up", "down", "aside", "new", "gone", "same")
MOVED = ("up", "down", "aside", "new", "gone")
# What a heading sorts by; "-" before the name turns it round. Ties by the client's name and key.
ORDERS = {
    "client": "c.name_sort",
    "before": "m.was",
    "after": "m.now",
    "total_before": "m.total_before",
    "total_after": "m.total_after",
    "change": "m.change",
    "size": "abs(m.change)",
}
USUAL_ORDER = "-size"

_MOVES = """
    SELECT coalesce(a.client_id, b.client_id) AS client_id, b.abc || b.xyz AS was, a.abc || a.xyz AS now,
           b.total AS total_before, a.total AS total_after,
           coalesce(a.total, 0) - coalesce(b.total, 0) AS change, a.rank AS rank_after, b.rank AS rank_before
    FROM (SELECT client_id, abc, xyz, total, rank FROM segmentation_segment WHERE run_id = %(after)s) a
    FULL JOIN (SELECT client_id, abc, xyz, total, rank FROM segmentation_segment WHERE run_id = %(before)s) b
        USING (client_id)
"""
_KIND = """
    CASE WHEN m.was IS NULL THEN 'new' WHEN m.now IS NULL THEN 'gone' WHEN m.was = m.now THEN 'same'
         WHEN left(m.now, 1) < left(m.was, 1) THEN 'up' WHEN left(m.now, 1) > left(m.was, 1) THEN 'down'
         WHEN right(m.was, 1) = 'N' OR right(m.now, 1) = 'N' THEN 'aside'
         WHEN m.now < m.was THEN 'up' ELSE 'down' END
"""


@dataclass(frozen=True)
class Passage:
    """So many clients went from one cell to another; None stands for not being in the run at all."""

    was: str | None
    now: str | None
    count: int
    total_before: Decimal
    total_after: Decimal

    @property
    def kind(self) -> str:
        return kind(self.was, self.now)


@dataclass(frozen=True)
class Move:
    """One client in both runs; what is None was not there."""

    client_id: int
    client: str
    number: str
    was: str | None
    now: str | None
    total_before: Decimal | None
    total_after: Decimal | None
    change: Decimal
    rank_before: int | None
    rank_after: int | None

    @property
    def kind(self) -> str:
        return kind(self.was, self.now)


@dataclass(frozen=True)
class Wanted:
    """Which moves: a kind ("moved" is all but "same", "" is all), or one passage, and in which order."""

    kind: str = "moved"
    was: str = ""
    now: str = ""
    order: str = USUAL_ORDER

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Wanted":
        """What is not known is left out."""
        was, now = asked.get("from", "").upper(), asked.get("to", "").upper()
        was = was if was in (*ALL_CELLS, "NEW") else ""
        now = now if now in (*ALL_CELLS, "GONE") else ""
        kind = asked.get("kind", "" if was or now else "moved")
        order = asked.get("sort", USUAL_ORDER)
        return cls(
            kind if kind in (*KINDS, "moved", "") else "moved",
            was,
            now,
            order if order.removeprefix("-") in ORDERS else USUAL_ORDER,
        )

    def has(self, passage: Passage) -> bool:
        kinds = MOVED if self.kind == "moved" else (self.kind,) if self.kind else KINDS
        return (
            passage.kind in kinds
            and (not self.was or (passage.was or "NEW") == self.was)
            and (not self.now or (passage.now or "GONE") == self.now)
        )


def kind(was: str | None, now: str | None) -> str:
    """Of a move between two cells; the twin of the database's own words above."""
    if was is None:
        return "new"
    if now is None:
        return "gone"
    if was == now:
        return "same"
    if was[0] != now[0]:
        return "up" if now[0] < was[0] else "down"
    if "N" in (was[1], now[1]):
        return "aside"
    return "up" if now < was else "down"


def passages(before: SegmentationRun, after: SegmentationRun) -> list[Passage]:
    """All passages that happened, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT was, now, count(*), coalesce(sum(total_before), 0), coalesce(sum(total_after), 0)"
            f" FROM ({_MOVES}) m GROUP BY was, now ORDER BY was NULLS FIRST, now NULLS LAST",
            {"before": before.pk, "after": after.pk},
        )
        return [Passage(*row) for row in cursor.fetchall()]


def moves(
    before: SegmentationRun,
    after: SegmentationRun,
    wanted: Wanted,
    *,
    start: int = 0,
    number: int | None = None,
) -> list[Move]:
    """The clients behind the passages that are wanted: `number` of them from `start` on, or all."""
    conditions = ["TRUE"]
    values: dict[str, Any] = {"before": before.pk, "after": after.pk}
    if wanted.kind:
        conditions.append(f"({_KIND}) = ANY(%(kinds)s)")
        values["kinds"] = list(MOVED) if wanted.kind == "moved" else [wanted.kind]
    for column, cell, none in (("was", wanted.was, "NEW"), ("now", wanted.now, "GONE")):
        if cell == none:
            conditions.append(f"m.{column} IS NULL")
        elif cell:
            conditions.append(f"m.{column} = %({column})s")
            values[column] = cell
    name = wanted.order.removeprefix("-")
    way = "DESC" if wanted.order.startswith("-") else "ASC"
    values |= {"start": start, "number": number}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.client_id, c.name, coalesce(c.external_id, ''), m.was, m.now, m.total_before,"
            f" m.total_after, m.change, m.rank_before, m.rank_after"
            f" FROM ({_MOVES}) m JOIN accounts_client c ON c.id = m.client_id"
            f" WHERE {' AND '.join(conditions)}"
            f" ORDER BY {ORDERS[name]} {way} NULLS LAST, c.name_sort, m.client_id"
            f" LIMIT %(number)s OFFSET %(start)s",
            values,
        )
        return [Move(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Table:
    """The transition table. `rows`: (cell or "NEW", counts by cell and "GONE", sum), as drawn and as counted."""

    passages: list[Passage]

    def count(self, wanted: Wanted) -> int:
        return sum(passage.count for passage in self.passages if wanted.has(passage))

    def of_kind(self, kind: str) -> int:
        return sum(passage.count for passage in self.passages if passage.kind == kind)

    @property
    def befores(self) -> list[str]:
        there = {passage.was for passage in self.passages}
        return [cell for cell in _in_order() if cell in there] + ["NEW"] * (None in there)

    @property
    def afters(self) -> list[str]:
        there = {passage.now for passage in self.passages}
        return [cell for cell in _in_order() if cell in there] + ["GONE"] * (None in there)

    def rows(self) -> Iterator[dict]:
        found = {
            (passage.was or "NEW", passage.now or "GONE"): passage for passage in self.passages
        }
        for was in self.befores:
            cells = [
                {"was": was, "now": now, "passage": found.get((was, now))} for now in self.afters
            ]
            yield {
                "was": was,
                "cells": cells,
                "sum": sum(cell["passage"].count for cell in cells if cell["passage"]),
            }

    @property
    def before(self) -> int:
        return sum(passage.count for passage in self.passages if passage.was)

    @property
    def after(self) -> int:
        return sum(passage.count for passage in self.passages if passage.now)

    def column_sums(self) -> list[int]:
        return [
            sum(passage.count for passage in self.passages if (passage.now or "GONE") == now)
            for now in self.afters
        ]


def _in_order() -> list[str]:
    return [abc + xyz for abc in "ABC" for xyz in "XYZN"]


def differences(before: SegmentationRun, after: SegmentationRun) -> list[str]:
    """Sentences on what the two do not share, so that letters or totals do not mean the same."""
    said = []
    if before.measure != after.measure:
        said.append(
            _("One goes by revenue and the other by margin: neither letters nor totals compare.")
        )
    if before.currency != after.currency:
        said.append(
            _("The totals are in different currencies (%(before)s, %(after)s): their change says nothing.")
            % {"before": before.currency, "after": after.currency}
        )  # fmt: skip
    if before.xyz_method != after.xyz_method:
        said.append(
            _("XYZ goes by another method: before by %(before)s, after by %(after)s.")
            % {
                "before": before.get_xyz_method_display().lower(),
                "after": after.get_xyz_method_display().lower(),
            }
        )
    elif _limits(before, "xyz") != _limits(after, "xyz"):
        said.append(_("The limits of XYZ differ: the letters of rhythm are by different limits."))
    if before.abc_by != after.abc_by or _limits(before, "abc") != _limits(after, "abc"):
        said.append(_("The limits of ABC differ: the letters of value are by different limits."))
    if (before.unit, before.periods) != (after.unit, after.periods):
        said.append(
            _("The periods are of another length (%(before)d × %(before_unit)s, %(after)d × %(after_unit)s): "
              "totals and rhythm are of different times.")
            % {
                "before": before.periods,
                "before_unit": before.get_unit_display().lower(),
                "after": after.periods,
                "after_unit": after.get_unit_display().lower(),
            }
        )  # fmt: skip
    if before.min_history != after.min_history:
        said.append(_("They ask for histories of different length before they judge the rhythm."))
    if _scope(before) != _scope(after):
        said.append(
            _("They look at different clients (scope): who is new or gone may only be outside the other's scope.")
        )  # fmt: skip
    return said


def totals_compare(before: SegmentationRun, after: SegmentationRun) -> bool:
    """Whether the change of a total says anything."""
    return (before.measure, before.currency) == (after.measure, after.currency)


def _limits(run: SegmentationRun, which: str):
    if which == "abc":
        return run.abc_a.normalize(), run.abc_b.normalize()
    return as_fraction(run.xyz_x), as_fraction(run.xyz_y)


def _scope(run: SegmentationRun) -> tuple[str, str, str]:
    return run.channel, run.industry, run.team

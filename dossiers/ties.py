"""Our people × their people: how well each of ours knows each of theirs, now and as it shall be.

The grid is arithmetic over records that were fetched already; `take_over_coverage` alone asks and writes.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.sorting import sort_key
from dossiers import editing
from dossiers.models import Dossier, Stakeholder, Tie, TieStrength
from dossiers.pieces import BY_KEY
from dossiers.showing import Entry

# Influence from which nobody of theirs may be a stranger: that of a strong opponent in `dossiers.gaps`.
IMPORTANT = 7
ON_PAPER = 5
WORDS: dict[int, str | Promise] = {
    TieStrength.NONE: pgettext_lazy("strength of a tie", "none"),
    TieStrength.ACQUAINTED: pgettext_lazy("strength of a tie", "acquainted"),
    TieStrength.WORKING: pgettext_lazy("strength of a tie", "working"),
    TieStrength.TRUSTED: pgettext_lazy("strength of a tie", "trusted"),
}


# ── Arithmetic ───────────────────────────────────────────────────────────────────────────────


def steps(now: int, wanted: int) -> list[str]:
    """The three bars of a tie: "full" as far as it reaches, "wanted" as far as it shall reach, else ""."""
    return [
        "full" if step <= now else "wanted" if step <= wanted else ""
        for step in range(1, TieStrength.TRUSTED + 1)
    ]


@dataclass(frozen=True)
class Reach:
    """Of the important people of theirs: how many there are, whom a working tie reaches, whom nobody knows."""

    important: int
    reached: int
    unknown: tuple[int, ...]


def reach(
    influence: Mapping[int, int], strongest: Mapping[int, int], covered: Iterable[int] = ()
) -> Reach:
    """From the influence of each stakeholder (0 to 10) and his strongest tie (0 to 3), by their keys.

    Who is covered by somebody of ours is at least an acquaintance, whether or not that is written down.
    """
    weighty = [key for key, weight in influence.items() if weight >= IMPORTANT]
    met = set(covered)
    return Reach(
        important=len(weighty),
        reached=sum(strongest.get(key, 0) >= TieStrength.WORKING for key in weighty),
        unknown=tuple(key for key in weighty if not strongest.get(key, 0) and key not in met),
    )


# ── The grid ─────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Pair:
    """Where one of ours and one of theirs meet; `add` says how to write their tie, where nobody has."""

    colleague: User
    stakeholder: Stakeholder
    entry: Entry | None
    covers: bool
    add: str = ""
    plan: str = ""

    @property
    def is_to_do(self) -> bool:
        return self.entry is not None and self.entry.record.wanted > self.entry.record.strength

    @property
    def steps(self) -> list[str]:
        return steps(self.entry.record.strength, self.entry.record.wanted) if self.entry else []

    @property
    def now(self) -> str:
        return str(WORDS[self.entry.record.strength]) if self.entry else ""

    @property
    def wanted(self) -> str:
        return str(WORDS[self.entry.record.wanted]) if self.entry else ""


@dataclass(slots=True)
class Row:
    """One of ours, with whom of theirs he covers."""

    colleague: User
    covers: list[str]
    pairs: list[Pair]


@dataclass(slots=True)
class Column:
    """One of theirs, the most influential first."""

    stakeholder: Stakeholder
    is_important: bool
    pairs: list[Pair] = field(default_factory=list)

    @property
    def known(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.entry]


@dataclass(slots=True)
class Sheet:
    """On paper their people stand in rows, and as many of ours beside each other as there is room for."""

    colleagues: list[User]
    rows: list[tuple[Column, list[Pair]]]


@dataclass(slots=True)
class Grid:
    rows: list[Row]
    columns: list[Column]
    reach: Reach
    unknown: list[Stakeholder]
    to_do: list[Pair]
    offered: int

    @property
    def sheets(self) -> list[Sheet]:
        return [
            Sheet(
                [row.colleague for row in self.rows[first : first + ON_PAPER]],
                [(column, column.pairs[first : first + ON_PAPER]) for column in self.columns],
            )
            for first in range(0, len(self.rows), ON_PAPER)
        ]


def grid(entries: Sequence[Entry], stakeholders: Sequence[Stakeholder]) -> Grid:
    """Everybody of ours who has a tie or covers somebody, by name, × everybody of theirs, by influence."""
    ours: dict[int, User] = {entry.record.colleague_id: entry.record.colleague for entry in entries}
    for person in stakeholders:
        if person.covered_by_id:
            ours[person.covered_by_id] = person.covered_by
    by_pair = {(entry.record.colleague_id, entry.record.stakeholder_id): entry for entry in entries}
    columns = [
        Column(person, person.influence >= IMPORTANT)
        for person in sorted(stakeholders, key=lambda person: (-person.influence, person.pk))
    ]
    rows = []
    for colleague in sorted(
        ours.values(), key=lambda colleague: (sort_key(str(colleague)), colleague.pk)
    ):
        pairs = []
        for column in columns:
            pair = _pair(colleague, column.stakeholder, by_pair)
            pairs.append(pair)
            column.pairs.append(pair)
        covers = [str(pair.stakeholder) for pair in pairs if pair.covers]
        rows.append(Row(colleague, covers, pairs))
    found = _reach_of(entries, stakeholders)
    by_key = {person.pk: person for person in stakeholders}
    to_do = [pair for column in columns for pair in column.pairs if pair.is_to_do]
    for pair in to_do:
        pair.plan = _plan(pair)
    return Grid(
        rows=rows,
        columns=columns,
        reach=found,
        unknown=[by_key[key] for key in found.unknown],
        to_do=to_do,
        offered=sum(pair.covers and pair.entry is None for row in rows for pair in row.pairs),
    )


def _pair(colleague: User, person: Stakeholder, by_pair: Mapping[tuple[int, int], Entry]) -> Pair:
    entry = by_pair.get((colleague.pk, person.pk))
    query = {"colleague": colleague.pk, "stakeholder": person.pk, "field": "strength"}
    covers = person.covered_by_id == colleague.pk
    return Pair(colleague, person, entry, covers, "" if entry else urlencode(query))


def _reach_of(entries: Iterable[Entry], stakeholders: Iterable[Stakeholder]) -> Reach:
    strongest: dict[int, int] = {}
    for entry in entries:
        key = entry.record.stakeholder_id
        strongest[key] = max(strongest.get(key, 0), entry.record.strength)
    people = list(stakeholders)
    return reach(
        {person.pk: person.influence for person in people},
        strongest,
        [person.pk for person in people if person.covered_by_id],
    )


def _plan(pair: Pair) -> str:
    """The action that would bring the tie where it shall be, as the form of the plan is asked for it."""
    title = _("%(ours)s and %(theirs)s: from “%(now)s” to “%(wanted)s”") % {
        "ours": pair.colleague,
        "theirs": pair.stakeholder,
        "now": pair.now,
        "wanted": pair.wanted,
    }
    return urlencode(
        {"title": Truncator(title).chars(200), "owner": pair.colleague.pk, "field": "due_on"}
    )


def words(found: Reach) -> str:
    """How far we reach, in a sentence; "" where nobody of theirs is important."""
    if not found.important:
        return ""
    return _(
        "%(reached)d of %(important)d important people have a working tie with one of ours."
    ) % {
        "reached": found.reached,
        "important": found.important,
    }


# ── Who covers whom, taken over ──────────────────────────────────────────────────────────────


class NothingToTakeOver(Exception):
    """Whoever is covered has his tie already; the text is a sentence for the person."""


@transaction.atomic
def take_over_coverage(dossier: Dossier, *, by: User, today: datetime.date) -> int:
    """Write a tie, "acquainted" and assumed, for each stakeholder covered by somebody of ours who has none with him.

    Returns how many. Raises NothingToTakeOver, or editing.NotEditable; then nothing was stored. Colleagues
    who have left are passed over.
    """
    editing.hold(
        dossier, by
    )  # before looking: of two clicks the second one finds what the first wrote
    known = set(Tie.objects.filter(dossier=dossier).values_list("colleague_id", "stakeholder_id"))
    covered = Stakeholder.objects.filter(dossier=dossier, covered_by__is_active=True)
    missing = [pair for pair in covered.values_list("covered_by_id", "pk") if pair not in known]
    if not missing:
        raise NothingToTakeOver(
            _("Whoever is covered by one of our active colleagues stands in the grid already.")
        )
    for colleague, stakeholder in missing:
        editing.add(
            BY_KEY["ties"],
            dossier=dossier,
            data={
                "colleague": str(colleague),
                "stakeholder": str(stakeholder),
                "strength": str(TieStrength.ACQUAINTED.value),
                "wanted": str(TieStrength.WORKING.value),
                "source": _("From who covers whom"),
                "certainty": "assumption",
            },
            by=by,
            today=today,
        )
    return len(missing)

"""Search across everything a person may see: clients, people, dossiers, notes and files.

What is found begins with what was typed, word by word, in any order; behind that come other forms of the
words, and where no name is found at all, names that differ in one letter. Hits are put in order by where
they are: in names, in titles, in texts; the newest first.

Nobody learns of what he may not see, not even by how long it takes: for a person who does not see
everything, only the lines that he may see are compared, one by one, and the indexes over all texts
are left alone.
"""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.models.client import Stage
from dossiers.pieces import BY_KEY
from portfolio import folding
from portfolio.looking import Looking
from portfolio.whereabouts import give_addresses

# How many hits of a group stand beside the others, and how many when the group is asked for alone.
FEW, MANY = 5, 60


@dataclass(frozen=True)
class Group:
    """Hits of one sort. `key` is what an address names it by."""

    key: str
    label: str | Promise
    icon: str


GROUPS = {
    group.key: group
    for group in (
        Group("clients", _("Clients"), "building"),
        Group("people", pgettext_lazy("found by search", "People"), "users"),
        Group("notes", pgettext_lazy("found by search", "Notes on the timeline"), "message"),
        Group("dossiers", pgettext_lazy("found by search", "In the dossiers"), "folder"),
        Group("files", _("Attachments"), "file-text"),
        Group("cards", _("Client cards"), "key"),
    )
}


@dataclass
class Hit:
    """One thing found. `title` and `text` come in pieces: (words, whether they are what was looked for)."""

    line: dict[str, Any]
    wanted: list[str]
    url: str = ""
    group: str = ""
    open_dossier: int | None = None
    unit: str = ""  # of the client, for a cell of the white space: its line has a cell in several

    @property
    def name(self) -> str:
        """What it is called: its title, or else the piece of the dossier in which it stands."""
        return self.line["title"] or self.piece_label

    @cached_property
    def title(self) -> list[tuple[str, bool]]:
        return folding.marked(self.name, self.wanted)

    @cached_property
    def text(self) -> list[tuple[str, bool]]:
        """The place in the text where the words stand; nothing where the title says it all."""
        if not self.line["body"] or (self.group == "clients" and self._title_says_it):
            return []
        pieces = folding.excerpt(self.line["body"], self.wanted)
        if any(is_hit for _text, is_hit in pieces):
            return pieces
        return pieces if self.group == "notes" else []

    @property
    def _title_says_it(self) -> bool:
        return all(
            any(is_hit and folding.fold(said).startswith(word) for said, is_hit in self.title)
            for word in self.wanted
        )

    @property
    def client(self) -> str:
        return "" if self.group == "clients" else self.line["client__name"] or ""

    @property
    def piece_label(self) -> str:
        piece = BY_KEY.get(self.line["piece"])
        return str(piece.label) if piece else ""

    @property
    def where(self) -> str:
        """What the hit stands in, where the group does not say it."""
        if self.group != "dossiers" or not self.line["title"]:
            return ""
        return f"{self.piece_label} · {self.unit}" if self.unit else self.piece_label

    @property
    def day(self) -> datetime.date | None:
        return self.line["day"] if self.group == "notes" else None

    @property
    def stage(self) -> str:
        return self.line["client__stage"] if self.group == "clients" else ""

    @property
    def stage_label(self) -> str:
        return str(Stage(self.stage).label) if self.stage else ""

    @property
    def is_closed(self) -> bool:
        return self.line["dossier__closed_on"] is not None


@dataclass
class Shelf:
    """A group with its hits. `more`: there are others, to be seen when the group is asked for alone."""

    group: Group
    hits: list[Hit]
    more: bool


@dataclass
class Found:
    """What came of a search. `too_short`: not enough was typed. `near`: only names that look alike were found."""

    query: str
    shelves: list[Shelf] = field(default_factory=list)
    too_short: bool = False
    near: bool = False
    only: str = ""

    @property
    def number(self) -> int:
        return sum(len(shelf.hits) for shelf in self.shelves)

    @property
    def more(self) -> bool:
        return any(shelf.more for shelf in self.shelves)


def search(query: str, *, by: User, only: str = "", few: int = FEW) -> Found:
    """What the person finds. `only`: the key of one group, of which more is shown.

    Any text may be asked for. However much is found, it takes four queries at most.
    """
    wanted = folding.asked(query)
    found = Found(query=query.strip(), too_short=not wanted, only=only if only in GROUPS else "")
    if not wanted:
        return found
    limit = MANY if found.only else few
    looking = Looking(wanted, by)
    groups = [found.only] if found.only else list(GROUPS)
    rows = looking.rows(groups, limit)
    if not rows:
        rows = looking.near_rows(groups, limit)
        found.near = bool(rows)
    marks = sorted({*wanted, *(folding.stem(word) for word in wanted)})
    hits: dict[str, dict[tuple, Hit]] = {}
    for row in rows:
        of_group = hits.setdefault(row["group"], {})
        of_group.setdefault((row["piece"], row["record_id"]), Hit(row, marks, group=row["group"]))
    for key in groups:
        in_order = list(hits.get(key, {}).values())
        if in_order:
            shelf = Shelf(GROUPS[key], in_order[:limit], more=len(in_order) > limit)
            found.shelves.append(shelf)
    give_addresses([hit for shelf in found.shelves for hit in shelf.hits], by)
    return found

"""The statements behind a search: one for all groups of hits, each group's part bounded by itself.

A part is answered either from the index over words, or from the newest line backwards until enough is
found: PostgreSQL chooses by how common the words are, so a common beginning of a word costs no more than
a rare one. Names are few; they are put in order as a whole.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    Func,
    IntegerField,
    QuerySet,
    TextField,
    Value,
    When,
)

from accounts.access import may
from accounts.models import User
from dossiers.models import Dossier
from portfolio import folding
from portfolio.models import Kind, SearchLine

KINDS = {"notes": Kind.NOTE, "dossiers": Kind.TEXT, "files": Kind.FILE}

# What every part of the statement answers with, besides its `group` and its `tier` (0 comes first).
COLUMNS = (
    "id", "piece", "record_id", "client_id", "dossier_id", "day", "title", "body",
    "client__name", "client__name_sort", "client__stage", "dossier__closed_on",
)  # fmt: skip
LATEST_FIRST = ("-day", "-id")


class _Matches(Func):
    """`vector @@ query`."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class _AsQuery(Func):
    """Folded words as a tsquery: they hold letters and figures only, so there is nothing to escape."""

    template = "%(expressions)s::tsquery"
    output_field = TextField()


class _ReadOut(Func):
    """The vector itself, in a form that no index knows: it is compared line by line."""

    template = "coalesce(%(expressions)s, ''::tsvector)"
    output_field = TextField()


class Looking:
    """One search in the name of one person. `wanted`: folded words, at least one."""

    def __init__(self, wanted: list[str], person: User):
        self.wanted = wanted
        self.stems = [folding.stem(word) for word in wanted]
        self.person = person
        # Only who sees everything may be answered from indexes that hold everything.
        self.sees_all_dossiers = may(person, "see_portfolio")
        self.sees_all_clients = may(person, "see_all_figures")

    # ── What is asked ────────────────────────────────────────────────────────────────────────
    # Words are kept with the first letter of their kind before them (see migration 0002).

    def whole_words(self, kind: Kind) -> str:
        return " & ".join(f"'{kind[0]}{word}'" for word in self.wanted)

    def beginnings(self, kind: Kind) -> str:
        return " & ".join(f"'{kind[0]}{word}':*" for word in self.wanted)

    def forms(self, kind: Kind) -> str:
        return " & ".join(f"'{kind[0]}{word}':*" for word in self.stems)

    @staticmethod
    def beside_the_client(kind: Kind, words: list[str]) -> str:
        """Each word in the line or in its client's name, and not all of them in the name alone."""
        own = [f"'{kind[0]}{word}':*" for word in words]
        if len(own) == 1:
            return own[0]
        each = (f"({mine} | '{kind[0]}@{word}':*)" for mine, word in zip(own, words, strict=True))
        return f"{' & '.join(each)} & ({' | '.join(own)})"

    def near(self, kind: Kind) -> str:
        """Names that differ from each longer word in one letter; empty where every word is short."""
        longer = [word for word in self.wanted if 4 <= len(word) <= 24]
        alike = (
            " | ".join(f"'{kind[0]}{form}'" for form in folding.without_a_letter(word))
            for word in longer
        )
        return " & ".join(f"({one})" for one in alike)

    # ── Who may see what ─────────────────────────────────────────────────────────────────────

    @cached_property
    def dossiers(self) -> "QuerySet[Dossier] | list[int]":
        """The dossiers in which the person may look."""
        seen = Dossier.objects.visible_to(self.person)
        return seen if self.sees_all_dossiers else list(seen.values_list("pk", flat=True))

    @property
    def in_dossiers(self) -> QuerySet:
        return SearchLine.objects.of_dossiers(self.dossiers)

    @property
    def looks_in_dossiers(self) -> bool:
        return self.sees_all_dossiers or bool(self.dossiers)

    # ── The parts of the statement ───────────────────────────────────────────────────────────

    def rows(self, groups: Iterable[str], limit: int) -> list[dict[str, Any]]:
        """Up to `limit` + 1 rows of each group and tier, in their order."""
        makers: dict[str, Callable[[], list[tuple[QuerySet, str]]]] = {
            "clients": self._clients,
            "people": self._people,
            "notes": lambda: self._entries("notes"),
            "dossiers": lambda: self._entries("dossiers"),
            "files": lambda: self._entries("files"),
            "cards": self._cards,
        }
        parts = [(key, part) for key in groups for part in makers[key]()]
        return self._fetched(parts, limit)

    def near_rows(self, groups: Iterable[str], limit: int) -> list[dict[str, Any]]:
        """The same for names in which one letter is wrong, lacks or is too many."""
        if not self.near(Kind.CLIENT):
            return []
        parts = []
        if "clients" in groups:
            cards = SearchLine.objects.clients_for(self.person)
            alike = self.near(Kind.CLIENT)
            parts.append(("clients", self._tier(cards, "near", alike, self.sees_all_clients)))
        if "people" in groups:
            parts += [
                ("people", self._tier(people, "near", self.near(kind), by_index))
                for kind, people, by_index in self._all_people()
            ]
        return self._fetched(parts, limit)

    def _clients(self) -> list[QuerySet]:
        by_index = self.sees_all_clients
        begins_so = When(client__name_sort__startswith=" ".join(self.wanted), then=Value(0))
        cards = SearchLine.objects.clients_for(self.person)
        named = self._ranked(cards, Kind.CLIENT, by_index, begins_so)
        parts = [named.order_by("tier", "client__name_sort", "id")]
        if may(self.person, "see_figures"):
            known = SearchLine.objects.figures_for(self.person)
            asked = self.beside_the_client(Kind.CLIENT, self.wanted)
            known = self._tier(known, "words", asked, by_index, tier=5)
            parts.append(known.order_by("client__name_sort", "id"))
        return parts

    def _all_people(self) -> list[tuple[Kind, QuerySet, bool]]:
        found = []
        if self.looks_in_dossiers:
            theirs = self.in_dossiers.filter(kind=Kind.PERSON)
            found.append((Kind.PERSON, theirs, self.sees_all_dossiers))
        if may(self.person, "administer") or may(self.person, "assign"):
            found.append((Kind.USER, SearchLine.objects.people_of_ours_for(self.person), True))
        return found

    def _people(self) -> list[QuerySet]:
        parts = []
        for kind, people, by_index in self._all_people():
            named = self._ranked(people, kind, by_index)
            parts.append(named.order_by("tier", "title", "id"))
            asked = self.beside_the_client(kind, self.wanted)
            known = self._tier(people, "words", asked, by_index, tier=5)
            parts.append(known.order_by(*LATEST_FIRST))
        return parts

    def _entries(self, group: str) -> list[QuerySet]:
        if not self.looks_in_dossiers:
            return []
        lines = self.in_dossiers.filter(kind=KINDS[group])
        return self._texts(lines, KINDS[group], self.sees_all_dossiers)

    def _cards(self) -> list[QuerySet]:
        """What cards say of clients whose dossier is not the person's to read."""
        if self.sees_all_dossiers:
            return []
        cards = SearchLine.objects.on_cards_for(self.person).exclude(dossier__in=self.dossiers)
        return self._texts(cards, Kind.TEXT, False)

    def _texts(self, lines: QuerySet, kind: Kind, by_index: bool) -> list[QuerySet]:
        """Titles first, then texts, then other forms of the words; each the latest first."""
        asked = [
            ("title_words", self.beginnings(kind)),
            ("words", self.beside_the_client(kind, self.wanted)),
        ]
        if self.stems != self.wanted:
            asked.append(("words", self.beside_the_client(kind, self.stems)))
        return [
            self._tier(lines, column, query, by_index, tier=tier).order_by(*LATEST_FIRST)
            for tier, (column, query) in enumerate(asked)
        ]

    def _ranked(self, lines: QuerySet, kind: Kind, by_index: bool, *first: When) -> QuerySet:
        """Names: the whole word before its beginning, and that before its other forms."""

        def has(query: str) -> _Matches:
            return _Matches(F("title_words"), _AsQuery(Value(query)))

        tier = Case(
            *first,
            When(has(self.whole_words(kind)), then=Value(1)),
            When(has(self.beginnings(kind)), then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        return self._having(lines, "title_words", self.forms(kind), by_index).annotate(tier=tier)

    def _tier(
        self, lines: QuerySet, column: str, query: str, by_index: bool, *, tier: int = 0
    ) -> QuerySet:
        found = self._having(lines, column, query, by_index)
        return found.annotate(tier=Value(tier, output_field=IntegerField()))

    def _having(self, lines: QuerySet, column: str, query: str, by_index: bool) -> QuerySet:
        vector = F(column) if by_index else _ReadOut(F(column))
        return lines.filter(_Matches(vector, _AsQuery(Value(query))))

    def _fetched(self, parts: list[tuple[str, QuerySet]], limit: int) -> list[dict[str, Any]]:
        """All parts in one statement."""
        if not parts:
            return []
        bounded = [
            part.annotate(group=Value(group, output_field=CharField())).values(
                *COLUMNS, "group", "tier"
            )[: limit + 1]
            for group, part in parts
        ]
        rows = list(bounded[0].union(*bounded[1:], all=True) if bounded[1:] else bounded[0])
        # The parts come in no certain order.
        rows.sort(key=lambda row: (row["day"], row["id"]), reverse=True)
        rows.sort(key=_place)
        return rows


def _place(row: dict[str, Any]) -> tuple:
    """Clients of one tier stand by name; all else stays as it is, the latest first."""
    name = row["client__name_sort"] if row["group"] == "clients" else ""
    return row["tier"], name

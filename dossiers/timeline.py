"""One timeline: what happened with the client, merged from where each thing is kept, and to the dossier itself.

Nothing is typed twice. Contracts begin and end by their own list; tenders, assessments and answers to surveys
come from theirs; that the dossier was opened, handed over, accepted or moved to another segment is known
anyway. One statement (`dossiers.timeline_lines`) finds the lines that fit, counts them by kind and names the
people one may choose from: one query for all of it, whatever was filtered.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.sorting import sort_key
from dossiers.models import (
    Dossier,
    Tender,
    TimelineEntry,
    TimelineKind,
)
from dossiers.shapes import KIND_ICONS
from dossiers.showing import Entry
from dossiers.timeline_lines import LINES, Row
from dossiers.timeline_words import said

# What the timeline shows besides what is noted in it, with the icon of each.
_OTHERS: dict[str, tuple[str | Promise, str]] = {
    "tender": (gettext_lazy("Tender"), "gavel"),
    "assessment": (gettext_lazy("Assessment"), "chart-line"),
    "survey": (gettext_lazy("Survey"), "message"),
    "dossier": (gettext_lazy("The dossier itself"), "folder"),
}
KINDS: dict[str, str | Promise] = {
    **dict(TimelineKind.choices),
    **{kind: label for kind, (label, _icon) in _OTHERS.items()},
}
ICONS = {**KIND_ICONS, **{kind: icon for kind, (_label, icon) in _OTHERS.items()}}
# What happened to the dossier itself has icons of its own.
_HAPPENING_ICONS = {
    "opened": "folder-open",
    "reopened": "folder-open",
    "closed": "lock",
    "types": "tags",
    "position": "note",
    "kam_begins": "user-check",
    "kam_ends": "user-off",
    "deputy_begins": "user-plus",
    "deputy_ends": "user-off",
    "accepted": "circle-check",
    "returned": "arrow-back-up",
    "stage": "flag",
    "segment": "grid-3x3",
}
# What people did with each other and what came of it: everything but our own book-keeping.
WITH_THE_CLIENT = tuple(kind for kind in KINDS if kind not in ("dossier", "assessment", "survey"))
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Chosen:
    """What the person asked to see of the timeline. Nothing chosen is everything."""

    kinds: tuple[str, ...] = ()
    person: int | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    is_open: bool = False
    words: str = ""

    def __bool__(self) -> bool:
        return self != Chosen()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As it stands in an address."""
        single = {
            "person": str(self.person or ""),
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
            "open": "1" if self.is_open else "",
            "q": self.words,
        }
        kinds = [("kind", kind) for kind in self.kinds]
        return kinds + [(name, value) for name, value in single.items() if value]

    @property
    def is_turned_round(self) -> bool:
        return bool(self.since and self.until and self.until < self.since)


def chosen(asked: Mapping[str, str]) -> Chosen:
    """From the address, a QueryDict; what is no possible choice counts as not chosen."""
    kinds = asked.getlist("kind") if hasattr(asked, "getlist") else [asked.get("kind", "")]
    person = asked.get("person", "")
    return Chosen(
        kinds=tuple(kind for kind in KINDS if kind in kinds),
        person=int(person) if person.isascii() and person.isdigit() and len(person) < 19 else None,
        since=_day(asked.get("from", "")),
        until=_day(asked.get("to", "")),
        is_open=asked.get("open", "") == "1",
        words=" ".join(asked.get("q", "").replace("\0", " ").split())[:LONGEST_SEARCH],
    )


def _day(text: str) -> datetime.date | None:
    try:
        return parse_date(text)
    except ValueError:  # well formed, but no day: 2026-02-31
        return None


def last_year(today: datetime.date) -> Chosen:
    """The twelve months up to today, and whatever lies ahead."""
    month = today.month
    day = 28 if (month, today.day) == (2, 29) else today.day
    return Chosen(since=today.replace(year=today.year - 1, day=day))


@dataclass(frozen=True)
class Found:
    """The lines that fit, newest first. `has_more`: earlier ones fit too. `counts`: how many fit of each kind,
    were no kind chosen. `people`: (key, name, number) of the stakeholders who stand on the timeline."""

    chosen: Chosen
    rows: tuple[Row, ...]
    has_more: bool
    counts: tuple[tuple[str, int], ...]
    open_complaints: int
    noted: int
    people: tuple[tuple[int, str, int], ...]

    @property
    def is_blank(self) -> bool:
        """Nothing stands on the timeline, and nothing was chosen away."""
        return not (self.rows or self.counts or self.noted or self.chosen)

    @property
    def fitting(self) -> int:
        """How many lines fit, the earlier ones included."""
        if self.chosen.is_open:
            return len(self.rows)  # open complaints are few
        kinds = self.chosen.kinds or tuple(KINDS)
        return sum(number for kind, number in self.counts if kind in kinds)

    @property
    def keys(self) -> list[int]:
        """Of the entries among the lines."""
        return [row.pk for row in self.rows if row.what == "entry"]

    @property
    def entries(self) -> "Entries":
        """The entries among the lines, as `gathering` asks for records."""
        return Entries(self.keys)


class Entries:
    """The entries of those keys, of the dossier they are asked for."""

    def __init__(self, keys: Sequence[int]):
        self.keys = keys

    def rows(self, dossier: int) -> list[TimelineEntry]:
        return list(TimelineEntry.objects.filter(dossier=dossier, pk__in=self.keys))


def find(dossier: Dossier, chosen: Chosen, *, limit: int, today: datetime.date) -> Found:
    """The newest `limit` lines that fit, in one query. Whoever asks has seen to it that the dossier may be read."""
    patterns = [f"%{_literal(word)}%" for word in sort_key(chosen.words).split()]
    parameters = {
        "dossier": dossier.pk,
        "client": dossier.client_id,
        "today": today,
        "zone": timezone.get_current_timezone_name(),
        "kinds": list(chosen.kinds) or None,
        "person": chosen.person,
        "since": chosen.since,
        "until": chosen.until,
        "is_open": chosen.is_open,
        "words": patterns or None,
        "limit": limit + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(LINES, parameters)
        rows = [Row(*row) for row in cursor.fetchall()]
    lines = sorted(
        (row for row in rows if row.day is not None),
        key=lambda row: (row.day, row.rank, row.pk),
        reverse=True,
    )
    figures = {row.what: int(row.amount) for row in rows if row.what in ("open", "noted")}
    counts = {row.kind: int(row.amount) for row in rows if row.what == "count"}
    people = sorted(
        ((row.pk, row.title, int(row.amount)) for row in rows if row.what == "person"),
        key=lambda person: sort_key(person[1]),
    )
    return Found(
        chosen=chosen,
        rows=tuple(lines[:limit]),
        has_more=len(lines) > limit,
        counts=tuple((kind, counts[kind]) for kind in KINDS if kind in counts),
        open_complaints=figures["open"],
        noted=figures["noted"],
        people=tuple(people),
    )


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# ── What each line says ──────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Line:
    """One line as it is shown: an entry with all that was noted, or a sentence that leads to where it is kept."""

    day: datetime.date
    kind: str
    icon: str
    entry: Entry | None = None
    text: str = ""
    note: str = ""
    url: str = ""

    @property
    def label(self) -> str:
        return str(KINDS[self.kind])

    @property
    def is_quiet(self) -> bool:
        """It says what happened to the dossier, not between us and the client."""
        return self.kind == "dossier"


def lines(found: Found | None, entries: Sequence[Entry], dossier: Dossier) -> list[Line]:
    """The lines in their order, or the entries alone where nothing was looked for (a day in the past)."""
    if found is None:
        return [noted(entry) for entry in entries]
    by_key = {entry.pk: entry for entry in entries}
    told = []
    for row in found.rows:
        if row.what != "entry":
            text, note = said(row)
            icon = _HAPPENING_ICONS.get(row.what, ICONS[row.kind])
            told.append(Line(row.day, row.kind, icon, None, text, note, _place(row, dossier)))
        elif row.pk in by_key:
            told.append(noted(by_key[row.pk]))
    return told


def noted(entry: Entry) -> Line:
    record = entry.record
    return Line(record.happened_on, record.kind, ICONS[record.kind], entry)


def of_tender(tender: Tender, dossier: Dossier) -> Line:
    """The line of a tender that was fetched already."""
    fields = (tender.subject, tender.winner, tender.outcome, "", tender.value, tender.currency)
    row = Row("tender", "tender", tender.decided_on, 8, tender.pk, None, False, "", *fields)
    text, note = said(row)
    return Line(row.day, row.kind, ICONS[row.kind], None, text, note, _place(row, dossier))


def _place(row: Row, dossier: Dossier) -> str:
    """Where the thing itself is kept; "" where the page at hand says all there is."""
    places = {
        "tender": ("relationship", f"tenders-{row.pk}"),
        "contract": ("relationship", f"contracts-{row.pk}"),
        "assessment": ("relationship", f"assessments-{row.pk}"),
        "survey": ("figures", f"surveys-{row.pk}"),
    }
    if row.kind in places:
        section, anchor = places[row.kind]
        return f"{reverse('dossiers:section', args=[dossier.pk, section])}#{anchor}"
    if row.what in ("accepted", "returned"):
        return reverse("dossiers:review", args=[row.pk])
    return ""


# ── The filter as it is shown ────────────────────────────────────────────────────────────────


def kind_choices(found: Found) -> list[dict[str, Any]]:
    """The kinds that may be chosen, each with how many lines of it fit what else was chosen."""
    counts = dict(found.counts)
    return [
        {
            "kind": kind,
            "label": label,
            "icon": ICONS[kind],
            "count": counts.get(kind, 0),
            "is_chosen": kind in found.chosen.kinds,
        }
        for kind, label in KINDS.items()
        if counts.get(kind) or kind in found.chosen.kinds
    ]


def address(base: str, chosen: Chosen | None, **more: Any) -> str:
    """`base` with what was chosen, and whatever else, as its query."""
    pairs = (chosen.pairs if chosen else []) + [(name, str(value)) for name, value in more.items()]
    return f"{base}?{urlencode(pairs)}" if pairs else base

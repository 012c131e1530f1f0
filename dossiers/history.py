"""Who changed what in an entry, and when: the change history as sentences.

The history tables are written by database triggers, so nothing is missing from them, whoever wrote.
What is put down for an entry of one piece is told in the fields of that piece only: two pieces may show
different fields of the same sheet.
"""

import datetime
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.templatetags.kam_format import NOTHING
from dossiers import putting_back
from dossiers.forms import PROVENANCE
from dossiers.merging import given_up_at
from dossiers.models import Dossier, DossierRecord
from dossiers.pieces import Piece
from dossiers.showing import reader
from dossiers.standing import record_of

PAGE = 50
# What an entry is called by; else by the first of its fields that says something.
TITLES = ("title", "name", "number", "what", "category", "position")
# What joins two is called by both.
PAIRS = {
    "ties": ("colleague", "stakeholder"),
    "white-space": ("product_line", "unit"),
    "influence": ("influencer", "influenced"),
    "scores": ("criterion", "competitor"),
}
# Comparing word by word takes time with the square of the length; a longer text is shown before and after.
WORDS_COMPARED = 3000
# And with how often the same words come again: a row of dashes, repeated, would take minutes.
PAIRS_COMPARED = 30_000
# Of a text that was written anew, the few words that both happen to have are no thread to read along.
STAYED_AT_LEAST = 0.3


@dataclass(frozen=True)
class FieldChange:
    """`words`: for longer texts, what stayed, went and came: [("same" | "out" | "in", text), …].

    `back_to`: the version at which the field said `before`, where that differs from what it says now.
    """

    name: str
    label: str
    before: str
    after: str
    words: tuple[tuple[str, str], ...] = ()
    back_to: int | None = None


@dataclass(frozen=True)
class GivenUp:
    """A value that somebody wrote and gave up for another one's. `version`: where the history keeps it."""

    name: str
    label: str
    text: str
    version: int
    can_be_put_back: bool


@dataclass(frozen=True)
class Happening:
    """One thing done to one entry. what: "added", "changed", "confirmed", "deleted" or "returned" (brought back).

    `version`: as the entry stood then; `now`: its version now, None while it is deleted. `is_other`: it says
    something else now.
    """

    at: datetime.datetime
    by: User | None
    what: str
    pk: int
    entry: str
    changes: tuple[FieldChange, ...] = field(default=())
    given_up: tuple[GivenUp, ...] = field(default=())
    version: int = 0
    now: int | None = None
    is_other: bool = False


@dataclass(frozen=True)
class Deleted:
    """An entry that is deleted and can be brought back."""

    pk: int
    entry: str
    by: User | None
    at: datetime.datetime


@dataclass(frozen=True)
class Told:
    """A page of what happened, and what is deleted; each with whether there is more."""

    happenings: list[Happening]
    has_more: bool
    deleted: list[Deleted]
    has_more_deleted: bool


def of_entry(piece: Piece, dossier: Dossier, pk: int) -> list[Happening]:
    """Everything that happened to one entry, newest first; empty where it never stood in this dossier."""
    events = list(_events(piece, dossier).filter(pgh_obj_id=pk))
    happenings, _deleted = _told(piece, events, {event.pgh_id for event in events})
    return happenings


def of_piece(piece: Piece, dossier: Dossier, *, page: int = 1) -> Told:
    """What happened to the entries of a piece, those deleted included, newest first.

    Pages have `PAGE` events; a page may tell less, because not every event is a change of this piece. The
    first one also names what is deleted.
    """
    newest = _events(piece, dossier).order_by("-pgh_created_at", "-pgh_id")
    start = (page - 1) * PAGE
    found = list(newest.values_list("pgh_id", "pgh_obj_id")[start : start + PAGE + 1])
    wanted = {pgh_id for pgh_id, _pk in found[:PAGE]}
    events = list(
        _events(piece, dossier).filter(pgh_obj_id__in={pk for _pgh_id, pk in found[:PAGE]})
    )
    is_first = page == 1 and not piece.is_sheet
    gone = list(putting_back.deletions(piece, dossier)[: PAGE + 1]) if is_first else []
    happenings, deleted = _told(piece, events, wanted, gone[:PAGE])
    return Told(happenings, len(found) > PAGE, deleted, len(gone) > PAGE)


def _events(piece: Piece, dossier: Dossier) -> models.QuerySet:
    of_dossier = (
        {"pgh_obj_id": dossier.pk} if piece.model is Dossier else {"dossier_id": dossier.pk}
    )
    return piece.model.pgh_event_model.objects.filter(**of_dossier).select_related("pgh_context")


def _told(
    piece: Piece, events: list[Any], wanted: set[int], gone: Sequence[Any] = ()
) -> tuple[list[Happening], list[Deleted]]:
    # Versions tell the order of what happened to one entry, whatever the clock said.
    events.sort(key=lambda event: (event.version, event.pgh_id))
    people = User.objects.in_bulk(
        {_actor_id(event) for event in (*events, *gone) if event.pgh_id in wanted or event in gone}
        - {None}
    )
    names = _Names(piece, [*events, *gone])
    latest = {event.pgh_obj_id: event for event in events}
    happenings = []
    before: dict[int, Any] = {}
    for event in events:
        earlier = before.get(event.pgh_obj_id)
        before[event.pgh_obj_id] = event
        if event.pgh_id not in wanted:
            continue
        newest = latest[event.pgh_obj_id]
        stands = newest if newest.pgh_label != "delete" else None
        what, changes = _what(piece, event, earlier, stands, names)
        given_up = tuple(_given_up(piece, event, stands, names))
        if not what and not given_up:
            continue
        happenings.append(
            Happening(
                at=event.pgh_created_at,
                by=people.get(_actor_id(event)),
                what=what or "confirmed",
                pk=event.pgh_obj_id,
                entry=names.entry(event),
                changes=tuple(changes),
                given_up=given_up,
                version=event.version,
                now=stands.version if stands else None,
                is_other=stands is not None
                and event.pgh_label != "delete"
                and _says(piece, event) != _says(piece, stands),
            )
        )
    # Of what happened in the same moment, the later one is told first.
    happenings.sort(key=lambda happening: happening.at)
    deleted = [
        Deleted(
            event.pgh_obj_id,
            names.entry(event),
            people.get(_actor_id(event)),
            event.pgh_created_at,
        )
        for event in gone
    ]
    return happenings[::-1], deleted


def _actor_id(event) -> int | None:
    """Who did it, as the acting code said; else who the row says wrote it."""
    acting = event.pgh_context.metadata.get("user") if event.pgh_context else None
    return acting or (None if event.pgh_label == "delete" else event.updated_by_id)


def _attnames(piece: Piece) -> dict[str, str]:
    return {
        name: piece.model._meta.get_field(name).attname for name in (*piece.fields, *PROVENANCE)
    }


def _says(piece: Piece, event) -> list[Any]:
    return [getattr(event, attname) for attname in _attnames(piece).values()]


def _what(piece: Piece, event, earlier, stands, names: "_Names") -> tuple[str, list[FieldChange]]:
    if event.pgh_label == "delete":
        return "deleted", []
    if earlier is None:
        return "added", [] if piece.is_sheet else list(
            _differences(piece, event, None, None, names)
        )
    changes = list(_differences(piece, event, earlier, stands, names))
    if earlier.pgh_label == "delete":
        return "returned", changes
    if changes:
        return "changed", changes
    if (event.confirmed_on, event.confirmed_by_id) != (
        earlier.confirmed_on,
        earlier.confirmed_by_id,
    ):
        return "confirmed", []
    return "", []


def _differences(piece: Piece, event, earlier, stands, names: "_Names") -> Iterable[FieldChange]:
    for name, attname in _attnames(piece).items():
        now, then = getattr(event, attname), getattr(earlier, attname, None)
        if now == then:
            continue
        read = reader(piece.model, name)
        after = names.text(name, event)
        before = names.text(name, earlier) if earlier is not None else ""
        if earlier is None and (not after or name in ("certainty", "currency")):
            continue
        long = read.kind == "long" and before and after
        can = stands is not None and earlier is not None and getattr(stands, attname) != then
        yield FieldChange(
            name,
            read.heading,
            before,
            after,
            tuple(word_changes(before, after)) if long else (),
            back_to=earlier.version if can else None,
        )


def _given_up(piece: Piece, event, stands, names: "_Names") -> Iterable[GivenUp]:
    """What the person behind the event had written himself and let go, for somebody else's value."""
    kept = given_up_at(event)
    for name, attname in _attnames(piece).items():
        if name not in kept:
            continue
        column = piece.model._meta.get_field(name)
        value, is_value = kept[name], True
        try:
            if not isinstance(value, list | None):
                value = column.to_python(value)
        except ValidationError:  # typed, and never a day, a figure or a choice
            is_value = False
        text = names.text(name, event, value)
        read = reader(piece.model, name)
        can = is_value and stands is not None and getattr(stands, attname) != value
        yield GivenUp(name, read.heading, text or NOTHING, event.version, can)


# "No value given", where None is a value.
_OF_EVENT: Any = object()


class _Names:
    """The texts of values, with the names of what entries point to fetched once for all events."""

    def __init__(self, piece: Piece, events: Sequence[Any]):
        self.piece = piece
        self.found: dict[str, dict[int, Any]] = {}
        for name in piece.fields:
            column = piece.model._meta.get_field(name)
            if not column.is_relation:
                continue
            keys = {getattr(event, column.attname) for event in events} - {None}
            if not keys:
                self.found[name] = {}
            elif issubclass(column.related_model, DossierRecord):
                self.found[name] = self._last_names(column.related_model, keys, events[0])
            else:
                self.found[name] = column.related_model._default_manager.in_bulk(keys)

    def _last_names(self, model: type[DossierRecord], keys: set[int], event) -> dict[int, str]:
        """What entries are called now, and what is deleted by its last name."""
        versions = model.pgh_event_model.objects.filter(
            dossier_id=event.dossier_id, pgh_obj_id__in=keys
        )
        newest = versions.order_by("pgh_obj_id", "-version", "-pgh_id").distinct("pgh_obj_id")
        return {
            one.pgh_obj_id: _("%(name)s (deleted)") % {"name": record_of(model, one)}
            if one.pgh_label == "delete"
            else str(record_of(model, one))
            for one in newest
        }

    def text(self, name: str, event, value: Any = _OF_EVENT) -> str:
        """The value of the field at that event, or another one of the same field."""
        if name in self.found:
            attname = self.piece.model._meta.get_field(name).attname
            key = getattr(event, attname) if value is _OF_EVENT else value
            return "" if key is None else str(self.found[name].get(key, _("(deleted)")))
        value = getattr(event, name) if value is _OF_EVENT else value
        return reader(self.piece.model, name).text(event, value)

    def entry(self, event) -> str:
        """What the entry was called at that time: the first of its fields that say something."""
        if self.piece.is_sheet:
            return ""
        if pair := PAIRS.get(self.piece.key):
            return " – ".join(filter(None, (self.text(name, event) for name in pair)))
        names = [name for name in TITLES if name in self.piece.fields] or self.piece.shown
        texts = (self.text(name, event) for name in names)
        return next((text for text in texts if text), "")


def word_changes(before: str, after: str) -> Iterable[tuple[str, str]]:
    """Word by word, what stayed, went out and came in; whole where hardly a word stayed."""
    # A blank goes with the word before it: alone, it would match every other blank.
    old, new = re.findall(r"\S+\s*|\s+", before), re.findall(r"\S+\s*|\s+", after)
    bare_old, bare_new = [word.strip() for word in old], [word.strip() for word in new]
    if len(old) + len(new) > 2 * WORDS_COMPARED or _pairs(bare_old, bare_new) > PAIRS_COMPARED:
        return
    steps = difflib.SequenceMatcher(None, bare_old, bare_new, autojunk=False).get_opcodes()
    stayed = sum(j - i for tag, i, j, _k, _n in steps if tag == "equal")
    if stayed < STAYED_AT_LEAST * min(len(old), len(new)):
        yield from (("out", before), ("same", "\n"), ("in", after))
        return
    for tag, i, j, k, n in steps:
        if tag == "equal":
            yield "same", "".join(new[k:n])
            continue
        went, came = "".join(old[i:j]), "".join(new[k:n])
        if went:
            yield "out", went.rstrip()
        if came:
            yield "in", came.rstrip()
        last = came or went
        if blank := last[len(last.rstrip()) :]:
            yield "same", blank


def _pairs(old: Iterable[str], new: Iterable[str]) -> int:
    """How often a word of the one could stand for the same word of the other."""
    there = Counter(word for word in old if word)
    return sum(there[word] for word in new if word in there)

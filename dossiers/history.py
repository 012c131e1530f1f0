"""Who changed what in an entry, and when: the change history as sentences.

The history tables are written by database triggers, so nothing is missing from them, whoever wrote.
What is put down for an entry of one piece is told in the fields of that piece only: two pieces may show
different fields of the same sheet.
"""

import datetime
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.models import User
from dossiers.forms import PROVENANCE
from dossiers.models import Dossier
from dossiers.pieces import Piece
from dossiers.showing import reader

PAGE = 50
# What an entry is called by; else by the first of its fields that says something.
TITLES = ("title", "name", "number", "what", "category", "position")
# Comparing word by word takes time with the square of the length; a longer text is shown before and after.
WORDS_COMPARED = 3000


@dataclass(frozen=True)
class FieldChange:
    """`words`: for longer texts, what stayed, went and came: [("same" | "out" | "in", text), …]."""

    label: str
    before: str
    after: str
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Happening:
    """One thing done to one entry. what: "added", "changed", "confirmed" or "deleted"."""

    at: datetime.datetime
    by: User | None
    what: str
    pk: int
    entry: str
    changes: tuple[FieldChange, ...] = field(default=())


def of_entry(piece: Piece, dossier: Dossier, pk: int) -> list[Happening]:
    """Everything that happened to one entry, newest first; empty where it never stood in this dossier."""
    events = list(_events(piece, dossier).filter(pgh_obj_id=pk))
    return _told(piece, events, {event.pgh_id for event in events})


def of_piece(piece: Piece, dossier: Dossier, *, page: int = 1) -> tuple[list[Happening], bool]:
    """What happened to the entries of a piece, those deleted included, newest first, and whether there is more.

    Pages have `PAGE` events; a page may tell less, because not every event is a change of this piece.
    """
    newest = _events(piece, dossier).order_by("-pgh_created_at", "-pgh_id")
    start = (page - 1) * PAGE
    found = list(newest.values_list("pgh_id", "pgh_obj_id")[start : start + PAGE + 1])
    wanted = {pgh_id for pgh_id, _pk in found[:PAGE]}
    events = list(
        _events(piece, dossier).filter(pgh_obj_id__in={pk for _pgh_id, pk in found[:PAGE]})
    )
    return _told(piece, events, wanted), len(found) > PAGE


def _events(piece: Piece, dossier: Dossier) -> models.QuerySet:
    of_dossier = (
        {"pgh_obj_id": dossier.pk} if piece.model is Dossier else {"dossier_id": dossier.pk}
    )
    return piece.model.pgh_event_model.objects.filter(**of_dossier).select_related("pgh_context")


def _told(piece: Piece, events: list[Any], wanted: set[int]) -> list[Happening]:
    # Versions tell the order of what happened to one entry, whatever the clock said.
    events.sort(key=lambda event: (event.version, event.pgh_id))
    people = User.objects.in_bulk(
        {_actor_id(event) for event in events if event.pgh_id in wanted} - {None}
    )
    names = _Names(piece, events)
    happenings = []
    before: dict[int, Any] = {}
    for event in events:
        earlier = before.get(event.pgh_obj_id)
        before[event.pgh_obj_id] = event
        if event.pgh_id not in wanted:
            continue
        what, changes = _what(piece, event, earlier, names)
        if what:
            happenings.append(
                Happening(
                    at=event.pgh_created_at,
                    by=people.get(_actor_id(event)),
                    what=what,
                    pk=event.pgh_obj_id,
                    entry=names.entry(event),
                    changes=tuple(changes),
                )
            )
    # Of what happened in the same moment, the later one is told first.
    happenings.sort(key=lambda happening: happening.at)
    return happenings[::-1]


def _actor_id(event) -> int | None:
    """Who did it, as the acting code said; else who the row says wrote it."""
    acting = event.pgh_context.metadata.get("user") if event.pgh_context else None
    return acting or (None if event.pgh_label == "delete" else event.updated_by_id)


def _what(piece: Piece, event, earlier, names: "_Names") -> tuple[str, list[FieldChange]]:
    if event.pgh_label == "delete":
        return "deleted", []
    if earlier is None:
        return "added", [] if piece.is_sheet else list(_differences(piece, event, None, names))
    changes = list(_differences(piece, event, earlier, names))
    if changes:
        return "changed", changes
    if (event.confirmed_on, event.confirmed_by_id) != (
        earlier.confirmed_on,
        earlier.confirmed_by_id,
    ):
        return "confirmed", []
    return "", []


def _differences(piece: Piece, event, earlier, names: "_Names") -> Iterable[FieldChange]:
    for name in (*piece.fields, *PROVENANCE):
        attname = piece.model._meta.get_field(name).attname
        now, then = getattr(event, attname), getattr(earlier, attname, None)
        if now == then:
            continue
        read = reader(piece.model, name)
        after = names.text(name, event)
        before = names.text(name, earlier) if earlier is not None else ""
        if earlier is None and (not after or name in ("certainty", "currency")):
            continue
        long = read.kind == "long" and before and after
        yield FieldChange(
            read.heading, before, after, tuple(word_changes(before, after)) if long else ()
        )


class _Names:
    """The texts of values, with the names of what entries point to fetched once for all events."""

    def __init__(self, piece: Piece, events: Sequence[Any]):
        self.piece = piece
        self.found: dict[str, dict[int, Any]] = {}
        for name in piece.fields:
            column = piece.model._meta.get_field(name)
            if column.is_relation:
                keys = {getattr(event, column.attname) for event in events} - {None}
                self.found[name] = (
                    column.related_model._default_manager.in_bulk(keys) if keys else {}
                )

    def text(self, name: str, event) -> str:
        if name in self.found:
            key = getattr(event, self.piece.model._meta.get_field(name).attname)
            return "" if key is None else str(self.found[name].get(key, _("(deleted)")))
        return reader(self.piece.model, name).text(event, getattr(event, name))

    def entry(self, event) -> str:
        """What the entry was called at that time: the first of its fields that say something."""
        if self.piece.is_sheet:
            return ""
        names = [name for name in TITLES if name in self.piece.fields] or self.piece.shown
        texts = (self.text(name, event) for name in names)
        return next((text for text in texts if text), "")


def word_changes(before: str, after: str) -> Iterable[tuple[str, str]]:
    """Word by word, what stayed, went out and came in."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    if len(old) + len(new) > 2 * WORDS_COMPARED:
        return
    for tag, i, j, k, n in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[i:j])
            continue
        if i < j:
            yield "out", "".join(old[i:j])
        if k < n:
            yield "in", "".join(new[k:n])

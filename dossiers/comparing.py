"""What is different in a dossier between two moments: the net of all that was written in between.

What was changed and changed back, or added and taken out again, is no difference. Each difference knows
who made it and when: the last one who gave the field its value.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pghistory.models
from django.db import connection, models
from django.utils import timezone

from accounts.models import User
from dossiers.forms import PROVENANCE
from dossiers.gathering import OF_A_PERSON
from dossiers.models import Dossier, DossierRecord
from dossiers.pieces import PIECES, Piece, kept_models
from dossiers.standing import links, point, pointers, record_of

# Of one model: the versions of the time looked at, and for what they belong to the newest one before it.
_VERSIONS = """
    WITH within AS (SELECT * FROM {table} WHERE {dossier} = %(dossier)s AND pgh_created_at > %(after)s
                    AND pgh_created_at <= %(until)s)
    SELECT * FROM within
    UNION ALL
    SELECT * FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {table}
                   WHERE {dossier} = %(dossier)s AND pgh_created_at <= %(after)s
                     AND pgh_obj_id IN (SELECT pgh_obj_id FROM within)
                   ORDER BY pgh_obj_id, version DESC, pgh_id DESC) AS before
"""


@dataclass(frozen=True)
class Author:
    """Who did something, if it is known, and when."""

    by: User | None
    at: datetime.datetime

    @property
    def day(self) -> datetime.date:
        return timezone.localtime(self.at).date()


@dataclass
class Difference:
    """One entry that is different. `fields`: of one that stood before and stands now, what changed by whom.

    `took_along`: how many entries that belonged to it went with it.
    """

    model: type[DossierRecord]
    before: DossierRecord | None
    after: DossierRecord | None
    made: Author
    fields: dict[str, Author]
    took_along: int = 0

    @property
    def is_added(self) -> bool:
        return self.before is None

    @property
    def is_removed(self) -> bool:
        return self.after is None

    @property
    def record(self) -> DossierRecord:
        record = self.after or self.before
        assert record is not None
        return record


class Comparison:
    """The differences between two moments, by model. One query a model, and a few for names."""

    def __init__(self, dossier: Dossier, *, after: datetime.datetime, until: datetime.datetime):
        self.dossier_id, self.after, self.until = dossier.pk, after, until

    @cached_property
    def differences(self) -> dict[type[DossierRecord], list[Difference]]:
        touched = self._touched()
        events = {model: self._events(model) if model in touched else [] for model in kept_models()}
        self._authors = _Authors(event for of_model in events.values() for event in of_model)
        found = {model: self._of_model(model, of_model) for model, of_model in events.items()}
        records = {
            model: [
                record
                for difference in of_model
                for record in (difference.before, difference.after)
                if record is not None
            ]
            for model, of_model in found.items()
        }
        standing = {
            model: [difference.record for difference in of_model]
            for model, of_model in found.items()
        }
        point(
            records,
            dossier_id=self.dossier_id,
            known=standing,
            people=self._authors.people,
            until=self.until,
        )
        _fold(found)
        return found

    def of_piece(self, piece: Piece) -> list[Difference]:
        """The differences that concern what the piece shows, in the order in which they were made."""
        names = set(piece.fields)
        if _tells_provenance(piece):
            names.update(PROVENANCE)
        found = []
        for difference in self.differences[piece.model]:
            fields = {name: by for name, by in difference.fields.items() if name in names}
            if fields or (not piece.is_sheet and (difference.is_added or difference.is_removed)):
                found.append(
                    Difference(
                        difference.model,
                        difference.before,
                        difference.after,
                        difference.made,
                        fields,
                        difference.took_along,
                    )
                )
        return sorted(found, key=lambda difference: difference.made.at)

    def _touched(self) -> set[type[DossierRecord]]:
        """The kinds of records of which anything was written in the time looked at; one query."""
        parts = [
            f"SELECT {place} WHERE EXISTS (SELECT 1 FROM {_table(model)} WHERE {_owner(model)} = %(dossier)s"
            " AND pgh_created_at > %(after)s AND pgh_created_at <= %(until)s)"
            for place, model in enumerate(kept_models())
        ]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), self._parameters)  # our own names only
            return {kept_models()[place] for (place,) in cursor.fetchall()}

    @property
    def _parameters(self) -> dict[str, Any]:
        return {"dossier": self.dossier_id, "after": self.after, "until": self.until}

    def _events(self, model: type[DossierRecord]) -> list[Any]:
        sql = _VERSIONS.format(table=_table(model), dossier=_owner(model))  # our own names only
        return list(model.pgh_event_model.objects.raw(sql, self._parameters))

    def _of_model(self, model: type[DossierRecord], events: Iterable[Any]) -> list[Difference]:
        by_entry: dict[int, list[Any]] = defaultdict(list)
        # Versions tell the order of what happened to one entry, whatever the clock said.
        for event in sorted(events, key=lambda event: (event.version, event.pgh_id)):
            by_entry[event.pgh_obj_id].append(event)
        found = (self._of_entry(model, of_entry) for of_entry in by_entry.values())
        return [difference for difference in found if difference]

    def _of_entry(self, model: type[DossierRecord], events: list[Any]) -> Difference | None:
        earlier = [event for event in events if event.pgh_created_at <= self.after]
        then = earlier[-1] if earlier and earlier[-1].pgh_label != "delete" else None
        now = events[-1] if events[-1].pgh_label != "delete" else None
        if now is None and then is None:
            return None
        before = record_of(model, then) if then else None
        after = record_of(model, now) if now else None
        is_sheet = model in _SHEETS
        if before is None and is_sheet:
            before = _blank(model, after)
        fields = {}
        if before is not None and after is not None:
            fields = {
                name: self._authors.of(_writer(events, earlier, attname))
                for name, attname in _watched(model)
                if getattr(before, attname) != getattr(after, attname)
            }
            if not fields:
                return None
        last = events[-1] if after is None else _appearance(events)
        made = self._authors.of(last)
        if fields:
            made = max(fields.values(), key=lambda author: author.at)
        return Difference(model, before, after, made, fields)


def _table(model: type[DossierRecord]) -> str:
    return connection.ops.quote_name(model.pgh_event_model._meta.db_table)


def _owner(model: type[DossierRecord]) -> str:
    return "pgh_obj_id" if model is Dossier else "dossier_id"


_SHEETS = {piece.model for piece in PIECES if piece.is_sheet}


def _blank(model: type[DossierRecord], like: DossierRecord | None) -> DossierRecord:
    """An empty sheet: it was opened with the dossier, and counts from what was written into it."""
    assert like is not None
    blank = model()
    blank.pk = like.pk
    for name in ("updated_by_id", "created_by_id", "confirmed_by_id", "dossier_id", "client_id"):
        if hasattr(like, name):
            setattr(blank, name, getattr(like, name))
    return blank


def _watched(model: type[DossierRecord]) -> list[tuple[str, str]]:
    """What people write into records of the model: (name of the field, name of its value)."""
    of_pieces = (name for piece in PIECES if piece.model is model for name in piece.fields)
    names = dict.fromkeys((*of_pieces, *PROVENANCE))
    return [(name, model._meta.get_field(name).attname) for name in names]


def _tells_provenance(piece: Piece) -> bool:
    """Of several pieces of one sheet, the first tells where the sheet is known from."""
    return next(other for other in PIECES if other.model is piece.model) is piece


def _writer(events: list[Any], earlier: list[Any], attname: str) -> Any:
    """The last version that gave the field another value than it had before."""
    writer = events[-1]
    value = getattr(earlier[-1], attname) if earlier else None
    for event in events[len(earlier) :]:
        if event.pgh_label != "delete" and getattr(event, attname) != value:
            value, writer = getattr(event, attname), event
    return writer


def _appearance(events: list[Any]) -> Any:
    """The version with which the entry came (again)."""
    return next(
        (event for event in reversed(events) if event.pgh_label == "insert"),
        events[-1],
    )


def _fold(found: dict[type[DossierRecord], list[Difference]]) -> None:
    """What went only because something else went is told with that, and not by itself."""
    removed = {
        (model, difference.record.pk): difference
        for model, differences in found.items()
        for difference in differences
        if difference.is_removed
    }
    for model, differences in found.items():
        kept = []
        for difference in differences:
            for field in links(model):
                gone = removed.get(
                    (field.related_model, getattr(difference.before, field.attname, None))
                )
                if gone is None:
                    continue
                if difference.is_removed and field.remote_field.on_delete is models.CASCADE:
                    gone.took_along += 1
                    break
                if difference.after and getattr(difference.after, field.attname) is None:
                    difference.fields.pop(field.name, None)
            else:
                if difference.fields or difference.is_added or difference.is_removed:
                    kept.append(difference)
        found[model] = kept


class _Authors:
    """Who did it: as the acting code said, else as the row says who wrote it; two queries for all."""

    def __init__(self, events: Iterable[Any]):
        events = list(events)
        contexts = pghistory.models.Context.objects.in_bulk(
            {event.pgh_context_id for event in events} - {None}
        )
        self._acting = {
            key: (context.metadata or {}).get("user") for key, context in contexts.items()
        }
        # Whoever an entry names is asked for in the same query.
        named = {
            getattr(event, field.attname)
            for event in events
            for field in pointers(event.pgh_tracked_model)
            if field.related_model is User
        }
        self.people = User.objects.only(*OF_A_PERSON).in_bulk(
            ({self._key(event) for event in events} | named) - {None}
        )

    def of(self, event: Any) -> Author:
        return Author(self.people.get(self._key(event)), event.pgh_created_at)

    def _key(self, event: Any) -> int | None:
        acting = self._acting.get(event.pgh_context_id)
        return acting or (None if event.pgh_label == "delete" else event.updated_by_id)

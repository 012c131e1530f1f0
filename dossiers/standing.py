"""A dossier as it stood at an earlier moment: its records put together again from the change history.

The history tables are written by triggers, so how a record stood is exact for every path into the database.
Of each record the newest version up to the moment counts; one whose newest version is its deletion did not
stand any more. The frozen copy that an accepted revision keeps is read into the same shape.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models.expressions import OrderBy
from django.utils import timezone

from accounts.models import Assignment, Client, User
from accounts.models.client import Stage
from accounts.sorting import sort_key
from dossiers.gathering import OF_A_PERSON
from dossiers.models import Dossier, DossierRecord, Review
from dossiers.pieces import Piece, kept_models
from segmentation.models import Segment, SegmentationRun

Records = dict[type[DossierRecord], list[DossierRecord]]

_KEY = -1_000_000_007
_MOMENT = datetime.datetime(1, 1, 2, tzinfo=datetime.UTC)


def end_of(day: datetime.date) -> datetime.datetime:
    """The last moment of the day in the time zone of the house."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.max))


@dataclass(frozen=True)
class Standing:
    """How the dossier stood: `moment` is the last one that counts, `day` the day it belongs to.

    `dossier` carries its own line, its client and, as `open_assignments`, who held the client that day.
    """

    dossier: Dossier
    day: datetime.date
    moment: datetime.datetime
    records: Records
    segment: Segment | None

    def of(self, pieces: Iterable[Piece]) -> dict[str, list[DossierRecord]]:
        """{key of the piece: its records in their order}."""
        return {piece.key: self.records[piece.model] for piece in pieces}


def at(dossier: Dossier, *, day: datetime.date) -> Standing | None:
    """How the dossier stood at the end of the day; None where it had not been opened yet.

    One query for each model, and a handful for the people, the client and its segment.
    """
    moment = end_of(day)
    stood: Records = {model: _stood(model, dossier.pk, moment) for model in kept_models()}
    return _standing(dossier, stood, day=day, moment=moment)


def frozen(review: Review) -> Standing | None:
    """The dossier as the head accepted it; None where the revision keeps no copy."""
    copy = review.snapshot
    if not copy or review.decided_on is None:
        return None
    day = datetime.date.fromisoformat(copy["frozen_on"])
    stood: Records = {
        model: [_from_plain(model, row) for row in copy["records"].get(model._meta.model_name, ())]
        for model in kept_models()
    }
    return _standing(review.dossier, stood, day=day, moment=end_of(day))


def _standing(
    dossier: Dossier, stood: Records, *, day: datetime.date, moment: datetime.datetime
) -> Standing | None:
    if not stood[Dossier]:
        return None
    for model, records in stood.items():
        for record in records:
            # Nobody can have confirmed on a later day; records taken over from elsewhere may say so.
            record.confirmed_on = min(record.confirmed_on, day)
        stood[model] = in_order(model, records)
    point(stood, dossier_id=dossier.pk, known=stood)
    [then] = stood[Dossier]
    assert isinstance(then, Dossier)
    then.client = _client(dossier.client, moment)
    then.client.open_assignments = _holders(dossier.client_id, day)
    return Standing(then, day, moment, stood, _segment(dossier.client_id, moment))


# ── Records from versions ────────────────────────────────────────────────────────────────────


@cache
def _newest(model: type[DossierRecord]) -> tuple[str, tuple, list[str], list[int], int]:
    """The statement for the newest version of each record, with places for the dossier and the moment.

    With it: the fields of the record, where each stands in a row of the answer, and where the label stands.
    """
    owner = "pgh_obj_id" if model is Dossier else "dossier_id"
    events = (
        model.pgh_event_model.objects.filter(**{owner: _KEY}, pgh_created_at__lte=_MOMENT)
        # Versions tell the order, whatever the clock said; a deletion has the number of what it deleted.
        .order_by("pgh_obj_id", "-version", "-pgh_id")
        .distinct("pgh_obj_id")
    )
    columns = [field.attname for field in model.pgh_event_model._meta.concrete_fields]
    names = [field.attname for field in model._meta.concrete_fields]
    places = [columns.index(name) for name in names]
    return *events.query.sql_with_params(), names, places, columns.index("pgh_label")


def _stood(
    model: type[DossierRecord], dossier_id: int, moment: datetime.datetime
) -> list[DossierRecord]:
    sql, parameters, names, places, label = _newest(model)
    given = {_KEY: dossier_id, _MOMENT: moment}
    with connection.cursor() as cursor:
        cursor.execute(sql, [given.get(value, value) for value in parameters])
        return [
            model.from_db(None, names, [row[place] for place in places])
            for row in cursor.fetchall()
            if row[label] != "delete"
        ]


def record_of(model: type[DossierRecord], event: Any) -> DossierRecord:
    """The record as that version of it says. Not to be saved."""
    names = [field.attname for field in model._meta.concrete_fields]
    # By the instance's own dictionary: the attribute of a file is no plain value.
    return model.from_db(None, names, [event.__dict__[name] for name in names])


def _from_plain(model: type[DossierRecord], row: Mapping[str, Any]) -> DossierRecord:
    """From a frozen copy, which knows nothing of fields that came later."""
    fields = model._meta.concrete_fields
    values = [
        field.to_python(row[field.attname]) if field.attname in row else field.get_default()
        for field in fields
    ]
    return model.from_db(None, [field.attname for field in fields], values)


def in_order(model: type[DossierRecord], records: Iterable[DossierRecord]) -> list[DossierRecord]:
    """In the order of the model, nothing first or last as the database has it."""
    ordered = list(records)
    if model is Dossier:
        return ordered
    for item in reversed(model._meta.ordering or ["pk"]):
        if isinstance(item, OrderBy):
            name, down = item.expression.name, item.descending
            nothing_first = item.nulls_first or (down and not item.nulls_last)
        else:
            name, down = item.removeprefix("-"), item.startswith("-")
            nothing_first = down
        attname = "pk" if name == "pk" else model._meta.get_field(name).attname
        nothing = (1,) if nothing_first == down else (-1,)

        def key(record, attname=attname, nothing=nothing):
            value = getattr(record, attname)
            if value is None:
                return nothing
            return (0, sort_key(value) if isinstance(value, str) else value)

        ordered.sort(key=key, reverse=down)
    return ordered


# ── What records point to, by the names of then ──────────────────────────────────────────────


@cache
def pointers(model: type[DossierRecord]) -> tuple[models.ForeignKey, ...]:
    """The fields that point to people of ours or to other records of the dossier."""
    return tuple(
        field
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model not in (Dossier, Client)
    )


@cache
def links(model: type[DossierRecord]) -> tuple[models.ForeignKey, ...]:
    """The fields that point to other entries of the same dossier."""
    return tuple(
        field for field in pointers(model) if issubclass(field.related_model, DossierRecord)
    )


def point(
    records: Records,
    *,
    dossier_id: int,
    known: Records | None = None,
    people: Mapping[int, User] | None = None,
    until: datetime.datetime | None = None,
) -> None:
    """Give each record what it points to: another record of the dossier, or a person of ours.

    `known`: records that stand already, `people`: who was fetched already. The other records are named as the newest version up to `until` names
    them; without it (and in a history that begins too late) as their first version does.
    """
    wanted: dict[type[models.Model], set[int]] = {}
    for model, of_model in records.items():
        for field in pointers(model):
            keys = {getattr(record, field.attname) for record in of_model} - {None}
            wanted.setdefault(field.related_model, set()).update(keys)
    found: dict[type[models.Model], dict[int, Any]] = {}
    for target, keys in wanted.items():
        if target is User:
            found[User] = dict(people or {})
            if missing := keys - found[User].keys():
                found[User] |= User.objects.only(*OF_A_PERSON).in_bulk(missing)
            continue
        found[target] = {record.pk: record for record in (known or {}).get(target, ())}
        if missing := keys - found[target].keys():
            found[target] |= _versions(target, missing, dossier_id, until)
    for model, of_model in records.items():
        for field in pointers(model):
            targets = found[field.related_model]
            for record in of_model:
                field.set_cached_value(record, targets.get(getattr(record, field.attname)))


def _versions(
    model: type[DossierRecord],
    keys: Iterable[int],
    dossier_id: int,
    until: datetime.datetime | None,
) -> dict[int, DossierRecord]:
    """A deletion is a version too: it names what was deleted."""
    events = model.pgh_event_model.objects.filter(dossier_id=dossier_id, pgh_obj_id__in=keys)
    if until is None:
        events = events.order_by("pgh_obj_id", "version", "pgh_id")
    else:
        events = events.filter(pgh_created_at__lte=until).order_by(
            "pgh_obj_id", "-version", "-pgh_id"
        )
    return {event.pgh_obj_id: record_of(model, event) for event in events.distinct("pgh_obj_id")}


# ── The client then ──────────────────────────────────────────────────────────────────────────


def _client(client: Client, moment: datetime.datetime) -> Client:
    """The client by its name and stage of then; as it is now where its history does not reach back."""
    events = Client.pgh_event_model.objects.filter(pgh_obj_id=client.pk, pgh_created_at__lte=moment)
    then = events.order_by("-pgh_created_at", "-pgh_id").values("name", "stage").first()
    return Client(pk=client.pk, **(then or {"name": client.name, "stage": Stage.KEY}))


def _holders(client_id: int, day: datetime.date) -> list[Assignment]:
    """Who held the client at the end of the day."""
    held = Assignment.objects.filter(client=client_id, started_on__lte=day)
    return list(
        held.filter(models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=day))
        .select_related("person")
        .order_by("pk")
    )


def _segment(client_id: int, moment: datetime.datetime) -> Segment | None:
    """The client's segment in the run that was in force then."""
    runs = SegmentationRun.pgh_event_model.objects.filter(
        in_force=True, pgh_created_at__lte=moment
    ).order_by("-pgh_created_at", "-pgh_id")
    in_force = models.Subquery(runs.values("pgh_obj_id")[:1])
    return Segment.objects.filter(client=client_id, run=in_force).first()

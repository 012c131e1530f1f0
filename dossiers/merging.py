"""Two people, one record: what was seen, what stands and what was sent, compared field by field.

The version that a form was opened at says exactly what its person saw: a trigger keeps every version in the
change history, for every path into the database. `dossiers.editing` decides by what is compared here.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from dossiers.forms import PROVENANCE, RecordForm
from dossiers.models import DossierRecord
from dossiers.pieces import Piece

MINE, THEIRS = "mine", "theirs"
# Where the change history keeps what a person wrote and then gave up in favour of somebody else's value.
GIVEN_UP = "given_up"


@dataclass(frozen=True)
class FieldConflict:
    """One field that two people changed. `seen`, `theirs`, `mine`: as a person reads them; `values`: the
    same three as they are stored. `by`, `at`: who wrote the value that stands now, and when. `pick`: what
    was chosen already, "mine" or "theirs".
    """

    name: str
    label: str
    seen: Any
    theirs: Any
    mine: Any
    by: User | None
    at: datetime.datetime | None
    pick: str = ""
    values: tuple[Any, Any, Any] = (None, None, None)


def values(record: models.Model, piece: Piece) -> dict[str, Any]:
    """What the piece's fields hold: {name: plain value; the key of a row pointed to}."""
    return {name: getattr(record, attname(record, name)) for name in (*piece.fields, *PROVENANCE)}


def values_at(record: DossierRecord, piece: Piece, version: Any) -> dict[str, Any] | None:
    """The same as they were at a version; None where that is no version the record ever had.

    Ask before a form has put anything into the record.
    """
    try:
        number = int(version or "")
    except (TypeError, ValueError):
        return None
    if number == record.version:
        return values(record, piece)
    if not 0 < number < record.version:
        return None
    event = record.events.filter(version=number).order_by("pgh_id").first()
    if event is None:
        return None
    return {name: getattr(event, attname(record, name)) for name in (*piece.fields, *PROVENANCE)}


def changed_since(record: DossierRecord, piece: Piece, version: Any) -> bool | None:
    """Whether the piece says something else than at that version; None where the version is unknown.

    That somebody confirmed it meanwhile is no change.
    """
    seen = values_at(record, piece, version)
    return None if seen is None else seen != values(record, piece)


def attname(record: models.Model, name: str) -> str:
    return record._meta.get_field(name).attname


# ── What was sent ────────────────────────────────────────────────────────────────────────────


def completed(data: Mapping, form: RecordForm) -> dict[str, Any]:
    """What was sent of some fields alone, with what stands in all others; `form` is that of the standing record."""
    return {**{name: form[name].value() for name in form.fields}, **data}


def picks(data: Mapping) -> dict[str, str]:
    """{field shown as in conflict: "mine", "theirs", or "" where nobody chose}."""
    return {name: _pick(data, name) for name in _many(data, "contested")}


def _pick(data: Mapping, name: str) -> str:
    pick = data.get(f"pick-{name}")
    return pick if pick in (MINE, THEIRS) else ""


def _many(data: Mapping, name: str) -> list:
    return data.getlist(name) if isinstance(data, QueryDict) else list(data.get(name, ()))


def given_way(data: Mapping, names: Iterable[str]) -> list[str]:
    """The fields in which somebody else's value was chosen to stay."""
    return [name for name in names if _pick(data, name) == THEIRS]


def typed(data: Mapping, form: RecordForm, names: Iterable[str]) -> dict[str, Any]:
    """The person's own values of some fields, to be kept although others' were chosen: {name: stored value}."""
    own = {}
    for name in names:
        field = form.fields[name]
        value = field.widget.value_from_datadict(data, {}, name)
        try:
            value = field.clean(value)
        except ValidationError:
            value = str(value)
        own[name] = value.pk if isinstance(value, models.Model) else value
    return own


def with_theirs(data: Mapping, form: RecordForm, names: Iterable[str]) -> Mapping:
    """What was sent, with what stands now in the fields named; `form` is that of the standing record."""
    standing = {name: form[name].value() for name in names}
    if not standing:
        return data
    if not isinstance(data, QueryDict):
        return {**data, **standing}
    data = data.copy()
    for name, value in standing.items():
        data.setlist(name, value if isinstance(value, list) else ["" if value is None else value])
    return data


# ── What is told about it ────────────────────────────────────────────────────────────────────


def conflict(
    record: DossierRecord, name: str, *, seen: Any, now: Any, mine: Any, pick: str = ""
) -> FieldConflict:
    """Who wrote the value that stands now, and when: the last version at which the field changed."""
    column = attname(record, name)
    writer = None
    before = object()
    for event in record.events.order_by("version", "pgh_id").select_related("updated_by"):
        value = getattr(event, column)
        if value != before:
            writer, before = event, value
    return FieldConflict(
        name=name,
        label=str(record._meta.get_field(name).verbose_name),
        seen=shown(record, name, seen),
        theirs=shown(record, name, now),
        mine=shown(record, name, mine),
        by=writer.updated_by if writer else None,
        at=writer.updated_at if writer else None,
        pick=pick,
        values=(seen, now, mine),
    )


def shown(record: models.Model, name: str, value: Any) -> Any:
    """A stored value as a person reads it: the label of a choice, the name of what is pointed to."""
    field = record._meta.get_field(name)
    if value in (None, "", []):
        return "—"
    if field.is_relation:
        found = (
            field.related_model._default_manager.filter(pk=value).first()
            if isinstance(value, int)
            else None
        )
        return str(found) if found else _("(deleted)")
    base = getattr(field, "base_field", field)
    labels = dict(base.flatchoices)
    if isinstance(value, list):
        return ", ".join(str(labels.get(item, item)) for item in value)
    return labels.get(value, value)


# ── What is kept of it ───────────────────────────────────────────────────────────────────────


def kept_beside(record: DossierRecord, given_up: Mapping[str, Any]) -> dict[str, Any]:
    """For the context of the change: what its person wrote and gave up, {"given_up": {record: {field: text}}}."""
    if not given_up:
        return {}
    return {
        GIVEN_UP: {_key(record._meta.label_lower, record.pk): {
            name: value if value is None or isinstance(value, int | list) else str(value)
            for name, value in given_up.items()
        }}
    }  # fmt: skip


def given_up_at(event: Any) -> dict[str, Any]:
    """What the person behind an event of the history gave up in that record: {field: value as it was kept}."""
    metadata = event.pgh_context.metadata if event.pgh_context else {}
    label = event.pgh_tracked_model._meta.label_lower
    return metadata.get(GIVEN_UP, {}).get(_key(label, event.pgh_obj_id), {})


def _key(label: str, pk: int) -> str:
    return f"{label}.{pk}"

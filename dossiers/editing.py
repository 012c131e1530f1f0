"""The one way in which a piece of a dossier is added, changed, confirmed and deleted.

Nobody overwrites anybody silently. A form carries the version of the record that the person saw.
When it comes back, the record is locked and three values of each field are compared: what was seen,
what stands now, what was sent. Only where all three differ is there a conflict; it is refused with both
values, who wrote the other one and when, and everything typed is kept. The version seen is read from the
change history, which a trigger writes, so it is exact for every path into the database.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.deletion import ProtectedError
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from dossiers.forms import RecordForm, form_for
from dossiers.models import Dossier, DossierRecord, Stakeholder, TimelineEntry
from dossiers.models.relationship import FACE_TO_FACE
from dossiers.pieces import Piece


class EditRefused(Exception):
    """The edit was not made; the text is a sentence for the person. `form`, where given, holds what he typed."""

    def __init__(self, sentence: str, form: RecordForm | None = None):
        super().__init__(sentence)
        self.form = form


class NotEditable(EditRefused):
    """The person may not edit this dossier (any more), or it is closed."""


class VersionMissing(EditRefused):
    """The form did not say which version the person saw."""


class Invalid(EditRefused):
    """What was typed breaks a rule; the form names the fields."""


class Gone(EditRefused):
    """The entry was deleted meanwhile."""


@dataclass(frozen=True)
class FieldConflict:
    name: str
    label: str
    seen: Any
    theirs: Any
    mine: Any
    by: User | None
    at: datetime.datetime | None


class EditConflict(EditRefused):
    """The same field was changed by somebody else since the form was opened."""

    def __init__(self, conflicts: list[FieldConflict], form: RecordForm, record: DossierRecord):
        super().__init__(
            _(
                "Somebody else changed the same field while you were writing. Choose which value shall stay."
            ),
            form,
        )
        self.conflicts = conflicts
        self.record = record


@transaction.atomic
def add(
    piece: Piece, *, dossier: Dossier, data: Mapping, by: User, today: datetime.date
) -> DossierRecord:
    """A new entry of a list. Raises NotEditable or Invalid; then nothing was stored."""
    _require_editable(dossier, by)
    record = piece.model(
        created_by=by, updated_by=by, confirmed_by=by, confirmed_on=today, **piece.presets
    )
    form = form_for(piece.key)(data, instance=record, dossier=dossier)
    if not form.is_valid():
        raise Invalid(_("Please correct the marked fields."), form)
    with pghistory.context(user=by.pk):
        _store(record, form)
        _remember_meeting(record, by=by, today=today)
    return record


@transaction.atomic
def change(
    piece: Piece, *, dossier: Dossier, pk: int, data: Mapping, by: User, today: datetime.date
) -> DossierRecord:
    """Change one record by what a form sent; `data["version"]` is the version the person saw.

    `data["pick-<field>"] == "theirs"` drops the person's own value of a field in conflict.
    Raises NotEditable, VersionMissing, Gone, Invalid or EditConflict; then nothing was stored.
    """
    record = _locked(piece, dossier, pk, by)
    now = _values(record, piece)
    seen = _values_at(record, piece, _version(data, record))
    data = _with_what_was_picked(data, piece, record, dossier)
    form = form_for(piece.key)(data, instance=record, dossier=dossier)
    if not form.is_valid():
        raise Invalid(_("Please correct the marked fields."), form)
    mine = _values(record, piece)  # the form has put what was sent into the record
    undecided = _left_undecided(data) & {name for name in now if mine[name] != now[name]}
    conflicts = []
    for name in now:
        if mine[name] == seen[name] or data.get(f"pick-{name}") == "theirs":
            setattr(record, _attname(record, name), now[name])
        elif now[name] not in (seen[name], mine[name]) or name in undecided:
            conflicts.append(name)
    if conflicts:
        raise EditConflict(
            [_conflict(record, name, seen, now, mine) for name in conflicts], form, record
        )
    if _values(record, piece) == now:
        return record
    record.updated_by = record.confirmed_by = by
    record.confirmed_on = today
    with pghistory.context(user=by.pk):
        _store(record, form)
        _remember_meeting(record, by=by, today=today)
    return record


@transaction.atomic
def confirm(
    piece: Piece, *, dossier: Dossier, pk: int, by: User, today: datetime.date
) -> DossierRecord:
    """Say that the record still holds today. Changes nothing but its freshness."""
    record = _locked(piece, dossier, pk, by)
    if record.confirmed_on == today and record.confirmed_by_id == by.pk:
        return record
    record.confirmed_on, record.confirmed_by = today, by
    with pghistory.context(user=by.pk):
        record.save(update_fields=["confirmed_on", "confirmed_by"])
    record.version += 1  # as the trigger counted
    return record


@transaction.atomic
def confirm_all(piece: Piece, *, dossier: Dossier, by: User, today: datetime.date) -> int:
    """Say that every entry of the piece still holds today. Returns how many were not confirmed today before."""
    _require_editable(dossier, by)
    with pghistory.context(user=by.pk):
        waiting = piece.records(dossier).select_related(None).exclude(confirmed_on=today)
        return waiting.update(confirmed_on=today, confirmed_by=by)


@transaction.atomic
def delete(piece: Piece, *, dossier: Dossier, pk: int, data: Mapping, by: User) -> None:
    """Take an entry out of its list; the change history keeps it, with the person who took it out.

    Refused where the entry changed since the person saw it, or where other entries point to it.
    """
    if piece.is_sheet:
        _require_editable(dossier, by)
        raise EditRefused(
            _("This part belongs to every dossier and cannot be deleted. Empty its fields instead.")
        )
    record = _locked(piece, dossier, pk, by)
    if _version(data, record) != record.version:
        raise EditRefused(
            _(
                "%(who)s changed this entry since you opened it. Look at it again before you delete it."
            )
            % {"who": record.updated_by}
        )
    try:
        with pghistory.context(user=by.pk):
            record.delete()
    except ProtectedError as refusal:
        dependants = ", ".join(str(entry) for entry in list(refusal.protected_objects)[:5])
        raise EditRefused(
            _("Other entries point to this one: %(entries)s. Change them first.")
            % {"entries": dependants}
        ) from refusal


def _require_editable(dossier: Dossier, by: User) -> None:
    # Asked again here and not only in the view: the client may have been handed over meanwhile.
    if not Dossier.objects.editable_by(by).filter(pk=dossier.pk).exists():
        raise NotEditable(
            _("You cannot edit this dossier: it is closed, or no longer in your hands.")
        )


def _locked(piece: Piece, dossier: Dossier, pk: int, by: User) -> DossierRecord:
    """The record, locked until the transaction ends, if the person may edit its dossier at this moment."""
    editable = Dossier.objects.editable_by(by).filter(pk=dossier.pk)
    owner = "pk" if piece.model is Dossier else "dossier"
    records = piece.model.objects.filter(pk=pk).filter(**{f"{owner}__in": editable})
    record = records.select_for_update().first()
    if record is None:
        _require_editable(dossier, by)
        raise Gone(
            _(
                "This entry was deleted meanwhile. What you wrote is kept below: add it as a new entry."
            )
        )
    return record


def _version(data: Mapping, record: DossierRecord) -> int:
    try:
        version = int(data.get("version") or "")
    except ValueError:
        version = 0
    if not 0 < version <= record.version:
        raise VersionMissing(
            _(
                "The form did not say which version you were looking at, so nothing was changed. Open it again."
            )
        )
    return version


def _with_what_was_picked(
    data: Mapping, piece: Piece, record: DossierRecord, dossier: Dossier
) -> Mapping:
    """What was sent, with the other person's value wherever that was chosen to stay.

    A form that comes back because of a mistake elsewhere then shows it, and does not offer one's own anew.
    """
    form = form_for(piece.key)
    picked = [name for name in form.base_fields if data.get(f"pick-{name}") == "theirs"]
    if not picked:
        return data
    standing = form(instance=record, dossier=dossier)
    values = {name: standing[name].value() for name in picked}
    if isinstance(data, QueryDict):
        data = data.copy()
        for name, value in values.items():
            data.setlist(name, value if isinstance(value, list) else [value])
        return data
    return {**data, **values}


def _left_undecided(data: Mapping) -> set[str]:
    """Fields shown as in conflict where nobody chose: neither value may win by default."""
    shown = data.getlist("contested") if isinstance(data, QueryDict) else data.get("contested", ())
    return {name for name in shown if data.get(f"pick-{name}") not in ("mine", "theirs")}


def _attname(record: models.Model, name: str) -> str:
    return record._meta.get_field(name).attname


def _values(record: models.Model, piece: Piece) -> dict[str, Any]:
    """What the piece's fields hold: {name: plain value; the key of a row pointed to}."""
    fields = (*piece.fields, "source", "certainty")
    return {name: getattr(record, _attname(record, name)) for name in fields}


def _values_at(record: DossierRecord, piece: Piece, version: int) -> dict[str, Any]:
    if version == record.version:
        return _values(record, piece)
    event = record.events.filter(version=version).order_by("pgh_id").first()
    if event is None:
        raise VersionMissing(
            _("The version you were looking at is not in the history. Open the form again.")
        )
    return {name: getattr(event, _attname(record, name)) for name in _values(record, piece)}


def _conflict(record: DossierRecord, name: str, seen: dict, now: dict, mine: dict) -> FieldConflict:
    """Who wrote the value that stands now, and when: the last version at which the field changed."""
    attname = _attname(record, name)
    writer = None
    before = object()
    for event in record.events.order_by("version", "pgh_id").select_related("updated_by"):
        value = getattr(event, attname)
        if value != before:
            writer, before = event, value
    return FieldConflict(
        name=name,
        label=str(record._meta.get_field(name).verbose_name),
        seen=shown(record, name, seen[name]),
        theirs=shown(record, name, now[name]),
        mine=shown(record, name, mine[name]),
        by=writer.updated_by if writer else None,
        at=writer.updated_at if writer else None,
    )


def shown(record: models.Model, name: str, value: Any) -> Any:
    """A stored value as a person reads it: the label of a choice, the name of what is pointed to."""
    field = record._meta.get_field(name)
    if value in (None, "", []):
        return "—"
    if field.is_relation:
        found = field.related_model._default_manager.filter(pk=value).first()
        return str(found) if found else _("(deleted)")
    base = getattr(field, "base_field", field)
    labels = dict(base.flatchoices)
    if isinstance(value, list):
        return ", ".join(str(labels.get(item, item)) for item in value)
    return labels.get(value, value)


def _remember_meeting(record: DossierRecord, *, by: User, today: datetime.date) -> None:
    """A meeting on the timeline is when its stakeholder was last met: nobody types that twice."""
    if not isinstance(record, TimelineEntry) or record.stakeholder_id is None:
        return
    if record.kind not in FACE_TO_FACE or record.happened_on > today:
        return
    Stakeholder.objects.filter(
        Q(last_met_on__isnull=True) | Q(last_met_on__lt=record.happened_on),
        pk=record.stakeholder_id,
        dossier=record.dossier_id,
    ).update(last_met_on=record.happened_on, updated_by=by)


def _store(record: DossierRecord, form: RecordForm) -> None:
    """Save; what the database refuses comes back as the sentence of the constraint, on the form."""
    adding = record._state.adding
    try:
        record.save()
    except IntegrityError as refusal:
        form.add_error(*_sentence(record, form, refusal))
        raise Invalid(_("Please correct the marked fields."), form) from refusal
    if not adding:
        record.version += 1  # as the trigger counted


def _sentence(
    record: DossierRecord, form: RecordForm, refusal: IntegrityError
) -> tuple[str | None, str]:
    """The field, where it is a single one, and the sentence of the constraint that refused."""
    broken = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", "")
    for constraint in record._meta.constraints:
        if (
            constraint.name != broken
            or constraint.violation_error_message == constraint.default_violation_error_message
        ):
            continue
        fields = _fields_named(getattr(constraint, "condition", None)) or set(
            getattr(constraint, "fields", ())
        )
        fields &= set(form.fields)
        return fields.pop() if len(fields) == 1 else None, str(
            constraint.get_violation_error_message()
        )
    return None, _(
        "This contradicts what stands in the dossier already. Open it again and compare."
    )


def _fields_named(condition: models.Q | None) -> set[str]:
    names: set[str] = set()
    for child in condition.children if condition else ():
        if isinstance(child, models.Q):
            names |= _fields_named(child)
        elif isinstance(child, tuple):
            names.add(child[0].split("__")[0])
            if isinstance(child[1], models.F):
                names.add(child[1].name)
    return names

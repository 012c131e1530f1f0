"""The one way in which a piece of a dossier is added, changed, confirmed and deleted.

Nobody overwrites anybody silently. A form carries the version of the record that the person saw.
When it comes back, the dossier is locked and three values of each field are compared: what was seen,
what stands now, what was sent (see `dossiers.merging`). Only where all three differ is there a conflict; it
is refused with both values, who wrote the other one and when, and everything typed is kept. Who then
chooses the other's value gives his own up: the change history keeps it with his choice.

One at a time writes in a dossier: that costs nobody a wait he could notice, and no two people can wait for
each other, whatever their entries point to.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pghistory
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext as _

from accounts.kept import KeptFor
from accounts.models import User
from dossiers import broken_rules, merging, sending
from dossiers.forms import RecordForm, form_for
from dossiers.merging import FieldConflict
from dossiers.models import Attachment, Dossier, DossierRecord, Stakeholder, TimelineEntry
from dossiers.models.relationship import FACE_TO_FACE
from dossiers.pieces import Piece


class EditRefused(Exception):
    """The edit was not made; the text is a sentence for the person. `form`, where given, holds what he typed."""

    def __init__(
        self,
        sentence: str,
        form: RecordForm | None = None,
        *,
        record: DossierRecord | None = None,
        conflicts: Sequence[FieldConflict] = (),
    ):
        super().__init__(sentence)
        self.form = form
        self.record = record
        self.conflicts = conflicts


class NotEditable(EditRefused):
    """The person may not edit this dossier (any more), or it is closed."""


class NotOfAList(EditRefused):
    """The piece has no entries that are added or deleted in this way."""


class VersionMissing(EditRefused):
    """It was not said which version the person saw, or there never was such a version.

    `conflicts`: where what he typed differs from what stands; empty where what he typed breaks a rule too.
    """


class Invalid(EditRefused):
    """What was typed breaks a rule; the form names the fields. `conflicts`: those that he was choosing in."""


class Gone(EditRefused):
    """The entry was deleted meanwhile."""


class ChangedMeanwhile(EditRefused):
    """The entry says something else than when the person saw it; `record` is how it stands now."""


class StillNeeded(EditRefused):
    """Other entries point to this one."""


class EditConflict(EditRefused):
    """The same field was changed by somebody else since the form was opened."""


@dataclass(frozen=True)
class Confirmed:
    """How many entries were not confirmed today before; those left because somebody changed them meanwhile."""

    number: int
    left: tuple[DossierRecord, ...]


@transaction.atomic
def add(
    piece: Piece,
    *,
    dossier: Dossier,
    data: Mapping,
    by: User,
    today: datetime.date,
    once: str = "",
) -> DossierRecord:
    """A new entry of a list. Raises NotEditable, NotOfAList or Invalid; then nothing was stored.

    `once`: the number of the form. Sent a second time with the same contents it adds nothing, and gives the
    entry that the first sending added; raises Gone where that was deleted since.
    """
    hold(dossier, by)
    if piece.is_sheet:
        raise NotOfAList(_("This part stands in every dossier already: change it instead."))
    if piece.model is Attachment:
        raise NotOfAList(_("An attachment begins with its file: add the file."))
    record = piece.model(
        created_by=by, updated_by=by, confirmed_by=by, confirmed_on=today, **piece.presets
    )
    form = form_for(piece.key)(data, instance=record, dossier=dossier)
    pk = None
    if once:
        number = sending.token(
            once, piece=piece, dossier=dossier, by=by, data=data, names=form.fields
        )
        pk, is_ours = sending.claim(number, piece=piece, by=by)
        if not is_ours:
            return _added_before(piece, dossier, pk)
    if not form.is_valid():
        raise Invalid(_("Please correct the marked fields."), form)
    record.pk = pk
    with pghistory.context(user=by.pk):
        store(record, form)
        _remember_meeting(record, by=by, today=today)
    return record


@transaction.atomic
def change(
    piece: Piece,
    *,
    dossier: Dossier,
    pk: int,
    data: Mapping,
    by: User,
    today: datetime.date,
    partial: bool = False,
) -> DossierRecord:
    """Change one record by what a form sent; `data["version"]` is the version the person saw.

    `data["contested"]` names the fields that were shown to him as in conflict, and `data["pick-<field>"]` is
    "mine" or "theirs"; his own value where he picked "theirs" goes into the change history. `partial`: fields
    that `data` does not name stay as they are.

    Raises NotEditable, VersionMissing, Gone, Invalid or EditConflict; then nothing was stored.
    """
    record = locked(piece, dossier, pk, by)
    form_class = form_for(piece.key)
    now = merging.values(record, piece)
    seen = merging.values_at(record, piece, data.get("version"))
    standing = form_class(instance=record, dossier=dossier)
    if partial:
        data = merging.completed(data, standing)
    given_way = merging.given_way(data, form_class.base_fields)
    form = form_class(
        merging.with_theirs(data, standing, given_way), instance=record, dossier=dossier
    )
    is_valid = form.is_valid()
    form.data = data  # comes back as it was sent
    mine = merging.values(record, piece)  # the form has put what was sent into the record
    own = merging.typed(data, form, given_way)
    picks = {name: pick for name, pick in merging.picks(data).items() if name in now}

    def compared(names) -> list[FieldConflict]:
        return [
            merging.conflict(
                record,
                name,
                seen=seen and seen[name],
                now=now[name],
                mine=own.get(name, mine[name]),
                pick=picks.get(name, ""),
            )
            for name in names
        ]

    if seen is None:
        raise VersionMissing(
            _(
                "The form did not say which version you were looking at, so nothing was changed. What you wrote "
                "is below: compare it with what stands in the dossier now, then save."
            ),
            form,
            record=record,
            conflicts=compared(name for name in now if is_valid and mine[name] != now[name]),
        )
    if not is_valid:
        raise Invalid(
            _("Please correct the marked fields."), form, record=record, conflicts=compared(picks)
        )
    contested = []
    for name in now:
        undecided = picks.get(name) == "" and mine[name] != now[name]
        if mine[name] == seen[name] and not undecided:
            setattr(record, merging.attname(record, name), now[name])
        elif undecided or now[name] not in (seen[name], mine[name]):
            contested.append(name)
    if contested:
        for name, value in own.items():
            setattr(record, merging.attname(record, name), value)
        again = [name for name in now if name in contested or name in own]
        raise EditConflict(
            _(
                "Somebody else changed the same field while you were writing. Choose which value shall stay."
            ),
            form,
            record=record,
            conflicts=compared(again),
        )
    given_up = {name: value for name, value in own.items() if value != now[name]}
    is_changed = merging.values(record, piece) != now
    if not is_changed and not given_up:
        return record
    with pghistory.context(user=by.pk, **merging.kept_beside(record, given_up)):
        if is_changed:
            record.updated_by = record.confirmed_by = by
            record.confirmed_on = today
            store(record, form)
            _remember_meeting(record, by=by, today=today)
        else:
            # He looked at both values and let this one stand: that is where the history keeps his own.
            _confirm(record, by=by, today=today)
    return record


@transaction.atomic
def confirm(
    piece: Piece, *, dossier: Dossier, pk: int, seen: Any, by: User, today: datetime.date
) -> DossierRecord:
    """Say that the record still holds today; `seen` is the version the person saw. Changes nothing but its freshness.

    Raises NotEditable, Gone, VersionMissing, or ChangedMeanwhile where it says something else by now.
    """
    record = locked(piece, dossier, pk, by)
    _require_as_seen(
        record,
        piece,
        seen,
        _("%(who)s changed this entry since you opened the page. Look at it, then confirm it."),
    )
    if record.confirmed_on == today and record.confirmed_by_id == by.pk:
        return record
    with pghistory.context(user=by.pk):
        _confirm(record, by=by, today=today)
    return record


@transaction.atomic
def confirm_all(
    piece: Piece,
    *,
    dossier: Dossier,
    seen: Mapping[int, int],
    by: User,
    today: datetime.date,
) -> Confirmed:
    """Say that the entries which the person saw still hold today: `seen` is {key of the entry: its version}.

    An entry that says something else by now is left as it is. Raises NotEditable.
    """
    hold(dossier, by)
    records = piece.records(dossier).select_related(None).filter(pk__in=seen).order_by("pk")
    held: list[DossierRecord] = list(records.select_for_update(no_key=True))
    left = [
        record
        for record in held
        if record.version != seen[record.pk]
        and merging.changed_since(record, piece, seen[record.pk]) is not False
    ]
    holds = [record.pk for record in held if record not in left and record.confirmed_on != today]
    with pghistory.context(user=by.pk):
        number = records.filter(pk__in=holds).update(confirmed_on=today, confirmed_by=by)
    return Confirmed(number, tuple(left))


@transaction.atomic
def delete(piece: Piece, *, dossier: Dossier, pk: int, data: Mapping, by: User) -> None:
    """Take an entry out of its list; the change history keeps it, with the person who took it out.

    `data["version"]` is the version he saw. Raises NotEditable, NotOfAList, VersionMissing, Gone,
    ChangedMeanwhile, or StillNeeded where other entries point to it.
    """
    if piece.is_sheet:
        hold(dossier, by)
        raise NotOfAList(
            _("This part belongs to every dossier and cannot be deleted. Empty its fields instead.")
        )
    record = locked(piece, dossier, pk, by)
    _require_as_seen(
        record,
        piece,
        data.get("version"),
        _("%(who)s changed this entry since you opened it. Look at it again before you delete it."),
    )
    try:
        with pghistory.context(user=by.pk):
            record.delete()
    except ProtectedError as refusal:
        dependants = ", ".join(str(entry) for entry in list(refusal.protected_objects)[:5])
        raise StillNeeded(
            _("Other entries point to this one: %(entries)s. Change them first.")
            % {"entries": dependants}
        ) from refusal


# ── Under lock ───────────────────────────────────────────────────────────────────────────────


def hold(dossier: Dossier, by: User) -> None:
    """The dossier, locked until the transaction ends, if the person may edit it at this moment.

    Asked here and not only in the view: the client may have been handed over, or the dossier closed, meanwhile.
    """
    editable = Dossier.objects.editable_by(by).filter(pk=dossier.pk).order_by().only("pk")
    if editable.select_for_update(no_key=True).first() is None:
        raise NotEditable(
            _("You cannot edit this dossier: it is closed, or no longer in your hands.")
        )


def locked(piece: Piece, dossier: Dossier, pk: int, by: User) -> DossierRecord:
    """The record as it stands, with its dossier locked before it. One statement where nothing stands in the way."""
    record: DossierRecord | None = next(
        iter(_held_and_locked(piece.model).rows(by, dossier.pk, pk)), None
    )
    if record is not None and piece.model is not Dossier:
        held: Any = record
        if not held.dossier.is_open:  # closed while we waited
            record = None
    if record is None:
        hold(dossier, by)
        raise Gone(
            _(
                "This entry was deleted meanwhile. What you wrote is kept below: add it as a new entry."
            )
        )
    return record


@cache
def _held_and_locked(model: type[DossierRecord]) -> KeptFor:
    """One record of a dossier that the person may edit, locked after the dossier."""

    def build(by: User, dossier: int, pk: int) -> QuerySet:
        editable = Dossier.objects.editable_by(by).filter(pk=dossier).order_by()
        if model is Dossier:
            return editable.filter(pk=pk).select_for_update(no_key=True)
        records: Any = model.objects  # of whichever model: the types know only what all share
        records = records.filter(pk=pk, dossier__in=editable).select_related("dossier")
        return records.order_by().select_for_update(of=("dossier", "self"), no_key=True)

    return KeptFor(build)


def _added_before(piece: Piece, dossier: Dossier, pk: int | None) -> DossierRecord:
    records: Any = piece.model.objects
    added: DossierRecord | None = records.filter(pk=pk, dossier=dossier).first()
    if added is None:
        raise Gone(
            _(
                "This entry was saved and then deleted. What you wrote is kept below: add it once more if you like."
            )
        )
    return added


def _require_as_seen(record: DossierRecord, piece: Piece, seen: Any, sentence: str) -> None:
    changed = merging.changed_since(record, piece, seen)
    if changed is None:
        raise VersionMissing(
            _(
                "The page did not say which version you were looking at, so nothing was done. Look at the entry and "
                "try again."
            ),
            record=record,
        )
    if changed:
        raise ChangedMeanwhile(sentence % {"who": record.updated_by}, record=record)


def _confirm(record: DossierRecord, *, by: User, today: datetime.date) -> None:
    fields = ["confirmed_on", "confirmed_by"]
    if record.confirmed_on == today and record.confirmed_by_id == by.pk:
        fields.append("updated_at")  # something has to change for the history to have a line of it
    record.confirmed_on, record.confirmed_by = today, by
    record.save(update_fields=fields)
    record.version += 1  # as the trigger counted


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


def store(record: DossierRecord, form: RecordForm) -> None:
    """Save; what the database refuses comes back as the sentence of the constraint, on the form."""
    adding = record._state.adding
    try:
        record.save(force_insert=adding)
    except IntegrityError as refusal:
        form.add_error(*broken_rules.sentence(record, form, refusal))
        raise Invalid(_("Please correct the marked fields."), form) from refusal
    if not adding:
        record.version += 1  # as the trigger counted

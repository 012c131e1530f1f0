"""Putting back what a field said earlier, and bringing back what was deleted.

Both are ordinary changes: made under the lock of the dossier by somebody who may edit it at that moment,
held to every rule, logged with who did it. Nothing is put back over what somebody wrote since the person looked.
"""

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from dossiers import broken_rules, editing, merging
from dossiers.editing import ChangedMeanwhile, EditRefused, Gone, NotOfAList, VersionMissing
from dossiers.forms import RecordForm, form_for
from dossiers.models import Dossier, DossierRecord
from dossiers.pieces import PIECES, Piece, kept_models
from dossiers.standing import links, record_of


class TargetDeleted(EditRefused):
    """It points to an entry that is deleted."""


class AgainstTheRules(EditRefused):
    """As things stand now, a rule forbids it."""


class StandsAlready(EditRefused):
    """The entry is not deleted (any more)."""


@dataclass(frozen=True)
class BroughtBack:
    """`along`: how many entries that belonged to it came back with it; `left`: how many could not."""

    record: DossierRecord
    along: int
    left: int


# ── Earlier values ───────────────────────────────────────────────────────────────────────────


@transaction.atomic
def put_back(
    piece: Piece,
    *,
    dossier: Dossier,
    pk: int,
    names: Iterable[str] = (),
    of: Any,
    seen: Any,
    by: User,
    today: datetime.date,
    given_up: bool = False,
) -> DossierRecord:
    """Let fields say again what they said at version `of`; without `names`, all fields of the piece.

    `seen`: the version that the person was looking at. `given_up`: not what the field said then, but what
    the person behind that version had written and gave up for somebody else's value.
    Raises NotEditable, Gone, VersionMissing, ChangedMeanwhile, TargetDeleted or AgainstTheRules.
    """
    record = editing.locked(piece, dossier, pk, by)
    now = merging.values(record, piece)
    seen_values = merging.values_at(record, piece, seen)
    names = list(names)
    earlier = _given_up(record, of, names) if given_up else merging.values_at(record, piece, of)
    if seen_values is None or not earlier:
        raise VersionMissing(
            _(
                "The page did not say which values you were looking at, so nothing was put back. Try again."
            ),
            record=record,
        )
    wanted = {
        name: earlier[name] for name in (names or list(earlier)) if name in earlier and name in now
    }  # fmt: skip
    wanted = {name: value for name, value in wanted.items() if value != now[name]}
    changed = [name for name in wanted if now[name] != seen_values[name]]
    if changed:
        raise ChangedMeanwhile(
            _("%(who)s changed it since you opened this page: %(fields)s. Look at it, then decide.")
            % {"who": record.updated_by, "fields": ", ".join(_label(record, name) for name in changed)},
            record=record,
        )  # fmt: skip
    if not wanted:
        return record
    for name, value in wanted.items():
        _require_target(record, name, value, dossier)
    form_class = form_for(piece.key)
    standing = form_class(instance=record, dossier=dossier)
    sent = {name: standing.fields[name].prepare_value(value) for name, value in wanted.items()}
    form = form_class(merging.completed(sent, standing), instance=record, dossier=dossier)
    # What is wrong with another field was wrong before, and stays as it is.
    if not form.is_valid() and form.errors.keys() & {*wanted, "__all__"}:
        raise AgainstTheRules(_sentences(form, {*wanted, "__all__"}), form, record=record)
    record.updated_by = record.confirmed_by = by
    record.confirmed_on = today
    with pghistory.context(user=by.pk):
        try:
            with transaction.atomic():
                editing.store(record, form)
        except editing.Invalid as refusal:
            raise AgainstTheRules(
                _sentences(form, form.errors.keys()), form, record=record
            ) from refusal
    return record


def _given_up(record: DossierRecord, version: Any, names: list[str]) -> dict[str, Any]:
    if not re.fullmatch(r"[1-9]\d{0,8}", str(version), re.ASCII):
        return {}
    event = record.events.filter(version=version).select_related("pgh_context").order_by("pgh_id")
    found = event.first()
    if found is None:
        return {}
    kept = merging.given_up_at(found)
    try:
        return {
            name: value
            if value is None or isinstance(value, list)
            else record._meta.get_field(name).to_python(value)
            for name, value in kept.items()
            if not names or name in names
        }
    except ValidationError as refusal:  # he had typed what never was a day, a figure or a choice
        raise AgainstTheRules(
            _("This cannot be put back as things stand now: %(why)s")
            % {"why": " ".join(refusal.messages)},
            record=record,
        ) from refusal


def _label(record: DossierRecord, name: str) -> str:
    return str(record._meta.get_field(name).verbose_name)


def _require_target(record: DossierRecord, name: str, value: Any, dossier: Dossier) -> None:
    """What the field shall point to has to be there; the form would only say that it is no choice."""
    field = record._meta.get_field(name)
    if not field.is_relation or value is None:
        return
    if field.related_model is User:
        person = User.objects.filter(pk=value).first()
        if person is None or not person.is_active:
            raise TargetDeleted(
                _("%(who)s does not work here any more and cannot be chosen again.")
                % {"who": person or _("The person")},
                record=record,
            )
    elif not field.related_model.objects.filter(pk=value, dossier=dossier).exists():
        raise TargetDeleted(
            _("“%(entry)s” was deleted. Bring it back first; then this can be put back.")
            % {"entry": name_of(field.related_model, value, dossier)},
            record=record,
        )


def _sentences(form: RecordForm, names: Iterable[str]) -> str:
    said = []
    for name in names:
        for error in form.errors.get(name, ()):
            of_field = name in form.fields and len(form.errors) > 1
            said.append(f"{capfirst(form.fields[name].label)}: {error}" if of_field else str(error))
    return _("This cannot be put back as things stand now: %(why)s") % {"why": " ".join(said)}


# ── Deleted entries ──────────────────────────────────────────────────────────────────────────


def newest(model: type[DossierRecord], dossier: Dossier, **which: Any) -> models.QuerySet:
    """The newest version of each entry; that of a deleted one is its deletion."""
    events = model.pgh_event_model.objects.filter(dossier_id=dossier.pk, **which)
    return events.order_by("pgh_obj_id", "-version", "-pgh_id").distinct("pgh_obj_id")


def deletions(piece: Piece, dossier: Dossier) -> models.QuerySet:
    """The deletions of entries that are still deleted, latest first."""
    if piece.is_sheet:
        return piece.model.pgh_event_model.objects.none()
    latest = newest(piece.model, dossier).values("pgh_id")
    return (
        piece.model.pgh_event_model.objects.filter(pgh_id__in=latest, pgh_label="delete")
        .select_related("pgh_context")
        .order_by("-pgh_created_at", "-pgh_id")
    )


def name_of(model: type[DossierRecord], pk: int, dossier: Dossier) -> str:
    """What an entry was called last."""
    event = newest(model, dossier, pgh_obj_id=pk).first()
    return str(record_of(model, event)) if event else _("The entry")


@transaction.atomic
def bring_back(piece: Piece, *, dossier: Dossier, pk: int, by: User) -> BroughtBack:
    """A deleted entry stands again, under its old number, with what was deleted along with it.

    Entries that lost their pointer to it get it back, where nobody set another one. Raises NotEditable,
    NotOfAList, Gone (never stood here), StandsAlready, TargetDeleted or AgainstTheRules.
    """
    editing.hold(dossier, by)
    if piece.is_sheet:
        raise NotOfAList(_("This part stands in every dossier: it cannot be deleted."))
    deletion = newest(piece.model, dossier, pgh_obj_id=pk).first()
    if deletion is None:
        raise Gone(_("There never was such an entry in this dossier."))
    if deletion.pgh_label != "delete":
        raise StandsAlready(_("This entry stands in the dossier: it is not deleted any more."))
    with pghistory.context(user=by.pk):
        record = _stand_up(piece.model, deletion, dossier, by)
        along, left = _along(piece.model, deletion, dossier, by)
        _point_again(piece.model, deletion, dossier, by)
    return BroughtBack(record, along, left)


def _stand_up(
    model: type[DossierRecord], deletion: Any, dossier: Dossier, by: User
) -> DossierRecord:
    record = record_of(model, deletion)
    for field in links(model):
        key = getattr(record, field.attname)
        if key is None or field.related_model.objects.filter(pk=key, dossier=dossier).exists():
            continue
        if field.remote_field.on_delete is models.SET_NULL:
            setattr(record, field.attname, None)  # as if it had stood when the other was deleted
            continue
        raise TargetDeleted(
            _("It belongs to “%(entry)s”, which was deleted too. Bring that back first.")
            % {"entry": name_of(field.related_model, key, dossier)}
        )
    record.version = deletion.version + 1
    record.updated_by, record.updated_at = by, timezone.now()
    try:
        with transaction.atomic():
            # As it was, the day of its first entry included: nothing is filled in anew.
            record.save_base(raw=True, force_insert=True)
    except IntegrityError as refusal:
        piece = next(piece for piece in PIECES if piece.model is model)
        form = form_for(piece.key)(instance=record, dossier=dossier)
        _field, sentence = broken_rules.sentence(record, form, refusal)
        raise AgainstTheRules(
            _("It cannot be brought back as things stand now: %(why)s") % {"why": sentence}
        ) from refusal
    return record


def _along(
    model: type[DossierRecord], deletion: Any, dossier: Dossier, by: User
) -> tuple[int, int]:
    """Bring back what was deleted in the same act because it belonged to the entry: how many, and how many not."""
    came = left = 0
    for other, field in _pointing_to(model, models.CASCADE):
        gone = _same_act(other, deletion, "delete", dossier).filter(
            **{field.attname: deletion.pgh_obj_id}
        )
        still = newest(other, dossier, pgh_obj_id__in=gone.values("pgh_obj_id"))
        for event in sorted(still, key=lambda event: event.pgh_obj_id):
            if event.pgh_label != "delete" or event.pgh_created_at != deletion.pgh_created_at:
                continue
            try:
                _stand_up(other, event, dossier, by)
            except (TargetDeleted, AgainstTheRules):
                left += 1
                continue
            came_too, left_too = _along(other, event, dossier, by)
            came, left = came + 1 + came_too, left + left_too
    return came, left


def _point_again(model: type[DossierRecord], deletion: Any, dossier: Dossier, by: User) -> None:
    for other, field in _pointing_to(model, models.SET_NULL):
        emptied = _same_act(other, deletion, "update", dossier).filter(
            **{f"{field.attname}__isnull": True}
        )
        for event in emptied:
            before = other.pgh_event_model.objects.filter(
                pgh_obj_id=event.pgh_obj_id,
                version=event.version - 1,
                **{field.attname: deletion.pgh_obj_id},
            )
            if not before.exists():
                continue
            entries = other.objects.filter(
                pk=event.pgh_obj_id, dossier=dossier, **{f"{field.attname}__isnull": True}
            )
            entries.update(**{field.attname: deletion.pgh_obj_id, "updated_by": by})


def _same_act(
    model: type[DossierRecord], deletion: Any, label: str, dossier: Dossier
) -> models.QuerySet:
    """What happened to entries of the model in the transaction of the deletion, by the same hand."""
    return model.pgh_event_model.objects.filter(
        dossier_id=dossier.pk,
        pgh_label=label,
        pgh_created_at=deletion.pgh_created_at,
        pgh_context_id=deletion.pgh_context_id,
    )


def _pointing_to(
    model: type[DossierRecord], on_delete: Any
) -> Iterator[tuple[type[DossierRecord], models.ForeignKey]]:
    for other in kept_models():
        for field in links(other):
            if field.related_model is model and field.remote_field.on_delete is on_delete:
                yield other, field

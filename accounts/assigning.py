"""Handing key clients to KAMs: the three-slot rule.

Every entrance (page, API, shell, demo) hands over through these functions; the constraints of
`Assignment` hold the same rules against anybody who does not.
"""

import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models.assignment import SLOTS, Assignment, Holding
from accounts.models.client import Client
from accounts.models.user import Role, User


class AssignmentRefused(Exception):
    """The hand-over cannot be; the text is a sentence for the person who asked."""


class KamIsFull(AssignmentRefused):
    pass


class NotAKeyClient(AssignmentRefused):
    pass


class NotAKam(AssignmentRefused):
    pass


class AlreadyHolds(AssignmentRefused):
    pass


class NotAllowed(AssignmentRefused):
    pass


def free_slots(kam: User) -> int:
    """How many more key clients the KAM can take: 0 to 3."""
    return len(SLOTS) - Assignment.objects.open().kams().filter(person=kam).count()


@transaction.atomic
def assign(
    client: Client, *, to: User, by: User, today: datetime.date, note: str = ""
) -> Assignment:
    """Make `to` the KAM of the client from `today` on; whoever held it until now is released.

    Raises an AssignmentRefused with a sentence; then nothing has changed.
    """
    client, kam = _locked(client, to, by)
    holders = list(Assignment.objects.open().filter(client=client).select_related("person"))
    current = next((held for held in holders if held.holding == Holding.KAM), None)
    if current and current.person_id == kam.pk:
        raise AlreadyHolds(_("%(kam)s already holds %(client)s.") % {"kam": kam, "client": client})
    taken = dict(
        Assignment.objects.open()
        .kams()
        .filter(person=kam)
        .order_by("slot")
        .values_list("slot", "client__name")
    )
    slot = next((number for number in SLOTS if number not in taken), None)
    if slot is None:
        raise KamIsFull(
            _(
                "%(kam)s already holds three key clients: %(clients)s. Choose a KAM with a free slot, "
                "or first hand one of these clients to somebody else."
            )
            # A name such as "Huta S.A." brings the full stop along.
            % {"kam": kam, "clients": ", ".join(taken.values()).rstrip(".")}
        )
    if current:
        _end(current, today)
    for deputising in holders:
        # A deputy who becomes the KAM is no longer his own deputy.
        if deputising.holding == Holding.DEPUTY and deputising.person_id == kam.pk:
            _end(deputising, today)
    return _store(
        client=client,
        person=kam,
        holding=Holding.KAM,
        slot=slot,
        started_on=today,
        assigned_by=by,
        note=note,
    )


@transaction.atomic
def appoint_deputy(
    client: Client, *, to: User, by: User, today: datetime.date, note: str = ""
) -> Assignment:
    """Make `to` the deputy for the client; an earlier deputy is released. A deputy occupies no slot."""
    client, deputy = _locked(client, to, by)
    holders = list(Assignment.objects.open().filter(client=client))
    if any(held.person_id == deputy.pk for held in holders):
        raise AlreadyHolds(
            _(
                "%(person)s already holds %(client)s. The deputy has to be somebody else than the KAM."
            )
            % {"person": deputy, "client": client}
        )
    for held in holders:
        if held.holding == Holding.DEPUTY:
            _end(held, today)
    return _store(
        client=client,
        person=deputy,
        holding=Holding.DEPUTY,
        started_on=today,
        assigned_by=by,
        note=note,
    )


@transaction.atomic
def release(client: Client, *, by: User, today: datetime.date) -> int:
    """End all open assignments of the client. Returns how many ended; a second call ends none."""
    _require_head(by)
    client = Client.objects.select_for_update().get(pk=client.pk)
    ended = 0
    for held in Assignment.objects.open().filter(client=client):
        _end(held, today)
        ended += 1
    return ended


@transaction.atomic
def dismiss_deputy(client: Client, *, by: User, today: datetime.date) -> int:
    """End the deputy's assignment. Returns how many ended, 1 or 0; a second call ends none."""
    _require_head(by)
    client = Client.objects.select_for_update().get(pk=client.pk)
    deputies = list(Assignment.objects.open().deputies().filter(client=client))
    for held in deputies:
        _end(held, today)
    return len(deputies)


def capacity_sentence(free: int) -> str:
    """What a list of KAMs says beside each name."""
    if not free:
        return _("full: three key clients")
    return ngettext("%(free)d slot free", "%(free)d slots free", free) % {"free": free}


def _locked(client: Client, person: User, by: User) -> tuple[Client, User]:
    """Client first, person second, always: two heads at once then wait for each other instead of deadlocking."""
    _require_head(by)
    client = Client.objects.select_for_update().get(pk=client.pk)
    person = User.objects.select_for_update().get(pk=person.pk)
    if not client.is_key:
        raise NotAKeyClient(
            _("%(client)s is not a key client. Make it one first; then it can be handed to a KAM.")
            % {"client": client}
        )
    if person.role != Role.KAM or not person.is_active:
        raise NotAKam(
            _("%(person)s is not an active KAM and cannot hold key clients.") % {"person": person}
        )
    return client, person


def _store(**fields) -> Assignment:
    """The locks make a collision impossible for whoever comes through here; this is for whoever does not."""
    try:
        with transaction.atomic():
            return Assignment.objects.create(**fields)
    except IntegrityError as refusal:
        raise AssignmentRefused(
            _(
                "Somebody else changed the assignments at the same moment, so nothing was done. Look again and repeat it."
            )
        ) from refusal


def _require_head(by: User) -> None:
    if by.role != Role.HEAD or not by.is_active:
        raise NotAllowed(_("Only a sales head hands key clients to KAMs."))


def _end(assignment: Assignment, today: datetime.date) -> None:
    # An assignment dated in the future (typed by mistake) still ends no earlier than it began.
    assignment.ended_on = max(today, assignment.started_on)
    assignment.save(update_fields=["ended_on"])

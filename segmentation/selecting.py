"""Choosing key clients: a client changes its stage by a head's decision, whose reason is recorded."""

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import Assignment, Client, User
from accounts.models.client import Stage
from segmentation.models import SelectionDecision

# From each stage, where a decision may lead. A lost client is won back first; only then is it a
# candidate for more.
WAYS: dict[str, frozenset[str]] = {
    Stage.PROSPECT: frozenset({Stage.REGULAR, Stage.CANDIDATE, Stage.KEY, Stage.LOST}),
    Stage.REGULAR: frozenset({Stage.PROSPECT, Stage.CANDIDATE, Stage.KEY, Stage.LOST}),
    Stage.CANDIDATE: frozenset({Stage.PROSPECT, Stage.REGULAR, Stage.KEY, Stage.LOST}),
    Stage.KEY: frozenset({Stage.REGULAR, Stage.CANDIDATE, Stage.LOST}),
    Stage.LOST: frozenset({Stage.PROSPECT, Stage.REGULAR}),
}


class SelectionRefused(Exception):
    """The decision cannot be; the text is a sentence for the person who asked."""


class NotAllowed(SelectionRefused):
    pass


class ReasonMissing(SelectionRefused):
    pass


class AlreadyThere(SelectionRefused):
    pass


class NoSuchWay(SelectionRefused):
    pass


class StillHeld(SelectionRefused):
    pass


@transaction.atomic
def change_stage(
    client: Client, *, to: Stage, reason: str, by: User, today: datetime.date
) -> SelectionDecision:
    """Move the client to another stage and record the decision.

    Raises a SelectionRefused with a sentence; then nothing has changed. The client passed in is
    updated in place, so that the caller goes on with what is stored.
    """
    if not may(by, "choose_key_clients"):
        raise NotAllowed(
            _("Only a sales head decides which clients are key clients and candidates.")
        )
    reason = reason.strip()
    if not reason:
        raise ReasonMissing(_("Give the reason for the decision: people will ask for it later."))
    locked = Client.objects.select_for_update().get(pk=client.pk)
    to = Stage(to)
    if locked.stage == to:
        raise AlreadyThere(
            _("%(client)s is at the stage “%(stage)s” already.")
            % {"client": locked, "stage": to.label}
        )
    if to not in WAYS[locked.stage]:
        raise NoSuchWay(
            _("From “%(from)s” %(client)s cannot go straight to “%(to)s”. First make it: %(ways)s.")
            % {
                "client": locked,
                "from": locked.get_stage_display(),
                "to": to.label,
                "ways": ", ".join(
                    str(stage.label) for stage in Stage if stage in WAYS[locked.stage]
                ),
            }
        )
    if locked.is_key and Assignment.objects.open().filter(client=locked).exists():
        raise StillHeld(
            _(
                "%(client)s is still held by its KAM. Release it first; then it can stop being a key client."
            )
            % {"client": locked}
        )
    from_stage, locked.stage = locked.stage, to
    locked.save(update_fields=["stage"])
    decision = record(locked, from_stage=from_stage, to_stage=to, reason=reason, by=by, today=today)
    client.stage = to
    return decision


def nominate(client: Client, *, by: User, today: datetime.date, reason: str) -> SelectionDecision:
    """Put a prospect or a regular client on the list of candidates."""
    return change_stage(client, to=Stage.CANDIDATE, reason=reason, by=by, today=today)


def record(
    client: Client, *, from_stage: str, to_stage: str, reason: str, by: User, today: datetime.date
) -> SelectionDecision:
    """Write the decision down, for a caller who changed the stage himself in the same transaction."""
    return SelectionDecision.objects.create(
        client=client,
        from_stage=from_stage,
        to_stage=to_stage,
        reason=reason,
        decided_by=by,
        decided_on=today,
    )

"""A client becomes a key client, and its dossier opens: one act."""

import datetime
from collections.abc import Sequence

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import assigning
from accounts.models import Client, User
from accounts.models.client import Stage
from dossiers import reviewing
from dossiers.models import Dossier, GeneralInformation, Plan, Relationship
from segmentation import proposing, selecting


class OpeningRefused(Exception):
    """The client was not made a key client; the text is a sentence for the person."""


class AlreadyKey(OpeningRefused):
    pass


class NotKey(OpeningRefused):
    pass


@transaction.atomic
def make_key(
    client: Client,
    *,
    by: User,
    reason: str,
    today: datetime.date,
    types: Sequence[str] | None = None,
) -> Dossier:
    """Make the client a key client, record the decision with its reason, and open its dossier.

    What the client's master data already tell is put into the dossier, so that nobody types it again. A
    client that was a key client before gets its dossier back, with all that was known. `types`: what kind of key client
    it is; where nothing is said, those that a head confirmed while it was chosen.
    Raises AlreadyKey, or a selecting.SelectionRefused with a sentence; then nothing has changed.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.is_key:
        raise AlreadyKey(
            _("%(client)s is a key client already and has its dossier.") % {"client": client}
        )
    selecting.change_stage(client, to=Stage.KEY, reason=reason, by=by, today=today)
    if types is None:
        types = proposing.confirmed(client)
    author = {"created_by": by, "updated_by": by, "confirmed_by": by, "confirmed_on": today}
    with pghistory.context(user=by.pk):
        earlier = (
            Dossier.objects.select_for_update(of=("self",))
            .filter(client=client)
            .order_by("-pk")
            .first()
        )
        if earlier is not None:
            return _reopen(earlier, by=by, types=types, today=today)
        dossier = Dossier.objects.create(
            client=client,
            opened_on=today,
            last_reviewed_on=today,
            next_review_on=reviewing.next_review_date(today),
            types=list(types),
            **author,
        )
        GeneralInformation.objects.create(
            dossier=dossier,
            legal_name=client.name,
            tax_id=client.tax_id,
            head_office=", ".join(filter(None, [client.city, client.country])),
            industries=[client.industry] if client.industry else [],
            channel=client.channel,
            source=_("client master data"),
            **author,
        )
        Relationship.objects.create(dossier=dossier, **author)
        Plan.objects.create(dossier=dossier, **author)
    return dossier


@transaction.atomic
def release_key(
    dossier: Dossier, *, to: str, by: User, reason: str, today: datetime.date
) -> Client:
    """The client is no key client any more: its people are released and the dossier is closed, not lost.

    `to` is the stage it falls back to: regular or lost. A revision on its way ends with the dossier.
    Raises NotKey, or a selecting.SelectionRefused with a sentence; then nothing has changed.
    """
    client = Client.objects.select_for_update().get(pk=dossier.client_id)
    if not client.is_key:
        raise NotKey(
            _("%(client)s is no key client any more: somebody else has released it.")
            % {"client": client}
        )
    assigning.release(client, by=by, today=today)
    selecting.change_stage(client, to=Stage(to), reason=reason, by=by, today=today)
    with pghistory.context(user=by.pk):
        reviewing.end_with_dossier(dossier, by=by, reason=reason, today=today)
        dossier = Dossier.objects.select_for_update().get(pk=dossier.pk)
        if dossier.is_open:
            dossier.closed_on = today
            dossier.updated_by = by
            dossier.save(update_fields=["closed_on", "updated_by"])
    return client


def _reopen(dossier: Dossier, *, by: User, types: Sequence[str], today: datetime.date) -> Dossier:
    """What was known then is there again, as stale as it has become; the first revision is in three months."""
    dossier.closed_on = None
    dossier.last_reviewed_on = today
    dossier.next_review_on = reviewing.next_review_date(today)
    dossier.types = list(types) or dossier.types
    dossier.updated_by = by
    dossier.save(
        update_fields=["closed_on", "last_reviewed_on", "next_review_on", "types", "updated_by"]
    )
    return dossier

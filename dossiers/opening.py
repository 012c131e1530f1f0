"""A client becomes a key client, and its dossier opens: one act."""

import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import assigning
from accounts.models import Client, User
from accounts.models.client import Stage
from dossiers.models import Dossier, GeneralInformation, Plan, Relationship
from dossiers.reviewing import next_review_date
from segmentation import selecting


class OpeningRefused(Exception):
    """The client was not made a key client; the text is a sentence for the person."""


class AlreadyKey(OpeningRefused):
    pass


@transaction.atomic
def make_key(client: Client, *, by: User, reason: str, today: datetime.date, types: list[str] = ()) -> Dossier:
    """Make the client a key client, record the decision with its reason, and open its dossier.

    What the client's master data already tell is put into the dossier, so that nobody types it again.
    Raises AlreadyKey, or a selecting.SelectionRefused with a sentence; then nothing has changed.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.is_key:
        raise AlreadyKey(_("%(client)s is a key client already and has its dossier.") % {"client": client})
    selecting.change_stage(client, to=Stage.KEY, reason=reason, by=by, today=today)
    author = {"created_by": by, "updated_by": by, "confirmed_by": by, "confirmed_on": today}
    with pghistory.context(user=by.pk):
        dossier = Dossier.objects.create(
            client=client,
            opened_on=today,
            last_reviewed_on=today,
            next_review_on=next_review_date(today),
            types=list(types),
            **author,
        )
        GeneralInformation.objects.create(
            dossier=dossier,
            legal_name=client.name,
            tax_id=client.tax_id,
            head_office=", ".join(filter(None, [client.city, client.country])),
            industry=client.industry,
            channel=client.channel,
            source=_("client master data"),
            **author,
        )
        Relationship.objects.create(dossier=dossier, **author)
        Plan.objects.create(dossier=dossier, **author)
    return dossier


@transaction.atomic
def release_key(dossier: Dossier, *, to: str, by: User, reason: str, today: datetime.date) -> Client:
    """The client is no key client any more: its people are released and the dossier is closed, not lost.

    `to` is the stage it falls back to: regular or lost.
    """
    client = Client.objects.select_for_update().get(pk=dossier.client_id)
    assigning.release(client, by=by, today=today)
    selecting.change_stage(client, to=to, reason=reason, by=by, today=today)
    with pghistory.context(user=by.pk):
        dossier = Dossier.objects.select_for_update().get(pk=dossier.pk)
        if dossier.is_open:
            dossier.closed_on = today
            dossier.updated_by = by
            dossier.save(update_fields=["closed_on", "updated_by"])
    return client

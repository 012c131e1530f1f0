"""A client that we have sold nothing to yet is entered by hand: a prospect, with where the lead came from."""

import datetime

import pghistory
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import Client, User
from accounts.models.client import Stage
from accounts.sorting import sort_key
from segmentation import alike, judging
from segmentation.jobs import lock_key


class EnteringRefused(Exception):
    """The client was not entered; the text is a sentence. `field`: what it is about."""

    def __init__(self, sentence: str, *, field: str = ""):
        super().__init__(sentence)
        self.field = field


class NotAllowed(EnteringRefused):
    pass


class KnownAlready(EnteringRefused):
    """There is such a client: `client` is the one to go on with."""

    def __init__(self, sentence: str, client: Client, *, field: str):
        super().__init__(sentence, field=field)
        self.client = client


class SameName(KnownAlready):
    """Another client is called the same: it can be another company, which only the person knows."""


@transaction.atomic
def enter(
    *,
    name: str,
    source: str,
    by: User,
    today: datetime.date,
    source_note: str = "",
    tax_id: str = "",
    external_id: str = "",
    country: str = "",
    city: str = "",
    industry: str = "",
    channel: str = "",
    is_another: bool = False,
) -> Client:
    """A new prospect. `is_another`: the person knows of the client with the same name and means a different one.

    Raises KnownAlready where the tax id or the number in the ledger is that of a client, SameName where only the
    name is; or a judging.JudgingRefused. Then nothing was stored.
    """
    if not may(by, "match_clients"):
        raise NotAllowed(_("Only a sales head or an analyst enters clients."))
    # Two people who enter the same company at once: the second waits, and then finds it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("entering a client")])
    name, tax_id, external_id = name.strip(), tax_id.strip(), external_id.strip()
    _refuse_known(name=name, tax_id=tax_id, external_id=external_id, is_another=is_another)
    try:
        with transaction.atomic(), pghistory.context(user=by.pk):
            client = Client.objects.create(
                name=name,
                tax_id=tax_id,
                external_id=external_id or None,
                country=country.strip(),
                city=city.strip(),
                industry=industry.strip(),
                channel=channel.strip(),
                stage=Stage.PROSPECT,
            )
    except IntegrityError:
        # An import brought the number in between our look and our writing.
        _refuse_known(name=name, tax_id=tax_id, external_id=external_id, is_another=is_another)
        raise
    judging.first_lead(client, source=source, source_note=source_note, by=by, today=today)
    return client


def _refuse_known(*, name: str, tax_id: str, external_id: str, is_another: bool) -> None:
    if by_number := _with_number(external_id):
        found = _standing(by_number)
        raise KnownAlready(
            _("%(client)s has this number in the sales ledger already.") % {"client": found},
            found,
            field="external_id",
        )
    if by_tax := _with_tax_id(tax_id):
        found = _standing(by_tax)
        raise KnownAlready(
            _("%(client)s has this tax id already.") % {"client": found}, found, field="tax_id"
        )
    same = Client.objects.standing().filter(Q(name_sort=sort_key(name))).order_by("pk").first()
    if same and not is_another:
        raise SameName(
            _("There is a client called %(client)s already. Is this another company?")
            % {"client": same},
            same,
            field="name",
        )


def _with_number(number: str) -> Client | None:
    """The client that has this number in the ledger, or had it before it was merged."""
    if not number:
        return None
    known = Q(external_id=number) | Q(ledger_numbers__number=number)
    return Client.objects.filter(known).order_by("pk").first()


def _with_tax_id(written: str) -> Client | None:
    """The client that has this tax id, however it is written there and here."""
    mine = alike.tax_id(written)
    if mine is None:  # too short to compare by rule: only the very same
        return (
            Client.objects.filter(tax_id__iexact=written).order_by("pk").first()
            if written
            else None
        )
    stripped = Func(
        Upper(F("tax_id")),
        Value(r"[^[:alnum:]]"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=CharField(),
    )
    alikes = Client.objects.annotate(bare_tax_id=stripped).filter(bare_tax_id__endswith=mine.number)
    for client in alikes.order_by("pk"):
        theirs = alike.tax_id(client.tax_id)
        if theirs is not None and mine.agrees(theirs):
            return client
    return None


def _standing(client: Client) -> Client:
    """The client it was merged into, if it was."""
    while client.merged_into is not None:
        client = client.merged_into
    return client

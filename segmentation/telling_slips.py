"""The e-mail about slipping clients: one for a person and a round, with all that he was not told yet."""

import datetime
from collections.abc import Sequence

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import mailing
from accounts.models import Client, User
from segmentation import rhythm_words
from segmentation.models import SlippingNotice

# So many stand in the e-mail, those with the most revenue first; the page has them all.
NAMED = 20


def deliver_notices(*, now: datetime.datetime | None = None) -> int:
    """Send what is owed and due. Returns how many e-mails went out."""
    return mailing.deliver(NOTICES, now=now)


def _write(person: User, notices: Sequence[SlippingNotice]) -> mailing.Letter | None:
    """None where nothing is left to tell: handed over meanwhile, or all of them have ordered again."""
    silent = [notice for notice in notices if notice.episode.ended_on is None]
    seen = set(
        Client.objects.visible_to(person)
        .filter(pk__in=[notice.episode.client_id for notice in silent])
        .values_list("pk", flat=True)
    )
    episodes = [notice.episode for notice in silent if notice.episode.client_id in seen]
    clients = [episode.client for episode in episodes if hasattr(episode.client, "rhythm")]
    if not clients:
        return None
    clients.sort(key=lambda client: (-(client.rhythm.revenue or 0), client.name_sort))
    today = timezone.localdate()
    context = {
        "person": person,
        "number": len(clients),
        "clients": [
            {
                "name": client.name,
                "said": rhythm_words.said(client.rhythm, today=today),
                "rhythm": client.rhythm,
            }
            for client in clients[:NAMED]
        ],
        "more": max(0, len(clients) - NAMED),
        "address": settings.KAM_URL.rstrip("/") + reverse("segmentation:slipping"),
    }
    first, last = notices[0], notices[-1]
    return mailing.Letter(
        subject=render_to_string("segmentation/email/slipping_subject.txt", context),
        body=render_to_string("segmentation/email/slipping.txt", context),
        name=f"slipping-{person.pk}-{first.pk}-{last.pk}-{last.owed_on:%Y%m%d}",
    )


NOTICES = mailing.Kind(
    model=SlippingNotice,
    write=_write,
    together=True,
    related=("episode__client__rhythm",),
)

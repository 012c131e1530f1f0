"""The e-mails that revisions send: one for each notice, once (see accounts.mailing)."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import mailing
from accounts.models import User
from dossiers.models import Notice, Review


def deliver_notices(*, now: datetime | None = None) -> int:
    """Send what is owed and due. Returns how many e-mails went out."""
    return mailing.deliver(NOTICES, now=now)


def _write(person: User, notices: Sequence[Notice]) -> mailing.Letter | None:
    [notice] = notices
    # Whoever handed the client over meanwhile is not told about it any more.
    if not Review.objects.visible_to(person).filter(pk=notice.review_id).exists():
        return None
    address = settings.KAM_URL.rstrip("/") + reverse("dossiers:review", args=[notice.review_id])
    context = {"notice": notice, "review": notice.review, "person": person, "address": address}
    return mailing.Letter(
        subject=render_to_string(f"dossiers/email/{notice.occasion}_subject.txt", context),
        body=render_to_string(f"dossiers/email/{notice.occasion}.txt", context),
        name=f"notice-{notice.pk}-{notice.occasion}-{notice.owed_on:%Y%m%d}",
    )


NOTICES = mailing.Kind(
    model=Notice,
    write=_write,
    related=("review__dossier__client", "review__submitted_by", "review__decided_by"),
)

"""The e-mails that revisions send: one for each notice, once."""

import logging
import re
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from dossiers.models import Notice, Review

log = logging.getLogger(__name__)


def deliver_notices() -> int:
    """Send what is owed and unsent. Returns how many e-mails went out.

    Each notice is locked, sent and marked by itself, so two deliverers never send the same one, and a
    mail server that fails loses nothing: what was not sent stays owed. Should the power fail between
    sending and marking, the second copy bears the same Message-ID, and mail programs show one.
    """
    sent = 0
    for pk in Notice.objects.filter(sent_at__isnull=True).values_list("pk", flat=True):
        try:
            sent += _deliver(pk)
        except (
            Exception
        ):  # one address that the mail server refuses must not hold up all the others
            log.exception("notice %s was not sent and stays owed", pk)
    return sent


@transaction.atomic
def _deliver(pk: int) -> int:
    """Send one notice, unless another deliverer has it. Returns how many e-mails went out: 0 or 1."""
    notice = (
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related(
            "person", "review__dossier__client", "review__submitted_by", "review__decided_by"
        )
        .filter(pk=pk, sent_at__isnull=True)
        .first()
    )
    if notice is None:
        return 0
    # Whoever handed the client over meanwhile is not told about it any more.
    wanted = Review.objects.visible_to(notice.person).filter(pk=notice.review_id).exists()
    if wanted:
        _message(notice).send()
    notice.sent_at = timezone.now()
    notice.save(update_fields=["sent_at"])
    return int(wanted)


def _message(notice: Notice) -> EmailMessage:
    with translation.override(notice.person.language):
        address = settings.KAM_URL.rstrip("/") + reverse("dossiers:review", args=[notice.review_id])
        context = {
            "notice": notice,
            "review": notice.review,
            "person": notice.person,
            "address": address,
        }
        subject = render_to_string(f"dossiers/email/{notice.occasion}_subject.txt", context)
        body = render_to_string(f"dossiers/email/{notice.occasion}.txt", context)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    day = f"{notice.owed_on:%Y%m%d}"
    return EmailMessage(
        " ".join(subject.split()),
        re.sub(r"\n{3,}", "\n\n", body).strip() + "\n",
        to=[notice.person.email],
        headers={"Message-ID": f"<notice-{notice.pk}-{notice.occasion}-{day}@{domain}>"},
    )

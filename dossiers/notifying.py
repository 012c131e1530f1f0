"""The e-mails that revisions send: one for each notice, once."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from dossiers.models import Notice


def deliver_notices() -> int:
    """Send what is owed and unsent. Returns how many were sent.

    Each notice is locked, sent and marked by itself, so two deliverers never send the same one, and a
    mail server that fails loses nothing: what was not sent stays owed.
    """
    sent = 0
    for pk in list(Notice.objects.filter(sent_at__isnull=True).values_list("pk", flat=True)):
        with transaction.atomic():
            notice = (
                Notice.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("person", "review__dossier__client", "review__submitted_by", "review__decided_by")
                .filter(pk=pk, sent_at__isnull=True)
                .first()
            )
            if notice is None:
                continue
            if notice.person.is_active:
                _message(notice).send()
            notice.sent_at = timezone.now()
            notice.save(update_fields=["sent_at"])
            sent += 1
    return sent


def _message(notice: Notice) -> EmailMessage:
    with translation.override(notice.person.language):
        address = settings.KAM_URL.rstrip("/") + reverse("dossiers:review", args=[notice.review_id])
        context = {"notice": notice, "review": notice.review, "person": notice.person, "address": address}
        subject = render_to_string(f"dossiers/email/{notice.occasion}_subject.txt", context)
        body = render_to_string(f"dossiers/email/{notice.occasion}.txt", context)
    return EmailMessage(" ".join(subject.split()), body, to=[notice.person.email])

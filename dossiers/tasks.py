"""Doorbells: each rings one rule, and may ring twice."""

from celery import shared_task
from django.utils import timezone

from dossiers import attaching, notifying, pdf, reviewing, sending


@shared_task(name="dossiers.tasks.raise_due_reviews")
def raise_due_reviews() -> int:
    raised = reviewing.raise_due_reviews(today=timezone.localdate())
    deliver_notices.delay()
    return len(raised)


@shared_task(name="dossiers.tasks.deliver_notices")
def deliver_notices() -> int:
    return notifying.deliver_notices()


@shared_task(name="dossiers.tasks.print_pdf", soft_time_limit=180)
def print_pdf(key: str) -> bool:
    return pdf.make(key)


@shared_task(name="dossiers.tasks.sweep_pdfs")
def sweep_pdfs() -> int:
    return pdf.sweep()


@shared_task(name="dossiers.tasks.draw_preview", soft_time_limit=60)
def draw_preview(pk: int) -> bool:
    return attaching.draw_preview(pk)


@shared_task(name="dossiers.tasks.sweep_attachments")
def sweep_attachments() -> int:
    return attaching.sweep()


@shared_task(name="dossiers.tasks.sweep_sent_forms")
def sweep_sent_forms() -> int:
    return sending.sweep(now=timezone.now())

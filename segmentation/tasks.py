"""Doorbells: each takes an id, calls one rule, and may ring twice."""

import datetime
import logging

from celery import shared_task
from celery.signals import worker_ready
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from segmentation import jobs, sales_import, segmenting, slipping, telling_slips, undoing
from segmentation.models import Rhythm, SalesDocument, SalesImport, SegmentationRun

logger = logging.getLogger(__name__)


@shared_task
def import_sales(import_id: int) -> None:
    job = SalesImport.objects.filter(pk=import_id).first()
    if job is not None and sales_import.run(job).has_succeeded:
        ask_to_look(import_id)


@shared_task
def run_segmentation(run_id: int) -> None:
    row = SegmentationRun.objects.filter(pk=run_id).first()
    if row is not None:
        segmenting.run(row)


@shared_task
def run_scheduled() -> None:
    segmenting.request_scheduled(today=timezone.localdate(), ring=run_segmentation.delay)


@shared_task
def look_for_slipping(import_id: int | None = None) -> None:
    """Of the clients that an import touched, or of all."""
    job = SalesImport.objects.filter(pk=import_id).first() if import_id else None
    slipping.look(
        today=timezone.localdate(), clients=slipping.clients_of(job) if job is not None else None
    )
    deliver_slipping_notices.delay()


def ask_to_look(import_id: int | None = None) -> None:
    """Ring for a look at the clients of an import, or at all: sales were taken back, or the policy changed.

    What the queue does not take is found the next morning.
    """

    def ring() -> None:
        try:
            look_for_slipping.delay(import_id)
        except OperationalError:
            logger.exception("the queue did not take the look for slipping clients")

    transaction.on_commit(ring)


@shared_task
def deliver_slipping_notices() -> int:
    return telling_slips.deliver_notices()


@shared_task
def take_up_abandoned(patience_seconds: int = 300) -> None:
    """Ring again for jobs whose worker was killed together with its message."""
    since = timezone.now() - datetime.timedelta(seconds=patience_seconds)
    for job in jobs.abandoned(SalesImport, since=since):
        if job.file:
            import_sales.delay(job.pk)
        else:
            sales_import.give_up(job)
    for row in jobs.abandoned(SegmentationRun, since=since):
        run_segmentation.delay(row.pk)
    if not Rhythm.objects.exists() and SalesDocument.objects.exists():
        # Sales from before there were rhythms, after an upgrade: nobody waits for the next morning.
        look_for_slipping.delay()


@shared_task
def sweep_sales() -> None:
    """Files of imports and replaced documents that nobody needs any more."""
    undoing.sweep_files(today=timezone.localdate())
    undoing.sweep_replaced(today=timezone.localdate())


@worker_ready.connect
def _ring_for_what_was_left(**_kwargs) -> None:
    take_up_abandoned.delay(patience_seconds=0)

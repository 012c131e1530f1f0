"""Doorbells of this floor."""

from celery import shared_task
from django.utils import timezone

from accounts import remembered


@shared_task(name="accounts.tasks.sweep_changes")
def sweep_changes() -> int:
    return remembered.sweep(now=timezone.now())

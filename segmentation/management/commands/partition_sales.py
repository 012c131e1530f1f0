"""Partition the lines of sales by month, once, where there are tens of millions of them."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from segmentation import partitioning


class Command(BaseCommand):
    help = (
        "Keep the lines of sales in a table for each month. Worth it from some ten million lines on; takes minutes and,"
        " meanwhile, as much room again. Pages with sales wait until it is done, nothing else changes."
    )

    def handle(self, *args, **options):
        with connection.cursor() as cursor:
            try:
                months = partitioning.partition(cursor, today=timezone.localdate())
            except partitioning.PartitioningRefused as refusal:
                raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The sales lie in {months} months now.")

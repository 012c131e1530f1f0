"""Undo an import of sales: what the button on its page does."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from segmentation import undoing
from segmentation.models import SalesImport


class Command(BaseCommand):
    help = "Take an import back: what it brought goes, and the documents that it replaced come back as they stood."

    def add_arguments(self, parser):
        parser.add_argument("import", type=int, help="its number, as `import_sales` printed it")

    def handle(self, *args, **options):
        job = SalesImport.objects.filter(pk=options["import"]).first()
        if job is None:
            raise CommandError(f"There is no import {options['import']}.")
        try:
            undone = undoing.undo(job, by=None, today=timezone.localdate())
        except undoing.UndoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(undoing.sentence(undone))

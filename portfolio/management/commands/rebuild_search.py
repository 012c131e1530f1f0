"""All that can be found, taken in anew: for after a repair of the database by hand."""

from django.core.management.base import BaseCommand

from portfolio import keeping_search


class Command(BaseCommand):
    help = (
        "Take everything that can be found in anew. Nothing else changes; people may go on working."
    )

    def handle(self, *args, **options):
        self.stdout.write(f"{keeping_search.rebuild()} lines can be found.")

"""`manage.py demo`: a year of work at a fictional supplier, to look at and to try things on."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.models.user import Role
from kam.demo import loading


class Command(BaseCommand):
    help = "Load the demo: a fictional supplier with its people, clients, two years of sales and dossiers."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing, and do not complain, when there are data already",
        )
        parser.add_argument(
            "--print-people", action="store_true", help="only print who can sign in to the demo"
        )

    def handle(self, *args, **options):
        if options["print_people"]:
            self.print_people()
            return
        try:
            loaded = loading.load(today=timezone.localdate())
        except loading.DataExists:
            if not options["if_empty"]:
                raise CommandError(
                    "There are people or clients in this database already, and the demo does not mix with them. "
                    "Load it into an empty one: point KAM_HOME to a new folder or DATABASE_URL to a new database."
                ) from None
            self.stdout.write("Data exist already; the demo was not loaded.")
        else:
            self.stdout.write(
                "Demo loaded: "
                + ", ".join(f"{count} {what}" for what, count in loaded.items())
                + "."
            )
        self.print_people()

    def print_people(self):
        if not loading.is_loaded():
            return
        written = loading.written_people()
        people = User.objects.filter(
            email__in=[person["email"] for person in written["people"].values()]
        )
        order = list(Role)
        rows = [
            (str(Role(person.role).label), person.name, person.email, person.language)
            for person in sorted(people, key=lambda person: (order.index(person.role), person.pk))
        ]
        self.stdout.write(f"People of the demo; the password of each is {written['password']}")
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  " + "  ".join(cells).rstrip())

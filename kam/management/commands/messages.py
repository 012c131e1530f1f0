"""`make messages`: brings the catalogues of translations in step with code and templates."""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand

from kam import translating


class Command(BaseCommand):
    help = "Extracts messages into locale/, compiles them, and tells what lacks a translation."
    requires_system_checks = ()

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--compile", action="store_true", help="only compile what is stale")
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail where one is lacking"
        )

    def handle(self, **options: Any) -> None:
        if options["compile"]:
            translating.compile_stale()
            return
        if not options["check"]:
            translating.update()
            translating.compile_stale()
        lacking = translating.lacking()
        for lack in lacking:
            self.stdout.write(str(lack))
        summary = f"{len(lacking)} messages lack a translation."
        if options["check"] and lacking:
            raise CommandError(summary)
        self.stdout.write(summary)

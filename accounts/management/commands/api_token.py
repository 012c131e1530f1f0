"""`manage.py api_token EMAIL --name …`: a token for the API, printed once."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import tokens
from accounts.models import User


class Command(BaseCommand):
    help = "Make an API token for a person. It is printed once and cannot be had again."

    def add_arguments(self, parser):
        parser.add_argument("email", help="the person in whose name the program acts")
        parser.add_argument("--name", required=True, help="the program that will use it")
        parser.add_argument(
            "--days",
            type=int,
            default=tokens.USUAL_DAYS,
            help=f"for how long, 1 to {tokens.LONGEST_DAYS} (default: %(default)s)",
        )

    def handle(self, *, email, name, days, **options):
        person = User.objects.filter(email__iexact=email.strip()).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {email}.")
        try:
            token, secret = tokens.make(person, name=name, by=None, now=timezone.now(), days=days)
        except tokens.TokenRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        # The secret alone on standard output, so that a script can take it from there.
        self.stderr.write(
            f"{token.name}: acts as {person} ({person.email}) until "
            f"{timezone.localtime(token.expires_at):%Y-%m-%d %H:%M}. Keep it now, it is not shown again."
        )
        self.stdout.write(secret)

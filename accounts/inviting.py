"""What the house writes to a person about his own sign-in."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import ApiToken, User


def invite(person: User, *, by: User) -> None:
    """Send the person an address where he chooses his own password; good for three days and one use."""
    key = default_token_generator.make_token(person)
    place = {"uidb36": user_pk_to_url_str(person), "key": key}
    path = reverse("account_reset_password_from_key", kwargs=place)
    _write("invitation", person, address=settings.KAM_URL + path, by=by)


def tell_of_password(person: User, *, by: User) -> None:
    """An administrator set the person's password: the person shall know."""
    _write("password_set", person, address=settings.KAM_URL, by=by)


def tell_of_token(token: ApiToken, *, by: User) -> None:
    """A program can now act in the person's name: the person shall know."""
    _write("token_made", token.person, token=token, address=settings.KAM_URL, by=by)


def _write(letter: str, person: User, **context) -> None:
    with translation.override(person.language):
        context |= {"person": person}
        subject = render_to_string(f"accounts/email/{letter}_subject.txt", context)
        body = render_to_string(f"accounts/email/{letter}.txt", context)
    EmailMessage(" ".join(subject.split()), body, to=[person.email]).send()

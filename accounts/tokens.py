"""API tokens: made, recognised, revoked.

A token travels in the Authorization header only. An address lands in logs, histories and e-mails, so a
token is never read from one.
"""

import datetime
import hashlib
import secrets

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import ApiToken, User

# Lets people and scanners for leaked secrets recognise one on sight.
PREFIX = "kam_"
LONGEST_DAYS = 366
USUAL_DAYS = 90
# "Last used" answers "is it still needed?"; writing it at every request would cost more than it tells.
NOTE_USE_EVERY = datetime.timedelta(hours=1)


class TokenRefused(Exception):
    """The token was not made; the text is a sentence for the person."""


@transaction.atomic
def make(
    person: User,
    *,
    name: str,
    by: User | None,
    now: datetime.datetime,
    days: int = USUAL_DAYS,
) -> tuple[ApiToken, str]:
    """A token for `person`, valid for `days` days from `now`. Returns the row and the secret.

    The secret cannot be had again: show it once. Raises TokenRefused with a sentence.
    """
    if not person.is_active:
        raise TokenRefused(
            _("%(person)s may not sign in, so a token would not work.") % {"person": person}
        )
    if not name.strip():
        raise TokenRefused(_("Say which program the token is for."))
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenRefused(
            _("A token is valid for 1 to %(most)d days; make a new one in time.")
            % {"most": LONGEST_DAYS}
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    with pghistory.context(user=by.pk if by else None):
        token = ApiToken.objects.create(
            person=person,
            name=name.strip(),
            digest=_digest(secret),
            created_at=now,
            created_by=by,
            expires_at=now + datetime.timedelta(days=days),
        )
    return token, secret


def recognise(secret: str, *, now: datetime.datetime) -> ApiToken | None:
    """The usable token behind the secret with its person, or None. One query, seldom a second."""
    if not secret.startswith(PREFIX):
        return None
    token = (
        ApiToken.objects.usable(now=now)
        .select_related("person")
        .filter(digest=_digest(secret))
        .first()
    )
    if token and (token.last_used_at is None or now - token.last_used_at > NOTE_USE_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke(token: ApiToken, *, by: User | None, now: datetime.datetime) -> bool:
    """From now on the token opens nothing. Returns whether it did before; a second call changes nothing."""
    with pghistory.context(user=by.pk if by else None):
        return bool(
            ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)
        )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

"""E-mails that are owed as rows: each goes out once, and what an address refuses is given up after a day.

A floor above says what its rows are and how their letter reads (`Kind`); the sending is here alone.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupportedError,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count, Max, Min
from django.utils import timezone, translation

from accounts.models import User
from accounts.models.owed import Owed

log = logging.getLogger(__name__)

# Waited after each failure, twice as long each time: 5 minutes, 10, 20 … together 21 hours.
FIRST_WAIT = timedelta(minutes=5)
TRIES = 9
# After so many in a row that found no mail server, the others wait for the next round.
IN_VAIN = 3
# The mail server is not there or does not take us, whoever is written to: nobody's address is to blame.
NO_SERVER = (
    SMTPServerDisconnected,
    SMTPConnectError,
    SMTPHeloError,
    SMTPAuthenticationError,
    SMTPNotSupportedError,
    SMTPSenderRefused,
)


@dataclass(frozen=True)
class Letter:
    """Subject and body as written, and a name of its own: the same rows sent twice bear the same Message-ID."""

    subject: str
    body: str
    name: str


@dataclass(frozen=True)
class Kind:
    """Rows of one model, and what is written from them.

    `write(person, rows)` is called in the person's language with one of his rows, or with all of them that are due where
    they go out `together`; None where he is to be told nothing any more, then the rows count as settled.
    `related`: what the letter reads of each row.
    """

    model: type[Owed]
    write: Callable[[User, Sequence[Any]], Letter | None]
    together: bool = False
    related: tuple[str, ...] = ()


def deliver(kind: Kind, *, now: datetime | None = None) -> int:
    """Send what is owed and due `now`. Returns how many e-mails went out.

    Rows are locked, sent and marked by themselves, so two deliverers never send the same one. Should the power fail
    between sending and marking, the second copy bears the same Message-ID, and mail programs show one. Where there is no mail
    server at all, everything stays owed and nothing counts as a failure.
    """
    now = now or timezone.now()
    due = kind.model.objects.due(now=now).order_by("pk")  # type: ignore[attr-defined]
    if kind.together:
        groups = [
            {"person": person}
            for person in due.order_by().values_list("person", flat=True).distinct()
        ]
    else:
        groups = [{"pk": pk} for pk in due.values_list("pk", flat=True)]
    sent, in_a_row = 0, 0
    unreached: list[tuple[dict[str, int], Exception]] = []
    for group in groups:
        try:
            sent += _deliver(kind, group, now)
            in_a_row = 0
        except _NoServer as failure:
            log.exception("the mail server was not there for %s %s", kind.model._meta.label, group)
            unreached.append((group, failure))
            in_a_row += 1
            if in_a_row == IN_VAIN:
                break
    if sent:  # then the server is there, and these addresses make it hang up
        for group, failure in unreached:
            _fail(kind, group, failure, now)
    return sent


class _NoServer(Exception):
    pass


def _lacks_server(failure: Exception) -> bool:
    """Every SMTPException is an OSError too, also that one address is refused."""
    if isinstance(failure, SMTPException):
        return isinstance(failure, NO_SERVER)
    return isinstance(failure, OSError)


@transaction.atomic
def _deliver(kind: Kind, group: dict[str, int], now: datetime) -> int:
    """Send one e-mail, unless another deliverer has it. Returns how many went out: 0 or 1."""
    rows = _locked(kind, group, now)
    if not rows:
        return 0
    person = rows[0].person
    try:
        with transaction.atomic(), translation.override(person.language):
            letter = kind.write(person, rows)
        if letter is not None:
            _message(person, letter).send()
    except Exception as failure:  # one address must not hold up all the others
        if _lacks_server(failure):
            raise _NoServer(str(failure)) from failure
        log.exception("%s %s was not sent", kind.model._meta.label, group)
        _fail_rows(rows, failure, now)
        return 0
    _mark(rows, sent_at=now)
    return int(letter is not None)


def _locked(kind: Kind, group: dict[str, int], now: datetime) -> list[Any]:
    """The rows of the group that are due and that nobody else has."""
    return list(
        kind.model.objects.due(now=now)  # type: ignore[attr-defined]
        .filter(**group)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("person", *kind.related)
        .order_by("pk")
    )


@transaction.atomic
def _fail(kind: Kind, group: dict[str, int], failure: Exception, now: datetime) -> None:
    _fail_rows(_locked(kind, group, now), failure, now)


def _fail_rows(rows: list[Any], failure: Exception, now: datetime) -> None:
    said = " ".join(f"{type(failure).__name__}: {failure}".split())[:300]
    for row in rows:
        attempts = row.attempts + 1
        over = attempts >= TRIES
        wait = FIRST_WAIT * 2 ** (attempts - 1)
        _mark(
            [row],
            attempts=attempts,
            failure=said,
            given_up_at=now if over else None,
            retry_at=None if over else now + wait,
        )


def _mark(rows: list[Any], **changes: Any) -> None:
    for row in rows:
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=list(changes))


def _message(person: User, letter: Letter) -> EmailMessage:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return EmailMessage(
        " ".join(letter.subject.split()),
        re.sub(r"\n{3,}", "\n\n", letter.body).strip() + "\n",
        to=[person.email],
        headers={"Message-ID": f"<{letter.name}@{domain}>"},
    )


# ── What was given up, for the administrator ─────────────────────────────────────────────────


@dataclass(frozen=True)
class Undelivered:
    """E-mails to one person that were given up: how many, since when, and what the mail server said last."""

    person: User
    number: int
    since: Any
    failure: str


def undelivered(*models: type[Owed]) -> list[Undelivered]:
    """By person, the longest given up first. A query for each model and one for the people."""
    found: dict[int, dict[str, Any]] = {}
    for model in models:
        rows = model.objects.given_up().order_by()  # type: ignore[attr-defined]
        for row in rows.values("person").annotate(
            number=Count("pk"), since=Min("given_up_at"), failure=Max("failure")
        ):
            known = found.setdefault(row["person"], {**row, "number": 0})
            known["number"] += row["number"]
            known["since"] = min(known["since"], row["since"])
    people = User.objects.in_bulk(found)
    return sorted(
        (
            Undelivered(people[pk], row["number"], row["since"], row["failure"])
            for pk, row in found.items()
        ),
        key=lambda each: each.since,
    )


@transaction.atomic
def try_again(person: User, *models: type[Owed]) -> int:
    """Owe the person again what was given up. Returns how many messages that are."""
    number = 0
    for model in models:
        rows = model.objects.given_up().filter(person=person)  # type: ignore[attr-defined]
        number += rows.update(given_up_at=None, retry_at=None, attempts=0)
    return number

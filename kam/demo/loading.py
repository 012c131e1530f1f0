"""Loads the demo: people, clients, two years of sales, segmentations, dossiers, revisions.

One transaction: a demo that was killed half-way has never been loaded.
"""

import csv
import datetime
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pghistory
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import assigning
from accounts.models import Client, User
from accounts.models.client import Stage
from accounts.models.user import Role
from accounts.sorting import sort_key
from dossiers import opening
from dossiers.models import Dossier
from dossiers.reviewing import next_review_date
from kam.demo import buying, choosing, depending, filling, losing, revisions
from kam.demo.back_in_time import Clock
from kam.demo.dates import Days, at_work
from segmentation import selecting
from segmentation.models import SalesLine

HERE = Path(__file__).parent


class DataExists(Exception):
    """There are people or clients already; the demo never mixes with them."""


def is_loaded() -> bool:
    """Whether the people of the demo are here. They are stored together with everything else."""
    emails = [person["email"] for person in written_people()["people"].values()]
    return User.objects.filter(email__in=emails).count() == len(emails)


def is_empty() -> bool:
    return not User.objects.exists() and not Client.objects.exists()


def written_people() -> dict[str, Any]:
    """`people.toml`, with the e-mail address of each."""
    written = _read("people.toml")
    for person in written["people"].values():
        ascii_name = person.get("ascii", sort_key(person["name"]))
        person["email"] = f"{ascii_name.replace(' ', '.')}@{written['domain']}"
    return written


def written_dossiers() -> list[dict[str, Any]]:
    return [_read(f"dossiers/{path.name}") for path in sorted((HERE / "dossiers").glob("*.toml"))]


def written_clients() -> list[dict[str, str]]:
    with (HERE / "clients.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def load(*, today: datetime.date) -> dict[str, int]:
    """Load the whole demo as of `today`; returns how many of what. Raises DataExists."""
    if not is_empty():
        raise DataExists
    days, clock = Days(today), Clock()
    people = _people(days, clock)
    clients = _clients(days, clock)
    written = written_dossiers()
    buying.year_of_sales(
        written_clients(),
        corrections=_corrections(written, days),
        by=people["helen"],
        days=days,
        clock=clock,
    )
    dossiers = [
        _open(dossier, clients=clients, people=people, days=days, clock=clock)
        for dossier in written
    ]
    for dossier, texts in zip(dossiers, written, strict=True):
        with pghistory.context(user=people[texts["kam"]].pk):
            filling.fill(texts, dossier=dossier, people=people, days=days, clock=clock)
    _decide(clients, people=people, days=days, clock=clock)
    losing.enter(clients, _read("losses.toml"), people=people, days=days, clock=clock)
    depending.enter(head=people["eleanor"], days=days, clock=clock)
    # The history has its dates from here on; the frozen copies of past revisions are read from it.
    clock.set_back()
    clock = Clock()
    for dossier, texts in zip(dossiers, written, strict=True):
        with pghistory.context(user=people[texts["kam"]].pk):
            revisions.enter(texts, dossier=dossier, people=people, days=days, clock=clock)
    clock.set_back()
    return {
        "people": len(people),
        "clients": len(clients),
        "sales lines": SalesLine.objects.count(),
        "key clients": Client.objects.key().count(),
        "dossiers": Dossier.objects.count(),
    }


def _read(name: str) -> dict[str, Any]:
    with (HERE / name).open("rb") as file:
        return tomllib.load(file)


def _people(days: Days, clock: Clock) -> dict[str, User]:
    written = written_people()
    # One hash for all: a dozen hashes of one known password would only take a dozen times as long.
    password = make_password(written["password"])
    people = {}
    for number, (key, person) in enumerate(written["people"].items()):
        user = User(
            email=person["email"],
            name=person["name"],
            role=person["role"],
            position=person["position"],
            team=person.get("team", ""),
            language=person["language"],
            password=password,
            is_staff=person["role"] == Role.ADMIN,
            is_superuser=person["role"] == Role.ADMIN,
        )
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        clock.created(user, at_work(days.ago(760 - 3 * number), days.chance))
        people[key] = user
    return people


def _clients(days: Days, clock: Clock) -> dict[str, Client]:
    clients = {}
    for row in written_clients():
        # Key clients, candidates and lost ones get there by a decision, as everywhere.
        stage = Stage.PROSPECT if row["stage"] == Stage.PROSPECT else Stage.REGULAR
        client = Client(
            external_id=row["number"],
            stage=stage,
            **{
                name: row[name]
                for name in ("name", "tax_id", "country", "city", "industry", "channel")
            },
        )
        client.save()
        clock.created(client, at_work(days.ago(740), days.chance))
        clients[row["number"]] = client
    return clients


def _corrections(written: list[dict[str, Any]], days: Days) -> list[buying.Correction]:
    """The credit notes that the timelines speak of."""
    found = []
    for dossier in written:
        for days_ago, _kind, _tone, _who, _title, _text, *more in dossier["relationship"][
            "timeline"
        ]:
            if more and "credit" in more[0]:
                day = days.ago(more[0].get("resolved", days_ago))
                found.append(
                    buying.Correction(
                        dossier["client"], day, Decimal(str(more[0]["credit"])) * 1000
                    )
                )
    return found


def _open(
    written: dict[str, Any],
    *,
    clients: dict[str, Client],
    people: dict[str, User],
    days: Days,
    clock: Clock,
) -> Dossier:
    """The client becomes a key client, gets its KAM and perhaps a deputy, as of the day it happened."""
    client, head, kam = clients[written["client"]], people[written["head"]], people[written["kam"]]
    opened = revisions.opening_day(written, days)
    dossier = opening.make_key(
        client,
        by=head,
        reason=days.written(written["reason"]),
        types=written["types"],
        today=opened,
    )
    moment = at_work(opened, days.chance)
    decision = client.selection_decisions.get()
    assigned = opened + datetime.timedelta(days=days.chance.randint(1, 6))
    with pghistory.context(user=head.pk):
        held = [assigning.assign(client, to=kam, by=head, today=assigned)]
        if "deputy" in written:
            later = assigned + datetime.timedelta(days=days.chance.randint(10, 40))
            held.append(
                assigning.appoint_deputy(client, to=people[written["deputy"]], by=head, today=later)
            )
        last = revisions.last_revision(written, days)
        dossier.last_reviewed_on, dossier.next_review_on = last, next_review_date(last)
        dossier.save(update_fields=["last_reviewed_on", "next_review_on"])
    for row in (dossier, decision):
        clock.created(row, moment)
    clock.changed(client, moment)
    for assignment in held:
        clock.created(assignment, at_work(assignment.started_on, days.chance))
    return Dossier.objects.select_related("client", "general", "relationship", "plan").get(
        pk=dossier.pk
    )


def _decide(
    clients: dict[str, Client], *, people: dict[str, User], days: Days, clock: Clock
) -> None:
    written = _read("decisions.toml")
    for decision in written["waiting"]:
        client, by, day = (
            clients[decision["client"]],
            people[decision["by"]],
            days.ago(decision["days"]),
        )
        dossier = opening.make_key(
            client, by=by, reason=decision["reason"], types=decision["types"], today=day
        )
        for row in (
            dossier,
            dossier.general,
            dossier.relationship,
            dossier.plan,
            client.selection_decisions.get(),
        ):
            clock.created(row, at_work(day, days.chance))
        clock.changed(client, at_work(day, days.chance))
    for stage in (Stage.CANDIDATE, Stage.LOST):
        for decision in written[stage]:
            client, by, day = (
                clients[decision["client"]],
                people[decision["by"]],
                days.ago(decision["days"]),
            )
            with pghistory.context(user=by.pk):
                stored = selecting.change_stage(
                    client, to=stage, reason=decision["reason"], by=by, today=day
                )
            clock.created(stored, at_work(day, days.chance))
            clock.changed(client, at_work(day, days.chance))
    choosing.judge(written, clients, people=people, days=days, clock=clock)

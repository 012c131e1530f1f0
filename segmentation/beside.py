"""Two clients side by side, for the person who decides whether they are one."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Max, Min, Prefetch, Q, Sum

from accounts.models import Assignment, Client
from segmentation.models import MonthlySales
from segmentation.models.runs import add_months

MONTHS = 12


@dataclass(frozen=True)
class Bought:
    """What a client bought in one currency: in twelve months to `until`, and the first and last month of all."""

    currency: str
    revenue: Decimal
    first: datetime.date | None
    last: datetime.date | None


@dataclass(frozen=True)
class Side:
    client: Client
    numbers: list[str]
    kam: str
    bought: list[Bought]


def sides(clients: Iterable[int]) -> tuple[dict[int, Side], datetime.date | None]:
    """({client: what is told of it}, the last month of the twelve); five queries, however many clients.

    For clients that the caller's doors let the person see.
    """
    asked = set(clients)
    found = Client.objects.filter(pk__in=asked).prefetch_related(
        "ledger_numbers",
        Prefetch(
            "assignments",
            queryset=Assignment.objects.open().kams().select_related("person"),
            to_attr="kams_now",
        ),
    )
    until = MonthlySales.objects.aggregate(last=Max("month"))["last"]
    bought: dict[int, list[Bought]] = {}
    if until:
        rows = (
            MonthlySales.objects.filter(client__in=asked)
            .order_by()
            .values("client", "currency")
            .annotate(
                sold=Sum("revenue", filter=Q(month__gt=add_months(until, -MONTHS))),
                first=Min("month", filter=Q(active=True)),
                last=Max("month", filter=Q(active=True)),
            )
        )
        ordered = sorted(rows, key=lambda row: (row["client"], row["currency"]))
        for client, each in groupby(ordered, key=lambda row: row["client"]):
            bought[client] = [
                Bought(row["currency"], row["sold"] or Decimal(0), row["first"], row["last"])
                for row in each
            ]
    return {client.pk: _side(client, bought.get(client.pk, [])) for client in found}, until


def _side(client: Client, bought: list[Bought]) -> Side:
    numbers = sorted(row.number for row in client.ledger_numbers.all())
    if client.external_id and client.external_id not in numbers:
        numbers.insert(0, client.external_id)
    kam = next((held.person.name for held in client.kams_now), "")
    return Side(client, numbers, kam, bought)

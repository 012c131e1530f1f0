"""Tenders over all dossiers a person may read: what they come to by outcome, by reason and by rival.

The database adds up, so that a thousand tenders cost as many queries as one; `dossiers.tenders` puts the sums
together as it does for a single dossier.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import NullIf
from django.utils.dateparse import parse_date

from accounts.models import User
from dossiers import tenders
from dossiers.models import Dossier, Tender, TenderOutcome, TenderReason


@dataclass(frozen=True)
class Period:
    """Which tenders count: decided, or due, from one day to another; the client's sales channel."""

    since: datetime.date | None = None
    until: datetime.date | None = None
    channel: str = ""

    def __bool__(self) -> bool:
        return self != Period()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        named = {
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
            "channel": self.channel,
        }
        return [(name, value) for name, value in named.items() if value]


def period(asked: Mapping[str, str], channels: Sequence[str]) -> Period:
    """From the address; what is no possible choice counts as not chosen."""
    channel = asked.get("channel", "")
    return Period(
        since=_day(asked.get("from", "")),
        until=_day(asked.get("to", "")),
        channel=channel if channel in channels else "",
    )


def _day(text: str) -> datetime.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def of(user: User, chosen: Period) -> QuerySet[Tender]:
    """The tenders of the dossiers that the person may read, within the period."""
    found = Tender.objects.filter(dossier__in=Dossier.objects.visible_to(user))
    if chosen.since:
        found = found.filter(decided_on__gte=chosen.since)
    if chosen.until:
        found = found.filter(decided_on__lte=chosen.until)
    if chosen.channel:
        found = found.filter(dossier__client__channel=chosen.channel)
    return found.order_by()


def channels(user: User) -> list[str]:
    """The sales channels of the clients whose dossiers the person may read."""
    of_clients = Dossier.objects.visible_to(user).exclude(client__channel="").order_by()
    return sorted(of_clients.values_list("client__channel", flat=True).distinct())


@dataclass
class Sums:
    """`spellings`: how the name of each rival was typed, by its key."""

    totals: tenders.Totals
    spellings: dict[str, list[str]]


def sums(found: QuerySet[Tender]) -> Sums:
    """Three queries, however many tenders there are."""
    totals = tenders.Totals()
    worth = {"count": Count("pk"), "valued": Count("value"), "worth": Sum("value")}
    for row in found.values("outcome", "currency").annotate(**worth):
        totals.add(
            row["outcome"],
            count=row["count"],
            valued=row["valued"],
            currency=row["currency"],
            value=row["worth"],
        )
    for reason, side, number in _reasons(found):
        named = {"for_us" if side == "win" else "against_us": number}
        totals.add_reason(reason, **named)
    spellings: dict[str, list[str]] = {}
    lost = _not_ours(found).exclude(winner="").values("winner", "currency")
    gap = ExpressionWrapper(
        (F("our_price") - F("winner_price")) / NullIf("winner_price", Decimal(0)),
        output_field=DecimalField(max_digits=20, decimal_places=8),
    )
    for row in lost.annotate(**worth, gaps=Sum(gap), priced=Count(gap)).order_by("winner"):
        totals.add_rival(
            row["winner"],
            count=row["count"],
            valued=row["valued"],
            currency=row["currency"],
            value=row["worth"],
            gaps=row["gaps"],
            priced=row["priced"],
        )
        spellings.setdefault(tenders.rival_key(row["winner"]), []).append(row["winner"])
    return Sums(totals, spellings)


def _not_ours(found: QuerySet[Tender]) -> QuerySet[Tender]:
    """Decided, and not wholly won: somebody else won at least a part."""
    return found.filter(outcome__in=[TenderOutcome.PARTLY, TenderOutcome.LOST])


def _reasons(found: QuerySet[Tender]) -> list[tuple[str, str, int]]:
    """(reason, "win" or "loss", how many decided tenders name it), where any does."""
    counts = {
        f"{side}-{reason}": Count("pk", filter=Q(**{f"{side}_reasons__contains": [reason]}))
        for reason in TenderReason.values
        for side in ("win", "loss")
    }
    named = found.filter(outcome__in=tenders.DECIDED).aggregate(**counts)
    split = ((name.partition("-"), number) for name, number in named.items())
    return [(reason, side, number) for (side, _dash, reason), number in split if number]


def behind(found: QuerySet[Tender], chosen: tenders.Chosen, sums: Sums) -> QuerySet[Tender]:
    """The tenders behind one of the totals, latest first."""
    if chosen.outcome:
        found = found.filter(outcome=chosen.outcome)
    if chosen.reason:
        column = "win_reasons" if chosen.side == "for" else "loss_reasons"
        found = found.filter(
            outcome__in=tenders.DECIDED, **{f"{column}__contains": [chosen.reason]}
        )
    if chosen.rival:
        spelt = sums.spellings.get(tenders.rival_key(chosen.rival), [])
        found = _not_ours(found).filter(winner__in=spelt)
    return found.select_related("dossier__client").order_by("-decided_on", "-pk")

"""Who slips in the demo, and what was done about the clients that were lost: one of them came back."""

import datetime
from itertools import pairwise

import pghistory
from django.utils import timezone

from accounts.models import Client, User
from accounts.models.client import Stage
from kam.demo.back_in_time import Clock
from kam.demo.dates import Days, at_work
from segmentation import losing, slipping
from segmentation.models import Loss, SalesLine, SlippingNotice, WinBackMeasure

# A pause so long, ended so lately, is told as a loss that was won back.
PAUSE, LATELY = 75, 150


def enter(
    clients: dict[str, Client], written: dict, *, people: dict[str, User], days: Days, clock: Clock
) -> None:
    """Rhythms and episodes of all, two losses with measures, and one that came back. Nobody gets an e-mail."""
    slipping.look(today=days.today)
    # Those who were told in the months that the demo tells of have read it long ago.
    SlippingNotice.objects.update(sent_at=timezone.now())
    for told in written["losses"]:
        client, by = clients[told["client"]], people[told["by"]]
        client.refresh_from_db()
        loss = losing.record(
            client,
            lost_on=losing.since_when(client, today=days.today),
            reason=told["reason"],
            direction=told["direction"],
            competitor=told.get("competitor", ""),
            note=told["note"],
            by=by,
            today=days.today,
        )
        clock.created(loss, at_work(days.ago(told["days"]), days.chance))
        _measures(loss, told["measures"], people=people, days=days, clock=clock, by=by)
    _won_back(written["won_back"], people=people, days=days, clock=clock)
    slipping.look(today=days.today)


def _measures(
    loss: Loss, written: list, *, people: dict[str, User], days: Days, clock: Clock, by: User
) -> None:
    for told in written:
        done_on = days.ago(told["done"]) if "done" in told else None
        measure = WinBackMeasure(
            loss=loss,
            kind=told["kind"],
            what=told["what"],
            owner=people[told["owner"]],
            budget=told.get("budget"),
            currency="EUR" if "budget" in told else "",
            due_on=days.ahead(told["due"]) if "due" in told else done_on,
            state="done" if done_on else "planned",
            done_on=done_on,
            result=told.get("result", ""),
            created_by=by,
        )
        with pghistory.context(user=by.pk):
            measure.save()
        clock.created(measure, at_work(max(loss.lost_on, days.ago(told["entered"])), days.chance))


def _won_back(written: dict, *, people: dict[str, User], days: Days, clock: Clock) -> None:
    """The client with the longest pause that ended lately: it was thought lost, was visited, and ordered again."""
    paused = _longest_pause(days.today)
    if paused is None:
        return
    client, last, again = paused
    by = people[written["by"]]
    lost_on = last + datetime.timedelta(days=PAUSE - 15)
    loss = Loss(
        client=client,
        lost_on=lost_on,
        reason=written["reason"],
        direction=written["direction"],
        note=written["note"],
        revenue_before=client.rhythm.revenue and client.rhythm.revenue.quantize(losing.CENT),
        currency=client.rhythm.currency,
        recorded_by=by,
    )
    with pghistory.context(user=by.pk):
        loss.save()
    clock.created(loss, at_work(lost_on, days.chance))
    visited = again - datetime.timedelta(days=6)
    measure = WinBackMeasure(
        loss=loss,
        kind="visit",
        what=written["what"],
        owner=people[written["owner"]],
        budget=written["budget"],
        currency=loss.currency,
        due_on=visited,
        state="done",
        done_on=visited,
        result=written["result"],
        created_by=by,
    )
    with pghistory.context(user=by.pk):
        measure.save()
    clock.created(measure, at_work(lost_on, days.chance))


def _longest_pause(
    today: datetime.date,
) -> tuple[Client, datetime.date, datetime.date] | None:
    since = today - datetime.timedelta(days=LATELY)
    regular = Client.objects.filter(stage=Stage.REGULAR, rhythm__last_on__gt=since)
    orders: dict[Client, list[datetime.date]] = {}
    for client in regular.select_related("rhythm").order_by("pk"):
        orders[client] = list(
            SalesLine.objects.filter(client=client, amount__gt=0)
            .order_by("sold_on")
            .values_list("sold_on", flat=True)
            .distinct()
        )
    pauses = [
        (later - earlier, client.pk, client, earlier, later)
        for client, days in orders.items()
        for earlier, later in pairwise(days)
        if later > since and (later - earlier).days > PAUSE
    ]
    if not pauses:
        return None
    _length, _pk, client, earlier, later = max(pauses)
    return client, earlier, later

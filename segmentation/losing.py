"""Losing clients and winning them back: recorded with reason and direction, measures taken, what came of it.

That a client came back is nobody's word: `slipping.look` reads it from the sales.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Count, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import Client, User
from accounts.models.client import Stage
from segmentation import selecting
from segmentation.models import Loss, Rhythm, SalesLine, SlippingEpisode, WinBackMeasure
from segmentation.models.slipping import MeasureState

CENT = Decimal("0.01")
LOSS_FIELDS = ("lost_on", "reason", "direction", "competitor", "note", "worth_winning")
MEASURE_FIELDS = (
    "kind",
    "what",
    "owner",
    "budget",
    "currency",
    "due_on",
    "state",
    "done_on",
    "result",
)

Record = TypeVar("Record", Loss, WinBackMeasure)


class LosingRefused(Exception):
    """Nothing was stored; the text is a sentence for the person, `field` the one that it concerns, or ""."""

    def __init__(self, sentence: str, field: str = ""):
        super().__init__(sentence)
        self.field = field


class NotYours(LosingRefused):
    pass


class AlreadyLost(LosingRefused):
    pass


class OrderedSince(LosingRefused):
    pass


class NotADay(LosingRefused):
    pass


class ChangedMeanwhile(LosingRefused):
    """`stands` is the record as it is now."""

    def __init__(self, sentence: str, stands: models.Model):
        super().__init__(sentence)
        self.stands = stands


def may_record(user: User, client: Client) -> bool:
    """A head everywhere, a KAM of clients he holds."""
    if may(user, "choose_key_clients"):
        return True
    return (
        may(user, "open_dossiers") and Client.objects.visible_to(user).filter(pk=client.pk).exists()
    )


def since_when(client: Client, *, today: datetime.date) -> datetime.date:
    """The day to begin with in the form: when its own limit of the lost, or of the slipping, had passed; else today."""
    rhythm = Rhythm.objects.filter(client=client).first()
    if rhythm is not None and rhythm.is_lost(today):
        return rhythm.lost_on
    if rhythm is not None and rhythm.slips(today):
        return rhythm.slips_on
    return today


@transaction.atomic
def record(
    client: Client,
    *,
    lost_on: datetime.date,
    reason: str,
    direction: str,
    competitor: str = "",
    note: str = "",
    worth_winning: bool = True,
    by: User,
    today: datetime.date,
) -> Loss:
    """Record that the client is lost. A head's word also moves it to the stage "lost", unless it is a key client.

    A KAM records reason and direction; the stage is the head's to change. A key client is first released.
    Raises a LosingRefused with a sentence.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    if not may_record(by, client):
        raise NotYours(_("Only a sales head, or the KAM who holds the client, records its loss."))
    if Loss.objects.open().filter(client=client).exists():
        raise AlreadyLost(_("This client is recorded as lost already."))
    _require_day(client, lost_on, today=today)
    rhythm = Rhythm.objects.filter(client=client).first()
    episode = SlippingEpisode.objects.filter(client=client, ended_on__isnull=True).first()
    loss = Loss(
        client=client,
        lost_on=lost_on,
        reason=reason,
        direction=direction,
        competitor=competitor.strip(),
        note=note.strip(),
        worth_winning=worth_winning,
        revenue_before=rhythm.revenue.quantize(CENT)
        if rhythm and rhythm.revenue is not None
        else None,
        currency=rhythm.currency if rhythm else "",
        episode=episode,
        recorded_by=by,
    )
    with pghistory.context(user=by.pk):
        loss.save()
        may_move = may(by, "choose_key_clients") and not client.is_key
        if may_move and Stage.LOST in selecting.WAYS[client.stage]:
            said = [loss.get_reason_display(), loss.get_direction_display(), loss.competitor]
            words = "; ".join(str(part) for part in [*said, loss.note] if part)
            selecting.change_stage(client, to=Stage.LOST, reason=words, by=by, today=today)
    return loss


def _require_day(client: Client, lost_on: datetime.date, *, today: datetime.date) -> None:
    if lost_on > today:
        raise NotADay(_("That day is still to come."), "lost_on")
    last = (
        SalesLine.objects.filter(client=client, amount__gt=0, sold_on__lte=today)
        .order_by("-sold_on")
        .values_list("sold_on", flat=True)
        .first()
    )
    if last is not None and lost_on < last:
        raise OrderedSince(
            _("It ordered on %(day)s: it cannot have been lost before that.")
            % {"day": date_format(last, "SHORT_DATE_FORMAT")},
            "lost_on",
        )


def _current(model: type[Record], pk: int, *, version: int, by: User) -> Record:
    """The record under lock, which the person may change and which nobody changed since he saw it."""
    found = model.objects.editable_by(by).select_for_update(of=("self",)).filter(pk=pk).first()  # type: ignore[attr-defined]
    if found is None:
        raise NotYours(_("Only a sales head, or the KAM who holds the client, changes this."))
    if found.version != version:
        raise ChangedMeanwhile(
            _(
                "Somebody changed this meanwhile. What stands there now is shown beside your entries."
            ),
            found,
        )
    return found


@transaction.atomic
def change_loss(loss: Loss, *, version: int, by: User, today: datetime.date, **fields: Any) -> Loss:
    """Change what is known of a loss. `version` is that which the person saw."""
    stands = _current(Loss, loss.pk, version=version, by=by)
    if "lost_on" in fields and fields["lost_on"] != stands.lost_on and stands.returned_on is None:
        _require_day(stands.client, fields["lost_on"], today=today)
    return _written(stands, LOSS_FIELDS, fields, by)


@transaction.atomic
def add_measure(loss: Loss, *, by: User, **fields: Any) -> WinBackMeasure:
    if not Loss.objects.editable_by(by).filter(pk=loss.pk).exists():
        raise NotYours(_("Only a sales head, or the KAM who holds the client, changes this."))
    return _written(WinBackMeasure(loss=loss, created_by=by), MEASURE_FIELDS, fields, by)


@transaction.atomic
def change_measure(
    measure: WinBackMeasure, *, version: int, by: User, **fields: Any
) -> WinBackMeasure:
    stands = _current(WinBackMeasure, measure.pk, version=version, by=by)
    return _written(stands, MEASURE_FIELDS, fields, by)


@transaction.atomic
def delete_measure(measure: WinBackMeasure, *, version: int, by: User) -> None:
    """The change history keeps it. `version` is that which the person saw."""
    measure = _current(WinBackMeasure, measure.pk, version=version, by=by)
    with pghistory.context(user=by.pk):
        measure.delete()


def _written(record: Record, allowed: Iterable[str], fields: dict[str, Any], by: User) -> Record:
    for name in allowed:
        if name in fields:
            setattr(record, name, fields[name])
    try:
        record.full_clean(
            exclude=[name for name in ("episode", "recorded_by") if hasattr(record, name)]
        )
    except ValidationError as error:
        name, [said, *_more] = next(iter(error.message_dict.items()))
        raise LosingRefused(said, name if name in allowed else "") from error
    with pghistory.context(user=by.pk):
        record.save()
    record.refresh_from_db(fields=["version"])
    return record


@transaction.atomic
def welcome_back(loss: Loss, *, by: User, today: datetime.date) -> None:
    """The head makes a client that ordered again a regular one."""
    if loss.returned_on is None:
        raise LosingRefused(_("It has not ordered again yet."))
    reason = _("Ordered again on %(day)s.") % {
        "day": date_format(loss.returned_on, "SHORT_DATE_FORMAT")
    }
    with pghistory.context(user=by.pk):
        selecting.change_stage(loss.client, to=Stage.REGULAR, reason=reason, by=by, today=today)


# ── What came back, and what it cost ─────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Return:
    """What a client bought since it came back, or since the first measure was done if that was later.

    `until` is the last order counted; `cost` the budgets of the measures that were done, None where none is known.
    """

    since: datetime.date
    until: datetime.date
    revenue: Decimal
    orders: int
    currency: str
    cost: Decimal | None


def returns(losses: Iterable[Loss]) -> dict[int, Return]:
    """{pk of the loss: what came back}, of those that came back; `measures` fetched before. One query over their lines."""
    asked = []
    for loss in losses:
        if loss.returned_on is None:
            continue
        done = [
            each.done_on
            for each in loss.measures.all()
            if each.state == MeasureState.DONE and each.done_on
        ]
        since = max(loss.returned_on, min(done)) if done else loss.returned_on
        asked.append((loss, since))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.loss, l.currency, sum(l.amount), count(DISTINCT l.document_id) FILTER (WHERE l.amount > 0),
                   max(l.sold_on)
            FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS a (loss, client, since)
            JOIN segmentation_salesline l ON l.client_id = a.client AND l.sold_on >= a.since
            GROUP BY a.loss, l.currency ORDER BY a.loss, sum(l.amount)
            """,
            [
                [loss.pk for loss, _since in asked],
                [loss.client_id for loss, _since in asked],
                [since for _loss, since in asked],
            ],
        )
        sold: dict[int, dict[str, tuple]] = {}
        for pk, currency, *figures in cursor.fetchall():
            sold.setdefault(pk, {})[currency] = tuple(figures)
    found = {}
    for loss, since in asked:
        of_loss = sold.get(loss.pk, {})
        # The currency of the loss, else the one with most (the rows come by amount).
        currency = loss.currency if loss.currency in of_loss else next(reversed(of_loss), "")
        revenue, orders, until = of_loss.get(currency, (Decimal(0), 0, since))
        found[loss.pk] = Return(since, until, revenue, orders, currency, cost_of(loss, currency))
    return found


def cost_of(loss: Loss, currency: str) -> Decimal | None:
    """The budgets of the measures that were done, in that currency."""
    known = [
        each.budget
        for each in loss.measures.all()
        if each.state == MeasureState.DONE
        and each.budget is not None
        and each.currency in (currency, "")
    ]
    return sum(known, Decimal(0)) if known else None


# ── Losses counted ───────────────────────────────────────────────────────────────────────────


def counted(losses: models.QuerySet[Loss], field: str, *, currency: str) -> list[dict[str, Any]]:
    """By reason or direction: `value`, `losses`, `revenue` (in the currency), most revenue first."""
    return list(
        losses.order_by()
        .values(value=models.F(field))
        .annotate(
            losses=Count("pk"),
            revenue=Sum("revenue_before", filter=models.Q(currency=currency)),
        )
        .order_by(models.F("revenue").desc(nulls_last=True), "-losses", "value")
    )


def quarter_of(day: datetime.date) -> datetime.date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def last_quarters(today: datetime.date, number: int) -> list[datetime.date]:
    """First days of so many quarters, the present one last."""
    index = today.year * 4 + (today.month - 1) // 3
    return [
        datetime.date(place // 4, place % 4 * 3 + 1, 1)
        for place in range(index - number + 1, index + 1)
    ]

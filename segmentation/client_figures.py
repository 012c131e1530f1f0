"""What the sales say of one client: twelve months beside the twelve before, segment, latest documents."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Sum

from accounts.models import Client, User
from segmentation import rollup
from segmentation.models import Measure, MonthlySales, SalesLine, Segment
from segmentation.models.runs import add_months

MONTHS = 12
DOCUMENTS = 10
# Lines looked through for the latest documents: enough for ten of usual length.
LATEST_LINES = 500


@dataclass(frozen=True)
class ClientFigures:
    """Twelve months up to `last`, and the twelve before; amounts in `currency`, None where not known."""

    currency: str
    currencies: list[str]
    first: datetime.date
    last: datetime.date
    series: list[tuple[datetime.date, Decimal]]
    before: list[Decimal]
    revenue: Decimal
    revenue_before: Decimal
    margin: Decimal | None
    orders: int
    orders_before: int
    active_months: int

    @property
    def growth(self) -> Decimal | None:
        """Against the twelve months before, a part of 1; None where there was nothing to grow from."""
        return growth(self.revenue, self.revenue_before)


def growth(now: Decimal, before: Decimal | None) -> Decimal | None:
    return (now - before) / before if before and before > 0 else None


def of(
    client: Client, *, user: User, currency: str = "", until: datetime.date | None = None
) -> ClientFigures | None:
    """The client's sales up to the month `until`, else up to the last month in which anybody bought.

    None where the person may see no sales of the client, or there are none.
    """
    sales = MonthlySales.objects.visible_to(user).filter(client=client)
    ends = dict(sales.order_by().values_list("currency").annotate(last=Max("month")))
    if not ends:
        return None
    if currency not in ends:
        # The one that was used last is the one that is looked for.
        currency = max(ends, key=lambda code: (ends[code], code))
    if until is None:
        until = MonthlySales.objects.in_currency(currency).aggregate(last=Max("month"))["last"]
    first = add_months(until, 1 - MONTHS)
    rows = {
        row.month: row
        for row in sales.in_currency(currency).between(add_months(first, -MONTHS), until)
    }
    months = [add_months(first, place) for place in range(MONTHS)]
    earlier = [add_months(month, -MONTHS) for month in months]
    now, then = ([rows[month] for month in span if month in rows] for span in (months, earlier))
    revenue = sum((row.revenue for row in now), Decimal(0))
    costs = [row.cost for row in now]
    end = add_months(until, 1)
    return ClientFigures(
        currency=currency,
        currencies=sorted(ends),
        first=first,
        last=until,
        series=[(month, rows[month].revenue if month in rows else Decimal(0)) for month in months],
        before=[rows[month].revenue if month in rows else Decimal(0) for month in earlier],
        revenue=revenue,
        revenue_before=sum((row.revenue for row in then), Decimal(0)),
        margin=revenue - sum(costs, Decimal(0)) if costs and None not in costs else None,
        orders=sum(row.orders for row in now)
        - rollup.counted_twice(start=first, end=end, currency=currency, client=client.pk).get(
            client.pk, 0
        ),
        orders_before=sum(row.orders for row in then)
        - rollup.counted_twice(
            start=earlier[0], end=first, currency=currency, client=client.pk
        ).get(client.pk, 0),
        active_months=sum(row.active for row in now),
    )


def latest_documents(client: Client, *, user: User) -> list[dict]:
    """The client's latest documents: number, its last date, number of lines, amount, currency."""
    lines = SalesLine.objects.visible_to(user).filter(client=client)
    seen = lines.order_by("-sold_on").values_list("document_id", flat=True)[:LATEST_LINES]
    latest = list(dict.fromkeys(seen))[:DOCUMENTS]
    return list(
        lines.filter(document__in=latest)
        .values("document__number", "currency")
        .annotate(sold_on=Max("sold_on"), lines=Count("line_no"), amount=Sum("amount"))
        .order_by("-sold_on", "-document__number")
    )


def totals(segments: list[Segment], *, months_back: int) -> dict[int, Decimal | None]:
    """Client → its total in the period so many months before that of the run; by the run's own measure."""
    if not segments:
        return {}
    run = segments[0].run
    start = add_months(run.start, -months_back)
    rows = (
        MonthlySales.objects.in_currency(run.currency)
        .between(start, add_months(start, run.months - 1))
        .filter(client__in=[segment.client_id for segment in segments])
        .order_by()
        .values("client_id")
        .annotate(sold=Sum("revenue"), spent=Sum("cost"), months=Count("pk"), known=Count("cost"))
    )
    if run.measure == Measure.REVENUE:
        return {row["client_id"]: row["sold"] for row in rows}
    return {
        row["client_id"]: row["sold"] - row["spent"] if row["known"] == row["months"] else None
        for row in rows
    }

"""What the sales say of one client: twelve months beside the twelve before, segment, latest documents."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Sum

from accounts.kept import KeptFor
from accounts.models import Client, User
from segmentation import lifetime, rollup
from segmentation import periods as of_periods
from segmentation.models import Measure, MonthlySales, SalesLine, Segment, SegmentationRun, Unit
from segmentation.models.runs import add_months

MONTHS = 12
DOCUMENTS = 10
PRODUCTS = 10
RUNS = 12
# Lines looked through for the latest documents: enough for ten of usual length.
LATEST_LINES = 500


@dataclass(frozen=True, slots=True)
class Month:
    """What was bought in a month. `margin` is None where the cost of a line is unknown."""

    month: datetime.date
    revenue: Decimal = Decimal(0)
    margin: Decimal | None = Decimal(0)
    orders: int = 0
    active: bool = False
    is_empty: bool = True


@dataclass(frozen=True)
class ClientFigures:
    """Twelve months and the twelve before; amounts in `currency`, None where not known.

    `first_bought`, `last_bought`: first days of the first and the last month with a purchase, of all there are.
    """

    currency: str
    currencies: list[str]
    months: tuple[Month, ...]
    months_before: tuple[Month, ...]
    orders: int
    orders_before: int
    first_bought: datetime.date | None
    last_bought: datetime.date | None

    @property
    def first(self) -> datetime.date:
        return self.months[0].month

    @property
    def last(self) -> datetime.date:
        return self.months[-1].month

    @property
    def series(self) -> list[tuple[datetime.date, Decimal]]:
        return [(month.month, month.revenue) for month in self.months]

    @property
    def before(self) -> list[Decimal]:
        return [month.revenue for month in self.months_before]

    @cached_property
    def revenue(self) -> Decimal:
        return sum((month.revenue for month in self.months), Decimal(0))

    @cached_property
    def revenue_before(self) -> Decimal:
        return sum((month.revenue for month in self.months_before), Decimal(0))

    @cached_property
    def margin(self) -> Decimal | None:
        return _margin(self.months)

    @cached_property
    def margin_before(self) -> Decimal | None:
        return _margin(self.months_before)

    @property
    def active_months(self) -> int:
        return sum(month.active for month in self.months)

    @property
    def growth(self) -> Decimal | None:
        """Against the twelve months before, a part of 1; None where there was nothing to grow from."""
        return growth(self.revenue, self.revenue_before)

    @property
    def retention(self) -> lifetime.Retention | None:
        return lifetime.retention(
            [month.active for month in self.months_before], [month.active for month in self.months]
        )

    @property
    def lifetime_value(self) -> Decimal | None:
        """None where the margin is unknown or nothing was bought the year before."""
        kept = self.retention
        if self.margin is None or kept is None:
            return None
        return lifetime.lifetime_value(self.margin, kept.expected, discount_rate())


def discount_rate() -> Fraction:
    """By how much a year later is worth less, a part of 1."""
    return Fraction(settings.KAM_DISCOUNT_RATE) / 100


def _margin(months: Sequence[Month]) -> Decimal | None:
    """None where nothing was sold, or the cost of something that was."""
    known = [month.margin for month in months if not month.is_empty]
    return sum(known, Decimal(0)) if known and None not in known else None


def growth(now: Decimal, before: Decimal | None) -> Decimal | None:
    return (now - before) / before if before and before > 0 else None


_SOLD = KeptFor(
    lambda user, client: (
        MonthlySales.objects.visible_to(user)
        .filter(client=client)
        .order_by()
        .values_list("currency", "month", "revenue", "cost", "orders", "active")
    )
)


def of(
    client: Client, *, user: User, currency: str = "", until: datetime.date | None = None
) -> ClientFigures | None:
    """The client's sales up to the month `until`, else up to the last month in which anybody bought.

    None where the person may see no sales of the client, or there are none.
    """
    rows: dict[str, dict[datetime.date, Month]] = {}
    for code, month, revenue, cost, orders, active in _SOLD.tuples(user, client.pk):
        margin = revenue - cost if cost is not None else None
        rows.setdefault(code, {})[month] = Month(
            month, revenue, margin, orders, active, is_empty=False
        )
    if not rows:
        return None
    if currency not in rows:
        # The one that was used last is the one that is looked for.
        currency = max(rows, key=lambda code: (max(rows[code]), code))
    if until is None:
        until = MonthlySales.objects.in_currency(currency).aggregate(last=Max("month"))["last"]
    found = rows[currency]
    first = add_months(until, 1 - MONTHS)
    start = add_months(first, -MONTHS)
    span = [add_months(start, place) for place in range(2 * MONTHS)]
    months = tuple(found.get(month) or Month(month) for month in span)
    then, now = months[:MONTHS], months[MONTHS:]
    twice_before, twice = rollup.counted_twice_in_years(
        client=client.pk, currency=currency, start=start, turn=first, end=add_months(until, 1)
    )
    bought = [month for month, row in found.items() if row.active]
    return ClientFigures(
        currency=currency,
        currencies=sorted(rows),
        months=now,
        months_before=then,
        orders=sum(month.orders for month in now) - twice,
        orders_before=sum(month.orders for month in then) - twice_before,
        first_bought=min(bought, default=None),
        last_bought=max(bought, default=None),
    )


@dataclass(frozen=True)
class Product:
    """What was bought of a product; `share` is the part of 1 of the revenue of all. No name: none was given."""

    name: str
    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Purchases:
    """`first_on`, `last_on`: days of the first and the last purchase; `products`: the largest, of so many."""

    first_on: datetime.date | None
    last_on: datetime.date | None
    products: tuple[Product, ...]
    all_products: int

    @property
    def names_products(self) -> bool:
        return any(product.name for product in self.products)


def purchases(figures: ClientFigures, client: Client) -> Purchases:
    """Of a client whose figures the person sees: two queries over its own lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT min(sold_on) FROM segmentation_salesline WHERE client_id = %s AND amount > 0),"
            " (SELECT max(sold_on) FROM segmentation_salesline WHERE client_id = %s AND amount > 0)",
            [client.pk, client.pk],
        )
        first_on, last_on = cursor.fetchone()
        cursor.execute(
            """
            SELECT product, sum(amount), sum(sum(amount)) OVER (), count(*) OVER ()
            FROM segmentation_salesline
            WHERE client_id = %s AND currency = %s AND sold_on >= %s AND sold_on < %s
            GROUP BY product ORDER BY 2 DESC, 1 LIMIT %s
            """,
            [client.pk, figures.currency, figures.first, add_months(figures.last, 1), PRODUCTS],
        )
        rows = cursor.fetchall()
    return Purchases(
        first_on=first_on,
        last_on=last_on,
        products=tuple(
            Product(name, amount, amount / whole if whole > 0 else None)
            for name, amount, whole, _number in rows
        ),
        all_products=rows[0][3] if rows else 0,
    )


@dataclass(frozen=True)
class EarlierSegment:
    """The client in a run that was in force: `run` has what its period and method are said from."""

    letters: str
    since: datetime.datetime
    run: SegmentationRun
    share: Decimal


def segment_history(client: Client) -> list[EarlierSegment]:
    """What the runs said that were in force one after the other, the earliest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.abc || s.xyz, s.share, r.id, r.start, r.unit, r.periods, r.measure, r.currency, r.abc_a, r.abc_b,
                   r.xyz_method, r.xyz_x, r.xyz_y, r.put_in_force_at, r.in_force
            FROM segmentation_segment s JOIN segmentation_segmentationrun r ON r.id = s.run_id
            WHERE s.client_id = %s AND r.put_in_force_at IS NOT NULL
            ORDER BY r.put_in_force_at DESC, r.id DESC LIMIT %s
            """,
            [client.pk, RUNS],
        )
        rows = cursor.fetchall()
    names = (
        "id", "start", "unit", "periods", "measure", "currency", "abc_a", "abc_b", "xyz_method", "xyz_x", "xyz_y",
        "put_in_force_at", "in_force",
    )  # fmt: skip
    return [
        EarlierSegment(
            letters, values[-2], SegmentationRun(**dict(zip(names, values, strict=True))), share
        )
        for letters, share, *values in reversed(rows)
    ]


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


def before(run: SegmentationRun) -> datetime.date:
    """First day of the window of the same length just before that of the run."""
    return of_periods.add(run.unit, run.start, -run.periods)


def totals_before(segments: list[Segment]) -> dict[int, Decimal | None]:
    """Client → its total in the window of the same length just before that of the run, by the run's own measure.

    None where that is the margin and the cost of something sold is not known. One query.
    """
    if not segments:
        return {}
    run = segments[0].run
    start = before(run)
    if run.unit == Unit.WEEK:
        rows = SalesLine.objects.filter(sold_on__gte=start, sold_on__lt=run.start).filter(
            currency=run.currency
        )
        amount = "amount"
    else:
        rows = MonthlySales.objects.in_currency(run.currency).between(
            start, add_months(run.start, -1)
        )
        amount = "revenue"
    rows = (
        rows.filter(client__in=[segment.client_id for segment in segments])
        .order_by()
        .values("client_id")
        .annotate(sold=Sum(amount), spent=Sum("cost"), all=Count("pk"), known=Count("cost"))
    )
    if run.measure == Measure.REVENUE:
        return {row["client_id"]: row["sold"] for row in rows}
    return {
        row["client_id"]: row["sold"] - row["spent"] if row["known"] == row["all"] else None
        for row in rows
    }

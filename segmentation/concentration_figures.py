"""How much of our sales hangs on a few clients: the clients' totals of a period, from the monthly rollup alone."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.utils.dateparse import parse_date

from accounts.access import may
from accounts.models import User
from accounts.remembered import Remembered, Standing
from accounts.templatetags.kam_format import month as month_name
from segmentation import concentration
from segmentation.concentration import Concentration
from segmentation.models import Measure, MonthlySales
from segmentation.models.runs import add_months

MONTHS = 12
MOST_MONTHS = 60
MONTH_ENDS = 24

# From the sales and from what clients are served through: found once after each import.
_FOUND = Remembered("sales", "clients", room=24)
# Totals of ten thousand clients take some megabytes of a process.
_TOTALS = Remembered("sales", "clients", room=2)


@dataclass(frozen=True)
class Window:
    """So many months up to `last` (its first day), in one currency, by revenue or by margin."""

    last: datetime.date
    currency: str
    months: int = MONTHS
    measure: str = str(Measure.REVENUE)

    @property
    def first(self) -> datetime.date:
        return add_months(self.last, 1 - self.months)

    @property
    def period(self) -> str:
        return f"{month_name(self.first)} – {month_name(self.last)}"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As an address says it."""
        return [
            ("currency", self.currency),
            ("to", f"{self.last:%Y-%m}"),
            ("months", str(self.months)),
            ("by", self.measure),
        ]

    @property
    def by_margin(self) -> bool:
        return self.measure == Measure.MARGIN


@dataclass(frozen=True, slots=True)
class ClientTotal:
    """What a client bought in the window; `margin` is None where the cost of a month is not known."""

    client: int
    channel: str
    revenue: Decimal
    margin: Decimal | None

    def amount(self, measure: str) -> Decimal | None:
        return self.margin if measure == Measure.MARGIN else self.revenue


@dataclass(frozen=True)
class Channel:
    """A sales channel: its part of all, and how concentrated it is in itself. No name: none is known."""

    name: str
    total: Decimal
    share: Fraction | None
    within: Concentration


@dataclass(frozen=True)
class Figures:
    """Of all clients of a window, largest first. `unknown`: without a margin where margin is asked for."""

    window: Window
    clients: tuple[ClientTotal, ...]
    unknown: tuple[ClientTotal, ...] = ()
    by_key: Mapping[int, ClientTotal] = field(default_factory=dict)

    def amount(self, client: ClientTotal) -> Decimal:
        return client.amount(self.window.measure) or Decimal(0)

    @cached_property
    def concentration(self) -> Concentration:
        return concentration.of(map(self.amount, self.clients))

    @cached_property
    def curve(self) -> list[Fraction]:
        """Running shares of those with a positive total, who stand first."""
        return concentration.pareto(map(self.amount, self.clients))

    @cached_property
    def needed(self) -> list[tuple[Fraction, int | None]]:
        return [(part, concentration.needed(self.curve, part)) for part in concentration.PARTS]

    @cached_property
    def channels(self) -> list[Channel]:
        """Largest first; their shares are those of the positive totals, as all shares here."""
        totals: dict[str, list[Decimal]] = defaultdict(list)
        for client in self.clients:
            totals[client.channel].append(self.amount(client))
        found = [(name, concentration.of(amounts)) for name, amounts in totals.items()]
        whole = self.concentration.total
        channels = [
            Channel(name, own.total, Fraction(own.total) / Fraction(whole) if whole else None, own)
            for name, own in found
        ]
        return sorted(channels, key=lambda one: (-one.total, one.name))

    @cached_property
    def over_channels(self) -> Concentration:
        """As if each channel were one client."""
        return concentration.of(channel.total for channel in self.channels)

    @cached_property
    def revenue(self) -> Decimal:
        """Of everybody, returns taken off."""
        return concentration.exact_sum(one.revenue for one in self.everybody)

    @cached_property
    def without_margin(self) -> tuple[ClientTotal, ...]:
        return tuple(one for one in self.everybody if one.margin is None)

    @cached_property
    def known_margin(self) -> Decimal:
        """Of those whose margin is known."""
        return concentration.exact_sum(
            one.margin for one in self.everybody if one.margin is not None
        )

    @property
    def everybody(self) -> tuple[ClientTotal, ...]:
        return (*self.clients, *self.unknown)


def default_window(
    currency: str = "", *, today: datetime.date, standing: Standing | None = None
) -> Window | None:
    """Twelve months up to the last full one, or up to the last in which anybody bought; None without sales."""
    known = spans(standing=standing)
    currency = _usual(currency, known)
    if not currency:
        return None
    span = known[currency]
    full = add_months(today.replace(day=1), -1)
    return Window(min(full, span[1]) if span[0] <= full else span[1], currency)


def spans(*, standing: Standing | None = None) -> dict[str, tuple[datetime.date, datetime.date]]:
    """{currency: (first, last month with sales)}."""

    def find() -> dict[str, tuple[datetime.date, datetime.date]]:
        with connection.cursor() as cursor:
            cursor.execute(_SPANS)
            return {currency: (first, last) for currency, first, last in cursor.fetchall()}

    return _FOUND.get("spans", find, standing=standing)


# By leaps through the index of currency and month, instead of reading it all.
_SPANS = """
    WITH RECURSIVE leaps AS (
        SELECT min(currency) AS currency FROM segmentation_monthlysales
        UNION ALL
        SELECT (SELECT min(m.currency) FROM segmentation_monthlysales m WHERE m.currency > leaps.currency)
        FROM leaps WHERE leaps.currency IS NOT NULL
    )
    SELECT currency, (SELECT min(month) FROM segmentation_monthlysales m WHERE m.currency = leaps.currency),
           (SELECT max(month) FROM segmentation_monthlysales m WHERE m.currency = leaps.currency)
    FROM leaps WHERE currency IS NOT NULL
"""


def _usual(asked: str, known: Mapping[str, Any]) -> str:
    """The currency asked for, else that of the house, else the first there is; "" without sales."""
    wanted = (asked, settings.KAM_CURRENCY, *sorted(known))
    return next((currency for currency in wanted if currency in known), "")


def window_from(
    asked: Mapping[str, Any], *, today: datetime.date, standing: Standing | None = None
) -> Window | None:
    """From an address; what is no possible choice counts as not chosen. None without sales.

    `to`: the last month, as 2026-10; `months`; `currency`; `by`: revenue or margin.
    """
    window = default_window(str(asked.get("currency", "")), today=today, standing=standing)
    if window is None:
        return None
    first, last = spans(standing=standing)[window.currency]
    until = _month(str(asked.get("to", "")))
    months = str(asked.get("months", ""))
    number = int(months) if months.isascii() and months.isdigit() and len(months) < 4 else 0
    return Window(
        until if until and first <= until <= last else window.last,
        window.currency,
        number if 1 <= number <= MOST_MONTHS else MONTHS,
        str(Measure.MARGIN if asked.get("by") == Measure.MARGIN else Measure.REVENUE),
    )


def _month(text: str) -> datetime.date | None:
    try:
        return parse_date(f"{text[:7]}-01")
    except ValueError:
        return None


def of(window: Window, *, user: User, standing: Standing | None = None) -> Figures:
    """All clients' totals of the window; nobody's for who may not see them all."""
    if not may(user, "see_all_figures"):
        return Figures(window, ())
    return _TOTALS.get(("figures", window), lambda: _figures(window), standing=standing)


def _figures(window: Window) -> Figures:
    rows = (
        MonthlySales.objects.in_currency(window.currency)
        .between(window.first, window.last)
        .order_by()
        .values("client_id", "client__channel")
        .annotate(sold=Sum("revenue"), spent=Sum("cost"), months=Count("pk"), known=Count("cost"))
        .values_list("client_id", "client__channel", "sold", "spent", "months", "known")
    )
    totals = [
        ClientTotal(client, channel, sold, sold - spent if known == months else None)
        for client, channel, sold, spent, months, known in rows
    ]
    ranked = [one for one in totals if one.amount(window.measure) is not None]
    ranked.sort(key=lambda one: (-one.amount(window.measure), one.client))
    unknown = [one for one in totals if one.amount(window.measure) is None]
    unknown.sort(key=lambda one: (-one.revenue, one.client))
    return Figures(window, tuple(ranked), tuple(unknown), {one.client: one for one in totals})


@dataclass(frozen=True)
class MonthEnd:
    """How it stood at the end of a month, over the window's length up to it. `unknown`: clients without a margin."""

    month: datetime.date
    figures: Concentration
    unknown: int


def trend(
    window: Window, *, user: User, ends: int = MONTH_ENDS, standing: Standing | None = None
) -> list[MonthEnd]:
    """The last so many month-ends up to the window's; those before the first sale are left out. One query."""
    if not may(user, "see_all_figures"):
        return []
    return _FOUND.get(("trend", window, ends), lambda: _trend(window, ends), standing=standing)


def _trend(window: Window, ends: int) -> list[MonthEnd]:
    first_end = add_months(window.last, 1 - ends)
    with connection.cursor() as cursor:
        cursor.execute(
            _TREND.format(amount="revenue - cost" if window.by_margin else "revenue"),
            {
                "currency": window.currency,
                "first": add_months(first_end, 1 - window.months),
                "first_end": first_end,
                "last": window.last,
                "back": window.months - 1,
            },
        )
        return [
            MonthEnd(month, Concentration(clients, *map(Decimal, sums)), unknown)
            for month, clients, unknown, *sums in cursor.fetchall()
        ]


# A client's sums over the months before are one pass through its own months: no row is read twelve times. For
# each client and each month-end a row without an amount is put among them, whose frame holds what is asked for.
_TREND = """
    WITH sold AS MATERIALIZED (
        SELECT client_id, (extract(year FROM month) * 12 + extract(month FROM month))::int AS at,
               {amount} AS amount, 1 AS is_sold
        FROM segmentation_monthlysales
        WHERE currency = %(currency)s AND month BETWEEN %(first)s AND %(last)s
    ),
    ends AS (
        SELECT month::date, (extract(year FROM month) * 12 + extract(month FROM month))::int AS at
        FROM generate_series(%(first_end)s::date, %(last)s::date, interval '1 month') AS month
    ),
    behind AS (
        SELECT at, is_sold, sum(amount) OVER back AS total,
               sum(is_sold) OVER back AS months, sum(is_sold) OVER back - count(amount) OVER back AS unknown
        FROM (
            SELECT * FROM sold
            UNION ALL
            SELECT client_id, ends.at, NULL, 0 FROM (SELECT DISTINCT client_id FROM sold) AS buyers, ends
        ) AS every
        WINDOW back AS (PARTITION BY client_id ORDER BY at RANGE BETWEEN %(back)s PRECEDING AND CURRENT ROW)
    ),
    ranked AS (
        SELECT month, total, unknown,
               row_number() OVER (PARTITION BY month ORDER BY unknown > 0 OR total <= 0, total DESC) AS place
        FROM behind JOIN ends USING (at) WHERE is_sold = 0 AND months > 0
    )
    SELECT month,
           count(*) FILTER (WHERE unknown = 0 AND total > 0)::int,
           count(*) FILTER (WHERE unknown > 0)::int,
           coalesce(sum(total) FILTER (WHERE unknown = 0 AND total > 0), 0),
           coalesce(sum(total * total) FILTER (WHERE unknown = 0 AND total > 0), 0),
           coalesce(sum(total) FILTER (WHERE unknown = 0 AND total > 0 AND place <= 1), 0),
           coalesce(sum(total) FILTER (WHERE unknown = 0 AND total > 0 AND place <= 3), 0),
           coalesce(sum(total) FILTER (WHERE unknown = 0 AND total > 0 AND place <= 10), 0)
    FROM ranked GROUP BY month ORDER BY month
"""


def without(figures: Figures, leaving: Iterable[int]) -> Concentration:
    """How concentrated the sales are without those clients: what they hold is taken off the sums of all."""
    gone = set(leaving)
    whole, left = figures.concentration, []
    amounts = [figures.amount(one) for one in figures.clients if one.client in gone]
    taken = [Fraction(amount) for amount in amounts if amount > 0]
    for one in figures.clients:
        if len(left) == 10 or figures.amount(one) <= 0:
            break
        if one.client not in gone:
            left.append(figures.amount(one))
    return Concentration(
        clients=whole.clients - len(taken),
        total=concentration.as_decimal(Fraction(whole.total) - sum(taken)),
        squares=concentration.as_decimal(
            Fraction(whole.squares) - sum(amount**2 for amount in taken)
        ),
        largest=concentration.exact_sum(left[:1]),
        three_largest=concentration.exact_sum(left[:3]),
        ten_largest=concentration.exact_sum(left),
    )

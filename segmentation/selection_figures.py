"""What the sales say for the selection: share, growth, margin and length of cooperation of many clients at once."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import change, money, number, share
from accounts.templatetags.kam_format import month as month_name
from segmentation import scoring
from segmentation.models import MonthlySales, SegmentationRun
from segmentation.models.runs import add_months

# The share of sales is always that of twelve months: shorter, and the season decides.
MONTHS = 12


@dataclass(frozen=True)
class Window:
    """The months that are looked at: up to `last`, in one currency. `growth_months` on as many before."""

    currency: str
    last: datetime.date
    growth_months: int

    @property
    def first(self) -> datetime.date:
        return add_months(self.last, 1 - MONTHS)

    @property
    def growth_first(self) -> datetime.date:
        return add_months(self.last, 1 - self.growth_months)

    @property
    def before_first(self) -> datetime.date:
        return add_months(self.growth_first, -self.growth_months)

    @property
    def basis(self) -> str:
        """What the computed scores were computed from, as a sentence."""
        return _(
            "Sales in %(currency)s, %(first)s – %(last)s; growth: the %(months)s months up to then against as many before."
        ) % {
            "currency": self.currency,
            "first": month_name(self.first),
            "last": month_name(self.last),
            "months": number(self.growth_months),
        }


def window(run: SegmentationRun | None, *, growth_months: int) -> Window | None:
    """Up to the last whole month of the run in force, as everywhere; else of all sales. None without any."""
    if run is not None:
        last = add_months(run.end.replace(day=1), -1)
        return Window(run.currency, last, growth_months)
    newest = (
        MonthlySales.objects.order_by()
        .values("currency")
        .annotate(last=Max("month"))
        .order_by("-last", "currency")
        .first()
    )
    return Window(newest["currency"], newest["last"], growth_months) if newest else None


@dataclass(frozen=True)
class Whole:
    """Sum of the positive totals of all clients, and the largest clients of the stages asked for."""

    positive_total: Fraction
    largest: tuple[int, ...]


def whole(window: Window | None, *, stages: Sequence[str] = (), number: int = 1) -> Whole:
    """One query over the months of the window; `largest`: by their sales, only with some."""
    if window is None:
        return Whole(Fraction(0), ())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.client_id, t.whole,
                   c.stage = ANY(%s) AND t.total > 0 AND c.merged_into_id IS NULL AS is_wanted
            FROM (
                SELECT client_id, sum(revenue) AS total, sum(greatest(sum(revenue), 0)) OVER () AS whole
                FROM segmentation_monthlysales
                WHERE currency = %s AND month >= %s AND month <= %s
                GROUP BY client_id
            ) AS t
            JOIN accounts_client c ON c.id = t.client_id
            ORDER BY is_wanted DESC, t.total DESC, t.client_id LIMIT %s
            """,
            [[str(stage) for stage in stages], window.currency, window.first, window.last, number],
        )
        rows = cursor.fetchall()
    return Whole(
        Fraction(rows[0][1]) if rows else Fraction(0),
        tuple(client for client, _whole, is_wanted in rows if is_wanted),
    )


@dataclass(frozen=True)
class Sales:
    """Of one client within the window. `cost`: None where that of a line is unknown; `first`: the month of its
    first purchase in this currency, None where it never bought."""

    total: Decimal
    now: Decimal
    before: Decimal
    cost: Decimal | None
    first: datetime.date | None


def sales_of(window: Window | None, clients: Collection[int]) -> dict[int, Sales]:
    """{client: its sales}; whoever never bought in the currency of the window is not in it. One query."""
    if window is None or not clients:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT client_id,
                   coalesce(sum(revenue) FILTER (WHERE month >= %(first)s), 0),
                   coalesce(sum(revenue) FILTER (WHERE month >= %(growth)s), 0),
                   coalesce(sum(revenue) FILTER (WHERE month >= %(before)s AND month < %(growth)s), 0),
                   CASE WHEN count(*) FILTER (WHERE month >= %(first)s) = count(cost) FILTER (WHERE month >= %(first)s)
                        THEN coalesce(sum(cost) FILTER (WHERE month >= %(first)s), 0) END,
                   min(month) FILTER (WHERE active)
            FROM segmentation_monthlysales
            WHERE client_id = ANY(%(clients)s) AND currency = %(currency)s AND month <= %(last)s
            GROUP BY client_id
            """,
            {
                "clients": list(clients),
                "currency": window.currency,
                "first": window.first,
                "last": window.last,
                "growth": window.growth_first,
                "before": window.before_first,
            },
        )
        return {client: Sales(*values) for client, *values in cursor.fetchall()}


# ── What they come to ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Finding:
    """What the sales say by one criterion: a value with its score, or why there is none. `basis`: in words."""

    value: Fraction | None
    score: int | None
    basis: str


def finding(
    criterion: str, sales: Sales | None, *, window: Window | None, positive_total: Fraction
) -> Finding:
    """What the sales of a client say by one of the computed criteria (`scoring.COMPUTED`)."""
    if window is None:
        return Finding(None, None, _("no sales are known yet"))
    if sales is None or sales.first is None:
        words = {"currency": window.currency, "month": month_name(window.last)}
        return Finding(None, None, _("no sales in %(currency)s up to %(month)s") % words)
    value, basis = _LOOKS[criterion](sales, window, positive_total)
    return Finding(value, scoring.step_of(criterion, value), basis)


def _share(sales: Sales, window: Window, positive_total: Fraction) -> tuple[Fraction | None, str]:
    value = scoring.share_of_sales(Fraction(sales.total), positive_total)
    return value, _("%(share)s of our sales of twelve months: %(amount)s") % {
        "share": share(value, 2 if value and value < Fraction(1, 100) else 1),
        "amount": money(sales.total, window.currency),
    }


def _growth(sales: Sales, window: Window, _positive: Fraction) -> tuple[Fraction | None, str]:
    first = sales.first
    is_known = first is not None and first <= window.before_first
    value = scoring.growth(
        Fraction(sales.now), Fraction(sales.before), is_known_throughout=is_known
    )
    months = number(window.growth_months)
    if not is_known:
        return None, _("too short a history: bought first in %(month)s") % {
            "month": month_name(first)
        }
    if value is None:
        return None, _("nothing to grow from in the %(months)s months before") % {"months": months}
    return value, _("%(change)s on the %(months)s months before: %(now)s, then %(before)s") % {
        "change": change(value, 0),
        "months": months,
        "now": money(sales.now, window.currency),
        "before": money(sales.before, window.currency),
    }


def _profit(sales: Sales, window: Window, _positive: Fraction) -> tuple[Fraction | None, str]:
    cost = Fraction(sales.cost) if sales.cost is not None else None
    value = scoring.margin_share(Fraction(sales.total), cost)
    if value is None:
        return None, (
            _("the cost of some sales is unknown")
            if sales.cost is None
            else _("no revenue in twelve months")
        )
    return value, _("margin of %(share)s in twelve months") % {"share": share(value)}


def _length(sales: Sales, window: Window, _positive: Fraction) -> tuple[Fraction | None, str]:
    assert sales.first is not None
    months = (window.last.year - sales.first.year) * 12 + window.last.month - sales.first.month + 1
    return Fraction(months), _("bought first in %(month)s, %(months)s months ago") % {
        "month": month_name(sales.first),
        "months": number(months),
    }


_LOOKS = {"share": _share, "growth": _growth, "profit": _profit, "length": _length}


def currency_of(window: Window | None) -> str:
    return window.currency if window else str(settings.KAM_CURRENCY)

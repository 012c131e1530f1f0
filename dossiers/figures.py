"""Section 6 and the overview: what the sales say of the dossier's client, and what our people did for it.

The figures are those of `segmentation.client_figures`: one arithmetic for all pages.
"""

import datetime
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.templatetags.kam_format import month, number
from dossiers import quarters, scorecard, scores
from dossiers.heading import Heading
from dossiers.models import Dossier, TimelineKind
from dossiers.quarters import Quarter
from segmentation import client_figures
from segmentation.charts import HALF, Chart, bands_chart, sales_chart
from segmentation.client_figures import EarlierSegment, Month, Purchases
from segmentation.lifetime import Retention
from segmentation.models import Segment

# What our people do with theirs, in this order.
ENGAGEMENT = (
    TimelineKind.MEETING,
    TimelineKind.CALL,
    TimelineKind.FEEDBACK,
    TimelineKind.INITIATIVE,
)


@dataclass(frozen=True)
class Figures(client_figures.ClientFigures):
    """Twelve months and the twelve before, with the client's segment; shares are parts of 1."""

    segment: Segment | None = None

    @property
    def share(self) -> Decimal | None:
        """Of all our sales in the period of the run in force."""
        return self.segment.share if self.segment else None

    @property
    def margin_share(self) -> Decimal | None:
        return self.margin / self.revenue if self.margin is not None and self.revenue else None

    @property
    def average_order(self) -> Decimal | None:
        return self.revenue / self.orders if self.orders else None

    @property
    def is_empty(self) -> bool:
        return all(month.is_empty for month in (*self.months, *self.months_before))

    @property
    def life(self) -> "Lifetime":
        return Lifetime(self.retention, client_figures.discount_rate(), self.lifetime_value)

    @property
    def state(self) -> tuple:
        """What tells that they would be drawn as before: sales count no versions, so the figures themselves."""
        own = (self.currency, self.orders, self.orders_before, self.first_bought, self.last_bought)
        return (*own, self.months, self.months_before, self.segment and self.segment.pk)

    @property
    def basis(self) -> str:
        """What the figures of twelve months were computed from."""
        said = {
            "currency": self.currency,
            "first": month(self.first),
            "last": month(self.last),
        }
        if self.segment:
            return _(
                "From the sales in %(currency)s of %(first)s – %(last)s; the last month is that of the segmentation "
                "in force (run %(run)s)."
            ) % {**said, "run": number(self.segment.run_id)}
        return (
            _(
                "From the sales in %(currency)s of %(first)s – %(last)s; the last month is the last in which anybody bought."
            )
            % said
        )

    def chart(self) -> Chart:
        """Revenue by month."""
        return sales_chart(
            self.series, self.before, currency=self.currency, notes=self._notes(of_margin=False)
        )

    def margin_chart(self) -> Chart | None:
        """Margin by month; None where no cost is known."""
        both = (*self.months, *self.months_before)
        if not any(month.margin is not None and not month.is_empty for month in both):
            return None
        return sales_chart(
            [(month.month, month.margin) for month in self.months],
            [month.margin for month in self.months_before],
            currency=self.currency,
            title=_("Margin by month"),
            name="margin-chart",
            width=HALF,
            notes=self._notes(of_margin=True),
        )

    def orders_chart(self) -> Chart:
        return sales_chart(
            [(month.month, Decimal(month.orders)) for month in self.months],
            [Decimal(month.orders) for month in self.months_before],
            unit=_("orders"),
            title=_("Orders by month"),
            name="orders-chart",
            width=HALF,
            notes=self._notes(of_margin=False),
        )

    @property
    def both_years(self) -> list[tuple[Month, Month]]:
        """Each month, and the same month of the year before."""
        return list(zip(self.months, self.months_before, strict=True))

    @property
    def months_of_unknown_cost(self) -> list[Month]:
        return [month for month in self.months if month.margin is None]

    def _notes(self, *, of_margin: bool) -> dict[datetime.date, tuple[str, str]]:
        nothing, unknown = ("–", _("no sales")), ("?", _("cost unknown"))
        notes = {}
        for one in (*self.months, *self.months_before):
            if one.is_empty:
                notes[one.month] = nothing
            elif of_margin and one.margin is None:
                notes[one.month] = unknown
        return notes

    def sparkline(self) -> list[dict[str, str]]:
        """Bars for a glance, on a sheet of 120 by 28; a month of returns is a line on the ground."""
        top = max((amount for _month, amount in self.series), default=Decimal(0)) or Decimal(1)
        bars = []
        for place, (_month, amount) in enumerate(self.series):
            height = max(float(max(amount, Decimal(0)) / top) * 28, 1) if top > 0 else 1
            bars.append(
                {"x": str(place * 10 + 1), "y": f"{28 - height:.1f}", "height": f"{height:.1f}"}
            )
        return bars


@dataclass(frozen=True)
class Lifetime:
    """What the page shows of retention and lifetime value; parts of 1, `value` in the currency of the figures."""

    retention: Retention | None
    discount: Fraction
    value: Decimal | None


def of(dossier: Dossier, segment: Segment | None, *, user: User) -> Figures | None:
    """Up to the last month of the run in force, else up to the last month with sales; None without sales."""
    period = {"currency": segment.run.currency, "until": segment.run.last_month} if segment else {}
    found = client_figures.of(dossier.client, user=user, **period)
    if found is None:
        return None
    names = (field.name for field in fields(client_figures.ClientFigures))
    return Figures(**{name: getattr(found, name) for name in names}, segment=segment)


# ── What our people did ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Engagement:
    """How often people of ours and theirs met, by quarter, the running one last: counts for each kind."""

    quarters: tuple[Quarter, ...]
    counts: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def is_empty(self) -> bool:
        return not any(any(counts) for _kind, counts in self.counts)

    @property
    def labels(self) -> list[str]:
        return [quarter.label for quarter in self.quarters]

    @property
    def rows(self) -> list[tuple[str, tuple[int, ...]]]:
        return [(_in_plural(kind), counts) for kind, counts in self.counts]

    def chart(self) -> Chart:
        labels = self.labels
        return bands_chart(
            labels,
            self.rows,
            name="engagement-chart",
            title=_("Engagement by quarter"),
            description=". ".join(
                f"{kind}: "
                + ", ".join(f"{label} {count}" for label, count in zip(labels, counts, strict=True))
                for kind, counts in self.rows
            ),
        )


def _in_plural(kind: str) -> str:
    return {
        TimelineKind.MEETING: _("Meetings"),
        TimelineKind.CALL: _("Calls"),
        TimelineKind.FEEDBACK: _("Feedback sessions"),
        TimelineKind.INITIATIVE: _("Joint initiatives"),
    }[TimelineKind(kind)]


def engagement(dossier: Dossier, *, today: datetime.date) -> Engagement:
    """Of the last eight quarters, from the timeline; one query."""
    shown = quarters.until(today)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, date_trunc('quarter', happened_on)::date, count(*) FROM dossiers_timelineentry"
            " WHERE dossier_id = %s AND kind = ANY(%s) AND happened_on >= %s AND happened_on <= %s GROUP BY 1, 2",
            [dossier.pk, [str(kind.value) for kind in ENGAGEMENT], shown[0].first, today],
        )
        found = {(kind, first): number for kind, first, number in cursor.fetchall()}
    return Engagement(
        tuple(shown),
        tuple(
            (kind.value, tuple(found.get((kind.value, quarter.first), 0) for quarter in shown))
            for kind in ENGAGEMENT
        ),
    )


# ── The section ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Sheet:
    """The section of figures: the client's figures under the head of its dossier."""

    head: Heading
    figures: Figures | None
    purchases: Purchases | None
    history: tuple[EarlierSegment, ...]
    engagement: Engagement

    @property
    def state(self) -> tuple:
        """Everything that the section is drawn from."""
        head = self.head
        return (
            "figures",
            *(head.dossier.pk, head.client.pk, head.is_editable),
            self.figures and self.figures.state,
            self.purchases,
            tuple((one.letters, one.run.pk, one.since) for one in self.history),
            self.engagement,
            *(head.trend, head.segment and head.segment.pk),
        )

    def contents(self) -> dict[str, Any]:
        return {
            "head": self.head,
            "dossier": self.head.dossier,
            "figures": self.figures,
            "purchases": self.purchases,
            "history": self.history,
            "engagement": self.engagement,
        }


def sheet(head: Heading, known: Figures | None) -> Sheet:
    """For the dossier whose head and figures were fetched already; four queries."""
    client = head.client
    return Sheet(
        head,
        known,
        client_figures.purchases(known, client) if known else None,
        tuple(client_figures.segment_history(client)),
        engagement(head.dossier, today=head.today),
    )


def cards(head: Heading, known: Figures | None) -> scorecard.Cards:
    """The three scores; one query."""
    segment = head.segment
    found = scores.known(head.dossier, today=head.today)
    return scorecard.Cards(
        dossier=head.dossier,
        quality=head.quality,
        known=found,
        revenue=known.revenue if known else None,
        revenue_before=known.revenue_before if known else None,
        growth=known.growth if known else None,
        margin_share=known.margin_share if known else None,
        currency=known.currency if known else "",
        regularity=segment.xyz if segment else "",
        is_short_history=bool(segment and segment.is_short_history),
        is_editable=head.is_editable,
        today=head.today,
    )

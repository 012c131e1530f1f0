"""Section 6 and the overview: what the sales say of the dossier's client.

The figures are those of `segmentation.client_figures`: one arithmetic for all pages.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import User
from dossiers.heading import Heading
from dossiers.models import Dossier
from segmentation import client_figures
from segmentation.charts import SalesChart, sales_chart
from segmentation.models import Segment


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
        return not self.revenue and not self.revenue_before

    def chart(self) -> SalesChart:
        return sales_chart(self.series, self.before, currency=self.currency)

    def sparkline(self) -> list[dict[str, str]]:
        """Bars for a glance, on a sheet of 120 by 28; a month of returns is a line on the ground."""
        top = max((amount for _month, amount in self.series), default=Decimal(0)) or Decimal(1)
        bars = []
        for place, (_month, amount) in enumerate(self.series):
            height = max(float(max(amount, Decimal(0)) / top) * 28, 1)
            bars.append(
                {"x": str(place * 10 + 1), "y": f"{28 - height:.1f}", "height": f"{height:.1f}"}
            )
        return bars


@dataclass(frozen=True)
class Sheet:
    """The section of figures: the client's figures under the head of its dossier."""

    head: Heading
    figures: Figures | None

    @property
    def state(self) -> tuple:
        """Everything that the section is drawn from: sales count no versions, so the figures themselves."""
        figures, segment = self.figures, self.head.segment
        known = figures and tuple(
            tuple(value) if isinstance(value, list) else value
            for name, value in vars(figures).items()
            if name != "segment"
        )
        return ("figures", self.head.dossier.pk, known, self.head.trend, segment and segment.pk)

    def contents(self) -> dict[str, Any]:
        return {"head": self.head, "figures": self.figures}


def of(dossier: Dossier, segment: Segment | None, *, user: User) -> Figures | None:
    """Up to the last month of the run in force, else up to the last month with sales; None without sales."""
    period = {"currency": segment.run.currency, "until": segment.run.last_month} if segment else {}
    found = client_figures.of(dossier.client, user=user, **period)
    return Figures(**vars(found), segment=segment) if found else None

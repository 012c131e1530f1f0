"""The client's budget by year, our part of it, and what our own sales say of the same year.

Amounts of different currencies are never added: every sum belongs to one currency.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max, OuterRef, QuerySet, Subquery, Sum
from django.forms import ModelForm
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.templatetags.kam_format import money, month
from dossiers.models import BudgetLine, Dossier, DossierRecord
from dossiers.showing import Entry
from segmentation.models import MonthlySales


@dataclass(slots=True)
class PairSum:
    """Two figures of the same records, summed: the whole and a part of it, in one currency."""

    currency: str
    amount: Decimal
    part: Decimal

    @property
    def share(self) -> Decimal | None:
        return self.part / self.amount if self.amount else None


def sums(records: Iterable[DossierRecord], amount: str, part: str) -> list[PairSum]:
    """Per currency, the sum of two figures of each record; the largest whole first."""
    found: dict[str, PairSum] = {}
    for record in records:
        total = found.setdefault(record.currency, PairSum(record.currency, Decimal(0), Decimal(0)))
        total.amount += getattr(record, amount)
        total.part += getattr(record, part)
    return sorted(found.values(), key=lambda total: -total.amount)


def length(part: Decimal | None) -> str:
    """A part of one as per cent of a bar's length, never localised: 0.25 is "25.0"."""
    return f"{max(0.0, min(1.0, float(part or 0))) * 100:.1f}"


@dataclass(slots=True)
class Ours:
    """What we sold to the client in a year, in one currency, up to the last month with sales."""

    amount: Decimal
    until: datetime.date
    difference: Decimal

    @property
    def is_whole_year(self) -> bool:
        return self.until.month == 12

    @property
    def agrees(self) -> bool:
        """Lines are written in round figures: up to a hundredth beside the sales is the same."""
        return abs(self.difference) <= abs(self.amount) / 100

    @property
    def less(self) -> Decimal:
        return abs(self.difference)


@dataclass(slots=True)
class YearSum:
    """The lines of one year in one currency. `points`: percentage points gained since the year before, whole as shown."""

    total: PairSum
    points: int | None
    bar: str
    ours: Ours | None


@dataclass(slots=True)
class BudgetYear:
    year: int
    entries: list[Entry]
    sums: list[YearSum]


def by_year(entries: Sequence[Entry]) -> list[BudgetYear]:
    """Budget lines by year, newest first, each year with its share of wallet and how it moved."""
    lines: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        entry.facts["bar"] = length(entry.record.share_of_wallet)
        lines[entry.record.year].append(entry)
    found: list[BudgetYear] = []
    before: dict[str, Decimal | None] = {}
    last_year = None
    for year in sorted(lines):
        records = [entry.record for entry in lines[year]]
        totals = sums(records, "amount", "with_us")
        found.append(
            BudgetYear(
                year,
                lines[year],
                [
                    YearSum(
                        total,
                        _points(total, before if last_year == year - 1 else {}),
                        length(total.share),
                        _ours(total, records),
                    )
                    for total in totals
                ],
            )
        )
        before, last_year = {total.currency: total.share for total in totals}, year
    return found[::-1]


def _points(total: PairSum, before: dict[str, Decimal | None]) -> int | None:
    then = before.get(total.currency)
    return (
        round((total.share - then) * 100) if total.share is not None and then is not None else None
    )


def _ours(total: PairSum, records: Iterable[DossierRecord]) -> Ours | None:
    """From the lines themselves, which were fetched with it (see `with_sales`)."""
    for record in records:
        sold = getattr(record, "sold", None)
        if record.currency == total.currency and sold is not None:
            return Ours(sold, record.sold_until, total.part - sold)
    return None


def with_sales(lines: QuerySet[BudgetLine]) -> QuerySet[BudgetLine]:
    """Adds `sold` and `sold_until`: our sales to the client in the line's year and currency, and their last month.

    Without a statement of their own. Whoever may read the dossier may read its client's sales.
    """
    sales = MonthlySales.objects.filter(
        client=OuterRef("dossier__client"),
        currency=OuterRef("currency"),
        month__year=OuterRef("year"),
    )
    year = sales.order_by().values("client")
    return lines.annotate(
        sold=Subquery(year.annotate(sold=Sum("revenue")).values("sold")),
        sold_until=Subquery(year.annotate(until=Max("month")).values("until")),
    )


def suggest(form: ModelForm, *, dossier: Dossier, by: User) -> None:
    """Put our sales of the year as "with us" into a new line, where it is the only one of its year and currency."""
    try:
        year = int(form.initial.get("year") or 0)
    except ValueError:
        return
    currency = form.initial.get("currency")
    if (
        form.is_bound
        or not 1900 <= year <= 2200
        or BudgetLine.objects.filter(dossier=dossier, year=year, currency=currency).exists()
    ):
        return
    sales = MonthlySales.objects.visible_to(by).filter(
        client=dossier.client_id, currency=currency, month__year=year
    )
    found = sales.aggregate(sold=Sum("revenue"), until=Max("month"))
    if not found["sold"] or found["sold"] < 0:
        return
    form.initial["with_us"] = found["sold"]
    form.fields["with_us"].help_text = _("Our sales of this year up to %(month)s: %(amount)s.") % {
        "month": month(found["until"]),
        "amount": money(found["sold"], currency),
    }

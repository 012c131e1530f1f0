"""What a run may be asked for: wishes checked, and refused with a sentence."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import month as month_name
from segmentation import policies
from segmentation.models import MonthlySales, SalesLine, SegmentationRun, Unit, XyzMethod
from segmentation.models.runs import as_fraction


class RunRefused(Exception):
    """The run cannot be; the text is a sentence for the person who asked."""


def read_limit(text: str) -> str:
    """A limit as it is kept: "0,10" and " 10 / 12 " become "0.10" and "10/12". Raises RunRefused."""
    try:
        return policies.read_limit(text)
    except ValueError as error:
        raise RunRefused(str(error)) from error


def abc_limits(abc: tuple) -> tuple[Decimal, Decimal]:
    try:
        first, second = (Decimal(str(limit)) for limit in abc)
    except (InvalidOperation, ValueError):
        first = second = Decimal("NaN")
    if not (first.is_finite() and second.is_finite()):
        raise RunRefused(_("The limits of ABC are two percentages, such as 80 and 95."))
    fits = all(
        limit == limit.quantize(Decimal("0.0001")) for limit in (first, second) if abs(limit) < 1000
    )
    if not 0 < first < second <= 100 or not fits:
        raise RunRefused(
            _(
                "The limits of ABC are percentages, the first smaller than the second, such as 80 and 95."
            )
        )
    return first, second


def xyz_limits(xyz: str, limits: tuple[str, str]) -> tuple[str, str]:
    x, y = (read_limit(str(limit)) for limit in limits)
    if xyz == XyzMethod.CV and not 0 <= as_fraction(x) <= as_fraction(y):
        raise RunRefused(
            _(
                "The limits of the coefficient of variation rise: X up to 0.10, Y up to 0.25, for instance."
            )
        )
    if xyz == XyzMethod.FREQUENCY and not Fraction(1) >= as_fraction(x) >= as_fraction(y):
        raise RunRefused(
            _(
                "The limits of frequency fall and are parts of 1: X from 10/12, Y from 5/12, for instance."
            )
        )
    return x, y


def only_currency(row: SegmentationRun, wanted: str) -> str:
    in_period = sorted(
        MonthlySales.objects.between(row.start.replace(day=1), row.last_month)
        .order_by()
        .values_list("currency", flat=True)
        .distinct()
    )
    if wanted and wanted in in_period:
        return wanted
    if not in_period or wanted:
        raise RunRefused(no_sales(row, wanted))
    if len(in_period) > 1:
        raise RunRefused(
            _(
                "The sales of this period are in several currencies: %(currencies)s. Choose one of them."
            )
            % {"currencies": ", ".join(in_period)}
        )
    return in_period[0]


def no_sales(row: SegmentationRun, currency: str = "") -> str:
    sales = MonthlySales.objects.in_currency(currency) if currency else MonthlySales.objects.all()
    on_hand = sales.aggregate(first=Min("month"), last=Max("month"))
    if on_hand["first"] is None:
        if currency:
            return _("There are no sales in %(currency)s.") % {"currency": currency}
        return _("There are no sales yet. Import them first.")
    return _(
        "There are no sales in the period %(period)s. Those on hand lie between %(first)s and %(last)s."
    ) % {
        "period": row.period,
        "first": month_name(on_hand["first"]),
        "last": month_name(on_hand["last"]),
    }


def nobody_in_scope(row: SegmentationRun) -> str:
    return _("No client of this scope (%(scope)s) has sales in the period %(period)s.") % {
        "scope": row.scope,
        "period": row.period,
    }


def require_costs(row: SegmentationRun) -> None:
    if row.unit == Unit.WEEK:
        unknown = SalesLine.objects.filter(
            sold_on__gte=row.start, sold_on__lt=row.end, currency=row.currency, cost__isnull=True
        ).values_list("client__name", "sold_on")
        unknown = unknown.order_by("sold_on", "client__name_sort")
    else:
        unknown = (
            MonthlySales.objects.between(row.start, row.last_month)
            .in_currency(row.currency)
            .filter(cost__isnull=True)
            .values_list("client__name", "month")
            .order_by("month", "client__name_sort")
        )
    first = unknown.first()
    if first:
        raise RunRefused(
            _(
                "The margin of this period is not known: there are lines without a cost, the first of "
                "%(client)s in %(month)s. Import the sales with their cost, or run by revenue."
            )
            % {"client": first[0], "month": month_name(first[1])}
        )

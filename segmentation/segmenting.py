"""Running ABC-XYZ over the monthly sales, and putting a run in force."""

import datetime
import re
from collections import Counter, defaultdict
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import User
from accounts.templatetags.kam_format import month as month_name
from segmentation import abc_xyz, jobs, segment_rows
from segmentation.models import (
    JobState,
    Measure,
    MonthlySales,
    SalesImport,
    SegmentationRun,
    XyzMethod,
)
from segmentation.models.runs import CELLS, RunPhase, add_months, as_fraction

# What a run is asked for; two runs that agree in all but the period can be compared.
METHOD_FIELDS = ("measure", "currency", "abc_a", "abc_b", "xyz_method", "xyz_x", "xyz_y")
DEFAULT_LIMITS = {XyzMethod.CV: ("0.10", "0.25"), XyzMethod.FREQUENCY: ("10/12", "5/12")}
DEFAULT_PERIODS = 12
# A scheduled run of the same period is repeated no sooner, when sales have changed.
REFRESHED_AFTER = datetime.timedelta(days=7)


class RunRefused(Exception):
    """The run cannot be; the text is a sentence for the person who asked."""


def request(
    *,
    start: datetime.date,
    periods: int = DEFAULT_PERIODS,
    measure: str = Measure.REVENUE,
    abc: tuple = (80, 95),
    xyz: str = XyzMethod.CV,
    limits: tuple[str, str] | None = None,
    currency: str = "",
    by: User | None = None,
    scheduled: bool = False,
    comes_into_force: bool = False,
    ring=None,
) -> SegmentationRun:
    """A row for the run, checked: what is wrong with it is said now and not by a worker later.

    `start` is any day of the first month; `limits` are texts such as "0.10" or "10/12". Without a
    currency the period's only one is taken. `ring` hands the row to a worker. Raises RunRefused.
    """
    if by is not None and not may(by, "run_segmentation"):
        raise RunRefused(_("Only an analyst or a sales head runs segmentations."))
    if measure not in Measure.values or xyz not in XyzMethod.values:
        raise RunRefused(_("The measure is revenue or margin, and XYZ goes by cv or frequency."))
    if not 1 <= periods <= 120:
        raise RunRefused(_("The period is between 1 and 120 months long."))
    first, second = _abc_limits(abc)
    x, y = _xyz_limits(xyz, limits or DEFAULT_LIMITS[XyzMethod(xyz)])
    run = SegmentationRun(
        start=start.replace(day=1),
        periods=periods,
        measure=measure,
        abc_a=first,
        abc_b=second,
        xyz_method=xyz,
        xyz_x=x,
        xyz_y=y,
        created_by=by,
        scheduled=scheduled,
        comes_into_force=comes_into_force,
    )
    run.currency = _only_currency(run, currency.upper())
    if measure == Measure.MARGIN:
        _require_costs(run)
    with transaction.atomic():
        run.save()
        if ring:
            jobs.enqueue(run, ring)
    return run


def run(row: SegmentationRun) -> SegmentationRun:
    """Do the run of a row. May be called twice: what is done stays done, what was broken off begins anew."""
    return jobs.perform(row, _segment, refusals=(RunRefused,))


def put_in_force(row: SegmentationRun, *, by: User | None) -> SegmentationRun:
    """Make the run the one whose segments dossiers and portfolio show. `by` is None for the schedule.

    Raises RunRefused; then the run in force stays.
    """
    if by is not None and not may(by, "run_segmentation"):
        raise RunRefused(_("Only an analyst or a sales head puts a segmentation in force."))
    return _make_current(row, by=by)


def request_scheduled(*, today: datetime.date, ring=None) -> SegmentationRun | None:
    """The run over the last full months, by the method of the run in force; None where there is nothing to do.

    There is something to do when the month has changed and its sales have come in, or when a week
    after the last scheduled run there are other sales; however often and late the schedule rings.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [jobs.lock_key("scheduled run")])
        model = SegmentationRun.objects.in_force()
        periods = model.periods if model else DEFAULT_PERIODS
        start = add_months(today.replace(day=1), -periods)
        currency = _scheduled_currency(model, add_months(start, periods - 1))
        if not currency:
            return None
        method = {name: getattr(model, name) for name in METHOD_FIELDS} if model else {}
        method["currency"] = currency
        last = (
            SegmentationRun.objects.filter(scheduled=True, start=start, periods=periods, **method)
            .exclude(state=JobState.FAILED)
            .newest_first()
            .first()
        )
        if last and (
            timezone.localdate(last.created_at) > today - REFRESHED_AFTER
            or not _sales_changed_since(last.created_at)
        ):
            return None
        return request(
            start=start,
            periods=periods,
            measure=method.get("measure", Measure.REVENUE),
            abc=(method.get("abc_a", 80), method.get("abc_b", 95)),
            xyz=method.get("xyz_method", XyzMethod.CV),
            limits=(method["xyz_x"], method["xyz_y"]) if model else None,
            currency=currency,
            scheduled=True,
            comes_into_force=True,
            ring=ring,
        )


def read_limit(text: str) -> str:
    """A limit as it is kept: "0,10" and " 10 / 12 " become "0.10" and "10/12". Raises RunRefused."""
    bare = re.sub(r"(^|/)\.", r"\g<1>0.", re.sub(r"\s", "", text).replace(",", "."))
    if not re.fullmatch(r"\d+(\.\d+)?(/0*[1-9]\d*)?", bare) or len(bare) > 24:
        raise RunRefused(
            _("“%(text)s” is no limit. Write a decimal such as 0.25 or a fraction such as 10/12.")
            % {"text": text}
        )
    return bare


@transaction.atomic
def _make_current(row: SegmentationRun, *, by: User | None) -> SegmentationRun:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [jobs.lock_key("run in force")])
    row = SegmentationRun.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.state != JobState.SUCCEEDED:
        raise RunRefused(_("Only a run that has finished can be put in force."))
    if row.in_force:
        return row
    base = _run_to_compare_with(row)
    if (base and base.pk) != row.compared_with_id:
        row.compared_with = base
        segment_rows.compare_again(row)
    SegmentationRun.objects.filter(in_force=True).update(in_force=False)
    row.in_force, row.put_in_force_at, row.put_in_force_by = True, timezone.now(), by
    row.save(update_fields=["in_force", "put_in_force_at", "put_in_force_by", "compared_with"])
    return row


def _segment(row: SegmentationRun) -> None:
    jobs.report(row, phase=RunPhase.ADDING, progress=10)
    if row.measure == Measure.MARGIN:
        _require_costs(row)  # again: sales may have come in since the run was asked for
    figures, details = segment_rows.add_up(row)
    if not figures:
        raise RunRefused(_no_sales(row))
    jobs.report(row, phase=RunPhase.CLASSIFYING, progress=40)
    classified = abc_xyz.classify(
        figures,
        months=row.periods,
        abc=(row.abc_a, row.abc_b),
        xyz=row.xyz_method,
        limits=row.xyz_limits,
    )
    jobs.report(row, phase=RunPhase.STORING, progress=60)
    with transaction.atomic():
        row.compared_with = _run_to_compare_with(row)
        segment_rows.store(row, classified, details)
        row.clients = len(classified)
        counts = Counter(client.abc + client.xyz for client in classified)
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for client in classified:
            totals[client.abc + client.xyz] += client.total
        row.counts = {cell: counts[cell] for cell in CELLS}
        row.totals = {cell: f"{totals[cell].normalize():f}" for cell in CELLS}
        row.positive_total = sum(
            (client.total for client in classified if client.total > 0), Decimal()
        )
        jobs.succeed(row)
        if row.comes_into_force or not SegmentationRun.objects.filter(in_force=True).exists():
            _make_current(row, by=row.created_by)
    row.refresh_from_db()


def _run_to_compare_with(row: SegmentationRun) -> SegmentationRun | None:
    """The run in force, where only the period differs; a repetition is compared with what it repeats was."""
    current = SegmentationRun.objects.exclude(pk=row.pk).in_force() or (
        row.compared_with if row.in_force else None
    )
    if current is None or any(
        _plain(getattr(current, name)) != _plain(getattr(row, name)) for name in METHOD_FIELDS
    ):
        return None
    if (current.start, current.periods) == (row.start, row.periods):
        return current.compared_with
    return current


def _plain(value):
    """80 and 80.0000 are one limit, and so are 0.1 and 0.10."""
    try:
        return as_fraction(str(value))
    except ValueError:
        return value


def _abc_limits(abc: tuple) -> tuple[Decimal, Decimal]:
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


def _xyz_limits(xyz: str, limits: tuple[str, str]) -> tuple[str, str]:
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


def _only_currency(row: SegmentationRun, wanted: str) -> str:
    in_period = sorted(
        MonthlySales.objects.between(row.start, row.last_month)
        .order_by()
        .values_list("currency", flat=True)
        .distinct()
    )
    if wanted and wanted in in_period:
        return wanted
    if not in_period or wanted:
        raise RunRefused(_no_sales(row, wanted))
    if len(in_period) > 1:
        raise RunRefused(
            _(
                "The sales of this period are in several currencies: %(currencies)s. Choose one of them."
            )
            % {"currencies": ", ".join(in_period)}
        )
    return in_period[0]


def _no_sales(row: SegmentationRun, currency: str = "") -> str:
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


def _require_costs(row: SegmentationRun) -> None:
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
                "The margin of this period is not known: %(count)d monthly figures have lines without a cost, the first "
                "%(client)s in %(month)s. Import the sales with their cost, or run by revenue."
            )
            % {
                "count": unknown.count(),
                "client": first[0],
                "month": month_name(first[1]),
            }
        )


def _scheduled_currency(model: SegmentationRun | None, last_month: datetime.date) -> str:
    """The currency to run in; "" while the last month has no sales yet, which would look like everybody leaving."""
    sold = set(
        MonthlySales.objects.filter(month=last_month)
        .order_by()
        .values_list("currency", flat=True)
        .distinct()
    )
    wanted = [model.currency] if model else []
    return next((currency for currency in (*wanted, settings.KAM_CURRENCY) if currency in sold), "")


def _sales_changed_since(moment: datetime.datetime) -> bool:
    return (
        SalesImport.objects.succeeded()
        .filter(finished_at__gt=moment)
        .annotate(changed=F("new_documents") + F("replaced_documents"))
        .filter(changed__gt=0)
        .exists()
    )

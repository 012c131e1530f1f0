"""Running ABC-XYZ over the sales, and putting a run in force."""

import datetime
import time
from collections import Counter, defaultdict
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import User
from accounts.templatetags.kam_format import number as in_words
from segmentation import abc_xyz, jobs, policies, segment_rows
from segmentation import periods as of
from segmentation import run_wishes as wishes
from segmentation.models import (
    AbcBy,
    JobState,
    Measure,
    MonthlySales,
    Policy,
    SalesImport,
    SegmentationRun,
    Unit,
    XyzMethod,
)
from segmentation.models.runs import CELLS, SHORT_CELLS, RunPhase, as_fraction
from segmentation.run_wishes import RunRefused

# What a run is asked for; two runs that agree in all but the window can be compared.
SCOPE_FIELDS = ("channel", "industry", "team")
METHOD_FIELDS = (
    *("measure", "currency", "unit", "abc_by", "abc_a", "abc_b"),
    *("xyz_method", "xyz_x", "xyz_y", "min_history", *SCOPE_FIELDS),
)
DEFAULT_LIMITS = {XyzMethod.CV: ("0.10", "0.25"), XyzMethod.FREQUENCY: ("10/12", "5/12")}
DEFAULT_PERIODS = 12
MOST_PERIODS = 260
# A scheduled run of the same window is repeated no sooner, when sales have changed.
REFRESHED_AFTER = datetime.timedelta(days=7)


def request(
    *,
    start: datetime.date,
    unit: str = Unit.MONTH,
    periods: int = DEFAULT_PERIODS,
    measure: str = Measure.REVENUE,
    abc: tuple | str = (80, 95),
    xyz: str = XyzMethod.CV,
    limits: tuple[str, str] | None = None,
    min_history: int = 0,
    channel: str = "",
    industry: str = "",
    team: str = "",
    currency: str = "",
    by: User | None = None,
    scheduled: bool = False,
    comes_into_force: bool = False,
    ring=None,
) -> SegmentationRun:
    """A row for the run, checked: what is wrong with it is said now and not by a worker later.

    `start` is any day of the first period; `abc` are two percentages, or "computed"; `limits` are texts
    such as "0.10" or "10/12"; the scope is all clients, or those of a channel, an industry, a team.
    Without a currency the window's only one is taken. `ring` hands the row to a worker. Settings that
    are those of the policy are marked as such. Raises RunRefused.
    """
    if by is not None and not may(by, "run_segmentation"):
        raise RunRefused(_("Only an analyst or a sales head runs segmentations."))
    if measure not in Measure.values or xyz not in XyzMethod.values:
        raise RunRefused(_("The measure is revenue or margin, and XYZ goes by cv or frequency."))
    if unit not in Unit.values:
        raise RunRefused(_("The window is cut into months, quarters or weeks."))
    if not 1 <= periods <= MOST_PERIODS:
        raise RunRefused(
            _("The window is between 1 and %(most)d periods long.") % {"most": MOST_PERIODS}
        )
    if not 0 <= min_history <= periods:
        raise RunRefused(
            _("The history needed is not longer than the window: %(periods)d periods.")
            % {"periods": periods}
        )
    abc_by = AbcBy.COMPUTED if abc == abc_xyz.COMPUTED else AbcBy.LIMITS
    first, second = wishes.abc_limits((80, 95) if abc_by == AbcBy.COMPUTED else abc)
    x, y = wishes.xyz_limits(xyz, limits or DEFAULT_LIMITS[XyzMethod(xyz)])
    run = SegmentationRun(
        start=of.first_day(unit, start),
        unit=unit,
        periods=periods,
        measure=measure,
        abc_by=abc_by,
        abc_a=first,
        abc_b=second,
        xyz_method=xyz,
        xyz_x=x,
        xyz_y=y,
        min_history=min_history,
        channel=channel.strip(),
        industry=industry.strip(),
        team=team.strip(),
        created_by=by,
        scheduled=scheduled,
        comes_into_force=comes_into_force,
    )
    if comes_into_force and is_scoped(run):
        raise RunRefused(_only_all_in_force())
    run.currency = wishes.only_currency(run, currency.upper())
    run.policy = _policy_of(run)
    if measure == Measure.MARGIN:
        wishes.require_costs(run)
    with transaction.atomic():
        run.save()
        if ring:
            jobs.enqueue(run, ring)
    return run


def by_policy(policy: Policy) -> dict:
    """Keyword arguments of `request` that a policy settles: all but window start, currency and scope."""
    x, y = (getattr(policy, name) for name in policies.LIMITS[XyzMethod(policy.xyz_method)])
    return {
        "unit": policy.unit,
        "periods": policy.periods,
        "measure": policy.measure,
        "abc": abc_xyz.COMPUTED
        if policy.abc_by == AbcBy.COMPUTED
        else (policy.abc_a, policy.abc_b),
        "xyz": policy.xyz_method,
        "limits": (x, y),
        "min_history": policy.min_history,
    }


def _policy_of(row: SegmentationRun) -> Policy | None:
    """The policy that holds, where the run goes by it in everything; the window may begin anywhere."""
    policy = policies.current()
    x, y = (getattr(policy, name) for name in policies.LIMITS[XyzMethod(row.xyz_method)])
    settled = ("unit", "periods", "measure", "abc_by", "xyz_method", "min_history")
    same = all(getattr(policy, name) == getattr(row, name) for name in settled)
    same = same and (x, y) == (row.xyz_x, row.xyz_y)
    if row.abc_by == AbcBy.LIMITS:
        same = same and (policy.abc_a, policy.abc_b) == (row.abc_a, row.abc_b)
    return policy if policy.pk and same else None


def is_scoped(row: SegmentationRun) -> bool:
    """Whether it looks at a part of the clients only."""
    return any(getattr(row, name) for name in SCOPE_FIELDS)


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


def chosen_by_hand(row: SegmentationRun) -> bool:
    """Whether a person put the run in force; the schedule leaves such a choice alone."""
    return row.put_in_force_by_id is not None or (row.comes_into_force and not row.scheduled)


def ready_instead(current: SegmentationRun | None) -> SegmentationRun | None:
    """The newest scheduled run that waits for somebody to put it in force."""
    if current is None:
        return None
    return (
        SegmentationRun.objects.succeeded()
        .filter(scheduled=True, in_force=False, created_at__gt=current.created_at)
        .newest_first()
        .first()
    )


def request_scheduled(*, today: datetime.date, ring=None) -> SegmentationRun | None:
    """The run over the last full periods, by the policy; None where there is nothing to do.

    Before the first policy it goes on by the method of the run in force. There is something to do when
    the period has changed and its sales have come in, or when a week after the last scheduled run there
    are other sales; however often and late the schedule rings.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [jobs.lock_key("scheduled run")])
        model = SegmentationRun.objects.in_force()
        policy = policies.current()
        wish = by_policy(policy) if policy.pk or model is None else _by_run(model)
        start = of.add(wish["unit"], today, -wish["periods"])
        end = of.first_day(wish["unit"], today)
        currency = _scheduled_currency(model, end - datetime.timedelta(days=1))
        if not currency:
            return None
        last = _last_scheduled(start, wish, currency)
        if last and (
            timezone.localdate(last.created_at) > today - REFRESHED_AFTER
            or not _sales_changed_since(last.created_at)
        ):
            return None
        return request(
            start=start,
            currency=currency,
            scheduled=True,
            comes_into_force=True,
            ring=ring,
            **wish,
        )


def _by_run(model: SegmentationRun) -> dict:
    return {
        "unit": model.unit,
        "periods": model.periods,
        "measure": model.measure,
        "abc": abc_xyz.COMPUTED if model.abc_by == AbcBy.COMPUTED else (model.abc_a, model.abc_b),
        "xyz": model.xyz_method,
        "limits": (model.xyz_x, model.xyz_y),
        "min_history": model.min_history,
    }


def _last_scheduled(start: datetime.date, wish: dict, currency: str) -> SegmentationRun | None:
    """The last scheduled run of that window by that method, unless it failed."""
    same = {name: wish[name] for name in ("unit", "periods", "measure", "min_history")}
    same |= {"xyz_method": wish["xyz"], "xyz_x": wish["limits"][0], "xyz_y": wish["limits"][1]}
    if wish["abc"] == abc_xyz.COMPUTED:
        same["abc_by"] = AbcBy.COMPUTED
    else:
        same |= {"abc_by": AbcBy.LIMITS, "abc_a": wish["abc"][0], "abc_b": wish["abc"][1]}
    return (
        SegmentationRun.objects.filter(scheduled=True, start=start, currency=currency, **same)
        .exclude(state__in=(JobState.FAILED, JobState.CANCELLED))
        .newest_first()
        .first()
    )


@transaction.atomic
def _make_current(row: SegmentationRun, *, by: User | None) -> SegmentationRun:
    _settle_alone()
    row = SegmentationRun.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.state != JobState.SUCCEEDED:
        raise RunRefused(_("Only a run that has finished can be put in force."))
    if is_scoped(row):
        raise RunRefused(_only_all_in_force())
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


def _settle_alone() -> None:
    """One at a time settles which run is in force. Before any row of a run is held, or two wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [jobs.lock_key("run in force")])


def _only_all_in_force() -> str:
    return _(
        "A run over a part of the clients is not put in force: dossiers show where a client stands in the whole house."
    )


def _segment(row: SegmentationRun) -> None:
    began = time.monotonic()
    jobs.report(row, phase=RunPhase.ADDING, progress=10)
    if row.measure == Measure.MARGIN:
        wishes.require_costs(row)  # again: sales may have come in since the run was asked for
    figures, clients = segment_rows.add_up(row)
    if not figures:
        raise RunRefused(
            wishes.no_sales(row) if not is_scoped(row) else wishes.nobody_in_scope(row)
        )
    began = _say(row, began, _("Added up %(count)s clients over %(periods)s"), len(figures))
    jobs.report(row, phase=RunPhase.CLASSIFYING, progress=40)
    found = abc_xyz.classify(
        figures,
        periods=row.periods,
        abc=abc_xyz.COMPUTED if row.abc_by == AbcBy.COMPUTED else (row.abc_a, row.abc_b),
        xyz=row.xyz_method,
        limits=_limits_of_both(row),
        min_history=row.min_history,
    )
    began = _say(row, began, _("Classified %(count)s clients over %(periods)s"), len(figures))
    jobs.report(row, phase=RunPhase.STORING, progress=60)
    with transaction.atomic():
        if row.abc_by == AbcBy.COMPUTED:
            row.abc_a, row.abc_b = _as_percentages(found.limits)
        row.compared_with = _run_to_compare_with(row)
        segment_rows.store(row, found.clients, clients)
        _settle_alone()
        _say(row, began, _("Stored %(count)s segments over %(periods)s"), len(figures))
        _sum_up(row, found)
        jobs.succeed(row)
        _put_in_force_if_nobody_minds(row)
    row.refresh_from_db()


def _say(row: SegmentationRun, began: float, text: str, count: int) -> float:
    """A line of the log with its seconds; the clock for the next one."""
    now = time.monotonic()
    told = {"count": in_words(count), "periods": of.length(row.unit, row.periods)}
    before = len(row.log)
    row.note(f"{text % told}: {in_words(Decimal(str(round(now - began, 1))))} s")
    # Added to what stands there: somebody may have asked meanwhile to cancel it.
    SegmentationRun.objects.filter(pk=row.pk).update(log=Concat("log", Value(row.log[before:])))
    return now


def _limits_of_both(row: SegmentationRun) -> dict[str, abc_xyz.Limits]:
    """Its own for its method; for the other those of its policy, or the usual ones."""
    found = {}
    for method, names in policies.LIMITS.items():
        if method == row.xyz_method:
            texts = (row.xyz_x, row.xyz_y)
        elif row.policy_id:
            texts = tuple(getattr(row.policy, name) for name in names)
        else:
            texts = DEFAULT_LIMITS[method]
        found[str(method)] = (as_fraction(texts[0]), as_fraction(texts[1]))
    return found


def _as_percentages(limits: abc_xyz.Limits) -> tuple[Decimal, Decimal]:
    """Computed limits as they are kept: to four places, the first under the second, as the table demands.

    Which client has which letter is decided by the exact limits, not by these.
    """
    step = Decimal("0.0001")
    first, second = (
        (Decimal(limit.numerator * 100) / limit.denominator).quantize(step) for limit in limits
    )
    first = min(max(first, step), 100 - step)
    return first, min(max(second, first + step), Decimal(100))


def _sum_up(row: SegmentationRun, found: abc_xyz.Classification) -> None:
    counts: Counter[str] = Counter()
    totals: dict[str, int] = defaultdict(int)
    for client in found.clients:
        cell = client.abc + client.xyz
        counts[cell] += 1
        totals[cell] += client.total
    # Those with too short a history have cells of their own, beside the nine and only where there are any.
    cells = [*CELLS, *(cell for cell in SHORT_CELLS if counts[cell])]
    row.clients = len(found.clients)
    row.counts = {cell: counts[cell] for cell in cells}
    row.totals = {cell: f"{_amount(totals[cell]).normalize():f}" for cell in cells}
    row.positive_total = _amount(found.whole)


def _amount(scaled: int) -> Decimal:
    with abc_xyz.localcontext(abc_xyz.EXACT):
        return Decimal(scaled) / segment_rows.SCALE


def _put_in_force_if_nobody_minds(row: SegmentationRun) -> None:
    """The first run by itself, one asked for that by its asker, a scheduled one unless somebody chose another."""
    if is_scoped(row):
        return
    current = SegmentationRun.objects.in_force()
    if current is None:
        _make_current(row, by=row.created_by if row.comes_into_force else None)
    elif row.comes_into_force and not (row.scheduled and chosen_by_hand(current)):
        _make_current(row, by=row.created_by)
    elif row.comes_into_force:
        row.note(
            _("Not put in force by itself: run %(number)d was put there by hand.")
            % {"number": current.pk}
        )
        row.save(update_fields=["log"])


def _run_to_compare_with(row: SegmentationRun) -> SegmentationRun | None:
    """The run in force, where only the period differs; a repetition is compared with what it repeats was."""
    current = SegmentationRun.objects.exclude(pk=row.pk).in_force() or (
        row.compared_with if row.in_force else None
    )
    if current is None or not same_method(current, row):
        return None
    if (current.start, current.periods) == (row.start, row.periods):
        return current.compared_with
    return current


def same_method(one: SegmentationRun, other: SegmentationRun) -> bool:
    """Whether two runs differ in their window alone, so that their letters can be compared."""
    return all(
        _plain(getattr(one, name)) == _plain(getattr(other, name)) for name in method_fields(one)
    )


def method_fields(run: SegmentationRun) -> set[str]:
    """The fields in which a run by the same method agrees with this one; computed limits are results."""
    results = {"abc_a", "abc_b"} if run.abc_by == AbcBy.COMPUTED else set()
    return set(METHOD_FIELDS) - results


def _plain(value):
    """80 and 80.0000 are one limit, and so are 0.1 and 0.10."""
    try:
        return as_fraction(str(value))
    except ValueError:
        return value


def _scheduled_currency(model: SegmentationRun | None, last_day: datetime.date) -> str:
    """The currency to run in; "" while the last month has no sales yet, which would look like everybody leaving."""
    sold = set(
        MonthlySales.objects.filter(month=last_day.replace(day=1))
        .order_by()
        .values_list("currency", flat=True)
        .distinct()
    )
    wanted = [model.currency] if model else []
    return next((currency for currency in (*wanted, settings.KAM_CURRENCY) if currency in sold), "")


def _sales_changed_since(moment: datetime.datetime) -> bool:
    """Whether an import has changed sales since, or the undoing of one."""
    return (
        SalesImport.objects.succeeded()
        .annotate(changed=F("new_documents") + F("replaced_documents"))
        .filter(Q(finished_at__gt=moment) | Q(undone_at__gt=moment), changed__gt=0)
        .exists()
    )

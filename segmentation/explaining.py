"""Why a client has its segment in a run: each step from its nets to the two letters, and what would change them."""

import datetime
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from django.db import connection

from accounts.models import User
from segmentation import periods as of
from segmentation.matrix import limits
from segmentation.models import Segment, SegmentationRun, XyzMethod
from segmentation.models.runs import as_fraction

CENT = Decimal("0.01")
NEIGHBOURS = 2


@dataclass(frozen=True)
class Period:
    """One period's net and what the deviation is made of it."""

    start: datetime.date
    net: Decimal
    off: Decimal
    square: Decimal


@dataclass(frozen=True)
class Variation:
    """The coefficient of variation by the book: population standard deviation ÷ mean of all N nets.

    `cv` is None, and so is all after it, where the total is not positive. `x_deviation`, `y_deviation`: the largest
    deviation that the limits allow at this mean.
    """

    periods: list[Period]
    sum: Decimal
    mean: Decimal
    sum_of_squares: Decimal
    deviations: Decimal
    variance: Decimal
    deviation: Decimal
    cv: Decimal | None
    x: str
    y: str
    x_deviation: Decimal
    y_deviation: Decimal


@dataclass(frozen=True)
class Frequency:
    """Active periods against the limits: `x_from` and `y_from` are the least numbers that reach them."""

    active: int
    periods: int
    x: str
    y: str
    x_from: int
    y_from: int

    @property
    def part(self) -> Fraction:
        return Fraction(self.active, self.periods)


@dataclass(frozen=True)
class Value:
    """What of its total would give another letter of value, everything else as it was.

    `more`: [(letter, amount)] — so much more makes it that letter; `less`: (letter, amount) — so much less loses
    the letter it has. Rounded up to the cent.
    """

    more: list[tuple[str, Decimal]]
    less: tuple[str, Decimal] | None


@dataclass(frozen=True)
class Explanation:
    segment: Segment
    run: SegmentationRun
    neighbours: list[Segment]
    tied: int
    tied_before: int
    value: Value
    variation: Variation
    frequency: Frequency

    @property
    def letters_by(self) -> dict[str, str]:
        """The letter of rhythm by each method; empty where it was not kept."""
        own = {self.run.xyz_method: self.segment.xyz}
        return {
            XyzMethod.CV: self.segment.xyz_cv or own.get(XyzMethod.CV, ""),
            XyzMethod.FREQUENCY: self.segment.xyz_frequency or own.get(XyzMethod.FREQUENCY, ""),
        }

    @property
    def history_missing(self) -> int:
        return max(self.run.min_history - self.segment.history_periods, 0)


def explain(segment: Segment, *, user: User) -> Explanation:
    """Of a segment with its `run`; the neighbours are those that the person may see. At most four queries."""
    run = segment.run
    neighbours = list(
        run.segments.visible_to(user)
        .filter(rank__range=(segment.rank - NEIGHBOURS, segment.rank + NEIGHBOURS))
        .select_related("client")
        .defer("nets")
        .ranked()
    )
    tied = tied_before = 0
    if run.segments.filter(
        rank__in=(segment.rank - 1, segment.rank + 1), total=segment.total
    ).exists():
        ranks = list(run.segments.filter(total=segment.total).values_list("rank", flat=True))
        tied, tied_before = len(ranks) - 1, sum(rank < segment.rank for rank in ranks)
    return Explanation(
        segment=segment,
        run=run,
        neighbours=neighbours,
        tied=tied,
        tied_before=tied_before,
        value=value(segment),
        variation=variation(segment),
        frequency=frequency(segment),
    )


def variation(segment: Segment) -> Variation:
    run, nets = segment.run, segment.nets
    x, y = limits(run, XyzMethod.CV)
    number = len(nets)
    total = sum(nets, Decimal())
    mean = total / number
    periods = [
        Period(start, net, net - mean, (net - mean) ** 2)
        for start, net in zip(of.starts(run.unit, run.start, run.periods), nets, strict=True)
    ]
    deviations = sum((period.square for period in periods), Decimal())
    variance = deviations / number
    return Variation(
        periods=periods,
        sum=total,
        mean=mean,
        sum_of_squares=sum((net * net for net in nets), Decimal()),
        deviations=deviations,
        variance=variance,
        deviation=variance.sqrt(),
        cv=segment.cv,
        x=x,
        y=y,
        x_deviation=_times(as_fraction(x), mean),
        y_deviation=_times(as_fraction(y), mean),
    )


def frequency(segment: Segment) -> Frequency:
    run = segment.run
    x, y = limits(run, XyzMethod.FREQUENCY)
    return Frequency(
        active=segment.active_periods,
        periods=run.periods,
        x=x,
        y=y,
        x_from=_least(as_fraction(x), run.periods),
        y_from=_least(as_fraction(y), run.periods),
    )


def value(segment: Segment) -> Value:
    """How far its letter of value is from the next ones.

    A client that sells d more stands just behind the last one that still brings more, at rank k say. It is within
    the limit L when B(k) < L·(W + d), B(k) being the sum before rank k and W the sum of all positive totals: so
    d > max(T(k) − t, B(k)/L − W). The first grows with each rank won and the second falls, so the least of these
    maxima over all ranks from the first to its own is the answer. With d less, the same the other way round.
    """
    run, letter = segment.run, segment.abc
    a, b = Fraction(run.abc_a) / 100, Fraction(run.abc_b) / 100
    wanted = {"A": [], "B": [("A", a)], "C": [("B", b), ("A", a)]}[letter]
    more = []
    for better, limit in wanted:
        amount = _more(segment, limit)
        if amount is not None:
            more.append((better, amount))
    less = None
    if letter != "C" and segment.total > 0:
        amount = _less(segment, a if letter == "A" else b)
        less = ("B" if letter == "A" else "C", amount) if amount is not None else None
    return Value(more, less)


def _more(segment: Segment, limit: Fraction) -> Decimal | None:
    own = max(segment.total, Decimal())
    return _asked(
        """
        SELECT min(greatest(total - %(own)s, before * %(below)s / %(above)s - %(whole)s + %(positive)s - %(own)s,
                            -(%(own)s)))
        FROM (
            SELECT total, sum(greatest(total, 0)) OVER (ORDER BY rank) - greatest(total, 0) AS before
            FROM segmentation_segment WHERE run_id = %(run)s AND rank <= %(rank)s
        ) places
        """,
        segment,
        limit,
        positive=own,
    )


def _less(segment: Segment, limit: Fraction) -> Decimal | None:
    lost = _asked(
        """
        SELECT min(greatest(%(own)s - total, %(whole)s - (upto - %(own)s) * %(below)s / %(above)s))
        FROM (
            SELECT rank, total, sum(total) OVER (ORDER BY rank) AS upto
            FROM segmentation_segment WHERE run_id = %(run)s AND total > 0
        ) places WHERE rank >= %(rank)s
        """,
        segment,
        limit,
    )
    return None if lost is None else min(lost, segment.total)


def _asked(sql: str, segment: Segment, limit: Fraction, **more) -> Decimal | None:
    """The amount to the cent that is certainly enough: the least is an open bound."""
    values = {
        "run": segment.run_id,
        "rank": segment.rank,
        "own": segment.total,
        "whole": segment.run.positive_total or Decimal(),
        "above": Decimal(limit.numerator),
        "below": Decimal(limit.denominator),
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (least,) = cursor.fetchone()
    if least is None:
        return None
    return max(least, Decimal()).quantize(CENT, ROUND_FLOOR) + CENT


def _least(limit: Fraction, periods: int) -> int:
    return -(-limit.numerator * periods // limit.denominator)


def _times(limit: Fraction, amount: Decimal) -> Decimal:
    return amount * limit.numerator / limit.denominator

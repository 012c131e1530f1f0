"""A client's own purchase rhythm: how often it orders, and when its silence means something.

Whoever orders every week is missed after a fortnight; whoever orders twice a year is not. So no fixed
number of days decides here, but the client's own intervals.

    interval   days between two neighbouring days with an order (several orders of a day count once)
    median     the interval in the middle of all, sorted; of an even number, the mean of the two in the middle
    spread     the median of how far each interval lies from that median ("median absolute deviation"): half of
               all intervals lie within median ± spread, which is what "give or take" says
    slipping   from the last order + max(median + slip_spreads × spread, slip_factor × median) days
    lost       from the last order + max(lost_factor × median, lost_min_days) days, and never before it slips

A part of a day counts as a whole one. Both measures are robust: up to half of the intervals may be anything, a
summer pause or a double order, without carrying them away, whereas one pause of a year would move mean and standard
deviation as far as it likes. Source of the spread: F. R. Hampel, "The influence curve and its role in robust
estimation", Journal of the American Statistical Association 69 (1974), 383–393; of its use to find what lies outside:
P. J. Rousseeuw and C. Croux, "Alternatives to the median absolute deviation", ibid. 88 (1993), 1273–1283. Theirs is
scaled to the standard deviation of a normal distribution (× 1.4826); ours is not, because intervals are not normal and
"half of them" can be checked by counting.

Limits of the rule. It knows no seasons: a client that pauses each winter slips each winter. `same_pause_before` tells
where it paused at the same time a year ago, for people to judge. It looks at all the days there are, so a rhythm that
changed for good is learnt once the new intervals are more than the old ones.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any

YEAR = 365
# How far apart two pauses may begin, a year between them, to be the same pause.
SAME_SEASON = 45


@dataclass(frozen=True)
class Rule:
    """The limits of a policy. Factors are exact; `min_orders` is a number of days with an order, 3 or more."""

    min_orders: int
    slip_spreads: Fraction
    slip_factor: Fraction
    lost_factor: Fraction
    lost_min_days: int

    @classmethod
    def of(cls, policy: Any) -> "Rule":
        """The rule of whatever has the fields of a policy."""
        return cls(
            min_orders=policy.rhythm_min_orders,
            slip_spreads=Fraction(policy.slip_spreads),
            slip_factor=Fraction(policy.slip_factor),
            lost_factor=Fraction(policy.lost_factor),
            lost_min_days=policy.lost_min_days,
        )


@dataclass(frozen=True)
class Rhythm:
    """What the days with an order say. Without a rhythm (too few orders) the last four are None; days otherwise."""

    orders: int
    first_on: datetime.date
    last_on: datetime.date
    median: Fraction | None = None
    spread: Fraction | None = None
    slips_on: datetime.date | None = None
    lost_on: datetime.date | None = None


def median(numbers: Sequence[Fraction | int]) -> Fraction:
    """The one in the middle, or the mean of the two in the middle. ValueError where there is none."""
    if not numbers:
        raise ValueError("no numbers, no median")
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(ordered[middle])
    return Fraction(ordered[middle - 1] + ordered[middle]) / 2


def spread(numbers: Sequence[Fraction | int]) -> Fraction:
    """The median of the distances from the median."""
    centre = median(numbers)
    return median([abs(number - centre) for number in numbers])


def intervals(days: Iterable[datetime.date]) -> list[int]:
    """Days between neighbours, the earliest first; a day that stands twice counts once."""
    return [(later - earlier).days for earlier, later in pairwise(sorted(set(days)))]


def slips_after(usual: Fraction, give_or_take: Fraction, rule: Rule) -> int:
    """After how many days without an order the client slips."""
    return ceil(max(usual + rule.slip_spreads * give_or_take, rule.slip_factor * usual))


def lost_after(usual: Fraction, give_or_take: Fraction, rule: Rule) -> int:
    """After how many days without an order the client counts as lost."""
    days = ceil(max(rule.lost_factor * usual, Fraction(rule.lost_min_days)))
    return max(days, slips_after(usual, give_or_take, rule))


def of(days: Iterable[datetime.date], rule: Rule) -> Rhythm | None:
    """The rhythm that the days with an order show; None where there is no order at all."""
    known = sorted(set(days))
    if not known:
        return None
    first, last = known[0], known[-1]
    if len(known) < rule.min_orders:
        return Rhythm(len(known), first, last)
    gaps = intervals(known)
    usual, give_or_take = median(gaps), spread(gaps)
    return Rhythm(
        orders=len(known),
        first_on=first,
        last_on=last,
        median=usual,
        spread=give_or_take,
        slips_on=last + datetime.timedelta(days=slips_after(usual, give_or_take, rule)),
        lost_on=last + datetime.timedelta(days=lost_after(usual, give_or_take, rule)),
    )


def same_pause_before(
    days: Iterable[datetime.date], *, at_least: int
) -> tuple[datetime.date, datetime.date] | None:
    """The pause of a year ago, from its last order to the next, that began when the present one did.

    Of those that began within 45 days of a year before the last order and lasted `at_least` so many days, the
    longest. None where there was none: then the present silence is not the season's.
    """
    known = sorted(set(days))
    if len(known) < 2:
        return None
    a_year_ago = known[-1] - datetime.timedelta(days=YEAR)
    pauses = [
        (earlier, later)
        for earlier, later in pairwise(known)
        if (later - earlier).days >= at_least and abs((earlier - a_year_ago).days) <= SAME_SEASON
    ]
    return max(pauses, key=lambda pause: (pause[1] - pause[0], pause[0]), default=None)

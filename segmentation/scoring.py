"""How much speaks for a client as a key client: criteria, weights, total, and how much the weights decide.

Arithmetic without Django, in exact fractions, so that it can be followed with a pencil. A client has a score of
0 to 5 by each criterion, or none. The total is the weighted mean of the scores that there are:

    total = Σ w·s / Σ w, over the criteria that have a score

and none while less than half of the weight is known (as the scores of a dossier, `dossiers.scores`): a mean
over a fifth of what counts says nothing. It is the additive model of multi-attribute value theory (Keeney and
Raiffa, Decisions with Multiple Objectives, 1976), and the sensitivity below its usual check: one weight is
moved at a time, the others keep their proportions (Triantaphyllou and Sánchez, Decision Sciences 28, 1997).
"""

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

HIGHEST = 5
# So much of the weight has to be known for a total.
ENOUGH = Fraction(1, 2)
# Sensitivity: the weights are moved by a fifth, and the question is who stays in the first ten.
MOVED_BY = Fraction(1, 5)
FIRST = 10

# The criteria that are known, with the weights that hold until a head sets others. The first five are
# always part of a policy, perhaps with a weight of 0; the others are there to be taken up.
DEFAULT_WEIGHTS: dict[str, int] = {
    "share": 30,
    "growth": 20,
    "fit": 20,
    "relationship": 20,
    "influence": 10,
}
OTHERS = ("profit", "reliability", "length", "new_ways", "reputation")
CRITERIA: dict[str, int] = {**DEFAULT_WEIGHTS, **dict.fromkeys(OTHERS, 0)}
# Those that the sales tell; judged by hand only where they do not.
COMPUTED = frozenset({"share", "growth", "profit", "length"})


# ── What the sales tell ──────────────────────────────────────────────────────────────────────

# From which value on a score is given, from 5 down to 1; below the last it is 0.
# share of our sales of twelve months; change of the turnover; margin in the revenue; whole months.
STEPS: dict[str, tuple[Fraction, ...]] = {
    "share": tuple(Fraction(n, 1000) for n in (100, 50, 20, 10, 1)),
    "growth": tuple(Fraction(n, 100) for n in (25, 10, 0, -10, -25)),
    "profit": tuple(Fraction(n, 100) for n in (30, 20, 15, 10, 5)),
    "length": tuple(Fraction(n) for n in (60, 36, 24, 12, 6)),
}


def step_of(criterion: str, value: Fraction | None) -> int | None:
    """The score 0 to 5 that a value gives; a value on a boundary has the higher score. None stays None."""
    if value is None:
        return None
    return sum(value >= limit for limit in STEPS[criterion])


def share_of_sales(total: Fraction, all_positive: Fraction) -> Fraction | None:
    """The part of 1 that a client brings; `all_positive` is the sum of the positive totals (as in abc_xyz)."""
    return max(total, Fraction(0)) / all_positive if all_positive > 0 else None


def growth(now: Fraction, before: Fraction, *, is_known_throughout: bool) -> Fraction | None:
    """The change on as many months before, a part of 1.

    None where the client was not there for the whole of both periods (too short a history), and where there is
    nothing to grow from. That is no score of 0: nobody knows.
    """
    return (now - before) / before if is_known_throughout and before > 0 else None


def margin_share(revenue: Fraction, cost: Fraction | None) -> Fraction | None:
    """The part of 1 of the revenue that is left after the cost; None where a cost is unknown or nothing was sold."""
    return (revenue - cost) / revenue if cost is not None and revenue > 0 else None


# ── The total ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Total:
    """`value`: 0 to 5, None while less than half of the weight is known; `known`: the part of 1 of the weight
    that is."""

    value: Fraction | None
    known: Fraction

    @property
    def is_complete(self) -> bool:
        return self.known == 1


def total(
    weights: Mapping[str, Fraction | int], scores: Mapping[str, int | Fraction | None]
) -> Total:
    """The weighted mean of the scores that there are. Scores of criteria without a weight count nothing."""
    whole = sum(weights.values(), Fraction(0))
    given = [(weights[key], score) for key in weights if (score := scores.get(key)) is not None]
    known = sum((weight for weight, _score in given), Fraction(0))
    if not whole:
        return Total(None, Fraction(0))
    if known < ENOUGH * whole:
        return Total(None, Fraction(known) / whole)
    points = sum((weight * score for weight, score in given), Fraction(0))
    return Total(Fraction(points) / known, Fraction(known) / whole)


# ── What if the weights were others ──────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Variation:
    """One weight moved by a fifth, down or up, the others keeping their proportions and the sum its size."""

    criterion: str
    factor: Fraction
    weights: dict[str, Fraction]

    @property
    def is_up(self) -> bool:
        return self.factor > 1


def variations(weights: Mapping[str, Fraction | int]) -> list[Variation]:
    """Two for each criterion that has a weight: a fifth less and a fifth more. None where only one has."""
    weighty = {key: Fraction(weight) for key, weight in weights.items() if weight}
    if len(weighty) < 2:
        return []
    whole = sum(weighty.values(), Fraction(0))
    found = []
    for key, weight in weighty.items():
        for factor in (1 - MOVED_BY, 1 + MOVED_BY):
            moved = min(whole, weight * factor)
            others = (whole - moved) / (whole - weight)
            varied = {other: was * others for other, was in weighty.items()}
            varied[key] = moved
            found.append(Variation(key, factor, varied))
    return found


@dataclass(frozen=True)
class Place(Generic[K]):
    """Where a client stands, and where it would stand if single weights were others.

    `ranks`: its rank in each variation, in their order. Clients with equal totals share the better rank.
    """

    key: K
    total: Total
    rank: int | None
    ranks: tuple[int, ...] = ()
    criteria: tuple[str, ...] = ()

    @property
    def best(self) -> int | None:
        return min((self.rank, *self.ranks)) if self.rank is not None else None

    @property
    def worst(self) -> int | None:
        return max((self.rank, *self.ranks)) if self.rank is not None else None

    @property
    def within(self) -> int:
        """In how many of the variations it is among the first ten."""
        return sum(rank <= FIRST for rank in self.ranks)

    @property
    def is_first(self) -> bool:
        return self.rank is not None and self.rank <= FIRST

    @property
    def is_firm(self) -> bool:
        """Whether the answer to "among the first ten?" is the same in all variations."""
        return self.within == (len(self.ranks) if self.is_first else 0)

    @cached_property
    def deciding(self) -> str | None:
        """The criterion whose weight moves the rank most; None where none moves it."""
        if self.rank is None:
            return None
        best, found = 0, None
        for rank, criterion in zip(self.ranks, self.criteria, strict=True):
            if abs(rank - self.rank) > best:
                best, found = abs(rank - self.rank), criterion
        return found


def places(
    weights: Mapping[str, Fraction | int], scores: Mapping[K, Mapping[str, int | None]]
) -> dict[K, Place[K]]:
    """Each client's place among them, by the weights as they are and with each weight moved.

    Who has a total by the weights as they are has one in each variation, so that all are compared with the
    same others. Whoever has none has no rank.
    """
    weighty = {key: Fraction(weight) for key, weight in weights.items()}
    totals = {key: total(weighty, own) for key, own in scores.items()}
    ranked = [key for key, found in totals.items() if found.value is not None]
    whole = _ranks(weighty, scores, ranked)
    varied = variations(weighty)
    ranks = [_ranks(one.weights, scores, ranked) for one in varied]
    criteria = tuple(one.criterion for one in varied)
    return {
        key: Place(key, found, whole[key], tuple(each[key] for each in ranks), criteria)
        if found.value is not None
        else Place(key, found, None)
        for key, found in totals.items()
    }


def _ranks(
    weights: Mapping[str, Fraction], scores: Mapping[K, Mapping[str, int | None]], keys: Sequence[K]
) -> dict[K, int]:
    """{key: 1 + how many have a larger total}; integers, because fractions of fractions cost ten times as much."""
    scale = lcm(*(weight.denominator for weight in weights.values())) if weights else 1
    whole = {key: int(weight * scale) for key, weight in weights.items() if weight}
    values = {key: _mean(whole, scores[key]) for key in keys}
    in_order = sorted(-value for value in values.values())
    return {key: bisect_left(in_order, -value) + 1 for key, value in values.items()}


def _mean(weights: Mapping[str, int], scores: Mapping[str, int | None]) -> Fraction:
    points = known = 0
    for key, weight in weights.items():
        score = scores.get(key)
        if score is not None:
            points += weight * score
            known += weight
    return Fraction(points, known) if known else Fraction(0)

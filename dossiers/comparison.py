"""Comparative analysis by the client's own criteria: arithmetic only, no database and no Django.

Simple additive weighting (Hwang and Yoon, *Multiple Attribute Decision Making*, 1981, ch. 3): each
criterion has a weight, each party a score from 1 to 5, and a party's total is the weighted mean of its
scores, so it lies between 1 and 5 as well. A criterion on which a party has no score is left out of
that party's mean, and `covered` says how much of the weight the mean rests on: a total over half of the
weight is not the same as one over all of it, and a page has to say so.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

US = None


@dataclass(frozen=True)
class Total:
    """weighted: 1 to 5, None without any score. covered: part of the whole weight that has a score, 0 to 1."""

    weighted: Decimal | None
    covered: Decimal


@dataclass(frozen=True)
class Standing:
    """Where we stand on one criterion against the best of the others.

    ahead: our score less the best other score, -4 to 4; None where either is missing.
    at_stake: `ahead` times the criterion's part of the whole weight, so that criteria can be ordered.
    best: those others who have the best score.
    """

    ahead: int | None
    at_stake: Decimal
    best: tuple[Hashable, ...]

    @property
    def leads(self) -> bool:
        return self.ahead is not None and self.ahead > 0

    @property
    def lags(self) -> bool:
        return self.ahead is not None and self.ahead < 0


def totals(
    weights: Mapping[Hashable, int],
    scores: Mapping[tuple[Hashable, Hashable], int],
    parties: Sequence[Hashable],
) -> dict[Hashable, Total]:
    """Each party's total. `weights` by criterion; `scores` by (criterion, party); `US` is None."""
    whole = sum(weights.values())
    found = {}
    for party in parties:
        scored = [criterion for criterion in weights if (criterion, party) in scores]
        covered = sum(weights[criterion] for criterion in scored)
        points = sum(weights[criterion] * scores[criterion, party] for criterion in scored)
        found[party] = Total(
            weighted=Decimal(points) / covered if covered else None,
            covered=Decimal(covered) / whole if whole else Decimal(0),
        )
    return found


def standings(
    weights: Mapping[Hashable, int],
    scores: Mapping[tuple[Hashable, Hashable], int],
    others: Sequence[Hashable],
) -> dict[Hashable, Standing]:
    """For each criterion, where we lead and where we lag."""
    whole = sum(weights.values()) or 1
    found = {}
    for criterion, weight in weights.items():
        ours = scores.get((criterion, US))
        theirs = {
            party: scores[criterion, party] for party in others if (criterion, party) in scores
        }
        top = max(theirs.values(), default=None)
        ahead = ours - top if ours is not None and top is not None else None
        found[criterion] = Standing(
            ahead=ahead,
            at_stake=Decimal((ahead or 0) * weight) / whole,
            best=tuple(party for party, score in theirs.items() if score == top),
        )
    return found


def in_order(found: Mapping[Hashable, Standing]) -> tuple[list[Hashable], list[Hashable]]:
    """Criteria on which we lead and on which we lag, each with what weighs most first."""
    lead = [criterion for criterion, standing in found.items() if standing.leads]
    lag = [criterion for criterion, standing in found.items() if standing.lags]
    return (
        sorted(lead, key=lambda criterion: -found[criterion].at_stake),
        sorted(lag, key=lambda criterion: found[criterion].at_stake),
    )

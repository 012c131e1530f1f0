"""Limits of ABC that follow from the totals themselves, instead of 80 and 95 per cent.

Source: A. Ultsch, J. Lötsch (2015), Computed ABC Analysis for Rational Selection of Most Informative
Variables in Multivariate Data, PLoS ONE 10(6): e0129767, and its R package ABCanalysis.

The ABC curve: with n clients in descending order of their totals, after the i-th of them the effort
is pᵢ = i ÷ n and the yield yᵢ the share of the sum that the first i bring. On it lie

- the *Pareto point*, the nearest to the ideal (0, 1): the whole yield without any effort;
- the *break-even point*, where the curve rises by 1: behind it a client brings less than the mean;
- A ends at whichever of the two comes first;
- the *submarginal point*, the nearest to (p of the other of the two, 1): B ends there.

Where we deviate from the R package: it lays a spline through the curve and looks for the points on a
grid; we look at the points of the data themselves, so that the limit always falls between two clients,
squared distances can be compared exactly, as integers, and no step size decides. The break-even point is
the last client that brings at least the mean (there: the place whose slope is nearest to 1). A point
belongs to the class that it ends. Clients without a positive total are left out (there: counted with
a yield of nought): they are C by our rule and no part of the sum. Of equal distances the first counts,
as there.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple


class Places(NamedTuple):
    """How many clients stand up to each point of the curve; `a` and `b` end A and B."""

    pareto: int
    break_even: int
    a: int
    b: int


def places(totals: Sequence[int]) -> Places:
    """The points for positive totals, the largest first."""
    if not totals:
        return Places(0, 0, 0, 0)
    n = len(totals)
    yields = list(accumulate(totals))
    whole = yields[-1]

    def nearest(effort: int, since: int) -> int:
        """The first place from `since` on with the least distance to (effort ÷ n, 1), times n · whole."""
        return min(
            range(since, n + 1),
            key=lambda i: ((i - effort) * whole) ** 2 + ((whole - yields[i - 1]) * n) ** 2,
        )

    pareto = nearest(0, 1)
    break_even = sum(total * n >= whole for total in totals)
    # Before that point both the way along and the way up grow shorter: none of those is nearer.
    other = max(pareto, break_even)
    return Places(pareto, break_even, min(pareto, break_even), nearest(other, other))


def limits(totals: Sequence[int]) -> tuple[Fraction, Fraction]:
    """Limits of the share before, as parts of 1: they give A and B just the clients that `places` says."""
    if not totals:
        return Fraction(1), Fraction(1)
    found, whole = places(totals), sum(totals)
    return Fraction(sum(totals[: found.a]), whole), Fraction(sum(totals[: found.b]), whole)

"""Computed limits of ABC, against curves worked out by hand."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.abc_computed import limits, places
from segmentation.abc_xyz import COMPUTED, classify, figures

# Totals, then how many clients stand up to: the Pareto point, the break-even point, the end of A, the end of B.
BY_HAND = [
    # One alone: all of the effort, all of the yield.
    ([7], (1, 1, 1, 1)),
    # All alike: the curve is the diagonal. The nearest to (0, 1) is its middle; each brings the mean.
    # The other point is the last client, and so is the nearest to (1, 1).
    ([1, 1, 1, 1], (2, 4, 2, 4)),
    # Yields 50, 75, 90, 100 of 100. Distances² to (0, 1), first along, then up:
    # 1: .0625 + .25 = .3125;  2: .25 + .0625 = .3125;  3: .5625 + .01;  the first of the equal ones counts.
    # The mean is 25: two clients bring it. The nearest to (.5, 1): 2: .0625; 3: .0625 + .01.
    ([50, 25, 15, 10], (1, 2, 1, 2)),
    # Yields 60, 70, 80, 90, 100. Distances² to (0, 1): .04 + .16 = .20; .16 + .09 = .25; more. Break-even: the mean is
    # 20, one client. B ends at the nearest to (.2, 1): 1: .16; 2: .04 + .09 = .13; 3: .16 + .04 = .20.
    ([60, 10, 10, 10, 10], (1, 1, 1, 2)),
    # Break-even before Pareto: yields 30, 55, 75, 87, 94, 97, 99, 100 of 100 in eight. The mean is 12.5: three clients.
    # Distances² to (0, 1): 3: .140625 + .0625 = .203; 2: .0625 + .2025 = .265; 4: .25 + .0169. Pareto: three as well.
    # To (3/8, 1): 3: .0625; 4: .015625 + .0169 = .0325; 5: .0625 + .0036.
    ([30, 25, 20, 12, 7, 3, 2, 1], (3, 3, 3, 4)),
]


@pytest.mark.parametrize(("totals", "found"), BY_HAND)
def test_the_points_of_curves_worked_out_by_hand(totals, found):
    assert tuple(places(totals)) == found


def test_without_a_positive_total_there_is_no_curve():
    assert places([]) == (0, 0, 0, 0)
    assert limits([]) == (1, 1)


@pytest.mark.parametrize(("totals", "found"), BY_HAND)
def test_the_limits_give_just_the_clients_of_the_points(totals, found):
    rows = classify(
        [figures(str(place), [total], 1) for place, total in enumerate(totals, 100)],
        periods=1,
        abc=COMPUTED,
    )
    letters = [row.abc for row in rows.clients]
    assert letters.count("A") == found[2]
    assert letters.count("A") + letters.count("B") == found[3]


def by_definition(totals):
    """The same in fractions, point by point, as the paper says it."""
    n, whole = len(totals), sum(totals)
    curve = [(Fraction(i, n), Fraction(sum(totals[:i]), whole)) for i in range(1, n + 1)]

    def nearest(x):
        distances = [(p - x) ** 2 + (1 - y) ** 2 for p, y in curve]
        return distances.index(min(distances)) + 1

    pareto = nearest(Fraction(0))
    break_even = max(i for i, total in enumerate(totals, 1) if Fraction(total * n, whole) >= 1)
    other = max(pareto, break_even)
    return pareto, break_even, min(pareto, break_even), nearest(Fraction(other, n))


curves = st.lists(st.integers(1, 10**6), min_size=1, max_size=40).map(
    lambda totals: sorted(totals, reverse=True)
)


@settings(max_examples=200, deadline=None)
@given(curves, st.integers(2, 10**9))
def test_the_points_are_those_of_the_definition_in_whatever_money(totals, factor):
    assert tuple(places(totals)) == by_definition(totals)
    assert places([total * factor for total in totals]) == places(totals)


def test_clients_who_returned_more_than_they_bought_move_no_limit():
    with_returns = [figures("1", [60], 1), figures("2", [10], 1), figures("3", [-50], 0)]
    without = with_returns[:2]
    assert (
        classify(with_returns, periods=1, abc=COMPUTED).limits
        == classify(without, periods=1, abc=COMPUTED).limits
    )

"""Retention and lifetime value against figures computed by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from segmentation import lifetime

YEAR, NOTHING = [True] * 12, [False] * 12
TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("before", "now", "kept", "had"),
    [
        (YEAR, YEAR, 12, 12),
        (YEAR, NOTHING, 0, 12),
        # every second month, a year later only the first three of them
        ([True, False] * 6, [True, False] * 3 + [False] * 6, 3, 6),
        # what is bought in other months than before keeps nothing
        ([True] + [False] * 11, [False] + [True] * 11, 0, 1),
        # one month, bought again
        ([False] * 11 + [True], YEAR, 1, 1),
    ],
)
def test_the_months_of_the_year_before_that_came_again_are_kept(before, now, kept, had):
    found = lifetime.retention(before, now)
    assert (found.kept, found.had) == (kept, had)
    assert found.share == Fraction(kept, had)
    assert found.expected == Fraction(kept + 1, had + 2)


def test_whoever_bought_nothing_before_could_keep_nothing():
    assert lifetime.retention(NOTHING, YEAR) is None
    assert lifetime.retention([], []) is None


def test_years_of_different_length_are_not_compared():
    with pytest.raises(ValueError, match="same months"):
        lifetime.retention(YEAR, YEAR[:11])


@pytest.mark.parametrize(
    ("margin", "retention", "value"),
    [
        # 1000 × 0.5 ÷ (1.1 − 0.5) = 833.33
        ("1000", Fraction(1, 2), "833.33"),
        # twelve of twelve months: 65120 × 13/14 ÷ (11/10 − 13/14) = 65120 × 65/12
        ("65120", Fraction(13, 14), "352733.33"),
        ("0", Fraction(13, 14), "0.00"),
        ("1000", Fraction(0), "0.00"),
        # whoever is sure to stay is worth the margin for ever: 1000 ÷ 0.1
        ("1000", Fraction(1), "10000.00"),
        # a loss goes on being one
        ("-1000", Fraction(1, 2), "-833.33"),
    ],
)
def test_the_lifetime_value_is_what_the_formula_says(margin, retention, value):
    assert lifetime.lifetime_value(Decimal(margin), retention, TENTH) == Decimal(value)


@pytest.mark.parametrize(
    ("retention", "discount"), [(Fraction(11, 10), TENTH), (Fraction(-1, 2), TENTH), (1, 0)]
)
def test_what_is_no_part_of_one_has_no_value(retention, discount):
    with pytest.raises(ValueError, match="retention"):
        lifetime.years_worth(Fraction(retention), Fraction(discount))

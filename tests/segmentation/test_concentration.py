"""The arithmetic of concentration: by hand, and what has to hold whatever the figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation import concentration
from segmentation.concentration import Band

amounts = st.decimals(
    min_value=Decimal("-1000000"), max_value=Decimal("1000000"), places=3, allow_nan=False
)
totals = st.lists(amounts, max_size=40)
positive = st.decimals(min_value=Decimal("0.001"), max_value=Decimal("1000000"), places=3)


def test_five_clients_computed_by_hand():
    # 50 + 30 + 10 + 5 + 5 = 100: squares of the per cents 2500 + 900 + 100 + 25 + 25.
    found = concentration.of(map(Decimal, (5, 50, 10, 30, 5)))
    assert (found.first, found.three, found.ten) == (Fraction(1, 2), Fraction(9, 10), 1)
    assert found.hhi == 3550
    assert found.effective == Fraction(10_000, 3550)


def test_who_returned_more_than_he_bought_holds_no_share():
    with_returns = concentration.of(map(Decimal, (60, 40, 0, -500)))
    assert with_returns == concentration.of(map(Decimal, (60, 40)))
    assert with_returns.clients == 2
    assert with_returns.hhi == 5200


def test_of_no_sales_there_is_no_index():
    nothing = concentration.of(map(Decimal, (0, -1)))
    assert (nothing.first, nothing.three, nothing.hhi, nothing.effective) == (None,) * 4
    assert concentration.needed(concentration.pareto([]), Fraction(1, 2)) is None


def test_how_many_clients_make_a_part_of_the_sales():
    curve = concentration.pareto(map(Decimal, (50, 30, 10, 5, 5)))
    assert curve == [Fraction(n, 100) for n in (50, 80, 90, 95, 100)]
    # Whoever reaches the part exactly is enough.
    assert [concentration.needed(curve, part) for part in concentration.PARTS] == [1, 2, 4]


def test_a_sum_of_billionths_is_not_nothing():
    tiny = [Decimal("0.0000000001")] * 3 + [Decimal("123456789012345678.0000000001")]
    assert concentration.exact_sum(tiny) == Decimal("123456789012345678.0000000004")
    assert concentration.of(tiny).clients == 4


def test_a_third_is_no_decimal():
    with pytest.raises(ValueError, match="no finite decimal"):
        concentration.as_decimal(Fraction(1, 3))


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-1000, max_value=1000)
)
def test_a_decimal_comes_back_as_it_was(number):
    assert concentration.as_decimal(Fraction(number)) == number


@given(positive)
def test_one_client_alone_is_ten_thousand(total):
    found = concentration.of([total])
    assert (found.hhi, found.effective, found.first) == (10_000, 1, 1)


@given(positive, st.integers(1, 30))
def test_equal_clients_are_counted_by_the_effective_number(total, number):
    assert concentration.of([total] * number).effective == number


@given(totals, st.randoms())
def test_the_order_of_the_clients_changes_nothing(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert concentration.of(shuffled) == concentration.of(found)
    assert concentration.pareto(shuffled) == concentration.pareto(found)


@given(totals, positive)
def test_another_currency_unit_changes_no_share(found, factor):
    scaled = [concentration.as_decimal(Fraction(one) * Fraction(factor)) for one in found]
    before, after = concentration.of(found), concentration.of(scaled)
    assert (before.first, before.three, before.ten) == (after.first, after.three, after.ten)
    assert before.hhi == after.hhi


@given(totals, positive, positive)
def test_splitting_a_client_lowers_the_index_and_joining_two_raises_it(others, one, other):
    apart = concentration.of([*others, one, other])
    joined = concentration.of([*others, one + other])
    assert joined.hhi > apart.hhi
    assert joined.effective < apart.effective
    assert joined.first >= apart.first


@given(totals)
def test_the_figures_stay_within_their_bounds(found):
    figures = concentration.of(found)
    if figures.clients:
        assert Fraction(10_000, figures.clients) <= figures.hhi <= 10_000
        assert 0 < figures.first <= figures.three <= figures.ten <= 1
        curve = concentration.pareto(found)
        assert curve[0] == figures.first
        assert curve[-1] == 1
        assert curve == sorted(curve)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [(999, Band.LOW), (1000, Band.MEDIUM), (1799, Band.MEDIUM), (1800, Band.HIGH), (None, None)],
)
def test_a_figure_on_a_limit_belongs_to_the_band_that_begins_there(figure, expected):
    figure = None if figure is None else Fraction(figure)
    assert concentration.band(figure, medium=Decimal(1000), high=Decimal(1800)) is expected


# ── What if they leave ───────────────────────────────────────────────────────────────────────


def covered(margin, fixed_costs, reserve, months=12):
    return concentration.cover(
        margin=margin if margin is None else Decimal(margin),
        months=months,
        fixed_costs=fixed_costs if fixed_costs is None else Decimal(fixed_costs),
        reserve=reserve if reserve is None else Decimal(reserve),
    )


def test_fixed_costs_left_uncovered_by_hand():
    # 1,200 a year are 100 a month; of 160 fixed costs 60 are uncovered, and 300 last five months.
    found = covered(1200, 160, 300)
    assert (found.margin, found.shortfall, found.runway) == (100, 60, 5)
    assert not found.is_covered


def test_while_all_is_covered_no_month_is_the_last():
    found = covered(1200, 100, 300)
    assert found.is_covered
    assert found.runway is None


def test_without_a_reserve_it_is_now():
    assert covered(1200, 160, 0).runway == 0


def test_a_loss_of_those_who_stay_adds_to_the_shortfall():
    assert covered(-1200, 160, None).shortfall == 260


@pytest.mark.parametrize(("margin", "fixed_costs"), [(None, 160), (1200, None)])
def test_what_is_not_known_is_not_guessed(margin, fixed_costs):
    found = covered(margin, fixed_costs, 300)
    assert (found.shortfall, found.runway) == (None, None)
    assert not found.is_covered


@given(amounts, positive, positive, st.integers(1, 60))
def test_the_more_margin_leaves_the_sooner_the_reserve_is_gone(margin, costs, reserve, months):
    stays = covered(margin, costs, reserve, months)
    less = covered(margin - 1, costs, reserve, months)
    assert less.shortfall >= stays.shortfall
    if stays.runway is not None:
        assert less.runway < stays.runway


def test_a_period_without_months_is_refused():
    with pytest.raises(ValueError, match="at least one month"):
        covered(1, 1, 1, months=0)

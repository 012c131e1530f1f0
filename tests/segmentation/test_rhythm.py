"""The arithmetic of a client's own rhythm, against figures worked out by hand and against what must not matter."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation import rhythm
from segmentation.models import Policy
from segmentation.rhythm import Rule

DAY = datetime.timedelta(days=1)
JANUARY = datetime.date(2026, 1, 1)
RULE = Rule.of(Policy())


def after(*gaps: int, begun: datetime.date = JANUARY) -> list[datetime.date]:
    """A day with an order, and one more after each interval."""
    days = [begun]
    for gap in gaps:
        days.append(days[-1] + gap * DAY)
    return days


def in_days(found: rhythm.Rhythm) -> tuple:
    return (
        found.median,
        found.spread,
        (found.slips_on - found.last_on).days,
        (found.lost_on - found.last_on).days,
    )


@pytest.mark.parametrize(
    ("gaps", "says"),
    [
        # like clockwork: one and a half usual intervals; lost never before 90 days
        ((10, 10, 10, 10), (10, 0, 15, 90)),
        # sorted 8 10 12 16 20: 12; distances 0 2 4 4 8: 4; 12 + 2·4 = 20 beats 18
        ((12, 8, 16, 10, 20), (12, 4, 20, 90)),
        # an even number: (10 + 13) / 2; distances 1.5 1.5 4.5 8.5 → 3; 11.5 + 6 = 17.5 beats 17.25: the 18th day
        ((7, 10, 13, 20), (Fraction(23, 2), 3, 18, 90)),
        # one pause of a year among the intervals changes nothing: 30 + 0, 1.5 · 30
        ((30, 30, 365, 30, 30), (30, 0, 45, 120)),
        # median 2.5; distances .5 .5 1.5 1.5 → 1; 4.5 days are begun on the fifth
        ((1, 2, 3, 4), (Fraction(5, 2), 1, 5, 90)),
        # median 2.5; distances .5 .5 .5 1.5; 3.75 by factor beats 3.5 by spread
        ((1, 2, 3, 3), (Fraction(5, 2), Fraction(1, 2), 4, 90)),
    ],
)
def test_what_was_worked_out_by_hand(gaps, says):
    assert in_days(rhythm.of(after(*gaps), RULE)) == says


def test_three_orders_are_too_few_to_know_and_four_are_enough():
    few = rhythm.of(after(10, 10), RULE)
    assert (few.orders, few.median, few.slips_on, few.lost_on) == (3, None, None, None)
    assert rhythm.of(after(10, 10, 10), RULE).slips_on is not None


def test_no_order_is_no_rhythm():
    assert rhythm.of([], RULE) is None


def test_two_orders_of_a_day_are_one():
    days = after(10, 12, 14)
    assert rhythm.of(days + days, RULE) == rhythm.of(days, RULE)


def test_nobody_is_lost_before_it_slips_however_wide_the_policy_makes_slipping():
    wide = Rule(4, Fraction(50), Fraction(3, 2), Fraction(4), 90)
    found = rhythm.of(after(10, 30, 50, 70), wide)
    assert found.lost_on == found.slips_on


GAPS = st.lists(st.integers(1, 400), min_size=3, max_size=40)


@given(GAPS, st.integers(-3000, 3000))
def test_moving_all_orders_in_time_moves_the_thresholds_as_far(gaps, by):
    here = rhythm.of(after(*gaps), RULE)
    there = rhythm.of(after(*gaps, begun=JANUARY + by * DAY), RULE)
    assert in_days(here) == in_days(there)
    assert there.slips_on - here.slips_on == by * DAY


@given(GAPS, st.integers(1, 9))
def test_stretching_all_intervals_stretches_rhythm_and_limits(gaps, by):
    here, there = (intervals_of(gaps), intervals_of([gap * by for gap in gaps]))
    assert there == (here[0] * by, here[1] * by)
    without_floor = Rule(4, RULE.slip_spreads, RULE.slip_factor, RULE.lost_factor, 0)
    once, often = (
        rhythm.of(after(*each), without_floor) for each in (gaps, [gap * by for gap in gaps])
    )
    # A part of a day counts as a whole one, so the product is met to less than `by` days.
    for name in ("slips_on", "lost_on"):
        days, stretched = ((getattr(found, name) - found.last_on).days for found in (once, often))
        assert days * by - by < stretched <= days * by


def intervals_of(gaps):
    return rhythm.median(gaps), rhythm.spread(gaps)


@given(GAPS, st.randoms())
def test_the_order_of_the_intervals_does_not_matter(gaps, chance):
    shuffled = list(gaps)
    chance.shuffle(shuffled)
    assert in_days(rhythm.of(after(*gaps), RULE)) == in_days(rhythm.of(after(*shuffled), RULE))


@given(GAPS)
def test_half_of_the_intervals_lie_within_give_or_take(gaps):
    usual, give_or_take = intervals_of(gaps)
    within = sum(abs(gap - usual) <= give_or_take for gap in gaps)
    assert within * 2 >= len(gaps)
    assert give_or_take <= usual  # so with the usual factors nobody is lost before it slips


@given(GAPS, st.integers(1, 10_000))
def test_one_monstrous_pause_moves_the_usual_interval_no_further_than_to_its_neighbours(
    gaps, pause
):
    ordered = sorted(gaps)
    below, above = (len(ordered) - 1) // 2, len(ordered) // 2
    usual = rhythm.median([*gaps, pause])
    assert ordered[max(0, below - 1)] <= usual <= ordered[min(above + 1, len(ordered) - 1)]


def test_a_client_that_paused_at_the_same_time_a_year_ago_is_told_so():
    # monthly, but nothing from the middle of December to March, in both winters
    first = datetime.date(2024, 12, 15)
    days = [*after(30, 30, 30, begun=first - 90 * DAY), *after(*[30] * 9, begun=first + 80 * DAY)]
    assert rhythm.same_pause_before(days, at_least=45) == (first, first + 80 * DAY)


def test_a_pause_of_another_season_is_not_the_same():
    days = after(30, 30, 90, 30, 30, 30, 30, 30)
    assert rhythm.same_pause_before(days, at_least=45) is None
    assert rhythm.same_pause_before(days[:1], at_least=45) is None

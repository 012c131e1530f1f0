"""The arithmetic of the selection, against figures added up by hand, and by its properties."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation import scoring

FIVE = scoring.DEFAULT_WEIGHTS
# 30 20 20 20 10: (client, scores in this order, total, part of the weight known), worked out on paper.
BY_HAND = [
    ("all known", (5, 3, 4, 2, 1), Fraction(340, 100), 1),
    ("all five", (5, 5, 5, 5, 5), Fraction(5), 1),
    ("all nought", (0, 0, 0, 0, 0), Fraction(0), 1),
    ("no growth known", (4, None, 3, 3, 2), Fraction(120 + 60 + 60 + 20, 80), Fraction(4, 5)),
    ("sales alone", (5, 4, None, None, None), Fraction(230, 50), Fraction(1, 2)),
    ("judged alone", (None, None, 4, 3, 5), Fraction(80 + 60 + 50, 50), Fraction(1, 2)),
    ("under half", (5, None, None, None, 5), None, Fraction(2, 5)),
    ("nothing", (None,) * 5, None, 0),
]


@pytest.mark.parametrize(("who", "scores", "value", "known"), BY_HAND)
def test_the_total_is_the_weighted_mean_of_what_is_known(who, scores, value, known):
    found = scoring.total(FIVE, dict(zip(FIVE, scores, strict=True)))
    assert (found.value, found.known) == (value, known), who


@pytest.mark.parametrize(
    ("criterion", "value", "score"),
    [
        ("share", Fraction(1, 10), 5),
        ("share", Fraction(9999, 100000), 4),
        ("share", Fraction(1, 20), 4),
        ("share", Fraction(1, 50), 3),
        ("share", Fraction(1, 100), 2),
        ("share", Fraction(1, 1000), 1),
        ("share", Fraction(9, 10000), 0),
        ("share", Fraction(0), 0),
        ("growth", Fraction(1, 4), 5),
        ("growth", Fraction(1, 10), 4),
        ("growth", Fraction(0), 3),
        ("growth", Fraction(-1, 1000), 2),
        ("growth", Fraction(-1, 10), 2),
        ("growth", Fraction(-1, 4), 1),
        ("growth", Fraction(-26, 100), 0),
        ("profit", Fraction(3, 10), 5),
        ("profit", Fraction(29, 100), 4),
        ("profit", Fraction(-1, 10), 0),
        ("length", Fraction(60), 5),
        ("length", Fraction(59), 4),
        ("length", Fraction(5), 0),
    ],
)
def test_a_value_on_a_boundary_has_the_higher_score(criterion, value, score):
    assert scoring.step_of(criterion, value) == score


def test_too_short_a_history_has_no_score_and_is_not_nought():
    assert scoring.growth(Fraction(100), Fraction(50), is_known_throughout=False) is None
    assert scoring.growth(Fraction(100), Fraction(0), is_known_throughout=True) is None
    assert scoring.step_of("growth", None) is None
    assert scoring.growth(Fraction(0), Fraction(50), is_known_throughout=True) == -1


def test_returns_make_no_share_and_unknown_costs_no_margin():
    assert scoring.share_of_sales(Fraction(-5), Fraction(100)) == 0
    assert scoring.share_of_sales(Fraction(5), Fraction(0)) is None
    assert scoring.margin_share(Fraction(200), Fraction(150)) == Fraction(1, 4)
    assert scoring.margin_share(Fraction(200), None) is None
    assert scoring.margin_share(Fraction(0), Fraction(0)) is None


def test_a_moved_weight_leaves_the_sum_and_the_proportions_of_the_others():
    less, more = scoring.variations({"a": 50, "b": 30, "c": 20})[:2]
    assert less.weights == {"a": 40, "b": 36, "c": 24}
    assert more.weights == {"a": 60, "b": 24, "c": 16}
    assert scoring.variations({"a": 10, "b": 0}) == []


def test_no_weight_grows_over_the_whole():
    more = scoring.variations({"a": 90, "b": 10})[1]
    assert more.weights == {"a": 100, "b": 0}


def test_two_clients_change_places_when_the_weight_that_parts_them_moves():
    # On paper: with a at 40 (b 57.6, c 2.4) it is 2.824 against 3.352; with a at 60 it is 3.216 against 2.568.
    scores = {"first": {"a": 4, "b": 2, "c": 3}, "second": {"a": 1, "b": 5, "c": 3}}
    places = scoring.places({"a": 50, "b": 48, "c": 2}, scores)
    first, second = places["first"], places["second"]
    assert (first.total.value, second.total.value) == (Fraction(302, 100), Fraction(296, 100))
    assert (first.rank, first.best, first.worst) == (1, 1, 2)
    # a less and b more turn them round: two of the six variations.
    assert first.ranks == (2, 1, 1, 2, 1, 1)
    assert first.deciding == "a"
    assert second.ranks == (1, 2, 2, 1, 2, 2)
    assert places["first"].within == 6  # there are not ten


def test_equal_totals_share_the_better_rank():
    scores = {name: {"a": points, "b": points} for name, points in (("x", 4), ("y", 4), ("z", 1))}
    places = scoring.places({"a": 1, "b": 1}, scores)
    assert [places[name].rank for name in "xyz"] == [1, 1, 3]


def test_the_eleventh_is_told_in_how_many_variations_it_would_be_among_the_first_ten():
    scores = {f"top{n}": {"a": 5, "b": 5} for n in range(9)}
    scores |= {"tenth": {"a": 4, "b": 2}, "eleventh": {"a": 1, "b": 5}}
    places = scoring.places({"a": 52, "b": 48}, scores)
    assert (places["tenth"].rank, places["tenth"].within) == (10, 2)
    assert places["tenth"].is_first
    assert not places["tenth"].is_firm
    assert (places["eleventh"].rank, places["eleventh"].within) == (11, 2)
    assert places["top0"].is_firm
    assert places["top0"].deciding is None


def test_who_has_too_little_known_has_no_rank():
    place = scoring.places(FIVE, {"new": {"influence": 5}, "known": {"share": 5, "growth": 1}})
    assert (place["new"].rank, place["new"].best, place["new"].deciding) == (None, None, None)
    assert place["known"].rank == 1


# ── Properties ───────────────────────────────────────────────────────────────────────────────

KEYS = "abcde"
weights = st.fixed_dictionaries({key: st.integers(1, 100) for key in KEYS})
scores = st.fixed_dictionaries({key: st.none() | st.integers(0, 5) for key in KEYS})
clients = st.dictionaries(st.integers(0, 40), scores, min_size=1, max_size=8)


@given(weights, scores, st.permutations(KEYS))
def test_the_order_of_the_criteria_changes_nothing(weights, scores, order):
    assert scoring.total({key: weights[key] for key in order}, scores) == scoring.total(
        weights, scores
    )


@given(weights, clients, st.fractions(Fraction(1, 1000), 1000).filter(bool))
def test_weights_twice_as_large_change_nothing(weights, clients, factor):
    scaled = {key: weight * factor for key, weight in weights.items()}
    assert scoring.places(scaled, clients) == scoring.places(weights, clients)


@given(weights, scores, st.sampled_from(KEYS))
def test_a_better_score_never_lowers_the_total(weights, scores, key):
    before = scoring.total(weights, scores)
    if scores[key] is None or scores[key] == 5 or before.value is None:
        return
    after = scoring.total(weights, {**scores, key: scores[key] + 1})
    assert after.value > before.value
    assert after.known == before.known


@given(weights, clients)
def test_every_total_lies_between_its_scores_and_every_rank_among_the_clients(weights, clients):
    places = scoring.places(weights, clients)
    ranked = [place for place in places.values() if place.rank is not None]
    for place in ranked:
        given = [score for score in clients[place.key].values() if score is not None]
        assert min(given) <= place.total.value <= max(given)
        assert 1 <= place.best <= place.rank <= place.worst <= len(ranked)
        assert len(place.ranks) == 10
    assert not ranked or min(place.rank for place in ranked) == 1


@given(weights)
def test_a_moved_weight_keeps_the_sum(weights):
    for varied in scoring.variations(weights):
        assert sum(varied.weights.values()) == sum(weights.values())
        assert all(weight >= 0 for weight in varied.weights.values())

"""Comparative analysis: checked by hand, and by what must hold for any scores."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dossiers.comparison import US, in_order, standings, totals

WEIGHTS = {"availability": 30, "cost": 25, "quality": 20, "help": 15, "terms": 10}
SCORES = {
    ("availability", US): 5, ("availability", "Nordpas"): 3, ("availability", "Dynarol"): 2,
    ("cost", US): 4, ("cost", "Nordpas"): 3, ("cost", "Dynarol"): 4,
    ("quality", US): 3, ("quality", "Nordpas"): 5,
    ("help", US): 5, ("help", "Nordpas"): 2, ("help", "Dynarol"): 1,
    ("terms", "Nordpas"): 4, ("terms", "Dynarol"): 3,
}  # fmt: skip
PARTIES = (US, "Nordpas", "Dynarol")


def test_the_weighted_total_is_the_one_worked_out_by_hand():
    found = totals(WEIGHTS, SCORES, PARTIES)
    # us: (30·5 + 25·4 + 20·3 + 15·5) / 90; the terms of payment are not scored yet
    assert found[US].weighted == Decimal(385) / 90
    assert found[US].covered == Decimal("0.9")
    # Nordpas: (90 + 75 + 100 + 30 + 40) / 100
    assert found["Nordpas"].weighted == Decimal("3.35")
    assert found["Nordpas"].covered == 1


def test_somebody_without_scores_has_no_total_rather_than_nought():
    found = totals(WEIGHTS, {}, (US,))
    assert found[US].weighted is None
    assert found[US].covered == 0


def test_we_lead_and_lag_against_the_best_of_the_others():
    found = standings(WEIGHTS, SCORES, PARTIES[1:])
    assert {name: standing.ahead for name, standing in found.items()} == {
        "availability": 2, "cost": 0, "quality": -2, "help": 3, "terms": None,
    }  # fmt: skip
    assert found["availability"].best == ("Nordpas",)
    # help leads by more points, but availability weighs more: 2·30 against 3·15
    assert in_order(found) == (["availability", "help"], ["quality"])


def test_nothing_to_compare_is_no_error():
    assert totals({}, {}, (US,))[US].weighted is None
    assert in_order(standings({}, {}, ())) == ([], [])


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 100), min_size=1),
    st.dictionaries(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from([US, "x", "y"])), st.integers(1, 5)
    ),
)
def test_a_total_stays_within_the_scores_it_is_made_of(weights, scores):
    for party, total in totals(weights, scores, (US, "x", "y")).items():
        own = [
            score
            for (criterion, who), score in scores.items()
            if who == party and criterion in weights
        ]
        if own:
            assert min(own) <= total.weighted <= max(own)
            assert 0 < total.covered <= 1
        else:
            assert total.weighted is None

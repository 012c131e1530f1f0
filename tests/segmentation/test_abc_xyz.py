"""The arithmetic, against its own definition written out naively in fractions."""

import itertools
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.abc_xyz import USUAL, LimitsOutOfOrder, classify, figures, natural_order

CV = (Fraction(1, 10), Fraction(1, 4))
FREQUENCY = (Fraction(10, 12), Fraction(5, 12))

amounts = st.decimals(-10_000, 10_000, places=3, allow_nan=False, allow_infinity=False)
ledgers = st.integers(1, 8).flatmap(
    lambda months: st.dictionaries(
        st.integers(1, 99_999).map(str),
        st.lists(amounts, min_size=months, max_size=months),
        min_size=1,
        max_size=12,
    )
)


def active(nets):
    return sum(net > 0 for net in nets)


def letters(ledger, months=None, *, limits=None, **options):
    months = months or len(next(iter(ledger.values())))
    if limits:
        options["limits"] = {**USUAL, options.get("xyz", "cv"): limits}
    rows = classify(
        (figures(key, nets, active(nets)) for key, nets in ledger.items()),
        periods=months,
        **options,
    )
    return {row.key: row.abc + row.xyz for row in rows.clients}


def by_definition(ledger, *, xyz, limits):
    """As the rules say it, without any cleverness."""
    exact = {key: [Fraction(net) for net in nets] for key, nets in ledger.items()}
    order = sorted(exact, key=lambda key: (-sum(exact[key]), int(key)))
    whole = sum(sum(nets) for nets in exact.values() if sum(nets) > 0)
    found, before = {}, Fraction(0)
    for key in order:
        nets, total = exact[key], sum(exact[key])
        if total <= 0:
            found[key] = "CZ"
            continue
        abc = (
            "A"
            if before / whole < Fraction(4, 5)
            else "B"
            if before / whole < Fraction(19, 20)
            else "C"
        )
        before += total
        if xyz == "cv":
            mean = total / len(nets)
            variance = sum((net - mean) ** 2 for net in nets) / len(nets)
            measure = variance / mean**2  # compared with squares: roots are not exact
            letter = "X" if measure <= limits[0] ** 2 else "Y" if measure <= limits[1] ** 2 else "Z"
        else:
            part = Fraction(active(nets), len(nets))
            letter = "X" if part >= limits[0] else "Y" if part >= limits[1] else "Z"
        found[key] = abc + letter
    return found


@settings(max_examples=150, deadline=None)
@given(ledgers)
def test_both_methods_agree_with_their_definition(ledger):
    assert letters(ledger, limits=CV) == by_definition(ledger, xyz="cv", limits=CV)
    assert letters(ledger, xyz="frequency", limits=FREQUENCY) == by_definition(
        ledger, xyz="frequency", limits=FREQUENCY
    )


@settings(max_examples=50, deadline=None)
@given(ledgers, st.randoms())
def test_the_order_of_the_input_does_not_matter(ledger, random):
    shuffled = list(ledger.items())
    random.shuffle(shuffled)
    assert letters(dict(shuffled)) == letters(ledger)


@settings(max_examples=50, deadline=None)
@given(ledgers, st.sampled_from([Decimal("0.001"), Decimal(3), Decimal(1000)]))
def test_another_unit_of_money_changes_no_segment(ledger, factor):
    scaled = {key: [net * factor for net in nets] for key, nets in ledger.items()}
    assert letters(scaled) == letters(ledger)


def test_a_single_client_over_80_per_cent_is_still_a():
    assert letters({"1": [90], "2": [10]}) == {"1": "AX", "2": "BX"}


def test_the_share_before_a_client_decides_and_not_the_share_with_it():
    # Before the second client stand exactly 80 %: it is B.
    assert letters({"1": [80], "2": [15], "3": [5]}) == {"1": "AX", "2": "BX", "3": "CX"}


def test_limits_of_abc_that_no_decimal_fraction_of_two_can_hold():
    thirds = {str(number): [1] for number in (1, 2, 3)}
    assert letters(thirds, abc=(Fraction(100, 3), Fraction(200, 3))) == {
        "1": "AX",
        "2": "BX",
        "3": "CX",
    }


def test_equal_totals_go_by_the_number_in_the_ledger():
    rows = classify([figures(key, [50], 1) for key in ("100", "9", "20")], periods=1).clients
    assert [row.key for row in rows] == ["9", "20", "100"]
    assert [row.abc for row in rows] == ["A", "A", "A"]
    rows = classify(
        [figures(key, [25], 1) for key in ("d", "c", "b", "a")], periods=1, abc=(50, 75)
    ).clients
    assert [(row.key, row.abc) for row in rows] == [("a", "A"), ("b", "A"), ("c", "B"), ("d", "C")]


def test_numbers_inside_ids_compare_as_numbers():
    assert sorted(["C10", "C9", "9999", "12346", "B1"], key=natural_order) == [
        "9999",
        "12346",
        "B1",
        "C9",
        "C10",
    ]


def test_totals_of_zero_or_less_are_c_and_z_and_not_in_the_denominator():
    rows = {
        row.key: row
        for row in classify(
            [figures("1", [80], 1), figures("2", [20], 1), figures("3", [-50], 0)], periods=1
        ).clients
    }
    assert rows["3"].abc + rows["3"].xyz == "CZ"
    assert rows["3"].cv is None
    assert rows["2"].share_before == Decimal("0.8")
    assert letters({"1": [5, -5], "2": [1, 1]})["1"] == "CZ"


def test_a_coefficient_that_stands_exactly_on_its_limit_belongs_to_the_better_letter():
    # Mean 10, deviation 1: exactly 0.10; a float says 0.09999… or 0.1000…1.
    assert letters({"1": [9, 11]}) == {"1": "AX"}
    assert letters({"1": [Decimal("8.999"), Decimal("11.001")]}) == {"1": "AY"}
    assert letters({"1": [Decimal("0.75"), Decimal("1.25")]}) == {"1": "AY"}


def test_ten_of_twelve_months_are_frequent_and_nine_are_not():
    ten, nine = [1] * 10 + [0] * 2, [1] * 9 + [0] * 3
    assert letters({"1": ten, "2": nine}, xyz="frequency", limits=FREQUENCY) == {
        "1": "AX",
        "2": "AY",
    }
    five, four = [1] * 5 + [0] * 7, [1] * 4 + [0] * 8
    assert letters({"1": five, "2": four}, xyz="frequency", limits=FREQUENCY) == {
        "1": "AY",
        "2": "AZ",
    }


def test_empty_months_count_as_nought_and_deviation_is_of_the_population():
    (row,) = classify([figures("1", [4, 0, 0, 0], 1)], periods=4).clients
    assert row.cv == Decimal("1.732050808")  # √3; the sample's would be 2
    (row,) = classify(
        [figures("1", [], 0)._replace(total=Decimal(4), squares=Decimal(16))], periods=4
    ).clients
    assert row.cv == Decimal("1.732050808")


def test_figures_of_any_size_stay_exact():
    huge = Decimal("123456789012345678.0000000001")
    (row,) = classify([figures("1", [huge] * 24, 24)], periods=24).clients
    assert (row.xyz, row.cv, row.total) == ("X", 0, 29629629362962962720000000024)
    cents = [Decimal("0.1")] * 3 + [Decimal("-0.3")]
    assert letters({"1": cents, "2": [1, 1, 1, 1]})["1"] == "CZ"  # a float sum is 5e-17 here


def test_nobody_bought_anything():
    assert classify([], periods=12).clients == []
    assert letters({"1": [0], "2": [-1]}) == {"1": "CZ", "2": "CZ"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"abc": (95, 80)},
        {"abc": (0, 80)},
        {"abc": (80, 101)},
        {"limits": (Fraction(1, 4), Fraction(1, 10))},
        {"xyz": "frequency", "limits": (Fraction(5, 12), Fraction(10, 12))},
        {"xyz": "frequency", "limits": (Fraction(13, 12), Fraction(5, 12))},
    ],
)
def test_limits_out_of_order_are_refused(wrong):
    with pytest.raises(LimitsOutOfOrder):
        letters({"1": [1]}, **wrong)


def test_every_client_is_in_one_cell_and_ranks_are_without_gaps():
    ledger = {str(number): [number % 7 - 1, number % 5, 3] for number in range(1, 200)}
    rows = classify(
        (figures(key, nets, active(nets)) for key, nets in ledger.items()), periods=3
    ).clients
    assert [row.rank for row in rows] == list(range(1, 200))
    assert sum(Counter(row.abc + row.xyz for row in rows).values()) == 199
    assert all(first.total >= second.total for first, second in itertools.pairwise(rows))


# ── Both methods, short histories, and what changes nothing ──────────────────────────────────


@settings(max_examples=50, deadline=None)
@given(ledgers)
def test_both_methods_stand_side_by_side_whichever_decides(ledger):
    months = len(next(iter(ledger.values())))
    rows = classify(
        (figures(key, nets, active(nets)) for key, nets in ledger.items()), periods=months
    ).clients
    for row in rows:
        assert row.abc + row.xyz_cv == letters(ledger)[row.key]
        assert row.abc + row.xyz_frequency == letters(ledger, xyz="frequency")[row.key]


def test_too_short_a_history_is_a_letter_of_its_own_and_moves_nobody_else():
    ledger = {"1": [5, 5, 5, 5], "2": [0, 0, 3, 3], "3": [2, 0, 2, 0]}
    history = {"1": 4, "2": 2, "3": 4}
    rows = {
        row.key: row
        for row in classify(
            (figures(key, nets, active(nets), history[key]) for key, nets in ledger.items()),
            periods=4,
            min_history=3,
        ).clients
    }
    assert {key: row.xyz for key, row in rows.items()} == {"1": "X", "2": "N", "3": "Z"}
    assert (rows["2"].xyz_cv, rows["2"].xyz_frequency) == ("N", "N")
    assert {key: row.abc for key, row in rows.items()} == {
        key: pair[0] for key, pair in letters(ledger).items()
    }


@settings(max_examples=50, deadline=None)
@given(ledgers)
def test_an_empty_period_more_moves_no_client_between_a_b_and_c(ledger):
    longer = {key: [*nets, 0] for key, nets in ledger.items()}
    before, after = letters(ledger), letters(longer)
    assert {key: pair[0] for key, pair in before.items()} == {
        key: pair[0] for key, pair in after.items()
    }


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.integers(1, 999).map(str), st.integers(0, 2), min_size=2, max_size=15),
    st.randoms(),
)
def test_ties_come_in_the_order_of_their_numbers_however_the_input_stands(totals, random):
    keys = list(totals)
    random.shuffle(keys)
    rows = classify((figures(key, [totals[key]], 1) for key in keys), periods=1).clients
    assert [row.key for row in rows] == sorted(totals, key=lambda key: (-totals[key], int(key)))


@settings(max_examples=50, deadline=None)
@given(ledgers)
def test_shares_are_kept_rounded_half_even_from_the_exact_ones(ledger):
    months = len(next(iter(ledger.values())))
    found = classify(
        (figures(key, nets, active(nets)) for key, nets in ledger.items()), periods=months
    )
    before = Fraction(0)
    whole = sum((Fraction(sum(nets)) for nets in ledger.values() if sum(nets) > 0), Fraction(0))
    for row in found.clients:
        total = Fraction(sum(ledger[row.key]))
        if whole:
            assert row.share_before_e12 == round(before / whole * 10**12)
            assert row.share_e12 == round(total / whole * 10**12)
        before += max(total, 0)

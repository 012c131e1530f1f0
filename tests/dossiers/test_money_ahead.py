"""Contracts, budget, opportunity and assessments: the arithmetic, by tables."""

import datetime
from decimal import Decimal

import pytest

from accounts.models import User
from dossiers import closeness, contracting, potential, wallet
from dossiers.contracting import Standing
from dossiers.models import Assessment, BudgetLine, Contract, Opportunity, WhiteSpace
from dossiers.pieces import BY_KEY
from dossiers.showing import entries_of
from tests.factories import TODAY


def days(number):
    return datetime.timedelta(days=number)


def written(piece, *records):
    for record in records:
        record.updated_by = User(pk=9, name="Author")
        record.confirmed_on = TODAY
    return entries_of(BY_KEY[piece], records, today=TODAY)


# ── Contracts ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("begins", "ends", "notice", "standing"),
    [
        (1, 400, 90, Standing.NOT_BEGUN),
        (1, None, None, Standing.NOT_BEGUN),
        (0, 400, 90, Standing.RUNS),  # in force on its first day
        (-300, None, 30, Standing.OPEN_ENDED),
        (-300, 181, 90, Standing.RUNS),  # 91 days to the day of notice
        (-300, 180, 90, Standing.NOTICE),  # 90 days to it
        (-300, 90, 90, Standing.NOTICE),  # the last day of notice itself
        (-300, 89, 90, Standing.NOTICE_PASSED),
        (-300, 91, None, Standing.RUNS),
        (-300, 90, None, Standing.ENDS),
        (-300, 0, None, Standing.ENDS),  # in force on its last day
        (-300, 0, 0, Standing.ENDS),  # no period at all is no day of notice
        (-300, -1, 90, Standing.ENDED),
    ],
)
def test_where_a_contract_stands(begins, ends, notice, standing):
    end = None if ends is None else TODAY + days(ends)
    found = contracting.terms(TODAY + days(begins), end, notice, today=TODAY)
    assert found.standing == standing


def test_the_days_of_a_contract_and_where_we_are_between_them():
    found = contracting.terms(TODAY - days(100), TODAY + days(100), 50, today=TODAY)
    assert found.notice_on == found.act_by == TODAY + days(50)
    assert found.prepare_from == TODAY - days(40)
    assert (found.place_percent, found.notice_percent) == ("50.0", "75.0")
    one_day = contracting.terms(TODAY, TODAY, None, today=TODAY)
    assert (one_day.place_percent, one_day.left) == ("0.0", 0)
    # a period longer than the contract: the day of notice lies before its beginning
    long = contracting.terms(TODAY - days(10), TODAY + days(10), 365, today=TODAY)
    assert long.notice_percent == "0.0"


def contract(pk, begins, ends, *, number="1", subject="Bearings", notice=None):
    return Contract(
        pk=pk,
        number=number,
        subject=subject,
        starts_on=TODAY + days(begins),
        ends_on=None if ends is None else TODAY + days(ends),
        notice_days=notice,
    )


OLD = contract(1, -300, 20)


@pytest.mark.parametrize(
    ("others", "needs_next"),
    [
        ([], True),
        ([contract(2, 21, 300, number="2", subject=" BEARINGS ")], False),
        ([contract(2, 21, 300, number="1", subject="All parts")], False),
        ([contract(2, 21, None, number="2")], False),
        ([contract(2, -11, 300, number="2")], False),  # a month of overlap
        ([contract(2, -12, 300, number="2")], True),  # beside it, not after it
        ([contract(2, 21, 300, number="2", subject="Service")], True),
        ([contract(2, -5, 20, number="2")], True),  # ends with it
    ],
)
def test_a_contract_near_its_end_needs_another_of_its_number_or_subject(others, needs_next):
    stands = contracting.judged([OLD, *others], today=TODAY)
    assert stands[0].needs_next is needs_next


@pytest.mark.parametrize(
    ("ends", "notice", "needs_next"),
    [
        (91, None, False),
        (90, None, True),
        (200, 110, True),
        (200, 109, False),
        (-90, None, True),
        (-91, None, False),
        (None, 30, False),
    ],
)
def test_the_next_contract_is_prepared_from_ninety_days_ahead(ends, notice, needs_next):
    [found] = contracting.judged([contract(1, -400, ends, notice=notice)], today=TODAY)
    assert found.needs_next is needs_next


def test_the_action_for_the_next_contract_is_due_when_one_has_to_have_acted():
    one = contract(1, -300, 60, notice=30, number="7/26", subject="x" * 200)
    query = contracting.plan(one, contracting.judged([one], today=TODAY)[0], today=TODAY)
    assert f"due_on={TODAY + days(30)}" in query
    late = contract(1, -300, -5)
    query = contracting.plan(late, contracting.judged([late], today=TODAY)[0], today=TODAY)
    assert f"due_on={TODAY}" in query


# ── Budget ───────────────────────────────────────────────────────────────────────────────────


def line(year, amount, with_us, currency="EUR", sold=None, until=None):
    found = BudgetLine(
        year=year,
        category="Parts",
        amount=Decimal(amount),
        with_us=Decimal(with_us),
        currency=currency,
    )
    found.sold, found.sold_until = None if sold is None else Decimal(sold), until
    return found


def test_each_year_has_its_share_of_wallet_by_currency_and_how_it_moved():
    years = wallet.by_year(
        written(
            "budget",
            line(2026, 100, 30), line(2026, 100, 50), line(2026, 10, 10, "PLN"),
            line(2025, 200, 60), line(2023, 100, 100), line(2022, 0, 0),
        )
    )  # fmt: skip
    assert [year.year for year in years] == [2026, 2025, 2023, 2022]
    told = [
        (one.total.currency, one.total.share, one.points) for year in years for one in year.sums
    ]
    assert told == [
        ("EUR", Decimal("0.4"), Decimal(10)),  # 30 % the year before
        ("PLN", Decimal(1), None),
        ("EUR", Decimal("0.3"), None),  # 2024 is not known
        ("EUR", Decimal(1), None),
        ("EUR", None, None),
    ]


def test_a_share_of_wallet_that_looks_the_same_has_not_moved():
    for now in (2001, 1999):  # 20.01 % and 19.99 %
        year, _before = wallet.by_year(
            written("budget", line(2026, 10000, now), line(2025, 100, 20))
        )
        assert f"{year.sums[0].points}" == "0"


@pytest.mark.parametrize(
    ("with_us", "sold", "agrees", "difference"),
    [(100, 100, True, 0), (101, 100, True, 1), (102, 100, False, 2), (50, 80, False, -30)],
)
def test_the_lines_stand_beside_our_own_sales(with_us, sold, agrees, difference):
    until = datetime.date(2026, 10, 1)
    [year] = wallet.by_year(written("budget", line(2026, 1000, with_us, sold=sold, until=until)))
    ours = year.sums[0].ours
    assert (ours.agrees, ours.difference, ours.is_whole_year) == (agrees, difference, False)


def test_a_year_without_sales_says_nothing_of_them():
    [year] = wallet.by_year(written("budget", line(2026, 1000, 10)))
    assert year.sums[0].ours is None


@pytest.mark.parametrize(
    ("part", "length"), [(None, "0.0"), (Decimal("0.255"), "25.5"), (2, "100.0"), (-1, "0.0")]
)
def test_a_bar_is_never_longer_than_its_field(part, length):
    assert wallet.length(part) == length


# ── Opportunity ──────────────────────────────────────────────────────────────────────────────


def year(number, amount, probability, currency="EUR"):
    return Opportunity(
        year_number=number, amount=Decimal(amount), probability=probability, currency=currency
    )


def test_year_one_is_the_running_one_and_missing_years_are_named():
    found = potential.of(
        written("opportunity", year(1, 100, 50), year(3, 300, 10), year(4, 40, 100, "PLN")),
        [WhiteSpace(ground="open", worth=Decimal(70), currency="EUR")],
        running_year=2026,
    )
    assert [(one.number, one.calendar, one.entry is not None) for one in found.years] == [
        (1, 2026, True), (2, 2027, False), (3, 2028, True), (4, 2029, True), (5, 2030, False)
    ]  # fmt: skip
    assert found.missing == [2027, 2030]
    assert [(one.currency, one.amount, one.part) for one in found.sums] == [
        ("EUR", 400, 80),
        ("PLN", 40, 40),
    ]
    assert found.years[0].entry.facts["bar"] == "33.3"
    assert found.years[0].entry.facts["expected_bar"] == "16.7"
    assert found.open_ground == [("EUR", 70)]


# ── Assessment ───────────────────────────────────────────────────────────────────────────────


def assessment(pk, ago, score, *, wanted=None, level="basic"):
    return Assessment(
        pk=pk, assessed_on=TODAY - days(ago), score=score, wanted_score=wanted, level=level
    )


def test_the_trend_ends_with_the_newest_and_shows_what_is_wanted():
    found = closeness.trend(
        written("assessments", assessment(3, 0, 4, wanted=5), assessment(2, 100, 2), assessment(1, 200, 3))
    )  # fmt: skip
    assert [point.score for point in found.points] == [3, 2, 4]
    assert found.change == 2
    assert found.goal.score == 5
    assert float(found.goal.y) < float(found.points[-1].y)
    assert closeness.trend([]) is None


def test_one_assessment_alone_has_no_change_and_no_goal():
    found = closeness.trend(written("assessments", assessment(1, 0, 3)))
    assert (found.change, found.goal, found.last) == (None, None, "")


def test_the_ladder_is_filled_up_to_the_level_reached():
    steps = closeness.ladder("cooperative", "integrated")
    assert [step.reached for step in steps] == [True, True, True, False, False]
    assert [step.now for step in steps].index(True) == 2
    assert [step.wanted for step in steps].index(True) == 4

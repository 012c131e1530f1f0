"""Figures and dates as people read them, in each language."""

import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from accounts.templatetags import kam_format


def said(language, filter_, *args):
    with translation.override(language):
        return filter_(*args).replace(kam_format.BLANK, " ")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "1,234,568 EUR"), ("pl", "1 234 568 EUR"), ("ru", "1 234 568 EUR")],
)
def test_amounts_are_rounded_and_have_their_thousands_apart(language, expected):
    assert said(language, kam_format.money, Decimal("1234567.50"), "EUR") == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "12.3 %"), ("pl", "12,3 %"), ("ru", "12,3 %")]
)
def test_shares_are_per_cent(language, expected):
    assert said(language, kam_format.share, Decimal("0.12345")) == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "5 Nov 2026"), ("pl", "05.11.2026"), ("ru", "05.11.2026")]
)
def test_a_day_is_never_written_month_first(language, expected):
    assert said(language, kam_format.day, datetime.date(2026, 11, 5)) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "November 2026"), ("pl", "listopad 2026"), ("ru", "ноябрь 2026")],
)
def test_a_month_is_written_as_the_language_writes_it_within_a_sentence(language, expected):
    assert said(language, kam_format.month, datetime.date(2026, 11, 1)) == expected


def test_rounding_is_that_of_school_and_cents_matter_only_where_amounts_are_small():
    assert said("en", kam_format.share, Decimal("0.00050")) == "0.1 %"
    assert said("en", kam_format.money, Decimal("12.5"), "PLN") == "12.50 PLN"
    assert said("en", kam_format.money, Decimal("-1200.4"), "PLN") == "−1,200 PLN"
    assert said("en", kam_format.number, Decimal("1000.50")) == "1,000.5"
    assert said("en", kam_format.number, 100) == "100"


@pytest.mark.parametrize("nothing", [None, "", "not a figure", float("nan")])
def test_what_is_not_known_is_a_dash(nothing):
    for filter_ in (kam_format.money, kam_format.share, kam_format.number, kam_format.day):
        assert filter_(nothing) == "—"

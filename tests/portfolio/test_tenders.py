"""Tenders over all dossiers: each person sees the totals of what he may read, and of nothing else."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from portfolio import attention
from portfolio.needs import needs_of
from tests import factories
from tests.factories import TODAY

pytestmark = pytest.mark.django_db
PAGE = reverse("portfolio:tenders")


def shown(browser, query=""):
    answer = browser.get(PAGE + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


@pytest.fixture
def lost_and_won(dossier, others_dossier):
    """One tender lost by `kam` to Lubro, one won by another KAM."""
    factories.entry(
        "tenders", dossier, subject="Mine lost", outcome="lost", winner="Lubro", value=100,
        our_price=Decimal(110), winner_price=Decimal(100), loss_reasons=["price", "risk"],
        decided_on=datetime.date(2026, 3, 1),
    )  # fmt: skip
    factories.entry(
        "tenders", others_dossier, subject="Theirs won", outcome="won", value=900, currency="PLN",
        win_reasons=["price"], decided_on=datetime.date(2026, 9, 1),
    )  # fmt: skip
    others_dossier.client.channel = "Dealers"
    others_dossier.client.save()


def test_the_head_sees_the_totals_of_all_dossiers(lost_and_won, as_head):
    text = shown(as_head)
    for words in ("Mine lost", "Theirs won", "50 %", "won, wholly or in part (1) ÷ decided (2)",
                  "100 EUR", "900 PLN", "+10.0 %", "of 1 tender"):  # fmt: skip
        assert words in text, words


def test_a_kam_sees_those_of_his_own_dossiers(lost_and_won, as_kam):
    text = shown(as_kam)
    assert "Mine lost" in text
    assert "Theirs won" not in text
    assert "0 %" in text
    assert "Dealers" not in text


def test_nobody_else_opens_the_page(lost_and_won, as_analyst, as_colleague, as_admin):
    for browser in (as_analyst, as_colleague, as_admin):
        assert browser.get(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("query", "fitting"),
    [
        ("?from=2026-06-01", "Theirs won"),
        ("?to=2026-06-01", "Mine lost"),
        ("?channel=Dealers", "Theirs won"),
        ("?outcome=won", "Theirs won"),
        ("?reason=price&side=for", "Theirs won"),
        ("?reason=price&side=against", "Mine lost"),
        ("?rival=LUBRO", "Mine lost"),
    ],
)
def test_the_tenders_behind_a_total_can_be_seen(lost_and_won, as_head, query, fitting):
    text = shown(as_head, query)
    other = {"Theirs won": "Mine lost", "Mine lost": "Theirs won"}[fitting]
    assert fitting in text
    assert other not in text


def test_totals_keep_the_period_that_was_chosen(lost_and_won, as_head):
    text = shown(as_head, "?from=2026-01-01&channel=Dealers")
    assert "?from=2026-01-01&amp;channel=Dealers&amp;outcome=won" in text


@pytest.mark.parametrize(
    "query", ["?from=abc&to=2026-02-31", "?channel=%00", "?page=x", "?page=99999", "?rival=%25_&reason=x&side=y"]
)  # fmt: skip
def test_odd_choices_do_no_harm(lost_and_won, as_head, query):
    assert as_head.get(PAGE + query).status_code == 200


def test_without_tenders_the_page_says_where_they_are_kept(dossier, as_kam):
    assert "Tenders are kept in each dossier" in shown(as_kam)


# ── What needs the KAM ───────────────────────────────────────────────────────────────────────


def test_a_complaint_open_for_a_fortnight_without_an_owner_needs_the_kam(
    dossier, kam, other_kam, as_kam
):
    def needs(person):
        found = needs_of(person, list(attention.dossiers_of(person, today=TODAY)), today=TODAY)
        return [(need.text, need.overdue) for need in found if need.kind == "complaint"]

    old, fortnight = TODAY - datetime.timedelta(15), TODAY - datetime.timedelta(14)
    entry = {"kind": "complaint", "title": "Wet pallets"}
    factories.entry("timeline", dossier, happened_on=fortnight, **entry)
    factories.entry("timeline", dossier, happened_on=old, owner=kam, **entry)
    factories.entry("timeline", dossier, happened_on=old, resolved_on=TODAY, **entry)
    assert needs(kam) == []
    factories.entry("timeline", dossier, happened_on=old, **entry)
    assert needs(kam) == [("1 complaint is open and nobody owns it: name who sees to it", True)]
    assert needs(other_kam) == []
    section = reverse("dossiers:section", args=[dossier.pk, "relationship"])
    assert f"{section}?open=1#timeline" in as_kam.get("/").content.decode()

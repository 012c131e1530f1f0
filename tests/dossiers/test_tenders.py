"""Tenders: what one says, what many come to, and what contradicts itself."""

import datetime
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from dossiers import tenders
from dossiers.models import Tender
from tests import factories
from tests.factories import TODAY

HTMX = {"HX-Request": "true"}


def days(number):
    return datetime.timedelta(days=number)


def tender(outcome="lost", **more):
    fields = {"subject": "Bearings", "outcome": outcome, "decided_on": TODAY, "currency": "EUR"}
    return Tender(**{**fields, **more})


# ── Arithmetic ───────────────────────────────────────────────────────────────────────────────


def test_the_gap_is_our_price_against_the_winners():
    gap = tenders.gap(tender(our_price=Decimal(110), winner_price=Decimal(100)))
    assert (gap.part, gap.amount, gap.currency) == (Decimal("0.1"), 10, "EUR")


@pytest.mark.parametrize(
    "fields",
    [
        {"our_price": Decimal(110)},
        {"winner_price": Decimal(100)},
        {"our_price": Decimal(110), "winner_price": Decimal(0)},
        {"our_price": Decimal(100), "winner_price": Decimal(100), "outcome": "won"},
    ],
)
def test_there_is_no_gap_without_both_prices_nor_against_ourselves(fields):
    assert tenders.gap(tender(**fields)) is None


def test_totals_count_by_outcome_and_never_add_currencies():
    found = tenders.totals(
        [
            tender("won", value=Decimal(100)),
            tender("won", value=Decimal(50), currency="PLN"),
            tender("partly", value=Decimal(10)),
            tender("lost"),
            tender("open", value=Decimal(7)),
            tender("cancelled"),
        ]
    )
    assert {outcome: worth.count for outcome, worth in found.by_outcome()} == {
        "won": 2, "partly": 1, "lost": 1, "cancelled": 1, "open": 1,
    }  # fmt: skip
    assert found.outcomes["won"].amounts == [("EUR", Decimal(100)), ("PLN", Decimal(50))]
    assert found.outcomes["lost"].amounts == []
    assert (found.won, found.decided, found.hit_rate) == (3, 4, Decimal("0.75"))


def test_no_hit_rate_before_the_first_decision():
    assert tenders.totals([tender("open"), tender("cancelled")]).hit_rate is None
    assert tenders.totals([]).by_outcome() == []


def test_reasons_are_counted_for_and_against_most_named_first():
    found = tenders.totals(
        [
            tender("won", win_reasons=["quality", "price"]),
            tender("lost", loss_reasons=["price"]),
            tender("partly", win_reasons=["quality"], loss_reasons=["price"]),
            tender("open", loss_reasons=["timing"]),
        ]
    )
    named = [(reason.reason, reason.for_us, reason.against_us) for reason in found.by_reason()]
    assert named == [("price", 1, 2), ("quality", 2, 0)]


def test_a_rival_is_one_however_its_name_is_typed_and_the_mean_gap_says_over_how_many():
    priced = {"our_price": Decimal(110), "winner_price": Decimal(100)}
    found = tenders.totals(
        [
            tender("lost", winner="Łożyska Sp. z o.o.", value=Decimal(100), **priced),
            tender("lost", winner="łożyska  sp. z o.o.", value=Decimal(40), currency="PLN"),
            tender("partly", winner="Other", our_price=Decimal(90), winner_price=Decimal(100)),
            tender("open", winner="Nobody yet"),
        ]
    )
    first, second = found.by_rival()
    assert (first.name, first.worth.count, first.priced) == ("Łożyska Sp. z o.o.", 2, 1)
    assert first.mean_gap == Decimal("0.1")
    assert first.worth.amounts == [("EUR", 100), ("PLN", 40)]
    assert (second.name, second.mean_gap) == ("Other", Decimal("-0.1"))


def test_each_total_fits_just_the_tenders_behind_it():
    lost = tender("lost", winner="Lubro", loss_reasons=["price"])
    won = tender("won", win_reasons=["price"])
    chosen = {
        "outcome=lost": [lost],
        "reason=price&side=for": [won],
        "reason=price&side=against": [lost],
        "rival=LUBRO": [lost],
        "outcome=nonsense&side=for&reason=": [lost, won],
        "reason=price": [lost, won],
    }
    for query, fitting in chosen.items():
        what = tenders.chosen(QueryDict(query))
        assert [one for one in (lost, won) if what.fits(one)] == fitting, query


# ── The card ─────────────────────────────────────────────────────────────────────────────────


def url(dossier, query=""):
    return reverse("dossiers:piece", args=[dossier.pk, "relationship", "tenders"]) + query


def shown(browser, dossier, query=""):
    answer = browser.get(url(dossier, query), headers=HTMX)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


@pytest.mark.django_db
def test_a_tender_says_how_it_ended_for_what_price_and_why(dossier, as_kam):
    factories.entry(
        "tenders", dossier, outcome="lost", winner="Lubro", value=88000, our_price=91500,
        winner_price=Decimal(83200), loss_reasons=["price", "incumbent"], our_view="We came late.",
    )  # fmt: skip
    text = shown(as_kam, dossier)
    for words in ("Lost", "won by Lubro", "10.0 % above the winner: 8,300 EUR", "We came late.",
                  "(our price − winner&#x27;s price) ÷ winner&#x27;s price", "Whoever was there before",
                  "Ask for a debrief"):  # fmt: skip
        assert words in text, words


@pytest.mark.django_db
def test_an_open_tender_whose_day_has_passed_is_asked_after(dossier, as_kam):
    factories.entry("tenders", dossier, subject="Past", decided_on=datetime.date(2020, 1, 1))
    assert "decided by now?" in shown(as_kam, dossier)
    Tender.objects.update(decided_on=datetime.date(2999, 1, 1))
    text = shown(as_kam, dossier)
    assert "decided by now?" not in text
    assert "Ask for a debrief" not in text


@pytest.mark.django_db
def test_each_total_leads_to_its_tenders(dossier, as_kam):
    factories.entry(
        "tenders",
        dossier,
        subject="Lost one",
        outcome="lost",
        winner="A & B",
        loss_reasons=["price"],
    )
    factories.entry("tenders", dossier, subject="Won one", outcome="won", win_reasons=["price"])
    text = shown(as_kam, dossier)
    assert "50 %" in text
    assert "won, wholly or in part (1) ÷ decided (2)" in text
    for query in ("?outcome=lost", "?reason=price&amp;side=against", "?rival=A+%26+B"):
        assert query in text, query
        there = shown(as_kam, dossier, query.replace("&amp;", "&"))
        assert "Lost one" in there
        assert "Won one" not in there.split('class="tender-totals"')[0]


@pytest.mark.django_db
def test_odd_choices_do_no_harm(dossier, as_kam):
    factories.entry("tenders", dossier, subject="Lost one", outcome="lost")
    for query in ("?outcome=x&reason=y&side=z", "?rival=%00%27%25", "?rival=" + "x" * 5000):
        assert as_kam.get(url(dossier, query), headers=HTMX).status_code == 200
    assert "No tender fits this choice." in shown(as_kam, dossier, "?rival=nobody")


# ── The form ─────────────────────────────────────────────────────────────────────────────────


def add(browser, dossier, **more):
    fields = {
        "subject": "Seals",
        "decided_on": "2026-11-02",
        "outcome": "lost",
        "currency": "EUR",
        "certainty": "fact",
    }
    address = reverse("dossiers:add", args=[dossier.pk, "relationship", "tenders"])
    return browser.post(address, {**fields, **more}, headers=HTMX)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"outcome": "won", "winner": "Lubro"}, "You won it: leave the winner empty"),
        ({"outcome": "open", "winner": "Lubro"}, "Nobody has won it yet"),
        ({"outcome": "cancelled", "winner": "Lubro"}, "It was called off, so nobody won it"),
        ({"outcome": "open", "loss_reasons": ["price"]}, "Reasons belong to a tender that was won or lost"),
        ({"outcome": "cancelled", "win_reasons": ["price"]}, "Reasons belong to a tender that was won or lost"),
        ({"loss_reasons": ["nonsense"]}, "nonsense"),
        ({"our_price": "-5"}, "A price is nought or more."),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_with_a_sentence(dossier, as_kam, fields, sentence):
    answer = add(as_kam, dossier, **fields)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not dossier.tenders.exists()


@pytest.mark.django_db
def test_what_is_known_of_a_lost_tender_is_kept_even_without_the_winners_name(dossier, as_kam):
    answer = add(
        as_kam, dossier, winner_price="83 200", our_price="91 500", loss_reasons=["price", "risk"]
    )
    assert answer.status_code == 200, answer.content.decode()
    found = dossier.tenders.get()
    assert (found.winner, found.winner_price, found.loss_reasons) == ("", 83200, ["price", "risk"])
    assert (
        add(as_kam, dossier, outcome="partly", winner="Lubro", win_reasons=["price"]).status_code
        == 200
    )


@pytest.mark.django_db
def test_the_form_offers_the_competitors_and_earlier_winners_of_this_dossier_only(
    dossier, others_dossier, as_kam
):
    factories.entry("competitors", dossier, name="Competitor & Sons")
    factories.entry("tenders", dossier, outcome="lost", winner="Lubro")
    factories.entry("competitors", others_dossier, name="Elsewhere")
    address = reverse("dossiers:add", args=[dossier.pk, "relationship", "tenders"])
    text = as_kam.get(address, headers=HTMX).content.decode()
    assert 'list="winner-known"' in text
    assert '<option value="Competitor &amp; Sons">' in text
    assert '<option value="Lubro">' in text
    assert "Elsewhere" not in text


@pytest.mark.django_db
def test_who_may_not_write_adds_no_tender(dossier, as_other_kam):
    assert add(as_other_kam, dossier).status_code == 404
    assert not dossier.tenders.exists()

"""What changed between two moments, in sentences: the net of it, with who and when.

Each test commits as people's requests do: within one transaction the history has one moment only.
"""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django.asserts import assertContains, assertNotContains

from dossiers import comparing, editing, putting_back, telling
from dossiers.history import word_changes
from dossiers.models import Opportunity
from dossiers.pieces import BY_KEY
from dossiers.wordings import OF_ALL, WORDINGS
from tests import factories
from tests.dossiers.past import all_happened, happened, moment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def dossier(head, kam, today):
    opened = today - datetime.timedelta(days=100)
    return factories.dossier(kam=kam, by=head, name="Huta Północ", today=opened)


@pytest.fixture
def quarter_ago(dossier, today):
    """Call it when the dossier stands as it did then; what follows is new."""

    def settle():
        all_happened(dossier, moment(today - datetime.timedelta(days=90)))
        return moment(today - datetime.timedelta(days=80))

    return settle


def rewrite(piece, record, dossier, by, **data):
    record.refresh_from_db()
    editing.change(
        BY_KEY[piece],
        dossier=dossier,
        pk=record.pk,
        data={"version": record.version, **data},
        by=by,
        today=timezone.localdate(),
        partial=True,
    )


def delete(piece, record, dossier, by):
    record.refresh_from_db()
    editing.delete(
        BY_KEY[piece], dossier=dossier, pk=record.pk, data={"version": record.version}, by=by
    )


def told(dossier, after, until=None):
    comparison = comparing.Comparison(dossier, after=after, until=until or timezone.now())
    return [
        sentence
        for chapter in telling.tell(comparison)
        for one in chapter.pieces
        for sentence in one.sentences
    ]


def said(dossier, after, until=None):
    return [sentence.text for sentence in told(dossier, after, until)]


def test_grades_amounts_and_dates_are_told_as_people_say_it(kam, head, dossier, quarter_ago):
    anna = factories.entry("stakeholders", dossier, name="Anna Nowak", stance=0, influence=8)
    factories.entry("opportunity", dossier, year_number=2, amount=200_000)
    sample = factories.entry("actions", dossier, title="Send the sample", due_on=datetime.date(2026, 10, 3), owner=kam)  # fmt: skip
    contract = factories.entry("contracts", dossier, number="K-12")
    tender = factories.entry("tenders", dossier, subject="Bearings 2027", outcome="open")
    then = quarter_ago()
    rewrite("stakeholders", anna, dossier, kam, stance=1, influence=6)
    rewrite("opportunity", Opportunity.objects.get(), dossier, head, amount=260_000)
    rewrite("actions", sample, dossier, kam, due_on="2026-10-17", state="done", owner=head.pk)
    rewrite("tenders", tender, dossier, kam, outcome="won")
    delete("contracts", contract, dossier, kam)
    rewrite("header", dossier, dossier, kam, position="They trust the workshop.", types=["expert"])
    assert said(dossier, then) == [
        "“Types” was filled in: “Expert”",
        "The position of the relationship was filled in: “They trust the workshop.”",
        "The tender “Bearings 2027” was won.",
        "The revenue possible in year 2 went up from 200,000\u00a0EUR to 260,000\u00a0EUR.",
        "The contract “K-12” was taken out.",
        "The influence of Anna Nowak fell from 8 to 6 of 10.",
        "The stance of Anna Nowak rose from “Neutral” to “Supporter”.",
        "“Send the sample” passed from Karol Kam to Helena Head.",
        "The due date of “Send the sample” was moved from 3 Oct 2026 to 17 Oct 2026.",
        "“Send the sample” is done.",
    ]
    by = {sentence.text[:12]: sentence.made.by for sentence in told(dossier, then)}
    assert by["The revenue "] == head
    assert by["The contract"] == kam


def test_changed_and_changed_back_is_no_change_and_passing_entries_are_none(
    kam, dossier, quarter_ago
):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    gone = factories.entry("contracts", dossier, number="gone")
    then = quarter_ago()
    rewrite("contracts", contract, dossier, kam, subject="Seals")
    rewrite("contracts", contract, dossier, kam, subject="Bearings")
    passing = factories.entry("objectives", dossier, title="A slip of the hand")
    delete("objectives", passing, dossier, kam)
    pk = gone.pk
    delete("contracts", gone, dossier, kam)
    putting_back.bring_back(BY_KEY["contracts"], dossier=dossier, pk=pk, by=kam)
    editing.confirm(
        BY_KEY["contracts"],
        dossier=dossier,
        pk=pk,
        seen=gone.__class__.objects.get(pk=pk).version,
        by=kam,
        today=timezone.localdate(),
    )
    assert said(dossier, then) == []


def test_the_last_one_who_gave_a_field_its_value_is_named(kam, head, dossier, quarter_ago, today):
    contract = factories.entry("contracts", dossier, subject="Bearings", number="K-1")
    then = quarter_ago()
    rewrite("contracts", contract, dossier, kam, subject="Seals")
    happened(contract, moment(today - datetime.timedelta(days=40)), version=2)
    rewrite("contracts", contract, dossier, head, number="K-2")
    [number, subject] = told(dossier, then)
    assert (number.made.by, subject.made.by) == (head, kam)
    assert subject.made.day == today - datetime.timedelta(days=40)
    # Between other moments only what happened in between is told.
    assert said(dossier, then, moment(today - datetime.timedelta(days=30))) == [
        "“K-1”, subject: was “Bearings”, is now “Seals”"
    ]
    assert said(dossier, moment(today - datetime.timedelta(days=30))) == [
        "“K-2”, number: was “K-1”, is now “K-2”"
    ]


def test_a_text_that_was_rewritten_shows_its_words(kam, dossier, quarter_ago):
    rewrite("about", dossier.general, dossier, kam, strategy="They grow in the east and buy alone.")
    then = quarter_ago()
    rewrite("about", dossier.general, dossier, kam, strategy="They grow in the north and buy alone.", mission="Steel for all.")  # fmt: skip
    mission, strategy = told(dossier, then)
    assert mission.text == "“Mission” was filled in: “Steel for all.”"
    assert strategy.text == "“Strategy” was rewritten:"
    assert [part for part in strategy.words if part[0] != "same"] == [
        ("out", "east"),
        ("in", "north"),
    ]


def test_a_long_text_is_cut_to_what_changed():
    words = [("same", "one " * 40), ("out", "old"), ("in", "new"), ("same", " two" * 40)]
    shown = list(telling.shortened(words))
    assert shown[1:3] == [("out", "old"), ("in", "new")]
    assert shown[0][1].startswith("… ")
    assert shown[3][1].endswith(" …")
    assert len(shown[0][1].split()) < 12


def test_what_is_new_says_what_it_is(kam, dossier, quarter_ago, today):
    then = quarter_ago()
    anna = factories.entry("stakeholders", dossier, name="Anna Nowak", roles=["decider"], by=kam)
    factories.entry("timeline", dossier, title="Walk through the mill", happened_on=datetime.date(2026, 10, 12))  # fmt: skip
    factories.entry("assessments", dossier, assessed_on=datetime.date(2026, 10, 13), level="cooperative", score=3)  # fmt: skip
    criterion = factories.entry("criteria", dossier, name="Speed")
    factories.entry("scores", dossier, criterion=criterion, score=4)
    factories.entry("ties", dossier, colleague=kam, stakeholder=anna)
    sentences = told(dossier, then)
    assert [sentence.text for sentence in sentences] == [
        "Meeting on 12 Oct 2026: “Walk through the mill”.",
        "New tie: Karol Kam × Anna Nowak.",
        "The relationship was assessed on 13 Oct 2026: “Cooperative”, score 3 of 5.",
        "New stakeholder: Anna Nowak.",
        "New criterion: Speed.",
        "New score: ourselves, “Speed”: 4 of 5.",
    ]
    assert "Roles in the decision: Decider" in sentences[3].facts


def test_what_went_with_something_is_told_with_it(kam, dossier, quarter_ago):
    anna = factories.entry("stakeholders", dossier, name="Anna")
    piotr = factories.entry("stakeholders", dossier, name="Piotr")
    factories.entry("influence", dossier, influencer=anna, influenced=piotr)
    factories.entry("ties", dossier, colleague=kam, stakeholder=anna)
    factories.entry("timeline", dossier, stakeholder=anna)
    then = quarter_ago()
    delete("stakeholders", anna, dossier, kam)
    assert said(dossier, then) == [
        "The stakeholder “Anna” was taken out. With it went 2 entries that belonged to it."
    ]


def test_a_text_of_the_same_word_over_and_over_is_not_compared_word_by_word():
    """It would take minutes, and whoever opened the history would wait for them."""
    assert not list(word_changes("– " * 700, "– · " * 350))
    assert list(word_changes("– " * 20 + "old", "– " * 20 + "new"))


def test_scores_references_lists_and_currencies_have_their_words(kam, head, dossier, quarter_ago):
    speed = factories.entry("criteria", dossier, name="Speed")
    rival = factories.entry("competitors", dossier, name="The rival")
    ours = factories.entry("scores", dossier, criterion=speed, score=3)
    theirs = factories.entry("scores", dossier, criterion=speed, competitor=rival, score=3)
    boss = factories.entry("stakeholders", dossier, name="Boss")
    clerk = factories.entry("stakeholders", dossier, name="", position="Clerk", roles=["user"])
    contract = factories.entry("contracts", dossier, number="K-1", value=100, currency="EUR")
    then = quarter_ago()
    rewrite("scores", ours, dossier, kam, score=4)
    rewrite("scores", theirs, dossier, kam, score=2)
    rewrite("stakeholders", clerk, dossier, kam, name="Piotr Lis", reports_to=boss.pk, roles=["buyer", "user"], covered_by=head.pk)  # fmt: skip
    rewrite("contracts", contract, dossier, kam, value=100, currency="PLN", certainty="assumption")
    assert said(dossier, then) == [
        "“K-1”, currency: was “EUR”, is now “PLN”",
        "“K-1” is now an assumption; before it was a fact.",
        "“Not identified: Clerk” now has a name: Piotr Lis.",
        "Piotr Lis reports to Boss.",
        "“Piotr Lis”, roles in the decision: “Buyer” was added.",
        "Piotr Lis is now covered by Helena Head.",
        "Our score for “Speed” rose from 3 to 4.",
        "The score of “The rival” for “Speed” fell from 3 to 2.",
    ]


@pytest.mark.parametrize("language", ["en", "pl", "ru"])
def test_every_wording_can_be_filled_in_every_language(language):
    places = dict.fromkeys(("entry", "entry_before", "before", "after", "criterion", "who"), "X")
    with translation.override(language):
        for of_field in (*WORDINGS.values(), *OF_ALL.values()):
            for wording in of_field.values():
                assert "%" not in str(wording) % places
    for model, name in WORDINGS:
        assert model._meta.get_field(name)


# ── The page ─────────────────────────────────────────────────────────────────────────────────


def page(browser, dossier, **query):
    return browser.get(reverse("dossiers:compare", args=[dossier.pk]), query)


def test_the_page_tells_since_the_opening_while_no_revision_was_accepted(as_kam, kam, dossier):
    today = timezone.localdate().isoformat()
    assertContains(page(as_kam, dossier, **{"from": today}), "Nobody wrote anything")
    factories.entry("contracts", dossier, number="K-12", by=kam)
    answer = page(as_kam, dossier)
    assertContains(answer, "New contract: K-12.")
    assertContains(answer, "Karol Kam")
    assertContains(answer, "Nothing changed in: ")


def test_the_page_compares_two_days_in_whatever_order(as_kam, kam, dossier, quarter_ago, today):
    quarter_ago()
    contract = factories.entry("contracts", dossier, number="K-12")
    happened(contract, moment(today - datetime.timedelta(days=40)))
    late, early = (today - datetime.timedelta(days=days) for days in (30, 50))
    for first, second in ((early, late), (late, early)):
        answer = page(as_kam, dossier, **{"from": first.isoformat(), "to": second.isoformat()})
        assertContains(answer, "New contract: K-12.")
    answer = page(as_kam, dossier, **{"from": late.isoformat(), "to": today.isoformat()})
    assertNotContains(answer, "K-12")


@pytest.mark.parametrize(
    "query", [{"from": "x"}, {"to": "revision-999"}, {"from": "2199-01-01"}, {"from": "1999-01-01"}]
)
def test_moments_that_never_were_are_answered_with_a_sentence(as_kam, dossier, query):
    answer = page(as_kam, dossier, **query)
    assert answer.status_code == 400
    assertContains(answer, 'role="alert"', status_code=400)


def test_others_read_no_comparison(as_other_kam, as_analyst, as_colleague, as_head, dossier):
    for browser in (as_other_kam, as_analyst, as_colleague):
        assert page(browser, dossier).status_code == 404
    assert page(as_head, dossier).status_code == 200

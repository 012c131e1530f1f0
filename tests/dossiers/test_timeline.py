"""The timeline: merged from wherever its lines are kept, filtered, and what can be done from it."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import assigning
from dossiers import opening, reviewing
from dossiers.sections import REVIEWED
from tests import factories
from tests.factories import TODAY
from tests.house import many

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def days(number):
    return datetime.timedelta(days=number)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)


def url(dossier, query=""):
    return reverse("dossiers:piece", args=[dossier.pk, "relationship", "timeline"]) + query


def shown(browser, dossier, query=""):
    """The timeline as its part says it."""
    answer = browser.get(url(dossier, query), headers=HTMX)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def order(text, *words):
    places = [text.index(word) for word in words]
    assert places == sorted(places), list(zip(words, places, strict=True))


# ── One timeline ─────────────────────────────────────────────────────────────────────────────


def test_what_is_kept_elsewhere_stands_on_the_timeline_in_order_of_its_day(dossier, as_kam, kam):
    factories.entry("timeline", dossier, title="Talked in May", happened_on=TODAY - days(180))
    factories.entry("tenders", dossier, subject="Bearings for the mill", outcome="lost",
                    winner="The rival", decided_on=TODAY - days(90))  # fmt: skip
    factories.entry(
        "contracts", dossier, subject="Frame", starts_on=TODAY - days(300), ends_on=TODAY - days(20)
    )
    factories.entry("assessments", dossier, assessed_on=TODAY - days(50), level="basic", score=2)
    factories.entry(
        "surveys", dossier, answered_on=TODAY - days(10), kind="nps", score=9, comment="Quick"
    )
    text = shown(as_kam, dossier)
    order(text, "NPS: 9 of 10", "Contract ends: Frame", "Relationship judged: Basic, 2 of 5",
          "Bearings for the mill", "Talked in May", "Contract begins: Frame")  # fmt: skip
    assert "won by The rival" in text
    assert "“Quick”" in text


def test_what_a_contract_will_do_is_left_to_its_own_list(dossier, as_kam):
    factories.entry(
        "contracts", dossier, subject="Frame", starts_on=TODAY - days(3), ends_on=TODAY + days(300)
    )
    text = shown(as_kam, dossier)
    assert "Contract begins: Frame" in text
    assert "Contract ends" not in text


def test_what_happened_to_the_dossier_is_told_in_a_line_each(
    head, kam, other_kam, as_head, as_other_kam
):
    held = factories.dossier(kam=kam, by=head, name="Huta", today=TODAY - days(200))
    assigning.appoint_deputy(held.client, to=other_kam, by=head, today=TODAY - days(90))
    assigning.dismiss_deputy(held.client, by=head, today=TODAY - days(80))
    assigning.assign(held.client, to=other_kam, by=head, today=TODAY - days(70), note="Take care")
    edit = reverse("dossiers:edit", args=[held.pk, "relationship", "header", held.pk])
    held.refresh_from_db()
    answer = as_other_kam.post(edit, {"version": held.version, "position": "On the way up",
                                      "types": ["expert"], "certainty": "fact"}, headers=HTMX)  # fmt: skip
    assert answer.status_code == 200
    text = shown(as_head, held, "?kind=dossier")
    for line in ("Dossier opened", "Stage: from Regular to Key client", f"KAM: {kam}", f"Deputy: {other_kam}",
                 f"{other_kam} is no longer deputy", f"Handed over from {kam} to {other_kam}",
                 "Position: On the way up", "Type: Expert"):  # fmt: skip
        assert line in text, line
    assert f"{kam} is no longer KAM" not in text
    assert "Take care" not in text


def test_revisions_and_the_closing_of_the_dossier_stand_there_too(head, kam, as_head):
    held = factories.dossier(kam=kam, by=head, today=TODAY - days(85))
    reviewing.raise_due_reviews(today=TODAY)
    review = held.reviews.get()
    for section in REVIEWED:
        reviewing.go_through(review, section=section, seen_at=timezone.now(), by=kam, today=TODAY)
    reviewing.submit(review, by=kam, summary="All quiet.", today=TODAY)
    reviewing.return_(review, by=head, note="Say more on the price", today=TODAY)
    reviewing.submit(review, by=kam, summary="The price is told.", today=TODAY)
    reviewing.accept(review, by=head, today=TODAY)
    opening.release_key(held, to="regular", by=head, reason="Sold.", today=TODAY)
    text = shown(as_head, held)
    order(text, "Revision accepted", "Stage: from Key client to Regular")
    assert "Revision returned" in text
    assert "Say more on the price" in text
    assert "Dossier closed" in text
    assert f"{kam} is no longer KAM" in text


def test_a_segment_that_a_run_in_force_moved_is_told(dossier, as_kam, analyst):
    many.sales(by=analyst)
    assert "Segment: from BX to AX" in shown(as_kam, dossier, "?kind=dossier")


def test_nobody_sees_the_timeline_of_a_dossier_he_may_not_read(
    dossier, as_other_kam, as_analyst, as_colleague
):
    for browser in (as_other_kam, as_analyst, as_colleague):
        assert browser.get(url(dossier), headers=HTMX).status_code == 404


# ── Filters ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def busy(dossier, kam):
    """A dossier in which much was noted."""
    anna = factories.entry("stakeholders", dossier, name="Anna Łęcka")
    factories.entry("timeline", dossier, kind="meeting", title="Met at the fair", stakeholder=anna,
                    happened_on=TODAY - days(5))  # fmt: skip
    factories.entry("timeline", dossier, kind="call", title="Zamówienie łożysk", text="100% by_air",
                    happened_on=TODAY - days(40))  # fmt: skip
    factories.entry("timeline", dossier, kind="complaint", title="Pallets were wet", stakeholder=anna,
                    happened_on=TODAY - days(12))  # fmt: skip
    factories.entry("timeline", dossier, kind="complaint", title="Old quarrel", happened_on=TODAY - days(90),
                    resolved_on=TODAY - days(80))  # fmt: skip
    dossier.anna = anna
    return dossier


@pytest.mark.parametrize(
    ("query", "fitting", "others"),
    [
        ("?kind=meeting&kind=call", ["Met at", "Zamówienie"], ["Pallets", "Old quarrel"]),
        ("?kind=complaint&open=1", ["Pallets"], ["Old quarrel", "Met at"]),
        ("?q=LOZYSK", ["Zamówienie"], ["Met at"]),
        ("?q=100%25", ["Zamówienie"], ["Met at"]),
        ("?q=y_a", ["Zamówienie"], ["Met at"]),
        ("?from=2026-11-01", ["Met at", "Pallets"], ["Zamówienie", "Old quarrel"]),
        ("?to=2026-09-01", ["Old quarrel"], ["Met at", "Zamówienie"]),
    ],
)
def test_the_timeline_shows_what_was_chosen(busy, as_kam, query, fitting, others):
    text = shown(as_kam, busy, query)
    assert [title for title in fitting if title not in text] == []
    assert [title for title in others if title in text] == []


def test_what_was_done_with_one_person_can_be_chosen(busy, as_kam):
    text = shown(as_kam, busy, f"?person={busy.anna.pk}")
    assert "Met at the fair" in text
    assert "Pallets were wet" in text
    assert "Zamówienie" not in text
    assert "Anna Łęcka (2)" in text


def test_each_kind_says_how_many_there_are(busy, as_kam):
    text = " ".join(shown(as_kam, busy).split())
    assert '<span>Complaint or conflict</span> <span class="fig">2</span>' in text
    assert '<span>Open complaints only</span> <span class="fig">1</span>' in text


def test_nothing_that_fits_says_so_and_how_to_see_everything(busy, as_kam):
    text = shown(as_kam, busy, "?q=unheard")
    assert "Nothing on the timeline fits this choice." in text
    assert "Show everything" in text
    assert "The period ends before it begins" in shown(
        as_kam, busy, "?from=2026-05-01&to=2026-04-01"
    )


@pytest.mark.parametrize(
    "query",
    ["?kind=x&from=abc", "?person=abc", "?person=99999999999999999999", "?from=2026-02-31&to=0000-00-00",
     "?q=%00%25_\\'", "?shown=-5&open=yes", "?kind=", "?person=٣", "?from=9999-12-31", "?q=" + "x" * 3000],
)  # fmt: skip
def test_what_cannot_be_chosen_does_no_harm(busy, as_kam, query):
    assert as_kam.get(url(busy, query), headers=HTMX).status_code == 200
    section = reverse("dossiers:section", args=[busy.pk, "relationship"])
    assert as_kam.get(section + query).status_code == 200


def test_without_scripts_the_choice_leads_to_the_section_and_stays(busy, as_kam):
    answer = as_kam.get(url(busy, "?kind=call&q=by"))
    section = reverse("dossiers:section", args=[busy.pk, "relationship"])
    assert answer.status_code == 302
    assert answer.url == f"{section}?kind=call&q=by#timeline"
    text = as_kam.get(answer.url).content.decode()
    assert "Zamówienie" in text
    assert "Met at the fair" not in text
    assert f"{url(busy)}?kind=call&amp;q=by" in text or "?kind=call&amp;q=by" in text


def test_a_choice_made_in_place_stands_in_the_address(busy, as_kam):
    answer = as_kam.get(url(busy, "?kind=call"), headers={**HTMX, "HX-Trigger": "choose-timeline"})
    section = reverse("dossiers:section", args=[busy.pk, "relationship"])
    assert answer.headers["HX-Push-Url"] == f"{section}?kind=call#timeline"


def test_earlier_entries_are_asked_for_with_the_choice_kept(dossier, as_kam):
    for number in range(30):
        factories.entry("timeline", dossier, kind="call", title=f"Call {number:02}",
                        happened_on=TODAY - days(number))  # fmt: skip
    text = shown(as_kam, dossier, "?kind=call")
    assert "Call 19" in text
    assert "Call 20" not in text
    assert "latest 20" in text
    assert "?kind=call&amp;shown=100" in text
    assert "Call 29" in shown(as_kam, dossier, "?kind=call&shown=100")


def test_lines_from_elsewhere_take_their_place_among_the_latest_twenty(dossier, as_kam):
    for number in range(20):
        factories.entry(
            "timeline", dossier, title=f"Call {number:02}", happened_on=TODAY - days(number)
        )
    factories.entry("tenders", dossier, subject="Seals", decided_on=TODAY - days(3))
    text = shown(as_kam, dossier, "?kind=meeting&kind=tender")
    assert "Seals" in text
    assert "Call 18" in text
    assert "Call 19" not in text

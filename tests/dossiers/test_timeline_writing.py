"""The timeline is written: complaints with their owner and their end, forms that ask what fits, the front page."""

import datetime
import re

import pytest
from django.urls import reverse

from dossiers import opening
from dossiers.models import TimelineEntry
from tests import factories
from tests.factories import TODAY

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


# ── Complaints ───────────────────────────────────────────────────────────────────────────────


def complaint(dossier, **more):
    fields = {"kind": "complaint", "title": "Pallets were wet", "happened_on": TODAY - days(12)}
    return factories.entry("timeline", dossier, **{**fields, **more})


def resolve(browser, entry, version=None, **more):
    address = reverse("dossiers:resolve", args=[entry.dossier_id, entry.pk])
    return browser.post(address, {"version": version or entry.version}, **more)


def test_a_complaint_says_how_long_it_is_open_and_who_sees_to_it(dossier, as_kam, kam):
    complaint(dossier, owner=kam)
    complaint(dossier, title="Nobody's", happened_on=TODAY - days(1))
    complaint(dossier, title="Over", resolved_on=TODAY - days(9))
    text = shown(as_kam, dossier)
    assert f"open for 12 days, owner {kam}" in text
    assert "open for 1 day, nobody owns it" in text
    assert "resolved after 3 days" in text
    assert text.count("Resolved today") == 2


def test_a_complaint_is_resolved_with_one_click_and_the_history_tells_who(dossier, as_kam, kam):
    entry = complaint(
        dossier, owner=kam, text="They want a credit note.", amount="120.50", tone="bad"
    )
    answer = resolve(as_kam, entry, headers=HTMX)
    assert answer.status_code == 200
    assert "resolved after 12 days" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.resolved_on == TODAY
    assert entry.updated_by == kam
    assert (entry.text, str(entry.amount), entry.tone) == (
        "They want a credit note.",
        "120.50",
        "bad",
    )
    assert entry.events.order_by("-pgh_id").first().pgh_context.metadata["user"] == kam.pk


def test_without_scripts_resolving_leads_back_to_the_timeline(dossier, as_kam):
    entry = complaint(dossier)
    answer = resolve(as_kam, entry)
    assert answer.status_code == 302
    assert answer.url.endswith("#timeline")
    entry.refresh_from_db()
    assert entry.resolved_on == TODAY


def test_resolving_needs_the_version_that_was_seen(dossier, as_kam):
    entry = complaint(dossier)
    answer = resolve(as_kam, entry, version="none", headers=HTMX)
    assert answer.status_code == 400
    assert "nothing was changed" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.resolved_on is None


def test_what_somebody_else_wrote_of_the_end_of_a_complaint_stays(dossier, as_kam, head):
    entry = complaint(dossier)
    seen = entry.version
    entry.resolved_on, entry.updated_by = TODAY - days(2), head
    entry.save()
    answer = resolve(as_kam, entry, version=seen, headers=HTMX)
    assert answer.status_code == 409
    assert str(head) in answer.content.decode()
    entry.refresh_from_db()
    assert entry.resolved_on == TODAY - days(2)


def test_a_change_of_another_field_does_not_keep_a_complaint_open(dossier, as_kam, head):
    entry = complaint(dossier)
    seen = entry.version
    entry.title, entry.updated_by = "Pallets were soaked", head
    entry.save()
    assert resolve(as_kam, entry, version=seen, headers=HTMX).status_code == 200
    entry.refresh_from_db()
    assert (entry.title, entry.resolved_on) == ("Pallets were soaked", TODAY)


def test_only_complaints_are_resolved_and_only_by_those_who_may_write(
    dossier, as_kam, as_other_kam, head
):
    meeting = factories.entry("timeline", dossier)
    assert resolve(as_kam, meeting, headers=HTMX).status_code == 409
    entry = complaint(dossier, happened_on=TODAY + days(3))
    assert resolve(as_other_kam, entry, headers=HTMX).status_code == 404
    refused = resolve(as_kam, entry, headers=HTMX)
    assert refused.status_code == 422
    assert "before it happened" in refused.content.decode()
    opening.release_key(dossier, to="regular", by=head, reason="Sold.", today=TODAY)
    assert TimelineEntry.objects.get(pk=entry.pk).resolved_on is None


# ── The form asks what fits ──────────────────────────────────────────────────────────────────


def fitting(text):
    """The names of the fields that are asked at once, and of those folded away."""
    head, _details, folded = text.partition('<details class="form-more">')
    names = ("stakeholder", "tone", "owner", "resolved_on", "amount")
    return (
        {name for name in names if f'name="{name}"' in head},
        {name for name in names if f'name="{name}"' in folded},
    )


def form(browser, dossier, query=""):
    address = reverse("dossiers:add", args=[dossier.pk, "relationship", "timeline"])
    return browser.get(address + query, headers=HTMX).content.decode()


def test_a_meeting_is_not_asked_for_an_amount_but_can_have_one(dossier, as_kam):
    text = form(as_kam, dossier)
    assert fitting(text) == ({"stakeholder", "tone"}, {"owner", "resolved_on", "amount"})
    assert "Fields of other kinds: owner, resolved, amount" in text


def test_a_complaint_is_asked_for_its_owner_and_its_end(dossier, as_kam, kam):
    text = form(as_kam, dossier, "?kind=complaint")
    assert fitting(text) == ({"stakeholder", "tone", "owner", "resolved_on", "amount"}, set())
    assert re.search(rf'<option value="{kam.pk}"[^>]*selected', text)


def test_choosing_another_kind_asks_what_fits_it_and_keeps_what_was_typed(dossier, as_kam, kam):
    address = reverse("dossiers:timeline_fields", args=[dossier.pk])
    answer = as_kam.get(address + "?kind=call&amount=120&tone=bad", headers=HTMX)
    text = answer.content.decode()
    assert answer.headers["Vary"].find("HX-Request") >= 0
    asked, folded = fitting(text)
    assert asked == {"stakeholder", "tone", "amount"}
    assert folded == {"owner", "resolved_on"}
    assert 'value="120"' in text
    assert "It is kept unless you empty it." in text
    assert re.search('<option value="bad"[^>]*selected', text)


@pytest.mark.parametrize(
    "query", ["?kind=x&owner=abc", "?entry=99999999999999999999", "?entry=x&resolved_on=never"]
)
def test_odd_words_in_the_fields_do_no_harm(dossier, as_kam, query):
    address = reverse("dossiers:timeline_fields", args=[dossier.pk])
    assert as_kam.get(address + query, headers=HTMX).status_code == 200


def test_fields_of_other_kinds_are_kept_when_they_are_sent(dossier, as_kam):
    address = reverse("dossiers:add", args=[dossier.pk, "relationship", "timeline"])
    as_kam.post(address, {"happened_on": "2026-11-20", "kind": "call", "title": "About the gift", "tone": "good",
                          "amount": "12.50", "currency": "EUR", "certainty": "fact"}, headers=HTMX)  # fmt: skip
    entry = dossier.timeline.get()
    assert str(entry.amount) == "12.50"
    edit = reverse("dossiers:edit", args=[dossier.pk, "relationship", "timeline", entry.pk])
    asked, _folded = fitting(as_kam.get(edit, headers=HTMX).content.decode())
    assert "amount" in asked


# ── On the front page ────────────────────────────────────────────────────────────────────────


def test_the_front_page_keeps_open_complaints_in_view_and_tells_of_tenders(dossier, as_kam, kam):
    complaint(dossier, title="Still unresolved", happened_on=TODAY - days(60), owner=kam)
    for number in range(6):
        factories.entry(
            "timeline", dossier, title=f"Call {number}", happened_on=TODAY - days(number)
        )
    factories.entry("tenders", dossier, subject="Seals", outcome="open", decided_on=TODAY + days(5))
    factories.entry(
        "tenders", dossier, subject="Long ago", outcome="won", decided_on=TODAY - days(400)
    )
    text = as_kam.get(reverse("dossiers:dossier", args=[dossier.pk])).content.decode()
    talks = text[text.index('id="talks-title"') :]
    order(talks, "Still unresolved", "Seals", "Call 0")
    assert f"owner {kam}" in talks
    assert "Long ago" not in talks

"""The dossier as of any day: what stood then, under the names of then, and nothing that came later."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts import assigning
from accounts.models import Assignment, Client
from dossiers import editing, moments, reviewing, standing
from dossiers.models import (
    Attachment,
    Competitor,
    Contract,
    Dossier,
    Review,
    Stakeholder,
    SurveyAnswer,
    Tender,
    Tie,
    TimelineEntry,
    WhiteSpace,
)
from dossiers.pieces import BY_KEY, kept_models
from dossiers.sections import REVIEWED, Section
from tests import factories
from tests.dossiers.past import all_happened, happened, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def dossier(head, kam, today):
    """Opened four months ago."""
    opened = today - datetime.timedelta(days=120)
    dossier = factories.dossier(kam=kam, by=head, name="Huta Północ", today=opened)
    all_happened(dossier, moment(opened))
    return dossier


def days_ago(today, number):
    return today - datetime.timedelta(days=number)


def rewrite(piece, record, dossier, by, today, **data):
    record.refresh_from_db()
    editing.change(
        BY_KEY[piece],
        dossier=dossier,
        pk=record.pk,
        data={"version": record.version, **data},
        by=by,
        today=today,
        partial=True,
    )


def page(browser, dossier, day=None, **query):
    if day is not None:
        query["on"] = day.isoformat()
    return browser.get(reverse("dossiers:as_of", args=[dossier.pk]), query)


def test_after_a_change_today_yesterday_shows_what_stood_yesterday(as_kam, kam, dossier, today):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    happened(contract, moment(days_ago(today, 10)))
    rewrite("contracts", contract, dossier, kam, today, subject="Seals")
    yesterday = page(as_kam, dossier, days_ago(today, 1), section="relationship")
    assertContains(yesterday, "Bearings")
    assertNotContains(yesterday, "Seals")
    now = page(as_kam, dossier, today, section="relationship")
    assertContains(now, "Seals")
    assertNotContains(now, "Bearings")
    assertNotContains(
        page(as_kam, dossier, days_ago(today, 11), section="relationship"), "Bearings"
    )


def test_a_day_ends_where_the_house_is(dossier, today):
    """Half past eleven in the evening in Warsaw is the same day, although it is later in London's reckoning."""
    contract = factories.entry("contracts", dossier)
    day = days_ago(today, 5)
    for hour, minute, stands in ((23, 30, True), (23, 59, True), (0, 0, True)):
        happened(contract, moment(day, hour, minute))
        assert bool(standing.at(dossier, day=day).records[Contract]) is stands
    happened(contract, moment(day + datetime.timedelta(days=1), 0, 0))
    assert standing.at(dossier, day=day).records[Contract] == []
    # In winter the day in Warsaw is an hour ahead of UTC: 22:30 UTC is 23:30 there.
    winter = datetime.date(2026, 1, 15)
    assert standing.end_of(winter).astimezone(datetime.UTC).hour == 22


def test_deleted_entries_that_stood_then_are_shown(as_kam, kam, dossier, today):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    happened(contract, moment(days_ago(today, 10)))
    editing.delete(
        BY_KEY["contracts"], dossier=dossier, pk=contract.pk, data={"version": 1}, by=kam
    )
    contract.pk = Contract.pgh_event_model.objects.get(pgh_label="delete").pgh_obj_id
    happened(contract, moment(days_ago(today, 3)), label="delete")
    assertContains(page(as_kam, dossier, days_ago(today, 4), section="relationship"), "Bearings")
    assertNotContains(page(as_kam, dossier, days_ago(today, 3), section="relationship"), "Bearings")


def test_what_is_pointed_to_has_its_name_of_then(as_kam, kam, dossier, today):
    person = factories.entry("stakeholders", dossier, name="Anna Nowak")
    talk = factories.entry("timeline", dossier, stakeholder=person, title="Met")
    for record in (person, talk):
        happened(record, moment(days_ago(today, 10)))
    rewrite("stakeholders", person, dossier, kam, today, name="Anna Kowalska")
    stood = standing.at(dossier, day=days_ago(today, 1))
    assert str(stood.records[TimelineEntry][0].stakeholder) == "Anna Nowak"
    now = standing.at(dossier, day=today)
    assert str(now.records[TimelineEntry][0].stakeholder) == "Anna Kowalska"
    editing.delete(
        BY_KEY["stakeholders"], dossier=dossier, pk=person.pk, data={"version": 2}, by=kam
    )
    assertContains(page(as_kam, dossier, days_ago(today, 1), section="relationship"), "Anna Nowak")


def test_the_head_of_the_page_is_that_of_then(as_head, head, kam, other_kam, dossier, today):
    rewrite("header", dossier, dossier, kam, today, types=["expert"], position="They trust us.")
    happened(dossier, moment(days_ago(today, 20)), version=2)
    dossier.refresh_from_db()
    rewrite("header", dossier, dossier, kam, today, types=["promising"], position="They left us.")
    Client.objects.filter(pk=dossier.client_id).update(name="Huta Nowa")
    Assignment.objects.filter(client=dossier.client).update(started_on=days_ago(today, 60))
    assigning.assign(dossier.client, to=other_kam, by=head, today=today)
    Client.pgh_event_model.objects.filter(pgh_obj_id=dossier.client_id, name="Huta Północ").update(
        pgh_created_at=moment(days_ago(today, 90))
    )
    then = page(as_head, dossier, days_ago(today, 2))
    for text in ("Huta Północ", "They trust us.", "Expert", "Karol Kam"):
        assertContains(then, text)
    for text in ("They left us.", "Promising", "Olga Other", "Huta Nowa</h1>"):
        assertNotContains(then, text)
    now = page(as_head, dossier, today)
    for text in ("Huta Nowa</h1>", "They left us.", "Olga Other"):
        assertContains(now, text)


def test_freshness_is_judged_on_that_day(as_kam, dossier, today):
    long_ago = days_ago(today, 100)
    contract = factories.entry("contracts", dossier, today=long_ago)
    happened(contract, moment(long_ago))
    assertContains(
        page(as_kam, dossier, today, section="relationship"), "not confirmed for 100 days"
    )
    assertNotContains(
        page(as_kam, dossier, days_ago(today, 40), section="relationship"), "not confirmed"
    )


def test_nothing_can_be_changed_on_an_earlier_day(as_kam, dossier, today):
    factories.entry("contracts", dossier)
    factories.entry("stakeholders", dossier)
    for section in Section:
        answer = page(as_kam, dossier, today, section=section.value)
        for way in ("/edit/", "/add/", "/delete/", "/confirm/", "hx-post"):
            assertNotContains(answer, way)
        assertContains(answer, "It can be read, not changed.")
        assertContains(answer, reverse("dossiers:dossier", args=[dossier.pk]))


def test_every_kind_of_record_stands_and_is_drawn(as_kam, kam, dossier, today):
    person = factories.entry("stakeholders", dossier, name="Anna Nowak", covered_by=kam)
    unit = factories.entry("structure", dossier, name="Mill")
    factories.entry("influence", dossier, influencer=person, influenced=factories.entry("stakeholders", dossier, name="Piotr"))  # fmt: skip
    factories.entry("ties", dossier, colleague=kam, stakeholder=person)
    factories.entry("white-space", dossier, unit=unit)
    factories.entry("scores", dossier, criterion=factories.entry("criteria", dossier), competitor=factories.entry("competitors", dossier))  # fmt: skip
    for key in BY_KEY:
        piece = BY_KEY[key]
        if not piece.is_sheet and not piece.model.objects.filter(dossier=dossier).exists():
            factories.entry(key, dossier)
    stood = standing.at(dossier, day=today)
    for model in kept_models():
        assert stood.records[model], model
        now = model.objects.filter(pk=dossier.pk) if model is Dossier else model.objects.filter(dossier=dossier)  # fmt: skip
        # In the same order as on the page of today.
        assert [record.pk for record in stood.records[model]] == [record.pk for record in now], (
            model
        )
        for field in model._meta.concrete_fields:
            assert [getattr(record, field.attname) for record in stood.records[model]] == [
                getattr(record, field.attname) for record in now
            ], field
    for model in (Tender, Tie, WhiteSpace, SurveyAnswer, Attachment):
        assert model in stood.records
    for section in Section:
        assert page(as_kam, dossier, today, section=section.value).status_code == 200
    assertContains(page(as_kam, dossier, today, section="decision"), "Decision map")


def test_the_order_is_that_of_the_database(dossier):
    for ends_on in (None, datetime.date(2027, 1, 1), datetime.date(2026, 12, 1), None):
        factories.entry("contracts", dossier, ends_on=ends_on)
    for due_on in (datetime.date(2027, 1, 1), None, datetime.date(2026, 12, 1)):
        factories.entry("actions", dossier, due_on=due_on)
    for key in ("contracts", "actions"):
        model = BY_KEY[key].model
        found = list(model.objects.filter(dossier=dossier))
        assert standing.in_order(model, found[::-1]) == found


def test_the_trail_of_the_loyalty_matrix_ends_on_that_day(as_kam, kam, dossier, today):
    person = factories.entry("stakeholders", dossier, name="Anna", loyalty=-2, readiness=0)
    happened(person, moment(days_ago(today, 30)))
    rewrite("stakeholders", person, dossier, kam, today, loyalty=2)
    stood = standing.at(dossier, day=days_ago(today, 1))
    assert stood.records[Stakeholder][0].loyalty == -2
    answer = page(as_kam, dossier, days_ago(today, 1), section="decision")
    [row] = answer.context["drawing"].contents()["matrix"].rows
    assert "against us" in row.loyalty
    assert not row.before


# ── Which day ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("asked", ["yesterday", "2026-13-01", "0000-00-00", "2026-1-1x", "١٢"])
def test_what_is_no_day_is_answered_with_the_days_to_choose_from(as_kam, dossier, asked):
    answer = as_kam.get(reverse("dossiers:as_of", args=[dossier.pk]), {"on": asked})
    assertContains(answer, "is no day. Choose one below.", status_code=400)
    assertContains(answer, "Opening,", status_code=400)


def test_a_day_to_come_and_one_before_the_opening_are_refused_with_a_sentence(
    as_kam, dossier, today
):
    answer = page(as_kam, dossier, today + datetime.timedelta(days=1))
    assertContains(answer, "has not come yet", status_code=400)
    answer = page(as_kam, dossier, days_ago(today, 121))
    assertContains(answer, "before that day there is nothing to show", status_code=400)


def test_an_unknown_section_shows_the_first(as_kam, dossier, today):
    assertContains(page(as_kam, dossier, today, section="nothing"), "Company")


@pytest.mark.parametrize(
    ("today", "end"),
    [("2026-11-21", "2026-09-30"), ("2026-01-01", "2025-12-31"), ("2026-03-31", "2025-12-31"), ("2026-04-01", "2026-03-31")],
)  # fmt: skip
def test_the_last_quarter_ends_with_its_month(today, end):
    assert moments.end_of_last_quarter(datetime.date.fromisoformat(today)).isoformat() == end


def test_others_see_no_day_of_the_dossier(as_other_kam, as_colleague, as_analyst, dossier, today):
    for browser in (as_other_kam, as_colleague, as_analyst):
        assert page(browser, dossier, today).status_code == 404


# ── The frozen copy ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def accepted(head, kam, dossier, today):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    dossier.refresh_from_db()
    review = reviewing.begin(dossier, by=kam, today=today)
    for section in REVIEWED:
        found = {
            (piece.key, record.pk): record.version
            for piece in BY_KEY.values()
            if piece.section == section
            for record in piece.records(dossier)
        }
        _go_through(review, section, kam, today, found)
    reviewing.submit(review, by=kam, today=today)
    review = reviewing.accept(review, by=head, today=today)
    rewrite("contracts", contract, dossier, kam, today, subject="Seals")
    return review


def _go_through(review, section, by, today, _found):
    """However the going-through is told what was seen."""
    from tests.dossiers.test_reviewing import gone_through

    if not review.sections.exists():
        gone_through(review, by, today)


def test_the_frozen_copy_shows_what_was_accepted_though_it_changed_the_same_day(as_head, accepted):
    copy = reverse("dossiers:review_copy", args=[accepted.pk])
    answer = as_head.get(copy, {"section": "relationship"})
    assertContains(answer, "The copy that was accepted on")
    assertContains(answer, "Bearings")
    assertNotContains(answer, "Seals")
    for section in Section:
        assert as_head.get(copy, {"section": section.value}).status_code == 200
    assertContains(as_head.get(reverse("dossiers:review", args=[accepted.pk])), copy)
    assertContains(as_head.get(reverse("dossiers:reviews"), {"state": "accepted"}), copy)


def test_a_copy_from_before_a_kind_of_record_was_known_is_shown_all_the_same(as_head, accepted):
    snapshot = accepted.snapshot
    for name in ("tender", "tie", "whitespace", "surveyanswer", "attachment"):
        del snapshot["records"][name]
    for record in snapshot["records"]["generalinformation"]:
        del record["industries"]
    Review.objects.filter(pk=accepted.pk).update(snapshot=snapshot)
    copy = reverse("dossiers:review_copy", args=[accepted.pk])
    for section in Section:
        assert as_head.get(copy, {"section": section.value}).status_code == 200


def test_a_revision_on_its_way_has_no_copy(as_kam, as_other_kam, kam, dossier, accepted, today):
    copy = reverse("dossiers:review_copy", args=[accepted.pk])
    assert as_kam.get(copy).status_code == 200
    assert as_other_kam.get(copy).status_code == 404
    Review.objects.filter(pk=accepted.pk).update(snapshot=None)
    assert as_kam.get(copy).status_code == 404
    assert Competitor.objects.count() == 0

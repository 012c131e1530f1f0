"""What needs whom: each rule with who is reminded and who is not."""

import datetime

import pytest
from django.utils import timezone

from accounts import assigning
from dossiers import freshness, opening, reviewing
from dossiers.sections import REVIEWED
from portfolio import attention
from portfolio.needs import needs_of
from tests import factories
from tests.factories import TODAY
from tests.portfolio import figures

pytestmark = pytest.mark.django_db


def days(number):
    return datetime.timedelta(days=number)


def needs(kam, today=TODAY):
    found = needs_of(kam, list(attention.dossiers_of(kam, today=today)), today=today)
    return [(need.kind, need.text, need.overdue) for need in found]


def test_a_kam_with_a_fresh_dossier_is_left_in_peace(dossier, kam):
    assert needs(kam) == []


def test_actions_are_told_a_week_ahead_and_the_overdue_first(dossier, kam, other_kam):
    factories.entry("actions", dossier, title="In a week", due_on=TODAY + days(7))
    factories.entry("actions", dossier, title="In eight days", due_on=TODAY + days(8))
    factories.entry("actions", dossier, title="Yesterday", due_on=TODAY - days(1), owner=other_kam)
    factories.entry("actions", dossier, title="Done", due_on=TODAY - days(3), state="done")
    factories.entry("actions", dossier, title="Some day")
    assert needs(kam) == [("action", "Yesterday", True), ("action", "In a week", False)]
    assert needs(other_kam) == []
    [late, _soon] = attention.actions_due(kam, today=TODAY)
    assert late.owner == other_kam


def test_a_contract_is_told_by_its_day_of_notice_then_by_its_end(dossier, kam):
    begun = {"starts_on": TODAY - days(700)}
    factories.entry(
        "contracts", dossier, number="notice", ends_on=TODAY + days(150), notice_days=90, **begun
    )
    factories.entry(
        "contracts", dossier, number="missed", ends_on=TODAY + days(30), notice_days=60, **begun
    )
    factories.entry("contracts", dossier, number="ended", ends_on=TODAY - days(5), **begun)
    factories.entry(
        "contracts", dossier, number="long", ends_on=TODAY + days(400), notice_days=90, **begun
    )
    factories.entry("contracts", dossier, number="open", **begun)
    texts = [text for _kind, text, _overdue in needs(kam)]
    assert texts == [
        "Contract ended (Deliveries) has ended and nothing follows it",
        "Contract missed (Deliveries) ends: prepare the next one",
        "Last day of notice for contract notice (Deliveries)",
    ]


def test_a_contract_that_another_follows_needs_nobody(dossier, kam):
    begun = TODAY - days(300)
    factories.entry("contracts", dossier, number="old", starts_on=begun, ends_on=TODAY + days(20))
    factories.entry(
        "contracts", dossier, number="beside", starts_on=begun + days(5), ends_on=TODAY + days(300)
    )
    assert needs(kam) == [
        ("contract", "Contract old (Deliveries) ends: prepare the next one", False)
    ]
    factories.entry(
        "contracts", dossier, number="new", starts_on=TODAY + days(21), ends_on=TODAY + days(386)
    )
    assert needs(kam) == []


def test_influential_people_not_met_for_ninety_days_are_named(dossier, kam):
    factories.entry(
        "stakeholders", dossier, name="Silent", influence=8, last_met_on=TODAY - days(91)
    )
    factories.entry("stakeholders", dossier, name="Met", influence=8, last_met_on=TODAY - days(90))
    factories.entry("stakeholders", dossier, name="Never met", influence=5)
    factories.entry("stakeholders", dossier, name="Hardly matters", influence=4)
    factories.entry("stakeholders", dossier, name="", position="Owner", influence=10)
    assert needs(kam) == [("silent", "Not met for 90 days: Silent, Never met", False)]


def test_what_nobody_confirmed_for_ninety_days_is_counted_but_what_happened_does_not_age(
    dossier, kam
):
    factories.entry("timeline", dossier, happened_on=TODAY)
    # of two judgements, only the newer one is ours of today
    factories.entry("assessments", dossier, assessed_on=TODAY - days(90))
    factories.entry("assessments", dossier)
    factories.entry("actions", dossier, title="Some day")
    in_time, late = TODAY + days(90), TODAY + days(91)
    assert (
        freshness.with_stale_count(attention.dossiers_of(kam, today=in_time), today=in_time)
        .get()
        .stale_count
        == 0
    )
    assert attention.dossiers_of(kam, today=late).get().stale_count == 6
    stale = freshness.stale_by_section(dossier, today=late)
    assert {section: number for section, number in stale.items() if number} == {
        "general": 1, "relationship": 3, "plan": 2
    }  # fmt: skip


def test_the_last_contact_is_a_talk_or_a_visit_and_no_delivery(dossier, kam):
    def last():
        return attention.dossiers_of(kam, today=TODAY).get().last_contact_on

    assert last() is None
    factories.entry("timeline", dossier, happened_on=TODAY - days(1), kind="delivery")
    factories.entry("timeline", dossier, happened_on=TODAY + days(5), kind="meeting")
    assert last() is None
    factories.entry("stakeholders", dossier, last_met_on=TODAY - days(40))
    assert last() == TODAY - days(40)
    factories.entry("timeline", dossier, happened_on=TODAY - days(10), kind="call")
    assert last() == TODAY - days(10)


def test_a_revision_is_told_in_each_of_its_states_to_whoever_it_waits_for(head, kam):
    dossier = factories.dossier(kam=kam, by=head, today=TODAY - days(100))
    assert needs(kam)[0] == ("revision", "The revision is due: begin it", True)
    [review] = reviewing.raise_due_reviews(today=TODAY)
    assert needs(kam)[0] == ("revision", "Go through the dossier and submit the revision", True)
    for section in REVIEWED:
        reviewing.go_through(review, section=section, seen_at=timezone.now(), by=kam, today=TODAY)
    reviewing.submit(review, by=kam, today=TODAY)
    assert needs(kam) == []
    assert list(attention.reviews_waiting(head)) == [review]
    assert not attention.overdue_dossiers(head, today=TODAY)
    reviewing.return_(review, by=head, today=TODAY, note="Who signs?")
    assert needs(kam) == [("revision", "The revision came back: “Who signs?”", True)]
    assert list(attention.overdue_dossiers(head, today=TODAY)) == [dossier]


def test_a_deputy_is_reminded_too_and_a_former_kam_no_more(dossier, head, kam, other_kam):
    factories.entry("actions", dossier, title="Yesterday", due_on=TODAY - days(1))
    assigning.appoint_deputy(dossier.client, to=other_kam, by=head, today=TODAY)
    assert needs(other_kam) == [("action", "Yesterday", True)]
    assigning.assign(dossier.client, to=other_kam, by=head, today=TODAY)
    assert needs(kam) == []


def test_a_closed_dossier_needs_nobody(dossier, head, kam):
    factories.entry("actions", dossier, due_on=TODAY - days(1))
    opening.release_key(dossier, to="lost", by=head, reason="Gone.", today=TODAY)
    assert needs(kam) == []
    assert not attention.actions_due(head, today=TODAY)


def test_the_head_sees_what_is_without_a_kam_and_who_has_room(head, kam, other_kam, dossier):
    nobodys = factories.key_client(by=head)
    assert list(attention.key_clients_without_kam(head)) == [nobodys]
    assert [(user, user.held, user.free) for user in attention.kam_loads()] == [
        (other_kam, 0, 3),
        (kam, 1, 2),
    ]
    assert attention.free_slots() == 5


def test_movements_are_those_of_key_clients_whose_letters_changed(head, kam, dossier):
    figures.segment(dossier.client, "AX", previous="AY")
    figures.segment(factories.key_client(by=head), "AX", previous="AX")
    figures.segment(factories.key_client(by=head), "AX")
    figures.segment(factories.client(), "AX", previous="CZ")
    assert [moved.client for moved in attention.segment_moves(head)] == [dossier.client]
    assert not attention.segment_moves(factories.kam())


def test_candidates_are_the_heads_alone(head, kam):
    candidate = factories.client(stage="candidate")
    factories.client()
    assert list(attention.candidates(head)) == [candidate]
    assert not attention.candidates(kam)


def test_the_beginnings_tell_step_by_step_what_is_there(admin, dossier, analyst):
    found = attention.beginnings(admin)
    assert found.people
    assert found.key_clients
    assert found.held
    assert not found.sales
    assert not found.complete

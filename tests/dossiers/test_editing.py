import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from dossiers import editing
from dossiers.pieces import BY_KEY
from portfolio import attention
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 12, 1)


def test_two_people_who_change_different_fields_both_win(dossier, kam, head):
    piece = BY_KEY["identity"]
    sheet = dossier.general
    seen = sheet.version
    sent = {
        "legal_name": "Huta Północ S.A.",
        "certainty": "fact",
        "version": seen,
        "tax_id": sheet.tax_id,
    }
    editing.change(piece, dossier=dossier, pk=sheet.pk, data=sent, by=kam, today=TODAY)
    theirs = {"legal_name": sheet.legal_name, "brand": "HP", "certainty": "fact", "version": seen}
    editing.change(piece, dossier=dossier, pk=sheet.pk, data=theirs, by=head, today=TODAY)
    sheet.refresh_from_db()
    assert (sheet.legal_name, sheet.brand) == ("Huta Północ S.A.", "HP")
    assert sheet.updated_by == head
    assert sheet.version == seen + 2


def test_two_people_who_change_the_same_field_see_both_values(dossier, kam, head):
    piece = BY_KEY["story"]
    sheet = dossier.relationship
    seen = sheet.version
    editing.change(
        piece, dossier=dossier, pk=sheet.pk, by=kam, today=TODAY,
        data={"story": "It began in 2009.", "certainty": "fact", "version": seen},
    )  # fmt: skip
    mine = {"story": "It began in 2010.", "certainty": "fact", "version": seen}
    with pytest.raises(editing.EditConflict) as refusal:
        editing.change(piece, dossier=dossier, pk=sheet.pk, data=mine, by=head, today=TODAY)
    [conflict] = refusal.value.conflicts
    assert (conflict.name, conflict.theirs, conflict.mine, conflict.by) == (
        "story", "It began in 2009.", "It began in 2010.", kam,
    )  # fmt: skip
    sheet.refresh_from_db()
    assert sheet.story == "It began in 2009."
    mine["version"] = sheet.version
    editing.change(piece, dossier=dossier, pk=sheet.pk, data=mine, by=head, today=TODAY)
    sheet.refresh_from_db()
    assert sheet.story == "It began in 2010."


def test_a_form_without_its_version_is_an_error_not_a_pass(dossier, kam):
    piece = BY_KEY["story"]
    with pytest.raises(editing.VersionMissing):
        editing.change(
            piece, dossier=dossier, pk=dossier.relationship.pk, by=kam, today=TODAY,
            data={"story": "Blind.", "certainty": "fact"},
        )  # fmt: skip


def test_the_same_year_twice_is_refused_with_a_sentence(dossier, kam):
    piece = BY_KEY["financial-years"]
    sent = {"year": "2025", "currency": "EUR", "certainty": "fact"}
    editing.add(piece, dossier=dossier, data=sent, by=kam, today=TODAY)
    with pytest.raises(editing.Invalid) as refusal:
        editing.add(piece, dossier=dossier, data=sent, by=kam, today=TODAY)
    assert "stand here already" in str(refusal.value.form.errors)


def test_another_kam_edits_nothing(dossier, other_kam):
    with pytest.raises(editing.NotEditable):
        editing.add(
            BY_KEY["actions"], dossier=dossier, data={"title": "x"}, by=other_kam, today=TODAY
        )


def test_an_entry_that_changed_since_it_was_seen_is_not_deleted(dossier, kam, head):
    piece = BY_KEY["actions"]
    action = factories.entry("actions", dossier)
    sent = {"title": "Send two samples", "state": "planned", "certainty": "fact", "version": 1}
    editing.change(piece, dossier=dossier, pk=action.pk, data=sent, by=kam, today=TODAY)
    with pytest.raises(editing.EditRefused, match="Karol Kam changed"):
        editing.delete(piece, dossier=dossier, pk=action.pk, data={"version": 1}, by=head)
    editing.delete(piece, dossier=dossier, pk=action.pk, data={"version": 2}, by=head)
    assert not dossier.actions.exists()
    assert action.events.model.objects.filter(pgh_obj_id=action.pk, pgh_label="delete").exists()


def test_nobody_stands_above_himself(dossier, kam):
    piece = BY_KEY["structure"]
    top = factories.entry("structure", dossier, name="Group")
    below = factories.entry("structure", dossier, name="Plant", parent=top)
    with pytest.raises(editing.Invalid):
        editing.change(
            piece, dossier=dossier, pk=top.pk, by=kam, today=TODAY,
            data={"name": "Group", "parent": below.pk, "certainty": "fact", "version": 1},
        )  # fmt: skip


def test_a_meeting_on_the_timeline_is_when_the_stakeholder_was_last_met(dossier, kam):
    met = factories.entry("stakeholders", dossier, last_met_on=datetime.date(2026, 7, 3))
    sent = {
        "happened_on": "2026-11-30",
        "kind": "meeting",
        "title": "Coffee at the plant",
        "tone": "good",
        "stakeholder": met.pk,
        "currency": "EUR",
        "certainty": "fact",
    }
    editing.add(BY_KEY["timeline"], dossier=dossier, data=sent, by=kam, today=TODAY)
    met.refresh_from_db()
    assert (met.last_met_on, met.updated_by) == (datetime.date(2026, 11, 30), kam)
    # A call is no meeting, an older meeting is no news, and one that lies ahead has not been held.
    for change in ({"kind": "call"}, {"happened_on": "2026-10-01"}, {"happened_on": "2027-01-10"}):
        sent_later = {**sent, "happened_on": "2026-12-01", **change}
        editing.add(BY_KEY["timeline"], dossier=dossier, data=sent_later, by=kam, today=TODAY)
        met.refresh_from_db()
        assert met.last_met_on == datetime.date(2026, 11, 30)


def test_a_conflict_in_which_nobody_chose_stays_a_conflict(dossier, kam, head):
    piece, sheet = BY_KEY["story"], dossier.relationship
    before = {"story": "It began in 2009.", "certainty": "fact", "version": sheet.version}
    editing.change(piece, dossier=dossier, pk=sheet.pk, data=before, by=kam, today=TODAY)
    sheet.refresh_from_db()
    shown = {
        "story": "In 2010.",
        "certainty": "fact",
        "version": sheet.version,
        "contested": ["story"],
    }
    with pytest.raises(editing.EditConflict):
        editing.change(piece, dossier=dossier, pk=sheet.pk, data=shown, by=head, today=TODAY)
    sheet.refresh_from_db()
    assert sheet.story == "It began in 2009."
    chosen = {**shown, "pick-story": "mine"}
    editing.change(piece, dossier=dossier, pk=sheet.pk, data=chosen, by=head, today=TODAY)
    sheet.refresh_from_db()
    assert sheet.story == "In 2010."


def test_a_call_ends_the_silence_of_a_stakeholder_and_leaves_last_met_alone(as_kam, kam, dossier):
    day = timezone.localdate()
    long_ago = day - datetime.timedelta(days=120)
    for name in ("Anna Buyer", "Jan Engineer"):
        factories.entry("stakeholders", dossier, name=name, last_met_on=long_ago, influence=8)
    anna = dossier.stakeholders.get(name="Anna Buyer")
    decision = reverse("dossiers:section", args=[dossier.pk, "decision"])
    assertContains(as_kam.get(decision), "The last contact with Anna Buyer was on")
    assert set(attention.silent_stakeholders(kam, today=day)) == set(dossier.stakeholders.all())
    call = {
        "happened_on": str(day), "kind": "call", "title": "Prices", "tone": "good", "currency": "EUR",
        "certainty": "fact", "stakeholder": anna.pk,
    }  # fmt: skip
    ahead = call | {"happened_on": str(day + datetime.timedelta(days=7))}
    editing.add(BY_KEY["timeline"], dossier=dossier, data=ahead, by=kam, today=day)
    assertContains(as_kam.get(decision), "The last contact with Anna Buyer was on")
    called = editing.add(BY_KEY["timeline"], dossier=dossier, data=call, by=kam, today=day)
    page = as_kam.get(decision)
    assertNotContains(page, "The last contact with Anna Buyer was on")
    assertContains(page, "The last contact with Jan Engineer was on")
    assert [person.name for person in attention.silent_stakeholders(kam, today=day)] == [
        "Jan Engineer"
    ]
    anna.refresh_from_db()
    assert (anna.last_met_on, anna.version) == (long_ago, 1)
    # it is counted from the timeline each time, so a call noted by mistake leaves nothing behind
    editing.delete(BY_KEY["timeline"], dossier=dossier, pk=called.pk, data={"version": 1}, by=kam)
    assertContains(as_kam.get(decision), "The last contact with Anna Buyer was on")

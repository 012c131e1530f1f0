"""Pieces are drawn once for each state: whatever changes what they show, the page shows it."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.shelf import Shelf
from dossiers import editing, opening
from dossiers.pieces import BY_KEY
from tests import factories

pytestmark = pytest.mark.django_db


def section(dossier, name):
    return reverse("dossiers:section", args=[dossier.pk, name])


def test_a_shelf_draws_once_and_makes_room():
    shelf, drawn = Shelf(room=6), []

    def draw(name):
        return shelf.get(name, lambda: drawn.append(name) or f"<{name}>")

    assert [draw("a"), draw("a"), draw("b"), draw("a"), draw("c"), draw("a"), draw("b")] == [
        "<a>", "<a>", "<b>", "<a>", "<c>", "<a>", "<b>",
    ]  # fmt: skip
    assert drawn == ["a", "b", "c", "b"]  # b was not asked for longest, and had to go


def test_another_name_of_whom_an_entry_points_to_is_seen_at_once(as_kam, kam, dossier):
    person = factories.entry("stakeholders", dossier, name="Anna Nowak")
    factories.entry("timeline", dossier, title="Met", stakeholder=person, by=kam)
    assertContains(as_kam.get(section(dossier, "relationship")), "Anna Nowak")
    person.name = "Anna Kowalska"
    person.save()
    page = as_kam.get(section(dossier, "relationship"))
    assertContains(page, "Anna Kowalska")
    assertNotContains(page, "Anna Nowak")


def test_another_name_of_an_author_is_seen_at_once(as_kam, kam, dossier):
    factories.entry("criteria", dossier, by=kam)
    assertContains(as_kam.get(section(dossier, "competitors")), "Karol Kam")
    kam.name = "Karol Kamiński"
    kam.save()
    assertContains(as_kam.get(section(dossier, "competitors")), "Karol Kamiński")


def test_a_change_by_any_other_way_is_seen_at_once(as_kam, dossier):
    contract = factories.entry("contracts", dossier, subject="Bearings")
    for page in (section(dossier, "relationship"), reverse("dossiers:dossier", args=[dossier.pk])):
        assertContains(as_kam.get(page), "Bearings")
    type(contract).objects.filter(pk=contract.pk).update(subject="Seals and belts")
    for page in (section(dossier, "relationship"), reverse("dossiers:dossier", args=[dossier.pk])):
        assertContains(as_kam.get(page), "Seals and belts")


def test_the_map_follows_its_people(as_kam, dossier):
    person = factories.entry("stakeholders", dossier, name="Anna Nowak", stance=0)
    assertContains(as_kam.get(section(dossier, "decision")), "Neutral")
    person.stance = 2
    person.save()
    page = as_kam.get(section(dossier, "decision"))
    drawing = page.text[
        page.text.index('id="decision-drawing"') : page.text.index('id="stakeholders"')
    ]
    assert "Mentor" in drawing


def test_each_reads_in_his_own_language(as_kam, as_head, head, dossier):
    factories.entry("competitors", dossier)
    head.language = "pl"
    head.save()
    assertContains(as_kam.get(section(dossier, "competitors")), "The client&#x27;s criteria")
    assertContains(as_head.get(section(dossier, "competitors")), 'lang="pl"')
    assertContains(as_kam.get(section(dossier, "competitors")), "The client&#x27;s criteria")


def test_what_could_be_written_in_an_open_dossier_cannot_in_a_closed_one(as_head, head, dossier):
    factories.entry("criteria", dossier)
    add = reverse("dossiers:add", args=[dossier.pk, "competitors", "criteria"])
    assertContains(as_head.get(section(dossier, "competitors")), add)
    opening.release_key(dossier, to="regular", by=head, reason="Sold.", today=timezone.localdate())
    assertNotContains(as_head.get(section(dossier, "competitors")), add)


def test_a_day_later_what_is_due_is_overdue(as_kam, dossier, monkeypatch):
    today = timezone.localdate()
    factories.entry("actions", dossier, title="Send it", due_on=today)
    assertNotContains(as_kam.get(section(dossier, "plan")), "1 day overdue")
    monkeypatch.setattr(timezone, "localdate", lambda *_: today + datetime.timedelta(days=1))
    assertContains(as_kam.get(section(dossier, "plan")), "1 day overdue")


def test_the_secret_of_a_form_is_nobody_elses(as_kam, as_head, kam, head, dossier):
    """A part with a form is drawn for the one who asked."""
    action = factories.entry("actions", dossier)
    edit = reverse("dossiers:edit", args=[dossier.pk, "plan", "actions", action.pk])
    secrets = set()
    for browser in (as_kam, as_head):
        page = browser.get(edit, headers={"HX-Request": "true"})
        secrets.add(page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0])
    assert len(secrets) == 2
    editing.confirm(
        BY_KEY["actions"], dossier=dossier, pk=action.pk, seen=1, by=kam, today=timezone.localdate()
    )
    for browser in (as_kam, as_head):
        part = browser.get(
            reverse("dossiers:piece", args=[dossier.pk, "plan", "actions"]),
            headers={"HX-Request": "true"},
        )
        assertNotContains(part, "csrfmiddlewaretoken")

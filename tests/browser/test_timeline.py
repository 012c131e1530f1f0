"""The timeline by keyboard: choosing what to show, resolving a complaint, a form that asks what fits."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def window(window_of, dossier, kam):
    today = timezone.localdate()
    factories.entry("timeline", dossier, kind="call", title="Called about seals", happened_on=today)
    factories.entry(
        "timeline", dossier, kind="complaint", title="Wet pallets", owner=kam,
        happened_on=today - datetime.timedelta(days=9),
    )  # fmt: skip
    factories.entry(
        "tenders", dossier, subject="Lost one", outcome="lost", winner="Lubro", decided_on=today
    )
    factories.entry("tenders", dossier, subject="Won one", outcome="won", decided_on=today)
    opened = window_of(kam)
    opened.goto(reverse("dossiers:section", args=[dossier.pk, "relationship"]))
    opened.wait_for_load_state("networkidle")
    return opened


def test_kinds_are_ticked_by_keyboard_and_the_choice_stands_in_the_address(window):
    window.focus("#tl-call")
    window.keyboard.press("Space")
    expect(window.locator("#timeline")).not_to_contain_text("Wet pallets")
    expect(window.locator("#timeline")).to_contain_text("Called about seals")
    assert "kind=call" in window.url
    expect(window.locator("#tl-call")).to_be_focused()
    window.reload()
    expect(window.locator("#timeline")).not_to_contain_text("Wet pallets")
    window.click("#choose-timeline-all")
    expect(window.locator("#timeline")).to_contain_text("Wet pallets")
    assert "kind=" not in window.url


def test_a_complaint_is_resolved_by_one_key(window):
    button = window.locator("#timeline button", has_text="Resolved today")
    expect(window.locator("#timeline")).to_contain_text("open for 9 days, owner Karol Kam")
    button.focus()
    window.keyboard.press("Enter")
    expect(window.locator("#timeline")).to_contain_text("resolved after 9 days")
    expect(button).to_have_count(0)
    expect(window.locator("#notices")).to_contain_text("Resolved as of today.")


def test_another_kind_asks_other_fields_and_loses_nothing(window, dossier):
    window.click("#timeline .btn-add")
    window.wait_for_selector("#timeline form[data-inline]")
    window.fill("#timeline [name=title]", "Gloves for the shift")
    window.select_option("#timeline [name=kind]", "offer")
    amount = window.locator("#timeline-fits > .form-grid [name=amount]")
    amount.fill("120")
    window.select_option("#timeline [name=kind]", "call")
    expect(window.locator(".form-standing [name=amount]")).to_have_value("120")
    expect(window.locator("#timeline [name=title]")).to_have_value("Gloves for the shift")
    window.keyboard.press("Control+Enter")
    expect(window.locator("#timeline .entries")).to_contain_text("Gloves for the shift")
    assert dossier.timeline.get(title="Gloves for the shift").amount == 120


def test_a_total_of_tenders_leads_to_its_tenders_in_place(window):
    window.click("#tenders a:has-text('Lubro')")
    expect(window.locator("#tenders .entries")).not_to_contain_text("Won one")
    assert "rival=Lubro" in window.url
    window.click("#choose-tenders-all")
    expect(window.locator("#tenders .entries")).to_contain_text("Won one")

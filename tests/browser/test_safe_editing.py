"""What the rules of editing look like at the screen: nothing typed is lost, nothing is added twice."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dossiers import editing
from dossiers.pieces import BY_KEY
from tests import factories
from tests.browser.test_dossier import address

LONG_AGO = datetime.date(2026, 6, 1)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_form_that_lost_its_version_shows_what_was_typed_beside_what_stands(
    window_of, kam, dossier
):
    plan = dossier.plan
    plan.do = "Visit first"
    plan.save()
    window = window_of(kam)
    window.goto(address(dossier, "plan"))
    window.click("#value .card-actions a[href*='/edit/']")
    window.fill("[name=do]", "Write first")
    window.evaluate("document.querySelector('#value [name=version]').remove()")
    window.keyboard.press("Control+Enter")
    conflict = window.locator("#value .conflict")
    for said in ("did not say which version", "Visit first", "Write first"):
        expect(conflict).to_contain_text(said)
    expect(window.locator("[name=do]")).to_have_value("Write first")
    window.check("input[name=pick-do][value=mine]")
    window.click("#value form button.btn-primary")
    expect(window.locator("#value .conflict")).to_have_count(0)
    expect(window.locator("#value")).to_contain_text("Write first")


def test_all_still_true_leaves_what_somebody_changed_meanwhile(window_of, kam, head, dossier):
    for title in ("Send the sample", "Call the plant"):
        entry = factories.entry("actions", dossier, title=title, today=LONG_AGO)
    window = window_of(kam)
    window.goto(address(dossier, "plan"))
    sent = {"title": "Call the plant twice", "state": "planned", "certainty": "fact", "version": 1}
    editing.change(
        BY_KEY["actions"], dossier=dossier, pk=entry.pk, data=sent, by=head,
        today=timezone.localdate(),
    )  # fmt: skip
    window.click("#actions-confirm")
    expect(window.locator("#actions [role=alert]")).to_contain_text(
        "“Call the plant twice” (Helena Head)"
    )
    expect(window.locator("#actions")).to_contain_text("Call the plant twice")


def test_a_new_entry_on_a_page_of_its_own_leaves_its_address_and_is_added_once(
    window_of, kam, dossier
):
    window = window_of(kam)
    window.goto(f"{address(dossier, 'relationship')}timeline/add/")
    window.fill("#timeline [name=title]", "Prices for 2027")
    window.dblclick("#timeline form button.btn-primary")
    expect(window.locator("#timeline .entry", has_text="Prices for 2027")).to_have_count(1)
    expect(window).to_have_url(
        f"{window.url.split('/dossiers')[0]}{address(dossier, 'relationship')}#timeline"
    )
    assert dossier.timeline.count() == 1

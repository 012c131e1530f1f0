"""Noting an interaction, from wherever one is: two clicks, two lines, and it stands on the timeline."""

import pytest
from django.test import Client as Session
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def two(dossier, kam, head):
    """The KAM keeps two dossiers."""
    return dossier, factories.dossier(kam=kam, by=head, name="Baltmara")


def test_two_clicks_from_any_page_and_one_lands_on_the_timeline(window_of, kam, two):
    _first, baltmara = two
    window = window_of(kam)
    for page in ("/", "/revisions/", "/clients/", f"/clients/{baltmara.client_id}/"):
        window.goto(page)
        window.click("summary.note-btn")
        expect(window.locator(".note-choices a")).to_have_count(2)
    window.click(".note-choices >> text=Baltmara")
    expect(window.locator("[name=title]")).to_be_focused()
    window.keyboard.type("Called about the claim")
    window.keyboard.press("Enter")
    window.wait_for_url(f"**/dossiers/{baltmara.pk}/relationship/#timeline-*")
    entry = f"#timeline-{baltmara.timeline.get().pk}"
    assert window.url.endswith(f"/dossiers/{baltmara.pk}/relationship/{entry}")
    expect(window.locator(entry)).to_contain_text("Called about the claim")
    assert window.evaluate("localStorage.length") == 0  # nothing is left of what was typed

    # On a page of a dossier there is nothing to choose: here it opens on the timeline itself.
    window.click(".note-btn")
    expect(window.locator("#timeline form [name=title]")).to_be_focused()
    window.goto(f"/dossiers/{baltmara.pk}/plan/")
    window.click(".note-btn")
    expect(window.locator("#note [name=title]")).to_be_focused()


def test_a_note_begun_is_found_again_on_the_timeline_and_a_mistake_keeps_it(
    window_of, kam, dossier
):
    window = window_of(kam, width=390, height=844)
    window.goto("/")
    window.click("summary.note-btn")  # he keeps one dossier alone: its form opens at once
    window.wait_for_url(f"**/dossiers/{dossier.pk}/note/")
    window.locator("[name=text]").fill("They want the report by Friday.")
    window.click("#note button.btn-primary")
    expect(window.locator("#note [name=title]")).to_have_attribute("aria-invalid", "true")
    expect(window.locator("#note [name=title]")).to_be_focused()
    assert window.input_value("[name=text]") == "They want the report by Friday."
    window.goto(f"/dossiers/{dossier.pk}/relationship/")
    window.click("#timeline .draft-waits a")
    expect(window.locator("#timeline [name=text]")).to_have_value("They want the report by Friday.")
    assert window.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_fields_that_a_draft_needs_come_with_the_kind_it_chose(window_of, kam, dossier):
    window = window_of(kam)
    window.goto(f"/dossiers/{dossier.pk}/note/")
    window.fill("[name=title]", "Leak at the second press")
    window.select_option("[name=kind]", "complaint")
    expect(window.locator(".form-fits > .form-grid [name=resolved_on]")).to_be_visible()
    window.fill("[name=resolved_on]", "2026-11-20")
    window.reload()
    expect(window.locator(".draft-note")).to_contain_text("is back")
    expect(window.locator(".form-fits > .form-grid [name=resolved_on]")).to_have_value("2026-11-20")
    assert window.input_value("[name=kind]") == "complaint"
    assert window.input_value("[name=title]") == "Leak at the second press"
    window.click("#note [data-draft-discard]")
    expect(window.locator("[name=title]")).to_have_value("")
    expect(window.locator("[name=kind]")).to_have_value("meeting")


def test_a_head_finds_the_dossier_by_its_name(window_of, head, two):
    for number in range(12):
        factories.dossier(by=head, name=f"Zakład {number:02}")
    window = window_of(head)
    window.goto("/")
    window.click("summary.note-btn")
    expect(window.locator(".note-choices a")).to_have_count(12)
    window.fill("#note-q", "zaklad 11")
    expect(window.locator(".note-choices a")).to_have_count(1)
    expect(window.locator("#note-q")).to_be_focused()
    window.click(".note-choices a")
    window.wait_for_url("**/note/")


def test_without_javascript_it_is_a_page_more(chromium, live_server, kam, two):
    signed_in = Session()
    signed_in.force_login(kam)
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    cookie = {"name": "sessionid", "value": signed_in.cookies["sessionid"].value}
    context.add_cookies([{**cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto("/")
    page.click("summary.note-btn")
    page.click(".note-menu a")
    page.click(".note-where >> text=Baltmara")
    page.click("#note button.btn-primary")
    expect(page.locator("#note [name=title]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=title]", "Called about the claim")
    page.click("#note button.btn-primary")
    page.wait_for_url("**/relationship/#timeline-*")
    expect(page.locator("#messages")).to_have_text("Noted.")
    expect(page.locator("#timeline")).to_contain_text("Called about the claim")
    context.close()

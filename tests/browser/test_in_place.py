"""Editing in place with hands on the keys, and the parts of the design before a strict reader."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAVED = "#notices"


@pytest.fixture
def page_of_parts(window_of, settings):
    """A stranger's window on the page that only the tests have."""
    settings.ROOT_URLCONF = "tests.browser.parts"

    def open_page(**looks):
        window = window_of(**looks)
        window.goto("/")
        window.wait_for_load_state("networkidle")
        return window

    return open_page


@pytest.fixture
def window(page_of_parts):
    return page_of_parts()


def open_form(window):
    window.click("#contracts .btn-add")
    window.wait_for_selector("#contracts form[data-inline]")
    window.wait_for_function("document.activeElement.name === 'number'")


def test_a_form_that_opens_takes_the_focus_and_esc_gives_it_back(window):
    open_form(window)
    window.keyboard.press("Escape")
    window.wait_for_selector("#contracts .entries")
    window.wait_for_function("document.activeElement.textContent.includes('Add a contract')")


def test_esc_does_not_throw_away_what_was_typed_at_once(window):
    open_form(window)
    window.keyboard.type("K-200")
    window.keyboard.press("Escape")
    window.wait_for_selector(f"{SAVED} .notice")
    assert "Cancel again" in window.inner_text(SAVED)
    assert window.input_value("[name=number]") == "K-200"
    window.keyboard.press("Escape")
    window.wait_for_selector("#contracts .entries")


def test_enter_saves_says_so_and_returns_the_focus_to_what_opened_the_form(window):
    open_form(window)
    window.keyboard.type("K-200")
    window.keyboard.press("Enter")
    window.wait_for_selector(f"{SAVED} .notice")
    assert window.inner_text(SAVED) == "Saved"
    window.wait_for_function("document.activeElement.textContent.includes('Add a contract')")


def test_ctrl_enter_saves_from_a_text_area(window):
    open_form(window)
    window.keyboard.type("K-200")
    window.keyboard.press("Tab")
    window.keyboard.type("two lines")
    window.keyboard.press("Enter")
    window.keyboard.press("Control+Enter")
    window.wait_for_selector("#contracts .entries")


def test_a_mistake_is_shown_at_its_field_and_takes_the_focus(window):
    open_form(window)
    window.keyboard.press("Enter")
    window.wait_for_selector("[name=number][aria-invalid=true]")
    window.wait_for_function("document.activeElement.name === 'number'")
    assert "required" in window.inner_text("#id_number_error")
    assert window.locator(f"{SAVED} .notice").count() == 0


def test_deleting_asks_first_and_esc_closes_the_question(window):
    window.click("#contracts .confirm summary")
    assert window.is_visible(".confirm-body")
    window.keyboard.press("Escape")
    assert not window.is_visible(".confirm-body")
    assert window.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_chosen_theme_stays_after_the_page_is_left(window):
    window.click(".user summary")
    window.click("[data-theme-set=dark]")
    assert window.get_attribute("html", "data-bs-theme") == "dark"
    window.reload()
    assert window.get_attribute("html", "data-bs-theme") == "dark"


def test_without_javascript_the_same_form_opens_as_a_page(chromium, live_server, settings):
    settings.ROOT_URLCONF = "tests.browser.parts"
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url)
    page.click("#contracts .btn-add")
    page.wait_for_url("**/add/")
    page.fill("[name=number]", "K-200")
    page.click("button.btn-primary")
    assert page.is_visible(".entries")
    context.close()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_part_reads_well_for_everyone(page_of_parts, dark, width):
    from axe_playwright_python.sync_playwright import Axe

    window = page_of_parts(dark=dark, width=width)
    for step in ("read", "edit"):
        if step == "edit":
            open_form(window)
        found = Axe().run(window).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        assert window.evaluate("document.documentElement.scrollWidth") <= width

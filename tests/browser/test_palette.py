"""The command palette by keyboard, by button on a telephone, and before a strict reader."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import factories
from tests.browser.test_every_page import RULES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHOSEN = "#palette-found [aria-selected=true]"


@pytest.fixture
def noted(dossier):
    factories.entry("timeline", dossier, title="Crane inspected")
    factories.entry("stakeholders", dossier, name="Jan Żuraw", position="Crane operator")
    return dossier


def opened(window, path="/"):
    window.goto(path)
    window.keyboard.press("Control+k")
    window.wait_for_selector("#palette[open] [role=option]")
    return window


def typed(window, words):
    window.keyboard.type(words)
    window.wait_for_function(
        "words => document.querySelector('#palette-found').dataset.for === words", arg=words
    )


def test_the_palette_opens_shows_and_leads_on_by_keys_alone(window_of, kam, noted):
    window = opened(window_of(kam))
    assert window.evaluate("document.activeElement.id") == "palette-q"
    typed(window, "crane")
    first = window.inner_text(CHOSEN)
    assert "Jan Żuraw" in first
    assert window.get_attribute("#palette-q", "aria-expanded") == "true"
    assert window.get_attribute("#palette-q", "aria-activedescendant") == window.get_attribute(
        CHOSEN, "id"
    )
    assert window.inner_text("#palette-said").startswith("2 entries")
    window.keyboard.press("ArrowDown")
    assert "Crane inspected" in window.inner_text(CHOSEN)
    window.keyboard.press("ArrowDown")
    assert "Jan Żuraw" in window.inner_text(CHOSEN), "after the last comes the first"
    window.keyboard.press("ArrowUp")
    window.keyboard.press("Enter")
    entry = noted.timeline.get()
    window.wait_for_url(f"**/dossiers/{noted.pk}/relationship/*#timeline-{entry.pk}")


def test_enter_waits_for_what_belongs_to_the_words_that_stand_there(window_of, kam, noted):
    window = opened(window_of(kam))
    window.keyboard.type("inspected")
    window.keyboard.press("Enter")
    window.wait_for_url(f"**/dossiers/{noted.pk}/relationship/**")


def test_esc_closes_it_and_the_focus_returns_to_where_it_was(window_of, kam, noted):
    window = window_of(kam)
    window.goto("/search/?q=crane")
    window.focus(".hit-name >> nth=1")
    window.keyboard.press("Control+k")
    window.wait_for_selector("#palette[open] [role=option]")
    window.keyboard.press("Escape")
    window.wait_for_selector("#palette", state="hidden")
    assert window.evaluate("document.activeElement.className") == "hit-name"


def test_it_opens_with_a_russian_keyboard_too(window_of, kam, noted):
    window = window_of(kam)
    window.goto("/")
    window.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'л', code: 'KeyK', ctrlKey: true}))"
    )
    window.wait_for_selector("#palette[open]")


def test_themes_and_the_help_on_keys_are_commands(window_of, kam):
    window = opened(window_of(kam))
    typed(window, "dark")
    window.keyboard.press("Enter")
    window.wait_for_selector("#palette", state="hidden")
    window.wait_for_function("document.documentElement.dataset.bsTheme === 'dark'")
    window.keyboard.press("Control+k")
    window.wait_for_selector("#palette[open] [role=option]")
    typed(window, "keys")
    window.keyboard.press("Enter")
    window.wait_for_selector("#palette-keys:visible")
    window.keyboard.press("Escape")
    window.wait_for_selector("#palette-found [role=option]:visible")
    assert window.evaluate("document.activeElement.id") == "palette-q"


def test_on_a_telephone_the_button_opens_it(window_of, kam, noted):
    window = window_of(kam, width=390, height=844)
    window.goto("/")
    window.click(".palette-open")
    window.wait_for_selector("#palette[open] [role=option]")
    typed(window, "crane")
    assert window.evaluate("document.documentElement.scrollWidth") <= 390
    window.click("#palette-found [role=option] >> nth=0")
    window.wait_for_url("**/decision/#stakeholder-*")


@pytest.mark.parametrize("dark", [False, True])
def test_the_palette_shuts_nobody_out(window_of, kam, noted, dark):
    window = opened(window_of(kam, dark=dark))
    for words in ("", "crane", "xxxxxxxx"):
        window.fill("#palette-q", words)
        window.wait_for_function(
            "words => document.querySelector('#palette-found').dataset.for === words", arg=words
        )
        said = len(window.mistakes)
        found = Axe().run(window, context="#palette", options=RULES).response["violations"]
        del window.mistakes[said:]
        assert not found, [(one["id"], one["nodes"][0]["html"]) for one in found]


def test_the_search_page_answers_while_one_types_and_keeps_its_address(window_of, kam, noted):
    window = window_of(kam)
    window.goto("/search/")
    window.keyboard.type("inspec")
    window.wait_for_selector("mark:has-text('inspected')")
    window.wait_for_url("**/search/?q=inspec")
    assert window.inner_text("#found-number") == "1 result"
    window.reload()
    assert "inspected" in window.inner_text("#found")
    said = len(window.mistakes)
    found = Axe().run(window, options=RULES).response["violations"]
    del window.mistakes[said:]
    assert not found, [(one["id"], one["nodes"][0]["html"]) for one in found]

"""A dossier kept by the keys alone: no test here moves a mouse."""

import pytest
from playwright.sync_api import expect

from dossiers.models import Plan
from dossiers.parts import IN_PLACE
from dossiers.pieces import BY_KEY
from tests import factories
from tests.browser.test_dossier import address, focused, full  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HERE = "document.activeElement"


def tab_to(window, selector, *, back=False):
    """Press Tab until something that the selector names has the focus."""
    for _press in range(150):
        window.keyboard.press("Shift+Tab" if back else "Tab")
        if window.evaluate(f"{HERE}.matches({selector!r})"):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def test_open_edit_add_two_cancel_and_delete_without_a_mouse(window_of, kam, dossier):
    for title in ("Answer the claim", "Send the offer"):
        factories.entry("actions", dossier, title=title, owner=kam)
    window = window_of(kam)
    window.goto("/dossiers/")
    tab_to(window, f"main a[href='/dossiers/{dossier.pk}/']")
    window.keyboard.press("Enter")
    window.wait_for_url(f"**/dossiers/{dossier.pk}/")
    tab_to(window, "a.tab[href$='/plan/']")
    window.keyboard.press("Enter")
    window.wait_for_url("**/plan/")
    actions = window.locator("#actions")

    # An entry is one stop; the arrow keys go on from value to value, Enter opens the one in focus.
    tab_to(window, "#actions [data-field=title]")
    window.keyboard.press("ArrowDown")
    expect(actions.locator("[data-field=title]").nth(1)).to_be_focused()
    window.keyboard.press("ArrowUp")
    window.keyboard.press("Enter")
    focused(window, "title")
    window.keyboard.press("Control+a")
    window.keyboard.type("Answer the claim in writing")
    window.keyboard.press("Enter")
    expect(actions).to_contain_text("Answer the claim in writing")
    expect(window.locator("#notices")).to_have_text("Saved")
    expect(actions.locator("[data-field=title]").nth(0)).to_be_focused()

    tab_to(window, "#actions .btn-add", back=True)
    window.keyboard.press("Enter")
    for title in ("First step", "Second step"):
        focused(window, "title")
        window.keyboard.type(title)
        window.keyboard.press("Enter")
        expect(actions).to_contain_text(title)
        expect(actions.locator(".btn-add")).to_be_focused()
        window.keyboard.press("Enter")
    focused(window, "title")
    window.keyboard.type("A slip")
    window.keyboard.press("Escape")
    expect(window.locator("#notices")).to_contain_text("Cancel again")
    window.keyboard.press("Escape")
    expect(actions.locator("form")).to_have_count(0)
    expect(actions.locator(".btn-add")).to_be_focused()

    tab_to(window, "#actions a[href*='/delete/'][aria-label*='Send the offer']")
    window.keyboard.press("Enter")
    expect(actions.locator(".btn-danger")).to_be_focused()
    window.keyboard.press("Enter")
    expect(actions.locator("form[data-inline]")).to_have_count(0)
    expect(actions.locator("[data-field=title]", has_text="Send the offer")).to_have_count(0)
    kept = set(dossier.actions.values_list("title", flat=True))
    assert kept == {"Answer the claim in writing", "First step", "Second step"}


def test_long_text_is_saved_by_ctrl_enter_and_the_focus_stays_at_its_value(window_of, kam, dossier):
    Plan.objects.filter(dossier=dossier).update(do_not="No jokes")
    window = window_of(kam)
    window.goto(address(dossier, "plan"))
    tab_to(window, "#value a.edit-here[href$='field=do']")
    window.keyboard.press("F2")
    focused(window, "do")
    window.keyboard.type("Call first")
    window.keyboard.press("Enter")
    window.keyboard.type("Then write")
    window.keyboard.press("Control+Enter")
    expect(window.locator("#value form")).to_have_count(0)
    expect(window.locator("#value a.edit-here[href$='field=do']")).to_be_focused()
    assert Plan.objects.get(dossier=dossier).do.splitlines() == ["Call first", "Then write"]


@pytest.mark.parametrize("section", ["general", "relationship", "decision", "competitors", "plan"])
def test_every_piece_opens_at_its_value_where_the_entry_stands(window_of, kam, full, section):  # noqa: F811
    """Whatever its shape: Enter on a value opens its form at that field and in its place, Esc gives the focus back."""
    window = window_of(kam)
    window.goto(address(full, section))
    pieces = window.locator("[data-part]:has([data-edit] [data-field])")
    keys = [piece.get_attribute("id") for piece in pieces.all()]
    assert keys
    for key in keys:
        value = window.locator(f"#{key} [data-edit] [data-field][tabindex='0']").first
        field, entry = (
            value.get_attribute("data-field"),
            value.locator("xpath=ancestor::*[@data-edit]"),
        )
        entry = entry.first.get_attribute("data-edit")
        value.focus()
        window.keyboard.press("Enter")
        focused(window, field)
        form = window.locator(f"#{key} form[data-inline]")
        expect(form).to_have_attribute("action", f"{address(full, section)}{key}/{entry}/edit/")
        above = window.locator(f"#{key} > .card-header + .card-body > form[data-draft]")
        expect(above).to_have_count(0 if BY_KEY[key].shape in IN_PLACE else 1)
        window.keyboard.press("Escape")
        expect(form).to_have_count(0)
        back = window.locator(f"#{key} [data-edit='{entry}'] [data-field='{field}']").first
        expect(back).to_be_focused()

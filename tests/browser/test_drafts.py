"""What is half written outlives the page: a reload, a closed tab, a lost session, a server that is down."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dossiers import editing
from dossiers.models import Plan
from dossiers.pieces import BY_KEY
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "They buy through a group since spring: the plant asks, the group signs, and neither tells the other."
DRAFTS = "Object.keys(localStorage).filter((name) => name.startsWith('kam-draft:')).length"


@pytest.fixture
def dossier(dossier):
    """Something stands in the piece that is written in, so that it shows its values."""
    Plan.objects.filter(dossier=dossier).update(do_not="No jokes")
    return dossier


def plan_of(dossier):
    return f"/dossiers/{dossier.pk}/plan/"


def write(window, dossier, text=LONG, field="value_proposition"):
    """Half a thought in the value proposition, not saved."""
    window.goto(plan_of(dossier))
    window.click(f"#value a.edit-here[href*='field={field}']")
    expect(window.locator(f"#value [name={field}]")).to_be_focused()
    window.keyboard.press("Control+a")
    window.keyboard.type(text)


def open_draft(window, piece="value"):
    waiting = window.locator(f"#{piece} .draft-waits")
    expect(waiting).to_contain_text("You have a draft here")
    waiting.locator("a").click()
    expect(window.locator(f"#{piece} .draft-note [role=status]")).to_contain_text("is back")


def none_is_left(window):
    expect(window.locator(".draft-waits, .draft-note")).to_have_count(0)
    assert window.evaluate(DRAFTS) == 0


def another_writes(dossier, by, **values):
    """What the form of the value proposition would send for somebody else, now."""
    plan = Plan.objects.get(dossier=dossier)
    standing = {name: getattr(plan, name) for name in BY_KEY["value"].fields}
    data = {**standing, "certainty": "fact", "version": plan.version, **values}
    editing.change(
        BY_KEY["value"], dossier=dossier, pk=plan.pk, by=by, today=timezone.localdate(), data=data
    )


def test_a_draft_survives_a_reload_and_a_closed_tab_and_goes_once_saved(window_of, kam, dossier):
    window = window_of(kam)
    write(window, dossier)
    window.reload()
    open_draft(window)
    assert window.input_value("[name=value_proposition]") == LONG
    window.close()

    again = window.context.new_page()
    again.goto(plan_of(dossier))
    expect(again.locator("#value .draft-says")).to_contain_text("They buy through a group")
    open_draft(again)
    expect(again.locator("[name=value_proposition]")).to_be_focused()
    again.keyboard.press("Control+Enter")
    expect(again.locator("#value .fields")).to_contain_text(LONG)
    none_is_left(again)
    again.reload()
    none_is_left(again)


def test_who_was_signed_out_meanwhile_signs_in_and_finds_his_text(window_of, kam, dossier):
    kam.set_password("two-quiet-words")
    kam.save()
    window = window_of(kam)
    write(window, dossier)
    window.context.clear_cookies(name="sessionid")
    window.keyboard.press("Control+Enter")
    window.wait_for_url("**/account/login/**")
    assert not Plan.objects.get(dossier=dossier).value_proposition
    window.fill("[name=login]", kam.email)
    window.fill("[name=password]", "two-quiet-words")
    window.press("[name=password]", "Enter")
    window.wait_for_url(f"**{plan_of(dossier)}")
    # It opens by itself: he was about to save it.
    expect(window.locator("#value .draft-note [role=status]")).to_contain_text("is back")
    assert window.input_value("[name=value_proposition]") == LONG
    window.click("#value button.btn-primary")
    expect(window.locator("#value .fields")).to_contain_text(LONG)
    none_is_left(window)


def test_when_the_server_is_down_nothing_typed_is_lost(window_of, kam, dossier):
    window = window_of(kam)
    write(window, dossier)
    window.context.set_offline(True)
    window.keyboard.press("Control+Enter")
    expect(window.locator("#notices-urgent")).to_contain_text("cannot be reached")
    assert window.input_value("[name=value_proposition]") == LONG
    assert window.evaluate(DRAFTS) == 1
    window.context.set_offline(False)
    window.keyboard.press("Control+Enter")
    expect(window.locator("#value .fields")).to_contain_text(LONG)
    none_is_left(window)
    window.mistakes.clear()  # the browser says of itself that it was off line


def test_a_draft_begun_before_somebody_else_wrote_is_a_conflict_and_not_an_overwriting(
    window_of, kam, head, dossier
):
    window = window_of(kam)
    write(window, dossier)
    another_writes(dossier, head, value_proposition="The mill never stops.", do="Visit first")
    window.reload()
    open_draft(window)
    status = window.locator("#value .draft-note [role=status]")
    expect(status).to_contain_text("Meanwhile somebody changed this entry")
    assert (
        window.input_value("[name=do]") == "Visit first"
    )  # what he did not touch is as it stands now
    window.click("#value button.btn-primary")
    conflict = window.locator("#value .conflict")
    for said in ("Helena Head", "The mill never stops.", LONG):
        expect(conflict).to_contain_text(said)
    expect(conflict.locator("fieldset")).to_have_count(1)

    # The conflict itself survives a reload as well: the draft still says when it was begun.
    window.reload()
    open_draft(window)
    window.click("#value button.btn-primary")
    window.check("input[name=pick-value_proposition][value=mine]")
    window.click("#value button.btn-primary")
    expect(window.locator("#value .fields")).to_contain_text(LONG)
    none_is_left(window)
    plan = Plan.objects.get(dossier=dossier)
    assert (plan.value_proposition, plan.do) == (LONG, "Visit first")


def test_a_new_entry_and_one_that_was_deleted_meanwhile_keep_their_drafts(window_of, kam, dossier):
    action = factories.entry("actions", dossier, title="Answer the claim", owner=kam)
    window = window_of(kam)
    window.goto(plan_of(dossier))
    window.click("#actions .btn-add")
    window.locator("#actions [name=title]").fill("Send the offer")
    window.select_option("#actions [name=state]", "running")
    window.reload()
    open_draft(window, "actions")
    assert window.input_value("#actions [name=title]") == "Send the offer"
    assert window.input_value("#actions [name=state]") == "running"
    window.press("#actions [name=title]", "Enter")
    expect(window.locator("#actions")).to_contain_text("Send the offer")
    none_is_left(window)

    window.click("#actions [data-field=title] >> text=Answer the claim")
    window.locator("#actions [name=title]").fill("Answer the claim in writing")
    action.delete()
    window.reload()
    window.click("#actions .draft-waits a")
    expect(window.locator("#actions [role=alert]")).to_contain_text("no longer here")
    open_draft(window, "actions")  # as a new entry
    assert window.input_value("#actions [name=title]") == "Answer the claim in writing"
    window.press("#actions [name=title]", "Enter")
    expect(window.locator("#actions")).to_contain_text("Answer the claim in writing")
    none_is_left(window)


def test_a_draft_is_thrown_away_by_who_wants_it_and_swept_after_a_month(window_of, kam, dossier):
    window = window_of(kam)
    write(window, dossier)
    window.reload()
    open_draft(window)
    window.click("#value [data-draft-discard]")
    expect(window.locator("#value .draft-note")).to_have_count(0)
    expect(window.locator("[name=value_proposition]")).to_have_value("")
    assert window.evaluate(DRAFTS) == 0

    window.locator("[name=value_proposition]").fill("Once more")
    window.keyboard.press("Escape")
    window.keyboard.press("Escape")
    expect(window.locator("#value form")).to_have_count(0)
    none_is_left(window)

    write(window, dossier)
    window.reload()
    window.click("#value .draft-waits [data-draft-discard]")
    none_is_left(window)

    write(window, dossier)
    window.evaluate(
        """() => Object.keys(localStorage).filter((name) => name.startsWith("kam-draft:")).forEach((name) => {
          const draft = JSON.parse(localStorage.getItem(name));
          localStorage.setItem(name, JSON.stringify({ ...draft, at: draft.at - 31 * 24 * 3600 * 1000 }));
        })"""
    )
    window.reload()
    none_is_left(window)


def test_nobody_sees_the_drafts_of_another_and_who_signs_out_is_asked_about_his(
    window_of, kam, head, dossier
):
    for person in (kam, head):
        person.set_password("two-quiet-words")
        person.save()

    def sign_out(window, answer):
        window.click(".user summary")
        window.click("[data-sign-out] .menu-item")
        question = window.locator("[data-drafts-question]")
        expect(question).to_contain_text("not saved yet")
        question.locator(f"button[value={answer}]").click()
        window.wait_for_url("**/account/login/**")

    def sign_in(window, person):
        window.goto(f"/account/login/?next={plan_of(dossier)}")
        window.fill("[name=login]", person.email)
        window.fill("[name=password]", "two-quiet-words")
        window.press("[name=password]", "Enter")
        window.wait_for_url(f"**{plan_of(dossier)}")

    window = window_of(kam)
    write(window, dossier)
    sign_out(window, "keep")
    sign_in(window, head)
    expect(window.locator("#value .fields")).to_be_visible()
    expect(window.locator(".draft-waits")).to_have_count(0)
    window.click("#value a.edit-here >> nth=0")
    expect(window.locator("[name=value_proposition]")).to_have_value("")
    window.click(".user summary")
    window.click("[data-sign-out] .menu-item")  # he has none: nobody asks
    window.wait_for_url("**/account/login/**")

    sign_in(window, kam)
    expect(window.locator("#value .draft-waits")).to_be_visible()
    sign_out(window, "discard")
    assert window.evaluate(DRAFTS) == 0

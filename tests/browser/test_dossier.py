"""A dossier under the hands of the people who keep it: the keys, the focus, two at once, the phone, no JavaScript."""

import datetime

import pytest
from django.test import Client as Session
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def full(dossier, kam):
    """A dossier with something in every piece; some of it stale, some of it overdue."""
    today = timezone.localdate()
    long_ago = today - datetime.timedelta(days=120)
    boss = factories.entry(
        "stakeholders", dossier, name="Andrzej Mróz", roles=["decider"], influence=9, stance=1
    )
    buyer = factories.entry(
        "stakeholders", dossier, name="Beata Rogalska", reports_to=boss, stance=-2, influence=8, roles=["buyer"],
        personal_notes="Sees figures first.", today=long_ago,
    )  # fmt: skip
    factories.entry("stakeholders", dossier, name="", position="Head of reliability")
    factories.entry("influence", dossier, influencer=buyer, influenced=boss)
    factories.entry(
        "timeline", dossier, title="Walk through the mill", text="22 drives named.", tone="good"
    )
    factories.entry(
        "timeline",
        dossier,
        title="Leak",
        kind="complaint",
        tone="bad",
        happened_on=today - datetime.timedelta(days=9),
    )
    for days, score in ((200, 2), (100, 4), (1, 3)):
        factories.entry(
            "assessments",
            dossier,
            assessed_on=today - datetime.timedelta(days=days),
            score=score,
            wanted_level="integrated",
        )
    for year in (1, 2, 3):
        factories.entry(
            "opportunity", dossier, year_number=year, amount=100000 * year, basis="Seals come back"
        )
    factories.entry("budget", dossier, with_us=400)
    factories.entry(
        "contracts",
        dossier,
        ends_on=today + datetime.timedelta(days=60),
        notice_days=30,
        value=5000,
    )
    for year in (2024, 2025):
        factories.entry(
            "financial-years", dossier, year=year, revenue=1_000_000 + year, today=long_ago
        )
        factories.entry("headcount", dossier, year=year)
    board = factories.entry("structure", dossier, name="Board")
    factories.entry(
        "structure", dossier, name="Purchasing", parent=board, note="Its own since last year"
    )
    factories.entry("staffing", dossier, unit=board)
    factories.entry("market", dossier, share=20, certainty="assumption", source="trade fair")
    factories.entry("earlier-suppliers", dossier, why_ended="Did not answer at night")
    factories.entry("process", dossier, duration="2 weeks", who="Everybody")
    rival = factories.entry("competitors", dossier, strengths="A depot next door", wallet_share=17)
    for name, ours, theirs in (("Speed", 5, 3), ("Price", 2, 4)):
        criterion = factories.entry("criteria", dossier, name=name)
        factories.entry("scores", dossier, criterion=criterion, score=ours, evidence="Seen")
        factories.entry("scores", dossier, criterion=criterion, competitor=rival, score=theirs)
    factories.entry("criteria", dossier, name="Advice")
    factories.entry("objectives", dossier, due_on=today)
    factories.entry(
        "actions",
        dossier,
        title="Answer the claim",
        owner=kam,
        due_on=today - datetime.timedelta(days=3),
    )
    plan = dossier.plan
    plan.value_proposition, plan.do, plan.do_not, plan.strengths = (
        "The mill never stops.",
        "Call first",
        "No jokes",
        "Depot",
    )
    plan.save()
    dossier.types, dossier.position = ["expert", "promising"], "They trust the workshop."
    dossier.save()
    return dossier


def address(dossier, section=""):
    return f"/dossiers/{dossier.pk}/{section}/" if section else f"/dossiers/{dossier.pk}/"


def focused(window, name):
    expect(window.locator(f"form[data-inline] [name={name}]")).to_be_focused()


# ── Hands on the keys ────────────────────────────────────────────────────────────────────────


def test_a_click_on_a_value_opens_its_field_and_enter_saves(window_of, kam, full):
    window = window_of(kam)
    window.goto(address(full, "relationship"))
    window.click("#timeline >> text=22 drives named.")
    focused(window, "text")
    window.fill("[name=title]", "Walk through the whole mill")
    window.press("[name=title]", "Enter")
    expect(window.locator("#notices")).to_have_text("Saved")
    met = window.locator("#timeline .entry", has_text="22 drives named.")
    expect(met).to_contain_text("Walk through the whole mill")
    assert full.timeline.get(kind="meeting").title == "Walk through the whole mill"


def test_a_cell_of_a_table_and_a_value_of_a_sheet_open_the_same_way(window_of, kam, full):
    window = window_of(kam)
    window.goto(address(full, "general"))
    window.click("#market [data-field=name]")
    focused(window, "name")
    window.keyboard.press("Escape")
    expect(window.locator("#market form.inline-form")).to_have_count(0)
    window.click("#identity a.edit-here >> nth=1")
    focused(window, "brand")


def test_after_an_entry_the_next_one_is_one_key_away(window_of, kam, full):
    window = window_of(kam)
    window.goto(address(full, "plan"))
    window.click("#actions .btn-add")
    for title in ("First step", "Second step"):
        focused(window, "title")
        window.keyboard.type(title)
        window.keyboard.press("Enter")
        expect(window.locator("#actions")).to_contain_text(title)
        expect(window.locator("#actions [data-next]")).to_be_focused()
        window.keyboard.press("Enter")
    focused(window, "title")
    assert full.actions.count() == 3


def test_an_interaction_is_noted_from_the_front_page_in_two_clicks(window_of, kam, full):
    window = window_of(kam)
    window.goto(address(full))
    window.click(".dossier-name >> text=Note an interaction")
    focused(window, "title")
    window.keyboard.type("Called about the claim")
    window.click("#note button[type=submit].btn-primary")
    expect(window.locator("#timeline")).to_contain_text("Called about the claim")


def test_what_is_half_written_is_not_swapped_away(window_of, kam, full):
    window = window_of(kam)
    window.goto(address(full, "relationship"))
    window.click("#timeline .btn-add")
    focused(window, "title")
    window.keyboard.type("Half a thought")
    window.click("#timeline >> text=22 drives named.")
    expect(window.locator("#notices-urgent")).to_contain_text("First save or cancel")
    assert window.input_value("#timeline [name=title]") == "Half a thought"


def test_what_depends_on_an_entry_follows_it_without_a_reload(window_of, kam, full):
    window = window_of(kam)
    window.goto(address(full, "decision"))
    window.evaluate("window.stillHere = true")
    expect(window.locator("#decision-map")).not_to_contain_text("Wojciech")
    window.click("#stakeholders .btn-add")
    focused(window, "name")
    window.keyboard.type("Wojciech")
    window.fill("[name=position]", "Chairman")
    window.keyboard.press("Enter")
    expect(window.locator("#decision-map")).to_contain_text("Wojciech")
    assert window.evaluate("window.stillHere")


def test_the_head_of_the_page_counts_anew_after_a_save(window_of, kam, dossier):
    window = window_of(kam)
    window.goto(address(dossier, "plan"))
    before = window.text_content("#quality")
    window.click("#objectives .btn-add")
    focused(window, "title")
    window.keyboard.type("Win the second plant")
    window.keyboard.press("Enter")
    expect(window.locator("#objectives")).to_contain_text("Win the second plant")
    expect(window.locator("#quality")).not_to_have_text(before)


def test_deleting_asks_and_esc_keeps_the_entry(window_of, kam, full):
    window = window_of(kam)
    window.goto(address(full, "plan"))
    window.hover("#actions .row-entry")
    window.click("#actions .row-entry a[href*='/delete/']")
    expect(window.locator("#actions")).to_contain_text("Delete “Answer the claim”?")
    window.keyboard.press("Escape")
    expect(window.locator("#actions .btn-danger")).to_have_count(0)
    window.hover("#actions .row-entry")
    window.click("#actions .row-entry a[href*='/delete/']")
    window.click("#actions .btn-danger")
    expect(window.locator("#actions")).not_to_contain_text("Answer the claim")
    assert not full.actions.exists()


def test_one_click_says_that_an_entry_still_holds(window_of, kam, full):
    window = window_of(kam)
    window.goto(address(full, "decision"))
    row = window.locator("#stakeholders .row-entry", has_text="Beata Rogalska")
    expect(row).to_contain_text("not confirmed for 120 days")
    row.hover()
    row.locator("button[formaction*='/confirm/']").click()
    expect(window.locator("#stakeholders")).not_to_contain_text("not confirmed for 120 days")
    # whoever works with the keys stays at the entry
    expect(row.locator("button[formaction*='/confirm/']")).to_be_focused()


def test_two_people_in_the_same_piece_lose_nothing_and_one_chooses_where_they_differ(
    window_of, kam, head, full
):
    """Two windows on the same form: in one field both write, in the others one of them."""
    his, hers = window_of(kam), window_of(head)
    for window in (his, hers):
        window.goto(address(full, "plan"))
        window.click("#value a.edit-here >> nth=1")
        focused(window, "do")
    hers.fill("[name=do]", "Visit first")
    hers.fill("[name=do_not]", "No jokes, no presents")
    hers.keyboard.press("Control+Enter")
    expect(hers.locator("#value .fields")).to_contain_text("No jokes, no presents")

    his.fill("[name=value_proposition]", "The mill never stops, day or night.")
    his.fill("[name=do]", "Write first")
    his.keyboard.press("Control+Enter")
    conflict = his.locator("#value .conflict")
    expect(conflict).to_be_focused()
    expect(conflict.locator("fieldset")).to_have_count(1)  # of three fields only the one both wrote
    today = date_format(timezone.localtime(), "SHORT_DATE_FORMAT")
    for said in ("Helena Head", today, "Visit first", "Write first"):
        expect(conflict).to_contain_text(said)
    assert his.input_value("[name=do_not]") == "No jokes, no presents"

    # Without a choice neither wins.
    with his.expect_response(lambda answer: answer.status == 409):
        his.click("#value form button.btn-primary")
    expect(his.locator("#value form[aria-busy]")).to_have_count(0)
    expect(conflict).to_contain_text("Write first")
    expect(conflict).to_be_focused()
    assert full.plan.__class__.objects.get(pk=full.plan.pk).do == "Visit first"
    his.check("input[name=pick-do][value=mine]")
    his.click("#value form button.btn-primary")
    expect(his.locator("#value .fields")).to_contain_text("Write first")
    plan = full.plan.__class__.objects.get(pk=full.plan.pk)
    assert plan.value_proposition == "The mill never stops, day or night."
    assert (plan.do, plan.do_not) == ("Write first", "No jokes, no presents")
    # What did not stay is in the history.
    his.goto(f"{address(full, 'plan')}value/{plan.pk}/history/")
    expect(his.locator("main")).to_contain_text("Visit first")


# ── Without JavaScript ───────────────────────────────────────────────────────────────────────


def test_without_javascript_everything_can_be_written_confirmed_and_deleted(
    chromium, live_server, kam, full
):
    signed_in = Session()
    signed_in.force_login(kam)
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies(
        [
            {
                "name": "sessionid",
                "value": signed_in.cookies["sessionid"].value,
                "url": live_server.url,
            }
        ]
    )
    page = context.new_page()
    page.goto(address(full, "plan"))
    page.click("#actions .btn-add")
    page.fill("#actions [name=title]", "Without a script")
    page.click("#actions button.btn-primary")
    expect(page.locator("#actions")).to_contain_text("Without a script")
    page.click("#actions .row-entry >> nth=0 >> a[href*='/edit/']")
    page.fill("#actions [name=title]", "")
    page.click("#actions button.btn-primary")
    expect(page.locator("#actions [name=title]")).to_have_attribute("aria-invalid", "true")
    page.fill("#actions [name=title]", "Still without a script")
    page.click("#actions button.btn-primary")
    expect(page.locator("#actions .row-entry >> nth=0")).to_contain_text("Still without a script")
    page.click("#value a.edit-here >> nth=1")
    another = full.plan.__class__.objects.get(pk=full.plan.pk)
    another.do, another.updated_by = "Visit first", full.created_by
    another.save()
    page.fill("#value [name=do]", "Write first")
    page.click("#value button.btn-primary")
    expect(page.locator("#value .conflict")).to_contain_text("Visit first")
    page.check("input[name=pick-do][value=theirs]")
    page.click("#value button.btn-primary")
    expect(page.locator("#value .fields")).to_contain_text("Visit first")
    page.hover("#actions .row-entry >> nth=0")
    page.click("#actions .row-entry >> nth=0 >> button[formaction*='/confirm/']")
    expect(page.locator("#messages")).to_contain_text("Confirmed as of today.")
    page.hover("#actions .row-entry >> nth=0")
    page.click("#actions .row-entry >> nth=0 >> a[href*='/delete/']")
    page.click("#actions .btn-danger")
    expect(page.locator("#messages")).to_contain_text("Deleted. The history keeps it.")
    assert full.actions.count() == 1
    context.close()


# ── For every eye ────────────────────────────────────────────────────────────────────────────


SECTIONS = ["", "general", "relationship", "decision", "competitors", "plan", "figures"]


@pytest.mark.parametrize(
    ("width", "dark"), [(1440, False), (1440, True), (390, False), (390, True)]
)
def test_every_page_of_a_dossier_reads_well_for_everyone(window_of, kam, full, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    timeline = full.timeline.first()
    pages = [address(full, section) for section in SECTIONS]
    pages += [
        f"{address(full, 'relationship')}timeline/add/",
        f"{address(full, 'decision')}stakeholders/{full.stakeholders.first().pk}/edit/",
        f"{address(full, 'plan')}actions/{full.actions.first().pk}/delete/",
        f"{address(full, 'relationship')}timeline/{timeline.pk}/history/",
        f"{address(full, 'relationship')}timeline/history/",
        "/dossiers/",
        "/clients/",
        f"/clients/{full.client_id}/",
    ]
    window = window_of(kam, width=width, dark=dark)
    wrong = []
    for page in pages:
        window.goto(page)
        window.wait_for_load_state("networkidle")
        found = Axe().run(window).response["violations"]
        wrong += [
            (page, one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found
        ]
        if window.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append((page, "wider than the window"))
    assert wrong == []

"""Writing in a dossier through the browser: in place with HTMX, and without a line of JavaScript."""

import datetime
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from dossiers import opening
from dossiers.models import Dossier
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def url(name, dossier, piece, pk=None):
    from dossiers.pieces import BY_KEY

    args = [dossier.pk, BY_KEY[piece].section, piece]
    return reverse(f"dossiers:{name}", args=args if pk is None else [*args, pk])


def plan_of(dossier, **sent):
    fields = {"value_proposition": "", "do": "", "do_not": "", "source": "", "certainty": "fact"}
    return {**fields, **sent}


@pytest.fixture
def action(dossier):
    return factories.entry("actions", dossier, title="Send the sample")


def action_form(**changes):
    return {"title": "Send the sample", "state": "planned", "certainty": "fact", **changes}


# ── Opening a form ───────────────────────────────────────────────────────────────────────────


def test_a_click_on_a_value_opens_the_form_of_its_piece_at_that_field(as_kam, dossier):
    answer = as_kam.get(
        url("edit", dossier, "identity", dossier.general.pk) + "?field=brand", headers=HTMX
    )
    assert answer.status_code == 200
    assert "HX-Request" in answer.headers["Vary"]
    assertContains(answer, '<section class="card piece piece-sheet')
    assertNotContains(answer, "<html")
    assert re.search(r'<input[^>]*name="brand"[^>]*autofocus', answer.text)
    assert re.search(rf'name="version" value="{dossier.general.version}"', answer.text)


def test_the_same_address_is_a_whole_page_without_javascript(as_kam, dossier, action):
    answer = as_kam.get(url("edit", dossier, "actions", action.pk))
    assert answer.status_code == 200
    assertContains(answer, "<html")
    assertContains(answer, f'action="{url("edit", dossier, "actions", action.pk)}"')
    assertContains(answer, 'id="swot"')  # the other pieces of the section stand around it


def test_a_field_that_does_not_exist_is_only_a_hint_gone_wrong(as_kam, dossier):
    answer = as_kam.get(
        url("edit", dossier, "identity", dossier.general.pk) + "?field=password", headers=HTMX
    )
    assert answer.status_code == 200
    assert re.search(r'<input[^>]*name="legal_name"[^>]*autofocus', answer.text)


def test_a_new_entry_begins_with_what_it_most_likely_says(as_kam, dossier):
    factories.entry("opportunity", dossier, year_number=1, currency="PLN")
    answer = as_kam.get(url("add", dossier, "opportunity"), headers=HTMX)
    assertContains(answer, '<option value="2" selected>2</option>', html=True)
    assertContains(answer, '<option value="PLN" selected>PLN</option>')
    note = as_kam.get(url("add", dossier, "timeline"), headers=HTMX)
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in note.text
    # the day is known, so the pen is put where something is to be written
    assert re.search(r'name="title"[^>]*autofocus', note.text)


def test_a_link_may_say_which_score_is_missing(as_kam, dossier):
    criterion = factories.entry("criteria", dossier)
    rival = factories.entry("competitors", dossier)
    asked = f"?criterion={criterion.pk}&competitor={rival.pk}&field=score"
    answer = as_kam.get(url("add", dossier, "scores") + asked, headers=HTMX)
    assertContains(answer, f'<option value="{rival.pk}" selected>{rival}</option>', html=True)
    # what no address should say is not believed
    answer = as_kam.get(url("add", dossier, "scores") + "?criterion=x'&dossier=7", headers=HTMX)
    assert answer.status_code == 200


# ── Saving ───────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_saved_in_place_and_the_head_counts_anew(as_kam, dossier, kam):
    plan = dossier.plan
    sent = plan_of(
        dossier, value_proposition="We answer at night.", do="Call first.", version=plan.version
    )
    answer = as_kam.post(url("edit", dossier, "value", plan.pk), sent, headers=HTMX)
    assert answer.status_code == 200
    assertContains(answer, "We answer at night.")
    assertContains(answer, 'id="quality" hx-swap-oob="true"')
    assert "changed-value" in json.loads(answer.headers["HX-Trigger"])
    plan.refresh_from_db()
    assert (plan.value_proposition, plan.updated_by, plan.confirmed_by) == (
        "We answer at night.",
        kam,
        kam,
    )


def test_without_javascript_saving_leads_back_to_the_place_on_the_page(as_kam, dossier, action):
    sent = action_form(title="Send two samples", version=action.version)
    answer = as_kam.post(url("edit", dossier, "actions", action.pk), sent)
    section = reverse("dossiers:section", args=[dossier.pk, "plan"])
    assertRedirects(answer, f"{section}#actions", fetch_redirect_response=False)
    action.refresh_from_db()
    assert action.title == "Send two samples"


def test_a_mistake_comes_back_with_the_form_and_what_was_typed(as_kam, dossier):
    sent = {
        "year": "2026",
        "category": "Seals",
        "amount": "100",
        "with_us": "150",
        "currency": "EUR",
        "certainty": "fact",
    }
    answer = as_kam.post(url("add", dossier, "budget"), sent, headers=HTMX)
    assert answer.status_code == 422
    assertContains(answer, "Our part cannot be larger than their whole budget.", status_code=422)
    assertContains(answer, "Seals", status_code=422)
    assert not dossier.budget_lines.exists()
    page = as_kam.post(url("add", dossier, "budget"), sent)
    assert page.status_code == 422
    assertContains(page, "<html", status_code=422)


def test_a_wrong_field_gets_the_pen(as_kam, dossier):
    answer = as_kam.post(
        url("add", dossier, "timeline"), {"happened_on": "yesterday", "title": "Call"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert re.search(r'name="happened_on"[^>]*autofocus', answer.text)


def test_a_share_over_a_hundred_is_refused_beside_its_field(as_kam, dossier):
    sent = {"kind": "client", "name": "Somebody", "share": "130", "certainty": "fact"}
    answer = as_kam.post(url("add", dossier, "market"), sent, headers=HTMX)
    assertContains(answer, "A share is a number from 0 to 100.", status_code=422)
    assert re.search(r'name="share"[^>]*aria-invalid="true"', answer.text)


def test_an_interaction_is_noted_and_the_next_one_is_one_key_away(as_kam, dossier):
    sent = {
        "happened_on": "2026-11-20", "kind": "call", "title": "Prices for 2027", "tone": "good",
        "currency": "EUR", "certainty": "fact",
    }  # fmt: skip
    answer = as_kam.post(url("add", dossier, "timeline"), sent, headers=HTMX)
    assert answer.status_code == 200
    assertContains(answer, "Prices for 2027")
    assertContains(answer, "data-next")
    assert "Enter" in json.loads(answer.headers["HX-Trigger"])["notice"]["text"]
    assert dossier.timeline.get().kind == "call"


def test_an_entry_cannot_point_into_another_dossier(as_kam, dossier, others_dossier):
    stranger = factories.entry("stakeholders", others_dossier, name="Not Ours")
    sent = {
        "happened_on": "2026-11-20", "kind": "call", "title": "x", "tone": "good", "currency": "EUR",
        "certainty": "fact", "stakeholder": stranger.pk,
    }  # fmt: skip
    answer = as_kam.post(url("add", dossier, "timeline"), sent, headers=HTMX)
    assert answer.status_code == 422
    assert "Not Ours" not in answer.text
    assert not dossier.timeline.exists()


# ── Two people at once ───────────────────────────────────────────────────────────────────────


def test_two_people_who_change_different_fields_both_win(as_kam, as_head, dossier):
    plan = dossier.plan
    edit = url("edit", dossier, "value", plan.pk)
    assert (
        as_kam.post(
            edit, plan_of(dossier, do="Call first.", version=plan.version), headers=HTMX
        ).status_code
        == 200
    )
    sent = plan_of(dossier, do_not="No jokes.", version=plan.version)
    assert as_head.post(edit, sent, headers=HTMX).status_code == 200
    plan.refresh_from_db()
    assert (plan.do, plan.do_not) == ("Call first.", "No jokes.")


def test_two_people_who_change_the_same_field_see_both_values_and_choose(
    as_kam, as_head, kam, dossier
):
    plan = dossier.plan
    edit = url("edit", dossier, "value", plan.pk)
    as_kam.post(
        edit,
        plan_of(dossier, do="Call first.", do_not="No jokes.", version=plan.version),
        headers=HTMX,
    )
    sent = plan_of(
        dossier, do="Write first.", value_proposition="Night service.", version=plan.version
    )
    answer = as_head.post(edit, sent, headers=HTMX)
    assert answer.status_code == 409
    for said in ("Call first.", "Write first.", "Karol Kam", 'name="pick-do"', "Night service."):
        assertContains(answer, said, status_code=409)
    # what others changed elsewhere is in the form already, so that sending it cannot undo it
    assertContains(answer, "No jokes.", status_code=409)
    plan.refresh_from_db()
    assert plan.do == "Call first."

    version = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    chosen = plan_of(
        dossier, do="Write first.", do_not="No jokes.", value_proposition="Night service.", version=version,
        **{"pick-do": "theirs"},
    )  # fmt: skip
    assert as_head.post(edit, chosen, headers=HTMX).status_code == 200
    plan.refresh_from_db()
    assert (plan.do, plan.do_not, plan.value_proposition) == (
        "Call first.",
        "No jokes.",
        "Night service.",
    )


def test_keeping_ones_own_value_is_a_choice_too_and_works_without_javascript(
    as_kam, as_head, dossier
):
    plan = dossier.plan
    edit = url("edit", dossier, "value", plan.pk)
    as_kam.post(edit, plan_of(dossier, do="Call first.", version=plan.version))
    answer = as_head.post(edit, plan_of(dossier, do="Write first.", version=plan.version))
    assert answer.status_code == 409
    assertContains(answer, "<html", status_code=409)
    version = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    sent = plan_of(dossier, do="Write first.", version=version, **{"pick-do": "mine"})
    assert as_head.post(edit, sent).status_code == 302
    plan.refresh_from_db()
    assert plan.do == "Write first."


def test_the_choice_between_two_values_outlives_a_mistake_in_another_field(
    as_kam, as_head, dossier
):
    entry = factories.entry("timeline", dossier)
    edit = url("edit", dossier, "timeline", entry.pk)
    form = as_kam.get(edit, headers=HTMX).context["part"].form
    sent = {name: form[name].value() or "" for name in form.fields} | {"version": entry.version}
    assert as_head.post(edit, {**sent, "title": "Call"}).status_code == 302
    mine = {**sent, "title": "Visit"}
    assert as_kam.post(edit, mine, headers=HTMX).status_code == 409
    chosen = {
        **mine, "version": entry.version + 1, "contested": ["title"], "pick-title": "theirs",
    }  # fmt: skip
    answer = as_kam.post(edit, {**chosen, "happened_on": "some day"}, headers=HTMX)
    assert answer.status_code == 422
    # it comes back as it was sent: his own words, the other's beside them, and which he chose
    assert answer.context["part"].form["title"].value() == "Visit"
    assert re.search(r'name="pick-title" value="theirs" checked', answer.text)
    assert as_kam.post(edit, chosen, headers=HTMX).status_code == 200
    entry.refresh_from_db()
    assert entry.title == "Call"


def test_a_form_that_does_not_say_what_was_seen_changes_nothing(as_kam, dossier):
    answer = as_kam.post(
        url("edit", dossier, "value", dossier.plan.pk), plan_of(dossier, do="Blind."), headers=HTMX
    )
    assert answer.status_code == 400
    assertContains(answer, "did not say which version", status_code=400)
    dossier.plan.refresh_from_db()
    assert dossier.plan.do == ""


def test_what_was_typed_into_a_deleted_entry_is_offered_as_a_new_one(
    as_kam, as_head, dossier, action
):
    as_head.post(url("delete", dossier, "actions", action.pk), {"version": action.version})
    sent = action_form(title="Send the sample by courier", version=1)
    answer = as_kam.post(url("edit", dossier, "actions", action.pk), sent, headers=HTMX)
    assert answer.status_code == 409
    assertContains(answer, "Send the sample by courier", status_code=409)
    assertContains(answer, f'action="{url("add", dossier, "actions")}"', status_code=409)
    assertContains(answer, "deleted meanwhile", status_code=409)


def test_the_form_of_a_deleted_entry_says_so(as_kam, dossier, action):
    gone = url("edit", dossier, "actions", action.pk)
    action.delete()
    assertContains(as_kam.get(gone, headers=HTMX), "no longer here", status_code=409)
    assert as_kam.get(gone).status_code == 404


# ── Deleting ─────────────────────────────────────────────────────────────────────────────────


def test_deleting_asks_first_and_the_history_keeps_it(as_kam, dossier, action):
    delete = url("delete", dossier, "actions", action.pk)
    question = as_kam.get(delete, headers=HTMX)
    assertContains(question, "Delete “Send the sample”?")
    assertContains(question, f'name="version" value="{action.version}"')
    assert dossier.actions.exists()
    page = as_kam.get(delete)
    assertContains(page, "<html")
    answer = as_kam.post(delete, {"version": action.version}, headers=HTMX)
    assert answer.status_code == 200
    assertNotContains(answer, "Send the sample")
    told = as_kam.get(url("history", dossier, "actions", action.pk))
    assertContains(told, "deleted by Karol Kam")
    assertContains(told, "Send the sample")


def test_an_entry_that_somebody_changed_meanwhile_is_not_deleted(as_kam, as_head, dossier, action):
    as_head.post(
        url("edit", dossier, "actions", action.pk),
        action_form(title="Send two", version=action.version),
    )
    answer = as_kam.post(
        url("delete", dossier, "actions", action.pk), {"version": action.version}, headers=HTMX
    )
    assertContains(answer, "Helena Head changed this entry", status_code=409)
    assert dossier.actions.get().title == "Send two"


def test_an_entry_to_which_others_point_is_not_deleted_and_they_are_named(as_kam, dossier):
    head_of = factories.entry("stakeholders", dossier, name="Anna Buyer")
    factories.entry("stakeholders", dossier, name="Jan Junior", reports_to=head_of)
    answer = as_kam.post(
        url("delete", dossier, "stakeholders", head_of.pk), {"version": 1}, headers=HTMX
    )
    assertContains(answer, "Jan Junior", status_code=409)
    assert dossier.stakeholders.count() == 2


def test_a_sheet_is_not_deleted(as_kam, dossier):
    delete = url("delete", dossier, "value", dossier.plan.pk)
    assert as_kam.get(delete).status_code == 302
    assert as_kam.post(delete, {"version": 1}, headers=HTMX).status_code == 409
    assert Dossier.objects.get(pk=dossier.pk).plan


# ── Confirming ───────────────────────────────────────────────────────────────────────────────


def test_one_click_confirms_and_the_entry_is_fresh_again(as_kam, kam, dossier):
    long_ago = timezone.localdate() - datetime.timedelta(days=120)
    action = factories.entry("actions", dossier, today=long_ago)
    section = reverse("dossiers:section", args=[dossier.pk, "plan"])
    assertContains(as_kam.get(section), "not confirmed for 120 days")
    sent = {"seen": action.version}
    answer = as_kam.post(url("confirm", dossier, "actions", action.pk), sent, headers=HTMX)
    assert answer.status_code == 200
    assertNotContains(answer, "not confirmed for")
    action.refresh_from_db()
    assert (action.confirmed_on, action.confirmed_by) == (timezone.localdate(), kam)
    assert action.updated_by != kam  # saying that it holds is not writing it


def test_one_click_confirms_a_whole_list(as_kam, dossier):
    long_ago = timezone.localdate() - datetime.timedelta(days=120)
    for name in ("Delivery", "Price", "Quality"):
        factories.entry("criteria", dossier, name=name, today=long_ago)
    part = as_kam.get(url("piece", dossier, "criteria"), headers=HTMX)
    sent = {"seen": re.search(r'name="seen" value="([^"]* [^"]*)"', part.text)[1]}
    answer = as_kam.post(url("confirm_piece", dossier, "criteria"), sent, headers=HTMX)
    assert answer.status_code == 200
    assert {criterion.confirmed_on for criterion in dossier.criteria.all()} == {
        timezone.localdate()
    }
    assert as_kam.post(url("confirm_piece", dossier, "criteria"), sent).status_code == 302


# ── Who may not ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("somebody", ["as_other_kam", "as_analyst", "as_colleague", "as_admin"])
def test_for_others_no_address_of_the_dossier_exists(request, somebody, dossier, action):
    browser = request.getfixturevalue(somebody)
    sent = action_form(title="Hacked", version=action.version)
    for headers in ({}, HTMX):
        assert browser.get(url("piece", dossier, "actions"), headers=headers).status_code == 404
        assert browser.get(url("add", dossier, "actions"), headers=headers).status_code == 404
        assert (
            browser.get(url("edit", dossier, "actions", action.pk), headers=headers).status_code
            == 404
        )
        assert (
            browser.get(url("history", dossier, "actions", action.pk), headers=headers).status_code
            == 404
        )
        assert (
            browser.get(url("piece_history", dossier, "actions"), headers=headers).status_code
            == 404
        )
        assert (
            browser.post(url("add", dossier, "actions"), sent, headers=headers).status_code == 404
        )
        assert (
            browser.post(
                url("edit", dossier, "actions", action.pk), sent, headers=headers
            ).status_code
            == 404
        )
        assert (
            browser.post(
                url("delete", dossier, "actions", action.pk), sent, headers=headers
            ).status_code
            == 404
        )
        assert (
            browser.post(url("confirm", dossier, "actions", action.pk), headers=headers).status_code
            == 404
        )
        assert (
            browser.post(url("confirm_piece", dossier, "actions"), headers=headers).status_code
            == 404
        )
    action.refresh_from_db()
    assert (action.title, action.version) == ("Send the sample", 1)


def test_the_deputy_may_write(dossier, head, other_kam, as_other_kam):
    from accounts import assigning

    assigning.appoint_deputy(dossier.client, to=other_kam, by=head, today=timezone.localdate())
    answer = as_other_kam.post(
        url("add", dossier, "actions"), action_form(title="Stand in"), headers=HTMX
    )
    assert answer.status_code == 200
    assert dossier.actions.get().updated_by == other_kam


def test_an_entry_of_another_dossier_is_not_reached_through_ones_own(
    as_kam, dossier, others_dossier
):
    theirs = factories.entry("actions", others_dossier, title="Secret")
    for name in ("edit", "delete"):
        answer = as_kam.get(url(name, dossier, "actions", theirs.pk), headers=HTMX)
        assertNotContains(answer, "Secret", status_code=409)
    assert as_kam.get(url("history", dossier, "actions", theirs.pk)).status_code == 404
    answer = as_kam.post(
        url("edit", dossier, "actions", theirs.pk),
        action_form(title="Mine", version=1),
        headers=HTMX,
    )
    assert answer.status_code == 409
    theirs.refresh_from_db()
    assert theirs.title == "Secret"


def test_a_piece_has_one_address_only(as_kam, dossier):
    wrong = reverse("dossiers:piece", args=[dossier.pk, "general", "actions"])
    assert as_kam.get(wrong).status_code == 404
    assert (
        as_kam.get(reverse("dossiers:piece", args=[dossier.pk, "plan", "nonsense"])).status_code
        == 404
    )


def test_a_closed_dossier_is_read_by_the_head_and_written_by_nobody(
    as_head, as_kam, head, dossier, action
):
    opening.release_key(dossier, to="regular", by=head, reason="Sold.", today=timezone.localdate())
    section = as_head.get(reverse("dossiers:section", args=[dossier.pk, "plan"]))
    assertContains(section, "Send the sample")
    assertNotContains(section, url("edit", dossier, "actions", action.pk))
    assertNotContains(section, url("add", dossier, "actions"))
    assertContains(as_head.get(reverse("dossiers:dossier", args=[dossier.pk])), "closed on")
    for browser, expected in ((as_head, 403), (as_kam, 404)):
        assert browser.get(url("add", dossier, "actions")).status_code == expected
        assert browser.post(url("add", dossier, "actions"), action_form()).status_code == expected
        assert browser.post(url("confirm", dossier, "actions", action.pk)).status_code == expected
    refusal = as_head.post(url("add", dossier, "actions"), action_form())
    assertContains(refusal, "closed", status_code=403)


# ── What the next page load shows ────────────────────────────────────────────────────────────


def test_the_own_line_is_written_from_every_page(as_kam, dossier):
    edit = url("edit", dossier, "header", dossier.pk)
    overview = as_kam.get(reverse("dossiers:dossier", args=[dossier.pk]))
    assertContains(overview, f"{edit}?field=position")
    sent = {
        "types": ["expert"],
        "position": "They trust the workshop.",
        "certainty": "fact",
        "version": dossier.version,
    }
    answer = as_kam.post(edit, sent, headers=HTMX)
    assertContains(answer, "They trust the workshop.")
    assert answer.text.lstrip().startswith('<div class="own-line" id="header"')


def queries(seen):
    """What was asked of the database; savepoints stand where the test's own transaction surrounds ours."""
    return [query["sql"] for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]]


def test_saving_makes_ten_queries_at_most(as_kam, dossier, kam):
    boss = factories.entry("stakeholders", dossier, name="Boss")
    person = factories.entry("stakeholders", dossier, name="Anna")
    sent = {
        "name": "Anna", "position": "Buyer", "reports_to": boss.pk, "covered_by": kam.pk, "influence": "6",
        "stance": "1", "loyalty": "1", "readiness": "2", "certainty": "fact", "version": person.version,
    }  # fmt: skip
    as_kam.get("/clients/")
    with CaptureQueriesContext(connection) as seen:
        answer = as_kam.post(url("edit", dossier, "stakeholders", person.pk), sent, headers=HTMX)
    assert answer.status_code == 200
    assert len(queries(seen)) <= 10
    with CaptureQueriesContext(connection) as seen:
        note = {
            "happened_on": "2026-11-20", "kind": "call", "title": "x", "tone": "good", "currency": "EUR",
            "certainty": "fact", "stakeholder": boss.pk, "once": "b4a2",
        }  # fmt: skip
        assert as_kam.post(url("add", dossier, "timeline"), note, headers=HTMX).status_code == 200
    assert len(queries(seen)) <= 10

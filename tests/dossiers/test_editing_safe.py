"""Nothing that somebody typed gets lost, nothing is added twice, nothing is confirmed unseen."""

import datetime
import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from dossiers import editing, merging, sending, tasks
from dossiers.models import SentForm
from dossiers.pieces import BY_KEY, PIECES
from tests import factories
from tests.dossiers.test_editing_pages import HTMX, plan_of, url

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 12, 1)
LONG_AGO = datetime.date(2026, 6, 1)


@pytest.fixture
def action(dossier):
    return factories.entry("actions", dossier, title="Send the sample", today=LONG_AGO)


def version_in(answer):
    return re.search(r'name="version" value="(\d+)"', answer.text)[1]


# ── A form that does not say what was seen ───────────────────────────────────────────────────


@pytest.mark.parametrize("version", [None, "", "0", "-1", "999", "x", "1e3", "9" * 30])
def test_a_form_without_its_version_comes_back_with_all_that_was_typed(as_kam, dossier, version):
    plan = dossier.plan
    plan.do = "Call first."
    plan.save()
    sent = plan_of(dossier, do="Write first.", value_proposition="Night service.")
    sent |= {} if version is None else {"version": version}
    for headers in ({}, HTMX):
        answer = as_kam.post(url("edit", dossier, "value", plan.pk), sent, headers=headers)
        assert answer.status_code == 400
        for said in ("did not say which version", "Write first.", "Call first.", "Night service."):
            assertContains(answer, said, status_code=400)
    plan.refresh_from_db()
    assert (plan.do, plan.value_proposition) == ("Call first.", "")
    # what stands was shown beside it, so that the next sending is a choice and no accident
    again = sent | {"version": version_in(answer), "contested": ["do", "value_proposition"]}
    undecided = as_kam.post(url("edit", dossier, "value", plan.pk), again, headers=HTMX)
    assert undecided.status_code == 409
    chosen = again | {"pick-do": "theirs", "pick-value_proposition": "mine"}
    assert as_kam.post(url("edit", dossier, "value", plan.pk), chosen).status_code == 302
    plan.refresh_from_db()
    assert (plan.do, plan.value_proposition) == ("Call first.", "Night service.")


def test_a_form_without_its_version_and_with_a_mistake_keeps_both(as_kam, dossier):
    entry = factories.entry("timeline", dossier)
    sent = {"title": "Prices for 2027", "happened_on": "some day", "certainty": "fact"}
    answer = as_kam.post(url("edit", dossier, "timeline", entry.pk), sent, headers=HTMX)
    assert answer.status_code == 400
    assertContains(answer, "Prices for 2027", status_code=400)
    assert re.search(r'name="happened_on"[^>]*aria-invalid="true"', answer.text)
    assert 'name="version"' not in answer.text


# ── What is given up ─────────────────────────────────────────────────────────────────────────


def conflict(as_kam, as_head, dossier):
    """Karol wrote "Call first.", Helena's form says "Write first."; what she is shown."""
    plan, edit = dossier.plan, url("edit", dossier, "value", dossier.plan.pk)
    as_kam.post(edit, plan_of(dossier, do="Call first.", version=plan.version))
    answer = as_head.post(edit, plan_of(dossier, do="Write first.", version=plan.version))
    assert answer.status_code == 409
    assertContains(answer, "Nothing is lost", status_code=409)
    return edit, plan_of(dossier, do="Write first.", version=version_in(answer), contested=["do"])


def test_the_value_that_one_gave_up_is_kept_in_the_history(as_kam, as_head, head, dossier):
    edit, sent = conflict(as_kam, as_head, dossier)
    assert as_head.post(edit, sent | {"pick-do": "theirs"}).status_code == 302
    plan = dossier.plan
    plan.refresh_from_db()
    assert plan.do == "Call first."
    event = plan.events.select_related("pgh_context").order_by("-version").first()
    assert merging.given_up_at(event) == {"do": "Write first."}
    assert (event.do, event.confirmed_by, event.updated_by.name) == (
        "Call first.", head, "Karol Kam",
    )  # fmt: skip


def test_given_up_beside_a_change_elsewhere_it_is_kept_too(as_kam, as_head, head, dossier):
    edit, sent = conflict(as_kam, as_head, dossier)
    as_head.post(edit, sent | {"pick-do": "theirs", "do_not": "No jokes."})
    event = dossier.plan.events.select_related("pgh_context").order_by("-version").first()
    assert (event.do, event.do_not, event.updated_by) == ("Call first.", "No jokes.", head)
    assert merging.given_up_at(event) == {"do": "Write first."}


def test_a_choice_made_in_a_form_with_a_mistake_is_still_a_choice_afterwards(
    as_kam, as_head, dossier
):
    entry = factories.entry("timeline", dossier)
    edit = url("edit", dossier, "timeline", entry.pk)
    form = as_kam.get(edit, headers=HTMX).context["part"].form
    sent = {name: form[name].value() or "" for name in form.fields} | {"version": 1}
    as_head.post(edit, {**sent, "title": "Call", "text": "Short."})
    mine = {**sent, "title": "Visit", "text": "Long."}
    assert as_kam.post(edit, mine, headers=HTMX).status_code == 409
    shown = {**mine, "version": 2, "contested": ["title", "text"], "pick-text": "mine"}
    wrong = as_kam.post(edit, {**shown, "happened_on": "some day"}, headers=HTMX)
    assert wrong.status_code == 422
    # the field in which nobody chose is still open, and is not won by the one who sent last
    assert wrong.text.count('name="contested"') == 2
    assert as_kam.post(edit, shown, headers=HTMX).status_code == 409
    entry.refresh_from_db()
    assert (entry.title, entry.text) == ("Call", "Short.")


# ── Sent twice ───────────────────────────────────────────────────────────────────────────────


def note(**changes):
    return {
        "happened_on": "2026-11-20", "kind": "call", "title": "Prices", "tone": "good", "currency": "EUR",
        "certainty": "fact", **changes,
    }  # fmt: skip


def test_a_form_sent_twice_adds_one_entry_and_is_answered_alike(as_kam, dossier):
    add = url("add", dossier, "timeline")
    once = re.search(r'name="once" value="([0-9a-f-]{36})"', as_kam.get(add).text)[1]
    for headers in ({}, HTMX):
        answers = [as_kam.post(add, note(once=once), headers=headers) for _click in range(2)]
        assert {answer.status_code for answer in answers} == {200 if headers else 302}
    assert dossier.timeline.count() == 1
    # who goes back in the browser and writes something else means a second entry
    as_kam.post(add, note(once=once, title="Deliveries"))
    assert {entry.title for entry in dossier.timeline.all()} == {"Prices", "Deliveries"}


def test_each_form_has_its_own_number_and_keeps_it_through_mistakes(as_kam, dossier):
    add = url("add", dossier, "timeline")
    first, second = (as_kam.get(add, headers=HTMX).context["part"].token for _form in range(2))
    assert first != second
    wrong = as_kam.post(add, note(once=first, title=""), headers=HTMX)
    assert wrong.context["part"].token == first
    assert not SentForm.objects.exists()


@pytest.mark.parametrize("once", ["x", "\x00", "é" * 5000, "'; drop table", " "])
def test_a_number_that_is_none_harms_nobody(as_kam, as_head, dossier, once):
    add = url("add", dossier, "timeline")
    for browser in (as_kam, as_head):
        assert browser.post(add, note(once=once)).status_code == 302
    assert dossier.timeline.count() == 2  # two people, two sendings


def test_an_entry_deleted_since_is_offered_once_more(as_kam, dossier):
    add = url("add", dossier, "timeline")
    as_kam.post(add, note(once="b4a2"))
    dossier.timeline.get().delete()
    answer = as_kam.post(add, note(once="b4a2"), headers=HTMX)
    assertContains(answer, "saved and then deleted", status_code=409)
    assertContains(answer, "Prices", status_code=409)
    assert answer.context["part"].token != "b4a2"
    assert as_kam.post(add, note(once=answer.context["part"].token)).status_code == 302


def test_forms_sent_long_ago_are_forgotten(as_kam, dossier):
    for title in ("Prices", "Deliveries"):
        as_kam.post(url("add", dossier, "timeline"), note(once="b4a2", title=title))
    old = SentForm.objects.order_by("pk").first()
    month = datetime.timedelta(days=sending.KEPT_DAYS, minutes=1)
    SentForm.objects.filter(pk=old.pk).update(sent_at=timezone.now() - month)
    assert (tasks.sweep_sent_forms(), tasks.sweep_sent_forms()) == (1, 0)
    assert SentForm.objects.exclude(pk=old.pk).count() == 1


# ── Confirming ───────────────────────────────────────────────────────────────────────────────


def test_what_somebody_changed_meanwhile_is_not_confirmed(as_kam, head, dossier, action):
    piece = BY_KEY["actions"]
    sent = {"title": "Send two", "state": "planned", "certainty": "fact", "version": 1}
    editing.change(piece, dossier=dossier, pk=action.pk, data=sent, by=head, today=LONG_AGO)
    confirm = url("confirm", dossier, "actions", action.pk)
    answer = as_kam.post(confirm, {"seen": 1}, headers=HTMX)
    assertContains(answer, "Helena Head changed this entry", status_code=409)
    assertContains(answer, "Send two", status_code=409)
    for nothing in ({}, {"seen": ""}, {"seen": "7"}, {"seen": "x"}):
        assert as_kam.post(confirm, nothing, headers=HTMX).status_code == 400
    action.refresh_from_db()
    assert action.confirmed_on == LONG_AGO
    assert as_kam.post(confirm, {"seen": 2}, headers=HTMX).status_code == 200


def test_that_somebody_else_confirmed_it_is_in_nobodys_way(as_kam, as_head, kam, dossier, action):
    confirm = url("confirm", dossier, "actions", action.pk)
    assert as_head.post(confirm, {"seen": 1}).status_code == 302
    assert as_kam.post(confirm, {"seen": 1}).status_code == 302
    delete = url("delete", dossier, "actions", action.pk)
    assert as_kam.post(delete, {"version": 1}, headers=HTMX).status_code == 200


def test_of_a_list_only_what_was_seen_is_confirmed_and_the_rest_is_named(
    as_kam, head, dossier, action
):
    other = factories.entry("actions", dossier, title="Call the plant", today=LONG_AGO)
    part = as_kam.get(url("piece", dossier, "actions"), headers=HTMX)
    seen = re.search(r'name="seen" value="([^"]* [^"]*)"', part.text)[1]
    assert set(seen.split()) == {f"{action.pk}.1", f"{other.pk}.1"}
    added = factories.entry("actions", dossier, title="Visit", today=LONG_AGO)
    sent = {"title": "Send two", "state": "planned", "certainty": "fact", "version": 1}
    editing.change(
        BY_KEY["actions"], dossier=dossier, pk=action.pk, data=sent, by=head, today=LONG_AGO
    )
    answer = as_kam.post(url("confirm_piece", dossier, "actions"), {"seen": seen}, headers=HTMX)
    assertContains(answer, "“Send two” (Helena Head)")
    for entry in (action, added, other):
        entry.refresh_from_db()
    assert [entry.confirmed_on for entry in (action, added)] == [LONG_AGO, LONG_AGO]
    assert other.confirmed_on == timezone.localdate()
    for nonsense in ("", "x", "1", "1.", "1.1,2.1", "0.1", f"{'9' * 30}.1"):
        answer = as_kam.post(url("confirm_piece", dossier, "actions"), {"seen": nonsense})
        assert answer.status_code == 400


# ── Trees ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("piece", "pointer"), [("structure", "parent"), ("stakeholders", "reports_to")]
)
def test_the_database_knows_no_circles_whoever_writes(dossier, piece, pointer):
    top = factories.entry(piece, dossier)
    middle = factories.entry(piece, dossier, **{pointer: top})
    low = factories.entry(piece, dossier, **{pointer: middle})
    for above in (top, middle, low):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(top).objects.filter(pk=top.pk).update(**{pointer: above})
    type(top).objects.filter(pk=low.pk).update(**{pointer: top})


# ── Where the address leads ──────────────────────────────────────────────────────────────────


def test_a_form_that_was_a_page_of_its_own_is_left_when_it_is_saved(as_kam, dossier):
    add = url("add", dossier, "timeline")
    here = HTMX | {"HX-Current-URL": f"http://testserver{add}"}
    section = reverse("dossiers:section", args=[dossier.pk, "relationship"])
    assert as_kam.post(add, note(), headers=here)["HX-Replace-Url"] == f"{section}#timeline"
    read = url("piece", dossier, "timeline")
    assert as_kam.get(read, headers=here)["HX-Replace-Url"] == f"{section}#timeline"
    elsewhere = HTMX | {"HX-Current-URL": f"http://testserver{section}"}
    assert "HX-Replace-Url" not in as_kam.post(add, note(), headers=elsewhere)


# ── Whatever is sent ─────────────────────────────────────────────────────────────────────────

ABSURD = (
    "\x00", "a\x00b", "1" + "0" * 20, "-1" + "0" * 400, "1e400", "NaN", "0000-00-00", "0001-01-01", "9999-12-31",
    "2026-02-30", "١٢",
)  # fmt: skip


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: repr(value)[:12])
def test_absurd_input_is_answered_with_sentences_and_never_fails(as_kam, dossier, value):
    for piece in PIECES:
        names = (*piece.fields, "source", "certainty", "once", "contested")
        sent = dict.fromkeys(names, value)
        if piece.is_sheet:
            record = piece.records(dossier).get()
            sent["version"] = record.version
            edit = url("edit", dossier, piece.key, record.pk)
            answer = as_kam.post(edit, sent, headers=HTMX)
            assert answer.status_code in (200, 409, 422), (piece.key, answer.status_code)
            confirm = url("confirm", dossier, piece.key, record.pk)
            assert as_kam.post(confirm, {"seen": value}, headers=HTMX).status_code == 400
        elif piece.key != "attachments":
            answer = as_kam.post(url("add", dossier, piece.key), sent, headers=HTMX)
            assert answer.status_code == 422, (piece.key, answer.status_code)
            asked = as_kam.get(url("add", dossier, piece.key), sent, headers=HTMX)
            assert asked.status_code == 200, piece.key


def test_a_text_that_is_too_long_comes_back_whole_with_a_sentence(as_kam, dossier):
    text = "Long. " * 900_000
    sent = plan_of(dossier, do=text, version=dossier.plan.version)
    answer = as_kam.post(url("edit", dossier, "value", dossier.plan.pk), sent, headers=HTMX)
    assert answer.status_code == 422
    assert "100000" in answer.text.replace("\xa0", "").replace(",", "")
    assert answer.text.count("Long. ") >= 900_000

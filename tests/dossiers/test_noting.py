"""Noting an interaction: who may, where it lands, and what is refused."""

import datetime

import pytest
from django.utils import timezone

from accounts import assigning
from dossiers import opening
from tests import factories

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def note(**values):
    today = timezone.localdate().isoformat()
    written = {"happened_on": today, "kind": "call", "title": "Called", "tone": "neutral"}
    return {**written, "currency": "EUR", "certainty": "fact", **values}


def address(dossier):
    return f"/dossiers/{dossier.pk}/note/"


def test_who_keeps_one_dossier_is_led_to_its_form(as_kam, dossier):
    assert as_kam.get("/note/").url == address(dossier)
    answer = as_kam.get("/note/", headers=HTMX)
    assert answer.headers["HX-Redirect"] == address(dossier)


def test_who_keeps_several_chooses_among_his_own_alone(as_kam, dossier, others_dossier, kam, head):
    second = factories.dossier(by=head, name="Baltmara")
    assigning.appoint_deputy(
        _held_by_somebody(second, head).client, to=kam, by=head, today=factories.TODAY
    )
    page = as_kam.get("/note/").content.decode()
    assert address(dossier) in page
    assert address(second) in page
    assert address(others_dossier) not in page


def _held_by_somebody(dossier, head):
    assigning.assign(
        dossier.client, to=factories.kam(name="Somebody Else"), by=head, today=factories.TODAY
    )
    return dossier


def test_who_keeps_none_is_told_so(as_other_kam, dossier):
    assert "nothing to note" in as_other_kam.get("/note/").content.decode()


def test_a_head_searches_without_accents_and_only_among_open_dossiers(as_head, dossier, head):
    closed = factories.dossier(by=head, name="Huta Dawna")
    opening.release_key(closed, by=head, reason="They closed.", to="lost", today=factories.TODAY)
    page = as_head.get("/note/?q=HUTA").content.decode()
    assert "Huta Północ" in page
    assert "Huta Dawna" not in page
    assert "polnoc" not in page
    assert "Huta Północ" in as_head.get("/note/?q=polnoc").content.decode()
    assert "called so" in as_head.get("/note/?q=nobody").content.decode()


def test_the_roles_without_dossiers_have_neither_the_button_nor_the_page(
    as_analyst, as_colleague, as_kam, dossier
):
    for browser in (as_analyst, as_colleague):
        assert browser.get("/note/").status_code == 403
        assert "note-btn" not in browser.get("/").content.decode()
    assert "note-btn" in as_kam.get("/").content.decode()


def test_a_note_lands_where_it_stands_on_the_timeline(as_kam, dossier):
    answer = as_kam.post(address(dossier), note(title="Called about the claim"))
    entry = dossier.timeline.get()
    here = f"/dossiers/{dossier.pk}/relationship/"
    assert answer.url == f"{here}#timeline-{entry.pk}"
    in_place = as_kam.post(address(dossier), note(title="Called again"), headers=HTMX)
    assert in_place.headers["HX-Redirect"].startswith(f"{here}#timeline-")


def test_a_note_of_long_ago_lands_on_a_page_that_shows_it(as_kam, dossier):
    for _number in range(25):
        factories.entry("timeline", dossier, happened_on=timezone.localdate())
    long_ago = timezone.localdate() - datetime.timedelta(days=400)
    answer = as_kam.post(address(dossier), note(happened_on=long_ago.isoformat()))
    entry = dossier.timeline.get(happened_on=long_ago)
    assert f'id="timeline-{entry.pk}"' in as_kam.get(answer.url.split("#")[0]).content.decode()


def test_what_is_missing_is_said_and_what_was_typed_stays(as_kam, dossier):
    answer = as_kam.post(address(dossier), note(title="", text="A long report"), headers=HTMX)
    assert answer.status_code == 422
    assert "A long report" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert not dossier.timeline.exists()


def test_a_note_sent_twice_is_noted_once(as_kam, dossier):
    for _time in range(2):
        answer = as_kam.post(address(dossier), note(once="1b6f"))
    assert dossier.timeline.count() == 1
    assert answer.url.endswith(f"#timeline-{dossier.timeline.get().pk}")


def test_nobody_notes_anything_in_a_dossier_that_is_not_his_or_closed(
    as_other_kam, as_head, dossier, head
):
    assert as_other_kam.get(address(dossier)).status_code == 404
    assert as_other_kam.post(address(dossier), note()).status_code == 404
    opening.release_key(dossier, by=head, reason="They closed.", to="lost", today=factories.TODAY)
    assert as_head.get(address(dossier)).status_code == 403
    assert as_head.post(address(dossier), note()).status_code == 403
    assert not dossier.timeline.exists()

"""The history with its ways back, through the doors that people use."""

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from dossiers import editing, opening
from dossiers.models import Contract, InfluenceLine
from dossiers.pieces import BY_KEY
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def url(name, dossier, piece, *args):
    return reverse(f"dossiers:{name}", args=[dossier.pk, BY_KEY[piece].section, piece, *args])


def rewrite(piece, record, dossier, by, **data):
    record.refresh_from_db()
    editing.change(
        BY_KEY[piece],
        dossier=dossier,
        pk=record.pk,
        data={"version": record.version, **data},
        by=by,
        today=timezone.localdate(),
        partial=True,
    )


@pytest.fixture
def contract(kam, dossier):
    """It said Bearings, now it says Seals."""
    contract = factories.entry("contracts", dossier, subject="Bearings", number="K-1")
    rewrite("contracts", contract, dossier, kam, subject="Seals")
    return contract


@pytest.fixture
def deleted(kam, dossier, contract):
    """The key of the contract, taken out."""
    pk = contract.pk
    editing.delete(BY_KEY["contracts"], dossier=dossier, pk=pk, data={"version": 2}, by=kam)
    return pk


def test_an_earlier_value_is_one_click_away_in_the_history(as_kam, kam, dossier, contract):
    history = url("history", dossier, "contracts", contract.pk)
    page = as_kam.get(history)
    assertContains(page, url("put_back", dossier, "contracts", contract.pk))
    assertContains(page, "Subject: Bearings")
    sent = {"version": 2, "of": 1, "field": "subject"}
    answer = as_kam.post(url("put_back", dossier, "contracts", contract.pk), sent, follow=True)
    assertRedirects(answer, history)
    assertContains(answer, "Put back. The history keeps what stood there before.")
    assert Contract.objects.get().subject == "Bearings"
    # What stands already needs no way back; the other value has one now.
    assertContains(answer, "Subject: Seals")
    assertNotContains(answer, "Subject: Bearings")


def test_a_whole_entry_is_put_back_from_the_history_of_its_list(as_kam, dossier, contract):
    page = as_kam.get(url("piece_history", dossier, "contracts"))
    assertContains(page, "Put all back as it stood then")
    sent = {"version": 2, "of": 1, "whole": 1}
    answer = as_kam.post(url("put_back", dossier, "contracts", contract.pk), sent)
    assertRedirects(answer, url("piece_history", dossier, "contracts"))
    assert Contract.objects.get().subject == "Bearings"


def test_what_somebody_changed_meanwhile_is_not_put_back(as_kam, head, dossier, contract):
    rewrite("contracts", contract, dossier, head, subject="Belts")
    sent = {"version": 2, "of": 1, "field": "subject"}
    answer = as_kam.post(url("put_back", dossier, "contracts", contract.pk), sent)
    assertContains(answer, "Helena Head changed it since you opened this page", status_code=409)
    assertContains(answer, "Belts", status_code=409)
    assert Contract.objects.get().subject == "Belts"


@pytest.mark.parametrize("sent", [{}, {"version": 2}, {"of": 1}, {"version": "x", "of": "1;"}])
def test_without_the_version_seen_nothing_is_put_back(as_kam, dossier, contract, sent):
    answer = as_kam.post(url("put_back", dossier, "contracts", contract.pk), sent)
    assertContains(answer, "nothing was put back", status_code=400)
    assert Contract.objects.get().subject == "Seals"


def test_a_deleted_entry_is_found_and_brought_back(as_kam, dossier, deleted):
    page = as_kam.get(url("piece_history", dossier, "contracts"))
    assertContains(page, 'href="#deleted"')
    assertContains(page, "1 deleted")
    bring_back = url("bring_back", dossier, "contracts", deleted)
    assertContains(page, bring_back)
    assertContains(as_kam.get(url("history", dossier, "contracts", deleted)), bring_back)
    answer = as_kam.post(bring_back, follow=True)
    assertContains(answer, "“K-1” is back.")
    assert Contract.objects.get().pk == deleted
    assertNotContains(as_kam.get(url("piece_history", dossier, "contracts")), 'id="deleted"')
    # A second click finds it standing.
    assertContains(as_kam.post(bring_back), "not deleted any more", status_code=409)


def test_deleting_offers_the_way_back_in_place(as_kam, kam, dossier):
    anna = factories.entry("stakeholders", dossier, name="Anna")
    piotr = factories.entry("stakeholders", dossier, name="Piotr")
    factories.entry("influence", dossier, influencer=anna, influenced=piotr)
    pk = anna.pk
    part = as_kam.post(url("delete", dossier, "stakeholders", pk), {"version": 1}, headers=HTMX)
    bring_back = url("bring_back", dossier, "stakeholders", pk)
    assertContains(part, bring_back)
    assertContains(part, "Undo")
    part = as_kam.post(bring_back, headers=HTMX)
    assertContains(part, "Anna")
    assert "With it came 1 entry that belonged to it." in part.headers["HX-Trigger"]
    assert InfluenceLine.objects.count() == 1
    assertNotContains(part, "Undo")


def test_without_a_script_the_way_back_is_a_link(as_kam, dossier, contract):
    delete = url("delete", dossier, "contracts", contract.pk)
    page = as_kam.post(delete, {"version": 2}, follow=True)
    history = url("piece_history", dossier, "contracts")
    assertContains(page, f'<a class="link" href="{history}#deleted">Undo</a>')


def test_a_refusal_in_place_stands_in_the_part(as_kam, kam, dossier):
    first = factories.entry("opportunity", dossier, year_number=2)
    pk = first.pk
    editing.delete(BY_KEY["opportunity"], dossier=dossier, pk=pk, data={"version": 1}, by=kam)
    factories.entry("opportunity", dossier, year_number=2, amount=2000)
    bring_back = url("bring_back", dossier, "opportunity", pk)
    for headers in (HTMX, {}):
        answer = as_kam.post(bring_back, headers=headers)
        assertContains(answer, "The opportunity of this year stands here already", status_code=409)


def test_a_deleted_entry_has_to_be_back_before_its_values_are(as_kam, dossier, deleted):
    sent = {"version": 2, "of": 1, "field": "subject"}
    answer = as_kam.post(url("put_back", dossier, "contracts", deleted), sent)
    assertContains(answer, "Bring it back first", status_code=409)


def test_a_closed_dossier_is_read_and_not_put_back(as_head, head, dossier, contract):
    opening.release_key(dossier, to="regular", by=head, reason="Sold.", today=timezone.localdate())
    page = as_head.get(url("history", dossier, "contracts", contract.pk))
    assertContains(page, "Bearings")
    assertNotContains(page, "put-back")
    sent = {"version": 2, "of": 1, "field": "subject"}
    assert as_head.post(url("put_back", dossier, "contracts", contract.pk), sent).status_code == 403
    assert as_head.get(reverse("dossiers:as_of", args=[dossier.pk])).status_code == 200
    assert as_head.get(reverse("dossiers:compare", args=[dossier.pk])).status_code == 200


def test_a_deleted_entry_of_a_closed_dossier_stays_deleted(as_head, head, dossier, deleted):
    opening.release_key(dossier, to="regular", by=head, reason="Sold.", today=timezone.localdate())
    page = as_head.get(url("piece_history", dossier, "contracts"))
    assertContains(page, "Deleted entries")
    assertNotContains(page, "bring-back")
    assert as_head.post(url("bring_back", dossier, "contracts", deleted)).status_code == 403


def test_nobody_else_puts_anything_back(
    as_other_kam, as_analyst, as_colleague, anonymous, dossier, contract, others_dossier
):
    sent = {"version": 2, "of": 1, "field": "subject"}
    for browser in (as_other_kam, as_analyst, as_colleague):
        for way in ("put_back", "bring_back"):
            answer = browser.post(url(way, dossier, "contracts", contract.pk), sent)
            assert answer.status_code == 404, way
    # By way of a dossier of one's own neither.
    answer = as_other_kam.post(url("put_back", others_dossier, "contracts", contract.pk), sent)
    assert answer.status_code in (404, 409)
    answer = as_other_kam.post(url("bring_back", others_dossier, "contracts", contract.pk))
    assert answer.status_code == 404
    assert (
        anonymous.post(url("put_back", dossier, "contracts", contract.pk), sent).status_code == 302
    )
    assert Contract.objects.get().subject == "Seals"


def test_the_dossier_leads_to_its_past(as_kam, dossier):
    page = as_kam.get(reverse("dossiers:dossier", args=[dossier.pk]))
    assertContains(page, reverse("dossiers:compare", args=[dossier.pk]))
    assertContains(page, reverse("dossiers:as_of", args=[dossier.pk]))


@pytest.mark.parametrize("field", ["happened_on", "owner", "amount"])
def test_what_was_given_up_and_never_was_a_value_has_no_way_back(as_kam, kam, head, dossier, field):
    """He wrote nonsense and let the other's value stand: the history tells it, and offers nothing."""
    note = factories.entry("timeline", dossier)
    rewrite("timeline", note, dossier, head, title="Talked about the year after next")
    sent = {"version": 2, "title": note.title, "kind": "meeting", "certainty": "fact"}
    sent |= {"happened_on": note.happened_on, "tone": note.tone, "currency": "EUR"}
    sent |= {field: "nonsense", "contested": field, f"pick-{field}": "theirs"}
    as_kam.post(url("edit", dossier, "timeline", note.pk), sent)
    page = as_kam.get(url("history", dossier, "timeline", note.pk))
    assertNotContains(page, 'name="given_up"')
    note.refresh_from_db()
    back = {"version": note.version, "of": note.version, "field": field, "given_up": 1}
    answer = as_kam.post(url("put_back", dossier, "timeline", note.pk), back)
    assertContains(answer, "This cannot be put back as things stand now", status_code=409)


@pytest.mark.parametrize("of", ["9" * 5000, "9" * 30, "-1", "0", "²", "\0", ""])
def test_a_version_that_there_cannot_be_puts_nothing_back(as_kam, dossier, contract, of):
    for given_up in ({}, {"given_up": 1}):
        back = {"version": 2, "of": of, "field": "subject", **given_up}
        answer = as_kam.post(url("put_back", dossier, "contracts", contract.pk), back)
        assert answer.status_code == 400
    assert Contract.objects.get().subject == "Seals"

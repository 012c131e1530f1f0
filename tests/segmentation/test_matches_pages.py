"""Who decides whether two clients are one, and how: the queue, any two clients, the merges so far, the API."""

import pytest
from django.contrib.messages import get_messages

from accounts.models import Client
from segmentation import merging, rollup, selecting
from segmentation.models import ClientMerge, DoubtfulMatch, LedgerNumber, MonthlySales
from tests import factories
from tests.factories import TODAY
from tests.segmentation.conftest import COLUMNS, HEADER

HTMX = {"HX-Request": "true"}
NAMED = (*HEADER, "Name")


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.fixture
def doubt(bring_in) -> DoubtfulMatch:
    """Two clients of the ledger whose names are the same but for the legal form."""
    bring_in(
        [
            ("F1", "100", "2026-01-05", 2, 50, "Huta Północ S.A."),
            ("F2", "100", "2026-03-05", 1, 10, "Huta Północ S.A."),
            ("F3", "200", "2026-02-05", 1, 7, "HUTA POLNOC sp. z o.o."),
        ],
        NAMED,
        COLUMNS | {"name": "Name"},
    )
    return DoubtfulMatch.objects.select_related("client", "candidate").get()


def path(doubt) -> str:
    return f"/clients/matches/{doubt.pk}/"


# ── The queue ────────────────────────────────────────────────────────────────────────────────


def test_the_queue_shows_both_clients_side_by_side(as_analyst, doubt):
    page = as_analyst.get("/clients/matches/").content.decode()
    for told in (
        "HUTA POLNOC sp. z o.o.",
        "Huta Północ S.A.",
        "110",
        "EUR",
        "January 2026",
        "The same client: merge",
    ):
        assert told in page
    assert "The same name, but for the legal form" in page


def test_an_empty_queue_says_so(as_analyst, db):
    assert "No doubts" in as_analyst.get("/clients/matches/").content.decode()


def test_the_analysts_start_page_and_the_import_lead_to_the_queue(as_analyst, doubt):
    assert "/clients/matches/" in as_analyst.get("/").content.decode()
    page = as_analyst.get(f"/sales/imports/{doubt.sales_import_id}/").content.decode()
    assert "Doubtful matches" in page
    DoubtfulMatch.objects.update(state="different")
    assert "/clients/matches/" not in as_analyst.get("/").content.decode()


def test_the_same_client_is_merged_and_the_row_says_so(as_analyst, doubt):
    answer = as_analyst.post(path(doubt), {"answer": "same"}, headers=HTMX)
    assert answer.status_code == 200
    assert "is one client with Huta Północ S.A. now" in answer.content.decode()
    assert f'id="doubt-{doubt.pk}"' in answer.content.decode()
    assert "The same client: merge" not in answer.content.decode()
    assert sum(MonthlySales.objects.values_list("revenue", flat=True)) == 117
    assert {row.client for row in LedgerNumber.objects.all()} == {doubt.candidate}
    assert rollup.differences() == []
    assert "No doubts" in as_analyst.get("/clients/matches/").content.decode()


def test_two_clients_stay_two_and_are_not_asked_about_again(as_head, head, doubt):
    answer = as_head.post(path(doubt), {"answer": "different"})
    assert answer.status_code == 302
    assert "stay two clients" in said(answer)
    doubt.refresh_from_db()
    assert (doubt.state, doubt.decided_by) == ("different", head)
    assert not ClientMerge.objects.exists()


def test_an_answer_that_is_none_is_refused_with_the_row_as_it_was(as_analyst, doubt):
    answer = as_analyst.post(path(doubt), {"answer": "perhaps"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Say whether they are" in answer.content.decode()
    assert "The same client: merge" in answer.content.decode()
    doubt.refresh_from_db()
    assert doubt.state == "open"


def test_who_answers_second_is_told_that_they_were_merged(as_analyst, as_head, doubt):
    as_head.post(path(doubt), {"answer": "same"})
    for answer in ("same", "different"):
        late = as_analyst.post(path(doubt), {"answer": answer}, headers=HTMX)
        assert late.status_code == 422
        assert "merged" in late.content.decode()
    assert ClientMerge.objects.count() == 1


def test_the_one_further_on_its_way_is_kept(as_analyst, doubt, head):
    selecting.nominate(doubt.client, by=head, today=TODAY, reason="Large")
    assert "HUTA POLNOC sp. z o.o. is kept" in as_analyst.get("/clients/matches/").content.decode()
    as_analyst.post(path(doubt), {"answer": "same"})
    assert ClientMerge.objects.get().kept == doubt.client


@pytest.mark.parametrize("who", ["as_kam", "as_colleague", "as_admin"])
def test_others_see_no_queue_and_decide_nothing(request, who, doubt):
    browser = request.getfixturevalue(who)
    assert browser.get("/clients/matches/").status_code == 403
    assert browser.post(path(doubt), {"answer": "same"}).status_code == 403
    assert browser.get(f"/clients/{doubt.client_id}/merge/").status_code == 403
    assert not ClientMerge.objects.exists()


# ── Any two clients ──────────────────────────────────────────────────────────────────────────


def test_an_analyst_finds_the_other_client_sees_what_moves_and_merges(as_analyst, doubt):
    kept, merged = doubt.candidate, doubt.client
    assert (
        f"/clients/{kept.pk}/merge/"
        in as_analyst.get(f"/clients/{kept.pk}/figures/").content.decode()
    )
    for words in ("huta", "200"):
        found = as_analyst.get(f"/clients/{kept.pk}/merge/", {"q": words}).content.decode()
        assert f"?other={merged.pk}" in found
    shown = as_analyst.get(f"/clients/{kept.pk}/merge/", {"other": merged.pk}).content.decode()
    assert "documents: <span" in shown
    asked = {"other": merged.pk, "keep": kept.pk, "reason": "One address"}
    done = as_analyst.post(f"/clients/{kept.pk}/merge/", asked)
    assert done["Location"] == f"/clients/{kept.pk}/figures/"
    assert ClientMerge.objects.get().reason == "One address"
    figures = as_analyst.get(done["Location"]).content.decode()
    assert "117" in figures


def test_the_direction_is_the_persons_choice_unless_a_stage_would_be_lost(as_analyst, doubt, head):
    one, other = doubt.client, doubt.candidate
    selecting.nominate(other, by=head, today=TODAY, reason="Large")
    wrong = as_analyst.post(f"/clients/{one.pk}/merge/", {"other": other.pk, "keep": one.pk})
    assert wrong.status_code == 422
    assert "other way round" in wrong.content.decode()
    right = as_analyst.post(f"/clients/{one.pk}/merge/", {"other": other.pk, "keep": other.pk})
    assert right["Location"] == f"/clients/{other.pk}/figures/"


def test_two_key_clients_are_told_so_before_anybody_types(as_analyst, head):
    one, other = factories.key_client(by=head), factories.key_client(by=head)
    page = as_analyst.get(f"/clients/{one.pk}/merge/", {"other": other.pk})
    assert "release one of them first" in page.content.decode()
    refused = as_analyst.post(f"/clients/{one.pk}/merge/", {"other": other.pk, "keep": one.pk})
    assert refused.status_code == 422


@pytest.mark.parametrize("other", ["0", "x", "-1", "9" * 30, "self"])
def test_nonsense_is_not_found_and_nothing_happens(as_analyst, doubt, other):
    other = doubt.client_id if other == "self" else other
    answer = as_analyst.post(f"/clients/{doubt.client_id}/merge/", {"other": other, "keep": 1})
    assert answer.status_code == 404
    assert not ClientMerge.objects.exists()


def test_a_client_that_is_not_one_of_the_two_cannot_be_kept(as_analyst, doubt):
    third = factories.client()
    asked = {"other": doubt.candidate_id, "keep": third.pk}
    assert as_analyst.post(f"/clients/{doubt.client_id}/merge/", asked).status_code == 422


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────


def test_past_addresses_lead_to_the_client_it_became(as_analyst, as_kam, analyst, doubt, dossier):
    merging.merge(doubt.candidate, doubt.client, by=analyst, today=TODAY)
    gone = as_analyst.get(f"/clients/{doubt.client_id}/figures/?currency=EUR")
    assert gone["Location"] == f"/clients/{doubt.candidate_id}/figures/?currency=EUR"
    assert as_kam.get(f"/clients/{doubt.client_id}/figures/").status_code == 404
    assert as_analyst.post(f"/clients/{doubt.client_id}/merge/").status_code == 404
    merging.merge(dossier.client, doubt.candidate, by=analyst, today=TODAY)
    for old in (doubt.client_id, doubt.candidate_id):
        led = as_kam.get(f"/clients/{old}/figures/")
        assert led["Location"] == f"/clients/{dossier.client_id}/figures/"


def test_a_merge_is_told_and_taken_apart(as_analyst, as_head, doubt):
    as_analyst.post(path(doubt), {"answer": "same"})
    row = ClientMerge.objects.get()
    page = as_head.get("/clients/merges/").content.decode()
    assert "Ada Analyst" in page
    assert "1 document" in page
    answer = as_head.post(f"/clients/merges/{row.pk}/split/")
    assert "two clients again" in said(answer)
    again = as_head.post(f"/clients/merges/{row.pk}/split/")
    assert "taken apart already" in said(again)
    assert "taken apart by Helena Head" in as_head.get("/clients/merges/").content.decode()
    assert Client.objects.standing().filter(pk=doubt.client_id).exists()


def test_the_salesperson_of_the_ledger_stands_with_the_figures(as_analyst, doubt):
    Client.objects.filter(pk=doubt.client_id).update(kam_in_ledger="Ewa Handlowa")
    assert "Ewa Handlowa" in as_analyst.get(f"/clients/{doubt.client_id}/figures/").content.decode()


# ── API ──────────────────────────────────────────────────────────────────────────────────────


def test_a_program_reads_numbers_and_doubts_and_decides(as_analyst, as_kam, doubt):
    numbers = as_analyst.get("/api/ledger-numbers/", {"number": "200"}).json()["results"]
    assert [row["client"]["id"] for row in numbers] == [doubt.client_id]
    assert as_kam.get("/api/ledger-numbers/").json()["count"] == 0
    assert as_analyst.get("/api/doubtful-matches/", {"state": "open"}).json()["count"] == 1
    assert as_kam.get("/api/doubtful-matches/").json()["count"] == 0
    decide = f"/api/doubtful-matches/{doubt.pk}/decide/"
    json = {"content_type": "application/json"}
    assert as_kam.post(decide, {"answer": "same"}, **json).status_code == 403
    assert as_analyst.post(decide, {"answer": "who knows"}, **json).status_code == 400
    assert as_analyst.post(decide, {"answer": "same"}, **json).json()["state"] == "same"
    merges = as_analyst.get("/api/client-merges/").json()["results"]
    assert merges[0]["moved"]["lines"] == 1
    back = as_analyst.post(f"/api/client-merges/{merges[0]['id']}/split/", **json)
    assert back.json()["split_by"]["name"] == "Ada Analyst"
    again = as_analyst.post(f"/api/client-merges/{merges[0]['id']}/split/", **json)
    assert (again.status_code, "already" in again.json()["detail"][0]) == (400, True)


def test_a_program_merges_two_clients_of_its_choice(as_head, as_kam, doubt):
    json = {"content_type": "application/json"}
    asked = {"kept": doubt.candidate_id, "merged": doubt.client_id}
    assert as_kam.post("/api/client-merges/", asked, **json).status_code == 403
    itself = {"kept": doubt.client_id, "merged": doubt.client_id}
    refused = as_head.post("/api/client-merges/", itself, **json)
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        ["Choose two different clients."],
    )
    done = as_head.post("/api/client-merges/", asked, **json)
    assert done.status_code == 201
    assert done.json()["kept"]["id"] == doubt.candidate_id
    gone = as_head.post("/api/client-merges/", asked, **json)
    assert gone.status_code == 400

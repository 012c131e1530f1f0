"""The selection by API: list, scores and three Ps with versions, decisions, prospects."""

import pytest

from accounts.models import Client
from accounts.models.client import Stage
from segmentation import judging
from segmentation.models import CriterionScore
from tests import factories
from tests.factories import TODAY

pytestmark = pytest.mark.usefixtures("db")
JSON = "application/json"


@pytest.fixture
def candidate(db):
    return factories.client(name="Candidate Ltd", stage=Stage.CANDIDATE, tax_id="PL 521-000-11-22")


def put(browser, client, what="scores/fit", version='"0"', **sent):
    sent = sent or {"score": 4, "reason": "Wants our whole range."}
    headers = {"If-Match": version} if version else {}
    return browser.put(
        f"/api/selection/{client.pk}/{what}/", sent, content_type=JSON, headers=headers
    )


def test_a_heads_program_judges_and_reads_the_list(as_head, candidate):
    answer = put(as_head, candidate)
    assert (answer.status_code, answer["ETag"]) == (200, '"1"')
    put(as_head, candidate, "scores/relationship", score=3, reason="Talks.")
    put(as_head, candidate, "scores/influence", score=5, reason="Everybody asks.")
    [entry] = as_head.get("/api/selection/").json()["results"]
    # (20·4 + 20·3 + 10·5) ÷ 50
    assert (entry["total"], entry["known"], entry["rank"]) == ("3.8000", "0.5000", 1)
    assert entry["client"]["name"] == "Candidate Ltd"
    assert (entry["in_first_ten"], entry["variations"]) == (10, 10)
    fit = next(each for each in entry["scores"] if each["criterion"] == "fit")
    assert (fit["score"], fit["computed"], fit["basis"]) == (4, False, "Wants our whole range.")
    one = as_head.get(f"/api/selection/{candidate.pk}/").json()
    assert one["explanation"] == "(20 × 4 + 20 × 3 + 10 × 5) ÷ 50 = 3.80"
    assert as_head.get(f"/api/selection/{candidate.pk}/scores/fit/").json()["score"] == 4


def test_without_if_match_nothing_is_judged(as_head, candidate):
    assert put(as_head, candidate, version="").status_code == 428
    assert put(as_head, candidate, version="3").status_code == 400
    assert not CriterionScore.objects.exists()


def test_an_old_version_is_answered_with_both_values(as_head, as_other_head, candidate):
    put(as_head, candidate)
    answer = put(as_other_head, candidate, score=1, reason="Low prices only.")
    assert answer.status_code == 412
    said = answer.json()
    assert (said["version"], said["yours"]["score"], said["theirs"]["score"]) == (1, 1, 4)
    assert (
        put(as_other_head, candidate, version='"1"', score=1, reason="Low prices only.")["ETag"]
        == '"2"'
    )


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"score": 6, "reason": "x"}, "score"),
        ({"score": -1, "reason": "x"}, "score"),
        ({"score": 3, "reason": "  "}, "reason"),
        ({"score": 3}, "reason"),
        ({"score": 3, "reason": "x" * 2001}, "reason"),
    ],
)
def test_a_wrong_score_is_told_by_field(as_head, candidate, sent, field):
    answer = put(as_head, candidate, **sent)
    assert answer.status_code == 400
    assert field in answer.json()


def test_a_criterion_that_there_is_not_is_not_found(as_head, candidate):
    assert put(as_head, candidate, "scores/beauty").status_code == 404
    assert as_head.get("/api/selection/?among=everybody").status_code == 400


def test_a_score_is_taken_back_as_it_was_seen(as_head, candidate):
    put(as_head, candidate)
    url = f"/api/selection/{candidate.pk}/scores/fit/"
    assert as_head.delete(url).status_code == 428
    assert as_head.delete(url, headers={"If-Match": '"9"'}).status_code == 412
    assert as_head.delete(url, headers={"If-Match": '"1"'}).status_code == 204
    assert as_head.get(url).status_code == 404


def test_a_prospect_is_entered_and_qualified(as_head, candidate):
    answer = as_head.post(
        "/api/prospects/", {"name": "New Ltd", "source": "fair"}, content_type=JSON
    )
    assert answer.status_code == 201
    client = Client.objects.get(pk=answer.json()["id"])
    answer = put(as_head, client, "qualification", '"1"', need=4, source="fair", need_note="Now.")
    assert (answer.status_code, answer.json()["ability"]) == (200, None)
    url = f"/api/selection/{client.pk}/qualification/"
    assert as_head.get(url).json()["need"] == 4
    answer = put(as_head, client, "qualification", '"1"', need=1, source="fair")
    assert (answer.status_code, answer.json()["theirs"]["need"]) == (412, 4)


def test_a_company_that_is_known_is_not_entered_twice(as_analyst, candidate):
    wish = {"name": "Another name", "tax_id": "5210001122", "source": "fair"}
    answer = as_analyst.post("/api/prospects/", wish, content_type=JSON)
    assert answer.status_code == 409
    assert answer.json()["client"]["id"] == candidate.pk
    same = {"name": "CANDIDATE LTD", "source": "fair"}
    assert as_analyst.post("/api/prospects/", same, content_type=JSON).status_code == 409
    same["is_another"] = True
    assert as_analyst.post("/api/prospects/", same, content_type=JSON).status_code == 201


def test_a_decision_is_made_and_found_in_the_log(as_head, candidate):
    url = f"/api/selection/{candidate.pk}/decide/"
    answer = as_head.post(url, {"to": "regular", "reason": "Too small."}, content_type=JSON)
    assert answer.status_code == 201
    [row] = as_head.get(f"/api/selection-decisions/?client={candidate.pk}").json()["results"]
    assert (row["from_stage"], row["to_stage"], row["reason"]) == (
        "candidate",
        "regular",
        "Too small.",
    )
    again = as_head.post(url, {"to": "regular", "reason": "Too small."}, content_type=JSON)
    assert again.status_code == 409


def test_a_key_client_is_neither_made_nor_unmade_here(as_head, candidate, dossier):
    answer = as_head.post(
        f"/api/selection/{candidate.pk}/decide/", {"to": "key", "reason": "x"}, content_type=JSON
    )
    assert answer.status_code == 400
    answer = as_head.post(
        f"/api/selection/{dossier.client_id}/decide/",
        {"to": "regular", "reason": "x"},
        content_type=JSON,
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("who", ["analyst", "kam", "colleague", "admin"])
def test_nobody_else_reads_or_writes_opinions(who, request, candidate, head):
    judging.judge(candidate, "fit", score=4, reason="Ours", seen=0, by=head, today=TODAY)
    browser = request.getfixturevalue(f"as_{who}")
    assert browser.get("/api/selection/").status_code == 403
    assert browser.get(f"/api/selection/{candidate.pk}/scores/fit/").status_code == 403
    assert put(browser, candidate, version='"1"').status_code == 403
    assert browser.get("/api/type-decisions/").json()["count"] == 0
    if who != "analyst":
        wish = {"name": "New Ltd", "source": "fair"}
        assert browser.post("/api/prospects/", wish, content_type=JSON).status_code == 403

"""Writing in a dossier by API: field by field, never over somebody else's words, never twice."""

import json

import pytest

from dossiers import opening
from dossiers.models import Action, SentForm
from dossiers.pieces import PIECES
from tests import factories

JSON = "application/json"


def at(dossier, piece, entry=None):
    base = f"/api/dossiers/{dossier.pk}/{piece}/"
    return base if entry is None else f"{base}{entry.pk}/"


def patch(program, address, sent, *, seen=None):
    headers = {} if seen is None else {"If-Match": f'"{seen}"'}
    return program.patch(address, json.dumps(sent), content_type=JSON, headers=headers)


def post(program, address, sent, **headers):
    return program.post(address, json.dumps(sent), content_type=JSON, headers=headers)


@pytest.fixture
def program(with_token, kam):
    return with_token(kam)


@pytest.fixture
def action(dossier):
    return factories.entry("actions", dossier, title="Send the sample")


# ── Reading ──────────────────────────────────────────────────────────────────────────────────


def test_each_piece_is_read_at_its_own_address_with_its_version(program, dossier):
    for piece in PIECES:
        answer = program.get(at(dossier, piece.key))
        assert answer.status_code == 200, piece.key
        if piece.is_sheet:
            assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
        else:
            assert answer.json()["results"] == []
    assert program.get(at(dossier, "secrets")).status_code == 404


def test_an_entry_is_read_with_its_version(program, dossier, action):
    answer = program.get(at(dossier, "actions", action))
    assert (answer.json()["title"], answer.headers["ETag"]) == ("Send the sample", '"1"')
    assert program.get(f"{at(dossier, 'actions')}99999999/").status_code == 404
    assert program.get(f"{at(dossier, 'value')}{dossier.plan.pk}/").status_code == 404


# ── Adding ───────────────────────────────────────────────────────────────────────────────────


def test_a_program_adds_an_entry_in_its_persons_name(program, kam, dossier):
    answer = post(
        program,
        at(dossier, "timeline"),
        {"happened_on": "2026-11-20", "title": "Prices for 2027", "kind": "call", "amount": "10.5"},
    )
    assert answer.status_code == 201
    entry = dossier.timeline.get()
    assert (entry.title, entry.kind, entry.created_by, str(entry.amount)) == (
        "Prices for 2027", "call", kam, "10.50",
    )  # fmt: skip
    assert answer.headers["Location"] == at(dossier, "timeline", entry)
    assert answer.headers["ETag"] == '"1"'
    assert answer.json()["certainty"] == "fact"


def test_the_same_request_sent_twice_adds_one_entry_and_is_answered_alike(program, dossier):
    sent = {"title": "Send the sample", "state": "planned"}
    first = post(program, at(dossier, "actions"), sent, **{"Idempotency-Key": "row 17"})
    again = post(program, at(dossier, "actions"), sent, **{"Idempotency-Key": "row 17"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = post(
        program, at(dossier, "actions"), {**sent, "title": "Call"}, **{"Idempotency-Key": "row 17"}
    )
    assert other.json()["id"] != first.json()["id"]
    post(program, at(dossier, "actions"), sent)
    assert dossier.actions.count() == 3  # without a key, each request is a request of its own


def test_an_entry_added_and_deleted_since_is_not_added_by_the_same_request(program, dossier):
    sent, key = {"title": "Send the sample"}, {"Idempotency-Key": "row 17"}
    added = post(program, at(dossier, "actions"), sent, **key).json()
    Action.objects.filter(pk=added["id"]).delete()
    again = post(program, at(dossier, "actions"), sent, **key)
    assert again.status_code == 409
    assert "deleted since" in again.json()["detail"]
    assert not dossier.actions.exists()


def test_a_refused_request_may_be_sent_again_with_the_same_key(program, dossier):
    key = {"Idempotency-Key": "row 17"}
    assert post(program, at(dossier, "actions"), {"title": ""}, **key).status_code == 400
    assert not SentForm.objects.exists()
    assert post(program, at(dossier, "actions"), {"title": "Call"}, **key).status_code == 201


def test_mistakes_are_named_field_by_field(program, dossier, others_dossier):
    stranger = factories.entry("stakeholders", others_dossier)
    answer = post(
        program,
        at(dossier, "timeline"),
        {"happened_on": "yesterday", "title": "", "kind": "dance", "colour": "red"},
    )
    assert answer.status_code == 400
    assert set(answer.json()) == {"happened_on", "title", "kind", "colour"}
    answer = post(
        program,
        at(dossier, "timeline"),
        {"happened_on": "2026-11-20", "title": "Call", "stakeholder": stranger.pk},
    )
    assert (answer.status_code, set(answer.json())) == (400, {"stakeholder"})
    factories.entry("financial-years", dossier, year=2025)
    answer = post(program, at(dossier, "financial-years"), {"year": 2025})
    assert answer.status_code == 400
    assert "stand here already" in answer.text


def test_a_sheet_and_a_file_are_not_added(program, dossier):
    assert post(program, at(dossier, "value"), {"do": "Call."}).status_code == 405
    assert post(program, at(dossier, "attachments"), {"name": "offer.pdf"}).status_code == 405
    assert patch(program, at(dossier, "actions"), {}, seen=1).status_code == 405


# ── Changing ─────────────────────────────────────────────────────────────────────────────────


def test_fields_that_are_not_named_stay_as_they_are(program, dossier):
    plan = dossier.plan
    plan.do, plan.do_not = "Call first.", "No jokes."
    plan.save()
    seen = program.get(at(dossier, "value")).headers["ETag"].strip('"')
    answer = patch(program, at(dossier, "value"), {"do": "Write first."}, seen=seen)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{int(seen) + 1}"'
    plan.refresh_from_db()
    assert (plan.do, plan.do_not) == ("Write first.", "No jokes.")


def test_who_does_not_say_what_he_saw_changes_nothing(program, dossier, action):
    for headers, status in (
        ({}, 428),
        ({"If-Match": "*"}, 428),
        ({"If-Match": "one"}, 400),
        ({"If-Match": 'W/"1"'}, 400),
        ({"If-Match": '"7"'}, 412),
        ({"If-Match": '"0"'}, 412),
    ):
        for ask in (program.patch, program.delete):
            answer = ask(
                at(dossier, "actions", action),
                json.dumps({"title": "Blind"}),
                content_type=JSON,
                headers=headers,
            )
            assert answer.status_code == status, (headers, answer.text)
            assert answer.text
    action.refresh_from_db()
    assert (action.title, action.version) == ("Send the sample", 1)


def test_two_programs_in_different_fields_both_win(program, with_token, head, dossier, action):
    address = at(dossier, "actions", action)
    assert patch(program, address, {"title": "Send two"}, seen=1).status_code == 200
    assert patch(with_token(head), address, {"state": "done"}, seen=1).status_code == 200
    action.refresh_from_db()
    assert (action.title, action.state, action.version) == ("Send two", "done", 3)


def test_in_the_same_field_the_second_reads_both_values_and_nothing_is_stored(
    program, with_token, head, kam, dossier, action
):
    address = at(dossier, "actions", action)
    patch(program, address, {"title": "Send two"}, seen=1)
    answer = patch(with_token(head), address, {"title": "Send three", "state": "done"}, seen=1)
    assert answer.status_code == 412
    told = answer.json()
    assert (told["version"], answer.headers["ETag"]) == (2, '"2"')
    [conflict] = told["conflicts"]
    at_ = conflict.pop("at")
    assert at_
    assert conflict == {
        "field": "title", "yours": "Send three", "theirs": "Send two", "seen": "Send the sample",
        "by": {"id": kam.pk, "name": "Karol Kam"},
    }  # fmt: skip
    action.refresh_from_db()
    assert (action.title, action.state) == ("Send two", "planned")
    assert patch(with_token(head), address, {"title": "Send three"}, seen=2).status_code == 200


def test_figures_and_days_in_conflict_are_told_as_the_api_tells_them(
    program, with_token, head, dossier
):
    contract = factories.entry("contracts", dossier)
    address = at(dossier, "contracts", contract)
    first = {"value": "1200.50", "ends_on": "2027-01-31"}
    patch(program, address, first, seen=1)
    answer = patch(with_token(head), address, {"value": "99.00", "ends_on": "2028-01-31"}, seen=1)
    told = {
        one["field"]: (one["seen"], one["theirs"], one["yours"])
        for one in answer.json()["conflicts"]
    }
    assert told == {
        "value": (None, "1200.50", "99.00"),
        "ends_on": (None, "2027-01-31", "2028-01-31"),
    }  # fmt: skip


# ── Deleting ─────────────────────────────────────────────────────────────────────────────────


def test_an_entry_is_deleted_by_who_saw_how_it_stands(program, with_token, head, dossier, action):
    address = at(dossier, "actions", action)
    patch(program, address, {"title": "Send two"}, seen=1)
    refused = with_token(head).delete(address, headers={"If-Match": '"1"'})
    assert refused.status_code == 412
    assert "Karol Kam changed this entry" in refused.json()["detail"]
    assert program.delete(address, headers={"If-Match": '"2"'}).status_code == 204
    assert program.delete(address, headers={"If-Match": '"2"'}).status_code == 404
    assert patch(program, address, {"title": "x"}, seen=2).status_code == 404


def test_what_others_point_to_is_not_deleted(program, dossier):
    boss = factories.entry("stakeholders", dossier, name="Anna Buyer")
    factories.entry("stakeholders", dossier, name="Jan Junior", reports_to=boss)
    answer = program.delete(at(dossier, "stakeholders", boss), headers={"If-Match": '"1"'})
    assert answer.status_code == 409
    assert "Jan Junior" in answer.json()["detail"]


# ── Who may not ──────────────────────────────────────────────────────────────────────────────


def test_for_others_the_dossier_does_not_exist(
    with_token, anonymous, other_kam, analyst, colleague, admin, dossier, action
):
    for person in (other_kam, analyst, colleague, admin):
        stranger = with_token(person)
        for piece in ("actions", "value"):
            assert stranger.get(at(dossier, piece)).status_code == 404
        assert post(stranger, at(dossier, "actions"), {"title": "x"}).status_code == 404
        assert patch(stranger, at(dossier, "value"), {"do": "x"}, seen=1).status_code == 404
        address = at(dossier, "actions", action)
        assert stranger.get(address).status_code == 404
        assert patch(stranger, address, {"title": "x"}, seen=1).status_code == 404
        assert stranger.delete(address, headers={"If-Match": '"1"'}).status_code == 404
    assert post(anonymous, at(dossier, "actions"), {"title": "x"}).status_code == 401
    assert [entry.title for entry in dossier.actions.all()] == ["Send the sample"]


def test_an_entry_is_not_reached_through_another_dossier(program, dossier, others_dossier):
    stranger = factories.entry("actions", others_dossier)
    assert program.get(at(dossier, "actions", stranger)).status_code == 404
    assert patch(program, at(dossier, "actions", stranger), {}, seen=1).status_code == 404


def test_a_closed_dossier_is_read_and_not_written(with_token, head, kam, dossier, action):
    opening.release_key(dossier, to="lost", by=head, reason="They left.", today=factories.TODAY)
    program = with_token(head)
    assert program.get(at(dossier, "actions", action)).status_code == 200
    for answer in (
        post(program, at(dossier, "actions"), {"title": "x"}),
        patch(program, at(dossier, "value"), {"do": "x"}, seen=1),
        program.delete(at(dossier, "actions", action), headers={"If-Match": '"1"'}),
    ):
        assert answer.status_code == 409
        assert "closed" in answer.json()["detail"]


# ── Whatever is sent ─────────────────────────────────────────────────────────────────────────

ABSURD = (
    "\x00", "a\x00b", 10**20, -(10**20), 10**400, 1.5, "1e400", "NaN", True, None, [], {}, [[]], "0000-00-00",
    "0001-01-01", "9999-12-31", "2026-02-30", "x" * 200_000, "\ud800", "١٢", "", ["\x00"], "12,5",
)  # fmt: skip


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: repr(value)[:12])
def test_absurd_values_are_answered_with_sentences_and_never_fail(with_token, head, dossier, value):
    program = with_token(head)
    for piece in PIECES:
        names = (*piece.fields, "source", "certainty")
        if piece.is_sheet:
            seen = program.get(at(dossier, piece.key)).headers["ETag"].strip('"')
            answer = patch(program, at(dossier, piece.key), dict.fromkeys(names, value), seen=seen)
            assert answer.status_code in (200, 400), (piece.key, answer.text[:300])
        elif piece.key != "attachments":
            answer = post(program, at(dossier, piece.key), dict.fromkeys(names, value))
            assert answer.status_code == 400, (piece.key, answer.text[:300])


@pytest.mark.parametrize("body", ["", "[]", "null", "17", '"x"', "{", '{"title": 1} x', "\x00"])
def test_what_is_no_object_is_refused(program, dossier, body):
    answer = program.post(at(dossier, "actions"), body, content_type=JSON)
    assert answer.status_code == 400, answer.text

"""What is done with the clients of a cell: as delivered, or as the head has put it."""

import pytest

from segmentation import recommending
from segmentation.models import CellAction
from segmentation.recommending import RECOMMENDED

pytestmark = pytest.mark.usefixtures("db")
URL = "/segmentation/actions/AX/"
HTMX = {"HX-Request": "true"}
OURS = {"do": "Visit monthly", "text": "The KAM and the director, each in turn."}


def save(browser, version=0, headers=None, **words):
    return browser.post(URL, {**OURS, **words, "version": version}, headers=headers or {})


def test_the_head_puts_it_in_his_own_words_and_every_page_says_them(
    as_head, as_analyst, segmented, head
):
    run = segmented({"100": [100] * 3})
    assert save(as_head)["Location"] == URL
    action = CellAction.objects.get()
    assert (action.cell, action.do, action.version, action.updated_by) == (
        "AX",
        "Visit monthly",
        1,
        head,
    )
    client = run.segments.get().client_id
    for address in (
        f"/segmentation/{run.pk}/",
        f"/segmentation/{run.pk}/clients/?cell=AX",
        f"/segmentation/{run.pk}/clients/{client}/",
        f"/clients/{client}/figures/",
    ):
        assert "Visit monthly" in as_analyst.get(address).content.decode(), address


def test_the_head_changes_it_where_it_stands(as_head):
    form = as_head.get(f"{URL}?edit=1", headers=HTMX).content.decode()
    assert form.lstrip().startswith('<div class="cell-action" id="action-AX">')
    assert str(RECOMMENDED["AX"].do) in form
    part = save(as_head, headers=HTMX)
    assert part.status_code == 200
    assert "Visit monthly" in part.content.decode()
    assert "<form" not in part.content.decode()


def test_who_saves_over_what_another_has_changed_sees_both_and_decides(
    as_head, as_other_head, other_head
):
    save(as_head)
    late = save(as_other_head, do="Call weekly")
    assert late.status_code == 409
    text = late.content.decode()
    assert "Somebody else changed this action meanwhile" in text
    assert "Visit monthly" in text
    assert "Call weekly" in text
    assert CellAction.objects.get().do == "Visit monthly"
    again = save(as_other_head, version=late.context["form"]["version"].value(), do="Call weekly")
    assert again.status_code == 302
    assert CellAction.objects.get().updated_by == other_head


def test_it_is_put_back_as_delivered_and_the_history_keeps_the_words(as_head, head):
    save(as_head)
    answer = as_head.post(URL, {"act": "put_back", "version": 1})
    assert answer.status_code == 302
    assert not CellAction.objects.exists()
    page = as_head.get(URL).content.decode()
    assert "Put back as delivered." in page
    assert "Visit monthly" in page
    past = recommending.history("AX")
    assert [(one.do, one.by) for one in past] == [("", head.name), ("Visit monthly", head.name)]


def test_a_form_from_before_it_was_put_back_meets_no_number_of_its_own(as_head):
    save(as_head)
    as_head.post(URL, {"act": "put_back", "version": 1})
    save(as_head, do="Write")
    assert CellAction.objects.get().version == 2
    assert save(as_head, version=1).status_code == 409


def test_saying_what_stands_already_keeps_it_as_delivered(as_head):
    stands = RECOMMENDED["AX"]
    save(as_head, do=str(stands.do), text=str(stands.text))
    assert not CellAction.objects.exists()


@pytest.mark.parametrize(
    "words", [{"do": ""}, {"text": " "}, {"do": "x" * 61}, {"version": ""}, {"version": "one"}]
)
def test_what_cannot_be_is_refused_and_nothing_changes(as_head, words):
    answer = as_head.post(URL, {**OURS, "version": 0, **words})
    assert answer.status_code == 422
    assert not CellAction.objects.exists()


def test_analysts_read_it_and_only_heads_change_it(as_analyst, as_kam, analyst):
    assert "<form" not in as_analyst.get(f"{URL}?edit=1", headers=HTMX).content.decode()
    assert save(as_analyst).status_code == 403
    assert as_kam.get(URL).status_code == 403
    with pytest.raises(recommending.ActionRefused, match="Only a sales head"):
        recommending.set_action("AX", do="x", text="y", version=0, by=analyst)
    assert as_analyst.get("/segmentation/actions/QQ/").status_code == 404


def test_all_actions_are_one_query(head, django_assert_num_queries):
    recommending.set_action("BY", **OURS, version=0, by=head)
    with django_assert_num_queries(1):
        actions = recommending.actions()
    assert set(actions) == {abc + xyz for abc in "ABC" for xyz in "XYZN"}
    assert actions["BY"].is_own
    assert not actions["AX"].is_own


# ── By API ───────────────────────────────────────────────────────────────────────────────────

API = "/api/cell-actions/AX/"


def put(browser, tag='"0"', **words):
    headers = {"If-Match": tag} if tag else {}
    return browser.put(API, {**OURS, **words}, content_type="application/json", headers=headers)


def test_a_heads_program_changes_it_with_the_version_it_saw(as_head, as_kam):
    assert as_kam.get("/api/cell-actions/").json()[0]["do"] == str(RECOMMENDED["AX"].do)
    assert put(as_head, tag="").status_code == 428
    assert put(as_head, tag="0").status_code == 400
    done = put(as_head)
    assert (done.status_code, done["ETag"], done.json()["version"]) == (200, '"1"', 1)
    late = put(as_head, do="Call weekly")
    assert (late.status_code, late.json()["do"]) == (412, "Visit monthly")
    assert put(as_kam, tag='"1"').status_code == 403
    assert as_head.delete(API, headers={"If-Match": '"1"'}).json()["version"] == 0
    assert not CellAction.objects.exists()

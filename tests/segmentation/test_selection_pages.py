"""A head chooses: the ranked list, judging in place, the three Ps, decisions, prospects entered by hand."""

import io
import re
import zipfile

import pytest

from accounts import assigning
from accounts.models import Client
from accounts.models.client import Stage
from dossiers import opening
from segmentation import judging, selecting
from segmentation.models import CriterionScore, Policy, Qualification
from tests import factories
from tests.factories import TODAY

pytestmark = pytest.mark.usefixtures("db")
HTMX = {"HX-Request": "true"}
GOOD = {"score": "4", "reason": "Wants our whole range.", "version": "0"}


@pytest.fixture
def candidate(head):
    client = factories.client(name="Zakłady Karolew", external_id="7001", tax_id="PL 521-000-11-22")
    selecting.nominate(client, by=head, today=TODAY, reason="Grew by half.")
    return client


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def judge(browser, client, criterion="fit", **changes):
    return browser.post(f"/selection/{client.pk}/judge/{criterion}/", {**GOOD, **changes})


def judged(client, head, **scores):
    for criterion, score in scores.items():
        judging.judge(
            client,
            criterion,
            score=score,
            reason=f"Because of {criterion}",
            seen=0,
            by=head,
            today=TODAY,
        )


# ── The list ─────────────────────────────────────────────────────────────────────────────────


def test_an_empty_list_says_how_to_begin(as_head):
    page = words(as_head.get("/selection/"))
    assert "Nobody to choose from yet" in page
    assert "To the ranked clients" in page


def test_candidates_stand_in_the_order_of_their_totals(as_head, head, candidate):
    other = factories.client(name="Better Ltd", stage=Stage.CANDIDATE)
    judged(candidate, head, fit=2, relationship=2, influence=2)
    judged(other, head, fit=5, relationship=4, influence=3)
    answer = as_head.get("/selection/")
    rows = answer.context["rows"]
    assert [row["client"].name for row in rows] == ["Better Ltd", "Zakłady Karolew"]
    # (20·5 + 20·4 + 10·3) ÷ 50 = 4.2, on half of the weight
    assert "4.20" in words(answer)
    assert "judged on 50 % of the weight" in words(answer).replace("\xa0", " ")
    assert rows[0]["entry"].place.rank == 1


def test_who_has_too_little_known_stands_last_and_has_no_rank(as_head, head, candidate):
    judged(candidate, head, influence=5)
    page = as_head.get("/selection/")
    assert page.context["rows"][0]["entry"].place.rank is None
    assert "too little known" in words(page)


def test_a_regular_client_that_nobody_judged_stands_on_it_only_with_sales(as_head, head, segmented):
    segmented({"100": [100] * 12, "200": [50] * 12})
    quiet = factories.client(name="Nobody judged this one")
    names = {row["client"].name for row in as_head.get("/selection/").context["rows"]}
    assert len(names) == 2
    judged(quiet, head, fit=1)
    names = {row["client"].name for row in as_head.get("/selection/").context["rows"]}
    assert quiet.name in names


def test_key_clients_are_compared_among_themselves(as_head, dossier, candidate, head):
    judged(dossier.client, head, fit=5, relationship=5, influence=5)
    assert dossier.client not in [
        row["client"] for row in as_head.get("/selection/").context["rows"]
    ]
    [row] = as_head.get("/selection/?show=key").context["rows"]
    assert (row["client"], row["entry"].place.rank) == (dossier.client, 1)
    both = as_head.get("/selection/?show=all").context["rows"]
    assert [row["client"] for row in both] == [dossier.client, candidate]


def test_the_list_is_filtered_by_stage_and_name_and_the_rank_stays(as_head, head, candidate):
    better = factories.client(name="Better Ltd")
    judged(candidate, head, fit=2, relationship=2, influence=2)
    judged(better, head, fit=5, relationship=5, influence=5)
    [row] = as_head.get("/selection/?show=candidate").context["rows"]
    assert (row["client"], row["entry"].place.rank) == (candidate, 2)
    [row] = as_head.get("/selection/?q=KAROLEW").context["rows"]
    assert row["client"] == candidate
    assert "No client fits" in words(as_head.get("/selection/?q=nothing+like+it"))


def test_a_part_is_answered_for_htmx(as_head, candidate):
    part = as_head.get("/selection/", headers=HTMX)
    assert part.content.decode().lstrip().startswith('<div class="stack" id="selection">')
    assert "HX-Request" in part["Vary"]


def test_beside_the_list_stands_who_could_take_one(as_head, dossier, kam, other_kam, candidate):
    page = words(as_head.get("/selection/"))
    assert "5 free slots" in page
    assert re.search(r"Karol Kam\s+2 free", page)
    assert re.search(r"Olga Other\s+3 free", page)


def test_what_the_sales_say_is_marked_and_leads_to_the_figures(as_head, segmented, head):
    segmented({"100": [100] * 12, "200": [5] * 12})
    client = Client.objects.get(external_id="100")
    page = as_head.get("/selection/").content.decode()
    assert f'href="/clients/{client.pk}/figures/" title="95.2' in page
    assert "from the sales" in page


def test_the_list_is_a_workbook_whose_totals_are_formulas(as_head, head, candidate):
    candidate.name = "=HYPERLINK(1)"
    candidate.save()
    judged(candidate, head, fit=5, relationship=4, influence=3)
    answer = as_head.get("/selection/list.xlsx")
    file = io.BytesIO(b"".join(answer.streaming_content))
    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    formulas = re.findall(r"<f>(.*?)</f><v>(.*?)</v>", sheet)
    assert [float(value) for _formula, value in formulas] == [0.5, 4.2, 1]
    assert "SUMPRODUCT($D$5:$H$5,D6:H6)" in formulas[1][0]
    assert not any("HYPERLINK" in formula for formula, _value in formulas)


def test_growth_without_two_whole_periods_is_unknown_and_not_nought(as_head, segmented):
    segmented({"100": [100] * 12})
    client = Client.objects.get(external_id="100")
    page = words(as_head.get(f"/selection/{client.pk}/"))
    assert "too short a history: bought first in January 2026" in page


def test_growth_is_computed_over_the_months_of_the_policy(as_head, segmented, head):
    Policy.objects.create(growth_months=6, created_by=head)
    segmented({"100": [100] * 6 + [150] * 6})
    client = Client.objects.get(external_id="100")
    answer = as_head.get(f"/selection/{client.pk}/")
    growth = answer.context["entry"].scored["growth"]
    assert (growth.score, growth.finding.value) == (5, pytest.approx(0.5))
    assert "+50 % on the 6 months before" in words(answer).replace("\xa0", " ")


# ── Judging ──────────────────────────────────────────────────────────────────────────────────


def test_a_head_judges_by_a_criterion_in_place(as_head, candidate, head):
    form = as_head.get(f"/selection/{candidate.pk}/judge/fit/", headers=HTMX)
    assert "4 – fits what we want to grow with" in form.content.decode()
    answer = as_head.post(f"/selection/{candidate.pk}/judge/fit/", GOOD, headers=HTMX)
    assert answer.status_code == 200
    assert "Wants our whole range." in words(answer)
    kept = CriterionScore.objects.get()
    assert (kept.score, kept.judged_by, kept.version) == (4, head, 1)
    assert (
        judge(as_head, candidate, score="5", version="1").status_code == 302
    )  # without JavaScript
    assert CriterionScore.objects.get().version == 2
    assert kept.events.count() == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": "  "}, "This field is required"),
        ({"score": "6"}, "not one of the available choices"),
        ({"score": ""}, "This field is required"),
        ({"reason": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_a_wrong_judgement_comes_back_with_a_sentence(as_head, candidate, changes, sentence):
    answer = judge(as_head, candidate, **changes)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert not CriterionScore.objects.exists()


def test_two_heads_judge_at_once_and_both_values_are_shown(as_head, as_other_head, candidate):
    judge(as_head, candidate, score="1", reason="Low prices only.")
    answer = judge(as_other_head, candidate, score="5", reason="Plans with us.")
    assert answer.status_code == 409
    page = words(answer)
    assert "Low prices only." in page
    assert "Plans with us." in page
    assert "Helena Head judged this while you were writing" in page
    assert CriterionScore.objects.get().score == 1
    version = re.search(r'name="version" value="(\d+)"', answer.content.decode())[1]
    assert judge(as_other_head, candidate, score="5", version=version).status_code == 302
    assert CriterionScore.objects.get().score == 5


def test_a_form_without_a_version_changes_nothing(as_head, candidate, head):
    judged(candidate, head, fit=1)
    for version in ("", "soon"):
        assert judge(as_head, candidate, version=version).status_code == 400
    assert CriterionScore.objects.get().score == 1


def test_a_judgement_is_taken_back_only_as_it_was_seen(as_head, candidate, head):
    judged(candidate, head, fit=1)
    answer = judge(as_head, candidate, take_back="1", version="7")
    assert answer.status_code == 409
    assert CriterionScore.objects.exists()
    assert judge(as_head, candidate, take_back="1", version="1").status_code == 302
    assert not CriterionScore.objects.exists()


def test_what_the_sales_tell_comes_before_what_was_judged(as_head, segmented, head):
    segmented({"100": [100] * 12})
    client = Client.objects.get(external_id="100")
    judged(client, head, share=1, growth=3)
    scored = as_head.get(f"/selection/{client.pk}/").context["entry"].scored
    assert (scored["share"].score, scored["share"].is_idle) == (5, True)
    assert (scored["growth"].score, scored["growth"].is_judged) == (3, True)


def test_there_is_no_judging_by_a_criterion_that_the_policy_has_not(as_head, candidate):
    assert judge(as_head, candidate, criterion="beauty").status_code == 404
    assert judge(as_head, candidate, criterion="reliability").status_code == 404


def test_an_own_criterion_with_its_name_is_judged_and_counts(as_head, candidate, head):
    Policy.objects.create(
        criteria=[
            {"key": "fit", "weight": "1"},
            {"key": "green", "weight": "3", "name": "Green energy"},
        ],
        created_by=head,
    )
    judge(as_head, candidate, criterion="fit", score="1")
    judge(as_head, candidate, criterion="green", score="5")
    answer = as_head.get(f"/selection/{candidate.pk}/")
    assert "Green energy" in words(answer)
    assert "(1 × 1 + 3 × 5) ÷ 4 = 4" in words(answer)


def test_a_known_criterion_without_a_weight_is_not_taken_up(as_head, candidate, head):
    rows = [{"key": "fit", "weight": "5"}, {"key": "reputation", "weight": "0"}]
    Policy.objects.create(criteria=rows, created_by=head)
    page = words(as_head.get(f"/selection/{candidate.pk}/"))
    assert "Effect on our reputation" not in page
    assert "Market influence" in page  # one of the five can always be judged
    rows[1]["weight"] = "5"
    Policy.objects.create(criteria=rows, created_by=head)
    assert "Effect on our reputation" in words(as_head.get(f"/selection/{candidate.pk}/"))


# ── What if the weights were others ──────────────────────────────────────────────────────────


def test_the_page_says_how_firm_the_place_is_and_which_weight_decides(as_head, head, candidate):
    other = factories.client(name="Close behind", stage=Stage.CANDIDATE)
    judged(candidate, head, fit=5, relationship=2, influence=2)
    judged(other, head, fit=2, relationship=5, influence=1)
    answer = as_head.get(f"/selection/{candidate.pk}/")
    page = words(answer)
    # 3.2 against 3.0; with the weight of relationship a fifth larger the other leads.
    assert "Rank 1–2 when each single weight is a fifth smaller or larger." in page
    assert "Stays in the first ten whichever weight is moved by a fifth." in page
    assert "decides most" in page


# ── The three Ps ─────────────────────────────────────────────────────────────────────────────


PS = {
    "need": "4", "need_note": "Their line stands twice a week.", "ability": "3", "ability_note": "",
    "authority": "", "authority_note": "", "source": "fair", "source_note": "Poznań", "version": "0",
}  # fmt: skip


def test_a_prospect_is_qualified_and_comes_onto_the_list(as_head):
    prospect = factories.client(name="Port Zatoka", stage=Stage.PROSPECT)
    assert not as_head.get("/selection/").context["rows"]
    assert as_head.post(f"/selection/{prospect.pk}/qualify/", PS).status_code == 302
    page = words(as_head.get(f"/selection/{prospect.pk}/"))
    assert "Their line stands twice a week." in page
    assert "Trade fair or event" in page
    assert "not judged yet" in page
    assert [row["client"] for row in as_head.get("/selection/").context["rows"]] == [prospect]


def test_two_heads_qualify_at_once_and_nothing_is_lost(as_head, as_other_head):
    prospect = factories.client(stage=Stage.PROSPECT)
    url = f"/selection/{prospect.pk}/qualify/"
    as_head.post(url, PS)
    answer = as_other_head.post(url, {**PS, "need": "1", "source_note": "Katowice"})
    assert answer.status_code == 409
    assert "Poznań" in words(answer)
    assert "Katowice" in answer.content.decode()
    assert Qualification.objects.get().need == 4
    assert as_other_head.post(url, {**PS, "need": "1", "version": "1"}).status_code == 302
    assert Qualification.objects.get().need == 1


def test_a_source_that_there_is_not_is_refused(as_head):
    prospect = factories.client(stage=Stage.PROSPECT)
    answer = as_head.post(f"/selection/{prospect.pk}/qualify/", {**PS, "source": "rumour"})
    assert answer.status_code == 422
    assert not Qualification.objects.exists()


# ── Decisions ────────────────────────────────────────────────────────────────────────────────


def test_a_decision_is_made_in_place_and_logged(as_head, candidate):
    url = f"/selection/{candidate.pk}/decide/"
    assert "Back to the prospects" in words(as_head.get(f"/selection/{candidate.pk}/"))
    refused = as_head.post(url, {"to": "regular", "reason": ""})
    assert refused.status_code == 422
    assert as_head.post(url, {"to": "regular", "reason": "Too small."}).status_code == 302
    candidate.refresh_from_db()
    assert candidate.stage == Stage.REGULAR
    page = words(as_head.get(f"/selection/{candidate.pk}/"))
    assert "Regular → Candidate" in page
    assert "Candidate → Regular" in page
    assert "Too small." in page


def test_to_become_a_key_client_has_one_door(as_head, candidate):
    page = as_head.get(f"/selection/{candidate.pk}/").content.decode()
    assert f'href="/clients/{candidate.pk}/make-key/"' in page
    answer = as_head.post(
        f"/selection/{candidate.pk}/decide/", {"to": "key", "reason": "Now, without a dossier."}
    )
    assert answer.status_code == 422
    candidate.refresh_from_db()
    assert candidate.stage == Stage.CANDIDATE


def test_a_key_client_is_released_where_its_dossier_closes(as_head, dossier):
    page = as_head.get(f"/selection/{dossier.client_id}/").content.decode()
    assert f'href="/clients/{dossier.client_id}/release/"' in page
    answer = as_head.post(
        f"/selection/{dossier.client_id}/decide/", {"to": "regular", "reason": "Enough."}
    )
    assert answer.status_code == 403


def test_the_log_tells_candidate_key_released(as_head, head, candidate, kam):
    opened = opening.make_key(candidate, by=head, reason="A tenth of our sales.", today=TODAY)
    assigning.assign(opened.client, to=kam, by=head, today=TODAY)
    opening.release_key(opened, to="regular", by=head, reason="Plant closed.", today=TODAY)
    page = words(as_head.get(f"/selection/{candidate.pk}/"))
    told = [
        page.index(text) for text in ("Plant closed.", "A tenth of our sales.", "Grew by half.")
    ]
    assert told == sorted(told)  # the newest first


def test_a_heads_start_page_leads_to_the_candidates(as_head, dossier, candidate):
    page = as_head.get("/")
    assert "1 waits for a decision" in words(page)
    assert f'href="/selection/{candidate.pk}/"' in page.content.decode()
    assert 'href="/selection/?show=candidate"' in page.content.decode()


# ── Who ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["analyst", "kam", "colleague", "admin"])
def test_nobody_but_a_head_sees_opinions(who, request, candidate, head):
    judged(candidate, head, fit=4)
    browser = request.getfixturevalue(f"as_{who}")
    for path in ("", f"{candidate.pk}/", f"{candidate.pk}/judge/fit/", f"{candidate.pk}/qualify/"):
        answer = browser.get(f"/selection/{path}")
        assert answer.status_code == 403
        assert "Because of fit" not in answer.content.decode()
    person = request.getfixturevalue(who)
    assert not CriterionScore.objects.visible_to(person).exists()
    with pytest.raises(judging.NotAllowed):
        judging.judge(candidate, "fit", score=1, reason="Mine", seen=1, by=person, today=TODAY)


# ── A new prospect ───────────────────────────────────────────────────────────────────────────


NEW = {
    "name": "Cukrownia Nowa S.A.",
    "tax_id": "PL 777-88-99-000",
    "industry": "Sugar",
    "source": "partner",
}


def test_a_head_enters_a_prospect_with_its_source(as_head):
    answer = as_head.post("/selection/new-prospect/", NEW)
    client = Client.objects.get(name="Cukrownia Nowa S.A.")
    assert answer["Location"] == f"/selection/{client.pk}/"
    assert (client.stage, client.external_id) == (Stage.PROSPECT, None)
    assert client.qualification.get_source_display() == "Partner or dealer"
    assert [row["client"] for row in as_head.get("/selection/").context["rows"]] == [client]


def test_an_analyst_enters_one_too_and_is_led_to_its_figures(as_analyst):
    answer = as_analyst.post("/selection/new-prospect/", NEW)
    assert answer["Location"] == f"/clients/{Client.objects.get().pk}/figures/"


@pytest.mark.parametrize("who", ["kam", "colleague", "admin"])
def test_others_enter_none(who, request):
    assert (
        request.getfixturevalue(f"as_{who}").post("/selection/new-prospect/", NEW).status_code
        == 403
    )
    assert not Client.objects.exists()


@pytest.mark.parametrize("written", ["5210001122", "pl5210001122", "NIP 521-000-11-22"])
def test_the_same_tax_id_however_written_leads_to_the_client_there_is(as_head, candidate, written):
    answer = as_head.post("/selection/new-prospect/", {**NEW, "tax_id": written})
    assert answer.status_code == 422
    assert "Zakłady Karolew has this tax id already." in words(answer)
    assert f'href="/selection/{candidate.pk}/"' in answer.content.decode()
    assert Client.objects.count() == 1


def test_the_same_number_in_the_ledger_is_refused(as_head, candidate):
    answer = as_head.post("/selection/new-prospect/", {**NEW, "external_id": " 7001 "})
    assert answer.status_code == 422
    assert "has this number in the sales ledger already" in words(answer)


def test_a_tax_id_of_a_merged_client_leads_to_the_one_it_was_merged_into(as_head, candidate):
    factories.client(name="Old row", tax_id="PL 999-88-77-666", merged_into=candidate)
    answer = as_head.post("/selection/new-prospect/", {**NEW, "tax_id": "9998877666"})
    assert "Zakłady Karolew has this tax id already." in words(answer)


def test_the_same_name_is_asked_about_and_may_be_another_company(as_head, candidate):
    twice = {**NEW, "name": "ZAKŁADY KAROLEW"}
    answer = as_head.post("/selection/new-prospect/", twice)
    assert "Is this another company?" in words(answer)
    assert 'type="checkbox" name="is_another"' in answer.content.decode()
    assert (
        as_head.post("/selection/new-prospect/", {**twice, "is_another": "on"}).status_code == 302
    )
    assert Client.objects.filter(stage=Stage.PROSPECT).count() == 1


def test_without_a_name_or_a_source_nothing_is_entered(as_head):
    for missing in ("name", "source"):
        assert as_head.post("/selection/new-prospect/", {**NEW, missing: ""}).status_code == 422
    assert not Client.objects.exists()

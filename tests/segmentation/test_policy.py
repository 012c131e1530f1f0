"""The head's policy: versions, who sets it, who goes by it, and what the schedule leaves alone."""

import datetime
import threading

import pytest
from django.db import connections

from segmentation import policies, segmenting
from segmentation.models import Policy, SegmentationRun
from segmentation.policies import PolicyChanged, PolicyRefused
from tests.segmentation.conftest import JANUARY, YEAR, rows_of

TODAY = datetime.date(2027, 1, 20)


def posted(page) -> dict:
    """What the form of the page would send."""
    form = page.context["form"]
    fields = [*form, *form.weights]
    return {field.html_name: "" if field.value() is None else field.value() for field in fields}


# ── Setting it ───────────────────────────────────────────────────────────────────────────────


def test_before_the_first_version_the_usual_limits_hold(db):
    policy = policies.current()
    assert (policy.pk, policy.abc_a, policy.cv_x, policy.periods) == (None, 80, "0.10", 12)


def test_a_change_is_the_next_version_and_the_one_before_stays(head):
    first = policies.set_policy(by=head, reason="Fewer in A", abc_a=70)
    second = policies.set_policy(by=head, reason="By quarters", unit="quarter", periods=8)
    assert (second.abc_a, second.unit) == (70, "quarter")
    assert Policy.objects.current() == second
    assert [each["name"] for each in policies.differences(second, first)] == ["unit", "periods"]
    assert policies.set_policy(by=head, reason="The same", abc_a=70) == second


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"abc_a": 96}, "first smaller than the second"),
        ({"cv_x": "a tenth"}, "no limit"),
        ({"cv_x": "0.5"}, "rise"),
        ({"frequency_x": "1/12"}, "fall"),
        ({"min_history": 13}, "not longer than the window"),
        ({"lost_factor": 1}, "slipping before it is lost"),
        ({"hhi_medium": 5000}, "bands rise"),
        ({"periods": 0}, "1 and 260"),
        ({"criteria": [{"key": "share", "weight": "101"}]}, "between 0 and 100"),
        ({"criteria": [{"key": "share", "weight": "0"}]}, "At least one"),
        ({"love": 1}, "knows no"),
    ],
)
def test_what_makes_no_policy_is_refused_with_a_sentence(head, changes, words):
    with pytest.raises(PolicyRefused, match=words):
        policies.set_policy(by=head, reason="Why not", **changes)
    assert not Policy.objects.exists()


def test_without_a_reason_or_by_others_nothing_is_set(head, analyst, kam):
    with pytest.raises(PolicyRefused, match="Say why"):
        policies.set_policy(by=head, reason=" ", abc_a=70)
    for other in (analyst, kam):
        with pytest.raises(PolicyRefused, match="Only a sales head"):
            policies.set_policy(by=other, reason="Because", abc_a=70)


def test_two_heads_in_different_fields_both_win_and_in_the_same_one_are_told_both_values(head):
    policies.set_policy(by=head, reason="Mine", seen=0, abc_a=70)
    both = policies.set_policy(by=head, reason="Also", seen=0, abc_a=80, hhi_high=2000)
    assert (both.abc_a, both.hhi_high) == (70, 2000)
    with pytest.raises(PolicyChanged, match=r"there 70.*by you 75"):
        policies.set_policy(by=head, reason="No, mine", seen=0, abc_a=75)
    assert Policy.objects.count() == 2


# ── The page ─────────────────────────────────────────────────────────────────────────────────


def test_a_head_sets_the_next_version_on_the_page(as_head, head):
    page = as_head.get("/policy/")
    sent = posted(page) | {"abc_a": "75", "weight_share": "40", "own_name_0": "Pays in time"}
    sent |= {"own_weight_0": "10", "reason": "More of B"}
    assert as_head.post("/policy/", sent).status_code == 302
    policy = policies.current()
    assert (policy.abc_a, policy.created_by, policy.reason) == (75, head, "More of B")
    weights = {each["key"]: (each.get("name"), each["weight"]) for each in policy.criteria}
    assert weights["share"] == (None, "40")
    assert weights["own1"] == ("Pays in time", "10")
    shown = as_head.get("/policy/").content.decode()
    assert "More of B" in shown
    assert "before: 80" in shown
    # Sent again as it stands, nothing changes.
    again = posted(as_head.get("/policy/")) | {"reason": "Nothing"}
    as_head.post("/policy/", again)
    assert Policy.objects.count() == 1


def test_a_conflict_is_told_and_can_be_settled_by_sending_again(as_head, head):
    sent = posted(as_head.get("/policy/")) | {"abc_a": "75", "reason": "Mine"}
    policies.set_policy(by=head, reason="Other", abc_a=70)
    answer = as_head.post("/policy/", sent)
    assert answer.status_code == 409
    assert "there 70" in answer.content.decode()
    assert as_head.post("/policy/", posted(answer)).status_code == 302
    assert policies.current().abc_a == 75


def test_a_conflict_names_choices_and_weights_in_words(as_head, head):
    sent = posted(as_head.get("/policy/")) | {
        "unit": "week",
        "weight_share": "40",
        "currency": "PLN",
        "reason": "Mine",
    }
    policies.set_policy(
        by=head,
        reason="Other",
        unit="quarter",
        currency="EUR",
        criteria=[{"key": "share", "weight": "60"}, {"key": "own1", "name": "Ice", "weight": "5"}],
    )
    told = as_head.post("/policy/", sent).content.decode()
    assert "there Quarter, by you Week" in told
    assert "there Share of revenue 60, Ice 5, by you Share of revenue 40" in told
    assert "there EUR, by you PLN" in told


def test_the_form_and_the_versions_show_values_as_people_write_them(as_head, as_kam, head):
    policies.set_policy(by=head, reason="Costs", fixed_costs=210_000, currency="EUR")
    page = as_head.get("/policy/")
    assert posted(page)["abc_a"] == "80"
    assert posted(page)["fixed_costs"] == "210000"
    assert "currency: EUR (before: not set)" in page.content.decode()
    assert "<td>EUR</td>" in as_kam.get("/policy/").content.decode()
    # Saved again as it stands, nothing is changed.
    as_head.post("/policy/", posted(page) | {"reason": "Again"})
    assert Policy.objects.count() == 1


def test_a_wrong_policy_comes_back_with_its_sentence(as_head):
    sent = posted(as_head.get("/policy/")) | {"abc_a": "99", "reason": "Why not"}
    answer = as_head.post("/policy/", sent)
    assert answer.status_code == 422
    assert "first smaller than the second" in answer.content.decode()
    assert as_head.post("/policy/", {}).status_code == 422


def test_analysts_and_kams_read_it_and_set_nothing(as_analyst, as_kam, as_colleague, head):
    policies.set_policy(by=head, reason="Fewer in A", abc_a=70)
    for person in (as_analyst, as_kam):
        page = person.get("/policy/")
        assert "Fewer in A" in page.content.decode()
        assert '<button class="btn btn-primary"' not in page.content.decode()
        assert person.post("/policy/", {"abc_a": "60"}).status_code == 403
    assert as_colleague.get("/policy/").status_code == 403


def test_a_program_sets_the_policy_and_is_told_of_a_conflict(as_head, as_kam, head):
    told = {"reason": "By quarters", "unit": "quarter", "seen": 0}
    answer = as_head.post("/api/policies/", told, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["unit"] == "quarter"
    clash = {"reason": "By weeks", "unit": "week", "seen": 0}
    answer = as_head.post("/api/policies/", clash, content_type="application/json")
    assert answer.status_code == 409
    wrong = {"reason": "So", "abc_a": "99"}
    assert as_head.post("/api/policies/", wrong, content_type="application/json").status_code == 400
    assert as_kam.post("/api/policies/", told, content_type="application/json").status_code == 403
    assert as_kam.get("/api/policies/").json()["count"] == 1


# ── Who goes by it ───────────────────────────────────────────────────────────────────────────


def test_a_run_by_the_policy_says_so_and_one_with_other_limits_does_not(bring_in, head):
    bring_in(rows_of(YEAR))
    policy = policies.set_policy(by=head, reason="Fewer in A", abc_a=70)
    run = segmenting.request(start=JANUARY, **segmenting.by_policy(policy))
    assert run.policy == policy
    assert f"By policy version {policy.pk}" in run.basis
    own = segmenting.request(start=JANUARY, abc=(60, 90))
    assert own.policy is None
    assert "Settings of its own" in own.basis


def test_the_form_of_a_run_is_filled_in_by_the_policy(bring_in, as_analyst, head):
    bring_in(rows_of(YEAR))
    policies.set_policy(by=head, reason="So", unit="quarter", periods=3, abc_by="computed")
    page = as_analyst.get("/segmentation/")
    form = page.context["form"]
    assert (form["unit"].value(), form["periods"].value()) == ("quarter", 3)
    sent = {field.html_name: field.value() or "" for field in form}
    assert as_analyst.post("/segmentation/", sent).status_code == 302
    run = SegmentationRun.objects.get()
    assert (run.unit, run.abc_by, run.policy_id) == ("quarter", "computed", policies.current().pk)


def scheduled(today=TODAY):
    return segmenting.run(segmenting.request_scheduled(today=today))


def test_the_schedule_goes_by_the_policy_and_its_run_comes_into_force(bring_in, head):
    bring_in(rows_of({"100": [5] * 12}))
    first = scheduled()
    policy = policies.set_policy(by=head, reason="By quarters", unit="quarter", periods=2)
    second = scheduled()
    assert (second.unit, second.start) == ("quarter", datetime.date(2026, 7, 1))
    assert (second.policy, second.in_force) == (policy, True)
    first.refresh_from_db()
    assert not first.in_force


def test_the_schedule_does_not_replace_a_run_that_somebody_chose(bring_in, as_head, head):
    bring_in(rows_of({"100": [5] * 12}))
    chosen = segmenting.run(segmenting.request(start=JANUARY, periods=6, by=head))
    segmenting.put_in_force(chosen, by=head)
    SegmentationRun.objects.filter(pk=chosen.pk).update(put_in_force_by=head)
    policies.set_policy(by=head, reason="So", periods=3)
    waiting = scheduled()
    assert (waiting.state, waiting.in_force) == ("succeeded", False)
    assert SegmentationRun.objects.in_force() == chosen
    assert "put there by hand" in waiting.log
    page = as_head.get("/segmentation/").content.decode()
    assert f"Newer run {waiting.pk} is ready" in page
    as_head.post(f"/segmentation/{waiting.pk}/in-force/")
    assert SegmentationRun.objects.in_force() == waiting


def test_a_first_run_that_came_into_force_by_itself_is_nobodys_choice(bring_in, analyst):
    bring_in(rows_of({"100": [5] * 12}))
    first = segmenting.run(segmenting.request(start=JANUARY, periods=6, by=analyst))
    assert (first.in_force, first.put_in_force_by) == (True, None)
    assert scheduled().in_force


# ── Progress, cancelling, two at once ────────────────────────────────────────────────────────


def test_the_log_says_what_was_done_with_counts_and_seconds(segmented):
    lines = segmented(YEAR).log.splitlines()
    assert len(lines) == 3
    assert "Added up 4 clients over 12 months" in lines[0]
    assert all(line.endswith(" s") for line in lines)


def test_a_waiting_run_is_cancelled_from_its_page(bring_in, as_analyst, as_kam, analyst):
    bring_in(rows_of(YEAR))
    row = segmenting.request(start=JANUARY, by=analyst)
    assert "Cancel the run" in as_analyst.get(f"/segmentation/{row.pk}/").content.decode()
    assert as_kam.post(f"/segmentation/{row.pk}/cancel/").status_code == 403
    assert as_analyst.post(f"/segmentation/{row.pk}/cancel/").status_code == 302
    row = segmenting.run(row)
    assert (row.state, row.segments.count()) == ("cancelled", 0)
    assert "was cancelled" in as_analyst.get(f"/segmentation/{row.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_end_both_and_one_is_in_force(bring_in):
    bring_in(rows_of(YEAR))
    rows = [segmenting.request(start=JANUARY, comes_into_force=True) for _ in range(4)]

    def work(row):
        try:
            segmenting.run(row)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    done = list(SegmentationRun.objects.all())
    assert {run.state for run in done} == {"succeeded"}
    assert {tuple(run.counts.items()) for run in done} == {tuple(done[0].counts.items())}
    assert all(run.segments.count() == 4 for run in done)
    assert sum(run.in_force for run in done) == 1


def test_a_kam_reads_how_the_run_in_force_was_made_but_no_sums_of_the_house(
    segmented, as_kam, as_analyst
):
    run = segmented(YEAR)
    told = as_kam.get(f"/api/runs/{run.pk}/").json()
    assert (told["start"], told["abc_a"], told["xyz_x"]) == ("2026-01-01", "80.0000", "0.10")
    assert [told[name] for name in ("clients", "positive_total", "counts", "totals")] == [None] * 4
    assert as_analyst.get(f"/api/runs/{run.pk}/").json()["counts"]["AX"] == 1
    assert as_kam.get("/api/runs/").json()["results"][0]["totals"] is None

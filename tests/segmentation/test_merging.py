"""Two clients become one: everything of theirs is there afterwards, counted; and what is refused."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Client
from accounts.models.client import Stage
from dossiers import opening
from dossiers.models import Dossier
from portfolio.models import Scenario, SearchLine
from segmentation import client_figures, merging, rollup, selecting, splitting
from segmentation.models import (
    ClientMerge,
    CriterionScore,
    DoubtfulMatch,
    LedgerNumber,
    Loss,
    MonthlySales,
    MovedLine,
    Qualification,
    Rhythm,
    SalesLine,
    Segment,
    SelectionDecision,
)
from tests import factories
from tests.factories import TODAY
from tests.segmentation.conftest import rows_of

# What a merge may add to, each by its own doing; every other table has as many rows as before.
MAY_GROW = {
    "segmentation.ClientMerge",
    "segmentation.MovedLine",
    "segmentation.LedgerNumber",
    "segmentation.SelectionDecision",
    "accounts.Change",
}
# Sums of months, and what is found anew from the lines.
COMPUTED = {"segmentation.MonthlySales", "segmentation.Rhythm"}


def of(number: str) -> Client:
    return LedgerNumber.objects.get(number=number).client


def merge(kept, merged, by, **told) -> ClientMerge:
    return merging.merge(kept, merged, by=by, today=TODAY, **told)


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ("accounts", "segmentation", "dossiers", "portfolio")
        and not model.__name__.endswith("Event")
    }


@pytest.fixture
def two(segmented):
    """Two clients of the ledger with a year of sales, and a run over them."""
    segmented({"100": [10] * 12, "200": [5, 0] * 6, "300": [1] * 12})
    kept, merged = of("100"), of("200")
    Client.objects.filter(pk=kept.pk).update(name="Huta Północ")
    Client.objects.filter(pk=merged.pk).update(name="Huta Polnoc Stal", city="Gdynia")
    kept.refresh_from_db()
    merged.refresh_from_db()
    return kept, merged


def score(client, criterion, by, **fields):
    return CriterionScore.objects.create(
        client=client,
        criterion=criterion,
        score=3,
        reason="So",
        judged_by=by,
        judged_on=TODAY,
        **fields,
    )


def qualification(client, by):
    return Qualification.objects.create(
        client=client, need=3, ability=3, authority=3, source="fair", judged_by=by, judged_on=TODAY
    )


# ── Nothing is lost ──────────────────────────────────────────────────────────────────────────


def test_a_merge_loses_nothing(two, analyst, head):
    kept, merged = two
    selecting.nominate(kept, by=head, today=TODAY, reason="Large")
    dossier = opening.make_key(merged, by=head, reason="Was important", today=TODAY)
    factories.entry("timeline", dossier)
    opening.release_key(dossier, to=Stage.REGULAR, by=head, reason="Not any more", today=TODAY)
    Loss.objects.create(client=merged, lost_on=TODAY, recorded_by=head)
    score(merged, "growth", head)
    qualification(merged, head)
    scenario = Scenario.objects.create(name="All leave", created_by=head, kept_on=TODAY)
    scenario.clients.add(merged)
    Rhythm.objects.create(client=merged, orders=3, first_on=TODAY, last_on=TODAY)
    before, sold = counts(), sum(MonthlySales.objects.values_list("revenue", flat=True))

    row = merge(kept, merged, analyst, reason="The same tax office")

    after = counts()
    fewer = {label: n for label, n in before.items() if after[label] < n}
    grown = {label for label, n in before.items() if after[label] > n}
    assert fewer.keys() <= COMPUTED, fewer
    assert grown <= MAY_GROW
    assert sum(MonthlySales.objects.values_list("revenue", flat=True)) == sold
    assert rollup.differences() == []
    for field in merging.pointing():
        left = field.model._base_manager.filter(**{field.name: merged}).exclude(pk=merged.pk)
        assert not left.exists(), field
    assert (Dossier.objects.get().client, Loss.objects.get().client) == (kept, kept)
    assert (CriterionScore.objects.get().client, Qualification.objects.get().client) == (kept, kept)
    assert list(scenario.clients.all()) == [kept]
    assert SelectionDecision.objects.filter(client=kept).count() == 3
    assert row.moved["rows"]["dossiers.Dossier.client"] == [dossier.pk]
    assert row.moved["lines"] == MovedLine.objects.count() == 6
    assert row.moved["stayed"] == {}


def test_the_figures_of_the_kept_client_are_the_sum(two, analyst):
    kept, merged = two
    merge(kept, merged, analyst)
    shown = client_figures.of(kept, user=analyst)
    assert shown.revenue == Decimal(12 * 10 + 6 * 5)
    assert client_figures.of(merged, user=analyst) is None


def test_what_there_can_be_one_only_of_stays_with_the_merged_row_and_is_named(two, analyst, head):
    kept, merged = two
    for client in two:
        score(client, "growth", head)
        qualification(client, head)
    score(merged, "fit", head)
    row = merge(kept, merged, analyst)
    assert set(row.moved["stayed"]) == {
        "segmentation.CriterionScore.client",
        "segmentation.Qualification.client",
    }
    assert CriterionScore.objects.filter(client=kept).count() == 2
    assert CriterionScore.objects.get(client=merged).criterion == "growth"


def test_segments_of_past_runs_stay_as_they_were_computed(two, analyst):
    kept, merged = two
    before = list(Segment.objects.order_by("pk").values())
    merge(kept, merged, analyst)
    assert list(Segment.objects.order_by("pk").values()) == before


def test_what_is_empty_is_filled_and_the_number_is_kept_for_the_next_file(two, analyst, bring_in):
    _kept, merged = two
    by_hand = factories.client(name="Typed", external_id=None, tax_id="5213003700")
    merge(by_hand, merged, analyst)
    assert (by_hand.external_id, by_hand.city, by_hand.tax_id) == ("200", "Gdynia", "5213003700")
    assert merged.external_id is None
    assert merged.merged_into == by_hand
    bring_in([("F99", "200", "2027-01-05", 1, 7)])
    assert SalesLine.objects.get(document__number="F99").client == by_hand


def test_a_number_typed_by_hand_and_never_imported_means_the_kept_client(two, analyst, bring_in):
    kept, _other = two
    typed = factories.client(name="Typed", external_id="777")
    merge(kept, typed, analyst)
    bring_in([("F99", "777", "2027-01-05", 1, 7)])
    assert SalesLine.objects.get(document__number="F99").client == kept
    assert LedgerNumber.objects.get(number="777").matched_by == "merged"


def test_a_document_that_comes_again_after_the_merge_stays_with_the_kept_client(
    two, analyst, bring_in
):
    kept, merged = two
    merge(kept, merged, analyst)
    again = bring_in([("200/2026-01", "200", "2026-01-10", 1, 50)])
    assert again.replaced_documents == 1
    assert SalesLine.objects.get(document__number="200/2026-01").client == kept
    assert rollup.differences() == []


def test_a_prospect_that_turns_out_to_buy_is_a_regular_client(two, analyst):
    _kept, merged = two
    prospect = factories.client(name="Prospect", stage=Stage.PROSPECT)
    merge(prospect, merged, analyst)
    assert prospect.stage == Stage.REGULAR
    assert "Huta Polnoc Stal" in SelectionDecision.objects.get(client=prospect).reason


def test_merges_follow_each_other(two, analyst, bring_in):
    kept, merged = two
    third = of("300")
    merge(kept, merged, analyst)
    merge(third, kept, analyst)
    merged.refresh_from_db()
    assert merged.merged_into == third
    assert {row.number for row in third.ledger_numbers.all()} == {"100", "200", "300"}
    assert SalesLine.objects.exclude(client=third).count() == 0
    assert rollup.differences() == []


def test_the_doubt_about_the_two_is_answered_and_the_others_ask_of_the_kept_one(two, analyst):
    kept, merged = two
    third = of("300")
    DoubtfulMatch.objects.create(client=merged, candidate=kept, reason="same_name")
    DoubtfulMatch.objects.create(client=third, candidate=merged, reason="similar_name")
    merge(kept, merged, analyst)
    assert DoubtfulMatch.objects.get(reason="same_name").state == "same"
    waiting = DoubtfulMatch.objects.waiting().get()
    assert (waiting.client, waiting.candidate) == (third, kept)


def test_the_merged_name_finds_the_kept_client(two, analyst, as_analyst):
    kept, merged = two
    merge(kept, merged, analyst)
    page = as_analyst.get("/search/?q=polnoc+stal")
    assert f"/clients/{kept.pk}/figures/" in page.content.decode()
    assert f"/clients/{merged.pk}/" not in page.content.decode()


def test_entries_of_a_moved_dossier_are_found_with_the_kept_client(two, analyst, head):
    kept, merged = two
    dossier = opening.make_key(merged, by=head, reason="Was important", today=TODAY)
    factories.entry("timeline", dossier, title="Ospreys were seen")
    opening.release_key(dossier, to=Stage.REGULAR, by=head, reason="Not any more", today=TODAY)
    merge(kept, merged, analyst)
    assert set(SearchLine.objects.filter(dossier=dossier).values_list("client", flat=True)) == {
        kept.pk
    }


# ── Refused ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["kam", "colleague", "admin"])
def test_only_analysts_and_heads_merge(two, who, request):
    with pytest.raises(merging.NotAllowed, match="analysts and sales heads"):
        merge(*two, request.getfixturevalue(who))
    assert not ClientMerge.objects.exists()


def test_a_client_is_not_merged_into_itself(two, analyst):
    with pytest.raises(merging.SameClient):
        merge(two[0], two[0], analyst)


def test_a_merged_client_is_not_merged_again(two, analyst):
    kept, merged = two
    third = of("300")
    merge(kept, merged, analyst)
    for pair in [(third, merged), (merged, third)]:
        with pytest.raises(merging.AlreadyMerged, match="Huta Północ"):
            merge(*pair, analyst)


def test_of_two_key_clients_one_has_to_be_released_first(two, analyst, head):
    for client in two:
        opening.make_key(client, by=head, reason="Large", today=TODAY)
        client.refresh_from_db()
    with pytest.raises(merging.BothHeld, match="release one of them first"):
        merge(*two, analyst)


def test_a_key_client_or_candidate_is_merged_the_other_way_round(two, analyst, head):
    kept, merged = two
    selecting.nominate(merged, by=head, today=TODAY, reason="Large")
    with pytest.raises(merging.OtherWayRound, match="other way round"):
        merge(kept, merged, analyst)
    opening.make_key(merged, by=head, reason="Large", today=TODAY)
    with pytest.raises(merging.OtherWayRound, match="Key client"):
        merge(kept, merged, analyst)
    merge(merged, kept, analyst)
    assert merged.is_key
    assert client_figures.of(merged, user=analyst).revenue == 150


# ── Taken apart ──────────────────────────────────────────────────────────────────────────────


def everything() -> dict:
    return {
        "lines": sorted(SalesLine.objects.values_list("document", "line_no", "client")),
        "months": sorted(MonthlySales.objects.values_list("client", "month", "revenue", "orders")),
        "numbers": sorted(LedgerNumber.objects.values_list("number", "client")),
        "clients": sorted(
            Client.objects.values_list("pk", "name", "stage", "city", "tax_id", "merged_into")
        ),
        "external": dict(Client.objects.values_list("pk", "external_id")),
        "scores": sorted(CriterionScore.objects.values_list("client", "criterion")),
        "dossiers": sorted(Dossier.objects.values_list("pk", "client")),
    }


def test_a_merge_taken_apart_is_as_if_it_had_not_been(two, analyst, head):
    kept, merged = two
    for client in two:
        score(client, "growth", head)
    score(merged, "fit", head)
    dossier = opening.make_key(merged, by=head, reason="Was important", today=TODAY)
    opening.release_key(dossier, to=Stage.REGULAR, by=head, reason="Not any more", today=TODAY)
    Client.objects.filter(pk=kept.pk).update(external_id=None)
    before = everything()
    row = merge(kept, merged, analyst)
    assert everything() != before
    splitting.split(row, by=analyst)
    assert everything() == before
    assert rollup.differences() == []
    assert (row.split_by, MovedLine.objects.count()) == (analyst, 0)
    merge(kept, merged, analyst)
    assert rollup.differences() == []


def test_a_merge_is_taken_apart_once_and_only_by_those_who_may(two, analyst, kam):
    row = merge(*two, analyst)
    with pytest.raises(merging.NotAllowed):
        splitting.split(row, by=kam)
    splitting.split(row, by=analyst)
    with pytest.raises(splitting.SplitAlready):
        splitting.split(row, by=analyst)


def test_sales_imported_since_keep_the_merge(two, analyst, bring_in):
    row = merge(*two, analyst)
    bring_in([("F99", "200", "2027-01-05", 1, 7)])
    with pytest.raises(splitting.DoneSince, match="imported or taken back"):
        splitting.split(row, by=analyst)
    assert SalesLine.objects.filter(client=two[0]).count() == 19


def test_a_later_merge_is_taken_apart_first(two, analyst):
    first = merge(*two, analyst)
    second = merge(two[0], of("300"), analyst)
    with pytest.raises(splitting.DoneSince, match="later merge"):
        splitting.split(first, by=analyst)
    splitting.split(second, by=analyst)
    splitting.split(first, by=analyst)
    assert not Client.objects.filter(merged_into__isnull=False).exists()


def test_a_client_that_became_key_since_keeps_the_merge(two, analyst, head):
    row = merge(*two, analyst)
    opening.make_key(two[0], by=head, reason="Large", today=TODAY)
    with pytest.raises(splitting.DoneSince, match="stage"):
        splitting.split(row, by=analyst)


# ── In any order ─────────────────────────────────────────────────────────────────────────────


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_importing_and_merging_in_any_order_gives_the_same_totals(bring_in, analyst, data):
    files = [
        rows_of({"a": [5, 0, 3], "b": [2]}),
        [(f"x{row[0]}", *row[1:]) for row in rows_of({"b": [1, 1], "c": [4]})],
        rows_of({"c": [9, 9], "a": [5, 0, 3]}),
    ]
    steps = data.draw(st.permutations([*range(len(files)), "merge"]))
    with transaction.atomic():
        for number in "abc":
            factories.client(name=f"Client {number}", external_id=number)
        for step in steps:
            if step == "merge":
                kept, merged = (Client.objects.get(external_id=number) for number in "ab")
                merge(kept, merged, analyst)
            else:
                bring_in(files[step])
        totals: dict = {}
        for row in MonthlySales.objects.all():
            key = row.client.external_id
            totals[key] = totals.get(key, 0) + row.revenue
        wrong = rollup.differences()
        transaction.set_rollback(True)
    assert totals == {"a": 12, "c": 22}
    assert wrong == []

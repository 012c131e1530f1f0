"""Why a client has its segment: every step, and what would move it; to a KAM of his own clients alone."""

import random
from decimal import Decimal

import pytest

from accounts import assigning
from accounts.models import Client
from dossiers import opening
from segmentation import abc_xyz, explaining, segmenting
from segmentation.models import Segment, SegmentationRun
from tests.factories import TODAY
from tests.segmentation.conftest import JANUARY, YEAR

pytestmark = pytest.mark.usefixtures("db")


def text_of(answer) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def address(run, number) -> str:
    return f"/segmentation/{run.pk}/clients/{Client.objects.get(external_id=number).pk}/"


def test_each_step_from_the_nets_to_the_letters_stands_on_the_page(as_analyst, segmented):
    run = segmented(YEAR)
    text = text_of(as_analyst.get(address(run, "200")))
    assert " AZ?</h1>" in text
    # 50, 0, 50, 0 …: sum 300, mean 25, Σx² 15,000, variance 625, deviation 25, coefficient 1.
    for figure in ("300.00", "25.00", "15,000.00", "625.00", "1.000000 = 100.00 %"):
        assert figure in text, figure
    assert "X ≤ 0.10, Y ≤ 0.25" in text
    assert (
        "Active in 6 of 12 periods, 50.0 %. X from 10/12 on, which is 10; Y from 5/12 on, which is 5."
        in text
    )
    assert "4 more active periods would make it X by frequency." in text
    assert "It keeps its letter by frequency with 1 active period less." in text
    assert (
        "The clients before it bring 78.43 % of the sales; with its 300 EUR it comes to 98.04 %"
        in text
    )
    assert run.basis.replace("\u00a0", " ") in text


def test_a_total_that_is_not_positive_is_said(as_analyst, segmented):
    text = text_of(as_analyst.get(address(segmented(YEAR), "400")))
    assert "Its total is not positive, so it is C and Z whatever the limits." in text
    assert "No coefficient" in text


def test_equal_totals_are_explained(as_analyst, segmented):
    run = segmented({"7": [10], "8": [10], "9": [10], "10": [50]})
    text = text_of(as_analyst.get(address(run, "8")))
    assert "2 other clients have exactly the same total." in text
    assert "by the number of the client in the sales ledger: 1 of them stand before it" in text
    assert "exactly the same total" not in text_of(as_analyst.get(address(run, "10")))


def test_too_short_a_history_is_said_with_what_is_missing(as_analyst, segmented):
    run = segmented({"100": [10] * 12, "200": [0] * 10 + [9, 9]}, min_history=6)
    text = text_of(as_analyst.get(address(run, "200")))
    assert "Rhythm: N" in text
    assert "2 periods since the first sale, 6 are needed. 4 more and its rhythm is judged." in text
    page = text_of(as_analyst.get(f"/segmentation/{run.pk}/"))
    assert "N: fewer than 6 periods since the first sale" in page


def test_a_client_that_the_run_did_not_find_is_told_so(as_analyst, segmented):
    run = segmented(YEAR)
    nobody = Client.objects.create(name="Silent Ltd", external_id="999")
    assert "Not in this run" in text_of(
        as_analyst.get(f"/segmentation/{run.pk}/clients/{nobody.pk}/")
    )
    assert as_analyst.get(f"/segmentation/{run.pk}/clients/987654/").status_code == 404
    assert as_analyst.get(f"/segmentation/987654/clients/{nobody.pk}/").status_code == 404


def test_a_kam_sees_it_of_his_own_client_in_the_run_in_force_and_no_neighbour_of_others(
    as_kam, as_other_kam, kam, head, segmented
):
    run = segmented(YEAR)
    client = Client.objects.get(external_id="100")
    opening.make_key(client, by=head, reason="Brings most of our sales.", today=TODAY)
    assigning.assign(client, to=kam, by=head, today=TODAY)
    own = address(run, "100")
    answer = as_kam.get(own)
    assert answer.status_code == 200
    assert [each.client for each in answer.context["why"].neighbours] == [client]
    assert "You see those that you hold." in text_of(answer)
    assert f'href="/segmentation/{run.pk}/"' not in answer.content.decode()
    assert as_other_kam.get(own).status_code == 404
    assert as_kam.get(address(run, "200")).status_code == 404
    other = segmenting.run(segmenting.request(start=JANUARY, periods=6))
    assert not SegmentationRun.objects.get(pk=other.pk).in_force
    assert as_kam.get(address(other, "100")).status_code == 404


def test_colleagues_are_not_shown_figures(as_colleague, as_admin, segmented):
    run = segmented(YEAR)
    assert as_colleague.get(address(run, "100")).status_code == 403
    assert as_admin.get(address(run, "100")).status_code == 403


# ── What would move it ───────────────────────────────────────────────────────────────────────


def letters_of(totals: dict[str, Decimal]) -> dict[str, str]:
    found = abc_xyz.classify(
        [abc_xyz.figures(key, [total], 1) for key, total in totals.items()], periods=1
    )
    return {one.key: one.abc for one in getattr(found, "clients", found)}


@pytest.mark.parametrize("seed", range(6))
def test_so_much_more_or_less_is_enough_and_a_little_under_it_is_not(segmented, seed):
    chance = random.Random(seed)
    totals = {
        str(number): Decimal(chance.choice([3, 5, 20, 21, 90, 400, 5000])) + chance.randrange(0, 3)
        for number in range(1, 13)
    }
    totals["13"] = Decimal(-7)
    run = segmented({key: [total] for key, total in totals.items()})
    run.refresh_from_db()
    checked = 0
    for segment in Segment.objects.filter(run=run).select_related("run", "client"):
        key, own = segment.client.external_id, totals[segment.client.external_id]
        value = explaining.value(segment)
        assert letters_of(totals)[key] == segment.abc
        for letter, amount in value.more:
            assert letters_of({**totals, key: own + amount})[key] <= letter
            under = own + amount - Decimal("0.02")
            if under > own:
                assert letters_of({**totals, key: under})[key] > letter
            checked += 1
        if value.less:
            letter, amount = value.less
            assert letters_of({**totals, key: own - amount})[key] > segment.abc
            if amount > Decimal("0.02"):
                kept = own - amount + Decimal("0.02")
                assert letters_of({**totals, key: kept})[key] == segment.abc
            checked += 1
    assert checked > 12


def test_every_badge_of_the_figures_leads_here(as_head, segmented):
    run = segmented(YEAR)
    link = f'href="{address(run, "100")}"'
    for page in (
        f"/segmentation/{run.pk}/clients/",
        "/clients/ranked/",
        f"/clients/{Client.objects.get(external_id='100').pk}/figures/",
        f"/segmentation/{run.pk}/compare/{run.pk}/?kind=same",
    ):
        assert link in as_head.get(page).content.decode(), page

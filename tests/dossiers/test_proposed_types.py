"""The sales propose a type of key client; a head confirms it, and the dossier knows."""

import datetime
import re

import pytest
from django.utils import timezone

from dossiers import opening
from dossiers.models import Dossier
from segmentation import proposing
from segmentation.models import MonthlySales, Policy, Segment, SegmentationRun, TypeProposal
from segmentation.models.runs import add_months
from tests import factories
from tests.factories import TODAY

pytestmark = pytest.mark.usefixtures("db")
JANUARY = datetime.date(2026, 1, 1)
PART = {"HX-Request": "true"}


@pytest.fixture
def sold(db):
    """Two years: 100 brings nine tenths, 200 grows by half and is class B, 300 is small and shrinks."""
    months = {"100": [900] * 24, "200": [60] * 12 + [90] * 12, "300": [20] * 12 + [10] * 12}
    clients = {number: factories.client(external_id=number) for number in months}
    MonthlySales.objects.bulk_create(
        MonthlySales(
            client=clients[number],
            month=add_months(JANUARY, place),
            currency="EUR",
            revenue=revenue,
            orders=1,
            active=True,
        )
        for number, revenues in months.items()
        for place, revenue in enumerate(revenues)
    )
    run = SegmentationRun.objects.create(
        state="succeeded",
        progress=100,
        start=add_months(JANUARY, 12),
        periods=12,
        currency="EUR",
        in_force=True,
        put_in_force_at=timezone.now(),
    )
    Segment.objects.bulk_create(
        Segment(
            run=run,
            client=clients[number],
            rank=rank,
            abc=abc,
            xyz="X",
            total=12 * months[number][-1],
            documents=12,
            active_periods=12,
            history_periods=12,
            cv=0,
            share_before=0,
            share=0,
            nets=months[number][12:],
        )
        for rank, (number, abc) in enumerate([("100", "A"), ("200", "B"), ("300", "C")], start=1)
    )
    return clients


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace(
        "\xa0", " "
    )


def decide(browser, client, client_type="breadwinner", state="confirmed", **more):
    return browser.post(f"/clients/{client.pk}/types/{client_type}/", {"state": state, **more})


def test_the_sales_propose_a_breadwinner_and_say_from_what(as_head, sold):
    page = words(as_head.get(f"/selection/{sold['100'].pk}/"))
    assert "Breadwinner" in page
    assert (
        "90.0 % of our sales, January 2027 – December 2027 in EUR; a breadwinner brings 10 %"
        in page
    )
    page = words(as_head.get(f"/selection/{sold['300'].pk}/"))
    assert "Breadwinner" not in page


def test_the_limit_of_a_breadwinner_is_the_policys(as_head, sold, head):
    Policy.objects.create(breadwinner_share="95", created_by=head)
    assert "Breadwinner" not in words(as_head.get(f"/selection/{sold['100'].pk}/"))


def test_a_client_of_class_b_that_grows_is_promising(as_head, head, sold):
    [proposal] = proposing.of_client(sold["200"], user=head)
    assert (proposal.client_type, proposal.is_open) == ("promising", True)
    assert "+50" in proposal.basis


def test_an_image_maker_is_never_proposed(as_head, sold):
    decide(as_head, sold["100"], "image_maker")
    decide(as_head, sold["300"], "breadwinner")
    assert not TypeProposal.objects.exists()


def test_a_confirmed_type_comes_into_the_dossier_when_it_opens(as_head, head, sold):
    client = sold["100"]
    answer = decide(as_head, client)
    assert answer["Location"] == f"/selection/{client.pk}/"
    kept = TypeProposal.objects.get()
    assert (kept.state, kept.decided_by) == ("confirmed", head)
    assert "90" in kept.basis
    form = as_head.get(f"/clients/{client.pk}/make-key/").context["form"]
    assert form.initial["types"] == ["breadwinner"]
    dossier = opening.make_key(client, by=head, reason="Nine tenths.", today=TODAY)
    assert dossier.types == ["breadwinner"]


def test_a_declined_type_is_not_offered_again(as_head, head, sold):
    decide(as_head, sold["100"], state="declined")
    assert (
        as_head.get(f"/clients/{sold['100'].pk}/make-key/").context["form"].initial["types"] == []
    )
    dossier = opening.make_key(sold["100"], by=head, reason="Nine tenths.", today=TODAY)
    assert dossier.types == []
    assert not as_head.get(f"/dossiers/{dossier.pk}/type-offer/", headers=PART).content.strip()


def test_the_head_is_offered_the_type_above_the_dossier_and_confirms_there(as_head, head, sold):
    dossier = opening.make_key(
        sold["100"], by=head, reason="Nine tenths.", today=TODAY, types=["expert"]
    )
    page = as_head.get(f"/dossiers/{dossier.pk}/").content.decode()
    assert f'hx-get="/dossiers/{dossier.pk}/type-offer/"' in page
    offer = words(as_head.get(f"/dossiers/{dossier.pk}/type-offer/", headers=PART))
    assert "The sales say: Breadwinner." in offer
    answer = decide(as_head, sold["100"], back="dossier")
    assert answer["Location"] == f"/dossiers/{dossier.pk}/"
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.types == ["expert", "breadwinner"]
    assert dossier.updated_by == head
    assert not as_head.get(f"/dossiers/{dossier.pk}/type-offer/", headers=PART).content.strip()


def test_the_offer_asked_for_as_a_page_leads_to_the_selection(as_head, head, sold):
    dossier = opening.make_key(sold["100"], by=head, reason="Nine tenths.", today=TODAY)
    answer = as_head.get(f"/dossiers/{dossier.pk}/type-offer/")
    assert answer["Location"] == f"/selection/{sold['100'].pk}/"


def test_what_was_confirmed_can_be_declined_and_leaves_the_dossier(as_head, head, sold):
    dossier = opening.make_key(sold["100"], by=head, reason="Nine tenths.", today=TODAY)
    decide(as_head, sold["100"])
    assert Dossier.objects.get(pk=dossier.pk).types == ["breadwinner"]
    decide(as_head, sold["100"], state="declined")
    assert Dossier.objects.get(pk=dossier.pk).types == []


@pytest.mark.parametrize("who", ["kam", "analyst", "colleague"])
def test_nobody_else_confirms_or_is_offered(who, request, head, sold):
    dossier = opening.make_key(sold["100"], by=head, reason="Nine tenths.", today=TODAY)
    browser = request.getfixturevalue(f"as_{who}")
    assert decide(browser, sold["100"]).status_code == 403
    assert browser.get(f"/dossiers/{dossier.pk}/type-offer/").status_code == 403
    answer = browser.post(
        "/api/type-decisions/decide/",
        {"client": sold["100"].pk, "client_type": "breadwinner", "state": "confirmed"},
    )
    assert answer.status_code == 403
    assert not TypeProposal.objects.exists()


def test_a_program_confirms_too(as_head, head, sold):
    dossier = opening.make_key(sold["100"], by=head, reason="Nine tenths.", today=TODAY)
    wish = {"client": sold["100"].pk, "client_type": "breadwinner", "state": "confirmed"}
    answer = as_head.post("/api/type-decisions/decide/", wish, content_type="application/json")
    assert answer.json()["state"] == "confirmed"
    assert Dossier.objects.get(pk=dossier.pk).types == ["breadwinner"]
    wish["client"] = sold["300"].pk
    answer = as_head.post("/api/type-decisions/decide/", wish, content_type="application/json")
    assert answer.status_code == 409

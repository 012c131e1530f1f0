"""A client becomes a key client and its dossier opens; it is released and the dossier is kept."""

import datetime
import re
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Client
from accounts.models.client import Stage
from dossiers import opening, reviewing
from dossiers.models import Dossier, Review, ReviewState
from segmentation import selecting
from segmentation.models import MonthlySales, Segment, SegmentationRun, SelectionDecision
from tests import factories
from tests.factories import TODAY

pytestmark = pytest.mark.django_db
REASON = "Brings a tenth of our sales and plans a second plant."


def segmented(client, *, share="0.12", abc="A", xyz="X"):
    """A run in force in which the client has this share of all sales."""
    run = SegmentationRun.objects.filter(in_force=True).first() or SegmentationRun.objects.create(
        start=datetime.date(2025, 11, 1),
        currency="EUR",
        state="succeeded",
        in_force=True,
        put_in_force_at="2026-11-01T08:00Z",
    )
    return Segment.objects.create(
        run=run,
        client=client,
        rank=run.segments.count() + 1,
        abc=abc,
        xyz=xyz,
        total=120_000,
        documents=12,
        active_periods=12,
        history_periods=12,
        share_before=0,
        share=Decimal(share),
        nets=[10_000] * 12,
    )


def test_a_client_made_key_has_its_dossier_its_decision_and_its_first_date(head):
    client = factories.client(
        name="Nowa Huta", city="Kraków", country="Poland", tax_id="PL 1", industry="Steel"
    )
    dossier = opening.make_key(
        client, by=head, reason=REASON, today=TODAY, types=["breadwinner", "expert"]
    )
    client.refresh_from_db()
    assert client.stage == Stage.KEY
    assert (dossier.opened_on, dossier.next_review_on) == (TODAY, datetime.date(2027, 2, 21))
    assert dossier.types == ["breadwinner", "expert"]
    general = dossier.general
    assert (general.legal_name, general.head_office, general.tax_id) == (
        "Nowa Huta",
        "Kraków, Poland",
        "PL 1",
    )
    decision = SelectionDecision.objects.get(client=client)
    assert (decision.from_stage, decision.to_stage, decision.reason) == ("regular", "key", REASON)
    assert decision.decided_by == head


def test_without_a_reason_nothing_happens(head):
    client = factories.client()
    with pytest.raises(selecting.ReasonMissing):
        opening.make_key(client, by=head, reason="  ", today=TODAY)
    client.refresh_from_db()
    assert client.stage == Stage.REGULAR
    assert not Dossier.objects.exists()


def test_only_a_head_makes_a_client_key(kam, analyst):
    for stranger in (kam, analyst):
        with pytest.raises(selecting.NotAllowed):
            opening.make_key(factories.client(), by=stranger, reason=REASON, today=TODAY)


def test_a_second_time_is_refused(dossier, head):
    with pytest.raises(opening.AlreadyKey, match="is a key client already"):
        opening.make_key(dossier.client, by=head, reason=REASON, today=TODAY)


def test_the_database_knows_no_key_client_without_a_dossier(head):
    client = factories.client()
    with transaction.atomic(), connection.cursor() as cursor:
        Client.objects.filter(pk=client.pk).update(stage=Stage.KEY)
        # The rule is checked at the end of the transaction, or as soon as one asks for it.
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def test_a_released_client_leaves_its_people_free_and_its_dossier_kept(dossier, head, kam):
    opening.release_key(
        dossier, to=Stage.LOST, by=head, reason="They build their own plant.", today=TODAY
    )
    dossier.refresh_from_db()
    assert dossier.client.stage == Stage.LOST
    assert dossier.closed_on == TODAY
    assert not dossier.client.assignments.open().exists()
    assert not Dossier.objects.visible_to(kam).exists()
    assert Dossier.objects.visible_to(head).get() == dossier
    with pytest.raises(opening.NotKey):
        opening.release_key(dossier, to=Stage.REGULAR, by=head, reason="Again.", today=TODAY)


def test_a_release_without_a_reason_leaves_the_kam_where_he_is(dossier, head, kam):
    with pytest.raises(selecting.ReasonMissing):
        opening.release_key(dossier, to=Stage.REGULAR, by=head, reason="", today=TODAY)
    assert dossier.client.assignments.open().get().person == kam


def test_a_revision_on_its_way_ends_with_the_dossier(dossier, head, kam):
    review = reviewing.begin(dossier, by=kam, today=datetime.date(2027, 2, 1))
    opening.release_key(
        dossier,
        to=Stage.REGULAR,
        by=head,
        reason="They buy too little.",
        today=datetime.date(2027, 2, 2),
    )
    review.refresh_from_db()
    assert (review.state, review.decided_by) == (ReviewState.ENDED, head)
    assert not Review.objects.running().exists()


def test_a_client_won_back_gets_its_dossier_back_with_all_that_was_known(dossier, head, kam):
    stakeholder = factories.entry("stakeholders", dossier)
    review = reviewing.begin(dossier, by=kam, today=datetime.date(2027, 2, 1))
    opening.release_key(
        dossier,
        to=Stage.REGULAR,
        by=head,
        reason="They buy too little.",
        today=datetime.date(2027, 2, 2),
    )
    again = opening.make_key(
        dossier.client, by=head, reason="A new plant.", today=datetime.date(2027, 5, 3)
    )
    assert again.pk == dossier.pk
    assert list(again.stakeholders.all()) == [stakeholder]
    assert (again.closed_on, again.next_review_on) == (None, datetime.date(2027, 8, 3))
    [raised] = reviewing.raise_due_reviews(today=datetime.date(2027, 8, 1))
    assert raised != review


# ── Through the page ─────────────────────────────────────────────────────────────────────────


def test_the_head_makes_a_client_key_and_is_led_to_choosing_its_kam(as_head):
    client = factories.client(name="Nowa Huta")
    address = f"/clients/{client.pk}/make-key/"
    assert as_head.get(address).status_code == 200
    answer = as_head.post(address, {"reason": REASON, "types": ["promising"]}, follow=True)
    assert answer.redirect_chain == [(f"/clients/{client.pk}/assign/", 302)]
    assert "Nowa Huta is a key client now" in answer.content.decode()
    assert Dossier.objects.get(client=client).types == ["promising"]


@pytest.mark.parametrize(("revenue", "proposed"), [("1000", True), ("999.99", False)])
def test_whoever_brings_a_tenth_of_sales_is_proposed_as_a_breadwinner(as_head, revenue, proposed):
    client, others = factories.client(), factories.client()
    for buyer, amount in ((client, Decimal(revenue)), (others, 10_000 - Decimal(revenue))):
        MonthlySales.objects.create(
            client=buyer, month="2026-10-01", currency="EUR", revenue=amount, orders=1, active=True
        )
    segmented(client)
    page = as_head.get(f"/clients/{client.pk}/make-key/").content.decode()
    [box] = re.findall(r'<input[^>]*value="breadwinner"[^>]*>', page)
    assert ("checked" in box) == proposed
    assert "Run " in page  # the figures say what they were computed from


def test_a_refusal_is_a_sentence_and_what_was_typed_stays(as_head):
    client = factories.client(stage="lost")
    answer = as_head.post(f"/clients/{client.pk}/make-key/", {"reason": REASON})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "cannot go straight to" in page
    assert REASON in page
    empty = as_head.post(
        f"/clients/{client.pk}/make-key/", {"reason": " "}, headers={"HX-Request": "true"}
    )
    assert empty.status_code == 422
    assert "<html" not in empty.content.decode()
    assert "HX-Request" in empty["Vary"]


def test_the_head_releases_a_client_and_finds_its_closed_dossier(as_head, dossier):
    address = f"/clients/{dossier.client_id}/release/"
    assert as_head.get(address).status_code == 200
    assert as_head.post(address, {"to": "lost", "reason": ""}).status_code == 422
    answer = as_head.post(
        address, {"to": "lost", "reason": "They build their own plant."}, follow=True
    )
    assert "Its dossier is closed and kept" in answer.content.decode()
    assert "Huta Północ" in as_head.get("/portfolio/?show=closed").content.decode()
    late = as_head.post(address, {"to": "lost", "reason": "Again."})
    assert "somebody else has released it" in late.content.decode()


def test_nobody_else_opens_these_pages(as_kam, as_analyst, as_colleague, as_admin, dossier):
    client = factories.client()
    for browser in (as_kam, as_analyst, as_colleague, as_admin):
        assert browser.get(f"/clients/{client.pk}/make-key/").status_code == 403
        assert (
            browser.post(f"/clients/{client.pk}/make-key/", {"reason": REASON}).status_code == 403
        )
        assert (
            browser.post(
                f"/clients/{dossier.client_id}/release/", {"to": "lost", "reason": "x"}
            ).status_code
            == 403
        )
    client.refresh_from_db()
    assert client.stage == Stage.REGULAR

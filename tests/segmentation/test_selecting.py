"""A client changes its stage by a head's decision, and the decision is kept."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Client
from accounts.models.client import Stage
from segmentation import selecting
from segmentation.models import SelectionDecision
from tests import factories
from tests.factories import TODAY


@pytest.fixture
def regular(db):
    return factories.client(name="Regular Ltd")


def test_a_head_nominates_a_client_and_the_reason_is_kept(regular, head):
    decision = selecting.nominate(regular, by=head, today=TODAY, reason=" Grew by half. ")
    regular.refresh_from_db()
    assert regular.stage == Stage.CANDIDATE
    assert (decision.from_stage, decision.to_stage, decision.reason) == (
        "regular",
        "candidate",
        "Grew by half.",
    )
    assert (decision.decided_by, decision.decided_on) == (head, TODAY)


@pytest.mark.parametrize("who", ["kam", "analyst", "colleague", "admin"])
def test_nobody_else_decides(who, regular, request):
    with pytest.raises(selecting.NotAllowed):
        selecting.nominate(
            regular, by=request.getfixturevalue(who), today=TODAY, reason="I like them"
        )
    assert not SelectionDecision.objects.exists()


def test_a_decision_without_a_reason_is_refused(regular, head):
    with pytest.raises(selecting.ReasonMissing):
        selecting.nominate(regular, by=head, today=TODAY, reason="  \n")
    regular.refresh_from_db()
    assert regular.stage == Stage.REGULAR


def test_the_database_wants_a_reason_too(regular, head):
    with pytest.raises(IntegrityError, match="decision_has_reason"), transaction.atomic():
        selecting.record(
            regular, from_stage="regular", to_stage="candidate", reason=" ", by=head, today=TODAY
        )


def test_nominating_twice_is_told(regular, head):
    selecting.nominate(regular, by=head, today=TODAY, reason="Grew")
    with pytest.raises(selecting.AlreadyThere, match="Candidate"):
        selecting.nominate(regular, by=head, today=TODAY, reason="Grew")


def test_a_lost_client_is_won_back_before_it_becomes_a_candidate(regular, head):
    selecting.change_stage(regular, to=Stage.LOST, reason="Gone", by=head, today=TODAY)
    with pytest.raises(selecting.NoSuchWay, match="First make it"):
        selecting.nominate(regular, by=head, today=TODAY, reason="Back soon")
    selecting.change_stage(regular, to=Stage.REGULAR, reason="Ordered again", by=head, today=TODAY)
    assert Client.objects.get(pk=regular.pk).stage == Stage.REGULAR
    assert regular.selection_decisions.count() == 2


def test_a_held_key_client_stays_key(dossier, head):
    with pytest.raises(selecting.StillHeld, match="Release it first"):
        selecting.change_stage(dossier.client, to=Stage.LOST, reason="Gone", by=head, today=TODAY)
    assert Client.objects.get(pk=dossier.client_id).is_key


def test_the_decision_is_seen_by_who_may_see_the_clients_figures(
    regular, head, analyst, kam, colleague
):
    selecting.nominate(regular, by=head, today=TODAY, reason="Grew")
    assert SelectionDecision.objects.visible_to(head).count() == 1
    assert SelectionDecision.objects.visible_to(analyst).count() == 1
    assert not SelectionDecision.objects.visible_to(kam).exists()
    assert not SelectionDecision.objects.visible_to(colleague).exists()

"""A small world in which every address exists: what the first KAM holds, and another KAM beside him."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client as Browser
from django.utils import timezone

from accounts import tokens
from dossiers import attaching, freezing, reviewing
from dossiers.models import Review, ReviewState
from segmentation.models import (
    ClientMerge,
    DoubtfulMatch,
    JobState,
    LedgerNumber,
    Policy,
    SalesImport,
    TypeProposal,
)
from segmentation.models.matching import MatchedBy
from tests import factories, files
from tests.house import many


@pytest.fixture
def world(head, kam, other_kam, analyst, colleague, admin, dossier, others_dossier) -> dict:
    """{name of a parameter or a thing: its value in an address}."""
    reviewing.raise_due_reviews(today=dossier.next_review_on)
    review = dossier.reviews.running().get()
    regular = factories.client(name="Regular Ltd")
    number = LedgerNumber.objects.create(
        number="L-1", client=dossier.client, matched_by=MatchedBy.NUMBER
    )
    doubt = DoubtfulMatch.objects.create(
        client=regular, candidate=factories.client(name="Regular GmbH"), reason="same_name"
    )
    merge = ClientMerge.objects.create(
        kept=regular, merged=factories.client(), merged_by=analyst, split_at=timezone.now()
    )
    token, _secret = tokens.make(kam, name="Warehouse", by=admin, now=timezone.now())
    many.entries(dossier, 2, by=kam)
    imported = SalesImport(
        state=JobState.SUCCEEDED,
        progress=100,
        original_name="sales.csv",
        created_by=analyst,
        finished_at=timezone.now(),
    )
    imported.rejects_file.save("rejected.csv", ContentFile(b"line;reason\n"), save=False)
    imported.save()
    run = many.sales(by=analyst)
    lost = many.losing(dossier.client, owner=kam)
    picture = attaching.attach(dossier, upload=files.png(), by=kam, today=timezone.localdate())
    attaching.draw_preview(picture.pk)
    accepted = Review.objects.create(
        dossier=dossier,
        due_on=dossier.opened_on,
        raised_on=dossier.opened_on,
        state=ReviewState.ACCEPTED,
        submitted_on=dossier.opened_on,
        submitted_by=kam,
        decided_on=dossier.opened_on,
        decided_by=head,
        snapshot=freezing.freeze(dossier, today=dossier.opened_on),
    )
    return {
        "client_id": dossier.client_id,
        "attachment": picture.pk,
        "name": picture.name,
        "regular_client": regular.pk,
        "dossier_id": dossier.pk,
        "review_id": review.pk,
        "accepted_review": accepted.pk,
        "person": colleague.pk,
        "token": token.pk,
        "section": "relationship",
        "piece": "timeline",
        "entry": dossier.timeline.first().pk,
        "import": imported.pk,
        "policy": Policy.objects.create(reason="The usual", created_by=head).pk,
        "selection_decision": dossier.client.selection_decisions.first().pk,
        "type_decision": TypeProposal.objects.create(
            client=dossier.client,
            client_type="breadwinner",
            state="confirmed",
            basis="12 % of our sales",
            decided_by=head,
            decided_on=dossier.opened_on,
        ).pk,
        "run": run.pk,
        "scenario": many.scenario(dossier.client, by=head).pk,
        "loss": lost["loss"].pk,
        "measure": lost["measure"].pk,
        "rhythm": lost["rhythm"].pk,
        "slipping": lost["episode"].pk,
        "cell": "AX",
        "ledger_number": number.pk,
        "doubt": doubt.pk,
        "merge": merge.pk,
        "segment": run.segments.get(client=dossier.client).pk,
    }


class Browsers(dict):
    """{role as in the URL table: a browser signed in as such}. No mistake of ours becomes an exception here."""

    def __init__(self, people):
        super().__init__()
        self.people = people
        for role in ("anonymous", *people):
            self[role] = Browser(raise_request_exception=False)
            self.sign_in(role)

    def sign_in(self, role):
        if role in self.people:
            self[role].force_login(self.people[role])


@pytest.fixture
def browsers(world, head, kam, other_kam, analyst, colleague, admin) -> Browsers:
    return Browsers(
        {
            "colleague": colleague,
            "analyst": analyst,
            "admin": admin,
            "kam": kam,
            "other_kam": other_kam,
            "head": head,
        }
    )

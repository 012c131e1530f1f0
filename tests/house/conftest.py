"""A small world in which every address exists: what the first KAM holds, and another KAM beside him."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts import tokens
from dossiers import reviewing
from tests import factories


@pytest.fixture
def world(head, kam, other_kam, analyst, colleague, admin, dossier, others_dossier) -> dict:
    """{name of a parameter or a thing: its value in an address}."""
    reviewing.raise_due_reviews(today=dossier.next_review_on)
    review = dossier.reviews.get()
    regular = factories.client(name="Regular Ltd")
    token, _secret = tokens.make(kam, name="Warehouse", by=admin, now=timezone.now())
    return {
        "client_id": dossier.client_id,
        "regular_client": regular.pk,
        "dossier_id": dossier.pk,
        "review_id": review.pk,
        "person": colleague.pk,
        "token": token.pk,
    }


@pytest.fixture
def browsers(world, head, kam, other_kam, analyst, colleague, admin) -> dict[str, Browser]:
    """{role as in the URL table: a browser signed in as such}. No mistake of ours becomes an exception here."""
    people = {
        "colleague": colleague,
        "analyst": analyst,
        "admin": admin,
        "kam": kam,
        "other_kam": other_kam,
        "head": head,
    }
    signed_in = {"anonymous": Browser(raise_request_exception=False)}
    for role, person in people.items():
        signed_in[role] = Browser(raise_request_exception=False)
        signed_in[role].force_login(person)
    return signed_in

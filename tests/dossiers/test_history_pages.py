"""The history of an entry, of a sheet and of a list: who changed what, from what, to what."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from dossiers import editing
from dossiers.pieces import BY_KEY
from tests import factories

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def test_the_history_says_who_changed_what_from_what_to_what(as_kam, kam, head, dossier):
    contract = factories.entry("contracts", dossier, number="7/2026", value=1000, by=kam)
    sent = {
        "number": "7/2026",
        "subject": "Deliveries",
        "value": "2500",
        "currency": "EUR",
        "certainty": "assumption",
    }
    sent |= {"starts_on": str(contract.starts_on), "version": 1}
    piece = BY_KEY["contracts"]
    editing.change(piece, dossier=dossier, pk=contract.pk, data=sent, by=head, today=today())
    editing.confirm(
        piece,
        dossier=dossier,
        pk=contract.pk,
        seen=2,
        by=kam,
        today=today() + datetime.timedelta(days=1),
    )
    page = as_kam.get(
        reverse("dossiers:history", args=[dossier.pk, "relationship", "contracts", contract.pk])
    )
    text = re.sub(r"<[^>]+>|\s+", " ", page.text)
    text = re.sub(r"\s+", " ", text.replace("\u00a0", " "))
    assert "Value from 1,000 EUR to 2,500 EUR" in text
    assert "Fact or assumption from Fact to Assumption" in text
    assert "changed by Helena Head" in text
    assert "confirmed by Karol Kam" in text
    assert text.index("confirmed by") < text.index("changed by") < text.index("added by")


def test_a_longer_text_shows_which_words_changed(as_kam, kam, dossier):
    plan = dossier.plan
    for version, text in ((1, "We answer at night."), (2, "We answer day and night.")):
        sent = {"value_proposition": text, "certainty": "fact", "version": version}
        editing.change(
            BY_KEY["value"], dossier=dossier, pk=plan.pk, data=sent, by=kam, today=today()
        )
    page = as_kam.get(reverse("dossiers:history", args=[dossier.pk, "plan", "value", plan.pk]))
    assertContains(page, "<del>at</del>")
    assertContains(page, "<ins>day")


def test_two_pieces_of_one_sheet_have_each_their_own_history(as_kam, kam, dossier):
    general = dossier.general
    sent = {
        "legal_name": "Huta Północ S.A.",
        "brand": "Huta na Północy",
        "certainty": "fact",
        "version": 1,
        "source": general.source,
    }
    editing.change(
        BY_KEY["identity"], dossier=dossier, pk=general.pk, data=sent, by=kam, today=today()
    )
    own = as_kam.get(
        reverse("dossiers:history", args=[dossier.pk, "general", "identity", general.pk])
    )
    assertContains(own, "Huta na Północy")
    other = as_kam.get(
        reverse("dossiers:history", args=[dossier.pk, "general", "about", general.pk])
    )
    assertNotContains(other, "Huta na Północy")


def test_what_was_deleted_is_found_in_the_history_of_its_list(as_kam, kam, dossier):
    gone = factories.entry("competitors", dossier, name="Vanished Ltd")
    editing.delete(BY_KEY["competitors"], dossier=dossier, pk=gone.pk, data={"version": 1}, by=kam)
    page = as_kam.get(
        reverse("dossiers:piece_history", args=[dossier.pk, "competitors", "competitors"])
    )
    assertContains(page, "Vanished Ltd")
    assertContains(page, "deleted by Karol Kam")
    entry = as_kam.get(
        reverse("dossiers:history", args=[dossier.pk, "competitors", "competitors", gone.pk])
    )
    assertContains(entry, "Vanished Ltd")


def test_a_long_history_has_pages(as_kam, dossier):
    for place in range(60):
        factories.entry("actions", dossier, title=f"Step {place:02}")
    address = reverse("dossiers:piece_history", args=[dossier.pk, "plan", "actions"])
    first = as_kam.get(address)
    assertContains(first, "Step 59")
    assertNotContains(first, "Step 00")
    assertContains(as_kam.get(f"{address}?page=2"), "Step 00")
    assert as_kam.get(f"{address}?page=x").status_code == 200


def test_an_entry_that_never_was_has_no_history(as_kam, dossier, others_dossier):
    theirs = factories.entry("actions", others_dossier)
    assert (
        as_kam.get(
            reverse("dossiers:history", args=[dossier.pk, "plan", "actions", 999999])
        ).status_code
        == 404
    )
    assert (
        as_kam.get(
            reverse("dossiers:history", args=[dossier.pk, "plan", "actions", theirs.pk])
        ).status_code
        == 404
    )

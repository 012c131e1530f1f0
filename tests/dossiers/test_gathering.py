"""What a page reads in several statements, while somebody else deletes between two of them."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from dossiers import gathering
from dossiers.models import Stakeholder
from dossiers.pieces import BY_KEY
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(dossier):
    return factories.entry("stakeholders", dossier, name="Anna Nowak")


@pytest.fixture
def goes_meanwhile(monkeypatch, anna):
    """Anna is deleted after the entries were read, and before it is read to whom they point."""
    attach = gathering.attach

    def attach_later(*asked):
        Stakeholder.objects.filter(pk=anna.pk).delete()
        return attach(*asked)

    monkeypatch.setattr(gathering, "attach", attach_later)


@pytest.fixture
def survey(anna, dossier):
    return factories.entry("surveys", dossier, stakeholder=anna, comment="Late with seals")


def test_an_entry_shows_to_whom_it_points(as_kam, dossier, survey):
    page = as_kam.get(reverse("dossiers:section", args=[dossier.pk, "figures"]))
    assertContains(page, "Late with seals")
    assertContains(page, "Anna Nowak")


def test_a_page_is_shown_though_somebody_deletes_to_whom_an_entry_points(
    as_kam, dossier, survey, goes_meanwhile
):
    page = as_kam.get(reverse("dossiers:section", args=[dossier.pk, "figures"]))
    assertContains(page, "Late with seals")
    assertNotContains(page, "Anna Nowak")


def test_what_went_with_the_deleted_is_left_out_and_the_rest_stays(
    kam, dossier, anna, survey, goes_meanwhile
):
    piotr = factories.entry("stakeholders", dossier, name="Piotr")
    factories.entry("ties", dossier, colleague=kam, stakeholder=anna)
    stays = factories.entry("ties", dossier, colleague=kam, stakeholder=piotr)
    found = gathering.gather([BY_KEY["ties"], BY_KEY["surveys"]], dossier)
    assert found["ties"] == [stays]
    assert found["ties"][0].stakeholder == piotr
    assert found["surveys"] == [survey]
    assert found["surveys"][0].stakeholder is None

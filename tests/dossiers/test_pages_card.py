"""The client card and the list of key clients: what every colleague may know, and no more."""

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts import assigning
from dossiers import opening
from tests import factories

pytestmark = pytest.mark.django_db
EVERYBODY = ["as_head", "as_kam", "as_other_kam", "as_analyst", "as_colleague", "as_admin"]


@pytest.fixture
def known(dossier, head, other_kam):
    """A dossier with something on its card, and much that is not for it."""
    assigning.appoint_deputy(dossier.client, to=other_kam, by=head, today=timezone.localdate())
    dossier.types, dossier.position = ["breadwinner"], "They think of leaving us."
    dossier.save()
    plan = dossier.plan
    plan.value_proposition, plan.do, plan.do_not = (
        "The mill never stops.",
        "Call first",
        "No jokes about the leak",
    )
    plan.weaknesses = "We are slow with quotations"
    plan.save()
    factories.entry("stakeholders", dossier, name="Beata Secret", personal_notes="Hates mornings")
    factories.entry("timeline", dossier, title="A quarrel about the claim")
    factories.entry("competitors", dossier, name="Nordpas Technik")
    return dossier


def card(client):
    return reverse("dossiers:card", args=[client.pk])


@pytest.mark.parametrize("somebody", EVERYBODY)
def test_everybody_sees_who_holds_the_client_and_how_to_behave(request, somebody, known):
    page = request.getfixturevalue(somebody).get(card(known.client))
    for said in (
        "Huta Północ",
        "Breadwinner",
        "Karol Kam",
        "Olga Other",
        "The mill never stops.",
        "Call first",
        "No jokes",
    ):
        assertContains(page, said)


@pytest.mark.parametrize("somebody", EVERYBODY)
def test_nothing_else_of_the_dossier_is_on_the_card(request, somebody, known):
    browser = request.getfixturevalue(somebody)
    for page in (browser.get(card(known.client)), browser.get(reverse("dossiers:key_clients"))):
        for secret in (
            "leaving us",
            "slow with quotations",
            "Beata",
            "Hates",
            "quarrel",
            "Nordpas",
        ):
            assertNotContains(page, secret)


def test_the_card_leads_to_the_dossier_and_the_figures_only_those_who_may_open_them(
    as_kam, as_head, as_analyst, as_colleague, as_admin, dossier
):
    to_dossier = f'href="{reverse("dossiers:dossier", args=[dossier.pk])}"'
    to_figures = f'href="{reverse("segmentation:client", args=[dossier.client_id])}"'
    expected = {
        as_kam: (1, 1),
        as_head: (1, 1),
        as_analyst: (0, 1),
        as_colleague: (0, 0),
        as_admin: (0, 0),
    }
    for browser, (dossiers, figures) in expected.items():
        page = browser.get(card(dossier.client))
        assertContains(page, to_dossier, count=dossiers)
        assertContains(page, to_figures, count=figures)


def test_a_client_that_is_not_key_has_no_card_for_colleagues(
    as_colleague, as_other_kam, as_head, as_analyst, db
):
    regular = factories.client(name="Tartak Zielony")
    for browser in (as_colleague, as_other_kam):
        answer = browser.get(card(regular))
        assert answer.status_code == 404
        assert "Tartak" not in answer.text
    for browser in (as_head, as_analyst):
        assertContains(browser.get(card(regular)), "Tartak Zielony")


def test_the_card_of_a_client_that_is_key_no_more_forgets_the_closed_dossier(
    as_head, as_colleague, head, known
):
    opening.release_key(known, to="regular", by=head, reason="Sold.", today=timezone.localdate())
    assert as_colleague.get(card(known.client)).status_code == 404
    assertNotContains(as_head.get(card(known.client)), "The mill never stops.")


def test_a_client_that_nobody_holds_says_whom_to_ask(as_colleague, head):
    lonely = factories.dossier(by=head, name="Cukrownia")
    assertContains(as_colleague.get(card(lonely.client)), "ask a sales head")


def test_a_colleague_finds_a_key_client_by_a_part_of_its_name_without_accents(
    as_colleague, dossier, others_dossier
):
    factories.client(name="Polna Piekarnia")
    everything = as_colleague.get(reverse("dossiers:key_clients"))
    for said in ("Huta Północ", "Завод Восток", "Karol Kam", "2 key clients"):
        assertContains(everything, said)
    found = as_colleague.get(
        reverse("dossiers:key_clients") + "?q=POLNOC", headers={"HX-Request": "true"}
    )
    assertContains(found, "Huta Północ")
    assertNotContains(found, "Восток")
    assertNotContains(found, "Polna")
    assertNotContains(found, "<html")
    assert "HX-Request" in found.headers["Vary"]
    assertContains(as_colleague.get(reverse("dossiers:key_clients") + "?q=восток"), "Завод Восток")
    assertContains(as_colleague.get(reverse("dossiers:key_clients") + "?q=nobody"), "Nothing found")


def test_key_clients_can_be_narrowed_to_a_type(as_colleague, known, others_dossier):
    found = as_colleague.get(reverse("dossiers:key_clients") + "?type=breadwinner")
    assertContains(found, "Huta Północ")
    assertNotContains(found, "Завод Восток")
    assert as_colleague.get(reverse("dossiers:key_clients") + "?type='x").status_code == 200


def test_a_stranger_sees_no_card(anonymous, dossier):
    assert anonymous.get(card(dossier.client)).status_code == 302
    assert anonymous.get(reverse("dossiers:key_clients")).status_code == 302

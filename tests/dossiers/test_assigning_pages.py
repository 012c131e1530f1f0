"""The page on which a head hands a key client to a KAM."""

import pytest

from accounts import assigning
from accounts.models import Assignment
from tests import factories
from tests.factories import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(head):
    return factories.key_client(by=head, name="Nowa Huta")


def address(client):
    return f"/clients/{client.pk}/assign/"


def test_the_head_sees_each_kam_with_his_clients_and_free_slots_in_words(
    as_head, client, dossier, other_kam
):
    page = as_head.get(address(client)).content.decode()
    assert "Karol Kam" in page
    assert "Huta Północ" in page
    assert "1 of 3" in page
    assert "2 slots free" in page
    assert "holds nobody yet" in page


def test_one_choice_and_one_button_hand_the_client_over(as_head, client, kam, head):
    answer = as_head.post(address(client), {"person": kam.pk, "note": "Ask for Anna."}, follow=True)
    assert "Karol Kam holds Nowa Huta from today on." in answer.content.decode()
    held = Assignment.objects.open().get(client=client)
    assert (held.person, held.assigned_by, held.note) == (kam, head, "Ask for Anna.")


def test_in_place_the_part_comes_back_and_with_it_the_message(as_head, client, kam):
    answer = as_head.post(address(client), {"person": kam.pk}, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in part
    assert 'hx-swap-oob="true"' in part
    assert "Karol Kam holds Nowa Huta from today on." in part
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_full_kam_is_refused_with_a_sentence_and_the_note_is_kept(
    as_head, head, client, kam, headers
):
    for number in range(3):
        factories.key_client(kam=kam, by=head, name=f"Held {number}")
    answer = as_head.post(
        address(client), {"person": kam.pk, "note": "Ask for Anna."}, headers=headers
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Karol Kam already holds three key clients: Held 0, Held 1, Held 2." in page
    assert "Choose a KAM with a free slot" in page
    assert "Ask for Anna." in page
    assert "full: three key clients" in page
    assert not Assignment.objects.filter(client=client).exists()


def test_choosing_nobody_is_said(as_head, client, kam):
    answer = as_head.post(address(client), {"note": ""})
    assert answer.status_code == 422
    assert "Choose a KAM." in answer.content.decode()


def test_a_colleague_cannot_be_made_kam_by_a_forged_form(as_head, client, colleague):
    assert as_head.post(address(client), {"person": colleague.pk}).status_code == 422
    assert not Assignment.objects.filter(client=client).exists()


def test_a_client_that_is_not_key_is_refused_with_the_way_to_make_it_one(as_head, kam):
    client = factories.client()
    page = as_head.get(address(client)).content.decode()
    assert f"/clients/{client.pk}/make-key/" in page
    assert as_head.post(address(client), {"person": kam.pk}).status_code == 422


def test_a_deputy_is_appointed_and_dismissed(as_head, dossier, other_kam):
    deputy = f"/clients/{dossier.client_id}/assign/deputy/"
    answer = as_head.post(deputy, {"person": other_kam.pk}, follow=True)
    assert "Olga Other deputises for Huta Północ from today on." in answer.content.decode()
    answer = as_head.post(f"{deputy}dismiss/", follow=True)
    assert "has no deputy any more" in answer.content.decode()
    assert Assignment.objects.open().deputies().count() == 0


def test_the_kam_cannot_be_his_own_deputy(as_head, dossier, kam):
    answer = as_head.post(f"/clients/{dossier.client_id}/assign/deputy/", {"person": kam.pk})
    assert answer.status_code == 422
    assert "somebody else than the KAM" in answer.content.decode()


def test_after_the_hand_over_the_other_kam_opens_the_dossier_and_the_first_does_not(
    as_head, as_kam, as_other_kam, dossier, other_kam
):
    as_head.post(address(dossier.client), {"person": other_kam.pk})
    assert as_other_kam.get(f"/dossiers/{dossier.pk}/").status_code == 200
    assert as_kam.get(f"/dossiers/{dossier.pk}/").status_code == 404


def test_nobody_else_hands_over(as_kam, as_analyst, as_colleague, as_admin, client, kam):
    for browser in (as_kam, as_analyst, as_colleague, as_admin):
        for path in (address(client), f"{address(client)}deputy/"):
            assert browser.get(path).status_code == 403
            assert browser.post(path, {"person": kam.pk}).status_code == 403
        assert browser.post(f"{address(client)}deputy/dismiss/").status_code == 403
    assert not Assignment.objects.filter(client=client).exists()


def test_the_page_asks_the_database_as_often_for_thirty_kams_as_for_three(
    as_head, head, client, django_assert_num_queries
):
    def filled(kams):
        for _ in range(kams):
            assigning.assign(
                factories.key_client(by=head), to=factories.kam(), by=head, today=TODAY
            )

    filled(3)
    as_head.get(address(client))
    with django_assert_num_queries(6):
        as_head.get(address(client))
    filled(27)
    with django_assert_num_queries(6):
        as_head.get(address(client))


def test_among_many_kams_the_head_finds_one_by_name(as_head, client, kam):
    for number in range(45):
        factories.kam(name=f"Aaron {number:02}")
    page = as_head.get(address(client)).content.decode()
    assert page.count('type="radio"') == 40
    assert "Find a KAM" in page
    found = as_head.get(address(client) + "?q=KAROL").content.decode()
    assert found.count('type="radio"') == 1
    assert "Karol Kam" in found
    assert "No KAM of that name." in as_head.get(address(client) + "?q=%00nobody").content.decode()

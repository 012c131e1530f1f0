"""The rule of three slots, in the functions and in the database, also when many come at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import assigning
from accounts.models import Assignment
from tests import factories
from tests.factories import TODAY


def at_once(acts):
    """Run all acts at the same moment, each with a database connection of its own; returns what each gave."""
    together = Barrier(len(acts))

    def alone(act):
        try:
            together.wait()
            return act()
        except assigning.AssignmentRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(alone, acts))


def holding(kam, head, number):
    return [factories.key_client(kam=kam, by=head) for _ in range(number)]


@pytest.mark.django_db
def test_a_kam_takes_three_key_clients_and_a_fourth_is_refused_with_what_to_do(head, kam):
    held = holding(kam, head, 3)
    fourth = factories.key_client(by=head)
    with pytest.raises(assigning.KamIsFull) as refusal:
        assigning.assign(fourth, to=kam, by=head, today=TODAY)
    sentence = str(refusal.value)
    assert all(client.name in sentence for client in held)
    assert "Choose a KAM with a free slot" in sentence
    assert not Assignment.objects.filter(client=fourth).exists()
    assert assigning.free_slots(kam) == 0


@pytest.mark.django_db
def test_a_slot_that_becomes_free_is_taken_again(head, kam):
    first, *_others = holding(kam, head, 3)
    assigning.release(first, by=head, today=TODAY)
    assert assigning.free_slots(kam) == 1
    taken = assigning.assign(factories.key_client(by=head), to=kam, by=head, today=TODAY)
    assert taken.slot == 1


@pytest.mark.django_db
def test_handing_over_frees_the_one_and_fills_the_other(head, kam, other_kam):
    client = factories.key_client(kam=kam, by=head)
    assigning.assign(client, to=other_kam, by=head, today=TODAY, note="Ask for Anna.")
    assert (assigning.free_slots(kam), assigning.free_slots(other_kam)) == (3, 2)
    assert client.assignments.open().get().note == "Ask for Anna."
    with pytest.raises(assigning.AlreadyHolds):
        assigning.assign(client, to=other_kam, by=head, today=TODAY)


@pytest.mark.django_db
def test_a_deputy_needs_no_slot_and_is_somebody_else(head, kam, other_kam):
    holding(other_kam, head, 3)
    client = factories.key_client(kam=kam, by=head)
    assigning.appoint_deputy(client, to=other_kam, by=head, today=TODAY)
    with pytest.raises(assigning.AlreadyHolds):
        assigning.appoint_deputy(client, to=kam, by=head, today=TODAY)
    assert assigning.dismiss_deputy(client, by=head, today=TODAY) == 1
    assert assigning.dismiss_deputy(client, by=head, today=TODAY) == 0
    assert client.assignments.open().get().person == kam


@pytest.mark.django_db
def test_only_a_head_hands_over_and_only_key_clients_and_only_to_kams(
    head, kam, analyst, colleague
):
    client = factories.key_client(by=head)
    for stranger in (kam, analyst, colleague):
        with pytest.raises(assigning.NotAllowed):
            assigning.assign(client, to=kam, by=stranger, today=TODAY)
    with pytest.raises(assigning.NotAKam):
        assigning.assign(client, to=colleague, by=head, today=TODAY)
    with pytest.raises(assigning.NotAKeyClient):
        assigning.assign(factories.client(), to=kam, by=head, today=TODAY)


@pytest.mark.django_db
@pytest.mark.parametrize("slot", [1, 4, None])
def test_the_database_refuses_a_fourth_whoever_writes_it(head, kam, slot):
    holding(kam, head, 3)
    fourth = factories.key_client(by=head)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(
            client=fourth, person=kam, slot=slot, started_on=TODAY, assigned_by=head
        )


@pytest.mark.django_db
def test_the_database_refuses_it_in_plain_sql_too(head, kam):
    holding(kam, head, 3)
    fourth = factories.key_client(by=head)
    insert = (
        "INSERT INTO accounts_assignment (client_id, person_id, holding, slot, started_on, assigned_by_id, note) "
        "VALUES (%s, %s, 'kam', %s, %s, %s, '')"
    )
    for slot in (1, 2, 3, 4):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(insert, [fourth.pk, kam.pk, slot, TODAY, head.pk])


@pytest.mark.django_db
def test_the_database_refuses_two_kams_a_stranger_and_a_client_that_is_not_key(
    head, kam, other_kam, colleague
):
    held = factories.key_client(kam=kam, by=head)
    for client, person in (
        (held, other_kam),
        (factories.key_client(by=head), colleague),
        (factories.client(), other_kam),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.create(
                client=client, person=person, slot=1, started_on=TODAY, assigned_by=head
            )


@pytest.mark.django_db(transaction=True)
def test_two_heads_at_the_same_moment_and_one_wins(head, other_head, kam):
    holding(kam, head, 2)
    third, fourth = (factories.key_client(by=head) for _ in range(2))
    answers = at_once(
        [
            lambda: assigning.assign(third, to=kam, by=head, today=TODAY),
            lambda: assigning.assign(fourth, to=kam, by=other_head, today=TODAY),
        ]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Assignment", "KamIsFull"]
    assert Assignment.objects.open().kams().filter(person=kam).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_heads_hand_one_client_to_two_kams_and_the_later_holds_it(
    head, other_head, kam, other_kam
):
    client = factories.key_client(by=head)
    at_once(
        [
            lambda: assigning.assign(client, to=kam, by=head, today=TODAY),
            lambda: assigning.assign(client, to=other_kam, by=other_head, today=TODAY),
        ]
    )
    assert client.assignments.open().count() == 1
    assert client.assignments.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_hundred_assignments_over_twenty_kams_never_give_one_more_than_three(head, other_head):
    kams = [factories.kam() for _ in range(20)]
    clients = [factories.key_client(by=head) for _ in range(200)]
    acts = [
        lambda client=client, to=kams[number % 20], by=(head, other_head)[number % 2]: (
            assigning.assign(client, to=to, by=by, today=TODAY)
        )
        for number, client in enumerate(clients)
    ]
    # Forty at a time, each forty for four of the KAMs: ten heads pull at each of them together.
    answers = [answer for start in range(5) for answer in at_once(acts[start::5])]
    refused = [answer for answer in answers if isinstance(answer, assigning.KamIsFull)]
    assert len(answers) == 200
    assert len(refused) == 140
    assert all("already holds three key clients" in str(refusal) for refusal in refused)
    for kam in kams:
        slots = Assignment.objects.open().kams().filter(person=kam).values_list("slot", flat=True)
        assert sorted(slots) == [1, 2, 3]

"""Figures that are kept: found once, and never shown when anything they were found from has changed."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts import assigning, remembered
from accounts.models import Change, Client
from accounts.remembered import Remembered
from dossiers.models import Dossier
from segmentation.models import MonthlySales, SegmentationRun
from tests import factories
from tests.house import many

TODAY = factories.TODAY


@pytest.fixture
def counted():
    """Something kept that tells how often it was found."""

    class Counted:
        def __init__(self):
            self.kept = Remembered("clients", "people", "dossiers", "segments", "sales", room=2)
            self.times = 0

        def __call__(self, key="all"):
            def find():
                self.times += 1
                return Client.objects.count()

            return self.kept.get(key, find)

    return Counted()


def test_what_has_not_changed_is_found_once(db, counted):
    factories.client()
    assert [counted(), counted(), counted()] == [1, 1, 1]
    assert counted.times == 1


def test_it_is_found_again_after_whatever_it_depends_on(dossier, head, kam, other_kam, counted):
    run = many.sales(by=head)
    changes = {
        "a client": lambda: factories.client(),
        "a name": lambda: Client.objects.filter(pk=dossier.client_id).update(name="Renamed"),
        "a dossier": lambda: Dossier.objects.filter(pk=dossier.pk).update(
            position="On the way down"
        ),
        "who holds it": lambda: assigning.appoint_deputy(
            dossier.client, to=other_kam, by=head, today=TODAY
        ),
        "the run in force": lambda: SegmentationRun.objects.filter(pk=run.pk).update(
            in_force=False
        ),
        "sales": lambda: MonthlySales.objects.update(revenue=Decimal(7)),
        "sales gone": lambda: MonthlySales.objects.all().delete(),
    }
    for what, change in changes.items():
        counted()
        before = counted.times
        change()
        counted()
        assert counted.times == before + 1, what


def test_what_was_done_by_hand_in_the_database_counts_as_well(db, counted):
    client = factories.client()
    counted()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_client SET city = 'Łódź' WHERE id = %s", [client.pk])
    counted()
    assert counted.times == 2


def test_an_earlier_transaction_that_ends_later_is_noticed(db):
    """Its rows have smaller numbers than those seen already: no largest number would tell."""
    late = Change.objects.create(subject="clients")
    Change.objects.create(subject="clients")
    number = late.pk
    late.delete()  # as long as its transaction is open, nobody sees it
    before = remembered.look()
    Change.objects.create(pk=number, subject="clients")
    assert remembered.look() != before


def test_room_is_made_for_what_is_asked_now(db, counted):
    for key in ("a", "b", "c", "a"):
        counted(key)
    assert counted.times == 4


def test_changes_of_last_week_are_swept_and_nothing_stale_is_shown(db, counted):
    factories.client()
    counted()
    Change.objects.update(at=timezone.now() - datetime.timedelta(days=8))
    Change.objects.create(subject="clients")
    assert remembered.sweep(now=timezone.now()) >= 1
    assert list(Change.objects.values_list("subject", flat=True)) == ["clients"]
    factories.client()
    assert counted() == 2

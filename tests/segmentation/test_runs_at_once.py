"""A run that meets somebody who decides which is in force: neither stops the other."""

import threading

import pytest
from django.db import connection, connections

from segmentation import segmenting
from segmentation.models import SegmentationRun
from tests import factories
from tests.segmentation.conftest import JANUARY, YEAR, rows_of
from tests.segmentation.test_merging_at_once import wait_until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def analyst(db):
    return factories.analyst()


def test_who_puts_a_run_in_force_while_it_ends_and_the_run_both_get_through(
    bring_in, analyst, monkeypatch
):
    bring_in(rows_of(YEAR))
    asked = segmenting.request(start=JANUARY, by=analyst, comes_into_force=True)
    refused: list[str] = []

    def put_in_force():
        try:
            segmenting.put_in_force(SegmentationRun.objects.get(pk=asked.pk), by=analyst)
        except Exception as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    thread = threading.Thread(target=put_in_force)
    sum_up = segmenting._sum_up

    def sum_up_while_somebody_comes(*given):
        # Here the run's last transaction holds its row, and has not yet said that it is in force.
        thread.start()
        with connection.cursor() as cursor:
            wait_until_somebody_waits(cursor)
        sum_up(*given)

    monkeypatch.setattr(segmenting, "_sum_up", sum_up_while_somebody_comes)
    run = segmenting.run(asked)
    thread.join(60)
    assert (run.error, refused) == ("", [])
    assert SegmentationRun.objects.in_force() == run

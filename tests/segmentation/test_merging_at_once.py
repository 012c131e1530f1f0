"""Merges that meet: each other, an import, a worker that is killed. Nothing is lost and nothing comes twice."""

import subprocess
import sys
import threading
import time

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import Client
from segmentation import jobs, merging, rollup, sales_import, slipping
from segmentation.models import (
    ClientMerge,
    LedgerNumber,
    MonthlySales,
    Rhythm,
    SalesLine,
    SlippingEpisode,
)
from tests import factories
from tests.factories import TODAY
from tests.segmentation.conftest import rows_of
from tests.segmentation.test_interruptions import waiting_import

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three(bring_in):
    bring_in(rows_of({"100": [10] * 6, "200": [5] * 6, "300": [1] * 6}))
    return [row.client for row in LedgerNumber.objects.order_by("number").select_related("client")]


def at_once(*acts) -> list[str]:
    """Each in a thread and a connection of its own; what each of them was refused with, or nothing."""
    said: list[str] = [""] * len(acts)
    begin = threading.Barrier(len(acts))

    def do(place, act):
        try:
            begin.wait()
            act()
        except merging.MergeRefused as refusal:
            said[place] = str(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return said


def merge(kept, merged, by):
    fresh = Client.objects.in_bulk([kept.pk, merged.pk])
    return merging.merge(fresh[kept.pk], fresh[merged.pk], by=by, today=TODAY)


def total():
    return sum(MonthlySales.objects.values_list("revenue", flat=True))


def test_two_who_merge_the_same_clients_against_each_other_make_one_merge(three):
    one, other, _third = three
    by = factories.analyst()
    said = at_once(lambda: merge(one, other, by), lambda: merge(other, one, by))
    assert sorted(map(bool, said)) == [False, True]
    assert "was merged into" in "".join(said)
    assert ClientMerge.objects.count() == 1
    assert (total(), rollup.differences()) == (96, [])


def test_two_merges_into_one_client_both_stand(three):
    kept, one, other = three
    by = factories.analyst()
    assert at_once(lambda: merge(kept, one, by), lambda: merge(kept, other, by)) == ["", ""]
    assert (SalesLine.objects.filter(client=kept).count(), total()) == (18, 96)
    assert rollup.differences() == []


def test_sales_that_come_in_during_a_merge_are_neither_lost_nor_left_behind(three):
    kept, merged, _third = three
    by = factories.analyst()
    rows = [(f"N{at}", "200", f"2027-0{at % 6 + 1}-05", 1, "2") for at in range(3000)]
    job = waiting_import(rows)
    assert at_once(lambda: sales_import.run(job), lambda: merge(kept, merged, by)) == ["", ""]
    job.refresh_from_db()
    assert job.has_succeeded, job.error
    assert not SalesLine.objects.filter(client=merged).exists()
    assert SalesLine.objects.filter(client=kept).count() == 3012
    assert rollup.differences() == []


def test_who_waits_too_long_for_an_import_is_told_so(three, monkeypatch):
    monkeypatch.setattr(merging, "PATIENCE", "100ms")
    kept, merged, _third = three
    by = factories.analyst()
    with jobs.session_lock(jobs.lock_key("sales")) as ours:
        assert ours
        [said] = at_once(lambda: merge(kept, merged, by))
    assert "storing sales at this moment" in said
    assert not ClientMerge.objects.exists()
    merge(kept, merged, by)
    assert ClientMerge.objects.count() == 1


KILLED = """
import django, sys
django.setup()
from django.db import connection, transaction
connection.settings_dict["NAME"] = sys.argv[1]
from accounts.models import Client, User
from segmentation import merging
from tests.factories import TODAY
two = Client.objects.in_bulk([int(sys.argv[2]), int(sys.argv[3])])
with transaction.atomic():
    merging.merge(two[int(sys.argv[2])], two[int(sys.argv[3])], by=User.objects.get(), today=TODAY)
    print("merged", flush=True)
    sys.stdin.read()
"""


def test_a_merge_killed_half_way_has_not_been(three):
    kept, merged, _third = three
    by = factories.analyst()
    before = sorted(SalesLine.objects.values_list("document", "line_no", "client"))
    words = [
        sys.executable,
        "-c",
        KILLED,
        connection.settings_dict["NAME"],
        str(kept.pk),
        str(merged.pk),
    ]
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout.readline() == b"merged\n"
    process.kill()
    process.wait()
    for _attempt in range(100):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [jobs.lock_key("sales")])
            if cursor.fetchone()[0]:
                break
        time.sleep(0.1)
    assert not ClientMerge.objects.exists()
    assert sorted(SalesLine.objects.values_list("document", "line_no", "client")) == before
    assert rollup.differences() == []
    merge(kept, merged, by)
    assert rollup.differences() == []


def test_who_merges_while_clients_are_looked_at_for_slipping_waits_for_the_end_of_it(three):
    kept, merged, _third = three
    by = factories.analyst()
    slipping.look(today=TODAY)
    ended: list[str] = []

    def merge_and_say():
        try:
            merge(kept, merged, by)
            ended.append("merge")
        finally:
            connections.close_all()

    thread = threading.Thread(target=merge_and_say)
    with transaction.atomic(), connection.cursor() as cursor:
        # As a look does: first a rhythm, then something that holds on to its client.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [jobs.lock_key("slipping")])
        Rhythm.objects.filter(client=merged).update(computed_at=timezone.now())
        thread.start()
        wait_until_somebody_waits(cursor)
        SlippingEpisode.objects.create(
            client=merged, last_order_on=TODAY, median_days=1, spread_days=0, noticed_on=TODAY
        )
        ended.append("look")
    thread.join(60)
    assert ended == ["look", "merge"]
    assert SlippingEpisode.objects.get(last_order_on=TODAY).client == kept


def wait_until_somebody_waits(cursor) -> None:
    for _attempt in range(200):
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        if cursor.fetchone()[0]:
            return
        time.sleep(0.05)
    raise AssertionError("nobody came to wait")

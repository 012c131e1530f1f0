"""Workers that are killed, jobs that meet: whatever happens, all of a file is stored or nothing of it."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest
from django.core.files.base import ContentFile
from django.db import connection, connections
from django.db.models import Count, Sum
from django.utils import timezone

from segmentation import jobs, rollup, sales_import, segmenting, tasks, undoing
from segmentation.models import (
    JobState,
    MonthlySales,
    SalesDocument,
    SalesImport,
    SalesLine,
    Segment,
)
from segmentation.models.sales import ImportPhase
from tests.segmentation.conftest import COLUMNS, JANUARY, rows_of

pytestmark = pytest.mark.django_db(transaction=True)
LINES = 7_000
KILLS, UNDOINGS = 12, 8

# Workers in processes of their own, in the database of the tests. The first one, which has imported everything,
# makes the others: that takes no time, so that many can be killed.
WORKERS = """
import os, sys
import django
django.setup()
from django.conf import settings
from django.db import connection
from django.utils import timezone
connection.settings_dict["NAME"] = sys.argv[1]
settings.MEDIA_ROOT = sys.argv[2]
from segmentation import tasks, undoing
from segmentation.models import SalesImport
for order in sys.stdin:
    what, number = order.split()
    child = os.fork()
    if not child:
        if what == "undo":
            undoing.undo(SalesImport.objects.get(pk=number), by=None, today=timezone.localdate())
        else:
            getattr(tasks, what)(int(number))
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


class Workers:
    """`work("import_sales", job, seconds)`: a worker begins it and is killed after so many seconds, or never."""

    def __init__(self, settings):
        words = [
            sys.executable,
            "-c",
            WORKERS,
            connection.settings_dict["NAME"],
            str(settings.MEDIA_ROOT),
        ]
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def work(self, what: str, job, seconds: float | None = None) -> float:
        """How long it lived."""
        began = time.monotonic()
        self.process.stdin.write(f"{what} {job.pk}\n")
        self.process.stdin.flush()
        worker = int(self.process.stdout.readline())
        if seconds is not None:
            time.sleep(seconds)
            # Until it is waited for, which its parent alone does, its number is nobody else's.
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        assert self.process.stdout.readline() == "gone\n"
        return time.monotonic() - began


@pytest.fixture
def workers(settings):
    made = Workers(settings)
    yield made
    made.process.stdin.close()
    made.process.stdout.close()
    made.process.wait(30)


def waiting_import(rows, name="sales.csv", **told) -> SalesImport:
    content = "Invoice,Customer,Date,Quantity,Price\n" + "".join(
        ",".join(map(str, row)) + "\n" for row in rows
    )
    job = SalesImport(
        original_name=name,
        columns=COLUMNS,
        encoding="utf-8",
        delimiter=",",
        date_format="ymd",
        currency="EUR",
        **told,
    )
    job.file.save(name, ContentFile(content.encode()), save=False)
    job.save()
    return job


def many(document: str = "F") -> list[tuple]:
    return [
        (
            f"{document}{at // 7}",
            f"C{at // 7 % 90}",
            f"2026-{at // 7 % 12 + 1:02}-05",
            at % 9 - 1,
            "1.25",
        )
        for at in range(LINES)
    ]


@pytest.mark.slow
def test_a_worker_killed_at_any_moment_leaves_all_or_nothing_and_the_next_one_ends_the_job(
    workers,
):
    expected = sum(row[3] * 5 for row in many()) / 4
    job = waiting_import(many())
    whole = workers.work("import_sales", job)
    for attempt in range(KILLS):
        SalesDocument.objects.all().delete()
        rollup.rebuild()
        job = waiting_import(many())
        workers.work("import_sales", job, random.Random(attempt).uniform(0, whole))
        _until_its_connection_is_gone(job)
        job.refresh_from_db()
        assert SalesLine.objects.count() == (LINES if job.has_succeeded else 0)
        assert rollup.differences() == []
        if attempt % 3:
            continue
        tasks.take_up_abandoned(patience_seconds=0)
        job.refresh_from_db()
        assert job.has_succeeded, job.error
        assert SalesLine.objects.count() == LINES
        assert float(sum(SalesLine.objects.values_list("amount", flat=True))) == expected
        assert rollup.differences() == []


@pytest.mark.slow
def test_undoing_killed_at_any_moment_has_happened_or_not(workers):
    """One import replaces half of another; its undoing is killed, and done again until it stands."""
    tasks.import_sales(waiting_import(many()).pk)
    before = _stored()
    job = waiting_import(
        [(number, client, day, 1, 2) for number, client, day, *_rest in many()[: LINES // 2]]
    )
    tasks.import_sales(job.pk)
    after = _stored()
    for attempt in range(UNDOINGS):
        workers.work("undo", job, random.Random(attempt).uniform(0, 0.6))
        _until_free(jobs.lock_key("sales"))
        job.refresh_from_db()
        assert _stored() == (before if job.undone_at else after)
        assert rollup.differences() == []
        if job.undone_at:
            job = waiting_import(
                [
                    (number, client, day, 1, 2)
                    for number, client, day, *_rest in many()[: LINES // 2]
                ]
            )
            tasks.import_sales(job.pk)
            assert _stored() == after
    undoing.undo(job, by=None, today=timezone.localdate())
    assert _stored() == before
    assert rollup.differences() == []


def _stored() -> tuple:
    lines = SalesLine.objects.aggregate(Count("line_no"), Sum("amount"), Sum("quantity"))
    months = MonthlySales.objects.aggregate(Count("pk"), Sum("revenue"), Sum("orders"))
    return SalesDocument.objects.count(), lines, months


@pytest.mark.slow
def test_a_run_killed_at_any_moment_is_ended_by_the_next_worker(workers):
    tasks.import_sales(waiting_import(many()).pk)
    for attempt in range(2):
        row = segmenting.request(start=JANUARY)
        workers.work("run_segmentation", row, random.Random(attempt).uniform(0, 0.1))
        _until_its_connection_is_gone(row)
        tasks.take_up_abandoned(patience_seconds=0)
        row.refresh_from_db()
        assert row.has_succeeded, row.error
        assert Segment.objects.filter(run=row).count() == row.clients == 90


def _until_its_connection_is_gone(job):
    _until_free(jobs.lock_key(type(job)._meta.label_lower, job.pk))


def _until_free(key):
    for _ in range(100):
        with jobs.session_lock(key) as free:
            if free:
                return
        time.sleep(0.05)
    raise AssertionError("the killed worker's lock was not released")


def in_another_connection(work) -> threading.Thread:
    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_two_imports_at_once_wait_for_each_other_and_say_so(monkeypatch):
    monkeypatch.setattr(sales_import, "WAIT_SECONDS", 0.02)
    job = waiting_import([("F1", "1", "2026-01-05", 1, 10)])
    with jobs.session_lock(jobs.lock_key("sales")) as ours:
        assert ours
        thread = in_another_connection(lambda: tasks.import_sales(job.pk))
        for _ in range(250):
            job.refresh_from_db()
            if job.phase == ImportPhase.WAITING:
                break
            time.sleep(0.02)
        assert "Waiting for another import" in job.sentence
        assert not SalesDocument.objects.exists()
    thread.join(10)
    job.refresh_from_db()
    assert job.has_succeeded


def test_overlapping_imports_at_the_same_moment_end_exact(monkeypatch):
    monkeypatch.setattr(sales_import, "WAIT_SECONDS", 0.01)
    files = [
        waiting_import([(f"F{number}", "1", "2026-01-05", copy + 1, 1) for number in range(50)])
        for copy in range(4)
    ]
    threads = [in_another_connection(lambda job=job: tasks.import_sales(job.pk)) for job in files]
    for thread in threads:
        thread.join(30)
    assert {job.state for job in SalesImport.objects.all()} == {JobState.SUCCEEDED}
    assert SalesDocument.objects.count() == SalesLine.objects.count() == 50
    # Whoever came last stands, whole.
    assert len(set(SalesLine.objects.values_list("quantity", flat=True))) == 1
    assert rollup.differences() == []


def test_a_job_is_done_by_one_worker_when_two_take_it():
    job = waiting_import([("F1", "1", "2026-01-05", 1, 10)])
    with jobs.session_lock(jobs.lock_key("segmentation.salesimport", job.pk)):
        in_another_connection(lambda: tasks.import_sales(job.pk)).join(10)
        job.refresh_from_db()
        assert job.state == JobState.QUEUED
    tasks.import_sales(job.pk)
    job.refresh_from_db()
    assert job.has_succeeded


def test_two_schedulers_at_once_make_one_run():
    tasks.import_sales(waiting_import(rows_of({"100": [5] * 12})).pk)
    asked = []
    work = lambda: asked.append(segmenting.request_scheduled(today=JANUARY.replace(year=2027)))  # noqa: E731
    for thread in [in_another_connection(work) for _ in range(4)]:
        thread.join(10)
    assert len([row for row in asked if row]) == 1

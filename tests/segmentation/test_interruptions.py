"""Workers that are killed, jobs that meet: whatever happens, all of a file is stored or nothing of it."""

import random
import subprocess
import sys
import threading
import time

import pytest
from django.core.files.base import ContentFile
from django.db import connection, connections

from segmentation import jobs, rollup, sales_import, segmenting, tasks
from segmentation.models import JobState, SalesDocument, SalesImport, SalesLine, Segment
from segmentation.models.sales import ImportPhase
from tests.segmentation.conftest import COLUMNS, JANUARY, rows_of

pytestmark = pytest.mark.django_db(transaction=True)
LINES = 12_000

# A worker of its own process, in the database of the tests.
WORKER = """
import django, sys
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[2]
from segmentation import tasks
print("begun", flush=True)
getattr(tasks, sys.argv[3])(int(sys.argv[4]))
"""


def worker(task: str, job, settings) -> subprocess.Popen:
    words = [
        sys.executable,
        "-c",
        WORKER,
        connection.settings_dict["NAME"],
        str(settings.MEDIA_ROOT),
        task,
        str(job.pk),
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    return process


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
    settings,
):
    expected = sum(row[3] * 5 for row in many()) / 4
    for attempt in range(3):
        SalesDocument.objects.all().delete()
        rollup.rebuild()
        job = waiting_import(many())
        process = worker("import_sales", job, settings)
        time.sleep(random.Random(attempt).uniform(0, 0.9))
        process.kill()
        process.wait()
        job.refresh_from_db()
        assert SalesLine.objects.count() == (LINES if job.has_succeeded else 0)
        _until_its_connection_is_gone(job)
        tasks.take_up_abandoned(patience_seconds=0)
        job.refresh_from_db()
        assert job.has_succeeded, job.error
        assert SalesLine.objects.count() == LINES
        assert float(sum(SalesLine.objects.values_list("amount", flat=True))) == expected
        assert rollup.differences() == []


@pytest.mark.slow
def test_a_run_killed_at_any_moment_is_ended_by_the_next_worker(settings):
    tasks.import_sales(waiting_import(many()).pk)
    for attempt in range(2):
        row = segmenting.request(start=JANUARY)
        process = worker("run_segmentation", row, settings)
        time.sleep(random.Random(attempt).uniform(0, 0.1))
        process.kill()
        process.wait()
        _until_its_connection_is_gone(row)
        tasks.take_up_abandoned(patience_seconds=0)
        row.refresh_from_db()
        assert row.has_succeeded, row.error
        assert Segment.objects.filter(run=row).count() == row.clients == 90


def _until_its_connection_is_gone(job):
    key = jobs.lock_key(type(job)._meta.label_lower, job.pk)
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

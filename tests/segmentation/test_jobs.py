"""Jobs end: those that are cancelled, and those that kill every worker that takes them."""

import datetime
import threading

import pytest
from django.core.files.base import ContentFile
from django.db import connections, transaction
from django.utils import timezone

from segmentation import jobs, sales_import, segmenting, staging, tasks, undoing
from segmentation.models import JobState, SalesDocument, SalesImport
from tests import factories
from tests.segmentation.conftest import COLUMNS, JANUARY

LINES = "Invoice,Customer,Date,Quantity,Price\nF1,100,2026-01-05,1,10\n"


@pytest.fixture
def waiting(db):
    """An import that waits for a worker."""
    job = SalesImport(
        original_name="sales.csv",
        columns=COLUMNS,
        encoding="utf-8",
        delimiter=",",
        date_format="ymd",
        currency="EUR",
    )
    job.file.save("sales.csv", ContentFile(LINES.encode()), save=False)
    job.save()
    return job


def killed(job) -> None:
    """As a worker leaves it that was killed in the middle."""
    SalesImport.objects.filter(pk=job.pk).update(state=JobState.RUNNING)


def test_a_job_is_begun_three_times_and_then_fails_with_a_sentence(waiting, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*_arguments, **_named):
        raise Killed

    monkeypatch.setattr(staging, "read_and_stage", kill)
    for attempt in range(1, 4):
        with pytest.raises(Killed):
            tasks.import_sales(waiting.pk)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.attempts) == (JobState.RUNNING, attempt)
    tasks.take_up_abandoned(patience_seconds=0)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (JobState.FAILED, 3)
    assert "begun 3 times" in waiting.error
    assert "begun 3 times" in waiting.log


def test_one_attempt_that_was_killed_does_no_harm(waiting):
    killed(waiting)
    SalesImport.objects.update(attempts=2)
    tasks.take_up_abandoned(patience_seconds=0)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (JobState.SUCCEEDED, 3)


def test_a_waiting_job_is_cancelled_at_once(waiting, analyst):
    jobs.cancel(waiting, by=analyst)
    tasks.import_sales(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == JobState.CANCELLED
    assert waiting.finished_at
    assert not SalesDocument.objects.exists()


def test_a_job_whose_worker_is_gone_is_cancelled_at_once(waiting, analyst):
    killed(waiting)
    assert jobs.cancel(waiting, by=analyst).state == JobState.CANCELLED


@pytest.mark.parametrize("moment", ["read_and_stage", "keep_rejects"])
def test_a_running_job_stops_at_its_next_report_and_stores_nothing(
    waiting, analyst, monkeypatch, moment
):
    work = getattr(staging, moment)

    def asked_meanwhile(job, *rest):
        SalesImport.objects.filter(pk=job.pk).update(cancel_asked_at=timezone.now())
        return work(job, *rest)

    monkeypatch.setattr(staging, moment, asked_meanwhile)
    tasks.import_sales(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == JobState.CANCELLED
    assert not SalesDocument.objects.exists()


def test_cancelled_in_the_last_moment_nothing_is_stored(waiting, monkeypatch):
    remember = sales_import.remember

    def asked_meanwhile(job, header):
        SalesImport.objects.filter(pk=job.pk).update(cancel_asked_at=timezone.now())
        return remember(job, header)

    monkeypatch.setattr(sales_import, "remember", asked_meanwhile)
    tasks.import_sales(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == JobState.CANCELLED
    assert not SalesDocument.objects.exists()


def test_what_has_ended_or_was_not_started_is_not_cancelled(waiting, analyst, head):
    with pytest.raises(jobs.JobRefused, match="role"):
        jobs.cancel(waiting, by=head)
    tasks.import_sales(waiting.pk)
    with pytest.raises(jobs.JobRefused, match="ended already"):
        jobs.cancel(waiting, by=analyst)
    SalesImport.objects.update(state=JobState.UPLOADED)
    with pytest.raises(jobs.JobRefused, match="Discard"):
        jobs.cancel(waiting, by=analyst)


def test_a_run_is_cancelled_too(bring_in, head):
    bring_in([("F1", "100", "2026-01-05", 1, 10)])
    row = segmenting.request(start=JANUARY, periods=12)
    jobs.cancel(row, by=head)
    tasks.run_segmentation(row.pk)
    row.refresh_from_db()
    assert row.state == JobState.CANCELLED


def test_the_analyst_cancels_on_the_page(as_analyst, as_head, waiting):
    address = f"/sales/imports/{waiting.pk}/"
    assert "Cancel the import" in as_analyst.get(address).content.decode()
    assert "Cancel the import" not in as_head.get(address).content.decode()
    assert as_head.post(f"{address}cancel/").status_code == 403
    page = as_analyst.post(f"{address}cancel/", follow=True).content.decode()
    assert "nothing of it was stored" in page
    again = as_analyst.post(f"{address}cancel/", follow=True).content.decode()
    assert "ended already" in again


def test_a_program_cancels(as_analyst, as_head, waiting):
    assert as_head.post(f"/api/imports/{waiting.pk}/cancel/").status_code == 403
    answer = as_analyst.post(f"/api/imports/{waiting.pk}/cancel/")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert as_analyst.post(f"/api/imports/{waiting.pk}/cancel/").status_code == 400


def test_files_of_old_imports_are_swept_and_their_rows_stay(waiting, settings):
    tasks.import_sales(waiting.pk)
    waiting.refresh_from_db()
    storage, name = waiting.file.storage, waiting.file.name
    today = timezone.localdate()
    last = today + datetime.timedelta(days=settings.KAM_KEEP_SALES_FILES)
    assert undoing.sweep_files(today=last) == 0
    assert storage.exists(name)
    assert undoing.sweep_files(today=last + datetime.timedelta(days=1)) == 1
    assert undoing.sweep_files(today=last + datetime.timedelta(days=1)) == 0
    assert not storage.exists(name)
    waiting.refresh_from_db()
    assert (waiting.has_succeeded, waiting.accepted, bool(waiting.file)) == (True, 1, False)


def test_a_file_uploaded_long_ago_and_never_started_is_swept(waiting, settings):
    SalesImport.objects.update(state=JobState.UPLOADED)
    later = timezone.localdate() + datetime.timedelta(days=settings.KAM_KEEP_SALES_FILES + 1)
    assert undoing.sweep_files(today=later) == 1
    waiting.refresh_from_db()
    assert waiting.state == JobState.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_being_started_at_this_moment_is_not_swept(waiting, settings):
    SalesImport.objects.update(state=JobState.UPLOADED)
    later = timezone.localdate() + datetime.timedelta(days=settings.KAM_KEEP_SALES_FILES + 1)
    swept = []

    def sweep():
        try:
            swept.append(undoing.sweep_files(today=later))
        finally:
            connections.close_all()

    with transaction.atomic():
        sales_import.start(waiting, by=factories.analyst())
        thread = threading.Thread(target=sweep)
        thread.start()
        thread.join(10)
    thread.join(10)
    assert swept == [0]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.file.storage.exists(waiting.file.name)) == ("queued", True)

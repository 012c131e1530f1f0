"""Which run is in force: who puts it there, what it is compared with, and what the schedule does."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from segmentation import segmenting, tasks
from segmentation.models import JobState, SalesImport, SegmentationRun
from segmentation.segmenting import RunRefused
from tests.segmentation.conftest import JANUARY, YEAR, rows_of

TODAY = datetime.date(2027, 1, 20)


# ── In force ─────────────────────────────────────────────────────────────────────────────────


def test_the_first_run_is_put_in_force_by_itself_and_the_second_is_not(segmented):
    first, second = segmented(YEAR), segmented(YEAR)
    assert SegmentationRun.objects.in_force() == first
    assert not second.in_force


def test_an_analyst_puts_another_run_in_force(segmented, analyst):
    first, second = segmented(YEAR), segmented(YEAR, xyz="frequency")
    segmenting.put_in_force(second, by=analyst)
    assert SegmentationRun.objects.in_force() == second
    assert SegmentationRun.objects.in_force().put_in_force_by == analyst
    first.refresh_from_db()
    assert not first.in_force


def test_a_kam_puts_nothing_in_force(segmented, kam):
    run = segmented(YEAR)
    with pytest.raises(RunRefused, match="Only an analyst"):
        segmenting.put_in_force(run, by=kam)


def test_a_run_that_failed_is_not_put_in_force(segmented, analyst):
    segmented(YEAR)
    failed = segmenting.request(start=JANUARY)
    SegmentationRun.objects.filter(pk=failed.pk).update(state=JobState.FAILED)
    with pytest.raises(RunRefused, match="has finished"):
        segmenting.put_in_force(failed, by=analyst)


def test_the_database_holds_one_run_in_force(segmented):
    segmented(YEAR)
    second = segmented(YEAR)
    with pytest.raises(IntegrityError, match="one_run_in_force"), transaction.atomic():
        SegmentationRun.objects.filter(pk=second.pk).update(
            in_force=True, put_in_force_at=second.created_at
        )


def test_a_later_period_by_the_same_method_shows_who_moved(bring_in, analyst):
    bring_in(
        rows_of(
            {"100": [100] * 3 + [10] * 3, "200": [20] * 3 + [100] * 3, "300": [0] * 3 + [1] * 3}
        )
    )
    first = segmenting.run(segmenting.request(start=JANUARY, periods=3))
    second = segmenting.run(segmenting.request(start=datetime.date(2026, 4, 1), periods=3))
    assert second.compared_with == first
    moves = {
        segment.client.external_id: (segment.trend, segment.letters, segment.direction)
        for segment in second.segments.all()
    }
    assert moves == {
        "100": ("AX", "BX", "down"),
        "200": ("BX", "AX", "up"),
        "300": (None, "CX", ""),
    }
    # Put in force, the earlier period is not compared with the later one it preceded in time but with what was in force.
    segmenting.put_in_force(second, by=analyst)
    repeated = segmenting.run(segmenting.request(start=datetime.date(2026, 4, 1), periods=3))
    assert repeated.compared_with == first


def test_runs_by_different_methods_are_not_compared(segmented):
    segmented(YEAR)
    other = segmented(YEAR, xyz="frequency")
    assert other.compared_with is None
    assert not other.segments.exclude(previous="").exists()


def test_what_a_run_is_compared_with_is_settled_when_it_is_put_in_force(bring_in, analyst):
    bring_in(rows_of({"100": [100] * 6, "200": [30] * 6}))
    may, june, april = (
        segmenting.run(segmenting.request(start=datetime.date(2026, month, 1), periods=1))
        for month in (5, 6, 4)
    )
    assert (june.compared_with, april.compared_with) == (may, may)
    segmenting.put_in_force(april, by=analyst)
    june = segmenting.put_in_force(june, by=analyst)
    assert june.compared_with == april


# ── The schedule ─────────────────────────────────────────────────────────────────────────────


def scheduled(today=TODAY):
    row = segmenting.request_scheduled(today=today)
    return segmenting.run(row) if row else None


def test_the_schedule_runs_the_last_full_months_once_however_often_it_rings(bring_in):
    bring_in(rows_of({"100": [5] * 12}))
    run = scheduled()
    assert (run.start, run.periods, run.in_force, run.created_by) == (JANUARY, 12, True, None)
    assert "the schedule" in run.basis
    assert scheduled() is None
    assert scheduled(TODAY + datetime.timedelta(days=5)) is None
    tasks.run_scheduled()
    assert SegmentationRun.objects.filter(start=JANUARY).count() == 1


def days_ago(run, days):
    """As if the run had been asked for so many days before TODAY."""
    moment = datetime.datetime.combine(TODAY, datetime.time(4), tzinfo=datetime.UTC)
    SegmentationRun.objects.filter(pk=run.pk).update(
        created_at=moment - datetime.timedelta(days=days)
    )


def test_the_schedule_runs_again_a_week_later_when_sales_have_changed(bring_in):
    bring_in(rows_of({"100": [5] * 12}))
    first = scheduled()
    days_ago(first, 8)
    SalesImport.objects.update(finished_at=first.created_at - datetime.timedelta(days=900))
    assert scheduled() is None
    unchanged = bring_in(rows_of({"100": [5] * 12}))
    SalesImport.objects.filter(pk=unchanged.pk).update(finished_at=FAR_AWAY)
    assert scheduled() is None
    changed = bring_in([("X", "200", "2026-12-20", 1, 7)])
    SalesImport.objects.filter(pk=changed.pk).update(finished_at=FAR_AWAY)
    days_ago(first, 6)
    assert scheduled() is None
    days_ago(first, 8)
    again = scheduled()
    assert again.pk > first.pk
    assert again.in_force


def test_a_new_month_is_run_as_soon_as_it_has_sales(bring_in):
    bring_in(rows_of({"100": [5] * 12}))
    scheduled()
    assert scheduled(datetime.date(2027, 2, 1)) is None
    bring_in([("J", "100", "2027-01-20", 1, 7)])
    assert scheduled(datetime.date(2027, 2, 1)).start == datetime.date(2026, 2, 1)


FAR_AWAY = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)


def test_the_schedule_goes_on_with_the_method_that_is_in_force(segmented):
    segmented({"100": [5] * 12}, periods=6, xyz="frequency", limits=("3/6", "2/6"), abc=(70, 90))
    run = scheduled()
    assert (run.periods, run.start) == (6, datetime.date(2026, 7, 1))
    assert (run.xyz_method, run.xyz_x, run.abc_a) == ("frequency", "3/6", 70)


def test_the_schedule_has_nothing_to_do_without_sales(db):
    assert scheduled() is None


def test_the_schedule_does_not_take_sales_in_an_old_foreign_currency_for_ours(bring_in):
    bring_in([("G1", "1", "2011-01-05", 1, 5)], currency="GBP")
    segmenting.run(segmenting.request(start=datetime.date(2011, 1, 1), periods=12))
    assert scheduled() is None
    bring_in(rows_of({"100": [5] * 12}))
    assert scheduled().currency == "EUR"

"""What the scheduler rings for exists, and nothing that was left lying waits for a restart."""

from kam.celery import app


def test_each_doorbell_of_the_schedule_is_a_task():
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name


def test_jobs_that_nobody_works_at_are_looked_for_all_day():
    tasks = {entry["task"]: entry["schedule"] for entry in app.conf.beat_schedule.values()}
    schedule = tasks["segmentation.tasks.take_up_abandoned"]
    assert len(schedule.hour) == 24

"""How a job runs: one worker at a time, once, and the row always tells the truth afterwards."""

import datetime
import logging
import zlib
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, TypeVar

import pghistory
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import User
from segmentation.models.jobs import FINISHED, Job, JobState

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Job)


class JobRefused(Exception):
    """The job cannot be done; the text is a sentence for the person who asked."""


class JobCancelled(Exception):
    """Somebody asked for the job to stop; what it had begun is rolled back."""


# A worker may be killed once by chance, and again by an upgrade. One that dies of a job would do so for ever.
MOST_ATTEMPTS = 3


@contextmanager
def session_lock(key: int):
    """Whether the lock was free and is now ours: it lasts to the end of the block or of the connection.

    A worker that is killed loses its connection and with it the lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (taken,) = cursor.fetchone()
        try:
            yield taken
        finally:
            if taken and connection.connection is not None and not connection.connection.closed:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def lock_key(name: str, number: int = 0) -> int:
    """A key of the database's advisory locks, unlike those of other names."""
    return (zlib.crc32(f"kam.{name}".encode()) << 31) + number


def perform(
    job: Row, work: Callable[[Row], None], *, refusals: tuple[type[Exception], ...] = ()
) -> Row:
    """Do the work of a job's row, unless it is done already or another worker is at it.

    `work` ends with the row's success in its own last transaction. `refusals` are exceptions whose
    text is for the person; any other becomes a sentence that says so, and its trace goes to the log.
    """
    model = type(job)
    with session_lock(lock_key(model._meta.label_lower, job.pk)) as ours:
        if not ours:
            return job
        job.refresh_from_db()
        if job.state in FINISHED:
            return job
        if job.state == JobState.RUNNING:
            job.note("Begun anew: the worker that had it went away.")
        try:
            with speaking_for(job):
                _begin(job)
                work(job)
        except JobCancelled:
            with speaking_for(job):
                _end_cancelled(job)
        except (JobRefused, SoftTimeLimitExceeded, *refusals) as refusal:
            with speaking_for(job):
                _fail(
                    job, str(refusal) or _("It took longer than a job may take, and was stopped.")
                )
        except Exception as error:
            logger.exception("job failed", extra={"job": f"{model._meta.label} {job.pk}"})
            with speaking_for(job):
                _fail(
                    job,
                    _(
                        "Something happened that the program did not foresee (%(error)s). Nothing was "
                        "stored. Tell your administrator: the server's log says more."
                    )
                    % {"error": type(error).__name__},
                )
        return job


def _begin(job: Job) -> None:
    with transaction.atomic():
        # Whoever cancels holds the row: either he is seen here, or he finds a job that runs.
        _stop_if_cancelled(job)
        if job.attempts >= MOST_ATTEMPTS:
            raise JobRefused(
                _(
                    "It was begun %(count)d times, and each time the worker was killed before it ended. Nothing was "
                    "stored. Tell your administrator: most often the memory does not suffice."
                )
                % {"count": job.attempts}
            )
        job.attempts += 1
        job.state, job.progress, job.error = JobState.RUNNING, 0, ""
        job.started_at = timezone.now()
        job.save()


def _stop_if_cancelled(job: Job) -> None:
    rows = type(job)._default_manager.filter(pk=job.pk).select_for_update()
    if rows.values_list("cancel_asked_at", flat=True).get():
        raise JobCancelled


@contextmanager
def speaking_for(job: Job):
    """Sentences in the language of the person who asked, changes in his name."""
    asked_by = job.created_by
    language = asked_by.language if asked_by else settings.LANGUAGE_CODE
    attribution: dict[str, str | int] = {"job": f"{type(job).__name__} {job.pk}"}
    if asked_by:
        attribution["user"] = asked_by.pk
    with translation.override(language), pghistory.context(**attribution):
        yield


def report(job: Job, **fields) -> None:
    """Tell the row how far the work is; for those who watch, so it is no part of its transaction.

    Raises JobCancelled when somebody has asked for the job to stop.
    """
    for name, value in fields.items():
        setattr(job, name, value)
    type(job)._default_manager.filter(pk=job.pk).update(**fields)
    stop_if_cancelled(job)


def stop_if_cancelled(job: Job) -> None:
    """For work that waits without a report. Raises JobCancelled."""
    rows = type(job)._default_manager.filter(pk=job.pk)
    if rows.filter(cancel_asked_at__isnull=False).exists():
        raise JobCancelled


def cancel(job: Row, *, by: User) -> Row:
    """Stop a job that waits or runs; a running one ends at its next report, and stores nothing.

    Raises JobRefused with a sentence when it has ended already, or when the person may not.
    """
    everybody: Any = type(job)._default_manager  # each kind of job has its door
    rows = everybody.editable_by(by).select_for_update()
    with transaction.atomic():
        found = rows.filter(pk=job.pk).first()
        if found is None:
            raise JobRefused(_("Your role does not do this."))
        if found.is_finished:
            raise JobRefused(_("It has ended already, so there is nothing to cancel."))
        if found.state == JobState.UPLOADED:
            raise JobRefused(_("It has not been started. Discard the file instead."))
        if found.cancel_asked_at is None:
            found.cancel_asked_at = timezone.now()
            found.note(f"Cancelling asked for by {by}.")
            type(found)._default_manager.filter(pk=found.pk).update(
                cancel_asked_at=found.cancel_asked_at, log=found.log
            )
        _cancel_at_once(found)
    return found


def _cancel_at_once(job: Job) -> None:
    """A job that no worker holds is ended here; nobody else would before the next round."""
    with session_lock(lock_key(type(job)._meta.label_lower, job.pk)) as nobody_has_it:
        if nobody_has_it:
            _end_cancelled(job)


def _end_cancelled(job: Job) -> None:
    # The row is read anew: who asked has written it meanwhile.
    job.refresh_from_db(fields=["cancel_asked_at", "log"])
    job.note("Cancelled; nothing was stored.")
    job.state, job.finished_at, job.phase = JobState.CANCELLED, timezone.now(), ""
    with transaction.atomic():
        job.save()


def succeed(job: Job) -> None:
    """Part of the transaction that stores the result: both stand or neither.

    Raises JobCancelled when somebody asked for that in the last moment: then neither does.
    """
    _stop_if_cancelled(job)
    job.state, job.progress, job.phase, job.error = JobState.SUCCEEDED, 100, "done", ""
    job.finished_at = timezone.now()
    job.save()


def _fail(job: Job, sentence: str) -> None:
    job.note(sentence)
    job.state, job.error, job.finished_at = JobState.FAILED, sentence, timezone.now()
    with transaction.atomic():
        job.save()


def enqueue(job: Job, ring: Callable[[int], object]) -> None:
    """Ring for a worker once the row is really there.

    Where the queue cannot be reached the row waits; `tasks.take_up_abandoned` rings again.
    """

    def ring_now():
        try:
            ring(job.pk)
        except OperationalError:
            logger.exception(
                "the queue did not take %s %s, which waits", type(job).__name__, job.pk
            )

    transaction.on_commit(ring_now)


def abandoned(model: type[Row], *, since: datetime.datetime) -> list[Row]:
    """Jobs asked for before `since` that wait or run, but that no worker holds."""
    found = []
    for job in model._default_manager.filter(
        state__in=(JobState.QUEUED, JobState.RUNNING), created_at__lt=since
    ):
        with session_lock(lock_key(model._meta.label_lower, job.pk)) as nobody_has_it:
            if nobody_has_it:
                found.append(job)
    return found

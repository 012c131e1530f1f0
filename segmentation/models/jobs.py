"""What people wait for has a row: its state, progress, log and result outlive worker and browser."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    UPLOADED = "uploaded", _("Waiting for its columns")
    QUEUED = "queued", _("Waiting for a free worker")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


# States that nothing follows: the page stops asking.
FINISHED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class JobQuerySet(models.QuerySet):
    def succeeded(self):
        return self.filter(state=JobState.SUCCEEDED)

    def unfinished(self):
        return self.exclude(state__in=FINISHED)

    def newest_first(self):
        return self.order_by("-created_at", "-pk")


class Job(models.Model):
    """State, progress 0–100 and the phase it is in; `error` is a sentence for the person who asked."""

    state = models.CharField(
        _("state"), max_length=12, choices=JobState.choices, default=JobState.QUEUED
    )
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    phase = models.CharField(max_length=12, blank=True)
    error = models.TextField(_("what went wrong"), blank=True)
    log = models.TextField(_("log"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
        help_text=_("Empty when the schedule or the command line started it."),
    )
    created_at = models.DateTimeField(_("asked for"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    cancel_asked_at = models.DateTimeField(_("cancelling asked for"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def has_succeeded(self) -> bool:
        return self.state == JobState.SUCCEEDED

    def note(self, line: str) -> None:
        """Add a line to the log; saved with the row's next save."""
        self.log += f"{timezone.now():%Y-%m-%d %H:%M:%S} {line}\n"

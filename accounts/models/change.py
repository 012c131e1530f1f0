"""That something changed in a table: written by triggers, whoever writes there."""

from django.db import models
from django.db.models.functions import Now


class Change(models.Model):
    """One statement that changed a table. See `accounts.remembered`, which asks whether there was another.

    Rows are only ever added, so that no two writers wait for each other, and swept after a week.
    """

    subject = models.CharField(max_length=32)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "change"
        verbose_name_plural = "changes"
        indexes = [models.Index(fields=["subject"], name="changes_by_subject")]

    def __str__(self):
        return self.subject

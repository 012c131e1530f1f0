"""Forms that were sent once: a second click on "Save" adds nothing twice."""

from django.conf import settings
from django.db import models


class SentForm(models.Model):
    """The number that a form for a new entry carried. Swept after a month (see `dossiers.tasks`)."""

    token = models.UUIDField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(auto_now_add=True, db_index=True)
    # The key of the entry that the form added, in the table of its piece: what the second click is shown.
    entry_id = models.PositiveBigIntegerField(null=True, editable=False)

    def __str__(self):
        return str(self.token)

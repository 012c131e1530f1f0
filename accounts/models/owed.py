"""What every message owed to a person has in common; the e-mail is sent from the row (see accounts.mailing)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OwedQuerySet(models.QuerySet):
    def unsent(self):
        """Owed still: neither sent nor given up."""
        return self.filter(sent_at__isnull=True, given_up_at__isnull=True)

    def due(self, *, now):
        """Of these, those that may be tried now: each failure is waited out, twice as long as the one before."""
        return self.unsent().filter(models.Q(retry_at__isnull=True) | models.Q(retry_at__lte=now))

    def given_up(self):
        return self.filter(given_up_at__isnull=False)


class Owed(models.Model):
    """Model with a `person` and the day `owed_on`. Sent once; what an address refuses for a day is given up."""

    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    retry_at = models.DateTimeField(_("tried again at"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up"), null=True, blank=True)
    failure = models.CharField(_("what the mail server said"), max_length=300, blank=True)

    class Meta:
        abstract = True

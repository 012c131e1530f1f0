"""Keys with which programs speak to the API in a person's name."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiTokenQuerySet(models.QuerySet):
    def usable(self, *, now):
        """Not revoked, not expired, and its person may sign in."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=now, person__is_active=True)


# Being used is no change that anybody made.
@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["digest", "last_used_at"],
)
class ApiToken(models.Model):
    """A token is shown once, when it is made; kept is only its SHA-256.

    A plain hash is enough: the token is 256 random bits, so there is no list of likely ones to try.
    It may do what its person may do, and nothing more.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="api_tokens",
        verbose_name=_("person"),
    )
    name = models.CharField(
        _("what for"),
        max_length=80,
        help_text=_("The program that uses it, so that people know what stops when it is revoked."),
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("made by"),
        help_text=_("Empty when made from the command line."),
    )
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="api_token_has_name",
                violation_error_message=_("Say which program the token is for."),
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="api_token_expires_after_it_is_made",
                violation_error_message=_("The day on which the token expires has to lie ahead."),
            ),
        ]

    def __str__(self):
        return self.name

    def is_usable(self, *, now) -> bool:
        return self.revoked_at is None and self.expires_at > now and self.person.is_active

"""Who became a candidate or a key client, by whose decision and why."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.client import Stage
from segmentation.models.sales import ClientRowsQuerySet


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class SelectionDecision(models.Model):
    client = models.ForeignKey(
        "accounts.Client",
        models.PROTECT,
        related_name="selection_decisions",
        verbose_name=_("client"),
    )
    from_stage = models.CharField(_("from"), max_length=12, choices=Stage.choices)
    to_stage = models.CharField(_("to"), max_length=12, choices=Stage.choices)
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(_("decided on"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClientRowsQuerySet.as_manager()

    class Meta:
        verbose_name = _("selection decision")
        verbose_name_plural = _("selection decisions")
        ordering = ["-decided_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__regex=r"\S"),
                name="decision_has_reason",
                violation_error_message=_(
                    "A decision needs its reason: people will ask for it later."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(from_stage=F("to_stage")),
                name="decision_changes_stage",
                violation_error_message=_("The client is at this stage already."),
            ),
            models.CheckConstraint(
                condition=Q(from_stage__in=Stage.values, to_stage__in=Stage.values),
                name="decision_stages_known",
            ),
        ]

    def __str__(self):
        return f"{self.client}: {self.get_from_stage_display()} → {self.get_to_stage_display()}"

"""Section 5: what we want with this client, and what colleagues should know."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossiers.models.dossier import Dossier
from dossiers.models.record import DossierRecord, kept


@kept
class Plan(DossierRecord):
    """One sheet per dossier. Value proposition, do and don't are what the client card shows."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="plan")
    value_proposition = models.TextField(
        _("value proposition"),
        blank=True,
        help_text=_("Why this client should choose us: in their terms."),
    )
    do = models.TextField(
        _("do"), blank=True, help_text=_("For every colleague who meets them: one to a line.")
    )
    do_not = models.TextField(
        _("don't"), blank=True, help_text=_("For every colleague who meets them: one to a line.")
    )
    strengths = models.TextField(
        _("strengths"), blank=True, help_text=_("Ours, at this client: one to a line.")
    )
    weaknesses = models.TextField(
        _("weaknesses"), blank=True, help_text=_("Ours, at this client: one to a line.")
    )
    opportunities = models.TextField(
        _("opportunities"), blank=True, help_text=_("Outside us: one to a line.")
    )
    threats = models.TextField(_("threats"), blank=True, help_text=_("Outside us: one to a line."))

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")


class WorkState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


@kept
class Objective(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="objectives")
    title = models.CharField(_("objective"), max_length=200)
    measure = models.CharField(_("how we see it is reached"), max_length=200, blank=True)
    due_on = models.DateField(_("until"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=WorkState.choices, default=WorkState.PLANNED
    )

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives for the year")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=WorkState.values), name="objective_state_known"
            )
        ]

    def __str__(self):
        return self.title


@kept
class Action(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="actions")
    title = models.CharField(_("what is to be done"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    objective = models.ForeignKey(
        Objective,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("serves the objective"),
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=WorkState.choices, default=WorkState.PLANNED
    )
    joint = models.BooleanField(_("joint initiative with the client"), default=False)

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=WorkState.values), name="action_state_known"
            )
        ]

    def __str__(self):
        return self.title

    def is_overdue(self, *, today) -> bool:
        return (
            self.due_on is not None
            and self.due_on < today
            and self.state in (WorkState.PLANNED, WorkState.RUNNING)
        )

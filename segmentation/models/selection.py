"""Who became a candidate or a key client, by whose decision and why."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from accounts.models.client import Stage
from accounts.models.versions import version_grows
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


class ScoreQuerySet(ClientRowsQuerySet):
    """Opinions about clients: a head's, and seen by him alone."""

    def visible_to(self, user):
        return self.all() if may(user, "choose_key_clients") else self.none()

    def editable_by(self, user):
        return self.visible_to(user)


@pgtrigger.register(version_grows())
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class CriterionScore(models.Model):
    """What was judged of a client by one criterion, 0–5, and why. Computed ones are not stored."""

    client = models.ForeignKey(
        "accounts.Client", models.CASCADE, related_name="criterion_scores", verbose_name=_("client")
    )
    criterion = models.CharField(
        _("criterion"), max_length=40, help_text="key of the policy's criteria"
    )
    score = models.PositiveSmallIntegerField(_("score"))
    reason = models.TextField(_("reason"))
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("judged by")
    )
    judged_on = models.DateField(_("judged on"))
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("score by a criterion")
        verbose_name_plural = _("scores by criteria")
        constraints = [
            models.UniqueConstraint(
                fields=["client", "criterion"], name="one_score_per_client_and_criterion"
            ),
            models.CheckConstraint(
                condition=Q(score__lte=5),
                name="criterion_score_up_to_5",
                violation_error_message=_("A score lies between 0 and 5."),
            ),
            models.CheckConstraint(
                condition=Q(reason__regex=r"\S"),
                name="criterion_score_has_reason",
                violation_error_message=_("Give the reason for the score."),
            ),
        ]

    def __str__(self):
        return f"{self.client} {self.criterion} {self.score}"


class LeadSource(models.TextChoices):
    RECOMMENDATION = "recommendation", _("Recommendation")
    FAIR = "fair", _("Trade fair or event")
    INQUIRY = "inquiry", _("Own inquiry")
    RESEARCH = "research", _("Our research")
    COMPETITOR = "competitor", _("Customer of a competitor")
    PARTNER = "partner", _("Partner or dealer")
    OTHER = "other", _("Something else")


@pgtrigger.register(version_grows())
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Qualification(models.Model):
    """The three Ps of a prospect: is there a need, can it pay, who may decide; and where the lead came from.

    A lead is entered before anybody could judge it: each of the three is empty until then.
    """

    client = models.OneToOneField(
        "accounts.Client", models.CASCADE, related_name="qualification", verbose_name=_("client")
    )
    need = models.PositiveSmallIntegerField(_("need"), null=True, blank=True)
    need_note = models.TextField(_("how we know of the need"), blank=True)
    ability = models.PositiveSmallIntegerField(_("ability to pay"), null=True, blank=True)
    ability_note = models.TextField(_("how we know that it can pay"), blank=True)
    authority = models.PositiveSmallIntegerField(_("authority to decide"), null=True, blank=True)
    authority_note = models.TextField(_("who decides, and do we know him"), blank=True)
    source = models.CharField(_("source of the lead"), max_length=16, choices=LeadSource.choices)
    source_note = models.CharField(_("who or what exactly"), max_length=200, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("judged by")
    )
    judged_on = models.DateField(_("judged on"))
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification of a prospect")
        verbose_name_plural = _("qualifications of prospects")
        constraints = [
            models.CheckConstraint(
                condition=Q(need__lte=5, ability__lte=5, authority__lte=5),
                name="three_ps_up_to_5",
                violation_error_message=_("Each of the three lies between 0 and 5."),
            ),
            models.CheckConstraint(
                condition=Q(source__in=LeadSource.values), name="lead_source_known"
            ),
        ]

    def __str__(self):
        return f"{self.client}: {self.need}/{self.ability}/{self.authority}"


class ProposalState(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class TypeProposal(models.Model):
    """What the head made of a proposed type of key client: `basis` says what it was proposed from."""

    client = models.ForeignKey(
        "accounts.Client", models.CASCADE, related_name="type_proposals", verbose_name=_("client")
    )
    client_type = models.CharField(_("type"), max_length=14)
    state = models.CharField(_("state"), max_length=10, choices=ProposalState.choices)
    basis = models.TextField(_("proposed from"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(_("decided on"))

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed type")
        verbose_name_plural = _("proposed types")
        constraints = [
            models.UniqueConstraint(
                fields=["client", "client_type"], name="one_proposal_per_client_and_type"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values), name="proposal_state_known"
            ),
        ]

    def __str__(self):
        return f"{self.client} {self.client_type}"

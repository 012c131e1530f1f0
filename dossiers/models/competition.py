"""Section 4: direct competitors at this client, and the comparison by the client's own criteria."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossiers.models.decision_unit import same_dossier
from dossiers.models.dossier import Dossier
from dossiers.models.record import DossierRecord, kept


@kept
class Competitor(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="competitors")
    name = models.CharField(_("competitor"), max_length=150)
    sells_here = models.CharField(_("what they sell there"), max_length=250, blank=True)
    wallet_share = models.DecimalField(
        _("share of wallet, %"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    strengths = models.TextField(_("strengths"), blank=True)
    weaknesses = models.TextField(_("weaknesses"), blank=True)
    covers = models.CharField(_("whom they cover"), max_length=250, blank=True)
    how_they_win = models.TextField(_("how they win"), blank=True)

    class Meta:
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "name"],
                name="competitor_named_once",
                violation_error_message=_("This competitor stands here already."),
            ),
            models.CheckConstraint(
                condition=Q(wallet_share__isnull=True) | Q(wallet_share__range=(0, 100)),
                name="wallet_share_is_percentage",
                violation_error_message=_("A share is a number from 0 to 100."),
            ),
        ]

    def __str__(self):
        return self.name


@kept
class Criterion(DossierRecord):
    """What the client chooses by, and how much it weighs for him."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="criteria")
    name = models.CharField(_("the client's criterion"), max_length=150)
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=10,
        help_text=_("How much it counts for the client; only the proportions matter."),
    )

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("the client's criteria")
        ordering = ["-weight", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "name"],
                name="criterion_named_once",
                violation_error_message=_("This criterion stands here already."),
            ),
            models.CheckConstraint(
                condition=Q(weight__range=(1, 100)),
                name="criterion_weight_1_to_100",
                violation_error_message=_("A weight is a number from 1 to 100."),
            ),
        ]

    def __str__(self):
        return self.name


@pgtrigger.register(
    same_dossier(
        table="dossiers_criterion", column="criterion_id", name="scored_criterion_in_same_dossier"
    ),
    same_dossier(
        table="dossiers_competitor",
        column="competitor_id",
        name="scored_competitor_in_same_dossier",
    ),
)
@kept
class CriterionScore(DossierRecord):
    """How well we (no competitor named) or a competitor meet one criterion."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(
        Criterion, models.CASCADE, related_name="scores", verbose_name=_("criterion")
    )
    competitor = models.ForeignKey(
        Competitor,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="scores",
        verbose_name=_("who"),
        help_text=_("Leave empty for ourselves."),
    )
    score = models.PositiveSmallIntegerField(_("score"), choices=[(n, str(n)) for n in range(1, 6)])
    evidence = models.CharField(
        _("evidence"),
        max_length=250,
        blank=True,
        help_text=_("What shows it: a figure, a remark, an event."),
    )

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["criterion", "competitor"],
                nulls_distinct=False,
                name="one_score_per_criterion_and_party",
                violation_error_message=_("This score stands here already: change it instead."),
            ),
            models.CheckConstraint(
                condition=Q(score__range=(1, 5)),
                name="criterion_score_1_to_5",
                violation_error_message=_("The score is a number from 1 to 5."),
            ),
        ]

    def __str__(self):
        return str(self.score)

"""Section 6: what the client's people answered when we asked how content they are."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossiers.models.decision_unit import same_dossier
from dossiers.models.dossier import Dossier
from dossiers.models.record import DossierRecord, kept


class SurveyKind(models.TextChoices):
    NPS = "nps", _("NPS: would they recommend us, 0–10")
    CSAT = "csat", _("CSAT: how content are they, 1–5")


@pgtrigger.register(
    same_dossier(
        table="dossiers_stakeholder", column="stakeholder_id", name="answer_in_same_dossier"
    ),
)
@kept
class SurveyAnswer(DossierRecord):
    """One person's answer to one question on one day."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="survey_answers")
    answered_on = models.DateField(_("date"))
    kind = models.CharField(
        _("question"), max_length=4, choices=SurveyKind.choices, default=SurveyKind.NPS
    )
    score = models.PositiveSmallIntegerField(
        _("answer"), help_text=_("NPS: 0 to 10. CSAT: 1 to 5.")
    )
    stakeholder = models.ForeignKey(
        "dossiers.Stakeholder",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who answered"),
    )
    comment = models.TextField(_("in their words"), blank=True)

    class Meta:
        verbose_name = _("answer to a survey")
        verbose_name_plural = _("NPS and CSAT")
        ordering = ["-answered_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=SurveyKind.NPS, score__range=(0, 10))
                | Q(kind=SurveyKind.CSAT, score__range=(1, 5)),
                name="survey_score_in_its_scale",
                violation_error_message=_("NPS is answered with 0 to 10, CSAT with 1 to 5."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.score}"

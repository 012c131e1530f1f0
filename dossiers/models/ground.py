"""Section 2: where we stand with their people, and in what they could buy from us."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossiers.models.decision_unit import Stakeholder, same_dossier
from dossiers.models.dossier import Dossier
from dossiers.models.general import OrgUnit
from dossiers.models.record import DossierRecord, kept


class TieStrength(models.IntegerChoices):
    NONE = 0, _("0 · none")
    ACQUAINTED = 1, _("1 · acquainted")
    WORKING = 2, _("2 · working")
    TRUSTED = 3, _("3 · trusted")


@pgtrigger.register(
    same_dossier(table="dossiers_stakeholder", column="stakeholder_id", name="tie_in_same_dossier"),
)
@kept
class Tie(DossierRecord):
    """How well one of our people knows one of theirs, now and as it shall be."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="ties")
    colleague = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("our colleague"),
    )
    stakeholder = models.ForeignKey(
        Stakeholder, models.CASCADE, related_name="ties", verbose_name=_("stakeholder")
    )
    strength = models.PositiveSmallIntegerField(
        _("tie now"), choices=TieStrength.choices, default=TieStrength.ACQUAINTED
    )
    wanted = models.PositiveSmallIntegerField(
        _("tie wanted"), choices=TieStrength.choices, default=TieStrength.WORKING
    )
    note = models.CharField(_("note"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("tie")
        verbose_name_plural = _("our people and theirs")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "colleague", "stakeholder"],
                name="one_tie_per_pair",
                violation_error_message=_(
                    "The tie of these two stands here already: change it instead."
                ),
            ),
            models.CheckConstraint(
                condition=Q(strength__range=(0, 3), wanted__range=(0, 3)), name="tie_strength_known"
            ),
        ]

    def __str__(self):
        return f"{self.colleague} × {self.stakeholder}"


class Ground(models.TextChoices):
    """Who supplies a product line to a business unit of the client."""

    OURS = "ours", _("Ours")
    COMPETITOR = "competitor", _("A competitor's")
    IN_HOUSE = "in_house", _("In-house")
    OPEN = "open", pgettext_lazy("whose a cell of the grid is", "Open")


@pgtrigger.register(
    same_dossier(table="dossiers_orgunit", column="unit_id", name="ground_in_same_dossier"),
)
@kept
class WhiteSpace(DossierRecord):
    """One cell of product lines × the client's business units: who has it, and what it is worth a year."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="white_space")
    product_line = models.CharField(_("product line"), max_length=120)
    unit = models.ForeignKey(
        OrgUnit,
        models.PROTECT,
        related_name="white_space",
        verbose_name=_("business unit"),
        help_text=_("From the client's organisational structure."),
    )
    ground = models.CharField(
        _("whose it is"), max_length=12, choices=Ground.choices, default=Ground.OPEN
    )
    held_by = models.CharField(
        _("which competitor"),
        max_length=150,
        blank=True,
        help_text=_("Where it is a competitor's."),
    )
    worth = models.DecimalField(
        _("worth a year"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    note = models.CharField(_("note"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("cell of the white-space grid")
        verbose_name_plural = _("white space")
        ordering = ["product_line", "unit", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "product_line", "unit"],
                name="one_white_space_cell",
                violation_error_message=_(
                    "This product line and unit stand in the grid already: change that cell instead."
                ),
            ),
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="ground_known"),
            models.CheckConstraint(
                condition=Q(worth__isnull=True) | Q(worth__gte=0),
                name="white_space_worth_not_negative",
                violation_error_message=_("What a cell is worth is nought or more."),
            ),
        ]

    def __str__(self):
        return f"{self.product_line} × {self.unit}"

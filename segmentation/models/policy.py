"""The head's policy: every limit that decides something, versioned; a version is never changed."""

from decimal import Decimal

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from accounts.models.versions import version_grows
from segmentation.models.runs import CELLS, AbcBy, Measure, Unit, XyzMethod


class PolicyQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.all() if may(user, "see_figures") else self.none()

    def editable_by(self, user):
        return self.all() if may(user, "set_policy") else self.none()

    def current(self):
        """The newest version, or None before the first."""
        return self.order_by("-pk").first()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Policy(models.Model):
    """One version. Changing anything adds the next; runs and scores name the version they went by."""

    # ── Segmentation
    measure = models.CharField(
        _("measure"), max_length=8, choices=Measure.choices, default=Measure.REVENUE
    )
    unit = models.CharField(_("period"), max_length=8, choices=Unit.choices, default=Unit.MONTH)
    periods = models.PositiveSmallIntegerField(_("number of periods"), default=12)
    abc_by = models.CharField(
        _("ABC by"), max_length=8, choices=AbcBy.choices, default=AbcBy.LIMITS
    )
    abc_a = models.DecimalField(
        _("A while the share before is under, %"), max_digits=7, decimal_places=4, default=80
    )
    abc_b = models.DecimalField(
        _("B while the share before is under, %"), max_digits=7, decimal_places=4, default=95
    )
    xyz_method = models.CharField(
        _("XYZ by"), max_length=10, choices=XyzMethod.choices, default=XyzMethod.CV
    )
    cv_x = models.CharField(_("variation: limit of X"), max_length=24, default="0.10")
    cv_y = models.CharField(_("variation: limit of Y"), max_length=24, default="0.25")
    frequency_x = models.CharField(_("frequency: limit of X"), max_length=24, default="10/12")
    frequency_y = models.CharField(_("frequency: limit of Y"), max_length=24, default="5/12")
    min_history = models.PositiveSmallIntegerField(_("history needed, periods"), default=0)

    # ── Selection: [{"key": "share", "weight": "30"}, …], see scoring.CRITERIA; own criteria carry their "name"
    criteria = models.JSONField(_("criteria and weights"), default=list, blank=True)
    growth_months = models.PositiveSmallIntegerField(
        _("growth: months compared with as many before"),
        default=12,
        validators=[MinValueValidator(1)],
    )
    breadwinner_share = models.DecimalField(
        _("breadwinner from a share of sales of, %"), max_digits=5, decimal_places=2, default=10
    )

    # ── Slipping and lost, see rhythm.py
    rhythm_min_orders = models.PositiveSmallIntegerField(
        _("orders needed to know a rhythm"), default=4
    )
    slip_spreads = models.DecimalField(
        _("slipping: spreads past the usual interval"),
        max_digits=4,
        decimal_places=1,
        default=Decimal("2"),
    )
    slip_factor = models.DecimalField(
        _("slipping: at least so many usual intervals"),
        max_digits=4,
        decimal_places=1,
        default=Decimal("1.5"),
    )
    lost_factor = models.DecimalField(
        _("lost: after so many usual intervals"),
        max_digits=4,
        decimal_places=1,
        default=Decimal("4"),
    )
    lost_min_days = models.PositiveSmallIntegerField(_("lost: but never before, days"), default=90)

    # ── Concentration
    first_share_high = models.DecimalField(
        _("largest client: high from a share of, %"), max_digits=5, decimal_places=2, default=25
    )
    first_share_medium = models.DecimalField(
        _("largest client: raised from a share of, %"), max_digits=5, decimal_places=2, default=10
    )
    hhi_medium = models.PositiveSmallIntegerField(
        _("Herfindahl index: moderate from"), default=1000
    )
    hhi_high = models.PositiveSmallIntegerField(_("Herfindahl index: high from"), default=1800)
    fixed_costs = models.DecimalField(
        _("fixed costs a month"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    reserve = models.DecimalField(
        _("money in reserve"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    reason = models.TextField(_("why it was changed"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("set by"),
    )
    created_at = models.DateTimeField(_("set"), default=timezone.now, editable=False)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(abc_a__gt=0, abc_b__gt=F("abc_a"), abc_b__lte=100),
                name="policy_abc_limits_in_order",
                violation_error_message=_(
                    "The limits of ABC are percentages, the first smaller than the second."
                ),
            ),
            models.CheckConstraint(
                condition=Q(periods__gte=1, periods__lte=260),
                name="policy_has_periods",
                violation_error_message=_("The window is between 1 and 260 periods long."),
            ),
            models.CheckConstraint(
                condition=Q(
                    lost_factor__gt=F("slip_factor"), slip_factor__gte=1, slip_spreads__gte=0
                ),
                name="policy_lost_after_slipping",
                violation_error_message=_(
                    "A client is slipping before it is lost: the factor of lost is the larger."
                ),
            ),
            models.CheckConstraint(
                condition=Q(rhythm_min_orders__gte=3),
                name="policy_rhythm_needs_three_orders",
                violation_error_message=_(
                    "A rhythm needs at least three orders, which are two intervals."
                ),
            ),
            models.CheckConstraint(
                condition=Q(hhi_medium__lt=F("hhi_high"), hhi_high__lte=10000)
                & Q(first_share_medium__lt=F("first_share_high"), first_share_high__lte=100),
                name="policy_bands_in_order",
                violation_error_message=_("The limits of the bands rise."),
            ),
        ]

    def __str__(self):
        return f"{self.pk}"


class CellActionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.all() if may(user, "see_figures") else self.none()

    def editable_by(self, user):
        return self.all() if may(user, "set_policy") else self.none()


@pgtrigger.register(version_grows())
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class CellAction(models.Model):
    """What the house does with the clients of a cell, where the head has put it otherwise than we do."""

    cell = models.CharField(_("cell"), max_length=2, unique=True)
    do = models.CharField(_("in two words"), max_length=60)
    text = models.TextField(_("what to do"))
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("changed by")
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = CellActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action of a cell")
        verbose_name_plural = _("actions of cells")
        constraints = [
            models.CheckConstraint(condition=Q(cell__in=CELLS), name="cell_action_cell_known")
        ]

    def __str__(self):
        return self.cell

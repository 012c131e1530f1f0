"""Section 1: general information about the client."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossiers.models.dossier import Dossier
from dossiers.models.record import DossierRecord, TagsField, kept, no_circle


@kept
class GeneralInformation(DossierRecord):
    """Who they are, in their own terms. One sheet per dossier, opened with it."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="general")
    legal_name = models.CharField(_("legal name"), max_length=250, blank=True)
    brand = models.CharField(_("brand"), max_length=150, blank=True)
    tax_id = models.CharField(_("tax id"), max_length=32, blank=True)
    website = models.URLField(_("web site"), blank=True)
    head_office = models.CharField(_("head office"), max_length=250, blank=True)
    sites = models.TextField(
        _("sites"), blank=True, help_text=_("Plants, warehouses, branches: one to a line.")
    )
    industries = TagsField(
        _("industries"),
        help_text=_("One or several, the main one first; separate them with commas."),
    )
    channel = models.CharField(
        _("sales channel"),
        max_length=120,
        blank=True,
        help_text=_("Our channel through which they are served."),
    )
    ownership = models.CharField(_("ownership"), max_length=250, blank=True)
    description = models.TextField(_("what they do"), blank=True)
    history = models.TextField(_("history"), blank=True)
    mission = models.TextField(_("mission"), blank=True)
    positioning = models.TextField(_("positioning"), blank=True)
    strategy = models.TextField(_("strategy"), blank=True)

    class Meta:
        verbose_name = _("general information")
        verbose_name_plural = _("general information")


@kept
class FinancialYear(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="financial_years")
    year = models.PositiveSmallIntegerField(_("year"))
    revenue = models.DecimalField(
        _("revenue"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    operating_profit = models.DecimalField(
        _("operating profit"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    net_profit = models.DecimalField(
        _("net profit"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")

    class Meta:
        verbose_name = _("financial year")
        verbose_name_plural = _("financial figures by year")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "year"],
                name="one_financial_entry_per_year",
                violation_error_message=_(
                    "The figures of this year stand here already: change them instead."
                ),
            ),
            models.CheckConstraint(
                condition=Q(year__range=(1900, 2200)),
                name="financial_year_plausible",
                violation_error_message=_("Give the year with four digits."),
            ),
        ]

    def __str__(self):
        return str(self.year)


@kept
class HeadcountYear(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="headcount_years")
    year = models.PositiveSmallIntegerField(_("year"))
    headcount = models.PositiveIntegerField(_("headcount"))

    class Meta:
        verbose_name = _("headcount")
        verbose_name_plural = _("headcount by year")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "year"],
                name="one_headcount_per_year",
                violation_error_message=_(
                    "The headcount of this year stands here already: change it instead."
                ),
            ),
        ]

    def __str__(self):
        return str(self.year)


@pgtrigger.register(
    no_circle(table="dossiers_orgunit", column="parent_id", name="no_unit_above_itself"),
)
@kept
class OrgUnit(DossierRecord):
    """A unit of the client's organisation; together they are a tree."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="org_units")
    name = models.CharField(_("unit"), max_length=150)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    site = models.CharField(_("place"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("organisational unit")
        verbose_name_plural = _("organisational structure")
        ordering = ["pk"]

    def __str__(self):
        return self.name


@kept
class StaffPosition(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="staff_positions")
    position = models.CharField(_("position"), max_length=150)
    unit = models.ForeignKey(
        OrgUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="positions",
        verbose_name=_("unit"),
    )
    headcount = models.PositiveIntegerField(_("headcount"), default=1)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("staffing table")
        ordering = ["pk"]

    def __str__(self):
        return self.position


class PartyKind(models.TextChoices):
    CLIENT = "client", _("Their client")
    SUPPLIER = "supplier", _("Their supplier")
    COMPETITOR = "competitor", _("Their competitor")


@kept
class MarketParty(DossierRecord):
    """Whom the client sells to, buys from and competes with."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="market_parties")
    kind = models.CharField(_("who is it to them"), max_length=12, choices=PartyKind.choices)
    name = models.CharField(pgettext_lazy("of a company", "name"), max_length=150)
    concerns = models.CharField(_("what for"), max_length=200, blank=True)
    share = models.DecimalField(
        _("share, %"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("company around them")
        verbose_name_plural = _("their clients, suppliers and competitors")
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__range=(0, 100)),
                name="party_share_is_percentage",
                violation_error_message=_("A share is a number from 0 to 100."),
            ),
            models.CheckConstraint(condition=Q(kind__in=PartyKind.values), name="party_kind_known"),
        ]

    def __str__(self):
        return self.name

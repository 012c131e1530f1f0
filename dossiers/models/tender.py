"""Section 2: tenders, with the reasons why they were won or lost."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossiers.models.dossier import Dossier
from dossiers.models.record import ChoiceArrayField, DossierRecord, kept


class TenderOutcome(models.TextChoices):
    OPEN = "open", pgettext_lazy("outcome of a tender", "Open")
    WON = "won", pgettext_lazy("outcome of a tender", "Won")
    PARTLY = "partly", pgettext_lazy("outcome of a tender", "Won in part")
    LOST = "lost", pgettext_lazy("outcome of a tender", "Lost")
    CANCELLED = "cancelled", pgettext_lazy("outcome of a tender", "Called off")


class TenderReason(models.TextChoices):
    """Why a tender is won or lost: the same list for both, so that the two can be set against each other."""

    PRICE = "price", _("Price")
    TERMS = "terms", _("Terms of payment and contract")
    PRODUCT = "product", _("Product and technical fit")
    QUALITY = "quality", _("Quality")
    DELIVERY = "delivery", _("Delivery time and stock")
    SERVICE = "service", _("Service and support")
    RELATIONSHIP = "relationship", _("Relationship and trust")
    REFERENCES = "references", _("References and experience")
    INCUMBENT = "incumbent", _("Whoever was there before")
    RISK = "risk", _("Risk and compliance")
    FORMALITY = "formality", _("Formalities of the offer")
    TIMING = "timing", _("Timing: too early or too late")


@kept
class Tender(DossierRecord):
    """One tender, ours and the client's view of it. Prices are in the tender's currency."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="tenders")
    subject = models.CharField(_("subject"), max_length=200)
    decided_on = models.DateField(
        _("date"), help_text=_("When it was decided; while it is open, when the offer is due.")
    )
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=TenderOutcome.choices, default=TenderOutcome.OPEN
    )
    value = models.DecimalField(
        _("value of the tender"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    our_price = models.DecimalField(
        _("our price"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    winner_price = models.DecimalField(
        _("winner's price"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    winner = models.CharField(
        _("winner"),
        max_length=150,
        blank=True,
        help_text=_("Which rival won; leave empty where it was ourselves."),
    )
    win_reasons = ChoiceArrayField(
        models.CharField(max_length=12, choices=TenderReason.choices),
        default=list,
        blank=True,
        verbose_name=_("what spoke for us"),
    )
    loss_reasons = ChoiceArrayField(
        models.CharField(max_length=12, choices=TenderReason.choices),
        default=list,
        blank=True,
        verbose_name=_("what spoke against us"),
    )
    our_view = models.TextField(
        _("our view"), blank=True, help_text=_("Why it ended as it did, as we see it.")
    )
    client_debrief = models.TextField(
        _("the client's own debrief"),
        blank=True,
        help_text=_("What the client told us, in his words, and who told it."),
    )

    class Meta:
        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        ordering = ["-decided_on", "-pk"]
        indexes = [models.Index(fields=["dossier", "-decided_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=TenderOutcome.values), name="tender_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(win_reasons__contained_by=TenderReason.values)
                & Q(loss_reasons__contained_by=TenderReason.values),
                name="tender_reasons_known",
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=True) | Q(value__gte=0))
                & (Q(our_price__isnull=True) | Q(our_price__gte=0))
                & (Q(winner_price__isnull=True) | Q(winner_price__gte=0)),
                name="tender_prices_not_negative",
                violation_error_message=_("A price is nought or more."),
            ),
        ]

    def __str__(self):
        return self.subject

    @property
    def price_gap(self) -> Decimal | None:
        """How far our price lay above the winner's, as a part of the winner's; None where one is not known."""
        if self.our_price is None or not self.winner_price:
            return None
        return (self.our_price - self.winner_price) / self.winner_price

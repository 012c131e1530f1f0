"""Section 2: the client as we see it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossiers.models.dossier import Dossier
from dossiers.models.record import DossierRecord, kept


@kept
class Relationship(DossierRecord):
    """The story of the relationship in our words. One sheet per dossier."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="relationship")
    story = models.TextField(
        _("history of the relationship"),
        blank=True,
        help_text=_("How it began, what we went through together, what both sides remember."),
    )
    opportunity_basis = models.TextField(
        _("where the opportunity lies"),
        blank=True,
        help_text=_("What they could buy from us and do not yet, and what would have to happen."),
    )

    class Meta:
        verbose_name = _("history of the relationship")
        verbose_name_plural = _("history of the relationship")


class TimelineKind(models.TextChoices):
    MEETING = "meeting", _("Meeting")
    CALL = "call", _("Call")
    FEEDBACK = "feedback", _("Feedback session")
    DELIVERY = "delivery", _("Delivery")
    CONTRACT = "contract", _("Contract")
    INITIATIVE = "initiative", _("Joint initiative")
    COMPLAINT = "complaint", _("Complaint or conflict")
    OFFER = "offer", _("Special offer or gift")


# Kinds at which people of both sides talk with each other.
CONTACTS = (TimelineKind.MEETING, TimelineKind.CALL, TimelineKind.FEEDBACK)
# Of these, the kinds at which they sit together.
FACE_TO_FACE = (TimelineKind.MEETING, TimelineKind.FEEDBACK)


class Tone(models.TextChoices):
    GOOD = "good", _("Went well")
    NEUTRAL = "neutral", pgettext_lazy("how it went", "Neutral")
    BAD = "bad", _("Went badly")


@kept
class TimelineEntry(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="timeline")
    happened_on = models.DateField(_("date"))
    kind = models.CharField(
        _("what"), max_length=12, choices=TimelineKind.choices, default=TimelineKind.MEETING
    )
    title = models.CharField(_("in one line"), max_length=200)
    text = models.TextField(_("what happened, what was agreed"), blank=True)
    tone = models.CharField(
        _("how it went"), max_length=8, choices=Tone.choices, default=Tone.NEUTRAL
    )
    stakeholder = models.ForeignKey(
        "dossiers.Stakeholder",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="timeline",
        verbose_name=_("with whom"),
    )
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        help_text=_(
            "Who of ours sees to it: for a complaint, a conflict, an initiative, an offer."
        ),
    )
    resolved_on = models.DateField(
        _("resolved"),
        null=True,
        blank=True,
        help_text=_("For a complaint or a conflict: leave empty while it is open."),
    )

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        ordering = ["-happened_on", "-pk"]
        indexes = [models.Index(fields=["dossier", "-happened_on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=TimelineKind.values), name="timeline_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True) | Q(resolved_on__gte=F("happened_on")),
                name="resolved_after_it_happened",
                violation_error_message=_("It cannot be resolved before it happened."),
            ),
        ]

    def __str__(self):
        return self.title


class Level(models.TextChoices):
    EXPLORATORY = "exploratory", _("Exploratory")
    BASIC = "basic", _("Basic")
    COOPERATIVE = "cooperative", _("Cooperative")
    INTERDEPENDENT = "interdependent", _("Interdependent")
    INTEGRATED = "integrated", _("Integrated")


@kept
class Assessment(DossierRecord):
    """How close we are, judged on a day; earlier judgements stay as the trend."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="assessments")
    assessed_on = models.DateField(_("date"))
    level = models.CharField(_("level now"), max_length=16, choices=Level.choices)
    wanted_level = models.CharField(
        _("level in perspective"), max_length=16, choices=Level.choices, blank=True
    )
    score = models.PositiveSmallIntegerField(
        _("score"),
        choices=[(n, str(n)) for n in range(1, 6)],
        help_text=_("1 = hardly any relationship, 5 = partners"),
    )
    wanted_score = models.PositiveSmallIntegerField(
        _("score in perspective"),
        choices=[(n, str(n)) for n in range(1, 6)],
        null=True,
        blank=True,
        help_text=_("Where it shall stand in a year."),
    )
    text = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("assessment of the relationship")
        verbose_name_plural = _("assessment of the relationship")
        ordering = ["-assessed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__range=(1, 5)),
                name="assessment_score_1_to_5",
                violation_error_message=_("The score is a number from 1 to 5."),
            ),
            models.CheckConstraint(
                condition=Q(wanted_score__isnull=True) | Q(wanted_score__range=(1, 5)),
                name="assessment_wanted_score_1_to_5",
                violation_error_message=_("The score is a number from 1 to 5."),
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values), name="assessment_level_known"
            ),
        ]

    def __str__(self):
        return self.get_level_display()


@kept
class BudgetLine(DossierRecord):
    """What the client spends in our field in a year, and how much of it with us."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="budget_lines")
    year = models.PositiveSmallIntegerField(_("year"))
    category = models.CharField(_("category"), max_length=120)
    amount = models.DecimalField(_("their budget"), max_digits=14, decimal_places=2)
    with_us = models.DecimalField(_("of it with us"), max_digits=14, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("client's budget and share of wallet")
        ordering = ["-year", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, with_us__gte=0) & Q(with_us__lte=F("amount")),
                name="our_part_within_budget",
                violation_error_message=_("Our part cannot be larger than their whole budget."),
            ),
        ]

    def __str__(self):
        return f"{self.year} {self.category}"

    @property
    def share_of_wallet(self):
        """Our part of the client's budget, 0 to 1; None where the budget is nought."""
        return self.with_us / self.amount if self.amount else None


@kept
class EarlierSupplier(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="earlier_suppliers")
    name = models.CharField(_("supplier"), max_length=150)
    period = models.CharField(_("when"), max_length=60, blank=True)
    why_ended = models.CharField(_("why it ended"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("earlier supplier")
        verbose_name_plural = _("whom they worked with before")
        ordering = ["pk"]

    def __str__(self):
        return self.name


@kept
class Opportunity(DossierRecord):
    """Possible revenue in year 1 to 5 from today on."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="opportunities")
    year_number = models.PositiveSmallIntegerField(
        _("year"), choices=[(n, str(n)) for n in range(1, 6)], help_text=_("1 is the running year.")
    )
    amount = models.DecimalField(_("possible revenue"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    probability = models.PositiveSmallIntegerField(_("probability, %"), default=50)
    basis = models.CharField(_("what it rests on"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("size of opportunity")
        verbose_name_plural = _("size of opportunity")
        ordering = ["year_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "year_number"],
                name="one_opportunity_per_year",
                violation_error_message=_(
                    "The opportunity of this year stands here already: change it instead."
                ),
            ),
            models.CheckConstraint(
                condition=Q(year_number__range=(1, 5)), name="opportunity_year_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(probability__range=(0, 100)),
                name="probability_is_percentage",
                violation_error_message=_("A probability is a number from 0 to 100."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="opportunity_not_negative",
                violation_error_message=_("The possible revenue cannot be negative."),
            ),
        ]

    def __str__(self):
        return str(self.year_number)

    @property
    def expected(self):
        """Amount weighed by its probability, in the same currency."""
        return self.amount * self.probability / 100


@kept
class Contract(DossierRecord):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="contracts")
    number = models.CharField(pgettext_lazy("of a contract", "number"), max_length=60)
    subject = models.CharField(_("subject"), max_length=200)
    value = models.DecimalField(
        pgettext_lazy("of a contract", "value"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    starts_on = models.DateField(pgettext_lazy("a day", "from"))
    ends_on = models.DateField(pgettext_lazy("a day", "to"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("notice period, days"), null=True, blank=True)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = [F("ends_on").desc(nulls_first=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="contract_ends_after_start",
                violation_error_message=_("A contract cannot end before it begins."),
            ),
        ]

    def __str__(self):
        return self.number

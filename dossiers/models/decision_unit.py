"""Section 3: how they decide, and who takes part."""

import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Now, TruncDate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossiers.models.dossier import Dossier
from dossiers.models.record import (
    ChoiceArrayField,
    DossierRecord,
    RecordQuerySet,
    kept,
    no_circle,
)
from dossiers.models.relationship import CONTACTS, TimelineEntry


@kept
class ProcessStep(DossierRecord):
    """One step of the client's buying process, in order."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="process_steps")
    position = models.PositiveSmallIntegerField(_("step"), default=1)
    what = models.CharField(_("what happens"), max_length=200)
    duration = models.CharField(_("how long it takes"), max_length=60, blank=True)
    who = models.CharField(_("who takes part, as what"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("step of the buying process")
        verbose_name_plural = _("buying process")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.what


class DmuRole(models.TextChoices):
    INITIATOR = "initiator", _("Initiator")
    USER = "user", _("User")
    INFLUENCER = "influencer", _("Influencer")
    DECIDER = "decider", _("Decider")
    APPROVER = "approver", _("Approver")
    BUYER = "buyer", _("Buyer")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")
    CHAMPION = "champion", _("Champion")


class Stance(models.IntegerChoices):
    ENEMY = -2, _("Enemy")
    OPPONENT = -1, _("Opponent")
    NEUTRAL = 0, pgettext_lazy("stance of a person", "Neutral")
    SUPPORTER = 1, _("Supporter")
    MENTOR = 2, _("Mentor")


class Loyalty(models.IntegerChoices):
    AGAINST_US = -2, _("−2 · against us")
    LEANS_AWAY = -1, _("−1 · leans away")
    OPEN = 0, _("0 · open")
    LEANS_TO_US = 1, _("+1 · leans to us")
    WITH_US = 2, _("+2 · with us")


class Readiness(models.IntegerChoices):
    NOT_AWARE = 0, _("0 · sees no need")
    AWARE = 1, _("1 · sees the need")
    COMPARING = 2, _("2 · compares offers")
    PREFERS = 3, _("3 · has a preference")
    SIGNS = 4, _("4 · ready to sign")


class Concern(models.TextChoices):
    FINANCIAL = "financial", _("Financial")
    TECHNICAL = "technical", _("Technical")
    RELATIONSHIP = "relationship", _("Relationship")
    BUSINESS = "business", _("Business")


def same_dossier(*, table: str, column: str, name: str) -> pgtrigger.Trigger:
    """What an entry points to lies in the same dossier: a plain foreign key cannot say that."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.Before,
        func=f"""
            IF NEW.{column} IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM {table} WHERE id = NEW.{column} AND dossier_id = NEW.dossier_id
            ) THEN
                RAISE EXCEPTION '{name}: both have to belong to the same dossier'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            RETURN NEW;
        """,
    )


class StakeholderQuerySet(RecordQuerySet):
    def as_read(self):
        return self.with_last_contact()

    def with_last_contact(self):
        """Adds `last_contact_on`: the last meeting, call or feedback session on the timeline, up to today."""
        talks = TimelineEntry.objects.filter(
            stakeholder=OuterRef("pk"), kind__in=CONTACTS, happened_on__lte=TruncDate(Now())
        ).order_by("-happened_on")
        return self.annotate(last_contact_on=Subquery(talks.values("happened_on")[:1]))


@pgtrigger.register(
    same_dossier(
        table="dossiers_stakeholder", column="reports_to_id", name="reports_to_in_same_dossier"
    ),
    no_circle(table="dossiers_stakeholder", column="reports_to_id", name="nobody_above_himself"),
)
@kept
class Stakeholder(DossierRecord):
    """A place in this client's decision-making unit.

    Stance and roles belong to the place in this dossier, not to the person: the same man may be a
    champion at one client and a gatekeeper at the next.
    """

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="stakeholders")
    name = models.CharField(
        pgettext_lazy("of a person", "name"),
        max_length=150,
        blank=True,
        help_text=_("Leave empty for somebody not yet identified."),
    )
    position = models.CharField(_("position"), max_length=150)
    unit = models.CharField(_("unit"), max_length=120, blank=True)
    reports_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("reports to"),
    )
    roles = ChoiceArrayField(
        models.CharField(max_length=12, choices=DmuRole.choices),
        default=list,
        blank=True,
        verbose_name=_("roles in the decision"),
    )
    influence = models.PositiveSmallIntegerField(
        _("influence"),
        default=5,
        help_text=_("0 = none, 10 = nothing is decided without this person"),
    )
    stance = models.SmallIntegerField(_("stance"), choices=Stance.choices, default=Stance.NEUTRAL)
    loyalty = models.SmallIntegerField(_("loyalty"), choices=Loyalty.choices, default=Loyalty.OPEN)
    readiness = models.PositiveSmallIntegerField(
        _("readiness to sign"), choices=Readiness.choices, default=Readiness.NOT_AWARE
    )
    cares_about = ChoiceArrayField(
        models.CharField(max_length=12, choices=Concern.choices),
        default=list,
        blank=True,
        verbose_name=_("what counts for them"),
    )
    style = models.CharField(
        _("style"), max_length=250, blank=True, help_text=_("How they like to be dealt with.")
    )
    personal_notes = models.TextField(_("personal notes"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    covered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("covered by"),
        help_text=_("Who of ours keeps the contact."),
    )
    last_met_on = models.DateField(_("last met"), null=True, blank=True)

    # From the timeline, where it was asked for: see `StakeholderQuerySet.with_last_contact`.
    last_contact_on: datetime.date | None = None

    objects = StakeholderQuerySet.as_manager()

    class Meta:
        verbose_name = _("stakeholder")
        verbose_name_plural = _("stakeholders")
        ordering = ["-influence", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(influence__range=(0, 10)),
                name="influence_0_to_10",
                violation_error_message=_("Influence is a number from 0 to 10."),
            ),
            models.CheckConstraint(condition=Q(stance__range=(-2, 2)), name="stance_known"),
            models.CheckConstraint(condition=Q(loyalty__range=(-2, 2)), name="loyalty_known"),
            models.CheckConstraint(condition=Q(readiness__range=(0, 4)), name="readiness_known"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=DmuRole.values), name="dmu_roles_known"
            ),
            models.CheckConstraint(
                condition=Q(reports_to__isnull=True) | ~Q(reports_to=F("id")),
                name="nobody_reports_to_himself",
                violation_error_message=_("Nobody reports to himself."),
            ),
        ]

    def __str__(self):
        return self.name or str(_("Not identified: %(position)s") % {"position": self.position})

    @property
    def last_heard_on(self) -> datetime.date | None:
        """When somebody of ours last met or spoke with this person; a telephone call ends a silence too."""
        return max((day for day in (self.last_met_on, self.last_contact_on) if day), default=None)

    @property
    def is_placeholder(self) -> bool:
        return not self.name

    @property
    def role_labels(self) -> list[str]:
        return [DmuRole(role).label for role in self.roles]


class InfluenceStrength(models.IntegerChoices):
    WEAK = 1, _("weak")
    CLEAR = 2, _("clear")
    STRONG = 3, _("strong")


@pgtrigger.register(
    same_dossier(
        table="dossiers_stakeholder", column="influencer_id", name="influencer_in_same_dossier"
    ),
    same_dossier(
        table="dossiers_stakeholder", column="influenced_id", name="influenced_in_same_dossier"
    ),
)
@kept
class InfluenceLine(DossierRecord):
    """Who listens to whom: kept apart from who reports to whom."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="influence_lines")
    influencer = models.ForeignKey(
        Stakeholder, models.CASCADE, related_name="influences", verbose_name=_("who has influence")
    )
    influenced = models.ForeignKey(
        Stakeholder, models.CASCADE, related_name="influenced_by", verbose_name=_("on whom")
    )
    strength = models.PositiveSmallIntegerField(
        _("how strong"), choices=InfluenceStrength.choices, default=InfluenceStrength.CLEAR
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("line of influence")
        verbose_name_plural = _("lines of influence")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["influencer", "influenced"],
                name="one_influence_line_per_pair",
                violation_error_message=_("This line of influence stands here already."),
            ),
            models.CheckConstraint(
                condition=~Q(influencer=F("influenced")),
                name="influence_needs_two",
                violation_error_message=_("A line of influence needs two people."),
            ),
            models.CheckConstraint(
                condition=Q(strength__range=(1, 3)), name="influence_strength_known"
            ),
        ]

    def __str__(self):
        return f"{self.influencer} → {self.influenced}"

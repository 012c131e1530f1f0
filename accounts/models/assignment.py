"""Who holds which key client, and in which of his three slots."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

SLOTS = (1, 2, 3)


class Holding(models.TextChoices):
    KAM = "kam", _("KAM")
    DEPUTY = "deputy", _("Deputy")


class AssignmentQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_on__isnull=True)

    def kams(self):
        return self.filter(holding=Holding.KAM)

    def deputies(self):
        return self.filter(holding=Holding.DEPUTY)


@pgtrigger.register(
    pgtrigger.Trigger(
        name="only_kams_hold_key_clients",
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.Q(new__ended_on__isnull=True),
        func="""
            IF NOT EXISTS (SELECT 1 FROM accounts_client WHERE id = NEW.client_id AND stage = 'key' FOR SHARE) THEN
                RAISE EXCEPTION 'only_kams_hold_key_clients: only a key client can be held'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'only_kams_hold_key_clients';
            END IF;
            IF NOT EXISTS (SELECT 1 FROM accounts_user
                           WHERE id = NEW.person_id AND role = 'kam' AND is_active FOR SHARE) THEN
                RAISE EXCEPTION 'only_kams_hold_key_clients: only an active KAM can hold a key client'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'only_kams_hold_key_clients';
            END IF;
            RETURN NEW;
        """,
    )
)
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Assignment(models.Model):
    """A person holds a client from one day to another.

    A KAM's open assignment occupies one of three numbered slots, and a slot can be occupied once:
    that is how the database itself refuses a fourth key client, whoever asks and however many at once.
    A deputy occupies no slot.
    """

    client = models.ForeignKey(
        "accounts.Client", models.PROTECT, related_name="assignments", verbose_name=_("client")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="assignments",
        verbose_name=_("person"),
    )
    holding = models.CharField(
        _("holds as"), max_length=8, choices=Holding.choices, default=Holding.KAM
    )
    slot = models.PositiveSmallIntegerField(_("slot"), null=True, blank=True)
    started_on = models.DateField(_("from"))
    ended_on = models.DateField(_("until"), null=True, blank=True)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("assigned by")
    )
    note = models.TextField(_("note"), blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-started_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "slot"],
                condition=Q(ended_on__isnull=True),
                name="three_slots_per_kam",
                violation_error_message=_(
                    "This KAM's slot is taken: a KAM holds at most three key clients."
                ),
            ),
            models.CheckConstraint(
                # `slot IN (1, 2, 3)` alone is unknown, not false, for an empty slot, and a check
                # lets the unknown pass: a fourth client would slip in without a slot.
                condition=Q(holding=Holding.KAM, slot__in=SLOTS, slot__isnull=False)
                | Q(holding=Holding.DEPUTY, slot__isnull=True),
                name="kam_has_slot_deputy_has_none",
                violation_error_message=_(
                    "A KAM holds a client in slot 1, 2 or 3; a deputy has no slot."
                ),
            ),
            models.UniqueConstraint(
                fields=["client", "holding"],
                condition=Q(ended_on__isnull=True),
                name="one_kam_and_one_deputy_per_client",
                violation_error_message=_(
                    "A key client has at most one KAM and at most one deputy."
                ),
            ),
            models.UniqueConstraint(
                fields=["client", "person"],
                condition=Q(ended_on__isnull=True),
                name="kam_and_deputy_differ",
                violation_error_message=_("The deputy has to be somebody else than the KAM."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="assignment_ends_after_start",
                violation_error_message=_("An assignment cannot end before it began."),
            ),
        ]

    def __str__(self):
        return f"{self.person} – {self.client}"

"""The companies we sell to."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.user import Role
from accounts.sorting import sort_key


class Stage(models.TextChoices):
    PROSPECT = "prospect", _("Prospect")
    REGULAR = "regular", _("Regular")
    CANDIDATE = "candidate", _("Candidate")
    KEY = "key", _("Key client")
    LOST = "lost", _("Lost")


class ClientQuerySet(models.QuerySet):
    """The door to clients: pages, API, exports and search all start here."""

    def visible_to(self, user):
        """Clients whose figures the person may read: all for head and analyst, his own for a KAM."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in (Role.HEAD, Role.ANALYST):
            return self.standing()
        if user.role == Role.KAM:
            return self.held_by(user)
        return self.none()

    def with_card_for(self, user):
        """Clients whose *card* the person may open: every key client for all who sign in."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in (Role.HEAD, Role.ANALYST):
            return self.standing()
        return self.key()

    def standing(self):
        """Without those that were merged into another: their row only remembers that."""
        return self.filter(merged_into__isnull=True)

    def held_by(self, person):
        """Clients that the person holds or deputises for today."""
        from_assignments = self.model.assignments.rel.related_model.objects.open().filter(
            client=OuterRef("pk"), person=person
        )
        return self.filter(Exists(from_assignments))

    def key(self):
        return self.filter(stage=Stage.KEY)

    def without_kam(self):
        open_kam = (
            self.model.assignments.rel.related_model.objects.open()
            .kams()
            .filter(client=OuterRef("pk"))
        )
        return self.filter(~Exists(open_kam))

    def by_name(self):
        return self.order_by("name_sort", "pk")


@pgtrigger.register(
    pgtrigger.Trigger(
        name="held_client_stays_key",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.Q(old__stage="key") & ~pgtrigger.Q(new__stage="key"),
        func="""
            IF EXISTS (SELECT 1 FROM accounts_assignment
                       WHERE client_id = NEW.id AND ended_on IS NULL) THEN
                RAISE EXCEPTION 'held_client_stays_key: release the client from its KAM and deputy first'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'held_client_stays_key';
            END IF;
            RETURN NEW;
        """,
    )
)
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Client(models.Model):
    name = models.CharField(_("name"), max_length=200)
    name_sort = models.CharField(max_length=250, editable=False, db_index=True)
    external_id = models.CharField(
        _("number in the sales ledger"),
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        help_text=_("The client's number in the files that sales are imported from."),
    )
    tax_id = models.CharField(_("tax id"), max_length=32, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    channel = models.CharField(
        _("sales channel"),
        max_length=80,
        blank=True,
        help_text=_("Our channel through which the client is served."),
    )
    stage = models.CharField(
        _("stage"), max_length=12, choices=Stage.choices, default=Stage.REGULAR, db_index=True
    )
    kam_in_ledger = models.CharField(
        _("salesperson in the ledger"),
        max_length=150,
        blank=True,
        help_text=_(
            "Who looks after the client by the imported sales; a hint when a KAM is chosen."
        ),
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged_clients",
        verbose_name=_("merged into"),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["name_sort", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="client_stage_known"),
            models.CheckConstraint(
                # No key client, no candidate: nothing is held, kept or chosen under a merged client's name.
                condition=Q(merged_into__isnull=True) | Q(stage__in=(Stage.REGULAR, Stage.LOST)),
                name="merged_client_takes_no_part",
                violation_error_message=_("A client merged into another takes no part any more."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="client_has_name",
                violation_error_message=_("A client needs a name."),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.name_sort = sort_key(self.name)
        super().save(*args, **kwargs)

    @property
    def is_key(self) -> bool:
        return self.stage == Stage.KEY

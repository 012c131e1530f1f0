"""The dossier itself: one per key client, revised at least every three months."""

import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Assignment, Client
from accounts.models.user import Role
from dossiers.models.record import ChoiceArrayField, DossierRecord, kept


class ClientType(models.TextChoices):
    BREADWINNER = "breadwinner", _("Breadwinner")
    PROMISING = "promising", _("Promising")
    IMAGE_MAKER = "image_maker", _("Image-maker")
    EXPERT = "expert", _("Expert")


class DossierQuerySet(models.QuerySet):
    """The door to dossiers: page, part, API, PDF, search and export start here."""

    def visible_to(self, user):
        """Dossiers the person may read: all for a head; those he holds or deputises for, for a KAM."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role == Role.HEAD:
            return self.all()
        if user.role == Role.KAM:
            return self.held_by(user)
        return self.none()

    def editable_by(self, user):
        """Readable and still open: a closed dossier is a record, not a workpiece."""
        return self.visible_to(user).open()

    def open(self):
        return self.filter(closed_on__isnull=True)

    def held_by(self, person):
        """Dossiers of clients that the person holds or deputises for."""
        return self.filter(
            Exists(Assignment.objects.open().filter(client=OuterRef("client"), person=person))
        )

    def overdue(self, *, on):
        """Due before the day, and nothing submitted that waits for the head."""
        return self.open().filter(next_review_on__lt=on).exclude(reviews__state="submitted")

    def due_within(self, days, *, today):
        return self.open().filter(next_review_on__lte=today + datetime.timedelta(days=days))

    def with_people(self):
        """The client and its open assignments, with their people, in two queries."""
        open_assignments = Assignment.objects.open().select_related("person")
        return self.select_related("client").prefetch_related(
            models.Prefetch(
                "client__assignments", queryset=open_assignments, to_attr="open_assignments"
            )
        )


@kept
class Dossier(DossierRecord):
    client = models.ForeignKey(
        Client, models.PROTECT, related_name="dossiers", verbose_name=_("client")
    )
    opened_on = models.DateField(_("opened"), editable=False)
    closed_on = models.DateField(_("closed"), null=True, blank=True, editable=False)
    types = ChoiceArrayField(
        models.CharField(max_length=12, choices=ClientType.choices),
        default=list,
        blank=True,
        verbose_name=_("types"),
    )
    position = models.CharField(
        _("position of the relationship"),
        max_length=240,
        blank=True,
        help_text=_(
            "One line that a colleague would understand before a call: where do we stand with them?"
        ),
    )
    last_reviewed_on = models.DateField(_("last revision"), editable=False)
    next_review_on = models.DateField(_("next revision"), editable=False)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        ordering = ["client__name_sort"]
        constraints = [
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(closed_on__isnull=True),
                name="one_open_dossier_per_client",
                violation_error_message=_("This client has an open dossier already."),
            ),
            models.CheckConstraint(
                condition=Q(types__contained_by=ClientType.values), name="dossier_types_known"
            ),
            models.CheckConstraint(
                # The longest three months are 92 days (July to October); the exact calendar date is
                # computed by `dossiers.reviewing.next_review_date`.
                condition=Q(next_review_on__gt=F("last_reviewed_on"))
                & Q(
                    next_review_on__lte=models.ExpressionWrapper(
                        F("last_reviewed_on") + models.Value(datetime.timedelta(days=92)),
                        output_field=models.DateTimeField(),
                    )
                ),
                name="revised_every_three_months",
                violation_error_message=_("A dossier is revised at least every three months."),
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="dossier_closes_after_opening",
            ),
        ]

    def __str__(self):
        return str(self.client)

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    def holder(self, holding: str):
        """The open assignment's person, from the rows that `with_people` fetched."""
        for held in getattr(self.client, "open_assignments", ()):
            if held.holding == holding:
                return held.person
        return None

    @property
    def kam(self):
        return self.holder("kam")

    @property
    def deputy(self):
        return self.holder("deputy")

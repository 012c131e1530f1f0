"""The quarterly revision of a dossier ("review" in code), and the notices it sends."""

import pghistory
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.owed import Owed, OwedQuerySet
from dossiers.models.dossier import Dossier


class ReviewState(models.TextChoices):
    RAISED = "raised", _("To be gone through")
    SUBMITTED = "submitted", _("Waits for the head")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")
    ENDED = "ended", _("Ended with the dossier")


# Nothing follows these: the head has decided, or the client stopped being a key client.
OVER = (ReviewState.ACCEPTED, ReviewState.ENDED)


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(dossier__in=Dossier.objects.visible_to(user))

    def running(self):
        """Raised, and neither accepted nor ended with its dossier."""
        return self.exclude(state__in=OVER)

    def with_kam(self):
        """In the KAM's hands: to be gone through, or returned."""
        return self.filter(state__in=[ReviewState.RAISED, ReviewState.RETURNED])

    def submitted(self):
        return self.filter(state=ReviewState.SUBMITTED)

    def overdue(self, *, on):
        return self.with_kam().filter(due_on__lt=on)

    def held_by(self, person):
        return self.filter(dossier__in=Dossier.objects.held_by(person))

    def of(self, dossier_ref: OuterRef):
        return self.filter(dossier=dossier_ref)


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["snapshot"]
)
class Review(models.Model):
    """One going-through of one dossier. Raised by the scheduled job, once per due date."""

    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="reviews", verbose_name=_("dossier")
    )
    due_on = models.DateField(_("due"))
    raised_on = models.DateField(_("raised"))
    state = models.CharField(
        _("state"), max_length=12, choices=ReviewState.choices, default=ReviewState.RAISED
    )
    submitted_on = models.DateField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    summary = models.TextField(
        _("what changed this quarter"),
        blank=True,
        help_text=_("Two or three sentences for the head."),
    )
    decided_on = models.DateField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decision_note = models.TextField(_("the head's note"), blank=True)
    snapshot = models.JSONField(
        _("frozen copy"),
        null=True,
        blank=True,
        editable=False,
        encoder=DjangoJSONEncoder,
        help_text=_("The dossier as it stood when the revision was accepted."),
    )

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-due_on", "-pk"]
        constraints = [
            # A dossier that is opened again may fall due on the day of a revision that ended with it.
            models.UniqueConstraint(
                fields=["dossier", "due_on"],
                condition=~Q(state="ended"),
                name="one_review_per_due_date",
            ),
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(state__in=["raised", "submitted", "returned"]),
                name="one_running_review_per_dossier",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReviewState.values), name="review_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "accepted"])
                | (Q(submitted_on__isnull=False) & Q(submitted_by__isnull=False)),
                name="submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "accepted", "ended"])
                | (Q(decided_on__isnull=False) & Q(decided_by__isnull=False)),
                name="decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(decision_note=""),
                name="returned_with_a_reason",
                violation_error_message=_("Say what is missing when you return a revision."),
            ),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=True) | Q(decided_on__gte=F("raised_on")),
                name="decided_after_raised",
            ),
        ]

    def __str__(self):
        return f"{self.dossier} · {self.due_on}"

    def is_overdue(self, *, today) -> bool:
        return self.due_on < today and self.state in (ReviewState.RAISED, ReviewState.RETURNED)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ReviewSection(models.Model):
    """One section of the dossier, gone through in one revision: confirmed as it stands, or changed."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="sections")
    section = models.CharField(max_length=16)
    changed = models.BooleanField(_("something was changed"), default=False)
    done_on = models.DateField(_("gone through"))
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("section gone through")
        verbose_name_plural = _("sections gone through")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "section"], name="each_section_once_per_review"
            )
        ]

    def __str__(self):
        return f"{self.review} · {self.section}"


class Occasion(models.TextChoices):
    RAISED = "raised", _("A revision is due soon")
    SUBMITTED = "submitted", _("A revision waits for you")
    RETURNED = "returned", _("A revision was returned")
    ACCEPTED = "accepted", _("A revision was accepted")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Notice(Owed):
    """A message owed to one person. The row is the promise; the e-mail is sent from it, once."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="notices")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    occasion = models.CharField(max_length=12, choices=Occasion.choices)
    owed_on = models.DateField()

    objects = OwedQuerySet.as_manager()

    class Meta:
        verbose_name = _("message about a revision")
        verbose_name_plural = _("messages about revisions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "person", "occasion", "owed_on"], name="each_notice_once"
            )
        ]

    def __str__(self):
        return f"{self.occasion} → {self.person}"

"""Which number of the sales ledger is which client: known, matched by rule, doubtful, merged."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from segmentation.models.sales import ClientRowsQuerySet, SalesImport


class MatchedBy(models.TextChoices):
    NUMBER = "number", _("Its number in the ledger")
    TAX_ID = "tax_id", _("Its tax id")
    CREATED = "created", _("Created by the import")
    MERGED = "merged", _("Merged with another client")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class LedgerNumber(models.Model):
    """A number in the files of sales and the client it means. A client merged of two has two."""

    number = models.CharField(_("number in the sales ledger"), max_length=64, unique=True)
    client = models.ForeignKey(
        "accounts.Client", models.PROTECT, related_name="ledger_numbers", verbose_name=_("client")
    )
    matched_by = models.CharField(_("matched by"), max_length=8, choices=MatchedBy.choices)
    sales_import = models.ForeignKey(
        SalesImport,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="ledger_numbers",
        verbose_name=_("import"),
        help_text=_("That first brought the number."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClientRowsQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger number")
        verbose_name_plural = _("ledger numbers")
        constraints = [
            models.CheckConstraint(
                condition=Q(matched_by__in=MatchedBy.values), name="ledger_number_matched_by_known"
            )
        ]

    def __str__(self):
        return self.number


class DoubtState(models.TextChoices):
    OPEN = "open", _("Open")
    SAME = "same", _("The same client")
    DIFFERENT = "different", _("Two clients")


class DoubtReason(models.TextChoices):
    SAME_NAME = "same_name", _("The same name, but for the legal form")
    SIMILAR_NAME = "similar_name", _("A similar name")
    TAX_ID_DIFFERS = "tax_id", _("The same number, another tax id")


class DoubtfulMatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.all() if may(user, "match_clients") else self.none()

    def editable_by(self, user):
        return self.visible_to(user)

    def open(self):
        return self.filter(state=DoubtState.OPEN)

    def waiting(self):
        """Open, and both clients still stand: what a merge has answered in passing is not asked any more."""
        return self.open().filter(
            client__merged_into__isnull=True, candidate__merged_into__isnull=True
        )

    def between(self, one, other):
        """Whichever of the two is the new one."""
        return self.filter(Q(client=one, candidate=other) | Q(client=other, candidate=one))


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class DoubtfulMatch(models.Model):
    """A client that an import created and that may be one we had: somebody has to look."""

    client = models.ForeignKey(
        "accounts.Client", models.CASCADE, related_name="doubts", verbose_name=_("new client")
    )
    candidate = models.ForeignKey(
        "accounts.Client", models.CASCADE, related_name="+", verbose_name=_("perhaps the same as")
    )
    reason = models.CharField(_("why"), max_length=12, choices=DoubtReason.choices)
    sales_import = models.ForeignKey(
        SalesImport, models.SET_NULL, null=True, related_name="+", verbose_name=_("import")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=DoubtState.choices, default=DoubtState.OPEN
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = DoubtfulMatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("doubtful match")
        verbose_name_plural = _("doubtful matches")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "candidate"], name="each_doubt_once"),
            models.CheckConstraint(
                condition=~Q(client=F("candidate")), name="doubt_of_two_clients"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DoubtState.values, reason__in=DoubtReason.values),
                name="doubt_state_known",
            ),
        ]

    def __str__(self):
        return f"{self.client} ? {self.candidate}"


class ClientMergeQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.all() if may(user, "see_all_figures") else self.none()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ClientMerge(models.Model):
    """Two clients became one: what moved where, so that it can be told and taken apart again."""

    kept = models.ForeignKey(
        "accounts.Client", models.PROTECT, related_name="merges", verbose_name=_("client kept")
    )
    merged = models.ForeignKey(
        "accounts.Client",
        models.PROTECT,
        related_name="merged_by",
        verbose_name=_("client merged into it"),
    )
    reason = models.TextField(_("reason"), blank=True)
    moved = models.JSONField(
        _("moved"),
        default=dict,
        help_text='{"rows": {"dossiers.Dossier.client": [3, 4], …}, "lines": 120, …}, see merging.py',
    )
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("merged by")
    )
    merged_at = models.DateTimeField(_("merged"), default=timezone.now)
    split_at = models.DateTimeField(_("taken apart"), null=True)
    split_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("taken apart by"),
    )

    objects = ClientMergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge of clients")
        verbose_name_plural = _("merges of clients")
        ordering = ["-merged_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept=F("merged")),
                name="merge_of_two_clients",
                violation_error_message=_("Choose two different clients."),
            )
        ]

    def __str__(self):
        return f"{self.merged} → {self.kept}"


class MovedLine(models.Model):
    """A sales line that a merge moved: lines do not know their number in the ledger, so it is written down here.

    Gone again when the merge is taken apart. Written and read by SQL alone.
    """

    merge = models.ForeignKey(
        ClientMerge, models.CASCADE, related_name="+", db_index=False, verbose_name=_("merge")
    )
    document_id = models.BigIntegerField()
    line_no = models.PositiveBigIntegerField(_("line of the file"))
    sold_on = models.DateField(_("date"))

    class Meta:
        verbose_name = _("moved line")
        verbose_name_plural = _("moved lines")
        indexes = [models.Index(fields=["merge", "document_id"], name="moved_lines_of_merge")]

    def __str__(self):
        return f"{self.document_id}/{self.line_no}"

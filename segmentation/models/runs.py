"""Runs of the ABC-XYZ segmentation and the segment each gave to each client."""

import datetime
from fractions import Fraction

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from segmentation import periods, run_words
from segmentation.models.jobs import Job, JobQuerySet, JobState
from segmentation.models.sales import ClientRowsQuerySet, amount_field

CELLS = tuple(abc + xyz for abc in "ABC" for xyz in "XYZ")
# Of clients whose history is too short to say how evenly they buy.
SHORT_CELLS = ("AN", "BN", "CN")
add_months = periods.add_months
as_fraction = run_words.as_fraction
limit_in_words = run_words.limit_in_words


class Measure(models.TextChoices):
    REVENUE = "revenue", _("Revenue")
    MARGIN = "margin", _("Margin")


class XyzMethod(models.TextChoices):
    CV = "cv", _("Coefficient of variation")
    FREQUENCY = "frequency", _("Purchase frequency")


class Unit(models.TextChoices):
    """What the period is cut into: the nets are those of each month, quarter or week."""

    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    WEEK = "week", _("Week")


class AbcBy(models.TextChoices):
    LIMITS = "limits", _("Limits of the share")
    COMPUTED = "computed", _("Computed limits (ABC analysis after Ultsch)")


class RunPhase(models.TextChoices):
    ADDING = "adding", _("Adding up the sales")
    CLASSIFYING = "classifying", _("Classifying the clients")
    STORING = "storing", _("Storing the segments")
    DONE = "done", _("Finished")


class SegmentationRunQuerySet(JobQuerySet):
    def visible_to(self, user):
        """All runs for head and analyst; a KAM sees what the run in force was computed from."""
        if may(user, "see_all_figures"):
            return self.all()
        if may(user, "see_figures"):
            return self.filter(in_force=True)
        return self.none()

    def editable_by(self, user):
        return self.all() if may(user, "run_segmentation") else self.none()

    def in_force(self):
        """The run whose segments dossiers and portfolio show, or None before the first."""
        return self.filter(in_force=True).select_related("created_by", "put_in_force_by").first()


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["progress", "phase", "log"],
)
class SegmentationRun(Job):
    start = models.DateField(
        _("from"), help_text=_("First day of the first month, quarter or week.")
    )
    unit = models.CharField(_("period"), max_length=8, choices=Unit.choices, default=Unit.MONTH)
    periods = models.PositiveSmallIntegerField(_("number of periods"), default=12)
    measure = models.CharField(
        _("measure"), max_length=8, choices=Measure.choices, default=Measure.REVENUE
    )
    currency = models.CharField(_("currency"), max_length=3)
    abc_by = models.CharField(
        _("ABC by"), max_length=8, choices=AbcBy.choices, default=AbcBy.LIMITS
    )
    # Where the limits are computed, these are the shares they were found at.
    abc_a = models.DecimalField(
        _("A while the share before is under, %"), max_digits=7, decimal_places=4, default=80
    )
    abc_b = models.DecimalField(
        _("B while the share before is under, %"), max_digits=7, decimal_places=4, default=95
    )
    xyz_method = models.CharField(
        _("XYZ by"), max_length=10, choices=XyzMethod.choices, default=XyzMethod.CV
    )
    # As text, because 10/12 has no exact decimal and a client with 10 of 12 months stands on the limit.
    xyz_x = models.CharField(_("limit of X"), max_length=24, default="0.10")
    xyz_y = models.CharField(_("limit of Y"), max_length=24, default="0.25")

    min_history = models.PositiveSmallIntegerField(
        _("history needed, periods"),
        default=0,
        help_text=_(
            "A client with fewer periods since its first sale gets no letter of rhythm; 0 judges everybody."
        ),
    )
    # The scope: empty means all clients.
    channel = models.CharField(_("sales channel"), max_length=80, blank=True)
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    team = models.CharField(_("team"), max_length=80, blank=True)
    policy = models.ForeignKey(
        "segmentation.Policy",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("policy"),
        help_text=_("The version of the policy it was asked by; empty with settings of its own."),
    )

    clients = models.PositiveIntegerField(_("clients"), default=0)
    positive_total = amount_field(_("sum of the positive totals"), null=True)
    counts = models.JSONField(_("clients per cell"), default=dict, help_text='{"AX": 154, …}')
    totals = models.JSONField(_("total per cell"), default=dict, help_text='{"AX": "1234.56", …}')
    compared_with = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("compared with"),
        help_text=_("An earlier period by the same method; its letters are shown as the trend."),
    )

    scheduled = models.BooleanField(_("by the schedule"), default=False)
    comes_into_force = models.BooleanField(_("comes into force when finished"), default=False)
    in_force = models.BooleanField(_("in force"), default=False)
    put_in_force_at = models.DateTimeField(_("in force since"), null=True)
    put_in_force_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("put in force by"),
    )

    objects = SegmentationRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("segmentation run")
        verbose_name_plural = _("segmentation runs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="run_state_known"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="run_progress_in_percent"),
            models.CheckConstraint(
                condition=Q(unit=Unit.MONTH, start__day=1)
                | Q(unit=Unit.QUARTER, start__day=1, start__month__in=(1, 4, 7, 10))
                | Q(unit=Unit.WEEK, start__iso_week_day=1),
                name="run_starts_on_first_day",
            ),
            models.CheckConstraint(condition=Q(abc_by__in=AbcBy.values), name="run_abc_by_known"),
            models.CheckConstraint(
                condition=Q(periods__gte=1, periods__lte=260),
                name="run_has_periods",
                violation_error_message=_("The window is between 1 and 260 periods long."),
            ),
            models.CheckConstraint(
                condition=Q(abc_a__gt=0, abc_b__gt=F("abc_a"), abc_b__lte=100),
                name="run_abc_limits_in_order",
                violation_error_message=_(
                    "The limits of ABC are percentages, the first smaller than the second."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    xyz_x__regex=r"^\d+(\.\d+)?(/0*[1-9]\d*)?$",
                    xyz_y__regex=r"^\d+(\.\d+)?(/0*[1-9]\d*)?$",
                ),
                name="run_xyz_limits_are_numbers",
                violation_error_message=_(
                    "The limits of XYZ are decimals such as 0.25 or fractions such as 10/12."
                ),
            ),
            models.UniqueConstraint(
                fields=["in_force"],
                condition=Q(in_force=True),
                name="one_run_in_force",
                violation_error_message=_("One run is in force at a time."),
            ),
            models.CheckConstraint(
                condition=Q(in_force=False)
                | Q(state=JobState.SUCCEEDED, put_in_force_at__isnull=False),
                name="only_finished_runs_in_force",
                violation_error_message=_("Only a run that has finished can be put in force."),
            ),
        ]

        triggers = [
            pgtrigger.Trigger(
                name="segments_go_with_their_run",
                level=pgtrigger.Statement,
                operation=pgtrigger.Delete,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(old="gone"),
                func="DELETE FROM segmentation_segment USING gone WHERE run_id = gone.id; RETURN NULL;",
            )
        ]

    def __str__(self):
        return f"{self.get_measure_display()} {self.period}"

    @property
    def last_period(self) -> datetime.date:
        """First day of the last month, quarter or week."""
        return periods.add(self.unit, self.start, self.periods - 1)

    @property
    def last_month(self) -> datetime.date:
        """First day of the month in which the window ends."""
        return (self.end - datetime.timedelta(days=1)).replace(day=1)

    @property
    def end(self) -> datetime.date:
        """First day after the window."""
        return periods.add(self.unit, self.start, self.periods)

    @property
    def xyz_limits(self) -> tuple[Fraction, Fraction]:
        return as_fraction(self.xyz_x), as_fraction(self.xyz_y)

    @property
    def period(self) -> str:
        return periods.window(self.unit, self.start, self.periods)

    # What it says of itself, in the language of the reader: see run_words.
    scope = property(run_words.scope)
    method = property(run_words.method)
    basis = property(run_words.basis)
    settings_from = property(run_words.settings_from)
    limits_in_words = property(run_words.limits_in_words)
    command = property(run_words.command)

    @property
    def sentence(self) -> str:
        """Where it stands, in words."""
        if self.state == JobState.RUNNING and self.phase:
            return str(RunPhase(self.phase).label)
        return str(self.get_state_display())


class SegmentQuerySet(ClientRowsQuerySet):
    def in_force(self):
        return self.filter(run__in_force=True)

    def in_cell(self, letters):
        return self.filter(abc=letters[:1], xyz=letters[1:2])

    def ranked(self):
        """As the ABC order was: largest total first, equal totals by the number in the sales ledger."""
        return self.order_by("rank")


class Segment(models.Model):
    """What one run says of one client. `share` and `share_before` are parts of 1, not per cent.

    No foreign key constraints: a run writes a hundred thousand rows at once, from clients it has just
    read, and its own deletion takes them along (see the trigger of SegmentationRun).
    """

    run = models.ForeignKey(
        SegmentationRun,
        models.CASCADE,
        related_name="segments",
        db_constraint=False,
        db_index=False,
        verbose_name=_("run"),
    )
    client = models.ForeignKey(
        "accounts.Client",
        models.PROTECT,
        related_name="segments",
        db_constraint=False,
        db_index=False,
        verbose_name=_("client"),
    )
    rank = models.PositiveIntegerField(_("rank"))
    abc = models.CharField(_("ABC"), max_length=1)
    # The letter by the method of the run; N where the history is too short (see min_history).
    xyz = models.CharField(_("XYZ"), max_length=1)
    # Both methods side by side; empty for runs from before they were kept.
    xyz_cv = models.CharField(_("XYZ by variation"), max_length=1, blank=True)
    xyz_frequency = models.CharField(_("XYZ by frequency"), max_length=1, blank=True)
    previous = models.CharField(
        _("segment before"),
        max_length=2,
        blank=True,
        help_text=_("In the run in force before; empty when new."),
    )
    total = amount_field(_("total"))
    documents = models.PositiveIntegerField(_("documents"))
    active_periods = models.PositiveSmallIntegerField(_("active periods"))
    history_periods = models.PositiveSmallIntegerField(
        _("periods since the first sale"),
        help_text=_("Within the period; all of them when the client is older."),
    )
    cv = models.DecimalField(
        _("coefficient of variation"), max_digits=40, decimal_places=9, null=True
    )
    share_before = models.DecimalField(_("share before"), max_digits=24, decimal_places=12)
    share = models.DecimalField(_("share"), max_digits=24, decimal_places=12)
    nets = ArrayField(
        models.DecimalField(max_digits=28, decimal_places=10),
        verbose_name=_("nets"),
        help_text=_("Of each month, quarter or week."),
    )

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["run", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "client"], name="one_segment_per_run_and_client"
            ),
            models.UniqueConstraint(fields=["run", "rank"], name="one_rank_per_run"),
            models.CheckConstraint(
                condition=Q(abc__in=["A", "B", "C"], xyz__in=["X", "Y", "Z", "N"]),
                name="segment_letters_known",
            ),
        ]

    def __str__(self):
        return self.letters

    @property
    def letters(self) -> str:
        return self.abc + self.xyz

    @property
    def trend(self) -> str | None:
        """The letters of the run in force before, or None when the client was not in it."""
        return self.previous or None

    @property
    def direction(self) -> str:
        """ "up", "down" or "same" against the run before; "" when the client was not in it."""
        if not self.previous:
            return ""
        return (
            "same"
            if self.previous == self.letters
            else "up"
            if self.letters < self.previous
            else "down"
        )

    @property
    def has_moved(self) -> bool:
        return bool(self.previous) and self.previous != self.letters

    @property
    def share_after(self):
        return self.share_before + self.share

    @property
    def is_short_history(self) -> bool:
        """Too short a history to judge regularity: fewer months than the period has, but older clients never."""
        return self.history_periods < len(self.nets)

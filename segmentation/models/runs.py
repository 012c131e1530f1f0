"""Runs of the ABC-XYZ segmentation and the segment each gave to each client."""

import datetime
from fractions import Fraction

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from accounts.templatetags.kam_format import month as month_name
from segmentation.models.jobs import Job, JobQuerySet, JobState
from segmentation.models.sales import ClientRowsQuerySet, amount_field

CELLS = tuple(abc + xyz for abc in "ABC" for xyz in "XYZ")


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
    ADDING = "adding", _("Adding up the months")
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
    def last_month(self) -> datetime.date:
        """First day of the last month."""
        return add_months(self.start, self.periods - 1)

    @property
    def end(self) -> datetime.date:
        """First day after the period."""
        return add_months(self.start, self.periods)

    @property
    def xyz_limits(self) -> tuple[Fraction, Fraction]:
        return as_fraction(self.xyz_x), as_fraction(self.xyz_y)

    @property
    def period(self) -> str:
        return f"{month_name(self.start)} – {month_name(self.last_month)}"

    @property
    def method(self) -> str:
        """The thresholds in words, in the language of the reader."""
        words = {
            "a": _plain(self.abc_a),
            "b": _plain(self.abc_b),
            "x": limit_in_words(self.xyz_x, self.xyz_method),
            "y": limit_in_words(self.xyz_y, self.xyz_method),
        }
        if self.xyz_method == XyzMethod.FREQUENCY:
            return (
                gettext(
                    "A while the share before is under %(a)s %%, B under %(b)s %%; "
                    "X with purchases in at least %(x)s of the months, Y in at least %(y)s"
                )
                % words
            )
        return (
            gettext(
                "A while the share before is under %(a)s %%, B under %(b)s %%; "
                "X with a coefficient of variation up to %(x)s, Y up to %(y)s"
            )
            % words
        )

    @property
    def basis(self) -> str:
        """What the figures were computed from (rule 5): period, measure, thresholds, run, by whom and when."""
        if self.created_by_id:
            who = self.created_by.name
        else:
            who = gettext("the schedule") if self.scheduled else gettext("the command line")
        return gettext(
            "%(measure)s in %(currency)s, %(period)s. %(method)s. Run %(number)s by %(who)s, %(when)s."
        ) % {
            "measure": self.get_measure_display(),
            "currency": self.currency,
            "period": self.period,
            "method": self.method,
            "number": self.pk,
            "who": who,
            "when": date_format(
                timezone.localtime(self.finished_at or self.created_at), "SHORT_DATETIME_FORMAT"
            ),
        }

    @property
    def sentence(self) -> str:
        """Where it stands, in words."""
        if self.state == JobState.RUNNING and self.phase:
            return str(RunPhase(self.phase).label)
        return str(self.get_state_display())

    @property
    def limits_in_words(self) -> dict[str, str]:
        """What each letter means in this run, short enough for the head of a column."""
        x, y = (
            limit_in_words(self.xyz_x, self.xyz_method),
            limit_in_words(self.xyz_y, self.xyz_method),
        )
        by_frequency = self.xyz_method == XyzMethod.FREQUENCY
        months = (
            gettext("in %(x)s of the months"),
            gettext("in %(y)s of the months"),
            gettext("more seldom"),
        )
        spread = (
            gettext("variation up to %(x)s"),
            gettext("variation up to %(y)s"),
            gettext("varies more"),
        )
        words = {"a": _plain(self.abc_a), "b": _plain(self.abc_b), "x": x, "y": y}
        letters = {
            "A": gettext("up to %(a)s %%"),
            "B": gettext("up to %(b)s %%"),
            "C": gettext("the rest"),
            **dict(zip("XYZ", months if by_frequency else spread, strict=True)),
        }
        return {letter: text % words for letter, text in letters.items()}

    @property
    def command(self) -> str:
        """How to repeat it from the command line."""
        return (
            f"manage.py segment --start {self.start:%Y-%m} --months {self.periods} --measure {self.measure} "
            f"--abc {_bare(self.abc_a)},{_bare(self.abc_b)} --xyz {self.xyz_method} "
            f"--limits {self.xyz_x},{self.xyz_y} --currency {self.currency}"
        )


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


def add_months(month: datetime.date, number: int) -> datetime.date:
    """First day of the month that lies `number` months after `month` (before, when negative)."""
    years, index = divmod(month.year * 12 + month.month - 1 + number, 12)
    return datetime.date(years, index + 1, 1)


def as_fraction(text: str) -> Fraction:
    """An exact limit: "0.10", "10/12" or "2.5/12". Raises ValueError for anything else."""
    numerator, slash, denominator = text.strip().partition("/")
    if not slash:
        return Fraction(numerator)
    return Fraction(numerator) / Fraction(denominator)


def limit_in_words(text: str, method: str) -> str:
    """ "0.10" of a coefficient is said as 10 %; "10/12" stays as it was typed."""
    if "/" in text:
        return text
    return f"{_plain(as_fraction(text) * 100)} %"


def _plain(number) -> str:
    if isinstance(number, Fraction):
        number = number.numerator if number.denominator == 1 else float(number)
    return number_format(_bare(number))


def _bare(number) -> str:
    text = f"{number}"
    return text.rstrip("0").rstrip(".") if "." in text else text

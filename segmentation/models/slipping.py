"""Clients that fall out of their own rhythm, those lost, and what is done to win them back."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from accounts.models import Client
from accounts.models.owed import Owed, OwedQuerySet
from accounts.models.versions import version_grows
from segmentation.models.sales import ClientRowsQuerySet, amount_field


class RhythmQuerySet(ClientRowsQuerySet):
    def slipping(self, *, on):
        """Past their own limit, and not yet past that of the lost."""
        return self.filter(slips_on__lte=on).filter(Q(lost_on__gt=on) | Q(lost_on__isnull=True))

    def lost(self, *, on):
        return self.filter(lost_on__lte=on)


class Rhythm(models.Model):
    """How often a client orders, as the last look at its sales found it. See rhythm.py for the rule."""

    client = models.OneToOneField(
        "accounts.Client", models.CASCADE, related_name="rhythm", verbose_name=_("client")
    )
    orders = models.PositiveIntegerField(_("days with an order"))
    first_on = models.DateField(_("first order"))
    last_on = models.DateField(_("last order"))
    median_days = models.DecimalField(
        _("usual interval, days"), max_digits=8, decimal_places=1, null=True
    )
    spread_days = models.DecimalField(
        _("spread of the intervals, days"),
        max_digits=9,
        decimal_places=2,
        null=True,
        help_text=_("A multiple of a quarter of a day, so two decimals are exact."),
    )
    slips_on = models.DateField(_("slipping from"), null=True)
    lost_on = models.DateField(_("lost from"), null=True)
    revenue = amount_field(
        _("revenue of twelve months"),
        null=True,
        help_text=_("Of the twelve months that end with the month of the last order."),
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    policy = models.ForeignKey(
        "segmentation.Policy", models.PROTECT, null=True, related_name="+", verbose_name=_("policy")
    )
    computed_at = models.DateTimeField(_("computed"), default=timezone.now)

    objects = RhythmQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase rhythm")
        verbose_name_plural = _("purchase rhythms")
        indexes = [models.Index(fields=["slips_on"], name="rhythms_by_slipping")]

    def __str__(self):
        return f"{self.client_id}"

    def silent_days(self, today) -> int:
        """Days since the last order."""
        return (today - self.last_on).days

    def slips(self, today) -> bool:
        return self.slips_on is not None and self.slips_on <= today

    def is_lost(self, today) -> bool:
        return self.lost_on is not None and self.lost_on <= today


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class SlippingEpisode(models.Model):
    """A client did not order when it should have: once for each last order, until it orders again."""

    client = models.ForeignKey(
        "accounts.Client",
        models.CASCADE,
        related_name="slipping_episodes",
        verbose_name=_("client"),
    )
    last_order_on = models.DateField(_("last order"))
    median_days = models.DecimalField(_("usual interval, days"), max_digits=8, decimal_places=1)
    spread_days = models.DecimalField(
        _("spread of the intervals, days"), max_digits=9, decimal_places=2
    )
    noticed_on = models.DateField(_("noticed"))
    lost_on = models.DateField(_("lost since"), null=True)
    ended_on = models.DateField(_("ordered again"), null=True)

    objects = ClientRowsQuerySet.as_manager()

    class Meta:
        verbose_name = _("slipping")
        verbose_name_plural = _("slippings")
        ordering = ["-noticed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "last_order_on"], name="one_episode_per_last_order"
            )
        ]

    def __str__(self):
        return f"{self.client} {self.last_order_on}"


class LossReason(models.TextChoices):
    PRICE = "price", _("Price")
    SERVICE = "service", _("Service or delivery")
    QUALITY = "quality", _("Quality")
    RANGE = "range", _("Range")
    RELATIONSHIP = "relationship", _("Relationship, a person left")
    NEED_GONE = "need_gone", _("The need is gone")
    INSOLVENT = "insolvent", _("Closed or insolvent")
    TAKEN_OVER = "taken_over", _("Taken over, bought centrally")
    UNKNOWN = "unknown", _("Not known yet")


class LossDirection(models.TextChoices):
    COMPETITOR = "competitor", _("To a competitor")
    IN_HOUSE = "in_house", _("Does it itself")
    SUBSTITUTE = "substitute", _("To another solution")
    STOPPED = "stopped", _("Stopped buying")
    UNKNOWN = "unknown", _("Not known yet")


class LossQuerySet(ClientRowsQuerySet):
    def editable_by(self, user):
        """A head everywhere; a KAM at the clients he holds."""
        if may(user, "choose_key_clients"):
            return self.all()
        if may(user, "open_dossiers"):
            return self.filter(client__in=Client.objects.visible_to(user))
        return self.none()

    def open(self):
        return self.filter(returned_on__isnull=True)


@pgtrigger.register(version_grows())
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Loss(models.Model):
    """A client lost: since when, why, and where to. It stands on the win-back list until it has come back."""

    client = models.ForeignKey(
        "accounts.Client", models.PROTECT, related_name="losses", verbose_name=_("client")
    )
    lost_on = models.DateField(_("lost since"))
    reason = models.CharField(
        _("reason"), max_length=14, choices=LossReason.choices, default=LossReason.UNKNOWN
    )
    direction = models.CharField(
        _("direction"), max_length=12, choices=LossDirection.choices, default=LossDirection.UNKNOWN
    )
    competitor = models.CharField(_("to whom"), max_length=150, blank=True)
    note = models.TextField(_("note"), blank=True)
    revenue_before = models.DecimalField(
        _("revenue of the twelve months before"), max_digits=18, decimal_places=2, null=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    episode = models.ForeignKey(
        SlippingEpisode,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("slipping"),
    )
    worth_winning = models.BooleanField(_("on the win-back list"), default=True)
    returned_on = models.DateField(_("came back"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = LossQuerySet.as_manager()

    class Meta:
        verbose_name = _("loss")
        verbose_name_plural = _("losses")
        ordering = ["-lost_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(returned_on__isnull=True),
                name="one_open_loss_per_client",
                violation_error_message=_("This client is recorded as lost already."),
            ),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True) | Q(returned_on__gte=F("lost_on")),
                name="loss_returns_after_it_began",
                violation_error_message=_("A client cannot come back before it was lost."),
            ),
            models.CheckConstraint(
                condition=Q(reason__in=LossReason.values, direction__in=LossDirection.values),
                name="loss_reason_known",
            ),
        ]

    def __str__(self):
        return f"{self.client} {self.lost_on}"


class MeasureKind(models.TextChoices):
    OFFER = "offer", _("Special offer")
    GIFT = "gift", _("Gift")
    DISCOUNT = "discount", _("Discount")
    VISIT = "visit", _("Visit or talk")
    OTHER = "other", _("Something else")


class MeasureState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class WinBackMeasureQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(loss__in=Loss.objects.visible_to(user))

    def editable_by(self, user):
        return self.filter(loss__in=Loss.objects.editable_by(user))


@pgtrigger.register(version_grows())
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class WinBackMeasure(models.Model):
    """Something done to win a client back: whose it is, what it may cost, what came of it."""

    loss = models.ForeignKey(Loss, models.CASCADE, related_name="measures", verbose_name=_("loss"))
    kind = models.CharField(_("measure"), max_length=10, choices=MeasureKind.choices)
    what = models.CharField(_("what"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    budget = models.DecimalField(
        _("budget"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=MeasureState.choices, default=MeasureState.PLANNED
    )
    done_on = models.DateField(_("done"), null=True, blank=True)
    result = models.TextField(_("result"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = WinBackMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("win-back measure")
        verbose_name_plural = _("win-back measures")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=MeasureState.DONE) | Q(done_on__isnull=False),
                name="done_measure_has_its_day",
                violation_error_message=_("Tell the day on which it was done."),
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=0),
                name="measure_budget_not_negative",
                violation_error_message=_("A budget is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MeasureKind.values, state__in=MeasureState.values),
                name="measure_kind_known",
            ),
        ]

    def __str__(self):
        return self.what


class SlippingNotice(Owed):
    """A message owed to one person about one slipping, once; the e-mail is sent from it."""

    episode = models.ForeignKey(SlippingEpisode, models.CASCADE, related_name="notices")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    owed_on = models.DateField()

    objects = OwedQuerySet.as_manager()

    class Meta:
        verbose_name = _("message about a slipping client")
        verbose_name_plural = _("messages about slipping clients")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["episode", "person"], name="each_slipping_told_once")
        ]

    def __str__(self):
        return f"{self.episode} → {self.person}"

"""What can be found, and the scenarios of the head.

Of what can be found there is one line for each text that a person may look for.

Nobody writes these rows: triggers on the kept tables do (see `portfolio.searching`), so a line is right
whatever the entrance was: page, API, shell or import.
"""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from accounts.models import Client, User
from accounts.models.versions import version_grows
from dossiers.models import Dossier


class Kind(models.TextChoices):
    CLIENT = "client"
    PERSON = "person"
    NOTE = "note"
    TEXT = "text"
    FILE = "file"
    USER = "user"


# The one piece of a dossier that every colleague may read: it stands on the client card.
ON_CARD = "value"


class SearchLineQuerySet(models.QuerySet):
    """The door to everything that can be found. Each kind is asked for by itself: see `portfolio.search`."""

    def visible_to(self, user):
        """Lines of the dossiers the person may read, of the clients whose card he may open, of people."""
        return (
            self.clients_for(user)
            | self.of_dossiers_for(user)
            | self.on_cards_for(user)
            | self.people_of_ours_for(user)
        )

    def of_dossiers_for(self, user):
        """Whatever stands in dossiers that the person may read."""
        return self.of_dossiers(Dossier.objects.visible_to(user))

    def of_dossiers(self, dossiers):
        """Whatever stands in these dossiers: found by `visible_to`, or their keys."""
        return self.filter(dossier__in=dossiers)

    def clients_for(self, user):
        """Names of clients whose card the person may open."""
        return self.filter(kind=Kind.CLIENT, client__in=Client.objects.with_card_for(user))

    def figures_for(self, user):
        """Clients whose number, place and channel the person may read as well."""
        return self.filter(kind=Kind.CLIENT, client__in=Client.objects.visible_to(user))

    def on_cards_for(self, user):
        """What the cards of key clients say to every colleague."""
        cards = Dossier.objects.open().filter(client__in=Client.objects.with_card_for(user).key())
        return self.filter(piece=ON_CARD, dossier__in=cards)

    def people_of_ours_for(self, user):
        """Who signs in here: all of them for those who administer that, the KAMs for those who assign."""
        if may(user, "administer"):
            return self.filter(kind=Kind.USER)
        if may(user, "assign"):
            return self.filter(kind=Kind.USER, record_id__in=User.objects.kams().values("pk"))
        return self.none()


class SearchLine(models.Model):
    """One record of one piece, as it is looked for.

    piece: the key of the piece of a dossier, "client" or "user"; `record_id` is the row's own id there.
    day: what lines of one kind are put in order by, latest first.
    title, body: the words as they were written. title_words, words: as they are compared (see
    `portfolio.folding`), each with the first letter of the kind before it; in `words` those of the
    client's name stand too, with @ before them.
    near: names with one letter left out, so that one wrong letter does no harm.
    """

    kind = models.CharField(max_length=8, choices=Kind.choices)
    piece = models.CharField(max_length=32)
    record_id = models.BigIntegerField()
    # The triggers of the tables pointed to take the lines away: no constraint has to look for them again.
    client = models.ForeignKey(
        Client, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    dossier = models.ForeignKey(
        Dossier, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    day = models.DateField()
    title = models.TextField()
    body = models.TextField()
    title_words = SearchVectorField()
    words = SearchVectorField()
    near = SearchVectorField(null=True)

    objects = SearchLineQuerySet.as_manager()

    class Meta:
        verbose_name = "search line"
        verbose_name_plural = "search lines"
        constraints = [
            models.UniqueConstraint(
                fields=["piece", "record_id"], name="one_search_line_per_record"
            )
        ]
        # A long list of what still waits for its place in an index would have to be read by every search.
        indexes = [
            models.Index(F("kind"), F("day").desc(), F("id").desc(), name="search_latest"),
            *[
                GinIndex(fields=[field], name=f"search_{field}", gin_pending_list_limit=256)
                for field in ("title_words", "words", "near")
            ],
        ]

    def __str__(self):
        return f"{self.piece} {self.record_id}"


class ScenarioQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.all() if may(user, "see_portfolio") else self.none()

    def editable_by(self, user):
        return self.visible_to(user)


@pgtrigger.register(version_grows())
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Scenario(models.Model):
    """A named "what if they leave": which clients, under which assumptions, and what came out on that day."""

    name = models.CharField(_("name"), max_length=120)
    note = models.TextField(_("note"), blank=True)
    clients = models.ManyToManyField(Client, related_name="+", verbose_name=_("clients who leave"))
    fixed_costs = models.DecimalField(
        _("fixed costs a month"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    reserve = models.DecimalField(
        _("money in reserve"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3)
    # What the page showed when it was kept: figures as text, with the period they come from.
    result = models.JSONField(_("result"), default=dict)
    kept_on = models.DateField(_("computed on"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("kept by")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"\S"),
                name="scenario_has_name",
                violation_error_message=_("Give the scenario a name."),
            ),
            models.CheckConstraint(
                condition=(Q(fixed_costs__isnull=True) | Q(fixed_costs__gte=0))
                & (Q(reserve__isnull=True) | Q(reserve__gte=0)),
                name="scenario_amounts_not_negative",
                violation_error_message=_("Fixed costs and reserve are not negative."),
            ),
        ]

    def __str__(self):
        return self.name

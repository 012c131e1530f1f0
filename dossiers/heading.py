"""What stands above every page of a dossier: who, where we stand, when the next revision is due."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.kept import Kept
from accounts.models import Assignment, Client, User
from dossiers import quality, scorecard
from dossiers.gathering import attach
from dossiers.models import ClientType, Dossier, Review, ReviewSection, ReviewState
from dossiers.parts import Part
from dossiers.pieces import BY_KEY, Piece
from dossiers.sections import Section
from dossiers.showing import in_days_words, overdue_words
from segmentation import rhythm_words
from segmentation.models import Segment


@dataclass(frozen=True)
class Due:
    """The state of the next revision: a key of the look's states (or "" for nothing to do) and its words."""

    state: str
    words: str


def due(next_review_on: datetime.date, review: Review | None, *, today: datetime.date) -> Due:
    """How it stands with the revision: `review` is the running one, if there is one."""
    left = (next_review_on - today).days
    if review and review.state == ReviewState.SUBMITTED:
        return Due("submitted", _("waits for the head"))
    if left < 0:
        return Due("overdue", overdue_words(-left))
    if review and review.state == ReviewState.RETURNED:
        return Due("returned", _("returned by the head"))
    if review or left <= 14:
        return Due(
            "due",
            _("due today") if left == 0 else _("due %(when)s") % {"when": in_days_words(left)},
        )
    return Due("", in_days_words(left))


@dataclass
class Heading:
    """Everything the head of a dossier page shows; `current` is the section, "" for the front page."""

    dossier: Dossier
    user: User
    today: datetime.date
    current: str | None
    review: Review | None
    segment: Segment | None
    part: Part
    sections_done: set[str] = field(default_factory=set)
    is_section: bool = True

    @property
    def has_form(self) -> bool:
        """The dossier's own line is being written."""
        return not self.part.is_plain

    @property
    def state(self) -> tuple:
        """Everything that the head is drawn from."""
        client = self.client
        return (
            "head",
            *(self.dossier.pk, self.dossier.version, self.dossier.updated_at),
            *(client.pk, client.name, client.stage, self.today, self.is_editable),
            *(
                str(person)
                for person in (self.dossier.kam, self.dossier.deputy, self.dossier.updated_by)
            ),
            self.segment and (self.segment.letters, self.segment.previous),
            self.slipping,
            self.due,
            self.review and self.review.pk,
            self.quality.state,
            *(self.current, self.is_section, tuple(sorted(self.sections_done))),
        )

    def contents(self) -> dict[str, Any]:
        return {"head": self, "dossier": self.dossier}

    @property
    def client(self) -> Client:
        return self.dossier.client

    @property
    def people(self) -> list[User | None]:
        """Whom the head has fetched already."""
        return [self.user, self.dossier.kam, self.dossier.deputy, self.dossier.updated_by]

    @property
    def is_editable(self) -> bool:
        return self.part.is_editable

    @cached_property
    def types(self) -> list[str]:
        return [str(ClientType(kind).label) for kind in self.dossier.types]

    @cached_property
    def due(self) -> Due:
        return due(self.dossier.next_review_on, self.review, today=self.today)

    @cached_property
    def quality(self) -> quality.Quality:
        return quality.of(self.dossier)

    @property
    def steps(self) -> list[scorecard.Step]:
        return scorecard.quality_steps(self.dossier, self.quality, is_editable=self.is_editable)

    @property
    def formula(self) -> str:
        return scorecard.quality_formula(self.quality)

    @cached_property
    def slipping(self) -> str:
        """That the client has not ordered as usual, in words; "" where it has, or where its rhythm is not known."""
        rhythm = getattr(self.client, "rhythm", None)
        if rhythm is None or not self.dossier.is_open or not rhythm.slips(self.today):
            return ""
        return rhythm_words.said(rhythm, today=self.today)

    @property
    def trend(self) -> str:
        return segment_trend(self.segment)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        front = {
            "url": reverse("dossiers:dossier", args=[self.dossier.pk]),
            "label": _("Overview"),
            "current": self.current == "",
        }
        return [front] + [
            {
                "url": reverse("dossiers:section", args=[self.dossier.pk, section.value]),
                "label": section.label,
                "current": self.current == section.value,
                "done": section.value in self.sections_done,
            }
            for section in Section
        ]


def missing_link(dossier: Dossier, piece: Piece) -> dict[str, Any]:
    return {
        "url": f"{reverse('dossiers:section', args=[dossier.pk, piece.section])}#{piece.key}",
        "label": piece.label,
        "first": piece.first,
    }


def segment_trend(segment: Segment | None) -> str:
    """ "up", "down", "same" or "new": letters nearer the beginning of the alphabet are better, ABC first."""
    if segment is None:
        return ""
    if not segment.previous:
        return "new"
    now, before = segment.letters, segment.previous
    return "same" if now == before else "up" if now < before else "down"


_REVIEW = Kept(
    lambda dossier: (
        Review.objects.running().filter(dossier=dossier).defer("snapshot").order_by("due_on")
    )
)
_DONE = Kept(lambda review: ReviewSection.objects.filter(review=review))
_SEGMENT = Kept(lambda client: Segment.objects.in_force().filter(client=client))
_HOLDERS = Kept(lambda client: Assignment.objects.open().filter(client=client))


def of(
    dossier: Dossier, *, user: User, today: datetime.date, current: str | None, is_editable: bool
) -> Heading:
    """The head of a dossier that the person may read, fetched by `for_heading`; four queries."""
    review = next(iter(_REVIEW.rows(dossier.pk)), None)
    client = dossier.client
    client.open_assignments = _HOLDERS.rows(client.pk)
    attach(
        [
            (Assignment._meta.get_field("person"), client.open_assignments),
            (Dossier._meta.get_field("updated_by"), [dossier]),
        ],
        {User: [user]},
    )
    return Heading(
        dossier=dossier,
        user=user,
        today=today,
        current=current,
        review=review,
        segment=next(iter(_SEGMENT.rows(client.pk)), None),
        part=Part(BY_KEY["header"], dossier, [dossier], today, is_editable),
        sections_done={done.section for done in _DONE.rows(review.pk)} if review else set(),
    )


def for_heading(
    dossiers: models.QuerySet[Dossier], *, today: datetime.date | None = None
) -> models.QuerySet[Dossier]:
    """What the head needs of the dossier itself: its client, how complete it is and how fresh (today, unless said)."""
    return quality.with_quality(
        dossiers.select_related("client__rhythm"), today=today or timezone.localdate()
    )

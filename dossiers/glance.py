"""The front page of a dossier: what its KAM needs before he picks up the telephone."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, When

from accounts.kept import Kept
from dossiers import figures, freshness, gaps, gathering, laying_out, parts, scorecard, timeline
from dossiers.heading import Heading, missing_link
from dossiers.models import (
    Action,
    Contract,
    DossierRecord,
    Tender,
    TenderOutcome,
    TimelineEntry,
    TimelineKind,
    WorkState,
)
from dossiers.pieces import BY_KEY
from dossiers.reviewing import BEGIN_DAYS_AHEAD
from dossiers.sections import Section
from dossiers.shapes import lines
from dossiers.showing import Entry, entries_of

NEXT_ACTIONS = 6
LAST_TALKS = 5
LAST_TENDERS = 2
# A tender that was decided longer ago is no news.
NEWS_FOR_DAYS = 90
OPEN_COMPLAINT = Q(kind=TimelineKind.COMPLAINT, resolved_on__isnull=True)
UNDER_WAY = (WorkState.PLANNED, WorkState.RUNNING)

# Of some lists, the front page shows only what comes next or happened last.
_INSTEAD = {
    "actions": Kept(
        lambda dossier: Action.objects.filter(dossier=dossier, state__in=UNDER_WAY).order_by(
            F("due_on").asc(nulls_last=True), "pk"
        )[:NEXT_ACTIONS]
    ),
    # A complaint that nobody has resolved stays in view, however long ago it was made.
    "timeline": Kept(
        lambda dossier: TimelineEntry.objects.filter(dossier=dossier).order_by(
            Case(When(OPEN_COMPLAINT, then=0), default=1), "-happened_on", "-pk"
        )[:LAST_TALKS]
    ),
    "tenders": Kept(lambda dossier: Tender.objects.filter(dossier=dossier)[:LAST_TENDERS]),
    "contracts": Kept(
        lambda dossier: Contract.objects.filter(dossier=dossier).order_by(
            F("ends_on").asc(nulls_last=True), "pk"
        )
    ),
}
_SHOWN = ("stakeholders", "actions", "timeline", "tenders", "contracts", "value")


@dataclass(frozen=True)
class Glance:
    head: Heading
    records: dict[str, list[DossierRecord]]
    figures: figures.Figures | None
    stale: dict[str, int]
    scores: scorecard.Cards

    @property
    def state(self) -> tuple:
        """Everything that the page below its head is drawn from."""
        head = self.head
        return (
            "glance",
            head.dossier.pk,
            head.dossier.version,
            head.dossier.updated_at,
            head.today,
            head.is_editable,
            head.dossier.next_review_on,
            head.dossier.last_reviewed_on,
            head.due,
            head.review and head.review.pk,
            self.may_begin,
            self.scores.state,
            tuple(self.stale.items()),
            tuple(parts.versions(BY_KEY[key], self.records[key]) for key in _SHOWN),
            self.figures and self.figures.state,
            head.segment and (head.segment.pk, head.segment.share),
        )

    @property
    def may_begin(self) -> bool:
        """The KAM may go through the dossier before the scheduler asks him to."""
        head = self.head
        return (
            head.is_editable
            and head.review is None
            and (head.dossier.next_review_on - head.today).days <= BEGIN_DAYS_AHEAD
            and head.user.is_kam
        )

    @property
    def has_form(self) -> bool:
        return self.may_begin

    def contents(self) -> dict[str, Any]:
        head, [plan] = self.head, self.records["value"]
        stakeholders = self.records["stakeholders"]
        contracts = self._entries("contracts")
        return {
            "head": head,
            "dossier": head.dossier,
            "is_editable": head.is_editable,
            "gaps": gaps.find(stakeholders, today=head.today) if stakeholders else None,
            "actions": self._entries("actions"),
            "talks": self._talks(),
            "contracts": [entry for entry in contracts if entry.facts.get("left", 0) >= 0],
            "do": lines(plan.do),
            "do_not": lines(plan.do_not),
            "figures": self.figures,
            "scores": self.scores.all(),
            "missing": [missing_link(head.dossier, piece) for piece in head.quality.missing],
            "stale": [
                {"section": section, "number": self.stale[section.value]}
                for section in Section
                if self.stale.get(section.value)
            ],
            "may_begin": self.may_begin,
            "urls": laying_out.addresses(head.dossier),
        }

    def _talks(self) -> list[timeline.Line]:
        """What happened last between us, open complaints first; tenders as long as they are news."""
        noted = [timeline.noted(entry) for entry in self._entries("timeline")]
        pressing = [line for line in noted if line.entry.facts.get("is_open")]
        news = self.head.today - datetime.timedelta(days=NEWS_FOR_DAYS)
        lines = [line for line in noted if line not in pressing] + [
            timeline.of_tender(tender, self.head.dossier)
            for tender in self.records["tenders"]
            if tender.outcome == TenderOutcome.OPEN or tender.decided_on >= news
        ]
        return pressing + sorted(lines, key=lambda line: line.day, reverse=True)

    def _entries(self, key: str) -> list[Entry]:
        return entries_of(BY_KEY[key], self.records[key], today=self.head.today)


def of(head: Heading) -> Glance:
    """For the dossier whose head was fetched already."""
    dossier = head.dossier
    known = figures.of(dossier, head.segment, user=head.user)
    return Glance(
        head=head,
        records=gathering.gather(
            [BY_KEY[key] for key in _SHOWN], dossier, instead=_INSTEAD, people=head.people
        ),
        figures=known,
        scores=figures.cards(head, known),
        stale=freshness.stale_by_section(dossier, today=head.today),
    )

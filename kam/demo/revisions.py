"""The revisions that a dossier has behind it, and the one it may be in the middle of."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.models import User
from dossiers.freezing import FORMAT
from dossiers.models import (
    Dossier,
    DossierRecord,
    Notice,
    Occasion,
    Review,
    ReviewSection,
    ReviewState,
)
from dossiers.pieces import kept_models, of_section
from dossiers.reviewing import MONTHS_BETWEEN, RAISE_DAYS_AHEAD, next_review_date
from dossiers.sections import REVIEWED
from kam.demo.back_in_time import Clock
from kam.demo.dates import Days, at_work, months_before, working_day_after


def last_revision(written: dict[str, Any], days: Days) -> datetime.date:
    """The day of the last revision, three months before the day on which the next one is due."""
    return _working(
        months_before(days.today + datetime.timedelta(days=written["due_in"]), MONTHS_BETWEEN)
    )


def opening_day(written: dict[str, Any], days: Days) -> datetime.date:
    """A dossier was opened a quarter before the first revision that it has behind it."""
    return _working(months_before(_submissions(written, days)[-1], MONTHS_BETWEEN))


def _submissions(written: dict[str, Any], days: Days) -> list[datetime.date]:
    """The days of the revisions behind it, newest first, each a few days early, as people do it."""
    submitted = [last_revision(written, days)]
    while len(submitted) < len(written["revisions"]["accepted"]):
        early = datetime.timedelta(days=2 + len(submitted))
        submitted.append(_working(months_before(submitted[-1], MONTHS_BETWEEN) + early))
    return submitted


def _working(day: datetime.date) -> datetime.date:
    """The day, or the Friday before a weekend."""
    return day - datetime.timedelta(days=max(0, day.weekday() - 4))


def enter(
    written: dict[str, Any], *, dossier: Dossier, people: dict[str, User], days: Days, clock: Clock
) -> None:
    """Store the accepted revisions with their frozen copies, and the running one if there is one."""
    kam, head = people[written["kam"]], people[written["head"]]
    submitted = _submissions(written, days)
    texts = written["revisions"]["accepted"]
    past = _Past(dossier, days.today)
    for position, (summary, note) in reversed(list(enumerate(texts))):
        before = submitted[position + 1] if position + 1 < len(texts) else dossier.opened_on
        due = max(submitted[position], next_review_date(before))
        review = _accepted(past, submitted[position], due, kam=kam, head=head)
        review.summary, review.decision_note = summary, note
        review.save()
        _gone_through(review, REVIEWED, past, by=kam, since=before)
        _noticed(review, kam=kam, head=head)
        clock.created(review, at_work(review.decided_on, days.chance))
    if current := written["revisions"].get("current"):
        review = _running(current, dossier, kam=kam, head=head, days=days)
        review.save()
        _gone_through(review, current.get("sections", REVIEWED), past, by=kam, since=submitted[0])
        _noticed(review, kam=kam, head=head)
        clock.created(review, at_work(review.raised_on, days.chance))


def _accepted(
    past: "_Past", day: datetime.date, due: datetime.date, *, kam: User, head: User
) -> Review:
    decided = working_day_after(day)
    return Review(
        dossier=past.dossier,
        due_on=due,
        raised_on=min(
            due - datetime.timedelta(days=RAISE_DAYS_AHEAD), day - datetime.timedelta(days=4)
        ),
        state=ReviewState.ACCEPTED,
        submitted_on=day,
        submitted_by=kam,
        decided_on=decided,
        decided_by=head,
        snapshot=past.as_it_stood(decided),
    )


def _running(
    current: dict[str, Any], dossier: Dossier, *, kam: User, head: User, days: Days
) -> Review:
    due = dossier.next_review_on
    raised = due - datetime.timedelta(days=RAISE_DAYS_AHEAD)
    review = Review(dossier=dossier, due_on=due, raised_on=raised, state=current["state"])
    if review.state != ReviewState.RAISED:
        review.submitted_on = max(raised, days.ago(current["submitted"]))
        review.submitted_by, review.summary = kam, current["summary"]
    if review.state == ReviewState.RETURNED:
        review.decided_on = max(review.submitted_on, days.ago(current["returned"]))
        review.decided_by, review.decision_note = head, current["note"]
    return review


def _gone_through(
    review: Review, sections: Iterable[str], past: "_Past", *, by: User, since: datetime.date
) -> None:
    """The sections, one a day, the last on the day of submission; changed where the quarter saw a change."""
    sections = list(sections)
    last = review.submitted_on or max(review.raised_on, past.today - datetime.timedelta(days=1))
    ReviewSection.objects.bulk_create(
        ReviewSection(
            review=review,
            section=section,
            changed=past.changed(section, since, last),
            done_on=max(
                review.raised_on, last - datetime.timedelta(days=len(sections) - 1 - number)
            ),
            done_by=by,
        )
        for number, section in enumerate(sections)
    )


def _noticed(review: Review, *, kam: User, head: User) -> None:
    """What the people were told then: marked as sent, so that loading the demo mails nobody."""
    told = [(Occasion.RAISED, review.raised_on, kam), (Occasion.RAISED, review.raised_on, head)]
    if review.submitted_on:
        told.append((Occasion.SUBMITTED, review.submitted_on, head))
    if review.decided_on:
        returned = review.state == ReviewState.RETURNED
        told.append((Occasion.RETURNED if returned else Occasion.ACCEPTED, review.decided_on, kam))
    morning = datetime.time(7, 30)
    Notice.objects.bulk_create(
        Notice(
            review=review,
            person=person,
            occasion=occasion,
            owed_on=day,
            sent_at=timezone.make_aware(datetime.datetime.combine(day, morning)),
        )
        for occasion, day, person in told
    )


class _Past:
    """The dossier's change history, read once: how it stood on a day, and what changed when."""

    def __init__(self, dossier: Dossier, today: datetime.date) -> None:
        self.dossier, self.today = dossier, today
        self.history: dict[type[DossierRecord], list[dict[str, Any]]] = {}
        for model in kept_models():
            key = "pgh_obj_id" if model is Dossier else "dossier"
            versions = model.pgh_event_model.objects.filter(**{key: dossier.pk})
            names = [field.attname for field in model._meta.concrete_fields]
            self.history[model] = list(versions.order_by("pgh_obj_id", "version").values(*names))

    def as_it_stood(self, day: datetime.date) -> dict[str, Any]:
        """The frozen copy of that day, of the same shape as `freezing.freeze` gives."""
        records: dict[str, list[dict[str, Any]]] = {}
        for model, versions in self.history.items():
            stood = {version["id"]: version for version in versions if _day(version) <= day}
            records[model._meta.model_name] = [
                {**version, "confirmed_on": min(version["confirmed_on"], day)}
                for version in stood.values()
            ]
        return {
            "format": FORMAT,
            "frozen_on": day,
            "client": str(self.dossier.client),
            "records": records,
        }

    def changed(self, section: str, since: datetime.date, until: datetime.date) -> bool:
        return any(
            since < _day(version) <= until
            for piece in of_section(section)
            for version in self.history[piece.model]
        )


def _day(version: dict[str, Any]) -> datetime.date:
    return timezone.localtime(version["updated_at"]).date()

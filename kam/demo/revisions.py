"""The revisions that a dossier has behind it, and the one it may be in the middle of."""

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from dossiers.freezing import FORMAT
from dossiers.models import Dossier, Notice, Occasion, Review, ReviewSection, ReviewState
from dossiers.pieces import kept_models, of_section
from dossiers.reviewing import MONTHS_BETWEEN, RAISE_DAYS_AHEAD, next_review_date
from dossiers.sections import REVIEWED
from kam.demo.dates import Days, months_before


def last_revision(written: dict[str, Any], days: Days) -> datetime.date:
    """The day of the last revision, three months before the day on which the next one is due."""
    return _working(
        months_before(days.today + datetime.timedelta(days=written["due_in"]), MONTHS_BETWEEN)
    )


def _working(day: datetime.date) -> datetime.date:
    """The day, or the Friday before a weekend."""
    return day - datetime.timedelta(days=max(0, day.weekday() - 4))


def enter(
    written: dict[str, Any], *, dossier: Dossier, people: dict[str, User], days: Days
) -> None:
    """Store the accepted revisions with their frozen copies, and the running one if there is one."""
    kam, head = people[written["kam"]], people[written["head"]]
    submitted = [last_revision(written, days)]
    texts = written["revisions"]["accepted"]
    while len(submitted) < len(texts):
        # A few days before it is due, as people do it.
        early = datetime.timedelta(days=2 + len(submitted))
        submitted.append(_working(months_before(submitted[-1], MONTHS_BETWEEN) + early))
    for position, (summary, note) in reversed(list(enumerate(texts))):
        before = submitted[position + 1] if position + 1 < len(texts) else dossier.opened_on
        _accepted(dossier, submitted[position], max(submitted[position], next_review_date(before)),
                  summary, note, kam=kam, head=head)  # fmt: skip
    _running(written, dossier, kam=kam, head=head, days=days)


def _accepted(
    dossier: Dossier,
    day: datetime.date,
    due: datetime.date,
    summary: str,
    note: str,
    *,
    kam: User,
    head: User,
) -> None:
    decided = day + datetime.timedelta(days=3 if day.weekday() == 4 else 1)
    raised = min(due - datetime.timedelta(days=RAISE_DAYS_AHEAD), day - datetime.timedelta(days=4))
    review = Review.objects.create(
        dossier=dossier,
        due_on=due,
        raised_on=raised,
        state=ReviewState.ACCEPTED,
        submitted_on=day,
        submitted_by=kam,
        summary=summary,
        decided_on=decided,
        decided_by=head,
        decision_note=note,
        snapshot=_as_it_stood(dossier, decided),
    )
    _gone_through(review, REVIEWED, by=kam, last=day)
    _noticed(
        review,
        [
            (Occasion.RAISED, raised, kam),
            (Occasion.SUBMITTED, day, head),
            (Occasion.ACCEPTED, decided, kam),
        ],
    )


def _running(
    written: dict[str, Any], dossier: Dossier, *, kam: User, head: User, days: Days
) -> None:
    current = written["revisions"].get("current")
    if not current:
        return
    due = dossier.next_review_on
    raised = due - datetime.timedelta(days=RAISE_DAYS_AHEAD)
    review = Review(dossier=dossier, due_on=due, raised_on=raised, state=current["state"])
    occasions = [(Occasion.RAISED, raised, kam), (Occasion.RAISED, raised, head)]
    if review.state != ReviewState.RAISED:
        review.submitted_on = max(raised, days.ago(current["submitted"]))
        review.submitted_by, review.summary = kam, current["summary"]
        occasions.append((Occasion.SUBMITTED, review.submitted_on, head))
    if review.state == ReviewState.RETURNED:
        review.decided_on = max(review.submitted_on, days.ago(current["returned"]))
        review.decided_by, review.decision_note = head, current["note"]
        occasions.append((Occasion.RETURNED, review.decided_on, kam))
    review.save()
    sections = current.get("sections", REVIEWED)
    _gone_through(review, sections, by=kam, last=review.submitted_on or days.ago(1))
    _noticed(review, occasions)


def _gone_through(review: Review, sections, *, by: User, last: datetime.date) -> None:
    for number, section in enumerate(sections):
        day = max(review.raised_on, last - datetime.timedelta(days=len(sections) - 1 - number))
        changed = any(
            piece.model.objects.filter(
                **{"pk" if piece.model is Dossier else "dossier": review.dossier_id},
                updated_at__date__range=(review.raised_on, day),
            ).exists()
            for piece in of_section(section)
        )
        ReviewSection.objects.create(
            review=review, section=section, changed=changed, done_on=day, done_by=by
        )


def _noticed(review: Review, occasions: list[tuple[str, datetime.date, User]]) -> None:
    """What the people were told then: marked as sent, so that loading the demo mails nobody."""
    morning = datetime.time(7, 30)
    Notice.objects.bulk_create(
        Notice(
            review=review,
            person=person,
            occasion=occasion,
            owed_on=day,
            sent_at=timezone.make_aware(datetime.datetime.combine(day, morning)),
        )
        for occasion, day, person in occasions
    )


def _as_it_stood(dossier: Dossier, day: datetime.date) -> dict[str, Any]:
    """The frozen copy of that day, from the change history: the same shape as `freezing.freeze` gives."""
    records: dict[str, list[dict[str, Any]]] = {}
    for model in kept_models():
        history = model.pgh_event_model.objects.filter(pgh_created_at__date__lte=day)
        history = (
            history.filter(pgh_obj_id=dossier.pk)
            if model is Dossier
            else history.filter(dossier=dossier)
        )
        names = [field.attname for field in model._meta.concrete_fields]
        stood = history.order_by("pgh_obj_id", "-version").distinct("pgh_obj_id").values(*names)
        records[model._meta.model_name] = [
            {**record, "confirmed_on": min(record["confirmed_on"], day)} for record in stood
        ]
    return {"format": FORMAT, "frozen_on": day, "client": str(dossier.client), "records": records}

"""The quarterly revision: raised by the scheduler, gone through by the KAM, accepted by the head.

Every function may be called twice: the second call changes nothing or refuses with a sentence.
"""

import calendar
import datetime
from collections.abc import Iterable, Iterator

import pghistory
from django.db import transaction
from django.db.models import Exists, IntegerField, Max, OuterRef, QuerySet, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Assignment, User
from accounts.models.user import Role
from dossiers import changes, freezing
from dossiers.models import Dossier, Notice, Occasion, Review, ReviewSection, ReviewState
from dossiers.pieces import of_section
from dossiers.sections import REVIEWED, Section
from dossiers.standing import point, record_of

MONTHS_BETWEEN = 3
RAISE_DAYS_AHEAD = 14
# Begun earlier by hand, an accepted revision could set a next date no later than the present one.
BEGIN_DAYS_AHEAD = 42


class ReviewRefused(Exception):
    """The step was not taken; the text is a sentence for the person."""


class SectionsLeft(ReviewRefused):
    pass


class NotYours(ReviewRefused):
    pass


class WrongState(ReviewRefused):
    pass


class ReasonMissing(ReviewRefused):
    pass


class TooEarly(ReviewRefused):
    pass


class ChangedMeanwhile(ReviewRefused):
    """Somebody else wrote or deleted something in the section since the person saw it."""


def next_review_date(last: datetime.date) -> datetime.date:
    """The same day three calendar months later; the month's last day where that day does not exist."""
    month_index = last.year * 12 + last.month - 1 + MONTHS_BETWEEN
    year, month = divmod(month_index, 12)
    day = min(last.day, calendar.monthrange(year, month + 1)[1])
    return datetime.date(year, month + 1, day)


def raise_due_reviews(*, today: datetime.date) -> list[Review]:
    """Raise the revision of every open dossier that falls due within a fortnight. Returns the new ones.

    Harmless however often and however many at once it runs: the dossier is locked, and the database
    keeps one running revision per dossier and one per due date.
    """
    horizon = today + datetime.timedelta(days=RAISE_DAYS_AHEAD)
    running = Review.objects.running().filter(dossier=OuterRef("pk"))
    due = (
        Dossier.objects.open()
        .filter(~Exists(running), next_review_on__lte=horizon)
        .values_list("pk", flat=True)
    )
    raised = []
    for dossier_id in due:
        with transaction.atomic(), pghistory.context(job="raise_due_reviews"):
            # Another scheduler may be at it: it holds the lock, and then there is nothing left to raise.
            dossier = _locked(dossier_id)
            if dossier is None or dossier.next_review_on > horizon:
                continue
            review, new = _raised(dossier, today)
            if new:
                _owe(
                    review,
                    Occasion.RAISED,
                    people=[*_keepers(dossier), *User.objects.heads()],
                    today=today,
                )
                raised.append(review)
    return raised


@transaction.atomic
def begin(dossier: Dossier, *, by: User, today: datetime.date) -> Review:
    """The KAM starts the revision himself, without waiting for the scheduler. A running one is gone on with.

    Raises NotYours, or TooEarly more than six weeks before the due date.
    """
    if not Dossier.objects.editable_by(by).filter(pk=dossier.pk).exists():
        raise NotYours(_("This dossier is not in your hands."))
    locked = _locked(dossier.pk)
    if locked is None:
        raise WrongState(_("This dossier is closed; there is nothing to revise."))
    running = locked.reviews.running().first()
    if running is not None:
        return running
    earliest = locked.next_review_on - datetime.timedelta(days=BEGIN_DAYS_AHEAD)
    if today < earliest:
        raise TooEarly(
            _(
                "The next revision is due on %(due)s and can be begun from %(earliest)s on. "
                "Until then, confirm or change what you like in the dossier itself."
            )
            % {
                "due": date_format(locked.next_review_on, "SHORT_DATE_FORMAT"),
                "earliest": date_format(earliest, "SHORT_DATE_FORMAT"),
            }
        )
    with pghistory.context(user=by.pk):
        review, _new = _raised(locked, today)
    return review


def sections_done(review: Review) -> dict[str, ReviewSection]:
    return {done.section: done for done in review.sections.select_related("done_by")}


@transaction.atomic
def go_through(
    review: Review, *, section: str, seen_at: datetime.datetime, by: User, today: datetime.date
) -> ReviewSection:
    """The KAM has read the section and it holds: every record in it is confirmed as of today.

    `seen_at`: the last change that he could see, see `last_written`. Raises ChangedMeanwhile, and confirms nothing, where
    somebody else wrote or deleted something in the section since. Whether something was changed since the last revision is read
    from the change history.
    """
    review = _locked_for_keeper(review, by)
    if section not in REVIEWED:
        raise ReviewRefused(_("This section is not part of the revision."))
    _require_unchanged(review, section, since=seen_at, by=by)
    changed = any(change.piece.section == section for change in changes.in_review(review))
    with pghistory.context(user=by.pk):
        for records in _records(review.dossier_id, section):
            records.exclude(confirmed_on=today, confirmed_by=by).update(
                confirmed_on=today, confirmed_by=by
            )
        done, _new = ReviewSection.objects.update_or_create(
            review=review,
            section=section,
            defaults={"done_on": today, "done_by": by, "changed": changed},
        )
    return done


def last_written(dossier: Dossier) -> datetime.datetime:
    """When something was last written or deleted in the sections that are gone through. One query.

    Whoever writes holds the lock on the dossier, so what is stored after a page was drawn bears a later time
    than all that the page shows; the time at which it was drawn would not tell that.
    """
    latest = []
    for section in REVIEWED:
        latest += [rows.values_list(Max("updated_at")) for rows in _records(dossier.pk, section)]
        latest += [rows.values_list(Max("pgh_created_at")) for rows in _gone(dossier.pk, section)]
    return max(moment for (moment,) in latest[0].union(*latest[1:]) if moment)


def _records(dossier_id: int, section: str) -> list[QuerySet]:
    """The records of a section, model by model."""
    return [
        model.objects.filter(pk=dossier_id).order_by()
        if model is Dossier
        else model.objects.filter(dossier_id=dossier_id).order_by()  # type: ignore[misc]
        for model in dict.fromkeys(piece.model for piece in of_section(section))
    ]


def _gone(dossier_id: int, section: str) -> list[QuerySet]:
    """The deletions of entries that are still deleted, model by model; what every dossier has is never deleted."""
    return [
        records.model.pgh_event_model.objects.filter(dossier_id=dossier_id, pgh_label="delete")
        .exclude(pgh_obj_id__in=records.values("pk"))
        .order_by()
        for records in _records(dossier_id, section)
        if records.model is not Dossier
    ]


def _require_unchanged(review: Review, section: str, *, since: datetime.datetime, by: User) -> None:
    """One query; where somebody else wrote meanwhile, a few more for each kind of what he wrote."""
    written = [
        records.filter(updated_at__gt=since).exclude(updated_by=by)
        for records in _records(review.dossier_id, section)
    ]
    deleted = [
        events.filter(pgh_created_at__gt=since).exclude(pgh_context__metadata__user=by.pk)
        for events in _gone(review.dossier_id, section)
    ]
    kinds = [
        rows.annotate(found_in=Value(number, IntegerField())).values_list("found_in")
        for number, rows in enumerate((*written, *deleted))
    ]
    entries: list[str] = []
    for (kind,) in sorted(kinds[0].union(*kinds[1:])):
        if kind < len(written):
            entries += _written(written[kind])
        else:
            entries += _deleted(deleted[kind - len(written)], review.dossier_id)
    if entries:
        raise ChangedMeanwhile(
            _(
                "Somebody else wrote in this section since you opened the page: %(entries)s. Look at it, then "
                "confirm the section."
            )
            % {"entries": ", ".join(entries[:5])}
        )


def _written(records: QuerySet) -> Iterator[str]:
    for record in records.select_related("updated_by"):
        yield f"“{record}” ({record._meta.verbose_name}, {record.updated_by})"


def _deleted(events: QuerySet, dossier_id: int) -> Iterator[str]:
    model = events.model.pgh_tracked_model
    found = [(record_of(model, event), event) for event in events.select_related("pgh_context")]
    point({model: [record for record, _event in found]}, dossier_id=dossier_id)
    acting = [event.pgh_context and event.pgh_context.metadata.get("user") for _r, event in found]
    people = User.objects.in_bulk({pk for pk in acting if pk})
    for (record, _event), pk in zip(found, acting, strict=True):
        who = (model._meta.verbose_name, people.get(pk))
        name = _("%(name)s (deleted)") % {"name": record}
        yield f"“{name}” ({', '.join(str(part) for part in who if part)})"


@transaction.atomic
def submit(review: Review, *, by: User, today: datetime.date, summary: str = "") -> Review:
    """Hand the revision to the head. All sections have to be gone through first."""
    review = _locked_for_keeper(review, by)
    done = set(review.sections.values_list("section", flat=True))
    left = [str(Section(section).label) for section in REVIEWED if section not in done]
    if left:
        raise SectionsLeft(
            _("Not gone through yet: %(sections)s. Confirm or change them, then submit.")
            % {"sections": ", ".join(left)}
        )
    review.state = ReviewState.SUBMITTED
    review.submitted_on, review.submitted_by, review.summary = today, by, summary.strip()
    with pghistory.context(user=by.pk):
        review.save(update_fields=["state", "submitted_on", "submitted_by", "summary"])
        _owe(review, Occasion.SUBMITTED, people=User.objects.heads(), today=today)
    return review


@transaction.atomic
def accept(review: Review, *, by: User, today: datetime.date, note: str = "") -> Review:
    """The head accepts: the dossier is frozen as it stands, and its next date is three months after submission."""
    # The dossier first, see `_locked_for_keeper`.
    dossier = Dossier.objects.select_for_update(of=("self",)).get(pk=review.dossier_id)
    review = _locked_for_head(review, by)
    review.state = ReviewState.ACCEPTED
    review.decided_on, review.decided_by, review.decision_note = today, by, note.strip()
    review.snapshot = freezing.freeze(dossier, today=today)
    assert review.submitted_on is not None  # the database holds it: `submitted_by_somebody`
    dossier.last_reviewed_on = review.submitted_on
    dossier.next_review_on = next_review_date(review.submitted_on)
    with pghistory.context(user=by.pk):
        review.save(
            update_fields=["state", "decided_on", "decided_by", "decision_note", "snapshot"]
        )
        dossier.save(update_fields=["last_reviewed_on", "next_review_on"])
        _owe(review, Occasion.ACCEPTED, people=_keepers(dossier), today=today)
    return review


@transaction.atomic
def return_(review: Review, *, by: User, today: datetime.date, note: str) -> Review:
    """The head gives it back with what is missing. What was gone through stays gone through."""
    review = _locked_for_head(review, by)
    if not note.strip():
        raise ReasonMissing(_("Say what is missing, so that the KAM knows what to do."))
    review.state = ReviewState.RETURNED
    review.decided_on, review.decided_by, review.decision_note = today, by, note.strip()
    with pghistory.context(user=by.pk):
        review.save(update_fields=["state", "decided_on", "decided_by", "decision_note"])
        _owe(review, Occasion.RETURNED, people=_keepers(review.dossier), today=today)
    return review


@transaction.atomic
def end_with_dossier(dossier: Dossier, *, by: User, reason: str, today: datetime.date) -> None:
    """The client stops being a key client: a revision on its way is ended, not left open for ever."""
    _locked(dossier.pk)  # the dossier first, see `_locked_for_keeper`
    for review in dossier.reviews.running().select_for_update():
        review.state = ReviewState.ENDED
        review.decided_on, review.decided_by, review.decision_note = today, by, reason.strip()
        review.save(update_fields=["state", "decided_on", "decided_by", "decision_note"])


def _keepers(dossier: Dossier) -> list[User]:
    """The KAM and the deputy of the dossier's client."""
    held = Assignment.objects.open().filter(client_id=dossier.client_id).select_related("person")
    return [assignment.person for assignment in held]


def _owe(review: Review, occasion: str, *, people: Iterable[User], today: datetime.date) -> None:
    """One notice for each; one that went out earlier today (returned twice in a day) is owed once more."""
    each = {person.pk: person for person in people}.values()
    Notice.objects.bulk_create(
        [Notice(review=review, person=person, occasion=occasion, owed_on=today) for person in each],
        update_conflicts=True,
        unique_fields=["review", "person", "occasion", "owed_on"],
        update_fields=["sent_at", "attempts", "retry_at", "given_up_at"],
    )


def _locked(dossier_id: int) -> Dossier | None:
    """The open dossier under lock. Ordered by nothing: its order would join the client and lock that too."""
    return (
        Dossier.objects.select_for_update(of=("self",))
        .open()
        .filter(pk=dossier_id)
        .order_by()
        .first()
    )


def _raised(dossier: Dossier, today: datetime.date) -> tuple[Review, bool]:
    """The running revision of the locked dossier, and whether it is new."""
    running = dossier.reviews.running().first()
    if running is not None:
        return running, False
    return dossier.reviews.exclude(state=ReviewState.ENDED).get_or_create(
        dossier=dossier, due_on=dossier.next_review_on, defaults={"raised_on": today}
    )


def _locked_for_keeper(review: Review, by: User) -> Review:
    # The dossier first, as everybody who takes both locks: so no two people wait for each other.
    held = Dossier.objects.editable_by(by).filter(pk=review.dossier_id).order_by().only("pk")
    if held.select_for_update(no_key=True).first() is None:
        raise NotYours(_("This dossier is not in your hands."))
    review = (
        Review.objects.select_for_update(of=("self",))
        .select_related("dossier__client")
        .get(pk=review.pk)
    )
    if review.state not in (ReviewState.RAISED, ReviewState.RETURNED):
        raise WrongState(_("This revision is submitted already; wait for the head's answer."))
    return review


def _locked_for_head(review: Review, by: User) -> Review:
    if by.role != Role.HEAD:
        raise NotYours(_("Only a sales head accepts or returns a revision."))
    review = (
        Review.objects.select_for_update(of=("self",))
        .select_related("dossier__client")
        .get(pk=review.pk)
    )
    if review.state != ReviewState.SUBMITTED:
        raise WrongState(
            _(
                "This revision does not wait for a decision: it is not submitted, or decided already."
            )
        )
    return review

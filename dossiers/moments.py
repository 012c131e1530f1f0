"""From when to when people look at a dossier: a day, an accepted revision, the opening, or now."""

import datetime
from dataclasses import dataclass

from django.db.models import Min
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import day as shown
from dossiers.changes import accepted_revisions
from dossiers.models import Dossier
from dossiers.standing import end_of

REVISION = "revision-"
OPENING = "opening"
NOW = "now"


class NoSuchMoment(ValueError):
    """What was asked for is no moment of this dossier; the text is a sentence for the person."""


@dataclass(frozen=True)
class Moment:
    """`value`: as addresses have it; `at`: the last moment that counts, None for now."""

    value: str
    day: datetime.date
    at: datetime.datetime | None
    label: str


@dataclass(frozen=True)
class Moments:
    """The moments of one dossier that are worth looking at."""

    today: datetime.date
    opening: Moment
    quarter: Moment | None
    revisions: tuple[Moment, ...]
    known_from: datetime.datetime | None

    @property
    def usual(self) -> Moment:
        """What a page of an earlier day shows when no day was asked for: one from which something is known."""
        for moment in (self.last_revision, self.quarter, self.opening):
            if moment and self.known_from and end_of(moment.day) >= self.known_from:
                return moment
        return self.now

    @property
    def now(self) -> Moment:
        return Moment(NOW, self.today, None, _("Today"))

    @property
    def last_revision(self) -> Moment | None:
        return self.revisions[0] if self.revisions else None

    @property
    def choices(self) -> list[Moment]:
        """Newest first, as quick choices."""
        found = [*self.revisions, *([self.quarter] if self.quarter else [])]
        return [*sorted(found, key=lambda moment: moment.day, reverse=True), self.opening]

    def before(self, revision: Moment) -> Moment:
        """The revision accepted before this one, else the opening."""
        at = self.revisions.index(revision) + 1
        return self.revisions[at] if at < len(self.revisions) else self.opening

    def asked(self, text: str) -> Moment:
        """What an address asks for. Raises NoSuchMoment with a sentence."""
        text = text.strip()
        if text == NOW:
            return self.now
        for moment in (self.opening, *self.revisions):
            if text == moment.value:
                return moment
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            raise NoSuchMoment(
                _("“%(text)s” is no day. Choose one below.") % {"text": text[:40]}
            ) from None
        if day > self.today:
            raise NoSuchMoment(_("That day has not come yet. Choose an earlier one."))
        if day < self.opening.day:
            raise NoSuchMoment(
                _("The dossier was opened on %(day)s: before that day there is nothing to show.")
                % {"day": shown(self.opening.day)}
            )
        return Moment(text, day, end_of(day), shown(day))


def of(dossier: Dossier, *, today: datetime.date) -> Moments:
    """Two queries."""
    opened = dossier.opened_on
    # What was written on the day of the opening came after it.
    events = Dossier.pgh_event_model.objects.filter(pgh_obj_id=dossier.pk)
    first = events.aggregate(at=Min("pgh_created_at"))["at"]
    quarter = end_of_last_quarter(today)
    return Moments(
        today=today,
        opening=Moment(
            OPENING,
            opened,
            min(first or end_of(opened), end_of(opened)),
            _("Opening, %(day)s") % {"day": shown(opened)},
        ),
        quarter=Moment(
            quarter.isoformat(),
            quarter,
            end_of(quarter),
            _("End of last quarter, %(day)s") % {"day": shown(quarter)},
        )
        if quarter >= opened
        else None,
        known_from=first,
        revisions=tuple(
            Moment(
                f"{REVISION}{pk}", day, at, _("Revision accepted on %(day)s") % {"day": shown(day)}
            )
            for pk, (day, at) in accepted_revisions(dossier.pk).items()
        ),
    )


def end_of_last_quarter(today: datetime.date) -> datetime.date:
    """The last day of the calendar quarter before the running one."""
    first = datetime.date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return first - datetime.timedelta(days=1)

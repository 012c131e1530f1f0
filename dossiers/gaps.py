"""The gaps in a decision-making unit, each named in a sentence with what to do about it.

Plain rules over the stakeholders of one dossier; nothing here asks the database, so `covered_by` should
have been fetched with them.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dossiers.models import DmuRole, Stakeholder, Stance

SILENT_AFTER_DAYS = 90
WEIGHTY = 5  # influence from which silence matters
STRONG = 7  # influence from which an opponent is a danger


class GapKind(TextChoices):
    NO_DECIDER = "no_decider", gettext_lazy("Nobody decides")
    NO_CHAMPION = "no_champion", gettext_lazy("No champion")
    STRONG_OPPONENT = "strong_opponent", gettext_lazy("Strong opponent")
    SINGLE_THREADED = "single_threaded", gettext_lazy("Hangs by one thread")
    SILENT = "silent", gettext_lazy("Silence")


@dataclass(frozen=True)
class Gap:
    """`stakeholders` are those whom it concerns; empty where somebody is missing."""

    kind: GapKind
    sentence: str
    stakeholders: tuple[Stakeholder, ...]
    what_to_do: str


def find(stakeholders: Iterable[Stakeholder], *, today: datetime.date) -> list[Gap]:
    """The gaps, the gravest kind first; in each kind in the order in which the stakeholders came."""
    people = list(stakeholders)
    return [
        *_no_decider(people),
        *_no_champion(people),
        *_strong_opponents(people),
        *_single_threaded(people, today),
        *_silent(people, today),
    ]


def _no_decider(people: Sequence[Stakeholder]) -> list[Gap]:
    deciders = [person for person in people if DmuRole.DECIDER in person.roles]
    if any(not person.is_placeholder for person in deciders):
        return []
    if not deciders:
        sentence = _("Nobody is marked as the one who decides.")
        remedy = _("Ask your best contact who signs, and who can say no to it.")
    else:
        sentence = _(
            "The one who decides is not identified: only the position is known (%(position)s)."
        ) % {"position": ", ".join(person.position for person in deciders)}
        remedy = _("Find out the name, and who can introduce you.")
    return [Gap(GapKind.NO_DECIDER, sentence, tuple(deciders), remedy)]


def _no_champion(people: Sequence[Stakeholder]) -> list[Gap]:
    champions = [person for person in people if DmuRole.CHAMPION in person.roles]
    if any(not person.is_placeholder for person in champions):
        return []
    friends = tuple(
        person for person in people if person.stance > Stance.NEUTRAL and not person.is_placeholder
    )
    if friends:
        remedy = _(
            "Who of those well disposed to us could speak for us inside? Begin with %(name)s."
        ) % {"name": max(friends, key=lambda person: (person.influence, person.stance))}
    else:
        remedy = _("Look for somebody whose own work becomes easier with us, and help him first.")
    return [
        Gap(GapKind.NO_CHAMPION, _("Nobody speaks for us when we are not in the room."), (), remedy)
    ]


def _strong_opponents(people: Sequence[Stakeholder]) -> list[Gap]:
    return [
        Gap(
            GapKind.STRONG_OPPONENT,
            _("%(name)s is against us and has much influence (%(influence)d of 10).")
            % {"name": person, "influence": person.influence},
            (person,),
            _("Find out what he would lose through us, and who has influence on him."),
        )
        for person in people
        if person.influence >= STRONG and person.stance <= Stance.OPPONENT
    ]


def _single_threaded(people: Sequence[Stakeholder], today: datetime.date) -> list[Gap]:
    """Everything passes through one person, ours or theirs. With one stakeholder alone it says so too."""
    gaps = []
    known = [person for person in people if not person.is_placeholder]
    covered = [person for person in known if person.covered_by_id]
    if covered and len({person.covered_by_id for person in covered}) == 1:
        gaps.append(
            Gap(
                GapKind.SINGLE_THREADED,
                _("Only %(name)s of ours keeps the contact with them.")
                % {"name": covered[0].covered_by},
                tuple(covered),
                _(
                    "Take a colleague along and hand him one of the contacts, technician to technician."
                ),
            )
        )
    met = [person for person in known if _was_heard(person, today)]
    if len(met) == 1:
        gaps.append(
            Gap(
                GapKind.SINGLE_THREADED,
                _("In the last %(days)d days we were in contact with %(name)s alone.")
                % {"days": SILENT_AFTER_DAYS, "name": met[0]},
                tuple(met),
                _("Ask for an introduction to a second person before this one changes his post."),
            )
        )
    return gaps


def _silent(people: Sequence[Stakeholder], today: datetime.date) -> list[Gap]:
    gaps = []
    for person in people:
        if person.is_placeholder or person.influence < WEIGHTY or _was_heard(person, today):
            continue
        if person.last_heard_on:
            days = (today - person.last_heard_on).days
            sentence = ngettext(
                "The last contact with %(name)s was on %(date)s, %(days)d day ago.",
                "The last contact with %(name)s was on %(date)s, %(days)d days ago.",
                days,
            ) % {
                "name": person,
                "date": date_format(person.last_heard_on, "SHORT_DATE_FORMAT"),
                "days": days,
            }
        else:
            sentence = _("There was no contact with %(name)s yet.") % {"name": person}
        if person.covered_by_id:
            remedy = _("%(name)s keeps the contact: arrange a meeting.") % {
                "name": person.covered_by
            }
        else:
            remedy = _("Decide who of ours keeps the contact, and arrange a meeting.")
        gaps.append(Gap(GapKind.SILENT, sentence, (person,), remedy))
    return gaps


def _was_heard(person: Stakeholder, today: datetime.date) -> bool:
    """Whether anybody of ours met or spoke with the person lately; a call ends a silence as a meeting does."""
    last = person.last_heard_on
    return last is not None and (today - last).days <= SILENT_AFTER_DAYS

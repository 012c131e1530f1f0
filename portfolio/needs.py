"""What waits for a KAM, as one list of sentences, most urgent first."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from dossiers.models import Dossier, ReviewState, Stakeholder
from portfolio import attention
from segmentation import rhythm_words

NAMES_SHOWN = 3


@dataclass(frozen=True)
class Need:
    """One thing that waits. `due_on` is empty where no day is set, `owner` where it is the person's own."""

    kind: str
    dossier: Dossier
    text: str
    url: str
    due_on: datetime.date | None = None
    overdue: bool = False
    owner: str = ""

    @property
    def urgency(self) -> tuple:
        return (
            not self.overdue,
            self.due_on or datetime.date.max,
            self.dossier.client.name_sort,
            self.kind,
        )


def needs_of(user: User, dossiers: list[Dossier], *, today: datetime.date) -> list[Need]:
    """Everything that waits for the keeper of the dossiers, fetched by `attention.dossiers_of`."""
    if not dossiers:
        return []
    needs = [
        *_revisions(user, today),
        *_actions(user, today),
        *_contracts(user, today),
        *_complaints(dossiers),
        *_slipping(dossiers, today),
        *_silent(user, today),
        *_stale(dossiers),
    ]
    in_hand = {dossier.pk for dossier in dossiers}
    needs = [need for need in needs if need.dossier.pk in in_hand]
    return sorted(needs, key=lambda need: need.urgency)


def _revisions(user: User, today: datetime.date) -> Iterator[Need]:
    for review in attention.reviews_running(user).with_kam():
        text = (
            _("The revision came back: “%(note)s”")
            % {"note": Truncator(review.decision_note).chars(120)}
            if review.state == ReviewState.RETURNED
            else _("Go through the dossier and submit the revision")
        )
        url = reverse("dossiers:review", args=[review.pk])
        yield Need("revision", review.dossier, text, url, review.due_on, review.due_on < today)
    for dossier in attention.dossiers_to_begin(user, today=today):
        due = dossier.next_review_on
        yield Need(
            "revision",
            dossier,
            _("The revision is due: begin it"),
            reverse("dossiers:reviews"),
            due,
            due < today,
        )


def _actions(user: User, today: datetime.date) -> Iterator[Need]:
    for action in attention.actions_due(user, today=today):
        owner = action.owner.name if action.owner_id and action.owner_id != user.pk else ""
        url = _place(action.dossier, "plan", "actions")
        late = action.due_on < today
        yield Need("action", action.dossier, action.title, url, action.due_on, late, owner)


def _contracts(user: User, today: datetime.date) -> Iterator[Need]:
    for contract in attention.contracts_ending(user, today=today):
        words = {"number": contract.number, "subject": contract.subject}
        due = contract.ends_on
        if contract.ends_on < today:
            text = _("Contract %(number)s (%(subject)s) has ended and nothing follows it") % words
        elif today <= contract.act_by < contract.ends_on:
            text = _("Last day of notice for contract %(number)s (%(subject)s)") % words
            due = contract.act_by
        else:
            text = _("Contract %(number)s (%(subject)s) ends: prepare the next one") % words
        yield Need(
            "contract",
            contract.dossier,
            text,
            _place(contract.dossier, "relationship", "contracts"),
            due,
            due < today,
        )


def _complaints(dossiers: list[Dossier]) -> Iterator[Need]:
    """They have waited too long already: they stand with what is overdue, since the day of the oldest."""
    for dossier in dossiers:
        if dossier.unowned_complaints:
            text = ngettext(
                "%(number)d complaint is open and nobody owns it: name who sees to it",
                "%(number)d complaints are open and nobody owns them: name who sees to them",
                dossier.unowned_complaints,
            ) % {"number": dossier.unowned_complaints}
            url = reverse("dossiers:section", args=[dossier.pk, "relationship"])
            yield Need(
                "complaint", dossier, text, f"{url}?open=1#timeline", dossier.oldest_complaint, True
            )


def _slipping(dossiers: list[Dossier], today: datetime.date) -> Iterator[Need]:
    """Out of its own rhythm of orders: since the day on which it should have ordered."""
    for dossier in dossiers:
        rhythm = getattr(dossier.client, "rhythm", None)
        if rhythm is not None and rhythm.slips(today):
            text = _("Has not ordered as usual: %(said)s") % {
                "said": rhythm_words.said(rhythm, today=today)
            }
            url = reverse("segmentation:client", args=[dossier.client_id]) + "#rhythm"
            yield Need("slipping", dossier, text, url, rhythm.slips_on, True)


def _silent(user: User, today: datetime.date) -> Iterator[Need]:
    by_dossier: dict[int, list[Stakeholder]] = {}
    for stakeholder in attention.silent_stakeholders(user, today=today):
        by_dossier.setdefault(stakeholder.dossier_id, []).append(stakeholder)
    for people in by_dossier.values():
        names = ", ".join(person.name for person in people[:NAMES_SHOWN])
        more = len(people) - NAMES_SHOWN
        if more > 0:
            words = {"names": names, "more": more}
            names = (
                ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % words
            )
        dossier = people[0].dossier
        text = _("Not met for 90 days: %(names)s") % {"names": names}
        yield Need("silent", dossier, text, _place(dossier, "decision", "stakeholders"))


def _stale(dossiers: list[Dossier]) -> Iterator[Need]:
    for dossier in dossiers:
        if dossier.stale_count:
            text = ngettext(
                "%(number)d entry has not been confirmed for 90 days",
                "%(number)d entries have not been confirmed for 90 days",
                dossier.stale_count,
            ) % {"number": dossier.stale_count}
            yield Need("stale", dossier, text, reverse("dossiers:dossier", args=[dossier.pk]))


def _place(dossier: Dossier, section: str, piece: str) -> str:
    return reverse("dossiers:section", args=[dossier.pk, section]) + f"#{piece}"

"""Where a contract stands on a day, and whether the next one has to be prepared.

The last day of notice = the end less the notice period. Ninety days before that day (or, without a notice
period, before the end) it is time for the next contract.
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.templatetags.kam_format import day
from dossiers.models import Contract
from dossiers.showing import Entry

PREPARE_AHEAD = datetime.timedelta(days=90)
# A contract that begins so many days before another ends, or later, and outlasts it, follows it.
OVERLAP = datetime.timedelta(days=31)


class Standing(TextChoices):
    NOT_BEGUN = "not_begun", gettext_lazy("not yet begun")
    RUNS = "runs", pgettext_lazy("of a contract", "runs")
    NOTICE = "notice", gettext_lazy("notice is near")
    NOTICE_PASSED = "notice_passed", gettext_lazy("day of notice passed")
    ENDS = "ends", gettext_lazy("ends soon")
    ENDED = "ended", pgettext_lazy("of a contract", "ended")
    OPEN_ENDED = "open_ended", gettext_lazy("open-ended")


TONES = {
    Standing.NOT_BEGUN: ("quiet", "hourglass"),
    Standing.RUNS: ("ok", "check"),
    Standing.NOTICE: ("warn", "clock-exclamation"),
    Standing.NOTICE_PASSED: ("warn", "clock-exclamation"),
    Standing.ENDS: ("warn", "clock-exclamation"),
    Standing.ENDED: ("quiet", "ban"),
    Standing.OPEN_ENDED: ("ok", "check"),
}


@dataclass(slots=True)
class Terms:
    """`notice_on`: the last day of notice, None without a period. `act_by`: that day, else the end.

    `prepare_from`: when the next contract is due to be prepared. `place`, `notice_place`: today and the last
    day of notice between beginning and end, parts of 1; None where there is no end.
    """

    standing: Standing
    notice_on: datetime.date | None = None
    act_by: datetime.date | None = None
    prepare_from: datetime.date | None = None
    left: int | None = None
    place: float | None = None
    notice_place: float | None = None
    is_followed: bool = False
    needs_next: bool = False

    @property
    def label(self) -> str | Promise:
        return self.standing.label

    @property
    def tone(self) -> str:
        return (
            "bad"
            if self.needs_next and self.standing == Standing.ENDED
            else TONES[self.standing][0]
        )

    @property
    def icon(self) -> str:
        return TONES[self.standing][1]

    @property
    def place_percent(self) -> str:
        return f"{(self.place or 0) * 100:.1f}"

    @property
    def notice_percent(self) -> str:
        return f"{(self.notice_place or 0) * 100:.1f}"


def terms(
    begins: datetime.date,
    ends: datetime.date | None,
    notice_days: int | None,
    *,
    today: datetime.date,
) -> Terms:
    """Where a contract stands today. A contract is in force on its first and on its last day."""
    if ends is None:
        return Terms(Standing.NOT_BEGUN if today < begins else Standing.OPEN_ENDED)
    notice_on = ends - datetime.timedelta(days=notice_days) if notice_days else None
    act_by = notice_on or ends
    length = (ends - begins).days or 1

    def place(on: datetime.date) -> float:
        return max(0.0, min(1.0, (on - begins).days / length))

    return Terms(
        standing=_standing(begins, ends, notice_on, act_by, today),
        notice_on=notice_on,
        act_by=act_by,
        prepare_from=act_by - PREPARE_AHEAD,
        left=(ends - today).days,
        place=place(today),
        notice_place=place(notice_on) if notice_on else None,
    )


def _standing(
    begins: datetime.date,
    ends: datetime.date,
    notice_on: datetime.date | None,
    act_by: datetime.date,
    today: datetime.date,
) -> Standing:
    if today > ends:
        return Standing.ENDED
    if today < begins:
        return Standing.NOT_BEGUN
    if notice_on and today > notice_on:
        return Standing.NOTICE_PASSED
    if today < act_by - PREPARE_AHEAD:
        return Standing.RUNS
    return Standing.NOTICE if notice_on else Standing.ENDS


def judged(contracts: Sequence[Contract], *, today: datetime.date) -> list[Terms]:
    """The terms of each contract beside the others: whether another follows it, and whether one has to.

    Another follows it that has the same subject or number, begins a month before its end or later, and
    outlasts it. What ended more than ninety days ago needs nobody any more.
    """
    alike: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for contract in contracts:
        for name in _names(contract):
            alike[name].append(contract)
    found = []
    for contract in contracts:
        stand = terms(contract.starts_on, contract.ends_on, contract.notice_days, today=today)
        stand.is_followed = any(
            _follows(other, contract) for name in _names(contract) for other in alike[name]
        )
        stand.needs_next = (
            not stand.is_followed
            and contract.ends_on is not None
            and stand.prepare_from is not None
            and stand.prepare_from <= today <= contract.ends_on + PREPARE_AHEAD
        )
        found.append(stand)
    return found


def _names(contract: Contract) -> list[tuple[str, str]]:
    return [("number", _bare(contract.number)), ("subject", _bare(contract.subject))]


def _bare(text: str) -> str:
    return " ".join(text.casefold().split())


def _follows(later: Contract, contract: Contract) -> bool:
    if later.pk == contract.pk or contract.ends_on is None:
        return False
    outlasts = later.ends_on is None or later.ends_on > contract.ends_on
    return outlasts and later.starts_on >= contract.ends_on - OVERLAP


def detail(stand: Terms, contract: Contract, *, today: datetime.date) -> str:
    """What the day means, beside the word: how long it still runs, until when notice may be given."""
    if stand.standing == Standing.NOT_BEGUN:
        return _("begins %(day)s") % {"day": day(contract.starts_on)}
    if stand.left is None:
        return ""
    if stand.standing == Standing.ENDED:
        days = -stand.left
        return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
    if stand.notice_on and stand.notice_on >= today:
        days = (stand.notice_on - today).days
        return ngettext("%(days)d day to give notice", "%(days)d days to give notice", days) % {
            "days": days
        }
    if stand.left == 0:
        return _("ends today")
    return ngettext("ends in %(days)d day", "ends in %(days)d days", stand.left) % {
        "days": stand.left
    }


def plan(contract: Contract, stand: Terms, *, today: datetime.date) -> str:
    """The action "prepare the next one", as the form of the plan is asked for it: due when one has to have acted."""
    title = _("Prepare the contract that follows %(number)s (%(subject)s)") % {
        "number": contract.number,
        "subject": contract.subject,
    }
    due = max(stand.act_by or today, today)
    return urlencode(
        {"title": Truncator(title).chars(200), "due_on": due.isoformat(), "field": "due_on"}
    )


def mark(entries: Sequence[Entry], *, today: datetime.date) -> None:
    """Give each entry of a list of contracts its `terms`, their `detail`, and the `plan` of the next one."""
    stands = judged([entry.record for entry in entries], today=today)
    for entry, stand in zip(entries, stands, strict=True):
        entry.facts["terms"] = stand
        entry.facts["detail"] = detail(stand, entry.record, today=today)
        if stand.needs_next:
            entry.facts["plan"] = plan(entry.record, stand, today=today)


def note(entries: Sequence[Entry]) -> str:
    """One sentence beside the title: how many need a next one, else which ends next."""
    stands = [(entry, entry.facts["terms"]) for entry in entries]
    waiting = sum(stand.needs_next for _entry, stand in stands)
    if waiting:
        return ngettext(
            "%(number)d has to be followed by another",
            "%(number)d have to be followed by others",
            waiting,
        ) % {"number": waiting}
    running = [(stand.left, entry) for entry, stand in stands if (stand.left or -1) >= 0]
    if not running:
        return ""
    nearest = min(running, key=lambda one: one[0])[1]
    return _("the next ends on %(day)s") % {"day": day(nearest.record.ends_on)}

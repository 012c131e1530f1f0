"""What to do with the clients of each of the nine cells: as we deliver it, or as the head has put it.

After the usual reading of the ABC-XYZ matrix (Dickie 1951; Scholz-Reiter et al. 2012): the letter
of value says how much a client may cost us, the letter of rhythm says how well we can plan for it.
"""

import datetime
from typing import Any, NamedTuple

import pghistory
from django.db import connection, transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import may
from accounts.models import User
from segmentation import jobs
from segmentation.models import CellAction
from segmentation.models.runs import CELLS


class Recommendation(NamedTuple):
    """`version` is 0 where it stands as delivered; else that of the head's words."""

    do: str | Promise
    text: str | Promise
    version: int = 0

    @property
    def is_own(self) -> bool:
        """Whether these are the words of the house and not ours."""
        return self.version > 0


class ActionRefused(Exception):
    """The action of a cell cannot be changed so; the text is a sentence for the person who asked."""


class ActionChanged(ActionRefused):
    """Somebody else changed it meanwhile; `now` is what stands."""

    def __init__(self, now: Recommendation):
        super().__init__(
            gettext(
                "Somebody else changed this action meanwhile. What stands now is shown beside what you wrote; "
                "save again to put yours in its place."
            )
        )
        self.now = now


RECOMMENDED: dict[str, Recommendation] = {
    "AX": Recommendation(
        _("Protect"),
        _(
            "They carry the house and buy like clockwork. Give each a named KAM, agree a plan for the year, keep stock "
            "and terms secure. Their rhythm is the alarm: one missed month is a reason to call the same week."
        ),
    ),
    "AY": Recommendation(
        _("Plan together"),
        _(
            "Large, with swings that can usually be explained: seasons, projects, budgets. Find out what drives them, "
            "agree forecasts and framework contracts, and turn part of the peaks into regular deliveries."
        ),
    ),
    "AZ": Recommendation(
        _("Understand first"),
        _(
            "Much money at irregular times: big projects, tenders, a competitor who gets the rest. Learn how they "
            "decide and when the next need comes, before tying up stock or people. Here a lost order hurts most."
        ),
    ),
    "BX": Recommendation(
        _("Grow"),
        _(
            "Steady buyers of medium size: the best ground for tomorrow's key clients. Ask for their budget, look for "
            "what they buy elsewhere, and offer the next product line. Look through them for candidates each quarter."
        ),
    ),
    "BY": Recommendation(
        _("Develop selectively"),
        _(
            "Medium size, changing demand. Choose those with room to grow and give them attention by plan; "
            "for the others keep service good and effort standard."
        ),
    ),
    "BZ": Recommendation(
        _("React fast"),
        _(
            "They buy now and then, and then not little. A quick quotation and a short call after each order bring more "
            "than visits. Ask what happens between orders: often somebody else delivers."
        ),
    ),
    "CX": Recommendation(
        _("Make it easy"),
        _(
            "Small but faithful. Standing orders, self-service and fixed prices keep the cost of serving them low; "
            "once a year somebody should ask whether they could be larger."
        ),
    ),
    "CY": Recommendation(
        _("Serve by standard"),
        _(
            "Small and uneven. Serve them through the desk, the web shop or a partner, with standard terms. "
            "No visits, unless one of them is young and growing."
        ),
    ),
    "CZ": Recommendation(
        _("Keep the cost low"),
        _(
            "Seldom and little, and often many. No effort of their own: minimum order, prepayment where it fits, "
            "bundled deliveries. Look among them for the new and for the lost: both look alike from here."
        ),
    ),
}

# Where the history is too short to judge the rhythm (N in place of X, Y or Z). Not the head's to change: it says
# what the letter means, and the next run gives another.
TOO_SHORT = Recommendation(
    _("Watch"),
    _(
        "Too short a history to say how evenly they buy. Go by their value, note what the first orders were for, "
        "and look again when they have been clients for long enough."
    ),
)


_EVENTS: Any = CellAction.pgh_event_model  # type: ignore[attr-defined]


def actions() -> dict[str, Recommendation]:
    """What stands for each cell, also for those of too short a history (AN, BN, CN); one query."""
    own = {
        cell: Recommendation(do, text, version)
        for cell, do, text, version in CellAction.objects.values_list(
            "cell", "do", "text", "version"
        )
    }
    return {**RECOMMENDED, **{f"{abc}N": TOO_SHORT for abc in "ABC"}, **own}


@transaction.atomic
def set_action(cell: str, *, do: str, text: str, version: int, by: User) -> Recommendation:
    """Put the head's words in the place of what stands. `version` is the one that was seen, 0 for as delivered.

    Saying what stands already changes nothing. Raises ActionChanged, ActionRefused.
    """
    row = _locked(cell, version=version, by=by)
    do, text = do.strip(), text.strip()
    if not do or not text:
        raise ActionRefused(gettext("Say in two words and in a sentence what to do."))
    stands = _standing(cell, row)
    if (do, text) == (str(stands.do), str(stands.text)):
        return stands
    # Versions go on counting after words were put back, so that an old form never meets its number again.
    row = row or CellAction(cell=cell, version=_last_version(cell) + 1)
    row.do, row.text, row.updated_by = do, text, by
    row.save()
    row.refresh_from_db()  # the database counts the versions
    return Recommendation(row.do, row.text, row.version)


@transaction.atomic
def put_back(cell: str, *, version: int, by: User) -> Recommendation:
    """Let stand again what was delivered; the head's words stay in the history. Raises ActionChanged, ActionRefused."""
    row = _locked(cell, version=version, by=by)
    if row is not None:
        with pghistory.context(put_back=True):
            row.delete()
    return RECOMMENDED[cell]


def _locked(cell: str, *, version: int, by: User) -> CellAction | None:
    if not may(by, "set_policy"):
        raise ActionRefused(gettext("Only a sales head changes the recommended actions."))
    if cell not in CELLS:
        raise ActionRefused(gettext("There is no such cell."))
    with connection.cursor() as cursor:  # a row that is not there yet cannot be locked
        key = jobs.lock_key("action of a cell", CELLS.index(cell))
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    row = CellAction.objects.filter(cell=cell).first()
    if (row.version if row else 0) != version:
        raise ActionChanged(_standing(cell, row))
    return row


def _last_version(cell: str) -> int:
    events = _EVENTS.objects.filter(cell=cell)
    return events.aggregate(last=Max("version"))["last"] or 0


def _standing(cell: str, row: CellAction | None) -> Recommendation:
    return Recommendation(row.do, row.text, row.version) if row else RECOMMENDED[cell]


class Past(NamedTuple):
    """One change: who, when, and what it said from then on; `do` is empty where it was put back."""

    at: datetime.datetime
    by: str
    do: str
    text: str


def history(cell: str) -> list[Past]:
    """How the action of a cell was put, the newest first; two queries."""
    events = list(
        _EVENTS.objects.filter(cell=cell).select_related("pgh_context").order_by("-pgh_id")
    )
    who = [
        ((event.pgh_context.metadata if event.pgh_context else {}) or {}).get("user")
        if event.pgh_label == "delete"
        else event.updated_by_id
        for event in events
    ]
    names = dict(User.objects.filter(pk__in=filter(None, who)).values_list("pk", "name"))
    past = []
    for event, person in zip(events, who, strict=True):
        words = ("", "") if event.pgh_label == "delete" else (event.do, event.text)
        past.append(Past(event.pgh_created_at, names.get(person, ""), *words))
    return past

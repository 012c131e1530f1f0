"""The tenders of a dossier as its page shows them: cards, each with what its prices say, and what they all come to."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import change, money, number, share
from dossiers import tenders
from dossiers.models import Tender, TenderOutcome, TenderReason
from dossiers.showing import Entry

# What an outcome looks like, beside its icon and its word.
TONES = {
    TenderOutcome.WON: "ok",
    TenderOutcome.PARTLY: "ok",
    TenderOutcome.LOST: "bad",
    TenderOutcome.OPEN: "warn",
    TenderOutcome.CANCELLED: "quiet",
}


@dataclass(slots=True)
class Card:
    """One tender. `gap`: our price against the winner's in words, `gap_from` how it was computed."""

    entry: Entry
    icon: str
    tone: str
    gap: str
    gap_tone: str
    gap_from: str
    for_us: list[str]
    against_us: list[str]
    is_due: bool
    is_decided: bool


@dataclass(slots=True)
class Row:
    """One tender among those of other dossiers."""

    record: Tender
    icon: str
    tone: str
    outcome: str
    value: str
    gap: str
    gap_from: str
    is_due: bool
    reasons: str


def row(record: Tender, *, today: datetime.date) -> Row:
    between = tenders.gap(record)
    named = [
        (_("for us: %(reasons)s"), record.win_reasons),
        (_("against us: %(reasons)s"), record.loss_reasons),
    ]
    return Row(
        record=record,
        icon=tenders.ICONS[record.outcome],
        tone=TONES[record.outcome],
        outcome=record.get_outcome_display(),
        value=money(record.value, record.currency) if record.value is not None else "",
        gap=change(between.part) if between else "",
        gap_from=gap_in_words(between)[2] if between else "",
        is_due=tenders.is_due(record, today=today),
        reasons=" · ".join(
            text % {"reasons": ", ".join(str(TenderReason(reason).label) for reason in reasons)}
            for text, reasons in named
            if reasons
        ),
    )


@dataclass(slots=True)
class Sheet:
    """The cards that were asked for, and the totals of all tenders of the dossier."""

    cards: list[Card]
    totals: tenders.Totals
    chosen: tenders.Chosen
    tables: dict[str, list[dict[str, Any]]]
    hit_rate: str
    hit_rate_from: str


def sheet(entries: Sequence[Entry], chosen: tenders.Chosen, *, today: datetime.date) -> Sheet:
    totals = tenders.totals(entry.record for entry in entries)
    fitting = [entry for entry in entries if chosen.fits(entry.record)]
    return Sheet(
        cards=[_card(entry, today) for entry in fitting],
        totals=totals,
        chosen=chosen,
        tables=tables(totals),
        hit_rate=hit_rate(totals),
        hit_rate_from=hit_rate_from(totals),
    )


def _card(entry: Entry, today: datetime.date) -> Card:
    record = entry.record
    between = tenders.gap(record)
    words, tone, source = gap_in_words(between) if between else ("", "", "")
    return Card(
        entry=entry,
        icon=tenders.ICONS[record.outcome],
        tone=TONES[record.outcome],
        gap=words,
        gap_tone=tone,
        gap_from=source,
        for_us=[str(TenderReason(reason).label) for reason in record.win_reasons],
        against_us=[str(TenderReason(reason).label) for reason in record.loss_reasons],
        is_due=tenders.is_due(record, today=today),
        is_decided=record.outcome in tenders.DECIDED,
    )


def gap_in_words(between: tenders.Gap) -> tuple[str, str, str]:
    """How far we were above or below the winner, its tone, and where the figure comes from."""
    source = _("(our price − winner's price) ÷ winner's price")
    words = {
        "part": share(abs(between.part)),
        "amount": money(abs(between.amount), between.currency),
    }
    if not between.amount:
        return _("the same price as the winner"), "", source
    if between.amount > 0:
        return _("%(part)s above the winner: %(amount)s") % words, "bad", source
    return _("%(part)s below the winner: %(amount)s") % words, "ok", source


def hit_rate(totals: tenders.Totals) -> str:
    return share(totals.hit_rate, 0) if totals.decided else ""


def hit_rate_from(totals: tenders.Totals) -> str:
    if not totals.decided:
        return ""
    return _(
        "won, wholly or in part (%(won)s) ÷ decided (%(decided)s); open ones and those called off do not count"
    ) % {"won": number(totals.won), "decided": number(totals.decided)}


def tables(
    totals: tenders.Totals, *, kept: Sequence[tuple[str, str]] = ()
) -> dict[str, list[dict[str, Any]]]:
    """The totals as rows of three tables: texts, bars in per cent of the longest, and what leads to their tenders.

    `kept`: what else was chosen, and stays in the addresses.
    """

    def query(**chosen: str) -> str:
        return f"?{urlencode([*kept, *tenders.Chosen(**chosen).pairs])}"

    largest = max((worth.count for worth in totals.outcomes.values()), default=0)
    return {
        "outcomes": [
            {
                "label": TenderOutcome(outcome).label,
                "icon": tenders.ICONS[outcome],
                "tone": TONES[outcome],
                "count": number(worth.count),
                "bar": _bar(worth.count, largest),
                "amounts": amounts(worth),
                "query": query(outcome=outcome),
            }
            for outcome, worth in totals.by_outcome()
        ],
        "reasons": [
            {
                "label": found.label,
                "for_us": found.for_us,
                "against_us": found.against_us,
                "for_bar": _bar(found.for_us, totals.most_named),
                "against_bar": _bar(found.against_us, totals.most_named),
                "for_query": query(reason=found.reason, side="for"),
                "against_query": query(reason=found.reason, side="against"),
            }
            for found in totals.by_reason()
        ],
        "rivals": [
            {
                "name": rival.name,
                "count": number(rival.worth.count),
                "bar": _bar(rival.worth.count, totals.most_lost),
                "amounts": amounts(rival.worth),
                "gap": change(rival.mean_gap) if rival.priced else "",
                "priced": rival.priced,
                "query": query(rival=rival.name),
            }
            for rival in totals.by_rival()
        ],
    }


def amounts(worth: tenders.Worth) -> list[str]:
    """A sum for each currency; how many are left out of them is said where it matters."""
    sums = [money(amount, currency) for currency, amount in worth.amounts]
    unknown = worth.count - worth.valued
    if unknown and sums:
        sums.append(_("and %(number)s of unknown value") % {"number": number(unknown)})
    return sums


def _bar(figure: int, largest: int) -> str:
    return f"{figure * 100 / largest:.1f}" if largest else "0"

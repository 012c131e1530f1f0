"""Tenders: what they come to, by outcome, by reason and by rival, and what contradicts itself in one of them.

Arithmetic alone, over anything that has a tender's fields; nothing here asks the database. Amounts of
different currencies are never added: each sum says its currency.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts.sorting import sort_key
from dossiers.models.tender import TenderOutcome, TenderReason

WON = (TenderOutcome.WON, TenderOutcome.PARTLY)
DECIDED = (*WON, TenderOutcome.LOST)
# In the order in which they are told: how it went, then what is not settled or came to nothing.
ORDER = (*DECIDED, TenderOutcome.CANCELLED, TenderOutcome.OPEN)
ICONS = {
    TenderOutcome.OPEN: "hourglass",
    TenderOutcome.WON: "circle-check",
    TenderOutcome.PARTLY: "circle-half-2",
    TenderOutcome.LOST: "circle-x",
    TenderOutcome.CANCELLED: "ban",
}
LONGEST_NAME = 150


class TenderLike(Protocol):
    outcome: str
    value: Decimal | None
    our_price: Decimal | None
    winner_price: Decimal | None
    currency: str
    winner: str
    win_reasons: Sequence[str]
    loss_reasons: Sequence[str]


# ── Prices ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Gap:
    """Our price against the winner's. part: (ours − theirs) ÷ theirs; amount: ours − theirs, in `currency`."""

    part: Decimal
    amount: Decimal
    currency: str


def gap(tender: TenderLike) -> Gap | None:
    """None where one of the prices is not known, theirs is nought, or the winner was ourselves."""
    if tender.outcome == TenderOutcome.WON or tender.our_price is None or not tender.winner_price:
        return None
    amount = tender.our_price - tender.winner_price
    return Gap(amount / tender.winner_price, amount, tender.currency)


# ── Totals ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class Worth:
    """How many, and what they were worth by currency: of `count`, `valued` said what they were worth."""

    count: int = 0
    valued: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)

    def add(self, count: int, valued: int, currency: str, value: Decimal | None) -> None:
        self.count += count
        self.valued += valued
        if value is not None:
            self.sums[currency] = self.sums.get(currency, Decimal(0)) + value

    @property
    def amounts(self) -> list[tuple[str, Decimal]]:
        """(currency, sum), the largest first."""
        return sorted(self.sums.items(), key=lambda one: (-one[1], one[0]))


@dataclass
class Reason:
    """How many decided tenders named the reason as speaking for us, and against us."""

    reason: str
    for_us: int = 0
    against_us: int = 0

    @property
    def label(self) -> str:
        return str(TenderReason(self.reason).label)

    @property
    def balance(self) -> int:
        return self.for_us - self.against_us


@dataclass
class Rival:
    """Who won what we did not win: the tenders, their worth, and how far our price lay from theirs on average."""

    name: str
    worth: Worth = field(default_factory=Worth)
    gaps: Decimal = Decimal(0)
    priced: int = 0

    @property
    def mean_gap(self) -> Decimal | None:
        """The mean of our price gaps, each tender counting once; None where no tender knows both prices."""
        return self.gaps / self.priced if self.priced else None


@dataclass
class Totals:
    """What a number of tenders come to; filled by `add`, `add_reason` and `add_rival`, tender by tender or in groups."""

    outcomes: dict[str, Worth] = field(
        default_factory=lambda: {str(outcome): Worth() for outcome in ORDER}
    )
    reasons: dict[str, Reason] = field(default_factory=dict)
    rivals: dict[str, Rival] = field(default_factory=dict)

    def add(
        self, outcome: str, *, count: int, valued: int, currency: str, value: Decimal | None
    ) -> None:
        self.outcomes[outcome].add(count, valued, currency, value)

    def add_reason(self, reason: str, *, for_us: int = 0, against_us: int = 0) -> None:
        found = self.reasons.setdefault(reason, Reason(reason))
        found.for_us += for_us
        found.against_us += against_us

    def add_rival(
        self,
        name: str,
        *,
        count: int,
        valued: int,
        currency: str,
        value: Decimal | None,
        gaps: Decimal | None,
        priced: int,
    ) -> None:
        rival = self.rivals.setdefault(rival_key(name), Rival(name))
        rival.worth.add(count, valued, currency, value)
        rival.gaps += gaps or 0
        rival.priced += priced

    @property
    def count(self) -> int:
        return sum(worth.count for worth in self.outcomes.values())

    @property
    def decided(self) -> int:
        return sum(self.outcomes[outcome].count for outcome in DECIDED)

    @property
    def won(self) -> int:
        """Won, wholly or in part."""
        return sum(self.outcomes[outcome].count for outcome in WON)

    @property
    def hit_rate(self) -> Decimal | None:
        """Won, wholly or in part, ÷ decided; open ones and those called off do not count. None before the first."""
        return Decimal(self.won) / self.decided if self.decided else None

    def by_outcome(self) -> list[tuple[str, Worth]]:
        return [(outcome, worth) for outcome, worth in self.outcomes.items() if worth.count]

    def by_reason(self) -> list[Reason]:
        """What was named most often first; of equals, what speaks against us."""
        return sorted(
            self.reasons.values(),
            key=lambda found: (-(found.for_us + found.against_us), found.balance, found.label),
        )

    def by_rival(self) -> list[Rival]:
        """Who won most often against us first."""
        return sorted(
            self.rivals.values(), key=lambda rival: (-rival.worth.count, sort_key(rival.name))
        )

    @property
    def most_named(self) -> int:
        """The largest number in `by_reason`, to draw the bars against."""
        return max(
            (max(found.for_us, found.against_us) for found in self.reasons.values()), default=0
        )

    @property
    def most_lost(self) -> int:
        return max((rival.worth.count for rival in self.rivals.values()), default=0)


def rival_key(name: str) -> str:
    """One rival, however its name was typed."""
    return sort_key(name)


def totals(tenders: Iterable[TenderLike]) -> Totals:
    """Of tenders one by one; a rival is called as in the first of them."""
    found = Totals()
    for tender in tenders:
        known = int(tender.value is not None)
        found.add(
            tender.outcome, count=1, valued=known, currency=tender.currency, value=tender.value
        )
        if tender.outcome not in DECIDED:
            continue
        for reason in tender.win_reasons:
            found.add_reason(reason, for_us=1)
        for reason in tender.loss_reasons:
            found.add_reason(reason, against_us=1)
        if tender.winner and tender.outcome != TenderOutcome.WON:
            between = gap(tender)
            found.add_rival(
                tender.winner,
                count=1,
                valued=known,
                currency=tender.currency,
                value=tender.value,
                gaps=between.part if between else None,
                priced=int(between is not None),
            )
    return found


# ── Which of them are shown ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Chosen:
    """Which tenders a person asked to see: those behind one of the totals. Nothing chosen is all of them."""

    outcome: str = ""
    reason: str = ""
    side: str = ""
    rival: str = ""

    def __bool__(self) -> bool:
        return self != Chosen()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        named = {
            "outcome": self.outcome,
            "reason": self.reason,
            "side": self.side,
            "rival": self.rival,
        }
        return [(name, value) for name, value in named.items() if value]

    @property
    def query(self) -> str:
        return f"?{urlencode(self.pairs)}" if self.pairs else ""

    def fits(self, tender: TenderLike) -> bool:
        if self.outcome and tender.outcome != self.outcome:
            return False
        if self.reason:
            sides = {"for": tender.win_reasons, "against": tender.loss_reasons}
            if tender.outcome not in DECIDED or self.reason not in sides[self.side]:
                return False
        if not self.rival:
            return True
        is_theirs = tender.outcome in DECIDED and tender.outcome != TenderOutcome.WON
        return is_theirs and rival_key(tender.winner) == rival_key(self.rival)

    @property
    def words(self) -> str:
        """What was chosen, to be said above the list."""
        if self.reason:
            label = TenderReason(self.reason).label
            text = (
                _("%(reason)s spoke for us")
                if self.side == "for"
                else _("%(reason)s spoke against us")
            )
            return text % {"reason": label}
        if self.rival:
            return _("won by %(rival)s") % {"rival": self.rival}
        return str(TenderOutcome(self.outcome).label) if self.outcome else ""


def chosen(asked: Mapping[str, str]) -> Chosen:
    """From the address; what is no possible choice counts as not chosen."""
    outcome, reason = asked.get("outcome", ""), asked.get("reason", "")
    side = asked.get("side", "")
    has_reason = reason in TenderReason.values and side in ("for", "against")
    return Chosen(
        outcome=outcome if outcome in TenderOutcome.values else "",
        reason=reason if has_reason else "",
        side=side if has_reason else "",
        rival=asked.get("rival", "").replace("\0", "").strip()[:LONGEST_NAME],
    )


# ── What contradicts itself ──────────────────────────────────────────────────────────────────


def objections(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field, sentence) for what a tender's fields cannot all be at once. `said`: its fields by name."""
    outcome = said.get("outcome")
    if outcome is None:
        return
    if said.get("winner"):
        if outcome == TenderOutcome.WON:
            yield (
                "winner",
                _("You won it: leave the winner empty, or say that you won it in part."),
            )
        elif outcome == TenderOutcome.OPEN:
            yield (
                "winner",
                _("Nobody has won it yet: choose how it ended, or leave the winner empty."),
            )
        elif outcome == TenderOutcome.CANCELLED:
            yield "winner", _("It was called off, so nobody won it: leave the winner empty.")
    if outcome not in DECIDED:
        for name in ("win_reasons", "loss_reasons"):
            if said.get(name):
                yield (
                    name,
                    _("Reasons belong to a tender that was won or lost: choose how it ended."),
                )


def is_due(tender: Any, *, today: datetime.date) -> bool:
    """Open, and its day has passed: it may be decided by now."""
    return tender.outcome == TenderOutcome.OPEN and tender.decided_on < today

"""What a scenario says, in words: the same for the page, the frozen copy and the PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.kam_format import money, number, share
from portfolio import concentrating
from segmentation import concentration
from segmentation.models import Policy


@dataclass(frozen=True)
class Line:
    """One figure: as it is (or was kept), and without those who leave (or as it would be today)."""

    key: str
    label: str
    one: str
    other: str
    how: str = ""
    one_band: tuple | None = None
    other_band: tuple | None = None


def figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def compared(result: Mapping[str, Any], policy: Policy) -> list[Line]:
    """As it is beside as it would be without them; `result` is what `leaving.frozen` made."""
    before, after, currency = result["before"], result["after"], result["period"]["currency"]
    return _lines((before, result), (after, result), currency, policy)


def then_and_now(kept: Mapping[str, Any], today: Mapping[str, Any], policy: Policy) -> list[Line]:
    """Without them: as it was found when the scenario was kept, beside today's figures."""
    currency = kept["period"]["currency"]
    lost = [
        Line(
            "revenue_lost",
            _("Revenue lost"),
            ", ".join(filter(None, revenue_lost(kept))),
            ", ".join(filter(None, revenue_lost(today))),
        ),
        Line("margin_lost", _("Margin lost"), margin_lost(kept), margin_lost(today)),
    ]
    return [*lost, *_lines((kept["after"], kept), (today["after"], today), currency, policy)]


def _lines(one: tuple, other: tuple, currency: str, policy: Policy) -> list[Line]:
    (a, kept), (b, now) = one, other

    def both(key: str, label: str, say, how: str = "", band=None) -> Line:
        return Line(
            key, label, say(a, kept), say(b, now), how,
            band(a) if band else None, band(b) if band else None,
        )  # fmt: skip

    def part(key):
        return lambda sums, _result: share(figure(sums[key]))

    def amount(key):
        return lambda sums, _result: money(figure(sums[key]), currency)

    def first_band(sums):
        found = concentration.band(
            None if sums["first"] is None else figure(sums["first"]) * 100,
            medium=policy.first_share_medium, high=policy.first_share_high,
        )  # fmt: skip
        return concentrating.SHARE_BANDS[found] if found else None

    def index_band(sums):
        found = concentration.band(
            figure(sums["hhi"]), medium=policy.hhi_medium, high=policy.hhi_high
        )
        return concentrating.INDEX_BANDS[found] if found else None

    return [
        both("revenue", _("Revenue of the period"), amount("revenue")),
        both("margin", _("Margin of the period"), _margin),
        both("margin_a_month", _("Margin a month"), amount("margin_a_month"), _("margin of the period ÷ its months")),
        both("uncovered", _("Fixed costs left uncovered a month"), _uncovered, _("fixed costs a month − margin a month, not below nought")),
        both("runway", _("Months the reserve lasts"), _runway, _("reserve ÷ uncovered a month")),
        both("first", _("Largest client"), part("first"), band=first_band),
        both("three", _("First three"), part("three")),
        both("ten", _("First ten"), part("ten")),
        both("hhi", _("Herfindahl index"), lambda sums, _result: number(figure(sums["hhi"]), 0), _("sum of the squares of the shares in per cent"), index_band),
    ]  # fmt: skip


def revenue_lost(result: Mapping[str, Any]) -> tuple[str, str]:
    """The amount, and what part of all sales that is; "" where nothing was sold."""
    lost = money(figure(result["revenue_lost"]), result["period"]["currency"])
    if result["share_lost"] is None:
        return lost, ""
    return lost, _("%(share)s of all sales") % {"share": share(figure(result["share_lost"]))}


def margin_lost(result: Mapping[str, Any]) -> str:
    if result["margin_lost"] is not None:
        return money(figure(result["margin_lost"]), result["period"]["currency"])
    return unknown(result["unknown_leaving"])


def unknown(clients: int) -> str:
    return ngettext(
        "not known for %(number)s client", "not known for %(number)s clients", clients
    ) % {"number": number(clients)}


def _margin(sums: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    if sums["margin"] is None:
        return unknown(sums["unknown"])
    return money(figure(sums["margin"]), result["period"]["currency"])


def _uncovered(sums: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    if sums["uncovered"] is not None:
        if figure(sums["uncovered"]) == 0:
            return _("nothing: all is covered")
        return money(figure(sums["uncovered"]), result["period"]["currency"])
    if result["fixed_costs"] is None:
        return _("not known: say the fixed costs")
    return _("not known: the margin is not")


def _runway(sums: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    if sums["uncovered"] is None:
        return _("not known")
    if figure(sums["uncovered"]) == 0:
        return _("never: still covered")
    if sums["runway"] is None:
        return _("not known: say the reserve")
    months = figure(sums["runway"])
    return _("now") if months == 0 else number(months, 1)


def at_most(result: Mapping[str, Any]) -> str:
    """Where the margin of some who stay is not known: the most that can be uncovered; "" elsewhere."""
    if not result["after"]["unknown"] or result["at_most"] is None:
        return ""
    return _(
        "Of %(clients)s who stay the margin is not known. If none of them is sold to below cost, at most %(amount)s a "
        "month are uncovered."
    ) % {
        "clients": ngettext("%(number)s client", "%(number)s clients", result["after"]["unknown"])
        % {"number": number(result["after"]["unknown"])},
        "amount": money(figure(result["at_most"]), result["period"]["currency"]),
    }

"""What if they leave: what some clients bring, what the fixed costs then lack, and scenarios that are kept."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Client, User
from accounts.remembered import Standing
from portfolio import exposure
from portfolio.models import Scenario
from segmentation import concentration, concentration_figures
from segmentation.concentration import Concentration, Cover
from segmentation.concentration_figures import ClientTotal, Figures, Window
from segmentation.models import Policy

# A question about more clients than this is one about another business.
MOST = 200
# Parts of 1 and amounts as they are kept: far finer than any page shows them.
PART, CENT = Decimal("0.000001"), Decimal("0.01")


class ScenarioRefused(Exception):
    """The scenario was not stored; the text is a sentence for the person."""


class ScenarioChanged(ScenarioRefused):
    """Somebody else changed it meanwhile."""


@dataclass(frozen=True)
class Assumptions:
    """Fixed costs a month and the money in reserve, in the currency of the window; None: not known."""

    fixed_costs: Decimal | None = None
    reserve: Decimal | None = None


@dataclass(frozen=True)
class Sums:
    """Of all clients, or of those who stay. `margin` is None where that of `unknown` clients is not known."""

    revenue: Decimal
    known_margin: Decimal
    unknown: int
    concentration: Concentration
    cover: Cover

    @property
    def margin(self) -> Decimal | None:
        return None if self.unknown else self.known_margin


@dataclass(frozen=True)
class Outcome:
    """`leaving`: their totals, largest first; `before`: as it is; `after`: without them."""

    window: Window
    assumptions: Assumptions
    leaving: tuple[ClientTotal, ...]
    before: Sums
    after: Sums

    @cached_property
    def revenue_lost(self) -> Decimal:
        return concentration.exact_sum(one.revenue for one in self.leaving)

    @cached_property
    def share_lost(self) -> Fraction | None:
        """Of all that is sold to clients with a total above nought."""
        whole, left = self.before.concentration.total, self.after.concentration.total
        return 1 - Fraction(left) / Fraction(whole) if whole else None

    @cached_property
    def unknown_leaving(self) -> int:
        return sum(one.margin is None for one in self.leaving)

    @cached_property
    def margin_lost(self) -> Decimal | None:
        """None where the margin of one of them is not known."""
        return None if self.unknown_leaving else self.known_margin_lost

    @cached_property
    def known_margin_lost(self) -> Decimal:
        return concentration.exact_sum(one.margin for one in self.leaving if one.margin is not None)

    @cached_property
    def at_most(self) -> Cover:
        """What is uncovered if nobody whose margin is not known is sold to below cost."""
        return _cover(self.after.known_margin, self.window, self.assumptions)


def outcome(figures: Figures, leaving: Collection[int], assumptions: Assumptions) -> Outcome:
    """`figures` are those of revenue; who bought nothing in their window leaves nothing behind."""
    gone = tuple(
        sorted(
            (
                figures.by_key.get(pk) or ClientTotal(pk, "", Decimal(0), Decimal(0))
                for pk in set(leaving)
            ),
            key=lambda one: (-one.revenue, one.client),
        )
    )
    before = _sums(
        figures.revenue, figures.known_margin, len(figures.without_margin),
        figures.concentration, figures.window, assumptions,
    )  # fmt: skip
    known = concentration.exact_sum(one.margin for one in gone if one.margin is not None)
    after = _sums(
        _less(figures.revenue, concentration.exact_sum(one.revenue for one in gone)),
        _less(figures.known_margin, known),
        len(figures.without_margin) - sum(one.margin is None for one in gone),
        concentration_figures.without(figures, [one.client for one in gone]),
        figures.window,
        assumptions,
    )
    return Outcome(figures.window, assumptions, gone, before, after)


def _less(whole: Decimal, part: Decimal) -> Decimal:
    return concentration.exact_sum((whole, -part))


def _sums(revenue, known_margin, unknown, found, window, assumptions) -> Sums:
    margin = None if unknown else known_margin
    return Sums(revenue, known_margin, unknown, found, _cover(margin, window, assumptions))


def _cover(margin: Decimal | None, window: Window, assumptions: Assumptions) -> Cover:
    return concentration.cover(
        margin=margin,
        months=window.months,
        fixed_costs=assumptions.fixed_costs,
        reserve=assumptions.reserve,
    )


def from_policy(policy: Policy, window: Window) -> Assumptions:
    """Those of the policy, where they are in the window's currency."""
    if policy.currency not in ("", window.currency):
        return Assumptions()
    return Assumptions(policy.fixed_costs, policy.reserve)


# ── Which clients ────────────────────────────────────────────────────────────────────────────


def asked_for(
    question: str, figures: Figures, *, user: User, today: datetime.date
) -> list[int] | None:
    """The clients of a ready-made question, largest first; None for a question that there is not."""
    ranked = [one.client for one in figures.clients]
    if question == "largest":
        return ranked[:1]
    if question == "three":
        return ranked[:3]
    if question == "contracts":
        wanted = exposure.with_contract_ending(user=user, today=today)
    elif question == "threads":
        wanted = exposure.hanging_by_one_thread(user=user, today=today)
    else:
        return None
    sold = [client for client in ranked if client in wanted]
    return [*sold, *sorted(wanted.difference(sold))][:MOST]


# ── Scenarios ────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def keep(
    *,
    name: str,
    note: str = "",
    clients: Sequence[Client],
    window: Window,
    assumptions: Assumptions,
    policy: Policy,
    by: User,
    today: datetime.date,
) -> Scenario:
    """Keep the question with its answer of today. `clients` were found by `visible_to(by)`."""
    if not clients:
        raise ScenarioRefused(_("Tick at least one client who leaves."))
    if len(clients) > MOST:
        raise ScenarioRefused(
            _("A scenario has at most %(most)d clients who leave.") % {"most": MOST}
        )
    figures = concentration_figures.of(window, user=by)
    found = outcome(figures, [client.pk for client in clients], assumptions)
    scenario = Scenario(
        name=name.strip(),
        note=note.strip(),
        fixed_costs=assumptions.fixed_costs,
        reserve=assumptions.reserve,
        currency=window.currency,
        result=frozen(found, clients, policy),
        kept_on=today,
        created_by=by,
    )
    _store(scenario)
    scenario.clients.set(clients)
    return scenario


def rename(scenario: Scenario, *, name: str, note: str | None = None, version: int) -> Scenario:
    """`scenario` came from `editable_by`; `version` is the one that the person saw."""
    with transaction.atomic():
        own = _at_version(scenario, version)
        own.name = name.strip()
        if note is not None:
            own.note = note.strip()
        _store(own)
    return own


def delete(scenario: Scenario, *, version: int) -> None:
    with transaction.atomic():
        _at_version(scenario, version).delete()


def _at_version(scenario: Scenario, version: int) -> Scenario:
    own = Scenario.objects.select_for_update().filter(pk=scenario.pk).first()
    if own is None:
        raise ScenarioChanged(_("Somebody else deleted this scenario meanwhile."))
    if own.version != version:
        raise ScenarioChanged(
            _(
                "Somebody else changed this scenario meanwhile. Look at it as it is now, then try again."
            )
        )
    return own


def _store(scenario: Scenario) -> None:
    try:
        scenario.full_clean(exclude=["clients", "created_by"])
    except ValidationError as error:
        raise ScenarioRefused(" ".join(error.messages)) from error
    scenario.save()


def window_of(scenario: Scenario) -> Window:
    """The window that was kept."""
    period = scenario.result["period"]
    return Window(
        datetime.date.fromisoformat(period["last"]), scenario.currency, int(period["months"])
    )


def today_of(
    scenario: Scenario,
    clients: Sequence[Client],
    *,
    user: User,
    today: datetime.date,
    standing: Standing | None = None,
) -> Outcome | None:
    """The same question under the same assumptions, over as many months up to now; None without sales."""
    months = window_of(scenario).months
    window = concentration_figures.default_window(scenario.currency, today=today, standing=standing)
    if window is None or window.currency != scenario.currency:
        return None
    window = Window(window.last, window.currency, months)
    figures = concentration_figures.of(window, user=user, standing=standing)
    assumptions = Assumptions(scenario.fixed_costs, scenario.reserve)
    return outcome(figures, [client.pk for client in clients], assumptions)


def frozen(found: Outcome, clients: Sequence[Client], policy: Policy | None) -> dict[str, Any]:
    """What is kept of an outcome: figures as text, shares as parts of 1, with the period they come from."""
    names = {client.pk: client.name for client in clients}
    whole = found.before.concentration.total
    return {
        "period": {
            "first": found.window.first.isoformat(),
            "last": found.window.last.isoformat(),
            "months": found.window.months,
            "currency": found.window.currency,
        },
        "policy": policy.pk if policy else None,
        "clients": [
            {
                "id": one.client,
                "name": names.get(one.client, ""),
                "revenue": _amount(one.revenue),
                "share": part(Fraction(max(one.revenue, Decimal(0))) / Fraction(whole)) if whole else None,
                "margin": _amount(one.margin),
            }
            for one in found.leaving
        ],
        "revenue_lost": _amount(found.revenue_lost),
        "share_lost": part(found.share_lost),
        "margin_lost": _amount(found.margin_lost),
        "known_margin_lost": _amount(found.known_margin_lost),
        "unknown_leaving": found.unknown_leaving,
        "fixed_costs": _amount(found.assumptions.fixed_costs),
        "reserve": _amount(found.assumptions.reserve),
        "at_most": _amount(found.at_most.shortfall),
        "before": _frozen(found.before),
        "after": _frozen(found.after),
    }  # fmt: skip


def _frozen(sums: Sums) -> dict[str, Any]:
    found = sums.concentration
    return {
        "revenue": _amount(sums.revenue),
        "margin": _amount(sums.margin),
        "unknown": sums.unknown,
        "margin_a_month": _amount(sums.cover.margin),
        "uncovered": _amount(sums.cover.shortfall),
        "runway": part(sums.cover.runway),
        "clients": found.clients,
        "first": part(found.first),
        "three": part(found.three),
        "ten": part(found.ten),
        "hhi": part(found.hhi),
        "effective": part(found.effective),
    }


def _amount(value: Decimal | Fraction | None) -> str | None:
    return _text(value, CENT)


def part(value: Fraction | None) -> str | None:
    """A part of 1, a number of months or an index as text, to the millionth."""
    return _text(value, PART)


def _text(value: Decimal | Fraction | None, places: Decimal) -> str | None:
    if value is None:
        return None
    exact = Fraction(value)
    return str(
        (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(places, ROUND_HALF_UP)
    )

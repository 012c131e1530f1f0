"""On whom the demo's company depends: fixed costs in the policy, and one question that the head has kept."""

from decimal import Decimal

from accounts.models import Client, User
from kam.demo.back_in_time import Clock
from kam.demo.dates import Days, at_work
from portfolio import leaving
from segmentation import concentration_figures, policies

FIXED_COSTS, RESERVE = Decimal(210_000), Decimal(600_000)


def enter(*, head: User, days: Days, clock: Clock) -> None:
    kept_on = days.ago(6)
    policy = policies.set_policy(
        by=head,
        reason="Fixed costs and reserve from the budget of the year.",
        fixed_costs=FIXED_COSTS,
        reserve=RESERVE,
        currency="EUR",
    )
    window = concentration_figures.default_window(today=kept_on)
    if window is None:
        return
    figures = concentration_figures.of(window, user=head)
    two = [one.client for one in figures.clients[:2]]
    scenario = leaving.keep(
        name="The two largest leave",
        note="Asked by the board: how long would the reserve last?",
        clients=list(Client.objects.visible_to(head).filter(pk__in=two)),
        window=window,
        assumptions=leaving.from_policy(policy, window),
        policy=policy,
        by=head,
        today=kept_on,
    )
    clock.created(policy, at_work(days.ago(30), days.chance))
    clock.created(scenario, at_work(kept_on, days.chance))

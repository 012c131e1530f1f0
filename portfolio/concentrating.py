"""How the page on concentration says its figures: bands in words, the curve and the trend as drawings."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.dates import MONTHS_3
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from accounts.models import User
from accounts.remembered import Standing
from accounts.templatetags.kam_format import month, number, share
from segmentation import concentration, concentration_figures, curves, policies
from segmentation.charts import Chart
from segmentation.concentration import Band, Concentration
from segmentation.concentration_figures import Figures, MonthEnd, Window
from segmentation.models import Policy

# (word, tone, icon): of the largest client's share, and of the index.
SHARE_BANDS: dict[Band, tuple[str | Promise, str, str]] = {
    Band.LOW: (pgettext_lazy("share of the largest client", "low"), "ok", "circle-check"),
    Band.MEDIUM: (pgettext_lazy("share of the largest client", "raised"), "warn", "alert-triangle"),
    Band.HIGH: (pgettext_lazy("share of the largest client", "high"), "bad", "alert-circle"),
}
INDEX_BANDS: dict[Band, tuple[str | Promise, str, str]] = {
    Band.LOW: (pgettext_lazy("concentration", "low"), "ok", "circle-check"),
    Band.MEDIUM: (pgettext_lazy("concentration", "moderate"), "warn", "alert-triangle"),
    Band.HIGH: (pgettext_lazy("concentration", "high"), "bad", "alert-circle"),
}


@dataclass(frozen=True)
class Tile:
    """A figure with its band, where it has one, and what the band was judged by."""

    key: str
    label: str
    value: str
    note: str = ""
    band: tuple[str | Promise, str, str] | None = None


@dataclass(frozen=True)
class Card:
    """What the portfolio says of concentration, and from which period."""

    window: Window
    tiles: list[Tile]


def card(user: User, *, today: datetime.date, standing: Standing | None = None) -> Card | None:
    """Of the last twelve full months; None without sales."""
    window = concentration_figures.default_window(today=today, standing=standing)
    if window is None:
        return None
    figures = concentration_figures.of(window, user=user, standing=standing)
    if not figures.curve:
        return None
    found, policy = figures.concentration, policies.current()
    shown = [
        Tile("first", _("Largest client"), share(found.first), "", share_band(found, policy)),
        Tile("three", _("First three"), share(found.three)),
        Tile("hhi", _("Herfindahl index"), number(found.hhi, 0), "", index_band(found, policy)),
    ]
    return Card(window, shown)


def share_band(figures: Concentration, policy: Policy) -> tuple[str | Promise, str, str] | None:
    found = concentration.band(
        None if figures.first is None else figures.first * 100,
        medium=policy.first_share_medium,
        high=policy.first_share_high,
    )
    return SHARE_BANDS[found] if found else None


def index_band(figures: Concentration, policy: Policy) -> tuple[str | Promise, str, str] | None:
    found = concentration.band(figures.hhi, medium=policy.hhi_medium, high=policy.hhi_high)
    return INDEX_BANDS[found] if found else None


def tiles(figures: Figures, policy: Policy, *, largest: str) -> list[Tile]:
    """`largest`: the name of the largest client."""
    found = figures.concentration
    limits = _("raised from %(medium)s, high from %(high)s") % {
        "medium": share(policy.first_share_medium / 100, 0),
        "high": share(policy.first_share_high / 100, 0),
    }
    index_limits = _("moderate from %(medium)s, high from %(high)s") % {
        "medium": number(policy.hhi_medium),
        "high": number(policy.hhi_high),
    }
    return [
        Tile("first", _("Largest client"), share(found.first), f"{largest}; {limits}", share_band(found, policy)),
        Tile("three", _("First three"), share(found.three)),
        Tile("ten", _("First ten"), share(found.ten)),
        Tile("hhi", _("Herfindahl index"), number(found.hhi, 0), index_limits, index_band(found, policy)),
        Tile(
            "effective",
            _("Effective number of clients"),
            number(found.effective, 1),
            ngettext("of %(number)s client with sales", "of %(number)s clients with sales", found.clients)
            % {"number": number(found.clients)},
        ),
    ]  # fmt: skip


def pareto(figures: Figures) -> Chart:
    said = [
        ngettext("%(number)s client brings %(part)s", "%(number)s clients bring %(part)s", clients)
        % {"number": number(clients), "part": share(part, 0)}
        for part, clients in figures.needed
        if clients
    ]
    return curves.pareto_chart(
        figures.curve,
        figures.needed,
        name="pareto-chart",
        title=_("Running share of the clients, largest first"),
        description="; ".join(said) + "." if said else "",
        axis=_("clients, largest first"),
    )


def shares_over_time(ends: Sequence[MonthEnd]) -> Chart:
    lines = [
        (pgettext("line of a chart", "first"), [end.figures.first for end in ends]),
        (pgettext("line of a chart", "three"), [end.figures.three for end in ends]),
        (pgettext("line of a chart", "ten"), [end.figures.ten for end in ends]),
    ]
    return curves.lines_chart(
        _labels(ends),
        lines,
        name="shares-chart",
        title=_("Shares of the first, the first three and the first ten"),
        description=_moved(ends, "ten"),
        as_shares=True,
    )


def index_over_time(ends: Sequence[MonthEnd]) -> Chart:
    return curves.lines_chart(
        _labels(ends),
        [(_("index"), [end.figures.hhi for end in ends])],
        name="index-chart",
        title=_("Herfindahl index"),
        description=_moved(ends, "hhi"),
    )


def _labels(ends: Sequence[MonthEnd]) -> list[str]:
    return [f"{MONTHS_3[end.month.month]} {end.month:%y}".capitalize() for end in ends]


def _moved(ends: Sequence[MonthEnd], name: str) -> str:
    """From the first month-end to the last, for who does not see the line."""
    known = [(end.month, getattr(end.figures, name)) for end in ends]
    known = [(on, value) for on, value in known if value is not None]
    if not known:
        return ""
    say = share if name != "hhi" else _whole
    (first, then), (last, now) = known[0], known[-1]
    return _("%(first)s: %(then)s; %(last)s: %(now)s.") % {
        "first": month(first),
        "then": say(then),
        "last": month(last),
        "now": say(now),
    }


def _whole(value: Fraction) -> str:
    return number(value, 0)

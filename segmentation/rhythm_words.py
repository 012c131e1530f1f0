"""The rule of a rhythm in a sentence, for pages and e-mails."""

import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.kam_format import day, number
from segmentation.models import Policy, Rhythm


def usual(rhythm: Rhythm) -> str:
    """ "orders every 12 days, give or take 4"; or that too few orders are known."""
    if rhythm.median_days is None:
        return ngettext(
            "%(number)s order: too few to know a rhythm",
            "%(number)s days with an order: too few to know a rhythm",
            rhythm.orders,
        ) % {"number": number(rhythm.orders)}
    whole = _whole(rhythm.median_days)
    if rhythm.spread_days:
        return ngettext(
            "orders every day, give or take %(spread)s",
            "orders every %(days)s days, give or take %(spread)s",
            whole,
        ) % {"days": number(rhythm.median_days), "spread": number(rhythm.spread_days)}
    return ngettext("orders every day", "orders every %(days)s days", whole) % {
        "days": number(rhythm.median_days)
    }


def silence(rhythm: Rhythm, *, today: datetime.date) -> str:
    """ "31 days without one"."""
    days = rhythm.silent_days(today)
    return ngettext("%(days)s day without one", "%(days)s days without one", days) % {
        "days": number(days)
    }


def said(rhythm: Rhythm, *, today: datetime.date) -> str:
    """ "orders every 12 days, give or take 4; 31 days without one"."""
    return f"{usual(rhythm)}; {silence(rhythm, today=today)}"


def rule(rhythm: Rhythm, policy: Policy) -> list[str]:
    """How the two limits came about, figure by figure; `policy` is the one the rhythm was worked out by."""
    if rhythm.median_days is None or rhythm.slips_on is None or rhythm.lost_on is None:
        return [
            ngettext(
                "A rhythm is known from %(number)s day with an order on.",
                "A rhythm is known from %(number)s days with an order on.",
                policy.rhythm_min_orders,
            )
            % {"number": number(policy.rhythm_min_orders)}
        ]
    words = {
        "usual": number(rhythm.median_days),
        "spread": number(rhythm.spread_days),
        "spreads": number(policy.slip_spreads),
        "by_spread": number(rhythm.median_days + policy.slip_spreads * rhythm.spread_days),
        "factor": number(policy.slip_factor),
        "by_factor": number(rhythm.median_days * policy.slip_factor),
        "slips_after": number((rhythm.slips_on - rhythm.last_on).days),
        "slips_on": day(rhythm.slips_on),
        "lost_factor": number(policy.lost_factor),
        "by_lost_factor": number(rhythm.median_days * policy.lost_factor),
        "lost_min": number(policy.lost_min_days),
        "lost_after": number((rhythm.lost_on - rhythm.last_on).days),
        "lost_on": day(rhythm.lost_on),
        "last_on": day(rhythm.last_on),
        "intervals": number(rhythm.orders - 1),
    }
    return [
        _(
            "Of its %(intervals)s intervals between days with an order, the one in the middle is %(usual)s days; half "
            "of all lie within %(spread)s days of it."
        )
        % words,
        _(
            "Slipping: the larger of %(usual)s + %(spreads)s × %(spread)s = %(by_spread)s and %(factor)s × %(usual)s = "
            "%(by_factor)s days after the last order of %(last_on)s, a part of a day counted as a whole one: "
            "%(slips_after)s days, from %(slips_on)s on."
        )
        % words,
        _(
            "Lost: the larger of %(lost_factor)s × %(usual)s = %(by_lost_factor)s and %(lost_min)s days, never before it "
            "slips: %(lost_after)s days, from %(lost_on)s on."
        )
        % words,
    ]


def _whole(days: Decimal) -> int:
    """The number that the plural goes by: of 1.5 days, that of two."""
    return 1 if days == 1 else max(2, int(days))

"""What to do with the clients of each of the nine cells.

After the usual reading of the ABC-XYZ matrix (Dickie 1951; Scholz-Reiter et al. 2012): the letter
of value says how much a client may cost us, the letter of rhythm says how well we can plan for it.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Recommendation(NamedTuple):
    do: str | Promise
    text: str | Promise


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

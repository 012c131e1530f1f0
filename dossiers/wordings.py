"""How a change of one field is said, where the general sentence (see `dossiers.telling`) would sound like a form.

Each wording is a whole sentence with places for %(entry)s (what the entry is called), %(before)s and
%(after)s. Keys: "new" (was empty), "gone" (is empty now), "up", "down", "to" (any other change, or each of
these without a wording of its own), "=value" (whatever it was before). Of our own score: "us up", "us down".
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossiers.models import (
    Action,
    BudgetLine,
    Competitor,
    Contract,
    Criterion,
    CriterionScore,
    Dossier,
    DossierRecord,
    Objective,
    Opportunity,
    Stakeholder,
    Tender,
    Tie,
    TimelineEntry,
)

_DUE: dict[str, str | Promise] = {
    "new": _("“%(entry)s” is now due on %(after)s."),
    "gone": _("“%(entry)s” has no due date any more; it was %(before)s."),
    "to": _("The due date of “%(entry)s” was moved from %(before)s to %(after)s."),
}
_STATE: dict[str, str | Promise] = {
    "=planned": _("“%(entry)s” is only planned again."),
    "=running": _("“%(entry)s” is under way."),
    "=done": _("“%(entry)s” is done."),
    "=dropped": _("“%(entry)s” was dropped."),
}

WORDINGS: dict[tuple[type[DossierRecord], str], dict[str, str | Promise]] = {
    (Dossier, "position"): {
        "new": _("The position of the relationship was filled in: “%(after)s”"),
        "gone": _("The position of the relationship was emptied; it said: “%(before)s”"),
        "to": _("The position of the relationship was “%(before)s” and is now “%(after)s”"),
    },
    # Stakeholders
    (Stakeholder, "name"): {"new": _("“%(entry_before)s” now has a name: %(after)s.")},
    (Stakeholder, "stance"): {
        "up": _("The stance of %(entry)s rose from “%(before)s” to “%(after)s”."),
        "down": _("The stance of %(entry)s fell from “%(before)s” to “%(after)s”."),
    },
    (Stakeholder, "loyalty"): {
        "up": _("The loyalty of %(entry)s rose from “%(before)s” to “%(after)s”."),
        "down": _("The loyalty of %(entry)s fell from “%(before)s” to “%(after)s”."),
    },
    (Stakeholder, "readiness"): {
        "up": _("The readiness of %(entry)s to sign rose from “%(before)s” to “%(after)s”."),
        "down": _("The readiness of %(entry)s to sign fell from “%(before)s” to “%(after)s”."),
    },
    (Stakeholder, "influence"): {
        "up": _("The influence of %(entry)s rose from %(before)s to %(after)s of 10."),
        "down": _("The influence of %(entry)s fell from %(before)s to %(after)s of 10."),
    },
    (Stakeholder, "reports_to"): {
        "new": _("%(entry)s reports to %(after)s."),
        "gone": _("%(entry)s does not report to %(before)s any more."),
        "to": _("%(entry)s now reports to %(after)s, before to %(before)s."),
    },
    (Stakeholder, "covered_by"): {
        "new": _("%(entry)s is now covered by %(after)s."),
        "gone": _("%(entry)s is not covered by anybody any more; before by %(before)s."),
        "to": _("%(entry)s is now covered by %(after)s, before by %(before)s."),
    },
    (Stakeholder, "last_met_on"): {
        "new": _("%(entry)s was met on %(after)s."),
        "to": _("%(entry)s was met on %(after)s; the time before was %(before)s."),
    },
    # The relationship
    (TimelineEntry, "resolved_on"): {"new": _("“%(entry)s” was resolved on %(after)s.")},
    (Tender, "outcome"): {
        "=open": _("The tender “%(entry)s” is open again."),
        "=won": _("The tender “%(entry)s” was won."),
        "=partly": _("The tender “%(entry)s” was won in part."),
        "=lost": _("The tender “%(entry)s” was lost."),
        "=cancelled": _("The tender “%(entry)s” was called off."),
    },
    (Tie, "strength"): {
        "up": _("The tie %(entry)s grew from “%(before)s” to “%(after)s”."),
        "down": _("The tie %(entry)s weakened from “%(before)s” to “%(after)s”."),
    },
    (Opportunity, "amount"): {
        "up": _("The revenue possible in %(entry)s went up from %(before)s to %(after)s."),
        "down": _("The revenue possible in %(entry)s went down from %(before)s to %(after)s."),
        "to": _("The revenue possible in %(entry)s was %(before)s and is now %(after)s."),
    },
    (Opportunity, "probability"): {
        "up": _("The probability of the revenue in %(entry)s rose from %(before)s to %(after)s."),
        "down": _("The probability of the revenue in %(entry)s fell from %(before)s to %(after)s."),
    },
    (BudgetLine, "amount"): {
        "up": _("Their budget for “%(entry)s” went up from %(before)s to %(after)s."),
        "down": _("Their budget for “%(entry)s” went down from %(before)s to %(after)s."),
    },
    (BudgetLine, "with_us"): {
        "up": _("Our part of “%(entry)s” went up from %(before)s to %(after)s."),
        "down": _("Our part of “%(entry)s” went down from %(before)s to %(after)s."),
    },
    (Contract, "ends_on"): {
        "new": _("The contract “%(entry)s” now has an end: %(after)s."),
        "gone": _("The contract “%(entry)s” is now open-ended; it was to end on %(before)s."),
        "to": _("The end of the contract “%(entry)s” was moved from %(before)s to %(after)s."),
    },
    (Contract, "value"): {
        "up": _("The value of the contract “%(entry)s” went up from %(before)s to %(after)s."),
        "down": _("The value of the contract “%(entry)s” went down from %(before)s to %(after)s."),
    },
    # Competitors
    (Competitor, "wallet_share"): {
        "up": _("The share of wallet of “%(entry)s” rose from %(before)s to %(after)s."),
        "down": _("The share of wallet of “%(entry)s” fell from %(before)s to %(after)s."),
    },
    (Criterion, "weight"): {
        "up": _("“%(entry)s” counts for more: its weight rose from %(before)s to %(after)s."),
        "down": _("“%(entry)s” counts for less: its weight fell from %(before)s to %(after)s."),
    },
    (CriterionScore, "score"): {
        "us up": _("Our score for “%(criterion)s” rose from %(before)s to %(after)s."),
        "us down": _("Our score for “%(criterion)s” fell from %(before)s to %(after)s."),
        "up": _("The score of “%(who)s” for “%(criterion)s” rose from %(before)s to %(after)s."),
        "down": _("The score of “%(who)s” for “%(criterion)s” fell from %(before)s to %(after)s."),
    },
    # Plan
    (Objective, "due_on"): _DUE,
    (Objective, "state"): _STATE,
    (Action, "due_on"): _DUE,
    (Action, "state"): _STATE,
    (Action, "joint"): {
        "=True": _("“%(entry)s” is now a joint initiative with the client."),
        "=False": _("“%(entry)s” is no joint initiative with the client any more."),
    },
    (Action, "owner"): {
        "new": _("“%(entry)s” now has an owner: %(after)s."),
        "gone": _("“%(entry)s” has no owner any more; it was %(before)s."),
        "to": _("“%(entry)s” passed from %(before)s to %(after)s."),
    },
}  # fmt: skip
# Where something is known from: the same for whatever it is.
OF_ALL: dict[str, dict[str, str | Promise]] = {
    "certainty": {
        "=fact": _("“%(entry)s” is now a fact; before it was an assumption."),
        "=assumption": _("“%(entry)s” is now an assumption; before it was a fact."),
    },
    "source": {
        "new": _("“%(entry)s” now has a source: “%(after)s”"),
        "gone": _("“%(entry)s” has no source any more; it was “%(before)s”"),
        "to": _("The source of “%(entry)s” was “%(before)s” and is now “%(after)s”"),
    },
}

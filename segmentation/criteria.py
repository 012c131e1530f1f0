"""The criteria of the selection as people read them, and those of the policy that holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation import scoring
from segmentation.models import Policy

NAMES: dict[str, str | Promise] = {
    "share": gettext_lazy("Share of revenue"),
    "growth": gettext_lazy("Growth potential"),
    "fit": gettext_lazy("Strategic fit"),
    "relationship": gettext_lazy("Relationship potential"),
    "influence": gettext_lazy("Market influence"),
    "profit": gettext_lazy("Profit"),
    "reliability": gettext_lazy("Reliability"),
    "length": gettext_lazy("Length of cooperation"),
    "new_ways": gettext_lazy("New ways of earning"),
    "reputation": gettext_lazy("Effect on our reputation"),
}
QUESTIONS: dict[str, str | Promise] = {
    "share": gettext_lazy("How much of our sales could it bring?"),
    "growth": gettext_lazy("Will it buy more of us in the years to come?"),
    "fit": gettext_lazy("Does it need what we want to be good at?"),
    "relationship": gettext_lazy("Does it want to work more closely with us?"),
    "influence": gettext_lazy("Do others in the market do as it does?"),
    "profit": gettext_lazy("Do we earn well on it?"),
    "reliability": gettext_lazy("Does it pay and call off as agreed?"),
    "length": gettext_lazy("How long have we worked together?"),
    "new_ways": gettext_lazy("Does it open ways of earning that we do not have yet?"),
    "reputation": gettext_lazy("What does it do for our name that it buys from us?"),
}
# What each score means, from 0 to 5: two people who look at the same shall come to the same figure.
_STEPS: dict[str, tuple[str | Promise, ...]] = {
    "fit": (
        gettext_lazy("needs what we want to give up"),
        gettext_lazy("needs little of what we do well"),
        gettext_lazy("fits in one product line"),
        gettext_lazy("fits in several"),
        gettext_lazy("fits what we want to grow with"),
        gettext_lazy("needs exactly what we want to be known for"),
    ),
    "relationship": (
        gettext_lazy("wants the lowest price and nothing else"),
        gettext_lazy("keeps us at a distance"),
        gettext_lazy("answers when we ask"),
        gettext_lazy("shares plans now and then"),
        gettext_lazy("plans with us"),
        gettext_lazy("wants to develop things together"),
    ),
    "influence": (
        gettext_lazy("nobody knows it"),
        gettext_lazy("known in its town"),
        gettext_lazy("known in its region"),
        gettext_lazy("known in its industry"),
        gettext_lazy("others ask what it does"),
        gettext_lazy("sets what its industry does"),
    ),
}
_ANY_STEPS = (
    gettext_lazy("speaks against it"),
    gettext_lazy("hardly anything"),
    gettext_lazy("a little"),
    gettext_lazy("fair"),
    gettext_lazy("much"),
    gettext_lazy("could not be better"),
)


@dataclass(frozen=True)
class Criterion:
    """One of the policy in force. `weight`: 0 to 100; `own_name`: of one that the house added itself."""

    key: str
    weight: Fraction
    own_name: str = ""

    @property
    def name(self) -> str:
        return self.own_name or str(NAMES.get(self.key, self.key))

    @property
    def question(self) -> str:
        return str(QUESTIONS.get(self.key, ""))

    @property
    def is_computed(self) -> bool:
        """Whether the sales tell it, where there are enough of them."""
        return self.key in scoring.COMPUTED

    @property
    def steps(self) -> list[tuple[int, str]]:
        """[(0, what 0 means), …]"""
        return [(score, str(words)) for score, words in enumerate(_STEPS.get(self.key, _ANY_STEPS))]


@dataclass(frozen=True)
class Rules:
    """What the selection goes by: the criteria with their weights, in order, and the other limits of the policy."""

    criteria: tuple[Criterion, ...]
    growth_months: int
    breadwinner_share: Fraction
    policy: Policy | None

    @property
    def weights(self) -> dict[str, Fraction]:
        return {one.key: one.weight for one in self.criteria}

    @property
    def weighty(self) -> list[Criterion]:
        return [one for one in self.criteria if one.weight]

    def of(self, key: str) -> Criterion | None:
        return next((one for one in self.criteria if one.key == key), None)

    def part(self, criterion: Criterion) -> Fraction:
        """Its part of 1 of all weights."""
        whole = sum(self.weights.values(), Fraction(0))
        return criterion.weight / whole if whole else Fraction(0)

    @property
    def version(self) -> str:
        """Which policy a total was computed by, in words."""
        if self.policy is None:
            return _("the usual ones, until a policy is set")
        return _("policy %(number)s") % {"number": self.policy.pk}


def rules(policy: Policy | None = None) -> Rules:
    """The rules of that policy, or of the one that holds; one query where none is given."""
    policy = policy or Policy.objects.current()
    standing = policy or Policy()
    return Rules(
        criteria=tuple(read(standing.criteria)),
        growth_months=standing.growth_months,
        breadwinner_share=Fraction(standing.breadwinner_share) / 100,
        policy=policy,
    )


def read(written: Iterable[Mapping[str, Any]]) -> list[Criterion]:
    """The criteria as a policy has them; without any, the five with the weights that hold at first.

    One of the five that a policy does not name is there with no weight: it can always be judged. Of the others that
    are known, those without a weight are not taken up; what was judged by one before is kept for the day when it is.
    """
    rows = [
        Criterion(str(row["key"]), Fraction(str(row["weight"])), str(row.get("name", "")))
        for row in written
    ]
    found = [one for one in rows if one.weight or one.key not in scoring.OTHERS]
    if not found:
        return [Criterion(key, Fraction(w)) for key, w in scoring.DEFAULT_WEIGHTS.items()]
    named = {one.key for one in found}
    return found + [
        Criterion(key, Fraction(0)) for key in scoring.DEFAULT_WEIGHTS if key not in named
    ]

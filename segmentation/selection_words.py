"""Totals and places of the selection in whole sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.kam_format import number, share
from segmentation import scoring
from segmentation.criteria import Criterion, Rules
from segmentation.ranking import Entry, Ranking, Scored
from segmentation.scoring import Place


def formula(entry: Entry, rules: Rules) -> str:
    """The weighted mean with its numbers: "(30 × 5 + 20 × 3) ÷ 50 = 4.2"."""
    known = [one for one in entry.by(rules.weighty) if one.score is not None]
    if entry.total.value is None:
        return _("No total: %(known)s of the weight is known, and half of it makes one.") % {
            "known": share(entry.total.known, 0)
        }
    sum_ = " + ".join(f"{number(one.criterion.weight)} × {one.score}" for one in known)
    weight = number(sum((one.criterion.weight for one in known), Fraction(0)))
    return f"({sum_}) ÷ {weight} = {number(entry.total.value, 2)}"


def known_words(entry: Entry) -> str:
    """On how much of the weight the total was judged; empty where on all of it."""
    if entry.total.is_complete:
        return ""
    return _("judged on %(known)s of the weight") % {"known": share(entry.total.known, 0)}


@dataclass(frozen=True)
class Verdict:
    """Whether the place among the first ten holds when single weights move. `look`: ok, warn or quiet."""

    words: str
    short: str
    look: str


def verdict(place: Place) -> Verdict | None:
    """None where there is no place, or nothing that could move."""
    if place.rank is None or not place.ranks:
        return None
    words = {"n": number(place.within), "all": number(len(place.ranks))}
    if place.is_first and place.is_firm:
        return Verdict(
            _("Stays in the first ten whichever weight is moved by a fifth."), _("firm"), "ok"
        )
    if place.is_first:
        return Verdict(
            _(
                "In the first ten in %(n)s of %(all)s variations only: with another weight it would drop out."
            )
            % words,
            _("%(n)s of %(all)s") % words,
            "warn",
        )
    if place.is_firm:
        return Verdict(
            _("Not in the first ten, whichever weight is moved by a fifth."),
            _("not in it"),
            "quiet",
        )
    return Verdict(
        _("Not in the first ten now, but in %(n)s of %(all)s variations it would be.") % words,
        _("%(n)s of %(all)s") % words,
        "warn",
    )


def ranks(place: Place) -> str:
    """ "2–5": the best and the worst rank in all variations; one figure where nothing moves it."""
    if place.rank is None:
        return ""
    if place.best == place.worst:
        return number(place.rank)
    return f"{number(place.best)}–{number(place.worst)}"


def deciding(place: Place, rules: Rules) -> str:
    """Which weight decides, as a sentence."""
    if place.rank is None or not place.ranks:
        return ""
    criterion = rules.of(place.deciding) if place.deciding else None
    if criterion is None:
        return _("No single weight moves it from its place.")
    return _("The weight of “%(criterion)s” decides most.") % {"criterion": criterion.name}


def place_words(place: Place, ranking: Ranking) -> str:
    if place.rank is None:
        return ""
    return _("Rank %(rank)s of %(all)s") % {
        "rank": number(place.rank),
        "all": number(ranking.ranked),
    }


def weights(rules: Rules) -> str:
    """The weights and where they come from, as a sentence."""
    listed = ", ".join(f"{one.name} {share(rules.part(one), 0)}" for one in rules.weighty)
    return _("Weights (%(policy)s): %(weights)s.") % {"policy": rules.version, "weights": listed}


def rule_of_list(largest: int) -> str:
    """Who stands on the list, said on the page."""
    return ngettext(
        "On the list: candidates, qualified prospects, whoever was judged, and the largest client by sales.",
        "On the list: candidates, qualified prospects, whoever was judged, and the %(number)s largest clients by sales.",
        largest,
    ) % {"number": number(largest)}


@dataclass(frozen=True)
class Line:
    """One criterion in the explanation of a total. `points`: weight × score ÷ the weight that is known."""

    scored: Scored
    criterion: Criterion
    part: Fraction
    points: Fraction | None


def lines(entry: Entry, rules: Rules) -> list[Line]:
    """Every criterion, also those without a weight: they can be judged."""
    known = sum(
        (one.criterion.weight for one in entry.by(rules.weighty) if one.score is not None),
        Fraction(0),
    )
    found = []
    for criterion in rules.criteria:
        scored = entry.scored[criterion.key]
        points = None
        if scored.score is not None and known and entry.total.value is not None:
            points = criterion.weight * scored.score / known
        found.append(Line(scored, criterion, rules.part(criterion), points))
    return found


@dataclass(frozen=True)
class Moved:
    """The ranks that a client would have with one weight a fifth smaller and a fifth larger."""

    criterion: Criterion
    less: int
    more: int
    is_deciding: bool
    part: Fraction
    part_less: Fraction
    part_more: Fraction


def moved(place: Place, rules: Rules) -> list[Moved]:
    """One line for each criterion that has a weight; none where the client has no rank."""
    if place.rank is None:
        return []
    varied: Sequence[scoring.Variation] = scoring.variations(rules.weights)
    whole = sum(rules.weights.values(), Fraction(0))
    found = []
    for at in range(0, len(varied), 2):
        less, more = varied[at], varied[at + 1]
        criterion = rules.of(less.criterion)
        assert criterion is not None
        found.append(
            Moved(
                criterion,
                place.ranks[at],
                place.ranks[at + 1],
                place.deciding == criterion.key,
                rules.part(criterion),
                less.weights[criterion.key] / whole,
                more.weights[criterion.key] / whole,
            )
        )
    return found

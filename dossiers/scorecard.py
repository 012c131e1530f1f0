"""The three scores in words: what each was computed from, with the numbers put in, and what would raise it.

Dossier quality, relationship and commercial stand side by side and are never added up.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.kam_format import change, day, money, number, share
from dossiers import scores
from dossiers.models import Dossier
from dossiers.pieces import BY_KEY, Piece
from dossiers.quality import Quality
from dossiers.scores import Ingredient, Known, Score


@dataclass(frozen=True)
class Line:
    """An ingredient as a row: what was found, and how many of 100 points that is ("" where not known)."""

    label: str
    weight: int
    points: str
    found: str


@dataclass(frozen=True)
class Step:
    """Something that raises a score, and where it is done; `gain` says by how much, in words."""

    words: str
    url: str
    gain: str = ""


@dataclass(frozen=True)
class Card:
    key: str
    title: str
    measures: str
    value: int | None
    formula: str
    lines: Sequence[Line]
    steps: Sequence[Step]


@dataclass(frozen=True)
class Cards:
    """All that the three scores are drawn from. Amounts are in `currency`, shares parts of 1."""

    dossier: Dossier
    quality: Quality
    known: Known
    revenue: Decimal | None
    revenue_before: Decimal | None
    growth: Decimal | None
    margin_share: Decimal | None
    currency: str
    regularity: str
    is_short_history: bool
    is_editable: bool
    today: datetime.date

    @property
    def state(self) -> tuple:
        sold = (self.revenue, self.revenue_before, self.growth, self.margin_share, self.currency)
        return (
            *("scores", self.dossier.pk, self.is_editable, self.today, self.quality.state),
            *(self.known, sold, self.regularity, self.is_short_history),
        )

    def contents(self) -> dict[str, Any]:
        return {"dossier": self.dossier, "is_editable": self.is_editable, "cards": self.all()}

    def all(self) -> list[Card]:
        return [self.of_quality(), self.of_relationship(), self.of_commerce()]

    @cached_property
    def relationship(self) -> Score:
        return scores.relationship(self.known)

    @cached_property
    def commercial(self) -> Score:
        return scores.commercial(
            self.known,
            revenue=self.revenue,
            currency=self.currency,
            growth=self.growth,
            margin_share=self.margin_share,
            regularity=self.regularity,
            is_short_history=self.is_short_history,
        )

    # ── The three ────────────────────────────────────────────────────────────────────────────

    def of_quality(self) -> Card:
        quality = self.quality
        return Card(
            key="quality",
            title=_("Dossier quality"),
            measures=_("How much of the dossier is written, and how much of that is confirmed."),
            value=quality.percent,
            formula=quality_formula(quality),
            lines=[
                Line(
                    _("Completeness"),
                    0,
                    number(quality.completeness),
                    ngettext(
                        "%(number)d part says nothing yet",
                        "%(number)d parts say nothing yet",
                        len(quality.missing),
                    )
                    % {"number": len(quality.missing)}
                    if quality.missing
                    else _("every part says something"),
                ),
                Line(
                    _("Freshness"),
                    0,
                    number(quality.freshness),
                    _("the part of it confirmed within 90 days"),
                ),
            ],
            steps=quality_steps(self.dossier, quality, is_editable=self.is_editable),
        )

    def of_relationship(self) -> Card:
        return self._card(
            self.relationship,
            title=_("Relationship"),
            measures=_("How close we are to the people who decide."),
        )

    def of_commerce(self) -> Card:
        return self._card(
            self.commercial,
            title=_("Commercial"),
            measures=_("What the client is worth to us in trade."),
        )

    def _card(self, score: Score, *, title: str, measures: str) -> Card:
        return Card(
            key=score.key,
            title=title,
            measures=measures,
            value=score.value,
            formula=formula(score),
            lines=[
                Line(
                    _LABELS[one.key](),
                    one.weight,
                    number(one.value, 0) if one.value is not None else "",
                    self._found(one.key),
                )
                for one in score.ingredients
            ],
            steps=[self._step(score, one) for one in score.to_raise],
        )

    # ── What was found ───────────────────────────────────────────────────────────────────────

    def _found(self, key: str) -> str:
        known = self.known
        match key:
            case "assessment":
                if known.assessed_on is None:
                    return _("never assessed")
                if known.assessed is None:
                    return _("the last one, of %(day)s, is older than a year") % {
                        "day": day(known.assessed_on)
                    }
                return _("%(score)d of 5, on %(day)s") % {
                    "score": known.assessed,
                    "day": day(known.assessed_on),
                }
            case "coverage":
                if not known.important:
                    return _("nobody with influence of 5 or more is known")
                return _(
                    "%(met)d of %(important)d people with influence of 5 or more, within 90 days"
                ) % {"met": known.met, "important": known.important}
            case "complaints":
                if not known.open_complaints and not known.noted:
                    return _("nothing was noted for a year")
                return (
                    ngettext(
                        "%(number)d open complaint",
                        "%(number)d open complaints",
                        known.open_complaints,
                    )
                    % {"number": known.open_complaints}
                    if known.open_complaints
                    else _("none open")
                )
            case "nps":
                if known.nps.score is None:
                    return _("no answers within twelve months")
                return ngettext(
                    "NPS %(score)d from %(number)d answer",
                    "NPS %(score)d from %(number)d answers",
                    known.nps.answers,
                ) % {"score": known.nps.score, "number": known.nps.answers}
            case "growth":
                if self.growth is None:
                    return _("no sales in the year before")
                return _("%(growth)s on the 12 months before") % {"growth": change(self.growth)}
            case "wallet":
                return self._wallet_found()
            case "regularity":
                if self.is_short_history:
                    return _("too short a history")
                return (
                    _("%(letter)s in the segmentation in force") % {"letter": self.regularity}
                    if self.regularity
                    else _("not segmented yet")
                )
            case _:
                if self.margin_share is None:
                    return _("the cost of some sales is unknown") if self.revenue else _("no sales")
                return _("%(share)s of the revenue") % {"share": share(self.margin_share)}

    def _wallet_found(self) -> str:
        known = self.known
        if known.budget:
            return _("%(part)s of their budget of %(year)s, %(amount)s") % {
                "part": share(Fraction(known.budget_with_us or 0) / Fraction(known.budget), 0),
                "year": known.budget_year,
                "amount": money(known.budget, known.budget_currency),
            }
        part = scores.wallet(known, revenue=self.revenue, currency=self.currency)
        if part is not None:
            return _("%(part)s of the revenue possible this year, %(amount)s") % {
                "part": share(part, 0),
                "amount": money(known.possible, known.possible_currency),
            }
        return _("neither their budget nor the possible revenue is written down")

    # ── What would raise it ──────────────────────────────────────────────────────────────────

    def _step(self, score: Score, one: Ingredient) -> Step:
        words, url = self._remedy(one)
        points = scores.gain(score, one)
        if points is None:
            said = _("not known yet; counts %(weight)d %% of the score") % {"weight": one.weight}
        else:
            said = _("up to +%(points)d") % {"points": points}
        return Step(words, url, said)

    def _remedy(self, one: Ingredient) -> tuple[str, str]:
        known, unknown = self.known, one.value is None
        match one.key:
            case "assessment":
                if unknown:
                    return _("Assess the relationship"), self._form("assessments")
                return _("Bring the relationship one level up: plan how"), self._form("actions")
            case "coverage":
                if unknown:
                    return _("Add the people who decide"), self._form("stakeholders")
                missed = known.important - known.met
                return (
                    ngettext(
                        "Meet or call %(number)d important person more",
                        "Meet or call %(number)d important people more",
                        missed,
                    )
                    % {"number": missed},
                    self._form("timeline"),
                )
            case "complaints":
                if unknown:
                    return _("Note the last interaction"), self._form("timeline")
                return _("Resolve what they complain of"), self._place("timeline")
            case "nps":
                if unknown:
                    return _("Ask them: would they recommend us?"), self._form("surveys")
                return _("Ask those who hold back what is missing"), self._place("surveys")
            case "growth":
                if unknown:
                    return _("Sales of two years make it known"), ""
                return _("Find what they could buy more of"), self._place("white-space")
            case "wallet":
                if unknown:
                    return _("Write down what they spend in our field"), self._form("budget")
                return _("Win more of their budget: see where it goes"), self._place("white-space")
            case "regularity":
                if unknown:
                    return _("The next segmentation makes it known"), ""
                return _("Agree on regular call-offs or a contract"), self._form("actions")
            case _:
                if unknown:
                    return _("Have the analyst import the cost of the sales"), ""
                return _("Raise the margin: mix, price, cost to serve"), self._form("actions")

    def _form(self, key: str) -> str:
        return form_url(self.dossier, BY_KEY[key]) if self.is_editable else self._place(key)

    def _place(self, key: str) -> str:
        return place_url(self.dossier, BY_KEY[key])


_LABELS = {
    "assessment": lambda: _("Assessment of the relationship"),
    "coverage": lambda: _("Contact with those who count"),
    "complaints": lambda: _("Complaints"),
    "nps": lambda: _("NPS"),
    "growth": lambda: _("Growth"),
    "wallet": lambda: _("Share of wallet"),
    "regularity": lambda: _("Regularity (XYZ)"),
    "margin": lambda: _("Margin"),
}


def formula(score: Score) -> str:
    """The weighted mean with its numbers: "(40 × 75 + 30 × 50) ÷ 70 = 64"."""
    known = [one for one in score.ingredients if one.value is not None]
    if score.value is None:
        return _("Not enough known: %(known)d %% of the weight, and half of it makes a score.") % {
            "known": score.known_weight
        }
    sum_ = " + ".join(f"{one.weight} × {number(one.value, 0)}" for one in known)
    return f"({sum_}) ÷ {score.known_weight} = {score.value}"


def quality_formula(quality: Quality) -> str:
    said = {
        "whole": quality.whole,
        "said": quality.said,
        "stale": _tenth(quality.stale),
        "percent": quality.percent,
    }
    if not quality.stale:
        return (
            _(
                "Of %(whole)d points for all parts, %(said)d are written and confirmed within 90 days: "
                "%(said)d ÷ %(whole)d = %(percent)d %%."
            )
            % said
        )
    return (
        _(
            "Of %(whole)d points for all parts, %(said)d are written. What nobody has confirmed for 90 days counts "
            "half, %(stale)s points of these: (%(said)d − %(stale)s ÷ 2) ÷ %(whole)d = %(percent)d %%."
        )
        % said
    )


def quality_steps(dossier: Dossier, quality: Quality, *, is_editable: bool) -> list[Step]:
    """The things that would raise the quality most, each with the link that does it."""
    steps = []
    for one in quality.raises:
        piece = one.piece
        gain = f"+{_tenth(one.points)}"
        if one.is_to_confirm:
            # Only what one has looked at can be confirmed: the button stands with it.
            words = _("Look at and confirm: %(part)s") % {"part": piece.label}
            steps.append(Step(words, place_url(dossier, piece), gain))
        else:
            url = form_url(dossier, piece, quality) if is_editable else place_url(dossier, piece)
            steps.append(Step(_("Write down: %(part)s") % {"part": piece.label}, url, gain))
    return steps


def _tenth(figure: Fraction) -> str:
    """To one decimal, and none where it is nought."""
    return number(Fraction(round(figure * 10), 10))


# ── Addresses ────────────────────────────────────────────────────────────────────────────────


def place_url(dossier: Dossier, piece: Piece) -> str:
    return f"{reverse('dossiers:section', args=[dossier.pk, piece.section])}#{piece.key}"


def form_url(dossier: Dossier, piece: Piece, quality: Quality | None = None) -> str:
    """The form itself: of a new entry, or of the sheet."""
    where = [dossier.pk, piece.section, piece.key]
    if not piece.is_sheet:
        return reverse("dossiers:add", args=where)
    sheet = quality.sheet_of(piece) if quality else None
    return reverse("dossiers:edit", args=[*where, sheet]) if sheet else place_url(dossier, piece)

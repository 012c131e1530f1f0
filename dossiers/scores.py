"""Two of the three scores, 0 to 100: the relationship with the client, and his worth in trade.

They stand beside the quality of the dossier (`dossiers.quality`) and are never merged with it or with each
other: a well kept dossier says nothing of the relationship, and a good relationship nothing of the sales.

Each score is the weighted mean of its ingredients, of those that are known. While less than half of the weight
is known, there is no score: "not enough known" is an answer. The weights and the scales are ours, and every
page that shows a score shows them too.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.db import connection

from dossiers import surveys
from dossiers.models import Dossier
from dossiers.models.record import STALE_AFTER_DAYS
from dossiers.surveys import Nps

# What a score needs to be one: so much of its weight, in hundredths.
ENOUGH = 50
TO_RAISE = 3

# Influence from which a stakeholder is important (as in `dossiers.gaps`).
IMPORTANT_FROM = 5
# An assessment older than this says nothing of today.
ASSESSMENT_HOLDS = datetime.timedelta(days=365)
OFF_PER_COMPLAINT = 50
# Where the scales of growth and of margin end.
GROWTH_SCALE = Fraction(1, 5)
MARGIN_SCALE = Fraction(3, 10)
REGULARITY = {"X": Fraction(100), "Y": Fraction(50), "Z": Fraction(0)}


@dataclass(frozen=True)
class Ingredient:
    """`value`: 0 to 100, None where it is not known; `weight`: in hundredths of the whole."""

    key: str
    weight: int
    value: Fraction | None


@dataclass(frozen=True)
class Score:
    key: str
    ingredients: tuple[Ingredient, ...]

    @cached_property
    def known_weight(self) -> int:
        return sum(one.weight for one in self.ingredients if one.value is not None)

    @cached_property
    def value(self) -> int | None:
        """None while less than half of the weight is known."""
        whole = sum(one.weight for one in self.ingredients)
        if self.known_weight * 100 < ENOUGH * whole:
            return None
        total = sum(
            (one.weight * one.value for one in self.ingredients if one.value is not None),
            Fraction(0),
        )
        return int(total / self.known_weight + Fraction(1, 2))

    @cached_property
    def to_raise(self) -> list[Ingredient]:
        """What would raise it most: what is not known first, then what is furthest from full marks, by weight."""
        found = [one for one in self.ingredients if one.value is None or one.value < 100]
        found.sort(
            key=lambda one: (
                one.value is not None,
                -one.weight * (100 - (one.value if one.value is not None else 0)),
            )
        )
        return found[:TO_RAISE]


# ── The scales ───────────────────────────────────────────────────────────────────────────────


def of_assessment(score: int | None) -> Fraction | None:
    """1 to 5 on a scale of 0 to 100."""
    return None if score is None else Fraction((score - 1) * 100, 4)


def of_coverage(met: int, important: int) -> Fraction | None:
    return Fraction(met * 100, important) if important else None


def of_complaints(number: int, *, is_noted: bool) -> Fraction | None:
    """None open is full marks, but only where somebody keeps notes at all."""
    if not number and not is_noted:
        return None
    return Fraction(max(0, 100 - OFF_PER_COMPLAINT * number))


def of_nps(nps: Nps) -> Fraction | None:
    """−100 to 100 on a scale of 0 to 100."""
    return None if nps.score is None else Fraction(nps.score + 100, 2)


def of_growth(growth: Decimal | None) -> Fraction | None:
    """A fifth less than the year before is nothing, as much is half, a fifth more is full marks."""
    if growth is None:
        return None
    return _between(Fraction(growth) + GROWTH_SCALE, GROWTH_SCALE * 2)


def of_wallet(part: Decimal | Fraction | None) -> Fraction | None:
    """Our part of what they spend, a part of 1."""
    return None if part is None else _between(Fraction(part), Fraction(1))


def of_regularity(letter: str, *, is_short_history: bool = False) -> Fraction | None:
    return None if is_short_history else REGULARITY.get(letter)


def of_margin(share: Decimal | None) -> Fraction | None:
    """Of the revenue, a part of 1; three tenths and more are full marks."""
    return None if share is None else _between(Fraction(share), MARGIN_SCALE)


def _between(part: Fraction, whole: Fraction) -> Fraction:
    return max(Fraction(0), min(Fraction(100), part * 100 / whole))


# ── What they are computed from ──────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Known:
    """What the dossier says, in one query; amounts of the budget are those of its newest year."""

    assessed: int | None
    assessed_on: datetime.date | None
    important: int
    met: int
    open_complaints: int
    noted: int
    nps: Nps
    budget_year: int | None
    budget_currency: str
    budget: Decimal | None
    budget_with_us: Decimal | None
    possible: Decimal | None
    possible_currency: str


def known(dossier: Dossier, *, today: datetime.date) -> Known:
    """Of a dossier that the person may read; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"dossier": dossier.pk, **_limits(today)})
        return _read(cursor.fetchone(), today)


def known_of(dossiers: Sequence[int], *, today: datetime.date) -> dict[int, Known]:
    """The same of several dossiers that the person may read, by their keys; one query."""
    each = _KNOWN.replace("%(dossier)s", "asked.id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT asked.id, said.* FROM unnest(%(dossiers)s::bigint[]) AS asked(id) CROSS JOIN LATERAL ({each}) AS"
            " said(score, assessed_on, important, met, complaints, noted, answers, promoters, detractors, year,"
            " budget_in, budget, with_us, possible, possible_in)",
            {"dossiers": list(dossiers), **_limits(today)},
        )
        return {pk: _read(row, today) for pk, *row in cursor.fetchall()}


def _limits(today: datetime.date) -> dict[str, datetime.date | int]:
    return {
        "today": today,
        "fresh": today - datetime.timedelta(days=STALE_AFTER_DAYS),
        "since": surveys.year_before(today),
        "important": IMPORTANT_FROM,
        "promoters": surveys.PROMOTERS_FROM,
        "detractors": surveys.DETRACTORS_TO,
    }


def _read(row: Sequence, today: datetime.date) -> Known:
    score, assessed_on, important, met, complaints, noted, *rest = row
    answers, promoters, detractors, year, budget_in, budget, with_us, possible, possible_in = rest
    if assessed_on is None or assessed_on <= today - ASSESSMENT_HOLDS:
        score = None
    return Known(
        score,
        assessed_on,
        important,
        met,
        complaints,
        noted,
        Nps(answers, promoters, detractors),
        year,
        budget_in or "",
        budget,
        with_us,
        possible,
        possible_in or "",
    )


_KNOWN = """
    SELECT a.score, a.assessed_on, s.important, s.met, t.complaints, t.noted,
           n.answers, n.promoters, n.detractors, b.year, b.currency, b.amount, b.with_us, o.amount, o.currency
    FROM (
        SELECT count(*) AS important,
               count(*) FILTER (WHERE p.name <> '' AND (
                   p.last_met_on BETWEEN %(fresh)s AND %(today)s
                   OR EXISTS (
                       SELECT 1 FROM dossiers_timelineentry e
                       WHERE e.dossier_id = %(dossier)s AND e.stakeholder_id = p.id
                             AND e.kind IN ('meeting', 'call', 'feedback')
                             AND e.happened_on BETWEEN %(fresh)s AND %(today)s
                   )
               )) AS met
        FROM dossiers_stakeholder p WHERE p.dossier_id = %(dossier)s AND p.influence >= %(important)s
    ) AS s
    CROSS JOIN (
        SELECT count(*) FILTER (
                   WHERE kind = 'complaint' AND happened_on <= %(today)s
                         AND (resolved_on IS NULL OR resolved_on > %(today)s)
               ) AS complaints,
               count(*) FILTER (WHERE happened_on > %(since)s) AS noted
        FROM dossiers_timelineentry WHERE dossier_id = %(dossier)s
    ) AS t
    CROSS JOIN (
        SELECT count(*) AS answers, count(*) FILTER (WHERE score >= %(promoters)s) AS promoters,
               count(*) FILTER (WHERE score <= %(detractors)s) AS detractors
        FROM dossiers_surveyanswer
        WHERE dossier_id = %(dossier)s AND kind = 'nps' AND answered_on > %(since)s AND answered_on <= %(today)s
    ) AS n
    LEFT JOIN (
        SELECT score, assessed_on FROM dossiers_assessment
        WHERE dossier_id = %(dossier)s AND assessed_on <= %(today)s ORDER BY assessed_on DESC, id DESC LIMIT 1
    ) AS a ON true
    LEFT JOIN (
        SELECT year, currency, sum(amount) AS amount, sum(with_us) AS with_us
        FROM dossiers_budgetline WHERE dossier_id = %(dossier)s AND year <= extract(year FROM %(today)s::date)
        GROUP BY year, currency HAVING sum(amount) > 0 ORDER BY year DESC, sum(amount) DESC LIMIT 1
    ) AS b ON true
    LEFT JOIN (
        SELECT amount, currency FROM dossiers_opportunity
        WHERE dossier_id = %(dossier)s AND year_number = 1 AND amount > 0
    ) AS o ON true
"""


def relationship(known: Known) -> Score:
    return Score(
        "relationship",
        (
            Ingredient("assessment", 40, of_assessment(known.assessed)),
            Ingredient("coverage", 30, of_coverage(known.met, known.important)),
            Ingredient(
                "complaints", 15, of_complaints(known.open_complaints, is_noted=known.noted > 0)
            ),
            Ingredient("nps", 15, of_nps(known.nps)),
        ),
    )


def wallet(known: Known, *, revenue: Decimal | None, currency: str) -> Fraction | None:
    """Our share of their budget; where that is not written down, of the revenue possible this year."""
    if known.budget:
        return Fraction(known.budget_with_us or 0) / Fraction(known.budget)
    if known.possible and revenue is not None and currency == known.possible_currency:
        return max(Fraction(0), Fraction(revenue) / Fraction(known.possible))
    return None


def commercial(
    known: Known,
    *,
    revenue: Decimal | None,
    currency: str,
    growth: Decimal | None,
    margin_share: Decimal | None,
    regularity: str,
    is_short_history: bool,
) -> Score:
    """From the sales of twelve months; `regularity` is the XYZ letter of the run in force, "" without one."""
    return Score(
        "commercial",
        (
            Ingredient("growth", 30, of_growth(growth)),
            Ingredient("wallet", 30, of_wallet(wallet(known, revenue=revenue, currency=currency))),
            Ingredient(
                "regularity", 20, of_regularity(regularity, is_short_history=is_short_history)
            ),
            Ingredient("margin", 20, of_margin(margin_share)),
        ),
    )


def gain(score: Score, ingredient: Ingredient) -> int | None:
    """By how many points the score would grow with full marks for the ingredient; None where it is not known yet."""
    if ingredient.value is None or score.value is None:
        return None
    return round(ingredient.weight * (100 - ingredient.value) / score.known_weight)

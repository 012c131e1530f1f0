"""How much of the sales hangs on a few clients: arithmetic only, exact.

Everything is counted from the clients' totals of one period and one currency. Only totals above nought count,
as in the ABC analysis: a client who returned more than he bought holds no share of what was sold.

Concentration ratio CR(k): the sum of the shares of the k largest (Bain, "Industrial Organization", 1959).

Herfindahl–Hirschman index: the sum of the squares of the shares in per cent, 10,000 · Σ xᵢ² ⁄ (Σ xᵢ)²; from
nearly 0, where all are small, to 10,000 with one client alone (Hirschman, "The Paternity of an Index",
American Economic Review 54, 1964, who names Herfindahl's work of 1950).

Effective number of clients, 10,000 ⁄ HHI: so many of equal size would give the same index (the "numbers
equivalent": Adelman, "Comment on the H Concentration Measure", Review of Economics and Statistics 51, 1969).

The usual bands of the index, moderate from 1,000 and high above 1,800, are those of the Merger Guidelines
of the US Department of Justice and the Federal Trade Commission of 2023 (Guideline 1). They were made for
markets; here they are a yardstick and no more.

What if they leave: the margin of the others goes on, the fixed costs stay. What they leave uncovered each month
is paid from the reserve, as long as it lasts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

WHOLE = 10_000
# Of how much of the sales one asks how many clients bring it.
PARTS = (Fraction(1, 2), Fraction(4, 5), Fraction(19, 20))


class Band(Enum):
    """How high a figure stands, by two limits."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def band(figure: Fraction | Decimal | None, *, medium: Decimal, high: Decimal) -> Band | None:
    """A figure on a limit belongs to the band that begins there. None of None."""
    if figure is None:
        return None
    exact = Fraction(figure)
    if exact >= Fraction(high):
        return Band.HIGH
    return Band.MEDIUM if exact >= Fraction(medium) else Band.LOW


@dataclass(frozen=True)
class Concentration:
    """Sums over the clients with a positive total: how many, all of it, the sum of the squares, the largest ones."""

    clients: int
    total: Decimal
    squares: Decimal
    largest: Decimal
    three_largest: Decimal
    ten_largest: Decimal

    @property
    def first(self) -> Fraction | None:
        """Share of the largest client, a part of 1; None where nothing was sold."""
        return self._share(self.largest)

    @property
    def three(self) -> Fraction | None:
        return self._share(self.three_largest)

    @property
    def ten(self) -> Fraction | None:
        return self._share(self.ten_largest)

    @property
    def hhi(self) -> Fraction | None:
        """Above 0, up to 10,000; None where nothing was sold."""
        if not self.total:
            return None
        return WHOLE * Fraction(self.squares) / Fraction(self.total) ** 2

    @property
    def effective(self) -> Fraction | None:
        """So many clients of equal size would give the same index."""
        return WHOLE / self.hhi if self.hhi else None

    def _share(self, part: Decimal) -> Fraction | None:
        return Fraction(part) / Fraction(self.total) if self.total else None


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, with no digit lost: decimal arithmetic alone would round after its 28th."""
    return as_decimal(sum(map(Fraction, amounts), Fraction(0)))


def as_decimal(number: Fraction) -> Decimal:
    """A finite decimal fraction as what it is. Raises ValueError for one that has no end, such as a third."""
    places, denominator = 0, number.denominator
    while denominator % 10 == 0:
        denominator //= 10
        places += 1
    while denominator != 1:
        if denominator % 2 and denominator % 5:
            raise ValueError(f"{number} has no finite decimal")
        denominator //= 2 if denominator % 2 == 0 else 5
        places += 1
    digits = number * 10**places
    sign = 1 if digits < 0 else 0
    return Decimal((sign, tuple(map(int, str(abs(digits.numerator)))), -places))


def of(totals: Iterable[Decimal]) -> Concentration:
    """From the clients' totals, in any order."""
    ranked = sorted((total for total in totals if total > 0), reverse=True)
    return Concentration(
        clients=len(ranked),
        total=exact_sum(ranked),
        squares=as_decimal(sum((Fraction(total) ** 2 for total in ranked), Fraction(0))),
        largest=exact_sum(ranked[:1]),
        three_largest=exact_sum(ranked[:3]),
        ten_largest=exact_sum(ranked[:10]),
    )


def pareto(totals: Iterable[Decimal]) -> list[Fraction]:
    """Place k holds the share of the k + 1 largest together, a part of 1; the last is 1."""
    ranked = sorted((Fraction(total) for total in totals if total > 0), reverse=True)
    whole = sum(ranked, Fraction(0))
    running, curve = Fraction(0), []
    for total in ranked:
        running += total
        curve.append(running / whole)
    return curve


def needed(curve: Sequence[Fraction], part: Fraction) -> int | None:
    """How many of the largest clients bring that part of 1; None where nothing was sold."""
    for place, share in enumerate(curve, 1):
        if share >= part:
            return place
    return None


# ── What if they leave ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Cover:
    """What the margin of those who stay leaves uncovered.

    `margin`: theirs a month; `shortfall`: fixed costs less that margin, never below nought, a month. None where
    what it needs is not known.
    """

    margin: Fraction | None
    shortfall: Fraction | None
    runway: Fraction | None

    @property
    def is_covered(self) -> bool:
        return self.shortfall == 0


def cover(
    *,
    margin: Decimal | None,
    months: int,
    fixed_costs: Decimal | None,
    reserve: Decimal | None,
) -> Cover:
    """`margin`: of those who stay, over so many `months`; `fixed_costs` are of one month.

    `runway`: reserve ⁄ shortfall, in months; 0 where there is no reserve, None while all is covered or where the
    shortfall or the reserve is not known. A margin below nought makes the shortfall greater than the costs.
    """
    if months < 1:
        raise ValueError("a period has at least one month")
    monthly = None if margin is None else Fraction(margin) / months
    if monthly is None or fixed_costs is None:
        return Cover(monthly, None, None)
    shortfall = max(Fraction(0), Fraction(fixed_costs) - monthly)
    if not shortfall or reserve is None:
        return Cover(monthly, shortfall, None)
    return Cover(monthly, shortfall, max(Fraction(0), Fraction(reserve)) / shortfall)

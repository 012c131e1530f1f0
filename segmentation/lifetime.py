"""How long a client stays and what he is worth while he does: arithmetic only, exact.

Retention is, in the books, the share of those who could have left and did not (Farris, Bendle, Pfeifer and
Reibstein, "Marketing Metrics", 2010). Of one client one cannot count clients, so his months are counted: of
the months of the year before in which he bought, those in which he bought again a year later. Comparing a
month with the same month of the year before is fair to clients who buy by the season.

Twelve months of twelve do not promise that a client stays for ever. For the years to come retention is
therefore counted with one month kept and one month lost added (the rule of succession, Laplace 1774), so
that few months tell less than many.

The lifetime value is the margin of a year that is kept with retention `r` each year and discounted by `i`
(Gupta and Lehmann, "Customers as Assets", 2003): m · r / (1 + i − r).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Retention:
    """`kept` of the `had` months with purchases a year before had purchases again."""

    kept: int
    had: int

    @property
    def share(self) -> Fraction:
        """A part of 1."""
        return Fraction(self.kept, self.had)

    @property
    def expected(self) -> Fraction:
        """What is expected of the coming years, a part of 1; never quite 0 and never quite 1."""
        return Fraction(self.kept + 1, self.had + 2)


def retention(before: Sequence[bool], now: Sequence[bool]) -> Retention | None:
    """From which months had purchases, a year before and now, the same months in the same order.

    None where nothing was bought the year before: then nothing could be kept.
    """
    if len(before) != len(now):
        raise ValueError("both years have to hold the same months")
    had = sum(map(bool, before))
    if not had:
        return None
    return Retention(sum(then and again for then, again in zip(before, now, strict=True)), had)


def years_worth(retention: Fraction, discount: Fraction) -> Fraction:
    """How many times its yearly margin a client is worth: r / (1 + i − r). Both are parts of 1, i above 0."""
    if not 0 <= retention <= 1 or discount <= 0:
        raise ValueError("retention lies between 0 and 1, the discount rate above 0")
    return retention / (1 + discount - retention)


def lifetime_value(margin: Decimal, retention: Fraction, discount: Fraction) -> Decimal:
    """In the currency of the yearly margin, to the cent. A margin below nought makes it a loss."""
    factor = years_worth(retention, discount)
    return (margin * factor.numerator / factor.denominator).quantize(Decimal("0.01"))

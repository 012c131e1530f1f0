"""ABC-XYZ: which clients bring the sales, and how evenly they buy.

Pure arithmetic, exact throughout: no floats, because a total that is zero ±1e-9 changes its class
and a client with 10 of 12 active months stands exactly on a limit.

ABC (Dickie 1951, after Pareto): clients in the order of their totals, the largest first; a client
belongs to A while the share of those *before* it is under the first limit, to B while it is under
the second, else to C. So the first client is always A, also when it alone brings 90 %. The
denominator is the sum of the *positive* totals. A client whose total is zero or less is C and Z.

XYZ by coefficient of variation: population standard deviation ÷ mean of the monthly nets over the
whole period, empty months counted as 0 and negative months as they are; X up to the first limit
(inclusive), Y up to the second, else Z.

XYZ by frequency: active months ÷ months of the period, where a month is active with at least one
line of positive amount; X from the first limit on (inclusive), Y from the second, else Z.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Context, Decimal, Inexact, Overflow, localcontext
from fractions import Fraction
from typing import NamedTuple

# Additions and products of money are exact at this precision or raise: never a silent rounding.
EXACT = Context(prec=400, traps=[Inexact, Overflow])

# For what is kept and shown: shares to 12 places, coefficients to 9.
ROUNDED = Context(prec=45)
SHARE_STEP = Decimal("1e-12")
CV_STEP = Decimal("1e-9")


class LimitsOutOfOrder(ValueError):
    pass


class Figures(NamedTuple):
    """What classification needs of one client: the sums over the months of the period.

    `total` is the sum of the monthly nets and `squares` the sum of their squares, both exact
    (Decimal or int); empty months add nothing to either.
    """

    key: str
    total: Decimal
    squares: Decimal
    active_months: int


class Classified(NamedTuple):
    key: str
    rank: int
    abc: str
    xyz: str
    total: Decimal
    share_before: Decimal
    share: Decimal
    cv: Decimal | None
    active_months: int


def figures(key: str, months: Sequence[Decimal | int], active_months: int) -> Figures:
    """The sums of one client's monthly vector."""
    with localcontext(EXACT):
        exact = [Decimal(net) for net in months]
        return Figures(
            key, sum(exact, Decimal()), sum((net * net for net in exact), Decimal()), active_months
        )


_DIGITS = re.compile(r"(\d+)")


def natural_order(key: str) -> tuple:
    """Numbers inside ids compare as numbers: C9 before C10, 9999 before 12346."""
    if key.isdecimal():
        return ("", (int(key), len(key)), "")
    parts = _DIGITS.split(key)
    # Odd places hold digits, even places the text between them; so like always meets like.
    return (*((int(part), len(part)) if place % 2 else part for place, part in enumerate(parts)),)


def classify(
    clients: Iterable[Figures],
    *,
    months: int,
    abc: tuple[Decimal | Fraction | int, Decimal | Fraction | int] = (80, 95),
    xyz: str = "cv",
    limits: tuple[Fraction, Fraction] = (Fraction(1, 10), Fraction(1, 4)),
) -> list[Classified]:
    """All clients in ABC order: total descending, equal totals by key ascending in natural order.

    `months` is the length of the period, `abc` are percentages, `limits` parts of 1. Shares are
    rounded to 12 places and coefficients to 9 for keeping and showing; every comparison is made
    on the exact values. Raises LimitsOutOfOrder.
    """
    first, second = (Fraction(limit) / 100 for limit in abc)
    if not 0 < first < second <= 1:
        raise LimitsOutOfOrder("ABC limits have to rise and lie between 0 and 100 per cent")
    judge = (_by_variation if xyz == "cv" else _by_frequency)(months, *map(Fraction, limits))
    # Two stable sorts: by key first, so that equal totals keep that order.
    ordered = sorted(clients, key=lambda client: natural_order(client.key))
    ordered.sort(key=lambda client: client.total, reverse=True)
    with localcontext(EXACT):
        whole = sum((client.total for client in ordered if client.total > 0), Decimal())
    a_until, b_until = _bound(first, whole), _bound(second, whole)
    rows, before = [], Decimal()
    share_before = _share(before, whole)
    with localcontext(EXACT):
        for rank, (key, total, squares, active) in enumerate(ordered, 1):
            share = _share(total, whole)
            if total > 0:
                abc_letter = "A" if a_until(before) else "B" if b_until(before) else "C"
                xyz_letter, cv = judge(total, squares, active)
                rows.append(
                    Classified(
                        key, rank, abc_letter, xyz_letter, total, share_before, share, cv, active
                    )
                )
                before += total
                share_before = _share(before, whole)
            else:
                rows.append(
                    Classified(key, rank, "C", "Z", total, share_before, share, None, active)
                )
    return rows


def _bound(limit: Fraction, whole: Decimal) -> Callable[[Decimal], bool]:
    """Whether what came before is still under the limit: before ÷ whole < limit, without dividing."""
    with localcontext(EXACT):
        top = limit.numerator * whole
    denominator = limit.denominator
    return lambda before: before * denominator < top


def _by_variation(
    months: int, x: Fraction, y: Fraction
) -> Callable[..., tuple[str, Decimal | None]]:
    """cv² = N·Σx² ÷ (Σx)² − 1, so cv ≤ p/q exactly when N·Σx²·q² ≤ (p² + q²)·(Σx)²."""
    if not 0 <= x <= y:
        raise LimitsOutOfOrder("limits of the coefficient of variation have to rise")
    x_left, x_right = x.denominator**2, x.numerator**2 + x.denominator**2
    y_left, y_right = y.denominator**2, y.numerator**2 + y.denominator**2

    def judge(total: Decimal, squares: Decimal, active: int) -> tuple[str, Decimal | None]:
        spread, mean = months * squares, total * total
        if spread * x_left <= x_right * mean:
            letter = "X"
        elif spread * y_left <= y_right * mean:
            letter = "Y"
        else:
            letter = "Z"
        return letter, _coefficient(spread, mean)

    return judge


def _by_frequency(
    months: int, x: Fraction, y: Fraction
) -> Callable[..., tuple[str, Decimal | None]]:
    if not 0 <= y <= x <= 1:
        raise LimitsOutOfOrder("limits of frequency have to fall and lie between 0 and 1")
    # The smallest number of active months that reaches the limit.
    x_from, y_from = (
        -(-x.numerator * months // x.denominator),
        -(-y.numerator * months // y.denominator),
    )

    def judge(total: Decimal, squares: Decimal, active: int) -> tuple[str, Decimal | None]:
        letter = "X" if active >= x_from else "Y" if active >= y_from else "Z"
        return letter, _coefficient(months * squares, total * total)

    return judge


def _coefficient(spread: Decimal, mean: Decimal) -> Decimal:
    """√(spread ÷ mean − 1), for keeping and showing; the letter was decided without it."""
    ratio = ROUNDED.divide(spread - mean, mean)
    return ROUNDED.quantize(ROUNDED.sqrt(ratio), CV_STEP)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return ROUNDED.quantize(ROUNDED.divide(part, whole), SHARE_STEP) if whole else Decimal(0)

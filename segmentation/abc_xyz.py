"""ABC-XYZ: which clients bring the sales, and how evenly they buy.

Pure arithmetic, exact throughout: no floats, because a total that is zero ±1e-9 changes its class
and a client with 10 of 12 active months stands exactly on a limit. Decimals are first scaled to
integers by one power of ten, which changes no comparison; every decision is then one of integers.

ABC (Dickie 1951, after Pareto): clients in the order of their totals, the largest first; a client
belongs to A while the share of those *before* it is under the first limit, to B while it is under
the second, else to C. So the first client is always A, also when it alone brings 90 %. The
denominator is the sum of the *positive* totals. A client whose total is zero or less is C and Z.
The limits are given, or computed from the totals themselves (see abc_computed).

XYZ by coefficient of variation: population standard deviation ÷ mean of the nets of the periods,
empty periods counted as 0 and negative ones as they are; X up to the first limit (inclusive), Y up
to the second, else Z.

XYZ by frequency: active periods ÷ all periods of the window, where a period is active with at least
one line of positive amount; X from the first limit on (inclusive), Y from the second, else Z.

N instead of X, Y or Z: too short a history, fewer periods since the first sale than are asked for.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Context, Decimal, Inexact, Overflow, localcontext
from fractions import Fraction
from itertools import groupby
from math import isqrt
from typing import NamedTuple, cast

from segmentation import abc_computed

# Additions and products of money are exact at this precision or raise: never a silent rounding.
EXACT = Context(prec=400, traps=[Inexact, Overflow])

# For what is kept and shown: shares to 12 places, coefficients to 9.
SHARE_PLACES = 12
CV_PLACES = 9

CV = "cv"
FREQUENCY = "frequency"
COMPUTED = "computed"
TOO_SHORT = "N"

Limits = tuple[Fraction, Fraction]
USUAL: dict[str, Limits] = {
    CV: (Fraction(1, 10), Fraction(1, 4)),
    FREQUENCY: (Fraction(10, 12), Fraction(5, 12)),
}


class LimitsOutOfOrder(ValueError):
    pass


class Figures(NamedTuple):
    """What classification needs of one client: the sums over the periods of the window.

    `total` is the sum of the nets and `squares` the sum of their squares, both exact (Decimal, or
    integers of one scale); empty periods add nothing to either. `history` counts the periods since
    the first sale; None is long enough.
    """

    key: str
    total: Decimal | int
    squares: Decimal | int
    active: int
    history: int | None = None


class _Whole(NamedTuple):
    """Figures as integers of one scale."""

    key: str
    total: int
    squares: int
    active: int
    history: int | None


class Classified(NamedTuple):
    """Shares are integers of 10⁻¹², the coefficient of 10⁻⁹ (None where the total is not positive)."""

    key: str
    rank: int
    abc: str
    xyz: str
    xyz_cv: str
    xyz_frequency: str
    total: int
    share_before_e12: int
    share_e12: int
    cv_e9: int | None
    active: int

    @property
    def share_before(self) -> Decimal:
        return Decimal(self.share_before_e12).scaleb(-SHARE_PLACES, EXACT)

    @property
    def share(self) -> Decimal:
        return Decimal(self.share_e12).scaleb(-SHARE_PLACES, EXACT)

    @property
    def cv(self) -> Decimal | None:
        return None if self.cv_e9 is None else Decimal(self.cv_e9).scaleb(-CV_PLACES, EXACT)


class Classification(NamedTuple):
    """The clients by rank; the limits of ABC as parts of 1; the sum of the positive totals, scaled as they are."""

    clients: list[Classified]
    limits: Limits
    whole: int


def figures(
    key: str, nets: Sequence[Decimal | int], active: int, history: int | None = None
) -> Figures:
    """The sums of one client's vector of nets."""
    with localcontext(EXACT):
        exact = [Decimal(net) for net in nets]
        total, squares = sum(exact, Decimal()), sum((net * net for net in exact), Decimal())
    return Figures(key, total, squares, active, history)


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
    periods: int,
    abc: tuple[Decimal | Fraction | int, Decimal | Fraction | int] | str = (80, 95),
    xyz: str = CV,
    limits: dict[str, Limits] = USUAL,
    min_history: int = 0,
) -> Classification:
    """All clients in ABC order: total descending, equal totals by key ascending in natural order.

    `periods` is the length of the window; `abc` are percentages, or "computed"; `limits` of both
    methods are parts of 1, and the letter is the one by method `xyz`. Shares are rounded half-even to
    12 places and coefficients to 9 for keeping and showing; every comparison is made on the exact
    values. Totals come back as integers of the scale they were brought to. Raises LimitsOutOfOrder.
    """
    bands = None if abc == COMPUTED else _bands(abc)
    by_variation = _by_variation(periods, *limits[CV])
    by_frequency = _by_frequency(periods, *limits[FREQUENCY])
    ordered = _in_order(_as_integers(list(clients)))
    positive = [client.total for client in ordered if client.total > 0]
    whole = sum(positive)
    first, second = bands or abc_computed.limits(positive)
    # before ÷ whole < p/q exactly when before < ⌈p · whole ÷ q⌉, for integers.
    a_until = -(-first.numerator * whole // first.denominator)
    b_until = -(-second.numerator * whole // second.denominator)
    by_cv, rows, before = xyz == CV, [], 0
    for rank, (key, total, squares, active, history) in enumerate(ordered, 1):
        abc_letter = "C"
        cv_letter = frequency_letter = "Z"
        cv = None
        if total > 0:
            if before < b_until:
                abc_letter = "A" if before < a_until else "B"
            spread, mean = periods * squares, total * total
            cv_letter, frequency_letter = by_variation(spread, mean), by_frequency(active)
            cv = _coefficient(spread, mean)
        if history is not None and history < min_history:
            cv_letter = frequency_letter = TOO_SHORT
        letter = cv_letter if by_cv else frequency_letter
        shares = _part(before, whole), _part(total, whole)
        rows.append(
            Classified(
                key,
                rank,
                abc_letter,
                letter,
                cv_letter,
                frequency_letter,
                total,
                *shares,
                cv,
                active,
            )
        )
        if total > 0:
            before += total
    return Classification(rows, (first, second), whole)


def _bands(abc) -> Limits:
    first, second = (Fraction(limit) / 100 for limit in abc)
    if not 0 < first < second <= 1:
        raise LimitsOutOfOrder("ABC limits have to rise and lie between 0 and 100 per cent")
    return first, second


def _as_integers(clients: list[Figures]) -> list[_Whole]:
    """Totals times a power of ten, squares times its square, so that all are integers."""
    if all(type(each.total) is int and type(each.squares) is int for each in clients):
        return cast(list[_Whole], clients)
    places = 0
    for each in clients:
        places = max(places, -_exponent(each.total), (1 - _exponent(each.squares)) // 2)
    factor = 10**places
    with localcontext(EXACT):
        return [
            _Whole(
                each.key,
                int(each.total * factor),
                int(each.squares * factor * factor),
                each.active,
                each.history,
            )
            for each in clients
        ]


def _exponent(number: Decimal | int) -> int:
    return int(Decimal(number).as_tuple().exponent)


def _in_order(clients: list[_Whole]) -> list[_Whole]:
    """The largest total first; only equal totals are looked at for their keys."""
    clients = sorted(clients, key=lambda client: client.total, reverse=True)
    if len({client.total for client in clients}) == len(clients):
        return clients
    ordered: list[_Whole] = []
    for _total, equal in groupby(clients, key=lambda client: client.total):
        tied = list(equal)
        if len(tied) > 1:
            tied.sort(key=lambda client: natural_order(client.key))
        ordered += tied
    return ordered


def _by_variation(periods: int, x: Fraction, y: Fraction) -> Callable[[int, int], str]:
    """cv² = N·Σx² ÷ (Σx)² − 1, so cv ≤ p/q exactly when N·Σx²·q² ≤ (p² + q²)·(Σx)²."""
    if not 0 <= x <= y:
        raise LimitsOutOfOrder("limits of the coefficient of variation have to rise")
    x_left, x_right = x.denominator**2, x.numerator**2 + x.denominator**2
    y_left, y_right = y.denominator**2, y.numerator**2 + y.denominator**2

    def judge(spread: int, mean: int) -> str:
        if spread * y_left > y_right * mean:
            return "Z"
        return "X" if spread * x_left <= x_right * mean else "Y"

    return judge


def _by_frequency(periods: int, x: Fraction, y: Fraction) -> Callable[[int], str]:
    if not 0 <= y <= x <= 1:
        raise LimitsOutOfOrder("limits of frequency have to fall and lie between 0 and 1")
    # The smallest number of active periods that reaches the limit.
    x_from, y_from = (
        -(-x.numerator * periods // x.denominator),
        -(-y.numerator * periods // y.denominator),
    )
    letters = ["X" if n >= x_from else "Y" if n >= y_from else "Z" for n in range(periods + 1)]
    return letters.__getitem__


_CV_SCALE = 4 * 10 ** (2 * CV_PLACES)
_SHARE_SCALE = 10**SHARE_PLACES


def _coefficient(spread: int, mean: int) -> int:
    """√(spread ÷ mean − 1) in billionths, for keeping and showing; the letter was decided without it."""
    over = (spread - mean) * _CV_SCALE
    twice = isqrt(over // mean)  # in half billionths, rounded down
    if twice & 1 and twice * twice * mean == over:  # exactly half-way: to the even one
        return twice // 2 + (twice // 2 & 1)
    return (twice + 1) // 2


def _part(part: int, whole: int) -> int:
    """part ÷ whole in 10⁻¹², half-way to the even one."""
    if not whole or not part:
        return 0
    quotient, rest = divmod(part * _SHARE_SCALE, whole)
    rest *= 2
    return quotient + (rest > whole or (rest == whole and quotient & 1))

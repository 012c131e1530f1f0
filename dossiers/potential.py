"""The size of opportunity: five years from the running one on, each weighed by its probability.

Expected revenue of a year = possible revenue × probability. Currencies are never added.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dossiers import white_space
from dossiers.models import WhiteSpace
from dossiers.showing import Entry
from dossiers.wallet import PairSum, length, sums

YEARS = range(1, 6)


@dataclass(slots=True)
class Year:
    """Year 1 is the running calendar year. `entry` is None where nobody has said anything yet."""

    number: int
    calendar: int
    entry: Entry | None


@dataclass(slots=True)
class Potential:
    years: list[Year]
    sums: list[PairSum]
    missing: list[int]
    open_ground: list[tuple[str, Decimal]]


def of(entries: Sequence[Entry], cells: Iterable[WhiteSpace], *, running_year: int) -> Potential:
    """The five years in their order; bars are per cent of the largest amount in the same currency."""
    largest: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        largest[entry.record.currency] = max(largest[entry.record.currency], entry.record.amount)
    for entry in entries:
        top = largest[entry.record.currency] or Decimal(1)
        entry.facts["expected"] = entry.record.expected
        entry.facts["bar"] = length(entry.record.amount / top)
        entry.facts["expected_bar"] = length(entry.record.expected / top)
    said = {entry.record.year_number: entry for entry in entries}
    return Potential(
        years=[Year(number, running_year + number - 1, said.get(number)) for number in YEARS],
        sums=sums((entry.record for entry in entries), "amount", "expected"),
        missing=[running_year + number - 1 for number in YEARS if number not in said],
        open_ground=white_space.open_worth(cells),
    )

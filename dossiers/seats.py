"""The positions of the staffing table in the units of the organisational structure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from dossiers.models import StaffPosition
from dossiers.shapes import Branch
from dossiers.showing import Entry


def seat(entries: Sequence[Entry], positions: Iterable[StaffPosition]) -> None:
    """Give each unit its positions: `facts["positions"]`."""
    by_unit: dict[int, list[StaffPosition]] = defaultdict(list)
    for position in positions:
        if position.unit_id is not None:
            by_unit[position.unit_id].append(position)
    for entry in entries:
        entry.facts["positions"] = by_unit.get(entry.pk, [])


def count_below(branches: Iterable[Branch]) -> int:
    """Give each unit the number of units below it, however deep: `facts["below"]`. How many there are in all."""
    total = 0
    for branch in branches:
        below = count_below(branch.branches)
        branch.entry.facts["below"] = below
        total += 1 + below
    return total

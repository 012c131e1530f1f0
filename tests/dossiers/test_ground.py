"""Where we stand with their people and in what they could buy: the arithmetic, by tables."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from dossiers import ties, white_space
from dossiers.models import Ground, OrgUnit, Stakeholder, Tie, WhiteSpace
from dossiers.pieces import BY_KEY
from dossiers.showing import entries_of
from tests.factories import TODAY

# ── Ties ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "wanted", "bars"),
    [
        (0, 0, ["", "", ""]),
        (0, 2, ["wanted", "wanted", ""]),
        (1, 1, ["full", "", ""]),
        (1, 3, ["full", "wanted", "wanted"]),
        (2, 1, ["full", "full", ""]),  # better than it has to be
        (3, 3, ["full", "full", "full"]),
    ],
)
def test_a_tie_is_three_bars_filled_as_far_as_it_reaches(now, wanted, bars):
    assert ties.steps(now, wanted) == bars


@pytest.mark.parametrize(
    ("influence", "strongest", "covered", "important", "reached", "unknown"),
    [
        ({}, {}, [], 0, 0, ()),
        ({1: 6}, {}, [], 0, 0, ()),  # who hardly matters may be a stranger
        ({1: 7}, {}, [], 1, 0, (1,)),
        ({1: 7}, {1: 0}, [], 1, 0, (1,)),  # written down that nobody knows him
        ({1: 7}, {}, [1], 1, 0, ()),  # covered: an acquaintance at least
        ({1: 7}, {1: 1}, [], 1, 0, ()),
        ({1: 9, 2: 8, 3: 7, 4: 3}, {1: 2, 2: 3, 4: 3}, [], 3, 2, (3,)),
    ],
)
def test_how_far_we_reach(influence, strongest, covered, important, reached, unknown):
    found = ties.reach(influence, strongest, covered)
    assert (found.important, found.reached, found.unknown) == (important, reached, unknown)


def person(pk, name="", *, influence=5, covered_by=None):
    found = Stakeholder(pk=pk, name=name, position=f"Post {pk}", influence=influence)
    if covered_by:
        found.covered_by = covered_by
    return found


def colleague(pk, name):
    return Stakeholder.covered_by.field.related_model(pk=pk, name=name)


def written(piece, *records):
    author = colleague(99, "Author")
    for record in records:
        record.updated_by = author
        record.confirmed_on = TODAY
    return entries_of(BY_KEY[piece], records, today=TODAY)


def test_the_grid_has_everybody_who_knows_or_covers_somebody_and_the_most_influential_first():
    zofia, adam = colleague(1, "Zofia"), colleague(2, "Łukasz Adam")
    anna, boss = person(11, "Anna", influence=4, covered_by=adam), person(12, influence=9)
    tie = Tie(pk=5, colleague=zofia, stakeholder=anna, strength=1, wanted=2)
    grid = ties.grid(written("ties", tie), [anna, boss])
    assert [str(row.colleague) for row in grid.rows] == ["Łukasz Adam", "Zofia"]
    assert [column.stakeholder.pk for column in grid.columns] == [12, 11]
    assert [column.is_important for column in grid.columns] == [True, False]
    assert grid.rows[0].covers == ["Anna"]
    assert grid.offered == 1  # Adam covers Anna, and no tie says so
    assert grid.unknown == [boss]
    assert [(pair.now, pair.wanted) for pair in grid.to_do] == [("acquainted", "working")]
    assert grid.rows[0].pairs[0].add == "colleague=2&stakeholder=12&field=strength"
    assert "owner=1" in grid.to_do[0].plan


def test_a_tie_as_good_as_it_has_to_be_is_nothing_to_do():
    zofia, anna = colleague(1, "Zofia"), person(11, "Anna")
    better = Tie(pk=5, colleague=zofia, stakeholder=anna, strength=3, wanted=2)
    assert ties.grid(written("ties", better), [anna]).to_do == []


# ── White space ──────────────────────────────────────────────────────────────────────────────


def cell(line, unit, ground=Ground.OPEN, worth=None, currency="EUR"):
    return WhiteSpace(
        product_line=line,
        unit=unit,
        ground=ground,
        worth=None if worth is None else Decimal(worth),
        currency=currency,
    )


MILL, FOUNDRY = OrgUnit(pk=1, name="Mill"), OrgUnit(pk=2, name="Foundry")


@pytest.mark.parametrize(
    ("cells", "open_worth", "share"),
    [
        ([], [], []),
        ([cell("Seals", MILL)], [], []),  # nobody has said what it is worth
        ([cell("Seals", MILL, worth=100)], [("EUR", 100)], [("EUR", 0)]),
        (
            [cell("Seals", MILL, Ground.OURS, 30), cell("Belts", MILL, Ground.COMPETITOR, 70)],
            [],
            [("EUR", Decimal("0.3"))],
        ),
        (
            # never added across currencies; the one used most comes first
            [
                cell("Seals", MILL, worth=10, currency="PLN"),
                cell("Belts", MILL, worth=5),
                cell("Chains", MILL, Ground.IN_HOUSE, 5),
            ],
            [("EUR", 5), ("PLN", 10)],
            [("EUR", 0), ("PLN", 0)],
        ),
        ([cell("Seals", MILL, Ground.OURS, 0)], [], [("EUR", None)]),
    ],
)
def test_what_stands_open_and_what_is_ours(cells, open_worth, share):
    assert white_space.open_worth(cells) == open_worth
    assert [(worth.currency, worth.share_ours) for worth in white_space.worths(cells)] == share


def entries(*cells):
    return [SimpleNamespace(record=one, pk=at) for at, one in enumerate(cells)]


def test_what_stands_open_most_comes_first_in_lines_and_in_units():
    found = white_space.grid(
        entries(
            cell("Belts", FOUNDRY, worth=5),
            cell("Seals", MILL, worth=50),
            cell("Seals", FOUNDRY, Ground.OURS, 500),
            cell("Grease", MILL),
        ),
        [FOUNDRY, MILL],
    )
    assert [line.name for line in found.lines] == ["Seals", "Belts", "Grease"]
    assert [column.unit.name for column in found.columns] == ["Mill", "Foundry"]
    assert found.lines[1].cells[0].add == "product_line=Belts&unit=1&field=ground"
    assert found.unvalued == 1
    assert [(state.ground, state.number, state.amounts) for state in found.states] == [
        ("open", 3, [("EUR", 55)]),
        ("competitor", 0, []),
        ("in_house", 0, []),
        ("ours", 1, [("EUR", 500)]),
    ]


def test_of_many_units_those_without_a_cell_are_named_and_not_drawn():
    units = [OrgUnit(pk=at, name=f"Unit {at}") for at in range(1, 12)]
    found = white_space.grid(entries(cell("Seals", units[3], worth=1)), units)
    assert [column.unit.name for column in found.columns] == ["Unit 4"]
    assert len(found.left_out) == 10
    few = white_space.grid(entries(cell("Seals", units[3], worth=1)), units[:5])
    assert len(few.columns) == 5
    assert few.left_out == []


def test_paper_takes_five_units_to_a_sheet_and_the_sums_of_the_lines_come_last():
    units = [OrgUnit(pk=at, name=f"Unit {at}") for at in range(1, 7)]
    found = white_space.grid(entries(cell("Seals", units[0], worth=1)), units)
    assert [len(sheet.columns) for sheet in found.sheets] == [5, 1]
    assert [sheet.is_last for sheet in found.sheets] == [False, True]

"""A run as a workbook with live formulas: what it shows without calculating, and what its formulas come to."""

import datetime
from decimal import Decimal

import pytest

from accounts.models import Client
from segmentation import segmenting, workbooks
from tests.segmentation.conftest import rows_of
from tests.segmentation.formulas import calculated
from tests.segmentation.opened import opened

pytestmark = pytest.mark.usefixtures("db")
JANUARY = datetime.date(2026, 1, 1)
# Steady, on a limit, once, returned, equal totals, thirds of a cent, and one that came late.
YEAR = {
    "100": ["1000.01"] * 12,
    "200": [50, 0] * 6,
    "300": [0] * 11 + [30],
    "400": [-5] * 12,
    "500": [10] * 10 + [0, 0],
    "600": [10] * 10 + [0, 0],
    "700": ["0.333"] * 12,
    "800": [0] * 9 + [700, 710, 705],
    "900": [0.1, 0.2, -0.3] * 4,
}  # fmt: skip
COMPUTED = ("Share before", "ABC", "XYZ by variation", "XYZ by frequency", "XYZ", "Segment")


@pytest.fixture
def run(bring_in):
    bring_in(
        rows_of({client: [Decimal(str(net)) for net in nets] for client, nets in YEAR.items()})
    )
    return segmenting.run(segmenting.request(start=JANUARY, periods=12, min_history=4))


def book_of(browser, run):
    answer = browser.get(f"/segmentation/{run.pk}/segments.xlsx")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="segmentation-run-{run.pk}.xlsx"'
    return opened(b"".join(answer))


def lines_of(book) -> list[dict]:
    head, *lines = book["Clients"]
    names = [cell.value for cell in head]
    return [dict(zip(names, line, strict=True)) for line in lines]


def test_a_viewer_that_does_not_calculate_shows_what_the_run_stored(as_analyst, run):
    lines = lines_of(book_of(as_analyst, run))
    stored = list(run.segments.ranked().select_related("client"))
    assert [line["Number"].value for line in lines] == [one.client.external_id for one in stored]
    for line, one in zip(lines, stored, strict=True):
        assert line["Segment"].value == line["Segment as stored"].value == one.letters
        assert line["Total"].value == float(one.total)
        assert line["Share before"].value == pytest.approx(float(one.share_before), abs=1e-12)
        assert line["XYZ by variation"].value == one.xyz_cv
        assert line["XYZ by frequency"].value == one.xyz_frequency
        assert line["Active periods (stored)"] == (one.active_periods, "")
        assert [line[name].value for name in list(line)[3:15]] == [float(net) for net in one.nets]


@pytest.mark.parametrize(
    "wish",
    [
        {"min_history": 4},
        {"xyz": "frequency", "limits": ("10/12", "5/12")},
        {"abc": (50, 99), "limits": ("0", "1")},
        {"abc": "computed"},
    ],
)
def test_the_formulas_come_to_the_letters_that_the_run_stored(as_analyst, run, wish):
    other = segmenting.run(segmenting.request(start=JANUARY, periods=12, **wish))
    book = book_of(as_analyst, other)
    came_to = calculated(book)
    for number, line in enumerate(lines_of(book), 2):
        for name in COMPUTED:
            assert line[name].formula, name
        place = {name: column for column, name in enumerate(line)}
        for name in ("Total", *COMPUTED):
            value = came_to["Clients", number - 1, place[name]]
            assert value == (
                pytest.approx(line[name].value, abs=1e-9)
                if isinstance(value, float)
                else line[name].value
            ), (name, number)
        assert came_to["Clients", number - 1, place["Segment"]] == line["Segment as stored"].value
        assert came_to["Clients", number - 1, place["Agrees"]] is True
    counted = {
        (row, column): value
        for (sheet, row, column), value in came_to.items()
        if sheet == "Matrix" and column in (1, 2, 3, 4) and row in (1, 2, 3)
    }
    assert sum(counted.values()) == other.clients


def test_computed_limits_fall_between_two_clients_in_the_millions_too(as_analyst, bring_in):
    bring_in(
        rows_of(
            {
                f"M{n:02}": [round(Decimal(9_876_543 + 77 * n) / (n * n), 2)] * 3
                for n in range(1, 21)
            }
        )
    )
    other = segmenting.run(segmenting.request(start=JANUARY, periods=3, abc="computed"))
    book = book_of(as_analyst, other)
    came_to = calculated(book)
    for number, line in enumerate(lines_of(book), 1):
        place = list(line).index("Segment")
        assert came_to["Clients", number, place] == line["Segment as stored"].value


def test_limits_stand_in_cells_of_their_own_and_fractions_as_fractions(as_analyst, run):
    method = {row[0].value: row[1] for row in book_of(as_analyst, run)["Method"] if len(row) > 1}
    assert method["A while the share before is under"] == (0.8, "")
    assert method["By frequency: X from"].formula == "10/12"
    assert method["By variation: X up to"] == (0.1, "")
    assert method["Sum of the positive totals"].formula.startswith("SUMIF(")
    assert method["History needed, periods (0: everybody is judged)"].value == 4
    assert method["How to repeat it"].value == run.command
    assert method["Computed from"].value == run.basis


def test_a_name_that_looks_like_a_formula_stays_a_name(as_analyst, run):
    names = ['=HYPERLINK("http://bad.example")', "+1+1", "@SUM(A1)", "http://bad.example"]
    for number, name in zip(("100", "200", "300", "400"), names, strict=True):
        Client.objects.filter(external_id=number).update(name=name)
    shown = {line["Client"] for line in lines_of(book_of(as_analyst, run))}
    assert {(name, "") for name in names} <= shown


def test_a_run_too_large_for_formulas_goes_out_with_its_values_and_says_so(
    as_analyst, run, monkeypatch
):
    assert "XLSX with formulas" in as_analyst.get(f"/segmentation/{run.pk}/").content.decode()
    monkeypatch.setattr(workbooks, "CELLS_WITH_FORMULAS", 10)
    page = as_analyst.get(f"/segmentation/{run.pk}/").content.decode()
    assert "XLSX with formulas" not in page
    assert "too large for formulas" in page
    book = book_of(as_analyst, run)
    assert not any(cell.formula for row in book["Clients"] for cell in row)
    assert [row[-1].value for row in book["Clients"][1:]] != []
    assert "too large for formulas" in str(book["Method"])
    monkeypatch.setattr(workbooks, "LONGEST_LIST", 1)
    page = as_analyst.get(f"/segmentation/{run.pk}/").content.decode()
    assert "segments.xlsx" not in page
    refused = as_analyst.get(f"/segmentation/{run.pk}/segments.xlsx", follow=True)
    assert "too many for a workbook" in refused.content.decode()


def test_the_clients_of_a_cell_go_out_as_they_stand_in_the_list(as_head, run, monkeypatch):
    answer = as_head.get(f"/segmentation/{run.pk}/clients.xlsx?cell=CZ&by=frequency")
    listed = as_head.get(f"/segmentation/{run.pk}/clients/?cell=CZ&by=frequency").context["page"]
    lines = opened(b"".join(answer))["Clients"][1:]
    assert [line[1].value for line in lines] == [
        one.client.external_id for one in listed.object_list
    ]
    monkeypatch.setattr(workbooks, "LONGEST_LIST", 1)
    refused = as_head.get(f"/segmentation/{run.pk}/clients.xlsx", follow=True)
    assert "Take the CSV" in refused.content.decode()


def test_workbooks_are_for_those_who_see_all_figures(as_kam, as_colleague, run):
    for tail in ("segments.xlsx", "clients.xlsx"):
        assert as_kam.get(f"/segmentation/{run.pk}/{tail}").status_code == 403
        assert as_colleague.get(f"/segmentation/{run.pk}/{tail}").status_code == 403


def test_columns_have_their_letters():
    assert [workbooks.column_letter(number) for number in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip

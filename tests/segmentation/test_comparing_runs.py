"""Any two runs side by side: the table from cell to cell, and the clients behind each number."""

import csv
import datetime
import io
from decimal import Decimal

import pytest

from segmentation import comparing, segmenting
from segmentation.models import JobState, Segment, SegmentationRun
from tests.segmentation.conftest import rows_of
from tests.segmentation.opened import opened

pytestmark = pytest.mark.usefixtures("db")
JANUARY, APRIL = datetime.date(2026, 1, 1), datetime.date(2026, 4, 1)
HTMX = {"HX-Request": "true"}
# Three months and three after: 100 stays, 200 falls, 300 goes, 400 comes, 500 rises.
HALF_YEAR = {
    "100": [800, 800, 800, 850, 850, 850],
    "200": [150, 150, 150, 0, 0, 9],
    "300": [10, 0, 0, 0, 0, 0],
    "400": [0, 0, 0, 30, 0, 0],
    "500": [20, 0, 0, 190, 190, 190],
}


@pytest.fixture
def two(bring_in):
    """(before, after) of the first and the second quarter."""
    bring_in(rows_of(HALF_YEAR))
    return tuple(
        segmenting.run(segmenting.request(start=start, periods=3)) for start in (JANUARY, APRIL)
    )


def letters(run):
    return {one.client.external_id: one.letters for one in run.segments.select_related("client")}


def address(two, tail="", query=""):
    before, after = two
    return f"/segmentation/{after.pk}/compare/{before.pk}/{tail}{query}"


def test_the_table_says_who_went_from_where_to_where_and_its_sums_add_up(as_analyst, two):
    before, after = two
    assert letters(before) == {"100": "AX", "200": "BX", "500": "CZ", "300": "CZ"}
    assert letters(after) == {"100": "AX", "500": "BX", "400": "CZ", "200": "CZ"}
    page = as_analyst.get(address(two))
    table = page.context["table"]
    found = {(one.was, one.now): one.count for one in table.passages}
    assert found == {
        ("AX", "AX"): 1, ("BX", "CZ"): 1, ("CZ", "BX"): 1, ("CZ", None): 1, (None, "CZ"): 1,
    }  # fmt: skip
    assert (table.before, table.after) == (before.clients, after.clients) == (4, 4)
    assert sum(row["sum"] for row in page.context["rows"]) == sum(page.context["sums"]) == 5
    text = " ".join(page.content.decode().split())
    assert "4 clients before − 1 gone = 3 in both; 3 + 1 new = 4 after." in text
    assert "Of the 3: 1 the same, 1 up, 1 down, 0 judged for the first time or no longer." in text
    assert "do not go by the same method" not in text


@pytest.mark.parametrize(
    ("query", "clients"),
    [
        ("", {"500", "200", "400", "300"}),
        ("?kind=up", {"500"}),
        ("?kind=down", {"200"}),
        ("?kind=new", {"400"}),
        ("?kind=gone", {"300"}),
        ("?kind=same", {"100"}),
        ("?kind=", {"100", "200", "300", "400", "500"}),
        ("?from=BX&to=CZ", {"200"}),
        ("?from=NEW&to=CZ", {"400"}),
        ("?from=CZ&to=GONE", {"300"}),
        ("?from=CZ", {"300", "500"}),
        ("?from=QQ&to=%27&kind=sideways&sort=price&page=x", {"500", "200", "400", "300"}),
    ],
)
def test_each_number_leads_to_the_list_behind_it(as_analyst, two, query, clients):
    page = as_analyst.get(address(two, query=query)).context["page"]
    assert {move.number for move in page.object_list} == clients
    assert page.paginator.count == len(clients)


def test_every_cell_of_the_table_has_as_many_clients_behind_it_as_it_says(as_analyst, two):
    for row in as_analyst.get(address(two)).context["rows"]:
        for cell in row["cells"]:
            if cell["passage"]:
                page = as_analyst.get(cell["url"].partition("#")[0]).context["page"]
                assert len(page.object_list) == cell["passage"].count


def test_the_list_tells_totals_and_change_and_sorts_by_each(as_analyst, two):
    part = as_analyst.get(address(two, query="?kind=&sort=change"), headers=HTMX)
    assert part.content.decode().lstrip().startswith('<section class="card" id="moves"')
    moves = part.context["page"].object_list
    assert [(move.number, move.change) for move in moves] == [
        ("200", Decimal(-441)),
        ("300", Decimal(-10)),
        ("400", Decimal(30)),
        ("100", Decimal(150)),
        ("500", Decimal(550)),
    ]
    assert (moves[0].total_before, moves[0].total_after) == (450, 9)
    assert (moves[2].total_before, moves[2].was, moves[2].kind) == (None, None, "new")
    for order in comparing.ORDERS:
        for sort in (order, f"-{order}"):
            assert as_analyst.get(address(two, query=f"?kind=&sort={sort}")).status_code == 200
    first = as_analyst.get(address(two, query="?kind=&sort=client")).context["page"].object_list
    last = as_analyst.get(address(two, query="?kind=&sort=-client")).context["page"].object_list
    assert [move.client for move in first] == [move.client for move in last][::-1]


def test_runs_that_go_by_other_methods_are_compared_with_a_warning(as_head, two):
    _before, after = two
    other = segmenting.run(
        segmenting.request(
            start=JANUARY, periods=2, xyz="frequency", abc=(70, 90), limits=("1/1", "1/2")
        )
    )
    text = as_head.get(f"/segmentation/{after.pk}/compare/{other.pk}/").content.decode()
    assert "The two do not go by the same method." in text
    assert "XYZ goes by another method" in text
    assert "The limits of ABC differ" in text
    assert "The periods are of another length" in text


def test_limits_written_in_another_way_are_no_difference(two):
    before, after = two
    after.xyz_x, after.abc_a = "1/10", Decimal("80.0000")
    assert comparing.differences(before, after) == []
    after.currency = "PLN"
    assert len(comparing.differences(before, after)) == 1
    assert not comparing.totals_compare(before, after)


def test_too_short_a_history_is_neither_up_nor_down(two):
    before, after = two
    Segment.objects.filter(run=before, client__external_id="100").update(xyz="N")
    moves = {
        move.number: move.kind
        for move in comparing.moves(before, after, comparing.Wanted(kind="aside"))
    }
    assert moves == {"100": "aside"}
    assert comparing.kind("AN", "BX") == "down"


@pytest.mark.parametrize("was", [None, *comparing._in_order()])
def test_the_database_and_the_page_judge_a_move_alike(two, was):
    before, after = two
    one = Segment.objects.get(run=before, client__external_id="100")
    there = Segment.objects.get(run=after, client__external_id="100")
    if was is None:
        one.delete()
    else:
        Segment.objects.filter(pk=one.pk).update(abc=was[0], xyz=was[1])
    for now in [None, *comparing._in_order()] if was else comparing._in_order():
        if now is None:
            continue
        Segment.objects.filter(pk=there.pk).update(abc=now[0], xyz=now[1])
        kind = comparing.kind(was, now)
        found = comparing.moves(before, after, comparing.Wanted(kind=kind))
        assert "100" in {move.number for move in found}, (was, now, kind)


def test_the_run_page_offers_every_other_finished_run_and_leads_there(as_analyst, two):
    before, after = two
    page = as_analyst.get(f"/segmentation/{after.pk}/").content.decode()
    assert f'<option value="{before.pk}"' in page
    assert f'<option value="{after.pk}"' not in page
    led = as_analyst.get(f"/segmentation/{after.pk}/compare/?with={before.pk}")
    assert led["Location"] == address(two)
    assert as_analyst.get(f"/segmentation/{after.pk}/compare/?with=x").status_code == 302
    assert as_analyst.get(f"/segmentation/{after.pk}/compare/?with=999999").status_code == 404


def test_a_run_that_is_not_done_is_not_compared(as_analyst, two):
    before, after = two
    SegmentationRun.objects.filter(pk=before.pk).update(state=JobState.RUNNING, in_force=False)
    assert "Only finished runs" in as_analyst.get(address(two)).content.decode()
    assert as_analyst.get(f"/api/runs/{after.pk}/compare/{before.pk}/").status_code == 404


def test_kams_see_no_comparison_on_any_path(as_kam, two):
    for path in (
        address(two),
        address(two, "moves.csv"),
        address(two, "moves.xlsx"),
        f"/api/runs/{two[1].pk}/compare/{two[0].pk}/",
    ):
        assert as_kam.get(path).status_code == 403


def test_the_list_goes_out_as_csv_and_workbook_with_what_is_shown(as_analyst, two):
    answer = as_analyst.get(address(two, "moves.csv", "?kind=down"))
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [(row["client"], row["segment_before"], row["segment_after"], row["change"]) for row in rows] == [
        ("200", "BX", "CZ", "-441")
    ]  # fmt: skip
    answer = as_analyst.get(address(two, "moves.xlsx", "?kind="))
    sheets = opened(b"".join(answer))
    head, *lines = sheets["Moved"]
    assert [cell.value for cell in head[:4]] == ["Number", "Client", "Before", "After"]
    assert len(lines) == 5
    assert f"Run {two[1].pk}" in str(sheets["Method"])


def test_by_api_the_passages_and_the_clients_behind_them(as_analyst, two):
    before, after = two
    told = as_analyst.get(f"/api/runs/{after.pk}/compare/{before.pk}/?kind=up").json()
    assert (told["before"], told["after"], told["count"], told["pages"]) == (
        before.pk, after.pk, 1, 1,
    )  # fmt: skip
    assert sum(one["count"] for one in told["passages"]) == 5
    (move,) = told["moves"]
    assert (move["number"], move["was"], move["now"], Decimal(move["change"])) == (
        "500", "CZ", "BX", 550,
    )  # fmt: skip

"""Weeks and quarters, a part of the clients, computed limits, and too short a history: through a stored run."""

import datetime
import io
import json
import shlex
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Client
from segmentation import exporting, periods, segmenting
from segmentation.models import SegmentationRun
from segmentation.segmenting import RunRefused
from tests.segmentation.conftest import COLUMNS, JANUARY, YEAR, rows_of


def nets(run) -> dict:
    return {
        segment.client.external_id: [int(net) for net in segment.nets]
        for segment in run.segments.select_related("client")
    }


# ── Periods ──────────────────────────────────────────────────────────────────────────────────


def test_quarters_add_up_three_months_each(bring_in):
    bring_in(rows_of({"100": [1, 2, 3, 0, 0, 0, 7, -2, 0, 0, 0, 4], "200": [0] * 11 + [5]}))
    run = segmenting.run(
        segmenting.request(start=datetime.date(2026, 2, 14), unit="quarter", periods=4)
    )
    assert run.start == JANUARY
    assert nets(run) == {"100": [6, 0, 5, 4], "200": [0, 0, 0, 5]}
    first = run.segments.get(client__external_id="100")
    assert (first.active_periods, first.history_periods, first.documents) == (3, 4, 5)
    assert run.segments.get(client__external_id="200").history_periods == 1
    assert run.period == "Q1 2026 – Q4 2026"
    assert "of the quarters" in run.basis


def test_weeks_begin_on_monday_and_come_from_the_lines(bring_in):
    # 2025-12-29 is the Monday of the first week of 2026, 2026-01-04 its Sunday.
    bring_in(
        [
            ("F1", "100", "2025-12-29", 1, 5),
            ("F1", "100", "2026-01-05", 1, 2),
            ("F2", "100", "2026-01-04", 1, 3),
            ("F3", "100", "2026-01-18", -1, 4),
            ("F4", "200", "2026-01-19", 1, 9),
            ("F5", "200", "2025-12-28", 1, 99),
        ]
    )
    run = segmenting.run(
        segmenting.request(start=datetime.date(2026, 1, 1), unit="week", periods=4)
    )
    assert run.start == datetime.date(2025, 12, 29)
    assert nets(run) == {"100": [8, 2, -4, 0], "200": [0, 0, 0, 9]}
    first = run.segments.get(client__external_id="100")
    # F1 lies in two weeks and is one document; the credit note is none.
    assert (first.documents, first.active_periods, first.history_periods) == (2, 2, 4)
    assert run.segments.get(client__external_id="200").history_periods == 4  # it bought before
    assert run.period == "weeks 2026-W01 – 2026-W04"
    assert (
        next(exporting.segments_as_csv(run)).strip().endswith("2026-W01,2026-W02,2026-W03,2026-W04")
    )
    with translation.override("pl"):
        assert run.basis


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["month", "quarter", "week"]),
    st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 1, 1)),
)
def test_the_database_finds_the_place_of_each_period_as_the_calendar_does(db, unit, day):
    start = periods.first_day(unit, day)
    days = [(first - start).days for first in periods.starts(unit, start, 260)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg({periods.place_of_day(unit, 'day')} ORDER BY day) FROM unnest(%s::int[]) AS day",
            [days],
        )
        assert cursor.fetchone()[0] == list(range(260))
    assert periods.parse(unit, periods.code(unit, start)) == start


def test_a_month_that_is_no_quarter_is_read_as_the_quarter_it_lies_in():
    assert periods.parse("quarter", "2026-05") == datetime.date(2026, 4, 1)
    assert periods.parse("week", "2026-01-01") == datetime.date(2025, 12, 29)
    # A week may begin in the year before: it is of the month of its Thursday.
    assert periods.parse("month", "2026-W01") == JANUARY
    assert periods.parse("quarter", "2026-W01") == JANUARY
    for wrong in ("2026-Q5", "2026-W54", "soon", "2026-13", "0001-01", ""):
        with pytest.raises(periods.NoPeriod):
            periods.parse("week", wrong)


# ── A part of the clients ────────────────────────────────────────────────────────────────────


def test_a_run_over_a_channel_has_its_shares_within_the_channel(bring_in):
    bring_in(rows_of({"100": [90], "200": [8], "300": [2]}))
    Client.objects.filter(external_id__in=["200", "300"]).update(channel="Wholesale")
    run = segmenting.run(segmenting.request(start=JANUARY, periods=1, channel="Wholesale"))
    assert {s.client.external_id: s.letters for s in run.segments.all()} == {
        "200": "AX",
        "300": "BX",
    }
    assert (run.positive_total, run.in_force) == (10, False)
    assert "only sales channel Wholesale" in run.basis
    assert "--channel Wholesale" in run.command


def test_a_run_over_a_team_has_the_clients_its_kams_hold(bring_in, kam, other_kam, dossier):
    bring_in(rows_of({"100": [90], "200": [8]}))
    Client.objects.filter(pk=dossier.client_id).update(external_id="999")
    bring_in(rows_of({"999": [5]}))
    kam.team = "North"
    kam.save()
    run = segmenting.run(segmenting.request(start=JANUARY, periods=1, team="North"))
    assert [s.client_id for s in run.segments.all()] == [dossier.client_id]


def test_a_run_over_a_part_is_not_put_in_force_and_compared_with_none_of_the_whole(
    bring_in, analyst
):
    bring_in(rows_of(YEAR))
    whole = segmenting.run(segmenting.request(start=JANUARY, periods=6))
    Client.objects.filter(external_id="100").update(industry="Steel")
    part = segmenting.run(segmenting.request(start=JANUARY, periods=12, industry="Steel"))
    assert whole.in_force
    assert part.compared_with is None
    with pytest.raises(RunRefused, match="part of the clients"):
        segmenting.put_in_force(part, by=analyst)
    with pytest.raises(RunRefused, match="part of the clients"):
        segmenting.request(start=JANUARY, industry="Steel", comes_into_force=True)


def test_a_scope_without_sales_ends_with_a_sentence(bring_in):
    bring_in(rows_of(YEAR))
    run = segmenting.run(segmenting.request(start=JANUARY, channel="Nowhere"))
    assert run.state == "failed"
    assert "sales channel Nowhere" in run.error


# ── Computed limits, both rhythms, short histories ───────────────────────────────────────────


def test_computed_limits_are_kept_where_they_fell(segmented):
    run = segmented(
        {str(n): [total] for n, total in enumerate((60, 10, 10, 10, 10), 1)}, abc="computed"
    )
    assert [s.abc for s in run.segments.ranked()] == ["A", "B", "C", "C", "C"]
    assert (run.abc_a, run.abc_b) == (Decimal("60.0000"), Decimal("70.0000"))
    assert "computed from the totals" in run.basis
    alone = segmented({"1": [5]}, abc="computed", periods=1)
    assert alone.has_succeeded, alone.error


def test_both_rhythms_are_kept_for_each_client(segmented):
    run = segmented(YEAR, xyz="frequency")
    kept = {s.client.external_id: (s.xyz, s.xyz_cv, s.xyz_frequency) for s in run.segments.all()}
    assert kept["200"] == ("Y", "Z", "Y")
    assert kept["100"] == ("X", "X", "X")


def test_clients_with_too_short_a_history_have_cells_of_their_own(segmented):
    run = segmented({"100": [9] * 6, "200": [0] * 4 + [1, 1]}, min_history=3)
    assert run.counts["AX"] == 1
    assert run.counts["CN"] + run.counts.get("AN", 0) + run.counts.get("BN", 0) == 1
    assert sum(run.counts.values()) == run.clients == 2
    assert run.segments.get(client__external_id="200").xyz == "N"
    assert "N with less than 3 months" in run.basis


# ── The command ──────────────────────────────────────────────────────────────────────────────


def test_the_command_repeats_a_run_of_any_unit_and_scope(bring_in):
    bring_in(rows_of(YEAR))
    Client.objects.filter(external_id__in=["100", "200"]).update(industry="Steel and iron")
    for wish in (
        {"unit": "quarter", "periods": 4, "abc": "computed", "min_history": 2},
        {"unit": "week", "periods": 40, "industry": "Steel and iron", "xyz": "frequency"},
    ):
        run = segmenting.run(segmenting.request(start=JANUARY, **wish))
        said = io.StringIO()
        call_command(*shlex.split(run.command)[1:], stdout=said)
        again = SegmentationRun.objects.get(pk=json.loads(said.getvalue())["run"])
        assert again.command == run.command
        assert again.counts == run.counts
    with pytest.raises(CommandError, match="2026-W01"):
        call_command("segment", start="soon", unit="week")


def test_margin_by_weeks_needs_the_cost_of_each_line(bring_in):
    header = ("Invoice", "Customer", "Date", "Quantity", "Price", "Cost")
    columns = {**COLUMNS, "cost": "Cost"}
    bring_in(
        [("F1", "1", "2026-01-05", 1, 100, 95), ("F2", "2", "2026-02-05", 1, 50, "")],
        header,
        columns,
    )
    run = segmenting.run(
        segmenting.request(
            start=datetime.date(2026, 1, 5), unit="week", periods=1, measure="margin"
        )
    )
    assert run.segments.get().total == 5
    with pytest.raises(RunRefused, match="The margin of this period is not known"):
        segmenting.request(
            start=datetime.date(2026, 1, 5), unit="week", periods=8, measure="margin"
        )


# ── On the pages ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("unit", "start", "number"),
    [("quarter", datetime.date(2027, 1, 1), 4), ("week", datetime.date(2026, 12, 28), 52)],
)
def test_growth_is_told_against_the_window_of_the_same_length_before(
    bring_in, as_head, unit, start, number
):
    bring_in(rows_of({"100": [100] * 12 + [150] * 12, "200": [0] * 12 + [10] * 12}))
    segmenting.run(segmenting.request(start=start, unit=unit, periods=number))
    first, second = as_head.get("/clients/ranked/").context["page"].object_list
    assert (first.growth, second.growth) == (Decimal("0.5"), None)


def test_the_figures_of_a_client_too_new_for_a_rhythm_say_what_is_missing(bring_in, as_head):
    bring_in(rows_of({"100": [100] * 12, "200": [0] * 8 + [10] * 4}))
    segmenting.run(segmenting.request(start=JANUARY, unit="quarter", periods=4, min_history=3))
    new = Client.objects.get(external_id="200")
    page = as_head.get(f"/clients/{new.pk}/figures/").content.decode()
    assert "Too short a history: 2 periods since the first sale, 3 are needed. 1 more" in page
    assert "month before the end" not in page


def test_segments_before_are_shown_where_the_limits_were_computed(bring_in, as_head):
    bring_in(rows_of({"100": [100] * 24, "200": [60] * 12 + [9] * 12, "300": [3] * 12 + [5] * 12}))
    for start in (JANUARY, datetime.date(2027, 1, 1)):
        run = segmenting.run(segmenting.request(start=start, abc="computed"))
    client = Client.objects.get(external_id="100")
    history = as_head.get(f"/clients/{client.pk}/figures/").context["history"]
    assert [each.run.start.year for each in history] == [2027, 2026]
    assert history[0].run_id == run.pk


def test_growth_is_not_told_where_the_sales_on_hand_begin_within_the_window_before(
    bring_in, as_head
):
    bring_in(rows_of({"100": [0] * 3 + [100] * 9 + [150] * 12}))
    segmenting.run(segmenting.request(start=datetime.date(2027, 1, 1)))
    page = as_head.get("/clients/ranked/")
    (only,) = page.context["page"].object_list
    assert (only.has_before, only.growth) == (False, None)
    assert '<td class="num nowrap" data-label="Against before">—</td>' in page.content.decode()

"""Runs over the monthly sales: what they say and what they refuse."""

import datetime
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Client
from segmentation import abc_xyz, rollup, run_wishes, segmenting, tasks
from segmentation.models import JobState, MonthlySales, Segment, SegmentationRun
from segmentation.segmenting import RunRefused
from tests.segmentation.conftest import COLUMNS, JANUARY, YEAR, rows_of


def command(**options) -> dict:
    said = io.StringIO()
    options.setdefault("start", "2026-01")
    call_command("segment", stdout=said, **options)
    return json.loads(said.getvalue())


def letters(run) -> dict:
    return {
        segment.client.external_id: segment.letters
        for segment in run.segments.select_related("client")
    }


# ── What a run says ──────────────────────────────────────────────────────────────────────────


def test_a_run_puts_every_client_with_sales_into_a_cell(segmented):
    Client.objects.create(name="Never bought", external_id="900")
    run = segmented(YEAR)
    assert run.has_succeeded
    assert letters(run) == {"100": "AX", "200": "AZ", "300": "CZ", "400": "CZ"}
    assert run.counts == {
        "AX": 1,
        "AY": 0,
        "AZ": 1,
        "BX": 0,
        "BY": 0,
        "BZ": 0,
        "CX": 0,
        "CY": 0,
        "CZ": 2,
    }
    assert (run.clients, run.positive_total) == (4, Decimal(1530))
    assert run.totals["CZ"] == "-30"


def test_frequency_looks_at_the_active_months(segmented):
    run = segmented(YEAR, xyz="frequency")
    assert letters(run) == {"100": "AX", "200": "AY", "300": "CZ", "400": "CZ"}
    assert (run.xyz_x, run.xyz_y) == ("10/12", "5/12")


def test_a_segment_keeps_what_it_was_computed_from(segmented):
    run = segmented({"100": [10, 0, 20], "200": [1, 1, 1]})
    segment = run.segments.get(client__external_id="100")
    assert segment.nets == [Decimal(10), Decimal(0), Decimal(20)]
    assert (segment.rank, segment.total, segment.documents, segment.active_periods) == (1, 30, 2, 2)
    assert segment.share_before == 0
    assert segment.share_after == Decimal("0.909090909091")
    assert segment.cv == Decimal("0.816496581")


def test_orders_of_the_period_count_a_document_once_that_lies_in_two_months(bring_in):
    bring_in(
        [
            ("F1", "1", "2026-01-31", 1, 10),
            ("F1", "1", "2026-02-01", 1, 10),
            ("F2", "1", "2026-02-02", 1, 10),
        ]
    )
    run = segmenting.run(segmenting.request(start=JANUARY, periods=2))
    assert run.segments.get().documents == 2
    later = segmenting.run(segmenting.request(start=datetime.date(2026, 2, 1), periods=1))
    assert later.segments.get().documents == 2


def test_margin_is_revenue_less_cost(bring_in):
    header = ("Invoice", "Customer", "Date", "Quantity", "Price", "Cost")
    rows = [("F1", "1", "2026-01-05", 1, 100, 95), ("F2", "2", "2026-01-05", 1, 50, 10)]
    bring_in(rows, header, {**COLUMNS, "cost": "Cost"})
    run = segmenting.run(segmenting.request(start=JANUARY, periods=1, measure="margin"))
    assert [(segment.client.external_id, segment.total) for segment in run.segments.ranked()] == [
        ("2", 40),
        ("1", 5),
    ]


def test_sales_without_costs_that_come_in_before_the_worker_does_end_the_run_with_a_sentence(
    bring_in,
):
    header = ("Invoice", "Customer", "Date", "Amount", "Cost")
    columns = dict(zip(("document", "client", "date", "amount", "cost"), header, strict=True))
    bring_in([("F1", "100", "2026-01-05", 10, 6)], header, columns)
    asked = segmenting.request(start=JANUARY, periods=1, measure="margin")
    bring_in([("F2", "200", "2026-01-06", 10, "")], header, columns)
    run = segmenting.run(asked)
    assert run.state == JobState.FAILED
    assert "The margin of this period is not known" in run.error


def test_margin_without_costs_is_refused_and_says_whose(bring_in):
    bring_in(rows_of({"100": [5, 5]}))
    with pytest.raises(RunRefused, match="Client 100 in January 2026"):
        segmenting.request(start=JANUARY, periods=2, measure="margin")


def test_a_short_history_is_said_as_such(segmented):
    run = segmented({"100": [1] * 6, "200": [0] * 4 + [1, 1]})
    old, new = run.segments.ranked()
    assert (old.history_periods, old.is_short_history) == (6, False)
    assert (new.history_periods, new.is_short_history) == (2, True)
    run = segmenting.run(segmenting.request(start=datetime.date(2026, 6, 1), periods=1))
    assert not any(segment.is_short_history for segment in run.segments.all())


def test_a_client_who_did_not_buy_at_first_is_old_if_it_bought_before(segmented):
    segmented({"100": [1] * 6, "200": [1, 0, 0, 0, 1, 1]})
    run = segmenting.run(segmenting.request(start=datetime.date(2026, 3, 1), periods=4))
    assert not run.segments.get(client__external_id="200").is_short_history


def test_months_outside_the_period_and_other_currencies_do_not_count(bring_in):
    bring_in(rows_of({"100": [5, 5, 5, 5]}))
    bring_in([("P1", "100", "2026-02-10", 1, 1000)], currency="PLN")
    run = segmenting.run(
        segmenting.request(start=datetime.date(2026, 2, 1), periods=2, currency="EUR")
    )
    assert run.segments.get().total == 10


def test_a_run_says_what_it_was_computed_from(segmented, analyst):
    run = segmented(YEAR, by=analyst)
    assert "Revenue in EUR, January 2026 – December 2026" in run.basis
    assert "under 80 %, B under 95 %" in run.basis
    assert "up to 10 %, Y up to 25 %" in run.basis
    assert "Ada Analyst" in run.basis
    assert "10/12 of the months" in segmented(YEAR, xyz="frequency").basis
    with translation.override("pl"):
        assert run.basis != ""


def test_the_command_that_repeats_a_run_repeats_it(segmented):
    run = segmented(YEAR, xyz="frequency", limits=("0.75", "5/12"), abc=("70.5", "90"))
    words = run.command.split()
    said = io.StringIO()
    call_command(*words[1:], stdout=said)
    again = SegmentationRun.objects.get(pk=json.loads(said.getvalue())["run"])
    assert letters(again) == letters(run)
    assert again.command == run.command


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    nets=st.dictionaries(
        st.integers(1, 999).map(str),
        st.lists(
            st.decimals(-500, 500, places=2, allow_nan=False, allow_infinity=False),
            min_size=4,
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_stored_run_equals_the_arithmetic_over_the_rollup(db, nets):
    SegmentationRun.objects.all().delete()
    MonthlySales.objects.all().delete()
    clients = {
        key: Client.objects.get_or_create(external_id=key, defaults={"name": key})[0]
        for key in nets
    }
    MonthlySales.objects.bulk_create(
        MonthlySales(
            client=clients[key],
            month=datetime.date(2026, place + 1, 1),
            currency="EUR",
            revenue=net,
            orders=int(net > 0),
            active=net > 0,
        )
        for key, months in nets.items()
        for place, net in enumerate(months)
        if net
    )
    expected = {
        row.key: (row.rank, row.abc, row.xyz, sum(nets[row.key]), row.cv, row.share_before)
        for row in abc_xyz.classify(
            (
                abc_xyz.figures(key, months, sum(net > 0 for net in months))
                for key, months in nets.items()
                if any(months)
            ),
            periods=4,
        ).clients
    }
    if not expected:
        return
    run = segmenting.run(segmenting.request(start=JANUARY, periods=4))
    stored = run.segments.values_list(
        "client__external_id", "rank", "abc", "xyz", "total", "cv", "share_before"
    )
    assert {key: tuple(rest) for key, *rest in stored} == expected


# ── What a run refuses ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (
            {"start": datetime.date(2020, 1, 1)},
            "no sales in the period .* between January 2026 and December 2026",
        ),
        ({"currency": "GBP"}, "no sales in GBP"),
        ({"periods": 0}, "between 1 and 260"),
        ({"periods": 261}, "between 1 and 260"),
        ({"abc": (95, 80)}, "smaller than the second"),
        ({"abc": ("many", "95")}, "two percentages"),
        ({"abc": ("nan", "95")}, "two percentages"),
        ({"abc": ("80", "Infinity")}, "two percentages"),
        ({"abc": ("80.00001", "95")}, "percentages"),
        ({"abc": ("-1e999999", "95")}, "percentages"),
        ({"limits": ("0.25", "0.10")}, "rise"),
        ({"limits": ("a tenth", "0.10")}, "no limit"),
        ({"limits": ("1/0", "0.10")}, "no limit"),
        ({"xyz": "frequency", "limits": ("5/12", "10/12")}, "fall"),
        ({"xyz": "frequency", "limits": ("13/12", "10/12")}, "parts of 1"),
        ({"measure": "love"}, "revenue or margin"),
    ],
)
def test_a_wish_that_makes_no_run_is_refused_with_a_sentence(bring_in, wish, words):
    bring_in(rows_of(YEAR))
    with pytest.raises(RunRefused, match=words):
        segmenting.request(**{"start": JANUARY, **wish})
    assert not SegmentationRun.objects.exists()


def test_without_any_sales_the_sentence_says_what_to_do_first(db):
    with pytest.raises(RunRefused, match="Import them first"):
        segmenting.request(start=JANUARY)


def test_several_currencies_have_to_be_chosen_from(bring_in):
    bring_in(rows_of(YEAR))
    bring_in([("P1", "100", "2026-02-10", 1, 1000)], currency="PLN")
    with pytest.raises(RunRefused, match="EUR, PLN"):
        segmenting.request(start=JANUARY)
    assert rollup.currencies() == ["EUR", "PLN"]
    assert segmenting.request(start=JANUARY, currency="PLN").currency == "PLN"


def test_a_kam_runs_nothing(bring_in, kam):
    bring_in(rows_of(YEAR))
    with pytest.raises(RunRefused, match="Only an analyst or a sales head"):
        segmenting.request(start=JANUARY, by=kam)


@pytest.mark.parametrize(
    ("text", "kept"),
    [(" 10 / 12 ", "10/12"), ("0,10", "0.10"), (".5", "0.5"), ("2.5/12", "2.5/12"), ("1", "1")],
)
def test_limits_as_people_write_them(text, kept):
    assert run_wishes.read_limit(text) == kept


@pytest.mark.parametrize("text", ["", "-0.1", "1e-1", "10/12/3", "1/0", "½", "1" * 30])
def test_what_is_no_limit(text):
    with pytest.raises(RunRefused):
        run_wishes.read_limit(text)


# ── Jobs ─────────────────────────────────────────────────────────────────────────────────────


def test_a_run_that_rings_twice_leaves_one_set(bring_in):
    bring_in(rows_of(YEAR))
    run = segmenting.request(start=JANUARY)
    tasks.run_segmentation(run.pk)
    tasks.run_segmentation(run.pk)
    assert Segment.objects.filter(run=run).count() == 4


def test_a_run_whose_worker_died_begins_anew(segmented):
    run = segmented(YEAR)
    SegmentationRun.objects.update(state=JobState.RUNNING, in_force=False)
    tasks.take_up_abandoned(patience_seconds=0)
    run.refresh_from_db()
    assert run.has_succeeded
    assert run.segments.count() == 4


def test_sales_that_went_away_before_the_run_began_are_told(bring_in):
    bring_in(rows_of(YEAR))
    run = segmenting.request(start=JANUARY)
    MonthlySales.objects.all().delete()
    run = segmenting.run(run)
    assert run.state == JobState.FAILED
    assert "no sales yet" in run.error


# ── The command ──────────────────────────────────────────────────────────────────────────────


def test_the_command_prints_the_nine_cells_and_writes_the_clients(bring_in, tmp_path):
    bring_in(rows_of(YEAR))
    path = tmp_path / "out.csv"
    result = command(months=12, abc="80,95", xyz="frequency", limits="10/12,5/12", output=path)
    assert result["counts"]["AX"] == 1
    assert sum(result["counts"].values()) == 4
    header, first, *rest = path.read_text().splitlines()
    assert header.startswith("client,total,documents,active_months,abc,xyz,cv,share_before")
    assert first.startswith("100,1200,12,12,A,X,0,0,")
    assert rest[-1].startswith("400,-60,0,0,C,Z,,1,")


def test_the_command_puts_its_run_in_force_when_told(segmented):
    segmented(YEAR)
    result = command(in_force=True)
    assert result["in_force"]
    assert SegmentationRun.objects.in_force().pk == result["run"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"start": "January"}, "no month"),
        ({"start": "2026-13"}, "no month"),
        ({"abc": "80"}, "two limits"),
        ({"limits": "0.1;0.2"}, "two limits"),
        ({"start": "1999-01"}, "no sales in the period"),
        ({"output": Path("/nowhere/at/all.csv")}, "cannot be written"),
    ],
)
def test_the_command_refuses_with_a_sentence(bring_in, options, words):
    bring_in(rows_of(YEAR))
    with pytest.raises(CommandError, match=words):
        command(**options)

"""Charts of months: what is drawn, what is said where nothing can be drawn, and the same as a table."""

import datetime
import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from segmentation.charts import HALF, Column, bands_chart, points_chart, sales_chart

MONTHS = [datetime.date(2026, month, 1) for month in range(1, 13)]


def drawn(chart):
    """The shapes of the chart, once it has been read as what it is: SVG."""
    return ElementTree.fromstring(f"<svg>{chart.body}</svg>")


def bars(chart, kind="sales-chart-now"):
    return [rect for rect in drawn(chart).iter("rect") if kind in rect.get("class")]


def test_each_month_has_its_bar_and_the_year_before_beside_it():
    chart = sales_chart(
        [(month, Decimal(100)) for month in MONTHS], [Decimal(50)] * 12, currency="EUR"
    )
    now, before = bars(chart), bars(chart, "sales-chart-before")
    assert len(now) == len(before) == 12
    assert float(now[0].get("height")) == pytest.approx(2 * float(before[0].get("height")), abs=0.2)
    assert float(before[0].get("x")) < float(now[0].get("x"))
    assert now[0].find("title").text == "January 2026: 100.00 EUR"
    assert before[0].find("title").text == "January 2025: 50.00 EUR"
    assert chart.has_before


@pytest.mark.parametrize(
    "amounts",
    [
        [Decimal(0)] * 12,  # no sales
        [Decimal(0)] * 11 + [Decimal(900)],  # one month
        [Decimal(-5)] * 12,  # returns only
        [Decimal(1000), Decimal(-250)] * 6,  # months below nought among others
        [None] * 12,  # nothing is known
    ],
)
def test_whatever_the_months_hold_every_shape_stays_on_the_sheet(amounts):
    chart = sales_chart(list(zip(MONTHS, amounts, strict=True)), currency="EUR", width=HALF)
    for rect in drawn(chart).iter("rect"):
        left, top = float(rect.get("x")), float(rect.get("y"))
        assert left >= 0
        assert left + float(rect.get("width")) <= HALF
        assert top >= 0
        assert top + float(rect.get("height")) <= float(chart.height)


def test_a_month_below_nought_hangs_below_the_ground():
    chart = sales_chart([(MONTHS[0], Decimal(100)), (MONTHS[1], Decimal(-100))], currency="EUR")
    [ground] = [line for line in drawn(chart).iter("line") if "chart-axis" in line.get("class")]
    up, down = bars(chart)
    assert float(up.get("y")) + float(up.get("height")) == pytest.approx(float(ground.get("y1")))
    assert float(down.get("y")) == pytest.approx(float(ground.get("y1")))


def test_a_month_without_a_figure_says_why_in_the_drawing_and_in_the_table():
    chart = sales_chart(
        [(MONTHS[0], Decimal(0)), (MONTHS[1], None), (MONTHS[2], Decimal(7))],
        [Decimal(0), Decimal(1), Decimal(1)],
        currency="EUR",
        notes={
            MONTHS[0]: ("–", "no sales"),
            MONTHS[1]: ("?", "cost unknown"),
            datetime.date(2025, 1, 1): ("–", "no sales"),
        },
    )
    assert len(bars(chart)) == 1
    said = [title.text for title in drawn(chart).iter("title")]
    assert "January 2026: no sales" in said
    assert "February 2026: cost unknown" in said
    assert [(row.note, row.before_note) for row in chart.rows] == [
        ("no sales", "no sales"),
        ("cost unknown", ""),
        ("", ""),
    ]


def test_orders_are_whole_on_their_axis():
    chart = sales_chart([(MONTHS[0], Decimal(1))], unit="orders", currency="")
    levels = [text.text for text in drawn(chart).iter("text") if text.get("text-anchor") == "end"]
    assert levels == ["0", "1"]
    assert chart.unit == "orders"


def test_a_currency_of_another_alphabet_cannot_break_the_drawing():
    chart = sales_chart([(MONTHS[0], Decimal(1))], currency="<&>")
    assert bars(chart)[0].find("title").text == "January 2026: 1.00 <&>"


def test_years_of_different_length_are_refused():
    with pytest.raises(ValueError, match="same months"):
        sales_chart([(MONTHS[0], Decimal(1))], [], currency="EUR")


def test_scores_carry_their_figures_and_hang_where_they_are_below_nought():
    chart = points_chart(
        [Column("Q1", Decimal(-40), "minus forty"), Column("Q2", None, mark="–", mark_says="none")],
        lowest=-100,
        highest=100,
        name="nps",
        title="NPS",
        description="",
    )
    texts = [re.sub(r"\s", "", text.text or "") for text in drawn(chart).iter("text")]
    assert "−40" in texts
    assert "–" in texts
    assert len(bars(chart)) == 1


def test_counts_of_several_kinds_stand_in_rows_that_are_named():
    chart = bands_chart(
        ["Q1", "Q2"], [("Meetings", [3, 0]), ("Calls", [0, 0])], name="e", title="", description=""
    )
    texts = [text.text for text in drawn(chart).iter("text")]
    assert {"Meetings", "Calls", "3", "0", "Q1", "Q2"} <= set(texts)
    assert len(bars(chart)) == 1

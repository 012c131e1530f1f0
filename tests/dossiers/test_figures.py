"""The section of figures: what the sales and the timeline say, with what each was computed from."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from segmentation import client_figures
from segmentation.models import (
    MonthlySales,
    SalesDocument,
    SalesImport,
    SalesLine,
    Segment,
    SegmentationRun,
)
from tests import factories

pytestmark = pytest.mark.django_db
MONTHS = [datetime.date(2025 + (place // 12), place % 12 + 1, 1) for place in range(24)]


def section(dossier):
    return reverse("dossiers:section", args=[dossier.pk, "figures"])


def sell(dossier, month, revenue, *, cost=None, orders=1):
    active = orders > 0
    return MonthlySales.objects.create(
        client=dossier.client, month=month, currency="EUR", revenue=revenue, cost=cost, orders=orders, active=active,
    )  # fmt: skip


def run_of(analyst, *, in_force=True, start=datetime.date(2026, 1, 1), days_ago=0):
    return SegmentationRun.objects.create(
        start=start, periods=12, currency="EUR", state="succeeded", created_by=analyst, in_force=in_force,
        put_in_force_at=timezone.now() - datetime.timedelta(days=days_ago),
    )  # fmt: skip


def segment_of(run, dossier, letters="AX"):
    return Segment.objects.create(
        run=run, client=dossier.client, rank=1, abc=letters[0], xyz=letters[1], total=1, documents=1,
        active_periods=12, history_periods=12, share_before=0, share=Decimal("0.1"), nets=[1] * 12,
    )  # fmt: skip


def sold_lines(dossier, *lines):
    """Lines of (product, day, amount)."""
    brought = SalesImport.objects.create(original_name="sales.csv", state="succeeded")
    for number, (product, day, amount) in enumerate(lines, 1):
        document = SalesDocument.objects.create(
            number=f"FV/{number}", digest="x", sales_import=brought
        )
        SalesLine.objects.create(
            document=document, line_no=number, client=dossier.client, sold_on=day, product=product, amount=amount,
            currency="EUR",
        )  # fmt: skip


# ── The arithmetic ───────────────────────────────────────────────────────────────────────────


def figures_of(dossier, head):
    return client_figures.of(dossier.client, user=head)


def test_without_sales_there_are_no_figures(dossier, head, as_kam):
    assert figures_of(dossier, head) is None
    assertContains(as_kam.get(section(dossier)), "No sales yet")


def test_one_month_is_a_year_with_eleven_empty_months(dossier, head):
    sell(dossier, MONTHS[-1], 1000, cost=600)
    found = figures_of(dossier, head)
    assert (found.revenue, found.margin, found.orders, found.active_months) == (1000, 400, 1, 1)
    assert sum(month.is_empty for month in found.months) == 11
    assert found.growth is None
    assert found.retention is None
    assert found.lifetime_value is None


def test_returns_alone_are_a_loss_and_no_purchase(dossier, head, as_kam):
    sell(dossier, MONTHS[3], 500, cost=300)
    sell(dossier, MONTHS[-1], -200, cost=-100, orders=0)
    found = figures_of(dossier, head)
    assert (found.revenue, found.margin, found.active_months) == (-200, -100, 0)
    assert (found.retention.kept, found.retention.had) == (0, 1)
    assert found.last_bought == MONTHS[3]
    # −100 × 1/3 ÷ (1.1 − 1/3)
    assert found.lifetime_value == Decimal("-43.48")
    page = as_kam.get(section(dossier))
    assertContains(page, "The margin is below nought")


def test_a_month_of_unknown_cost_makes_the_margin_of_the_year_unknown(dossier, head, as_kam):
    for month in MONTHS[12:]:
        sell(dossier, month, 100, cost=60)
    MonthlySales.objects.filter(month=MONTHS[-1]).update(cost=None)
    found = figures_of(dossier, head)
    assert found.margin is None
    assert found.months[0].margin == 40
    page = as_kam.get(section(dossier))
    assertContains(page, "the cost of some lines is unknown")
    assertContains(page, "In 1 month the cost of a line is unknown")
    assertContains(page, "cost unknown")


def test_the_lifetime_value_stands_with_its_formula_and_its_inputs(dossier, head, as_kam, settings):
    settings.KAM_DISCOUNT_RATE = Decimal(10)
    for month in MONTHS:
        sell(dossier, month, 100, cost=60)
    # 480 × 13/14 ÷ (1.1 − 13/14) = 480 × 65/12
    assert figures_of(dossier, head).lifetime_value == Decimal("2600.00")
    page = as_kam.get(section(dossier))
    for said in (
        "2,600\xa0EUR",
        "480\xa0EUR · 0.929 ÷ (1 + 0.100 − 0.929)",
        "(12 + 1) ÷ (12 + 2)",
        "Gupta and Lehmann (2003)",
        "Of the 12 months of the year before with purchases, 12 had purchases again",
    ):
        assertContains(page, said)


# ── The page ─────────────────────────────────────────────────────────────────────────────────


def test_months_without_sales_are_shown_as_such_in_drawing_and_table(dossier, as_kam):
    sell(dossier, MONTHS[-1], 1000, cost=600)
    sell(dossier, MONTHS[-3], 1000, cost=600)
    page = as_kam.get(section(dossier))
    assertContains(page, "November 2026: no sales")
    assertContains(page, '<span class="quiet">no sales</span>')
    for title in ("Sales by month", "Margin by month", "Orders by month"):
        assertContains(page, title)


def test_every_figure_says_which_sales_it_comes_from(dossier, as_kam, analyst):
    sell(dossier, MONTHS[-1], 1000)
    assertContains(
        as_kam.get(section(dossier)), "the last month is the last in which anybody bought"
    )
    run = run_of(analyst)
    segment_of(run, dossier)
    page = as_kam.get(section(dossier))
    assertContains(page, "From the sales in EUR of January 2026 – December 2026")
    assertContains(page, f"the segmentation in force (run {run.pk})")


def test_what_they_bought_and_when_nobody_has_to_type(dossier, as_kam, as_head):
    sell(dossier, MONTHS[-1], 1000, cost=600)
    sold_lines(
        dossier,
        ("Bearing", datetime.date(2026, 12, 3), 750),
        ("Belt", datetime.date(2026, 12, 9), 250),
        ("Old belt", datetime.date(2024, 3, 5), 10),
        ("Return", datetime.date(2027, 1, 9), -5),
    )
    page = as_kam.get(section(dossier))
    for said in (
        "Bearing",
        "75.0\xa0%",
        "last purchase <b>9 Dec 2026</b>",
        "First purchase 5 Mar 2024",
    ):
        assertContains(page, said)
    assertNotContains(page, "Old belt")
    front = as_kam.get(reverse("dossiers:dossier", args=[dossier.pk]))
    assertContains(front, "bought from December 2026 to December 2026")


def test_sales_that_name_no_products_say_so(dossier, as_kam):
    sell(dossier, MONTHS[-1], 1000)
    sold_lines(dossier, ("", datetime.date(2026, 12, 3), 750))
    assertContains(as_kam.get(section(dossier)), "name no products")


def test_each_run_that_was_in_force_stands_in_the_history_with_its_period(dossier, as_kam, analyst):
    sell(dossier, MONTHS[-1], 1000)
    segment_of(
        run_of(analyst, in_force=False, start=datetime.date(2025, 1, 1), days_ago=90), dossier, "BZ"
    )
    segment_of(run_of(analyst, days_ago=1), dossier, "AX")
    never = run_of(analyst, in_force=False)
    SegmentationRun.objects.filter(pk=never.pk).update(put_in_force_at=None)
    segment_of(never, dossier, "CY")
    found = client_figures.segment_history(dossier.client)
    assert [one.letters for one in found] == ["BZ", "AX"]
    page = as_kam.get(section(dossier))
    assertContains(page, "January 2025 – December 2025")
    assertContains(page, "Segment BZ")
    assertNotContains(page, "Segment CY")


def test_a_run_by_quarters_in_force_names_its_quarters(dossier, analyst):
    by_quarters = run_of(analyst)
    SegmentationRun.objects.filter(pk=by_quarters.pk).update(unit="quarter", periods=4)
    segment_of(by_quarters, dossier)
    (found,) = client_figures.segment_history(dossier.client)
    assert found.run.period == "Q1 2026 – Q4 2026"


def test_engagement_is_counted_by_quarter_from_the_timeline(dossier, as_kam):
    today = timezone.localdate()
    for kind in ("meeting", "meeting", "call", "initiative", "delivery"):
        factories.entry("timeline", dossier, kind=kind, happened_on=today)
    factories.entry(
        "timeline", dossier, kind="feedback", happened_on=today.replace(year=today.year - 3)
    )
    page = as_kam.get(section(dossier))
    assertContains(page, "Engagement by quarter")
    quarter = f"Q{(today.month - 1) // 3 + 1} {today:%y}"
    assertContains(page, f"Meetings, {quarter}: 2")
    assertContains(page, f"Calls, {quarter}: 1")
    assertNotContains(page, f"Feedback sessions, {quarter}")


def test_a_dossier_nobody_worked_on_says_what_to_do_about_it(dossier, as_kam):
    page = as_kam.get(section(dossier))
    assertContains(page, "No meeting, call, feedback session or joint initiative was noted")


def test_another_kam_sees_no_figures(dossier, as_other_kam):
    sell(dossier, MONTHS[-1], 1000)
    assert as_other_kam.get(section(dossier)).status_code == 404


@pytest.mark.parametrize(("language", "shown"), [("pl", "0,10 / 0,25"), ("en", "0.10 / 0.25")])
def test_the_limits_of_a_run_have_the_decimal_mark_of_the_reader(
    as_analyst, analyst, language, shown
):
    run_of(analyst)
    analyst.language = language
    analyst.save()
    assertContains(as_analyst.get(reverse("segmentation:runs")), shown)

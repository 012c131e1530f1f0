"""The three scores: the arithmetic against figures computed by hand, and what a KAM reads of them."""

import datetime
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from dossiers import quality, scores
from dossiers.pieces import BY_KEY
from dossiers.quality import WEIGHED, Quality, Standing
from dossiers.scores import Ingredient, Score
from dossiers.surveys import nps
from tests import factories

HTMX = {"HX-Request": "true"}


def figures_page(dossier):
    return reverse("dossiers:section", args=[dossier.pk, "figures"])


def days_ago(days):
    return timezone.localdate() - datetime.timedelta(days=days)


# ── The scales ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("found", "points"),
    [
        (scores.of_assessment(1), 0),
        (scores.of_assessment(4), 75),
        (scores.of_assessment(None), None),
        (scores.of_coverage(3, 5), 60),
        (scores.of_coverage(0, 0), None),
        (scores.of_complaints(0, is_noted=True), 100),
        (scores.of_complaints(0, is_noted=False), None),
        (scores.of_complaints(1, is_noted=False), 50),
        (scores.of_complaints(3, is_noted=True), 0),
        (scores.of_nps(nps([10, 9, 0])), Fraction(133, 2)),  # NPS +33
        (scores.of_nps(nps([0])), 0),
        (scores.of_nps(nps([])), None),
        (scores.of_growth(Decimal(0)), 50),
        (scores.of_growth(Decimal("0.1")), 75),
        (scores.of_growth(Decimal("-0.5")), 0),
        (scores.of_growth(Decimal(3)), 100),
        (scores.of_growth(None), None),
        (scores.of_wallet(Fraction(3, 8)), Fraction(75, 2)),
        (scores.of_wallet(Decimal("1.2")), 100),
        (scores.of_regularity("Y"), 50),
        (scores.of_regularity("X", is_short_history=True), None),
        (scores.of_regularity(""), None),
        (scores.of_margin(Decimal("0.15")), 50),
        (scores.of_margin(Decimal("-0.1")), 0),
        (scores.of_margin(None), None),
    ],
)
def test_each_ingredient_has_its_scale(found, points):
    assert found == points


def made_of(*ingredients):
    return Score("x", tuple(Ingredient(str(place), *one) for place, one in enumerate(ingredients)))


@pytest.mark.parametrize(
    ("ingredients", "value"),
    [
        # (40 × 75 + 30 × 50 + 15 × 100 + 15 × 20) ÷ 100
        (((40, Fraction(75)), (30, Fraction(50)), (15, Fraction(100)), (15, Fraction(20))), 63),
        # what is not known is left out: (40 × 75 + 30 × 50) ÷ 70 = 64.3
        (((40, Fraction(75)), (30, Fraction(50)), (30, None)), 64),
        # half of the weight is enough, less is not
        (((50, Fraction(10)), (50, None)), 10),
        (((49, Fraction(10)), (51, None)), None),
        (((60, None), (40, None)), None),
        # halves are rounded up
        (((50, Fraction(1)), (50, Fraction(0))), 1),
    ],
)
def test_a_score_is_the_weighted_mean_of_what_is_known(ingredients, value):
    assert made_of(*ingredients).value == value


def test_what_is_unknown_comes_first_among_what_would_raise_it_then_what_lacks_most():
    score = made_of((20, Fraction(100)), (30, Fraction(90)), (20, Fraction(0)), (30, None))
    assert [one.key for one in score.to_raise] == ["3", "2", "1"]
    # 20 × 100 ÷ 70
    assert scores.gain(score, score.ingredients[2]) == 29
    assert scores.gain(score, score.ingredients[3]) is None


# ── The quality of a dossier ─────────────────────────────────────────────────────────────────


def standing(**records):
    """Every piece says nothing, but those named: (records, stale ones)."""
    named = {key.replace("_", "-"): counts for key, counts in records.items()}
    return Quality(tuple(Standing(piece, *named.get(piece.key, (0, 0))) for piece in WEIGHED))


def weight(key):
    return BY_KEY[key].weight


def test_a_dossier_that_says_nothing_has_no_quality():
    empty = standing()
    assert (empty.percent, empty.completeness, empty.freshness) == (0, 0, 0)
    assert len(empty.missing) == len(WEIGHED)


def test_a_dossier_in_which_everything_was_confirmed_is_all_there_is():
    full = Quality(tuple(Standing(piece, 3, 0) for piece in WEIGHED))
    assert (full.percent, full.completeness, full.freshness) == (100, 100, 100)
    assert full.raises == ()


def test_what_nobody_confirmed_counts_half():
    stale = Quality(tuple(Standing(piece, 2, 2) for piece in WEIGHED))
    assert (stale.percent, stale.completeness, stale.freshness) == (50, 100, 0)


def test_a_piece_counts_by_the_part_of_it_that_is_stale():
    found = standing(stakeholders=(4, 1), swot=(1, 0))
    whole = sum(piece.weight for piece in WEIGHED)
    said = weight("stakeholders") + weight("swot")
    lost = Fraction(weight("stakeholders"), 4)
    assert found.completeness == said * 100 // whole
    assert found.freshness == int((said - lost) * 100 / said)
    assert found.percent == int((said - lost / 2) * 100 / whole)


def test_the_three_things_that_would_raise_it_most_come_with_their_points():
    full = {piece.key.replace("-", "_"): (2, 0) for piece in WEIGHED}
    found = standing(**{**full, "stakeholders": (2, 2), "swot": (0, 0), "budget": (2, 1)})
    assert [(one.piece.key, one.is_to_confirm) for one in found.raises] == [
        ("stakeholders", True),
        ("swot", False),
        ("budget", True),
    ]
    assert found.raises[0].points == Fraction(
        weight("stakeholders") * 50, sum(piece.weight for piece in WEIGHED)
    )


@pytest.mark.django_db
def test_the_database_counts_what_is_said_and_what_is_stale(dossier, head):
    today = timezone.localdate()
    factories.entry("criteria", dossier, name="Price", today=today)
    factories.entry("criteria", dossier, name="Time", today=days_ago(91))
    factories.entry("timeline", dossier, today=days_ago(400))
    factories.entry("assessments", dossier, assessed_on=days_ago(300), today=days_ago(300))
    factories.entry("assessments", dossier, assessed_on=days_ago(3), today=days_ago(3))
    plan = dossier.plan
    plan.strengths, plan.threats, plan.confirmed_on = "Stock", "Price", days_ago(100)
    plan.save()
    found = {one.piece.key: one for one in quality.now(dossier, today=today).standings}
    assert (found["criteria"].records, found["criteria"].stale) == (2, 1)
    # what happened stays true, and of the assessments only the newest counts
    assert (found["timeline"].records, found["timeline"].stale) == (1, 0)
    assert (found["assessments"].records, found["assessments"].stale) == (1, 0)
    assert (found["swot"].records, found["swot"].stale) == (1, 1)
    assert not found["value"].says_something
    fetched = quality.with_quality(type(dossier).objects.all(), today=today).get(pk=dossier.pk)
    assert quality.of(fetched) == quality.now(dossier, today=today)
    counted = quality.with_completeness(type(dossier).objects.all()).get(pk=dossier.pk)
    assert quality.of(fetched).completeness == counted.completeness


@pytest.mark.django_db
def test_confirming_in_place_raises_the_quality_in_the_head_at_once(as_kam, dossier):
    entry = factories.entry("criteria", dossier, today=days_ago(91))
    before = quality.now(dossier, today=timezone.localdate())
    address = reverse("dossiers:confirm", args=[dossier.pk, "competitors", "criteria", entry.pk])
    answer = as_kam.post(address, {"seen": entry.version}, headers=HTMX)
    after = quality.now(dossier, today=timezone.localdate())
    assert after.freshness > before.freshness
    assertContains(answer, 'id="quality" hx-swap-oob="true"')
    assertContains(answer, f"{after.freshness} %")


@pytest.mark.django_db
def test_the_head_leads_to_the_form_of_what_is_missing(as_kam, dossier):
    page = as_kam.get(reverse("dossiers:dossier", args=[dossier.pk]))
    assertContains(page, "What would raise it most")
    add = reverse("dossiers:add", args=[dossier.pk, "decision", "stakeholders"])
    assertContains(page, add)
    assert as_kam.get(add).status_code == 200


# ── What a KAM reads ─────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_new_dossier_has_no_scores_to_invent(as_kam, dossier):
    page = as_kam.get(figures_page(dossier))
    assertContains(page, "not enough known", count=2)
    assertContains(page, "Assess the relationship")
    assertContains(page, "never assessed")


@pytest.mark.django_db
def test_the_relationship_is_scored_with_its_numbers_put_in(as_kam, dossier):
    factories.entry("assessments", dossier, score=4, assessed_on=days_ago(10))
    met = factories.entry("stakeholders", dossier, influence=8, last_met_on=days_ago(20))
    called = factories.entry("stakeholders", dossier, name="Called", influence=5)
    factories.entry("timeline", dossier, kind="call", stakeholder=called, happened_on=days_ago(90))
    factories.entry("stakeholders", dossier, name="Lost", influence=9, last_met_on=days_ago(91))
    factories.entry("stakeholders", dossier, name="Minor", influence=4)
    factories.entry("timeline", dossier, kind="complaint", happened_on=days_ago(5))
    factories.entry("surveys", dossier, score=10, answered_on=days_ago(5), stakeholder=met)
    page = as_kam.get(figures_page(dossier))
    # 40 × 75 + 30 × 66.67 + 15 × 50 + 15 × 100
    assertContains(page, "(40 × 75 + 30 × 67 + 15 × 50 + 15 × 100) ÷ 100 = 73")
    assertContains(page, "2 of 3 people with influence of 5 or more, within 90 days")
    assertContains(page, "1 open complaint")
    # the front page shows the same score and leads to how it is counted
    assertContains(
        as_kam.get(reverse("dossiers:dossier", args=[dossier.pk])), '<b class="fig">73</b>'
    )


@pytest.mark.django_db
def test_an_assessment_older_than_a_year_says_nothing_of_today(as_kam, dossier):
    factories.entry("assessments", dossier, score=5, assessed_on=days_ago(366))
    page = as_kam.get(figures_page(dossier))
    assertContains(page, "is older than a year")
    assertContains(page, "not enough known", count=2)


@pytest.mark.django_db
def test_the_scores_come_anew_for_htmx_but_not_for_a_stranger(as_kam, as_other_kam, dossier):
    answer = as_kam.get(figures_page(dossier), headers=HTMX)
    assertContains(answer, 'id="scores-of-three"')
    assertNotContains(answer, "<html")
    assert answer.headers["Vary"]
    assert as_other_kam.get(figures_page(dossier), headers=HTMX).status_code == 404


# ── What is stale in a section ───────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_section_names_what_nobody_confirmed_and_one_click_confirms_it(as_kam, dossier, kam):
    entry = factories.entry("criteria", dossier, name="Delivery time", today=days_ago(91))
    factories.entry("criteria", dossier, name="Price", today=timezone.localdate())
    page = as_kam.get(reverse("dossiers:section", args=[dossier.pk, "competitors"]))
    assertContains(page, "1 entry not confirmed for 90 days")
    assertContains(page, f'href="#criteria-{entry.pk}"')
    confirm = reverse("dossiers:confirm", args=[dossier.pk, "competitors", "criteria", entry.pk])
    assertContains(page, f'hx-post="{confirm}" hx-target="#criteria"')
    as_kam.post(confirm, {"seen": entry.version}, headers=HTMX)
    stale = reverse("dossiers:stale", args=[dossier.pk, "competitors"])
    answer = as_kam.get(stale, headers=HTMX)
    assertContains(answer, '<div id="stale">')
    assertNotContains(answer, "Delivery time")


@pytest.mark.django_db
def test_the_stale_entries_of_a_list_are_confirmed_together_and_only_they(as_kam, dossier):
    today = timezone.localdate()
    stale = [
        factories.entry("criteria", dossier, name=name, today=days_ago(91))
        for name in ("Time", "Price")
    ]
    fresh = factories.entry("criteria", dossier, name="Stock", today=days_ago(30))
    page = as_kam.get(reverse("dossiers:section", args=[dossier.pk, "competitors"]))
    assertContains(page, "2 entries not confirmed for 90 days")
    seen = " ".join(f"{entry.pk}.{entry.version}" for entry in stale)
    together = reverse("dossiers:confirm_piece", args=[dossier.pk, "competitors", "criteria"])
    assertContains(page, f'value="{seen}" formaction="{together}"')
    as_kam.post(together, {"seen": seen}, headers=HTMX)
    for entry in (*stale, fresh):
        entry.refresh_from_db()
    assert [entry.confirmed_on for entry in (*stale, fresh)] == [today, today, days_ago(30)]


@pytest.mark.django_db
def test_a_stranger_is_told_nothing_of_what_is_stale(as_other_kam, dossier):
    factories.entry("criteria", dossier, today=days_ago(91))
    stale = reverse("dossiers:stale", args=[dossier.pk, "competitors"])
    assert as_other_kam.get(stale, headers=HTMX).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("section", ["general", "relationship", "decision", "competitors", "plan"])
def test_whatever_is_stale_is_led_to_in_its_place(as_kam, dossier, kam, section):
    long_ago = days_ago(91)
    person = factories.entry("stakeholders", dossier, today=long_ago)
    other = factories.entry("stakeholders", dossier, name="Other", today=long_ago)
    criterion = factories.entry("criteria", dossier, today=long_ago)
    unit = factories.entry("structure", dossier, today=long_ago)
    factories.entry("scores", dossier, criterion=criterion, today=long_ago)
    factories.entry("influence", dossier, influencer=person, influenced=other, today=long_ago)
    factories.entry("ties", dossier, colleague=kam, stakeholder=person, today=long_ago)
    factories.entry("white-space", dossier, product_line="Belts", unit=unit, today=long_ago)
    for key in ("financial-years", "headcount", "staffing", "market", "assessments", "opportunity", "budget",
                "contracts", "earlier-suppliers", "process", "competitors", "objectives", "actions"):  # fmt: skip
        factories.entry(key, dossier, today=long_ago)
    page = as_kam.get(reverse("dossiers:section", args=[dossier.pk, section])).content.decode()
    named = page[page.index('<ul class="stale-list">') :]
    places = re.findall(r'href="#([^"]+)"', named[: named.index("</ul>")])
    assert places
    for place in places:
        assert f' id="{place}"' in page, place

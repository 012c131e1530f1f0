"""Reading a dossier: the front page, the sections, and the list of one's own."""

import datetime
import itertools
import re
from decimal import Decimal

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts import assigning
from dossiers.pieces import PIECES
from dossiers.sections import Section
from segmentation.models import MonthlySales, Segment, SegmentationRun
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
LISTS = [piece for piece in PIECES if not piece.is_sheet]


def front(dossier):
    return reverse("dossiers:dossier", args=[dossier.pk])


def section(dossier, name):
    return reverse("dossiers:section", args=[dossier.pk, name])


def today():
    return timezone.localdate()


def days_ago(days):
    return today() - datetime.timedelta(days=days)


def fill(dossier, number):
    """`number` entries in every list of the dossier, as far as its rules let them be."""
    people = [
        factories.entry("stakeholders", dossier, name=f"Person {place}") for place in range(number)
    ]
    criteria = [
        factories.entry("criteria", dossier, name=f"Criterion {place}") for place in range(number)
    ]
    rival = factories.entry("competitors", dossier)
    for criterion in criteria:
        factories.entry("scores", dossier, criterion=criterion, competitor=rival)
    for above, below in itertools.pairwise(people):
        factories.entry("influence", dossier, influencer=above, influenced=below)
    for place in range(number):
        factories.entry("timeline", dossier, title=f"Talk {place}", stakeholder=people[place])
        factories.entry("actions", dossier, title=f"Do {place}")
        factories.entry("contracts", dossier, number=f"{place}/2026")
        factories.entry("structure", dossier, name=f"Unit {place}")
        factories.entry("market", dossier, name=f"Company {place}")
        factories.entry("assessments", dossier, assessed_on=days_ago(place))
        factories.entry("budget", dossier, category=f"Category {place}")
        factories.entry("process", dossier, position=place % 90 + 1)
        factories.entry("objectives", dossier, title=f"Reach {place}")


@pytest.fixture
def sold(dossier, analyst):
    """Twelve months of sales, a thousand each, and a run in force that made an AX of the client."""
    for month in range(1, 13):
        MonthlySales.objects.create(
            client=dossier.client, month=datetime.date(2026, month, 1), currency="EUR", revenue=1000, cost=600,
            orders=2, active=True,
        )  # fmt: skip
    run = SegmentationRun.objects.create(
        start=datetime.date(2026, 1, 1), periods=12, currency="EUR", state="succeeded", created_by=analyst,
        in_force=True, put_in_force_at=timezone.now(),
    )  # fmt: skip
    return Segment.objects.create(
        run=run, client=dossier.client, rank=1, abc="A", xyz="X", previous="BY", total=12000, documents=24,
        active_periods=12, history_periods=12, share_before=0, share=Decimal("0.25"), nets=[1000] * 12,
    )  # fmt: skip


# ── The head of every page ───────────────────────────────────────────────────────────────────


def test_the_head_says_who_holds_it_where_it_stands_and_what_is_missing(
    as_kam, dossier, sold, head, other_kam
):
    assigning.appoint_deputy(dossier.client, to=other_kam, by=head, today=today())
    for name in Section.values:
        page = as_kam.get(section(dossier, name))
        assert page.status_code == 200
        for said in (
            "Huta Północ",
            "Karol Kam",
            "Olga Other",
            "Key client",
            "Segment AX",
            "from BY",
            "parts missing",
        ):
            assertContains(page, said)
    # the first thing missing leads to its place
    assertContains(page, f'href="{section(dossier, "decision")}#stakeholders"')


@pytest.mark.parametrize(
    ("due_in", "said"),
    [
        (-12, "12 days overdue"),
        (-1, "1 day overdue"),
        (0, "due today"),
        (5, "due in 5 days"),
        (60, "in 60 days"),
    ],
)
def test_the_next_revision_is_said_in_words(as_kam, dossier, due_in, said):
    dossier.next_review_on = today() + datetime.timedelta(days=due_in)
    dossier.last_reviewed_on = dossier.next_review_on - datetime.timedelta(days=90)
    dossier.save()
    assertContains(as_kam.get(front(dossier)), said)


# ── Front page ───────────────────────────────────────────────────────────────────────────────


def test_the_front_page_holds_what_is_needed_before_a_call(as_kam, kam, dossier, sold):
    factories.entry(
        "stakeholders", dossier, name="Anna Buyer", roles=["decider"], stance=-2, influence=9
    )
    factories.entry("actions", dossier, title="Answer the claim", due_on=days_ago(3), owner=kam)
    factories.entry("actions", dossier, title="Long done", due_on=days_ago(30), state="done")
    factories.entry("timeline", dossier, title="Walked through the mill", happened_on=days_ago(2))
    factories.entry(
        "contracts",
        dossier,
        subject="Frame contract",
        ends_on=today() + datetime.timedelta(days=40),
    )
    factories.entry(
        "contracts",
        dossier,
        subject="Expired contract",
        starts_on=days_ago(400),
        ends_on=days_ago(4),
    )
    plan = dossier.plan
    plan.do, plan.do_not = "- Call first\n- Bring shoes", "No jokes"
    plan.save()
    page = as_kam.get(front(dossier))
    for said in (
        "Answer the claim", "3 days overdue", "Walked through the mill", "Frame contract", "in 40 days", "Call first",
        "Bring shoes", "No jokes", "12,000", "25.0", "Says nothing yet", "Note an interaction",
        "Nobody speaks for us when we are not in the room.",
    ):  # fmt: skip
        assertContains(page, said)
    assertNotContains(page, "Long done")
    assertNotContains(page, "Expired contract")
    # one click from here, and one from the list, to the form of an interaction
    note = reverse("dossiers:note", args=[dossier.pk])
    assertContains(page, f'href="{note}"')
    assertContains(as_kam.get(reverse("dossiers:mine")), f'href="{note}"')


def test_what_nobody_confirmed_for_a_quarter_is_counted_by_section(as_kam, dossier):
    factories.entry("criteria", dossier, today=days_ago(100))
    assertContains(as_kam.get(front(dossier)), "Not confirmed for 90 days")


def test_a_new_dossier_says_what_to_do_first(as_kam, dossier):
    assertContains(
        as_kam.get(front(dossier)), "Add the person who signs, even if you only know the position."
    )
    for name in Section.values:
        page = as_kam.get(section(dossier, name))
        for piece in PIECES:
            if piece.section == name and piece.shape != "sheet" and piece.key != "swot":
                assertContains(page, str(piece.first).replace("'", "&#x27;"))


# ── Sections ─────────────────────────────────────────────────────────────────────────────────


def test_every_entry_of_every_list_is_on_its_section(as_kam, dossier):
    fill(dossier, 3)
    factories.entry("financial-years", dossier, year=2024, revenue=1000)
    factories.entry("financial-years", dossier, year=2025, revenue=1100)
    factories.entry("headcount", dossier, year=2025, headcount=318)
    factories.entry("staffing", dossier, position="Storekeeper")
    factories.entry("earlier-suppliers", dossier, name="Tweed Valley")
    factories.entry("opportunity", dossier, amount=2000, probability=25, basis="Large bearings")
    general = as_kam.get(section(dossier, "general"))
    for said in ("Unit 2", "Company 2", "318", "Storekeeper", "+10.0"):
        assertContains(general, said)
    relationship = as_kam.get(section(dossier, "relationship"))
    for said in ("Talk 2", "2/2026", "Category 2", "Tweed Valley", "Large bearings", "500"):
        assertContains(relationship, said)
    decision = as_kam.get(section(dossier, "decision"))
    for said in (
        "Person 2",
        "The need is noticed",
        'id="decision-map"',
        'id="loyalty-matrix"',
        'id="stakeholder-',
    ):
        assertContains(decision, said)
    competitors = as_kam.get(section(dossier, "competitors"))
    for said in ("Criterion 2", "The rival"):
        assertContains(competitors, said)
    plan = as_kam.get(section(dossier, "plan"))
    for said in ("Do 2", "Reach 2"):
        assertContains(plan, said)


def test_the_comparison_shows_totals_and_where_we_lead_and_lag(as_kam, dossier):
    rival = factories.entry("competitors", dossier, name="Nordpas")
    speed = factories.entry("criteria", dossier, name="Speed", weight=30)
    price = factories.entry("criteria", dossier, name="Price", weight=10)
    for criterion, ours, theirs in ((speed, 5, 2), (price, 2, 4)):
        factories.entry("scores", dossier, criterion=criterion, score=ours)
        factories.entry("scores", dossier, criterion=criterion, competitor=rival, score=theirs)
    page = as_kam.get(section(dossier, "competitors"))
    text = re.sub(r"<[^>]+>|\s+", " ", page.text)
    assert "4.25" in text  # (30·5 + 10·2) / 40
    assert "2.50" in text  # (30·2 + 10·4) / 40
    assert re.search(r"We lead:\s+Speed", text)
    assert re.search(r"We lag:\s+Price", text)


def test_figures_say_what_they_were_computed_from(as_kam, dossier, sold):
    page = as_kam.get(section(dossier, "figures"))
    for said in (
        "12,000",
        "4,800",
        "25.0",
        "January 2026 – December 2026",
        "coefficient of variation",
        "Ada Analyst",
    ):
        assertContains(page, said)
    assertContains(page, "<svg")


def test_figures_before_the_first_sale_say_so(as_kam, dossier):
    assertContains(as_kam.get(section(dossier, "figures")), "No sales yet")


def test_a_long_timeline_shows_the_latest_and_the_rest_on_demand(as_kam, dossier):
    for days in range(30):
        factories.entry(
            "timeline", dossier, title=f"Talk of day {days:02}", happened_on=days_ago(days)
        )
    page = as_kam.get(section(dossier, "relationship"))
    assertContains(page, "Talk of day 00")
    assertNotContains(page, "Talk of day 29")
    part = as_kam.get(
        reverse("dossiers:piece", args=[dossier.pk, "relationship", "timeline"]) + "?shown=100",
        headers=HTMX,
    )
    assertContains(part, "Talk of day 29")
    assertContains(as_kam.get(section(dossier, "relationship") + "?shown=100"), "Talk of day 29")
    assert as_kam.get(section(dossier, "relationship") + "?shown=many").status_code == 200


def test_what_entries_have_in_common_is_said_once_and_what_differs_with_each(as_kam, kam, dossier):
    for name in ("Speed", "Price"):
        factories.entry("criteria", dossier, name=name, source="talk with their buyer", by=kam)
    page = as_kam.get(section(dossier, "competitors"))
    assert page.text.count("talk with their buyer") == 1
    factories.entry(
        "criteria", dossier, name="Advice", source="their web site", certainty="assumption", by=kam
    )
    page = as_kam.get(section(dossier, "competitors"))
    assert page.text.count("talk with their buyer") == 2
    assertContains(page, "their web site")
    assertContains(page, "Assumption")


def test_a_circle_of_units_from_another_source_is_still_shown(as_kam, dossier):
    one = factories.entry("structure", dossier, name="Hen")
    other = factories.entry("structure", dossier, name="Egg", parent=one)
    with pgtrigger.ignore("dossiers.OrgUnit:no_unit_above_itself"):
        type(one).objects.filter(pk=one.pk).update(parent=other)
    page = as_kam.get(section(dossier, "general"))
    assertContains(page, "Hen")
    assertContains(page, "Egg")


def test_text_of_people_is_text_and_not_markup(as_kam, dossier):
    factories.entry("timeline", dossier, title="<script>alert(1)</script>", text="<b>bold</b>")
    factories.entry("stakeholders", dossier, name="<img src=x>", source='"><script>')
    general = dossier.general
    general.website = "javascript:alert(1)"
    general.save()
    for name in ("relationship", "decision", "general"):
        page = as_kam.get(section(dossier, name))
        assertNotContains(page, "<script>alert")
        assertNotContains(page, "<img src=x>")
        assertNotContains(page, "<b>bold")
        assertNotContains(page, 'href="javascript')


# ── Who sees it ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("somebody", ["as_other_kam", "as_analyst", "as_colleague", "as_admin"])
def test_for_others_the_dossier_does_not_exist(request, somebody, dossier):
    browser = request.getfixturevalue(somebody)
    for path in (front(dossier), *(section(dossier, name) for name in Section.values)):
        for headers in ({}, HTMX):
            answer = browser.get(path, headers=headers)
            assert answer.status_code == 404
            assert "Huta" not in answer.text


def test_the_head_and_the_kam_see_it(as_kam, as_head, dossier):
    for browser in (as_kam, as_head):
        assertContains(browser.get(front(dossier)), "Huta Północ")


def test_a_stranger_is_asked_to_sign_in(anonymous, dossier):
    assert anonymous.get(front(dossier)).status_code == 302
    assert "HX-Redirect" in anonymous.get(section(dossier, "plan"), headers=HTMX).headers


# ── The list of one's own ────────────────────────────────────────────────────────────────────


def test_a_kam_sees_his_own_dossiers_and_a_head_all(as_kam, as_head, dossier, others_dossier):
    own = as_kam.get(reverse("dossiers:mine"))
    assertContains(own, "Huta Północ")
    assertNotContains(own, "Завод Восток")
    everything = as_head.get(reverse("dossiers:mine"))
    for said in ("Huta Północ", "Завод Восток", "Karol Kam", "Olga Other"):
        assertContains(everything, said)


def test_a_head_finds_a_dossier_by_client_or_kam_with_any_letters(as_head, dossier, others_dossier):
    found = as_head.get(reverse("dossiers:mine") + "?q=polnoc", headers=HTMX)
    assertContains(found, "Huta Północ")
    assertNotContains(found, "Завод Восток")
    assertNotContains(found, "<html")
    assertContains(as_head.get(reverse("dossiers:mine") + "?q=olga"), "Завод Восток")
    assertContains(as_head.get(reverse("dossiers:mine") + "?q=zzz"), "Nothing found")


def test_a_kam_without_clients_is_told_how_they_come(as_other_kam):
    assertContains(
        as_other_kam.get(reverse("dossiers:mine")), "A sales head hands key clients to KAMs."
    )


@pytest.mark.parametrize("somebody", ["as_analyst", "as_colleague", "as_admin"])
def test_others_have_no_list_of_dossiers(request, somebody):
    assert request.getfixturevalue(somebody).get(reverse("dossiers:mine")).status_code == 403


# ── Queries ──────────────────────────────────────────────────────────────────────────────────


def test_pages_of_a_dossier_make_as_many_queries_for_forty_entries_as_for_three(
    as_kam, dossier, sold
):
    addresses = [front(dossier), *(section(dossier, name) for name in Section.values)]

    def queries():
        as_kam.get(front(dossier))
        counts = {}
        for address in addresses:
            with CaptureQueriesContext(connection) as seen:
                assert as_kam.get(address).status_code == 200
            counts[address] = len(seen)
        return counts

    fill(dossier, 3)
    few = queries()
    for piece in LISTS:
        piece.model.objects.filter(dossier=dossier).delete()
    fill(dossier, 40)
    assert queries() == few
    assert max(few.values()) <= 20

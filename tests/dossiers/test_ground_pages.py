"""Our people and theirs, white space, contracts, budget, opportunity and assessment, as people use them."""

import datetime
import re
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from dossiers import opening
from dossiers.models import Tie, WhiteSpace
from dossiers.pieces import BY_KEY
from segmentation.models import MonthlySales
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def url(name, dossier, piece, pk=None):
    args = [dossier.pk, BY_KEY[piece].section, piece]
    return reverse(f"dossiers:{name}", args=args if pk is None else [*args, pk])


def card(browser, dossier, piece):
    return browser.get(url("piece", dossier, piece), headers=HTMX)


def today():
    return timezone.localdate()


def days(number):
    return datetime.timedelta(days=number)


@pytest.fixture
def anna(dossier, kam):
    return factories.entry(
        "stakeholders", dossier, name="Anna Buyer", influence=8, covered_by=kam, today=today()
    )


@pytest.fixture
def boss(dossier):
    return factories.entry(
        "stakeholders", dossier, name="Jan Boss", position="Director", influence=9, today=today()
    )


# ── Our people × their people ────────────────────────────────────────────────────────────────


def test_the_grid_names_who_matters_and_is_known_to_nobody(as_kam, dossier, kam, anna, boss):
    factories.entry("ties", dossier, colleague=kam, stakeholder=anna, strength=2, wanted=3)
    page = card(as_kam, dossier, "ties")
    assertContains(page, "1 of 2 important people have a working tie with one of ours.")
    assertContains(page, "Important, and known to nobody of ours:")
    assertContains(page, "Jan Boss (Director)")
    assertContains(page, "1 tie to bring further")
    assertContains(page, "covers Anna Buyer")


def test_an_empty_cell_of_the_grid_opens_the_form_with_both_people_chosen(
    as_kam, dossier, kam, anna
):
    page = card(as_kam, dossier, "ties").text
    address = re.search(r'href="([^"]*add/\?colleague=[^"]*)"', page)[1].replace("&amp;", "&")
    form = as_kam.get(address, headers=HTMX)
    assertContains(form, f'<option value="{kam.pk}" selected>{kam}</option>', html=True)
    assertContains(form, f'<option value="{anna.pk}" selected>Anna Buyer</option>', html=True)
    sent = {
        "colleague": kam.pk,
        "stakeholder": anna.pk,
        "strength": 1,
        "wanted": 2,
        "certainty": "fact",
    }
    saved = as_kam.post(url("add", dossier, "ties"), sent, headers=HTMX)
    assertContains(saved, "acquainted")
    again = as_kam.post(url("add", dossier, "ties"), sent, headers=HTMX)
    assertContains(again, "The tie of these two stands here already", status_code=422)
    assert Tie.objects.filter(dossier=dossier).count() == 1


def test_while_a_tie_is_edited_it_can_be_confirmed_and_deleted_there(as_kam, dossier, kam, anna):
    tie = factories.entry("ties", dossier, colleague=kam, stakeholder=anna)
    form = as_kam.get(url("edit", dossier, "ties", tie.pk), headers=HTMX)
    assertContains(form, url("delete", dossier, "ties", tie.pk))
    assertContains(form, url("confirm", dossier, "ties", tie.pk))
    assertNotContains(card(as_kam, dossier, "ties"), url("delete", dossier, "ties", tie.pk))


def test_who_covers_whom_is_taken_over_once_and_as_an_assumption(as_kam, dossier, kam, anna, boss):
    assertContains(card(as_kam, dossier, "ties"), "Start with who covers whom")
    address = reverse("dossiers:ties_from_coverage", args=[dossier.pk])
    first = as_kam.post(address, headers=HTMX)
    assertContains(first, "acquainted")
    assertNotContains(first, "Start with who covers whom")
    tie = Tie.objects.get(dossier=dossier)
    assert (tie.colleague, tie.stakeholder, tie.strength, tie.wanted) == (kam, anna, 1, 2)
    assert (tie.certainty, tie.created_by) == ("assumption", kam)
    again = as_kam.post(address)
    assertRedirects(
        again,
        reverse("dossiers:section", args=[dossier.pk, "relationship"]) + "#ties",
        fetch_redirect_response=False,
    )
    assert Tie.objects.filter(dossier=dossier).count() == 1


def test_taking_over_works_without_javascript(kam, dossier, anna):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(kam)
    page = browser.get(reverse("dossiers:section", args=[dossier.pk, "relationship"])).text
    acts = re.search(
        r'<form id="acts".*?name="csrfmiddlewaretoken" value="([^"]+)"', page, re.DOTALL
    )
    address = re.search(r'form="acts" formaction="([^"]*from-coverage/)"', page)[1]
    assert browser.post(address).status_code == 403
    assert browser.post(address, {"csrfmiddlewaretoken": acts[1]}).status_code == 302
    assert Tie.objects.filter(dossier=dossier).count() == 1


def test_a_colleague_who_has_left_is_not_taken_over(as_kam, dossier, colleague):
    factories.entry("stakeholders", dossier, covered_by=colleague)
    colleague.is_active = False
    colleague.save()
    answer = as_kam.post(reverse("dossiers:ties_from_coverage", args=[dossier.pk]), headers=HTMX)
    assert answer.status_code == 200
    assert "active colleagues stands in the grid already" in answer.headers["HX-Trigger"]
    assert not Tie.objects.exists()


def test_nobody_takes_over_into_a_dossier_that_is_not_his_or_is_closed(
    as_other_kam, as_head, dossier, head, anna
):
    address = reverse("dossiers:ties_from_coverage", args=[dossier.pk])
    assert as_other_kam.post(address).status_code == 404
    opening.release_key(dossier, to="lost", by=head, reason="They merged.", today=today())
    assert as_head.post(address).status_code == 403
    assert not Tie.objects.exists()


def test_a_dossier_without_stakeholders_leads_to_them_first(as_kam, dossier):
    assertContains(card(as_kam, dossier, "ties"), f'href="{url("add", dossier, "stakeholders")}"')


def test_a_tie_to_bring_further_can_be_planned_in_one_step(as_kam, dossier, kam, anna):
    factories.entry("ties", dossier, colleague=kam, stakeholder=anna, strength=1, wanted=2)
    page = card(as_kam, dossier, "ties").text
    address = re.search(r'href="([^"]*actions/add/\?[^"]*)"', page)[1].replace("&amp;", "&")
    form = as_kam.get(address, headers=HTMX)
    assertContains(form, "Anna Buyer: from “acquainted” to “working”")
    assertContains(form, f'<option value="{kam.pk}" selected>{kam}</option>', html=True)


# ── White space ──────────────────────────────────────────────────────────────────────────────


def test_white_space_without_a_structure_leads_to_the_first_unit(as_kam, dossier):
    assertContains(
        card(as_kam, dossier, "white-space"), f'href="{url("add", dossier, "structure")}"'
    )


def test_the_grid_says_what_stands_open_and_what_is_ours(as_kam, dossier):
    mill = factories.entry("structure", dossier, name="Mill")
    factories.entry("structure", dossier, name="Foundry")
    told = {"unit": mill, "ground": "open", "worth": 300, "currency": "EUR"}
    factories.entry("white-space", dossier, product_line="Seals", **told)
    factories.entry(
        "white-space", dossier, product_line="Belts",
        **{**told, "ground": "competitor", "held_by": "Nordpas", "worth": 100},
    )  # fmt: skip
    factories.entry(
        "white-space", dossier, product_line="Oil", **{**told, "ground": "ours", "worth": None}
    )
    page = card(as_kam, dossier, "white-space")
    assertContains(page, "300\N{NO-BREAK SPACE}EUR")
    assertContains(page, "Nordpas")
    assertContains(page, "1 cell without a worth counts in no figure.")
    assertContains(page, "Add: Seals, Foundry")
    # the opportunity names it and does not add it
    factories.entry("opportunity", dossier, year_number=1, amount=1000)
    assertContains(
        card(as_kam, dossier, "opportunity"),
        "In the white space 300\N{NO-BREAK SPACE}EUR a year stand open",
    )


def test_an_empty_cell_opens_the_form_with_its_line_and_unit(as_kam, dossier):
    unit = factories.entry("structure", dossier, name="Mill")
    factories.entry(
        "white-space",
        dossier,
        product_line="Seals & co",
        unit=factories.entry("structure", dossier, name="Foundry"),
    )
    page = card(as_kam, dossier, "white-space").text
    address = re.search(r'href="([^"]*add/\?product_line=Seals[^"]*unit=[^"]*)"', page)[1]
    form = as_kam.get(address.replace("&amp;", "&"), headers=HTMX)
    assertContains(form, 'value="Seals &amp; co"')
    assertContains(form, f'<option value="{unit.pk}" selected>Mill</option>', html=True)


def test_the_form_offers_lines_of_dossiers_one_may_see_and_the_rivals_here(
    as_kam, dossier, others_dossier
):
    for where, line in ((dossier, "Seals"), (others_dossier, "Secret gears")):
        unit = factories.entry("structure", where)
        factories.entry("white-space", where, product_line=line, unit=unit)
    factories.entry("competitors", dossier, name="Nordpas")
    form = as_kam.get(url("add", dossier, "white-space"), headers=HTMX)
    assertContains(form, '<option value="Seals"></option>', html=True)
    assertContains(form, '<option value="Nordpas"></option>', html=True)
    assertNotContains(form, "Secret gears")


def test_a_cell_cannot_be_worth_less_than_nothing_nor_lie_in_another_dossier(
    as_kam, dossier, others_dossier
):
    unit = factories.entry("structure", dossier)
    theirs = factories.entry("structure", others_dossier)
    sent = {
        "product_line": "Seals",
        "unit": unit.pk,
        "ground": "open",
        "worth": "-1",
        "currency": "EUR",
        "certainty": "fact",
    }
    answer = as_kam.post(url("add", dossier, "white-space"), sent, headers=HTMX)
    assertContains(answer, "What a cell is worth is nought or more.", status_code=422)
    answer = as_kam.post(
        url("add", dossier, "white-space"), {**sent, "worth": "1", "unit": theirs.pk}, headers=HTMX
    )
    assert answer.status_code == 422
    assert not WhiteSpace.objects.exists()


# ── Contracts ────────────────────────────────────────────────────────────────────────────────


def test_a_contract_that_nothing_follows_is_planned_in_one_step(as_kam, dossier):
    told = {"subject": "Bearings", "starts_on": today() - days(300)}
    factories.entry(
        "contracts", dossier, number="7/26", ends_on=today() + days(60), notice_days=30, **told
    )
    page = card(as_kam, dossier, "contracts")
    assertContains(page, "notice is near")
    assertContains(page, "30 days to give notice")
    address = re.search(r'href="([^"]*actions/add/\?[^"]*)"', page.text)[1].replace("&amp;", "&")
    form = as_kam.get(address, headers=HTMX)
    assertContains(form, "Prepare the contract that follows 7/26 (Bearings)")
    assertContains(form, f'value="{today() + days(30):%Y-%m-%d}"')
    factories.entry(
        "contracts", dossier, number="8/27", subject="bearings", starts_on=today() + days(61)
    )
    assertNotContains(card(as_kam, dossier, "contracts"), "Plan the next one")


def test_another_contract_beside_it_does_not_silence_one_that_ends(as_kam, dossier):
    ends = today() + days(20)
    factories.entry(
        "contracts", dossier, subject="Bearings", starts_on=today() - days(300), ends_on=ends
    )
    factories.entry(
        "contracts", dossier, number="9/27", subject="Service", starts_on=today() + days(21)
    )
    assertContains(card(as_kam, dossier, "contracts"), "Plan the next one")
    assertContains(as_kam.get("/"), "ends: prepare the next one")


# ── Budget, opportunity, assessment ──────────────────────────────────────────────────────────


@pytest.fixture
def sold(dossier):
    """We sold the client 100 EUR in each of three months of this year, and 5 PLN."""
    year = today().year
    for month, currency, revenue in (
        (1, "EUR", 100),
        (2, "EUR", 100),
        (3, "EUR", 100),
        (3, "PLN", 5),
    ):
        MonthlySales.objects.create(
            client=dossier.client, month=datetime.date(year, month, 1), currency=currency,
            revenue=Decimal(revenue), orders=1, active=True,
        )  # fmt: skip
    return year


def test_the_budget_stands_beside_what_the_sales_say(as_kam, dossier, sold):
    factories.entry("budget", dossier, year=sold, amount=1000, with_us=400)
    page = card(as_kam, dossier, "budget")
    assertContains(page, f"Our sales of this year up to March {sold}: 300\N{NO-BREAK SPACE}EUR.")
    assertContains(page, "The lines say 100\N{NO-BREAK SPACE}EUR more.")


def test_the_only_line_of_a_year_begins_with_our_sales(as_kam, dossier, sold):
    form = as_kam.get(url("add", dossier, "budget") + f"?year={sold}&currency=EUR", headers=HTMX)
    assert re.search(r'name="with_us"[^>]*value="300', form.text)
    assertContains(form, f"Our sales of this year up to March {sold}")
    factories.entry("budget", dossier, year=sold, category="Seals")
    form = as_kam.get(url("add", dossier, "budget") + f"?year={sold}&currency=EUR", headers=HTMX)
    assert not re.search(r'name="with_us"[^>]*value="300', form.text)


@pytest.mark.parametrize("year", ["x", "999999999999", "-1", "2e3", ""])
def test_a_year_that_is_none_does_no_harm(as_kam, dossier, sold, year):
    answer = as_kam.get(url("add", dossier, "budget") + f"?year={year}", headers=HTMX)
    assert answer.status_code == 200


def test_a_year_of_opportunity_that_is_missing_can_be_said_there(as_kam, dossier):
    factories.entry("opportunity", dossier, year_number=1)
    page = card(as_kam, dossier, "opportunity")
    assertContains(page, "year 1, the running one")
    assertContains(page, "nothing said yet")
    assertContains(page, f"Not counted, because nothing is said yet: {today().year + 1}")
    form = as_kam.get(url("add", dossier, "opportunity") + "?year_number=3", headers=HTMX)
    assertContains(form, '<option value="3" selected>3</option>', html=True)


def test_to_assess_again_begins_with_the_last_judgement_and_new_reasons(as_kam, dossier):
    told = {"level": "basic", "score": 2, "wanted_level": "integrated", "wanted_score": 5}
    factories.entry(
        "assessments", dossier, assessed_on=today() - days(100), text="Old reasons", **told
    )
    form = as_kam.get(url("add", dossier, "assessments"), headers=HTMX)
    assert re.search(r'name="level"[^>]*autofocus', form.text)
    assertContains(form, '<option value="basic" selected>Basic</option>', html=True)
    assertContains(form, '<option value="5" selected>5</option>', html=True)
    assertContains(form, f'value="{today():%Y-%m-%d}"')
    assert not re.search(r"<textarea[^>]*>\s*Old reasons", form.text)


def test_only_the_newest_assessment_looks_stale_and_the_earlier_reasons_unfold(as_kam, dossier):
    for ago, text in ((300, "First reasons"), (120, "Newest reasons")):
        factories.entry(
            "assessments", dossier, assessed_on=today() - days(ago), today=today() - days(ago), text=text
        )  # fmt: skip
    page = card(as_kam, dossier, "assessments")
    assertContains(page, "not confirmed for 120 days")
    assertNotContains(page, "not confirmed for 300 days")
    assert re.search(r"<details[^>]*>.*?First reasons.*?</details>", page.text, re.DOTALL)
    assert not re.search(r"<details[^>]*>[^/]*Newest reasons", page.text)


def test_an_analyst_and_a_colleague_read_none_of_it(as_analyst, as_colleague, dossier):
    for browser in (as_analyst, as_colleague):
        assert card(browser, dossier, "ties").status_code == 404
        assert card(browser, dossier, "white-space").status_code == 404

"""Section 1 as it is read: years beside each other, units with their positions, three lists of companies."""

import re

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from dossiers import heading, pdf
from dossiers.models import Dossier
from tests import factories
from tests.factories import TODAY

HTMX = {"HX-Request": "true"}


def page(browser, dossier):
    return browser.get(reverse("dossiers:section", args=[dossier.pk, "general"]))


def part(browser, dossier, piece):
    return browser.get(reverse("dossiers:piece", args=[dossier.pk, "general", piece]), headers=HTMX)


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).replace("\xa0", " ").split())


@pytest.fixture
def years(dossier):
    return [
        factories.entry("financial-years", dossier, year=year, revenue=revenue, currency="PLN")
        for year, revenue in ((2023, 1_000_000), (2025, 1_100_000), (2024, 1_250_000))
    ]


def test_years_stand_beside_each_other_with_their_growth_and_the_currency_once(
    as_kam, dossier, years
):
    answer = part(as_kam, dossier, "financial-years")
    heads = re.findall(r'<span class="fig">(\d{4})</span>', answer.text)
    assert heads == ["2025", "2024", "2023"]
    said = words(answer)
    assert "in PLN" in said
    assert "Revenue 1,100,000 −12.0 % 1,250,000 +25.0 % 1,000,000" in said
    assert said.count("PLN") == 1
    assert "Net profit" not in said
    for year in years:
        assertContains(answer, f'data-edit="{year.pk}"')
        assertContains(answer, f"/{year.pk}/edit/")


def test_where_currencies_differ_each_year_names_its_own_and_growth_is_not_told(as_kam, dossier):
    factories.entry("financial-years", dossier, year=2024, revenue=100_000, currency="PLN")
    factories.entry("financial-years", dossier, year=2025, revenue=200_000, currency="EUR")
    said = words(part(as_kam, dossier, "financial-years"))
    assert "2025 EUR 2024 PLN" in said
    assert "+100 %" not in said


def test_adding_a_year_suggests_the_one_that_is_missing(as_kam, dossier, years):
    url = reverse("dossiers:add", args=[dossier.pk, "general", "headcount"])
    factories.entry("headcount", dossier, year=2024)
    assert re.search(r'name="year"[^>]*value="2025"', as_kam.get(url, headers=HTMX).text)


@pytest.fixture
def units(dossier):
    company = factories.entry("structure", dossier, name="Huta")
    buying = factories.entry("structure", dossier, name="Purchasing", parent=company)
    factories.entry("staffing", dossier, position="Buyer", unit=buying, headcount=3)
    factories.entry("staffing", dossier, position="Adviser", headcount=1)
    return company, buying


def test_units_show_their_positions_and_lead_to_a_unit_below(as_kam, dossier, units):
    _company, buying = units
    answer = part(as_kam, dossier, "structure")
    said = words(answer)
    assert re.search(r"Purchasing .*Buyer 3", said)
    assert "Adviser" not in said
    assert "1 unit below" in said
    url = reverse("dossiers:add", args=[dossier.pk, "general", "structure"])
    below = f"{url}?parent={buying.pk}&field=name"
    assertContains(answer, 'href="{}"'.format(below.replace("&", "&amp;")))
    form = as_kam.get(below, headers=HTMX)
    assertContains(form, f'<option value="{buying.pk}" selected>Purchasing</option>', html=True)
    assert "4 people" in words(part(as_kam, dossier, "staffing"))


def test_a_new_position_shows_in_its_unit_at_once(as_kam, dossier, units):
    answer = page(as_kam, dossier)
    assertContains(answer, 'hx-trigger="changed-staffing from:body"')
    factories.entry("staffing", dossier, position="Head of buying", unit=units[1])
    assert "Head of buying 1" in words(part(as_kam, dossier, "structure"))


def test_companies_around_them_stand_in_three_lists_the_largest_share_first(as_kam, dossier):
    factories.entry("market", dossier, kind="client", name="Small", share=10)
    factories.entry("market", dossier, kind="client", name="Large", share="62.5")
    factories.entry("market", dossier, kind="supplier", name="Ore Ltd")
    answer = part(as_kam, dossier, "market")
    said = words(answer)
    assert said.index("Large") < said.index("Small") < said.index("Their suppliers")
    assert "together 72.5 %" in said
    assertContains(answer, '<rect width="62.5%"')
    assert "Their competitors Nobody is named yet." in said
    link = re.search(r'href="([^"]*kind=supplier[^"]*)"', answer.text)[1].replace("&amp;", "&")
    assertContains(
        as_kam.get(link, headers=HTMX),
        '<option value="supplier" selected>Their supplier</option>',
        html=True,
    )


def test_shares_of_different_things_are_not_summed(as_kam, dossier):
    for name in ("One", "Two"):
        factories.entry("market", dossier, kind="client", name=name, share=60)
    assertNotContains(part(as_kam, dossier, "market"), "together")


def test_what_the_sales_ledger_says_otherwise_stands_beside(as_kam, dossier):
    client = dossier.client
    client.tax_id, client.channel, client.city = "PL 123", "Dealer", "Gdynia"
    client.save()
    general = dossier.general
    general.tax_id, general.head_office, general.channel = "PL123", "ul. Nowa 1, Gdynia", "Direct"
    general.save()
    said = words(part(as_kam, dossier, "identity"))
    assert "Direct in the sales ledger: Dealer" in said
    assert said.count("in the sales ledger") == 1
    client.channel = "Export"
    client.save()
    assert "in the sales ledger: Export" in words(page(as_kam, dossier))


def test_whoever_only_reads_finds_no_way_to_change(as_head, dossier, units, years, head):
    from dossiers import opening

    opening.release_key(dossier, to="lost", by=head, reason="They closed.", today=TODAY)
    for piece in ("structure", "market", "financial-years"):
        answer = part(as_head, dossier, piece)
        assertNotContains(answer, "/add/")
        assertNotContains(answer, "data-edit=")


def test_section_1_is_printed_in_the_same_shapes(dossier, kam, years, units):
    factories.entry("market", dossier, kind="client", name="Large", share="62.5")
    found = heading.for_heading(Dossier.objects.visible_to(kam)).get(pk=dossier.pk)
    said = re.sub(r"<[^>]+>", " ", pdf.pages(found, by=kam, today=TODAY)).replace("\xa0", " ")
    said = " ".join(said.split())
    assert "in PLN 2025 2024 2023 Revenue 1,100,000 −12.0 % 1,250,000 +25.0 % 1,000,000" in said
    assert "Buyer 3" in said
    assert "Their clients" in said

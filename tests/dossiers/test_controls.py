"""Amounts, currencies, years and tags as people write them."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation
from pytest_django.asserts import assertContains, assertNotContains

from dossiers import controls, editing
from dossiers.pieces import BY_KEY, PIECES
from tests import factories
from tests.factories import TODAY

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("written", "language", "read"),
    [
        ("1200000", "en", "1200000"),
        ("1 200 000,50", "pl", "1200000.50"),
        ("1\u00a0200\u202f000,50", "ru", "1200000.50"),
        ("1.200.000,50", "pl", "1200000.50"),
        ("1,200,000.50", "pl", "1200000.50"),
        ("1,200,000", "en", "1200000"),
        ("1.200.000", "pl", "1200000"),
        ("1,200", "en", "1200"),
        ("1,25", "pl", "1.25"),
        ("1.5", "ru", "1.5"),
        ("1,5", "en", "1.5"),
        ("−12 500", "en", "-12500"),
        ("1'200", "en", "1200"),
    ],
)
def test_an_amount_is_read_as_it_is_written(written, language, read):
    with translation.override(language):
        assert controls.AmountField(max_digits=16, decimal_places=2).clean(written) == Decimal(read)


@pytest.mark.parametrize("language", ["en", "pl", "ru"])
@pytest.mark.parametrize("amount", ["1200", "1234567.5", "-12500", "0.25", "999", "74600000.00"])
def test_what_a_form_shows_is_read_back_as_the_same_amount(amount, language):
    field = controls.AmountField(max_digits=16, decimal_places=2)
    with translation.override(language):
        shown = field.prepare_value(Decimal(amount))
        assert field.clean(shown) == Decimal(amount)


@pytest.mark.parametrize("written", ["much", "1,2,3.4.5", "--5", "1e400", "NaN"])
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(controls.forms.ValidationError):
        controls.AmountField(max_digits=16, decimal_places=2).clean(written)


def sent(**values):
    return {"certainty": "fact", "currency": "EUR", **values}


def add(piece, dossier, kam, **values):
    return editing.add(BY_KEY[piece], dossier=dossier, data=sent(**values), by=kam, today=TODAY)


def test_every_piece_with_money_has_its_currency_beside_the_first_amount(dossier):
    with_money = [piece for piece in PIECES if "currency" in piece.fields]
    assert len(with_money) > 5
    for piece in with_money:
        form = controls_form(piece, dossier)
        shown = form.render()
        assert shown.count('class="money-pair"') == 1, piece.key
        assert shown.count('name="currency"') == 1, piece.key


def controls_form(piece, dossier, **how):
    from dossiers.forms import form_for

    return form_for(piece.key)(dossier=dossier, **how)


def test_a_currency_that_does_not_exist_is_refused_and_small_letters_will_do(dossier, kam):
    kept = add("financial-years", dossier, kam, year=2024, revenue="1 200 000", currency="pln")
    assert (kept.currency, kept.revenue) == ("PLN", 1_200_000)
    with pytest.raises(editing.Invalid) as refusal:
        add("financial-years", dossier, kam, year=2025, currency="ABC")
    assert "“ABC” is no currency" in refusal.value.form.render()


def test_a_year_has_four_digits(dossier, kam):
    for piece, more in (("financial-years", {}), ("headcount", {"headcount": 5})):
        with pytest.raises(editing.Invalid) as refusal:
            add(piece, dossier, kam, year=25, **more)
        assert refusal.value.form.errors["year"] == ["Give the year with four digits."]
        add(piece, dossier, kam, year=2025, **more)


def test_the_currency_most_amounts_are_in_is_offered_first(as_kam, dossier, settings):
    url = reverse("dossiers:add", args=[dossier.pk, "relationship", "contracts"])
    settings.KAM_CURRENCY = "GBP"
    assertContains(as_kam.get(url, headers=HTMX), '<option value="GBP" selected>')
    factories.entry("budget", dossier, currency="KZT")
    factories.entry("financial-years", dossier, currency="KZT")
    factories.entry("opportunity", dossier, currency="USD")
    assertContains(as_kam.get(url, headers=HTMX), '<option value="KZT" selected>')


@pytest.mark.parametrize(
    ("there", "is_published", "next_one"),
    [
        ([], True, 2025),
        ([], False, 2026),
        ([2023], True, 2024),
        ([2025], True, 2024),
        ([2025, 2024, 2022], True, 2023),
        ([2026, 2025], False, 2024),
        ([2027], False, 2026),
    ],
)
def test_the_year_to_add_is_the_one_that_is_missing(there, is_published, next_one):
    today = datetime.date(2026, 11, 21)
    assert controls.next_year(there, today=today, is_published=is_published) == next_one


def test_industries_are_tags_with_commas_and_what_others_are_called_is_offered(
    as_kam, dossier, kam
):
    factories.client(industry="Steel & rails", channel="Direct")
    url = reverse("dossiers:edit", args=[dossier.pk, "general", "identity", dossier.general.pk])
    form = as_kam.get(url, headers=HTMX)
    assertContains(form, 'list="id_industries_known"')
    assertContains(form, '<option value="Steel &amp; rails">')
    assertContains(form, '<option value="Direct">')
    data = {"version": dossier.general.version, "certainty": "fact"}
    data["industries"] = " Steel , Rails,steel, ,Rails"
    data["sites"] = "Gdynia\nŁódź"
    data["website"] = "example.com"
    answer = as_kam.post(url, data, headers=HTMX)
    assertContains(answer, '<span class="chip">Steel</span> <span class="chip">Rails</span>')
    assertContains(answer, '<span class="point">Łódź</span>')
    assertContains(answer, 'href="https://example.com"')
    dossier.general.refresh_from_db()
    assert dossier.general.industries == ["Steel", "Rails", "steel"]


def test_what_is_hard_to_know_is_explained(as_kam, dossier):
    url = reverse("dossiers:add", args=[dossier.pk, "general", "financial-years"])
    assertContains(as_kam.get(url, headers=HTMX), "Profit before interest and taxes (EBIT).")


def test_a_file_is_not_asked_whether_it_is_a_fact(as_kam, dossier):
    entry = factories.entry("attachments", dossier)
    url = reverse("dossiers:edit", args=[dossier.pk, "attachments", "attachments", entry.pk])
    form = as_kam.get(url, headers=HTMX)
    assertNotContains(form, "Fact or assumption")
    assertContains(form, '<input type="hidden" name="certainty" value="fact"')


@pytest.mark.parametrize("piece", [piece for piece in PIECES if "currency" in piece.fields])
def test_an_address_with_absurd_suggestions_opens_a_form_all_the_same(as_kam, dossier, piece):
    url = reverse("dossiers:add", args=[dossier.pk, piece.section, piece.key])
    asked = {"currency": "E\0R", "year": "2026", "title": "\0", "owner": "9" * 30}
    assert as_kam.get(url, asked, headers=HTMX).status_code == 200

"""Administrators look after people and tokens; nobody else does, and they read no dossiers."""

import re

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils.functional import Promise

from accounts import audit
from accounts.admin import site
from accounts.models import ApiToken, User
from tests import factories

PEOPLE = "/admin/accounts/user/"
TOKENS = "/admin/accounts/apitoken/"


def person_form(**changes) -> dict:
    return {
        "email": "nina@example.com",
        "name": "Nina Nowa",
        "role": "kam",
        "language": "pl",
        "position": "",
        "phone": "",
        "is_active": "on",
        "password": "",
        **changes,
    }


def said(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_strangers_are_led_to_the_one_sign_in(anonymous, db):
    for address in ("/admin/", PEOPLE, "/admin/login/"):
        arrived, _status = anonymous.get(address, follow=True).redirect_chain[-1]
        assert arrived.startswith("/account/login/?next=/admin/")


@pytest.mark.parametrize("browser", ["as_head", "as_kam", "as_analyst", "as_colleague"])
def test_nobody_but_administrators_comes_in(browser, request):
    browser = request.getfixturevalue(browser)
    for address in ("/admin/", PEOPLE, TOKENS, "/admin/audit/", f"{PEOPLE}add/"):
        assert browser.get(address).status_code == 403


def test_an_administrator_comes_in(as_admin):
    assert as_admin.get("/admin/login/").headers["Location"] == "/admin/"
    for address in ("/admin/", PEOPLE, TOKENS, "/admin/audit/", f"{PEOPLE}add/", f"{TOKENS}add/"):
        assert as_admin.get(address).status_code == 200


def test_administrators_see_no_dossiers():
    shown = {model._meta.app_label for model in site._registry}
    assert shown == {"accounts"}


def test_a_new_person_without_a_password_is_invited_and_chooses_one(as_admin, admin):
    answer = as_admin.post(f"{PEOPLE}add/", person_form(email="Nina@Example.com"))
    assert answer.status_code == 302
    nina = User.objects.get(email="nina@example.com")
    assert not nina.has_usable_password()
    assert (nina.role, nina.is_staff) == ("kam", False)
    letter = mail.outbox[-1]
    assert letter.to == ["nina@example.com"]
    assert admin.name in letter.body
    address = re.search(r"https?://\S+", letter.body).group()
    path = re.sub(r"^https?://[^/]+", "", address)
    nina_at_home = Browser()
    form = nina_at_home.get(path, follow=True)
    chosen = {"password1": "a long and new secret", "password2": "a long and new secret"}
    nina_at_home.post(form.redirect_chain[-1][0], chosen)
    signed_in = Browser().post(
        "/account/login/", {"login": "nina@example.com", "password": chosen["password1"]}
    )
    assert signed_in.status_code == 302


def test_a_weak_password_is_refused(as_admin):
    answer = as_admin.post(f"{PEOPLE}add/", person_form(password="12345"))
    assert answer.status_code == 200
    assert "too short" in said(answer)
    assert not User.objects.filter(email="nina@example.com").exists()


def test_an_address_is_one_person(as_admin, kam):
    answer = as_admin.post(f"{PEOPLE}add/", person_form(email=kam.email.upper()))
    assert answer.status_code == 200
    assert User.objects.filter(email__iexact=kam.email).count() == 1


def test_who_holds_key_clients_stays_a_kam(as_admin, kam, dossier):
    page = f"{PEOPLE}{kam.pk}/change/"
    for change in ({"role": "colleague"}, {"is_active": ""}):
        answer = as_admin.post(page, person_form(email=kam.email, name=kam.name, **change))
        assert answer.status_code == 200
        assert "Huta Północ" in said(answer)
    kam.refresh_from_db()
    assert kam.is_active
    assert kam.role == "kam"


def test_somebody_stays_an_administrator(as_admin, admin):
    page = f"{PEOPLE}{admin.pk}/change/"
    answer = as_admin.post(page, person_form(email=admin.email, name=admin.name, role="head"))
    assert "Somebody has to stay an administrator" in said(answer)
    factories.person("admin")
    answer = as_admin.post(page, person_form(email=admin.email, name=admin.name, role="head"))
    assert answer.status_code == 302


def test_a_person_who_may_not_sign_in_any_more_is_out_at_once(as_admin, as_colleague, colleague):
    assert as_colleague.get("/api/me/").status_code == 200
    page = f"{PEOPLE}{colleague.pk}/change/"
    as_admin.post(
        page,
        person_form(email=colleague.email, name=colleague.name, role="colleague", is_active=""),
    )
    assert as_colleague.get("/api/me/").status_code == 401


def test_nobody_is_deleted(as_admin, colleague):
    assert as_admin.post(f"{PEOPLE}{colleague.pk}/delete/", {"post": "yes"}).status_code == 403


def test_whose_password_was_set_is_told(as_admin, kam):
    answer = as_admin.post(
        f"{PEOPLE}{kam.pk}/password/",
        {
            "password1": "a long and new secret",
            "password2": "a long and new secret",
            "usable_password": "true",
        },
    )
    assert answer.status_code == 302
    assert mail.outbox[-1].to == [kam.email]


def test_a_token_is_shown_once_and_its_person_is_told(as_admin, kam):
    made = as_admin.post(f"{TOKENS}add/", {"person": kam.pk, "name": "Warehouse", "days": 30})
    assert made.status_code == 200
    assert "no-store" in made.headers["Cache-Control"]
    secret = re.search(r"kam_[\w-]{20,}", made.content.decode()).group()
    assert secret not in str(made.cookies)
    token = ApiToken.objects.get()
    assert (token.person, token.created_by.name) == (kam, "Adam Admin")
    assert mail.outbox[-1].to == [kam.email]
    assert secret not in mail.outbox[-1].body
    for address in (TOKENS, f"{TOKENS}{token.pk}/change/", "/admin/audit/"):
        assert secret not in said(as_admin.get(address))
    program = Browser(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/me/").json()["email"] == kam.email
    as_admin.post(TOKENS, {"action": "revoke", "_selected_action": [token.pk]})
    assert program.get("/api/me/").status_code == 401


def test_the_audit_says_who_changed_whose_role(as_admin, colleague):
    page = f"{PEOPLE}{colleague.pk}/change/"
    as_admin.post(page, person_form(email=colleague.email, name=colleague.name, role="analyst"))
    shown = said(as_admin.get("/admin/audit/"))
    assert "Person changed: Cezary Colleague" in shown
    assert "role: colleague → analyst" in shown
    assert "Adam Admin" in shown
    assert page in shown


def test_the_audit_does_not_tell_what_dossiers_say(as_admin, dossier):
    factories.entry("stakeholders", dossier, name="Łucja Żak", personal_notes="likes opera")
    shown = said(as_admin.get("/admin/audit/"))
    assert "Stakeholder added" in shown
    assert "Łucja" not in shown
    assert "opera" not in shown


def test_the_audit_can_be_narrowed_and_leads_to_older_changes(as_admin, admin, dossier):
    only = said(as_admin.get("/admin/audit/", {"kind": "accounts.client"}))
    assert "Client added" in only
    assert "Dossier added" not in only
    nothing = said(as_admin.get("/admin/audit/", {"person": admin.pk}))
    assert "Nothing was changed" in nothing
    assert "Nothing was changed" in said(
        as_admin.get("/admin/audit/", {"before": "2000-01-01T00:00:00+00:00"})
    )
    for nonsense in (
        {"before": "2026-99-99"},
        {"person": "x"},
        {"kind": "x"},
        {"person": "9" * 30},
    ):
        assert as_admin.get("/admin/audit/", nonsense).status_code == 200


def test_the_password_page_of_nobody_leads_back(as_admin):
    for nobody in ("abc", "9" * 30):
        answer = as_admin.get(f"{PEOPLE}{nobody}/password/")
        assert answer.status_code in (302, 404)


def test_nonsense_is_a_refusal_and_no_error(as_admin):
    for address in (
        f"{PEOPLE}abc/password/",
        f"{PEOPLE}abc/change/",
        f"{PEOPLE}999999999999999999999999/change/",
        f"{PEOPLE}?q=%00",
        f"{PEOPLE}?role__exact=x&p=abc",
        f"{PEOPLE}?password__startswith=a",
        f"{TOKENS}abc/change/",
        f"{TOKENS}?q=%00x",
        f"{PEOPLE}?role__exact=%00",
        "/admin/audit/?person=%00&kind=%00&before=%00",
    ):
        assert as_admin.get(address, follow=True).status_code < 500, address


def test_the_audit_calls_everything_by_a_word_that_people_know():
    """A name that Django makes of the class would be neither English nor translated."""
    for label, events in audit.kinds().items():
        name = events.pgh_tracked_model._meta.verbose_name
        assert isinstance(name, Promise), f"{label} needs a verbose_name"

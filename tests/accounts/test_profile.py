"""A person's own page."""

import pytest

from accounts.models import User

pytestmark = pytest.mark.django_db


def sent(**changed):
    return {"name": "Karol Kam", "position": "", "phone": "", "language": "en"} | changed


@pytest.mark.parametrize(
    ("language", "word"), [("pl", "21.02.2027"), ("ru", "21.02.2027"), ("en", "21 Feb 2027")]
)
def test_whoever_chooses_a_language_has_the_whole_house_in_it(as_kam, kam, dossier, language, word):
    answer = as_kam.post("/profile/", sent(language=language), follow=True)
    assert answer.redirect_chain == [("/profile/", 302)]
    kam.refresh_from_db()
    assert kam.language == language
    for path in ("/", "/profile/", "/revisions/"):
        page = as_kam.get(path)
        assert page.headers["Content-Language"] == language
        assert f'<html lang="{language}">' in page.content.decode()
    assert word in as_kam.get("/").content.decode()


def test_the_sign_in_page_remembers_the_language_afterwards(as_kam):
    as_kam.post("/profile/", sent(language="pl"))
    as_kam.post("/account/logout/")
    assert '<html lang="pl">' in as_kam.get("/account/login/").content.decode()


def test_a_name_is_saved_with_its_blanks_put_right(as_kam, kam):
    as_kam.post("/profile/", sent(name="  Karol   Kamiński "))
    kam.refresh_from_db()
    assert (kam.name, kam.name_sort) == ("Karol Kamiński", "karol kaminski")


def test_without_a_name_nothing_is_saved_and_the_field_says_so(as_kam, kam):
    answer = as_kam.post("/profile/", sent(name="  ", phone="+48 600 100 200"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "+48 600 100 200" in page
    assert "Karol Kam" in page  # the head of the page still shows who is signed in
    kam.refresh_from_db()
    assert (kam.name, kam.phone) == ("Karol Kam", "")


def test_nobody_makes_himself_a_head(as_kam, kam):
    as_kam.post("/profile/", sent(role="head", email="boss@example.com", is_staff="on"))
    kam.refresh_from_db()
    assert (kam.role, kam.email, kam.is_staff) == ("kam", "karol@example.com", False)


def test_an_unknown_language_is_refused(as_kam, kam):
    assert as_kam.post("/profile/", sent(language="de")).status_code == 422
    kam.refresh_from_db()
    assert kam.language == "en"


def test_the_change_is_attributed(as_kam, kam):
    as_kam.post("/profile/", sent(position="Key account manager, North"))
    event = User.pgh_event_model.objects.filter(pgh_obj=kam).order_by("pgh_id").last()
    assert event.position == "Key account manager, North"
    assert event.pgh_context.metadata["user"] == kam.pk


def test_the_page_leads_to_changing_the_password(as_kam):
    assert "/account/password/change/" in as_kam.get("/profile/").content.decode()


def test_everybody_has_a_profile_and_strangers_sign_in_first(
    as_head, as_analyst, as_colleague, as_admin, anonymous
):
    for browser in (as_head, as_analyst, as_colleague, as_admin):
        assert browser.get("/profile/").status_code == 200
    assert anonymous.get("/profile/").status_code == 302

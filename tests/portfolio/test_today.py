"""The start page answers each role's question: what needs me today?"""

import datetime
import re

import pytest
from django.utils import timezone

from accounts.models import User
from dossiers import reviewing
from dossiers.sections import REVIEWED
from tests import factories
from tests.portfolio import figures

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args, **_kwargs: TODAY)


def text(browser, path="/"):
    answer = browser.get(path)
    assert answer.status_code == 200
    return " ".join(
        re.sub(r"<svg.*?</svg>|<[^>]+>", " ", answer.content.decode(), flags=re.S).split()
    )


def filled(dossier, **action):
    factories.entry("actions", dossier, due_on=TODAY - datetime.timedelta(days=2), **action)
    factories.entry("stakeholders", dossier, last_met_on=datetime.date(2026, 5, 1))
    factories.entry(
        "contracts",
        dossier,
        starts_on=datetime.date(2025, 1, 1),
        ends_on=datetime.date(2026, 12, 31),
        notice_days=30,
    )


def test_a_kam_sees_his_clients_and_what_is_due_and_nobody_elses(as_kam, dossier, others_dossier):
    filled(dossier, title="Send the sample")
    filled(others_dossier, title="A secret of others")
    figures.segment(dossier.client, "AX", previous="AY")
    page = text(as_kam)
    assert "Huta Północ" in page
    assert "Send the sample" in page
    assert "from AY" in page
    assert "Last day of notice for contract 1/2026" in page
    assert "Завод Восток" not in page
    assert "A secret of others" not in page


def test_an_interaction_is_two_clicks_away(as_kam, dossier):
    page = as_kam.get("/").content.decode()
    address = f"/dossiers/{dossier.pk}/note/"
    assert f'href="{address}"' in page
    assert as_kam.get(address).status_code == 200


def test_a_kam_without_clients_is_told_where_they_come_from(as_kam):
    page = text(as_kam)
    assert "No key client is in your hands yet" in page
    assert "To begin with" in page


def test_a_kam_for_whom_nothing_waits_is_told_so(as_kam, dossier):
    page = text(as_kam)
    assert "Nothing waits for you." in page
    assert "Nothing is due" in page


def test_a_head_sees_what_waits_for_her(as_head, head, kam, other_kam):
    waiting = factories.dossier(
        kam=kam, by=head, name="Waiting Ltd", today=datetime.date(2026, 8, 25)
    )
    late = factories.dossier(
        kam=other_kam, by=head, name="Late Ltd", today=datetime.date(2026, 8, 1)
    )
    nobodys = factories.key_client(by=head, name="Orphan Ltd")
    candidate = factories.client(name="Hopeful Ltd", stage="candidate")
    figures.segment(waiting.client, "BX", previous="AX", share="0.2")
    review = next(
        raised for raised in reviewing.raise_due_reviews(today=TODAY) if raised.dossier == waiting
    )
    for section in REVIEWED:
        reviewing.go_through(review, section=section, seen_at=timezone.now(), by=kam, today=TODAY)
    reviewing.submit(review, by=kam, today=TODAY)
    page = text(as_head)
    for name in ("Waiting Ltd", "Late Ltd", "Orphan Ltd", "Hopeful Ltd", "from AX", "20.0 %"):
        assert name in page.replace("\xa0", " ")
    source = as_head.get("/").content.decode()
    for address in (
        f"/revisions/{review.pk}/",
        f"/dossiers/{late.pk}/",
        f"/clients/{nobodys.pk}/assign/",
        f"/clients/{candidate.pk}/make-key/",
    ):
        assert f'href="{address}"' in source


def test_a_head_of_an_empty_house_is_led_to_the_ranked_clients(as_head, kam, analyst):
    page = text(as_head)
    assert "To begin with" in page
    assert "Choose the first key client" in page


def test_an_analyst_is_told_the_next_step(as_analyst):
    page = text(as_analyst)
    assert "Begin with the sales" in page
    assert 'href="/sales/imports/' in as_analyst.get("/").content.decode()


def test_a_colleague_finds_the_key_clients_and_who_takes_care_of_them(as_colleague, dossier):
    filled(dossier, title="Not for everybody")
    page = text(as_colleague)
    assert "Huta Północ" in page
    assert "Karol Kam" in page
    assert "Not for everybody" not in page
    source = as_colleague.get("/").content.decode()
    assert f'href="/clients/{dossier.client_id}/"' in source
    assert f"/dossiers/{dossier.pk}/" not in source


def test_an_administrator_of_a_fresh_installation_invites_the_people_first(as_admin):
    page = text(as_admin)
    assert "Invite the people" in page
    assert "a sales head, a key account manager, an analyst" in page
    assert 'href="/admin/accounts/user/' in as_admin.get("/").content.decode()


def test_the_page_speaks_the_language_of_the_person_and_writes_his_dates(as_kam, kam, dossier):
    User.objects.filter(pk=kam.pk).update(language="pl")
    answer = as_kam.get("/")
    assert answer.headers["Content-Language"] == "pl"
    assert "21.02.2027" in answer.content.decode()


def test_whoever_does_not_sign_in_sees_nothing(anonymous):
    answer = anonymous.get("/")
    assert answer.status_code == 302
    assert "/account/login/" in answer.url


AT_MOST = {"kam": 12, "head": 12, "analyst": 9, "colleague": 4, "admin": 5}


def test_the_start_pages_ask_the_database_as_often_for_300_rows_as_for_3(
    request, head, kam, django_assert_num_queries, django_assert_max_num_queries
):
    """The KAM holds one client and deputises for all the others: more than anybody ever will."""
    browsers = {role: request.getfixturevalue(f"as_{role}") for role in AT_MOST}

    def grow(number):
        for _ in range(number):
            first = not kam.assignments.exists()
            holder, deputy = (kam, None) if first else (factories.kam(), kam)
            dossier = factories.dossier(kam=holder, deputy=deputy, by=head)
            filled(dossier)
            figures.segment(dossier.client, "AX", previous="AY")
            factories.client(stage="candidate")

    grow(3)
    few = {}
    for role, browser in browsers.items():
        browser.get("/")
        with django_assert_max_num_queries(AT_MOST[role]) as captured:
            browser.get("/")
        few[role] = len(captured.captured_queries)
    grow(297)
    for role, browser in browsers.items():
        # First with the sums that the new rows have made stale, then with those kept.
        with django_assert_max_num_queries(AT_MOST[role]):
            browser.get("/")
        with django_assert_num_queries(few[role]):
            browser.get("/")

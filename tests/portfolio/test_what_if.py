"""What if they leave: what the head sees, keeps, opens again and prints."""

import datetime
import io
import zipfile
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import assigning
from portfolio import exposure, leaving
from portfolio.models import Scenario
from segmentation import concentration_figures as figures_of
from segmentation import policies
from segmentation.models import MonthlySales, Rhythm
from tests import factories

PAGE, KEEP = "/portfolio/what-if/", "/portfolio/what-if/keep/"
TODAY = factories.TODAY
LAST = datetime.date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _november(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *_args: TODAY)


def sold(client, revenue, cost):
    """In October, the last full month."""
    MonthlySales.objects.create(
        client=client, month=LAST, currency="EUR", revenue=Decimal(revenue),
        cost=None if cost is None else Decimal(cost), orders=1, active=True,
    )  # fmt: skip


@pytest.fixture
def company(dossier, others_dossier, head):
    """Huta Północ brings 6,000 with a margin of 2,400, Завод Восток 3,000 with 600, a third one 1,000 with 600."""
    third = factories.client(name="Third Ltd")
    sold(dossier.client, 6000, 3600)
    sold(others_dossier.client, 3000, 2400)
    sold(third, 1000, 400)
    policies.set_policy(
        by=head, reason="From the books of the year.", fixed_costs=150, reserve=600, currency="EUR"
    )
    return {"huta": dossier.client, "zavod": others_dossier.client, "third": third}


def text(answer, status=200) -> str:
    assert answer.status_code == status
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def lines(answer) -> dict:
    return {
        line.key: (line.one.replace("\xa0", " "), line.other.replace("\xa0", " "))
        for line in answer.context["lines"]
    }


def test_the_part_alone_asks_the_same_address_again_so_that_unticking_unticks(as_head, company):
    asked = {"client": [company["huta"].pk, company["third"].pk]}
    part = text(as_head.get(PAGE, asked, headers={"HX-Request": "true"}))
    assert f'action="{PAGE}" hx-get="{PAGE}"' in part
    assert f'href="{PAGE}"' in part  # untick all


def test_revenue_margin_and_uncovered_costs_by_hand(as_head, company):
    # Margin 3,600 a year, 300 a month; without Huta 1,200, 100 a month: of 150 fixed costs 50 are uncovered,
    # and 600 last twelve months.
    answer = as_head.get(PAGE, {"client": company["huta"].pk})
    assert answer.context["revenue_lost"] == ("6,000\xa0EUR", "60.0\xa0% of all sales")
    assert answer.context["margin_lost"] == "2,400\xa0EUR"
    found = lines(answer)
    assert found["uncovered"] == ("nothing: all is covered", "50 EUR")
    assert found["runway"] == ("never: still covered", "12.0")
    assert found["first"] == ("60.0 %", "75.0 %")
    assert found["hhi"] == ("4,600", "6,250")
    assert "fixed costs a month − margin a month" in text(answer)


def test_the_fixed_costs_of_the_policy_are_said_otherwise_for_this_question(as_head, company):
    asked = {"client": company["huta"].pk, "fixed_costs": "1 100", "reserve": "0"}
    found = lines(as_head.get(PAGE, asked))
    assert found["uncovered"] == ("800 EUR", "1,000 EUR")
    assert found["runway"] == ("now", "now")


def test_costs_that_cannot_be_read_are_said_and_not_taken(as_head, company):
    answer = as_head.get(PAGE, {"client": company["huta"].pk, "fixed_costs": "-5", "reserve": "x"})
    assert lines(answer)["uncovered"][1] == "not known: say the fixed costs"
    assert answer.context["form"].errors.keys() == {"fixed_costs", "reserve"}


def test_an_unknown_margin_of_who_stays_leaves_a_bound_and_no_guess(as_head, company):
    sold(factories.client(name="No Costs"), 10, None)
    answer = as_head.get(PAGE, {"client": company["huta"].pk})
    found = lines(answer)
    assert found["margin"][1] == "not known for 1 client"
    assert found["uncovered"][1] == "not known: the margin is not"
    assert "at most 50 EUR a month are uncovered" in text(answer)


def test_an_unknown_margin_of_who_leaves_is_said(as_head, company):
    unknown = factories.client(name="No Costs")
    sold(unknown, 10, None)
    answer = as_head.get(PAGE, {"client": unknown.pk})
    assert answer.context["margin_lost"] == "not known for 1 client"
    assert lines(answer)["margin"][1] == "3,600 EUR"


def test_costs_of_the_policy_in_another_currency_are_not_taken(as_head, head, company):
    policies.set_policy(by=head, reason="In zloty now.", currency="PLN")
    page = text(as_head.get(PAGE, {"client": company["huta"].pk}))
    assert "The policy has its fixed costs and reserve in PLN" in page
    assert "not known: say the fixed costs" in page


# ── What holds them ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def exposed(company, dossier, kam, other_kam, head):
    """Huta's contract ends in three months, everything there passes through one KAM, and it is slipping."""
    assigning.appoint_deputy(company["huta"], to=other_kam, by=head, today=TODAY)
    factories.entry(
        "contracts", dossier, number="K-7", starts_on=TODAY - datetime.timedelta(days=300),
        ends_on=TODAY + datetime.timedelta(days=90), notice_days=30,
    )  # fmt: skip
    for name in ("Anna", "Bogdan"):
        factories.entry("stakeholders", dossier, name=name, covered_by=kam)
    factories.entry("assessments", dossier, assessed_on=TODAY, level="basic", score=3)
    Rhythm.objects.create(
        client=company["huta"], orders=9, first_on=LAST, last_on=LAST, median_days=10,
        spread_days=1, slips_on=TODAY - datetime.timedelta(days=1),
    )  # fmt: skip
    return company


def test_each_who_leaves_is_shown_with_what_holds_him(as_head, exposed, kam, other_kam):
    page = text(as_head.get(PAGE, {"client": exposed["huta"].pk}))
    for said in (
        "19 Feb 2027", "notice until 20 Jan 2027", "single-threaded", "Karol Kam", "deputy Olga Other", "slipping",
    ):  # fmt: skip
        assert said in page, said


def test_the_four_questions_find_their_clients(as_head, exposed):
    def asked(question):
        rows = as_head.get(PAGE, {"ask": question}).context["rows"]
        return [row["exposed"].client.name for row in rows]

    assert asked("largest") == ["Huta Północ"]
    assert asked("three") == ["Huta Północ", "Завод Восток", "Third Ltd"]
    assert asked("contracts") == ["Huta Północ"]
    assert asked("threads") == ["Huta Północ"]
    assert asked("nonsense") == []


def test_a_question_that_finds_nobody_says_so(as_head, company):
    assert "No client is of that kind today" in text(as_head.get(PAGE, {"ask": "contracts"}))


def test_a_client_is_found_by_name_and_those_ticked_stay_ticked(as_head, company):
    answer = as_head.get(PAGE, {"client": company["huta"].pk, "q": "third"})
    assert [client.name for client, _total in answer.context["offered"]] == ["Third Ltd"]
    assert [row["exposed"].client.name for row in answer.context["rows"]] == ["Huta Północ"]


def test_numbers_that_are_no_clients_are_not_counted(as_head, company):
    answer = as_head.get(PAGE, {"client": ["99999999", "x", "²", "-1", "9" * 30]})
    assert answer.context["rows"] == []


def test_what_holds_them_shows_nobody_what_he_may_not_read(
    exposed, kam, other_kam, colleague, analyst
):
    keys = [client.pk for client in exposed.values()]
    seen = {one.client: one for one in exposure.of(keys, user=kam, today=TODAY)}
    assert set(seen) == {exposed["huta"]}
    assert seen[exposed["huta"]].relationship is not None
    assert exposure.of(keys, user=colleague, today=TODAY) == []
    # An analyst sees every client's figures, and no opinion about any.
    by_analyst = exposure.of(keys, user=analyst, today=TODAY)
    assert len(by_analyst) == 3
    assert all(
        one.dossier is None and one.contract is None and not one.threads for one in by_analyst
    )


def test_what_holds_them_takes_as_many_queries_for_thirty_as_for_two(
    company, head, django_assert_num_queries, django_assert_max_num_queries
):
    keys = [client.pk for client in company.values()]
    with django_assert_max_num_queries(8) as few:
        exposure.of(keys, user=head, today=TODAY)
    for _ in range(30):
        found = factories.dossier(by=head)
        factories.entry("contracts", found)
        factories.entry("stakeholders", found)
        keys.append(found.client_id)
    with django_assert_num_queries(len(few.captured_queries)):
        assert len(exposure.of(keys, user=head, today=TODAY)) == 33


@pytest.mark.parametrize("browser", ["as_kam", "as_analyst", "as_colleague", "as_admin"])
def test_only_the_head_asks(request, browser, company):
    browser = request.getfixturevalue(browser)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(KEEP, {"name": "x", "client": company["huta"].pk}).status_code == 403
    assert not Scenario.objects.exists()


def test_without_sales_the_page_says_what_comes_first(as_head):
    assert "No sales yet" in text(as_head.get(PAGE))
    assert as_head.post(KEEP, {"name": "x"}).status_code == 422


# ── Scenarios ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kept(as_head, company):
    answer = as_head.post(
        KEEP,
        {"name": "Without Huta", "note": "Asked by the board.", "client": company["huta"].pk,
         "fixed_costs": "150", "reserve": "600", "currency": "EUR", "months": "12", "to": "2026-10"},
    )  # fmt: skip
    scenario = Scenario.objects.get()
    assert answer.headers["Location"] == f"/portfolio/scenarios/{scenario.pk}/"
    return scenario


def test_a_kept_scenario_stays_as_it_was_beside_todays_figures(as_head, head, kept, company):
    sold(factories.client(name="Newcomer"), 10000, 5200)
    answer = as_head.get(f"/portfolio/scenarios/{kept.pk}/")
    page = text(answer)
    assert "Without Huta" in page
    assert (
        "Kept by Helena Head on 21 Nov 2026, from the sales in EUR, November 2025 – October 2026"
        in page
    )
    found = lines(answer)
    assert found["uncovered"] == ("50 EUR", "nothing: all is covered")
    assert found["revenue"] == ("4,000 EUR", "14,000 EUR")
    assert found["revenue_lost"] == (
        "6,000 EUR, 60.0 % of all sales",
        "6,000 EUR, 30.0 % of all sales",
    )
    assert kept.result["period"] == {
        "first": "2025-11-01", "last": "2026-10-01", "months": 12, "currency": "EUR",
    }  # fmt: skip
    assert kept.created_by == head
    assert kept.result["policy"] == policies.current().pk


def test_a_scenario_stands_in_the_list_for_every_head(as_other_head, kept):
    assert "Without Huta" in text(as_other_head.get(PAGE))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "  "}, "required"),
        ({"client": []}, "Tick at least one client"),
        ({"name": "x" * 121}, "at most 120"),
        ({"fixed_costs": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_a_sentence(as_head, company, wrong, said):
    form = {
        "name": "Good",
        "client": [company["huta"].pk],
        "fixed_costs": "5",
        "reserve": "",
        **wrong,
    }
    page = text(as_head.post(KEEP, form), 422)
    assert said in page
    assert not Scenario.objects.exists()


def test_a_scenario_gets_another_name(as_head, kept):
    address = f"/portfolio/scenarios/{kept.pk}/rename/"
    as_head.post(address, {"name": "The worst", "note": "", "version": kept.version})
    kept.refresh_from_db()
    assert (kept.name, kept.note) == ("The worst", "")


def test_two_heads_do_not_overwrite_each_other(as_head, as_other_head, kept):
    address = f"/portfolio/scenarios/{kept.pk}/rename/"
    as_other_head.post(address, {"name": "Theirs", "version": kept.version})
    answer = as_head.post(address, {"name": "Mine", "version": kept.version})
    assert "Somebody else changed this scenario meanwhile" in text(answer, 409)
    gone = as_head.post(
        f"/portfolio/scenarios/{kept.pk}/delete/", {"version": kept.version}, follow=True
    )
    assert "Somebody else changed this scenario meanwhile" in text(gone)
    assert Scenario.objects.get().name == "Theirs"


def test_a_scenario_is_deleted(as_head, kept):
    as_head.post(f"/portfolio/scenarios/{kept.pk}/delete/", {"version": kept.version})
    assert not Scenario.objects.exists()
    assert as_head.get(f"/portfolio/scenarios/{kept.pk}/").status_code == 404


def test_a_scenario_is_taken_along_as_a_workbook(as_head, kept):
    answer = as_head.get(f"/portfolio/scenarios/{kept.pk}/clients.xlsx")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
        clients = book.read("xl/worksheets/sheet1.xml").decode()
        figures = book.read("xl/worksheets/sheet2.xml").decode()
    assert "Huta Północ" in clients
    assert "<v>6000</v>" in clients
    assert "<v>0.6</v>" in clients
    assert "75.0\xa0%" in figures


def test_a_scenario_is_printed_by_the_worker(as_head, kept, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    rung = []
    monkeypatch.setattr("dossiers.tasks.print_pdf.delay", rung.append)
    answer = as_head.get(f"/portfolio/scenarios/{kept.pk}/pdf/")
    assert answer.status_code == 202
    assert answer.headers["Refresh"]
    [asked] = tmp_path.glob("pdf/*.html")
    assert rung == [asked.stem]
    said = " ".join(asked.read_text().replace("\xa0", " ").split())
    for words in ("What if they leave: Without Huta", "6,000 EUR", "Asked by the board.", "Huta Północ", "75.0 %"):  # fmt: skip
        assert words in said, words


def test_a_scenario_of_more_clients_than_anybody_asks_about_is_refused(head, company, monkeypatch):
    monkeypatch.setattr(leaving, "MOST", 2)
    window = figures_of.default_window("EUR", today=TODAY)
    with pytest.raises(leaving.ScenarioRefused, match="at most 2 clients"):
        leaving.keep(
            name="All", clients=list(company.values()), window=window, policy=policies.current(),
            assumptions=leaving.Assumptions(), by=head, today=TODAY,
        )  # fmt: skip

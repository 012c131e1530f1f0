"""Which client a number of the ledger means: known, typed by hand, by tax id, or created; doubts for people."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Client
from segmentation import matching, rollup
from segmentation.checking import ClientSeen
from segmentation.models import DoubtfulMatch, LedgerNumber, MonthlySales, SalesImport, SalesLine
from tests import factories
from tests.segmentation.conftest import COLUMNS, HEADER

MORE = (*HEADER, "Name", "Tax", "Kam", "Channel", "Industry", "Country", "City")
ALL_COLUMNS = COLUMNS | {
    "name": "Name",
    "tax_id": "Tax",
    "kam": "Kam",
    "channel": "Channel",
    "industry": "Industry",
    "country": "Country",
    "city": "City",
}


@pytest.fixture
def told(bring_in):
    """`told({"100": {"name": "Huta", "tax_id": "…"}})`: one sale of 10 for each number, with what is told of it."""
    made = []

    def do(clients, **options):
        made.append(1)
        rows = [
            (
                f"F{len(made)}/{number}",
                number,
                "2026-01-05",
                1,
                10,
                *(about.get(role, "") for role in ClientSeen.__slots__),
            )
            for number, about in clients.items()
        ]
        return bring_in(rows, MORE, ALL_COLUMNS, **options)

    return do


def client_of(number: str) -> Client:
    return LedgerNumber.objects.get(number=number).client


def pairs() -> set[tuple]:
    return {
        (str(doubt.client), str(doubt.candidate), doubt.reason)
        for doubt in DoubtfulMatch.objects.open().select_related("client", "candidate")
    }


# ── The rule ─────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_number_creates_a_client_once(told):
    job = told({"100": {"name": "Huta Północ"}})
    assert (job.new_clients, job.matched_clients, job.doubtful_matches) == (1, 0, 0)
    row = LedgerNumber.objects.get()
    assert (row.number, row.matched_by, row.sales_import) == ("100", "created", job)
    assert row.client.external_id == "100"
    again = told({"100": {"name": "Huta Północ, other name"}})
    assert (again.new_clients, Client.objects.count()) == (0, 1)
    assert Client.objects.get().name == "Huta Północ"


def test_a_number_typed_by_hand_is_that_client(told):
    typed = factories.client(name="Typed by hand", external_id="100", stage="prospect")
    job = told({"100": {"name": "Somebody else's name"}})
    assert (job.new_clients, job.matched_clients) == (0, 0)
    assert client_of("100") == typed
    assert LedgerNumber.objects.get().matched_by == "number"
    assert MonthlySales.objects.get().client == typed


def test_a_number_of_a_merged_client_is_the_one_it_was_merged_into(told):
    kept = factories.client(name="Kept")
    factories.client(name="Merged", external_id="100", merged_into=kept)
    told({"100": {}})
    assert client_of("100") == kept
    assert MonthlySales.objects.get().client == kept


def test_a_tax_id_of_exactly_one_standing_client_is_that_client(told):
    known = factories.client(name="Huta", tax_id="521-300-37-00")
    job = told({"100": {"name": "Something quite different", "tax_id": "PL 5213003700"}})
    assert (job.new_clients, job.matched_clients) == (0, 1)
    assert client_of("100") == known
    assert LedgerNumber.objects.get().matched_by == "tax_id"


def test_a_tax_id_of_two_clients_of_another_country_or_of_a_merged_one_matches_nobody(told):
    factories.client(name="One", tax_id="5213003700")
    factories.client(name="Other", tax_id="5213003700")
    factories.client(name="German", tax_id="DE 123456789")
    kept = factories.client(name="Kept")
    factories.client(name="Gone", tax_id="7777777770", merged_into=kept)
    job = told(
        {
            "100": {"name": "A", "tax_id": "5213003700"},
            "200": {"name": "B", "tax_id": "PL 123456789"},
            "300": {"name": "C", "tax_id": "7777777770"},
        }
    )
    assert (job.new_clients, job.matched_clients) == (3, 0)


@pytest.mark.parametrize("nothing", ["", "-", "0000000000", "brak"])
def test_what_is_no_tax_id_matches_nobody(told, nothing):
    factories.client(name="Known", tax_id=nothing)
    assert told({"100": {"tax_id": nothing}, "200": {"tax_id": nothing}}).new_clients == 2


def test_two_numbers_with_one_tax_id_are_one_client(told):
    job = told(
        {
            "100": {"name": "Huta, Kraków", "tax_id": "5213003700"},
            "200": {"name": "Huta, Gdynia", "tax_id": "PL521-300-37-00", "city": "Gdynia"},
        }
    )
    assert (job.new_clients, job.matched_clients) == (1, 1)
    client = Client.objects.get()
    assert {row.number for row in client.ledger_numbers.all()} == {"100", "200"}
    assert (client.external_id, client.city) == ("100", "Gdynia")
    assert MonthlySales.objects.get().revenue == 20


def test_a_tax_id_that_a_known_number_brings_is_found_by_the_next_one(told):
    told({"100": {"name": "Huta"}})
    job = told({"100": {"tax_id": "5213003700"}, "200": {"tax_id": "5213003700"}})
    assert (job.new_clients, job.matched_clients) == (0, 1)
    assert client_of("200") == client_of("100")


# ── What the file tells ──────────────────────────────────────────────────────────────────────


def test_the_file_fills_what_is_empty_and_leaves_what_was_typed(told, analyst):
    known = factories.client(name="Huta", external_id="100", city="Kraków", kam_in_ledger="Old")
    about = {
        "city": "Gdynia",
        "country": "Poland",
        "channel": "Direct",
        "kam": "Ewa",
        "tax_id": "5213003700",
    }
    told({"100": about}, by=analyst)
    known.refresh_from_db()
    assert (known.city, known.country, known.channel) == ("Kraków", "Poland", "Direct")
    assert (known.tax_id, known.kam_in_ledger) == ("5213003700", "Ewa")
    told({"100": {"kam": "Jan", "country": "Germany"}})
    known.refresh_from_db()
    assert (known.kam_in_ledger, known.country) == ("Jan", "Poland")


def test_what_an_import_filled_is_told_as_its_deed(told, analyst):
    factories.client(name="Huta", external_id="100")
    job = told({"100": {"city": "Gdynia"}}, by=analyst)
    event = Client.events.rel.related_model.objects.order_by("-pgh_id").first()
    assert event.city == "Gdynia"
    assert event.pgh_context.metadata["user"] == analyst.pk
    assert str(job.pk) in event.pgh_context.metadata["job"]


# ── Doubts ───────────────────────────────────────────────────────────────────────────────────


def test_a_name_alone_never_puts_sales_on_a_client_but_raises_a_doubt(told):
    known = factories.client(name="Huta Północ S.A.")
    job = told({"100": {"name": "HUTA POLNOC sp. z o.o."}})
    assert (job.new_clients, job.matched_clients, job.doubtful_matches) == (1, 0, 1)
    assert pairs() == {("HUTA POLNOC sp. z o.o.", "Huta Północ S.A.", "same_name")}
    assert not MonthlySales.objects.filter(client=known).exists()
    assert DoubtfulMatch.objects.get().sales_import == job


def test_similar_names_are_doubted_and_other_ones_are_not(told):
    factories.client(name="Browar Stary Folwark")
    job = told({"100": {"name": "Stary Folwark Browar"}, "200": {"name": "Browar Nowy Folwark"}})
    assert (job.new_clients, job.doubtful_matches) == (2, 1)
    assert pairs() == {("Stary Folwark Browar", "Browar Stary Folwark", "similar_name")}


def test_names_that_we_made_up_are_not_compared(told):
    assert told({str(number): {} for number in range(100, 130)}).doubtful_matches == 0


def test_a_merged_client_is_no_candidate(told):
    kept = factories.client(name="Kept")
    factories.client(name="Huta Północ", merged_into=kept)
    assert told({"100": {"name": "Huta Północ"}}).doubtful_matches == 0


def test_a_known_number_with_the_tax_id_of_another_client_is_doubted_and_keeps_its_sales(told):
    other = factories.client(name="Other", tax_id="5213003700")
    told({"100": {"name": "Huta", "tax_id": "7010000000"}})
    job = told({"100": {"tax_id": "5213003700"}})
    assert pairs() == {("Huta", "Other", "tax_id")}
    assert job.doubtful_matches == 1
    assert client_of("100").tax_id == "7010000000"
    assert not MonthlySales.objects.filter(client=other).exists()


def test_a_known_client_without_tax_id_does_not_get_that_of_another_but_a_doubt(told):
    factories.client(name="Other", tax_id="5213003700")
    told({"100": {"name": "Huta"}})
    told({"100": {"tax_id": "5213003700"}})
    assert pairs() == {("Huta", "Other", "tax_id")}
    assert client_of("100").tax_id == ""


def test_another_tax_id_that_nobody_has_is_no_doubt(told):
    told({"100": {"name": "Huta", "tax_id": "7010000000"}})
    assert told({"100": {"tax_id": "5213003700"}}).doubtful_matches == 0


def test_what_was_decided_of_two_clients_is_not_asked_again(told):
    factories.client(name="Other", tax_id="5213003700")
    told({"100": {"name": "Huta"}})
    told({"100": {"tax_id": "5213003700"}})
    DoubtfulMatch.objects.update(state="different")
    assert told({"100": {"tax_id": "5213003700"}}).doubtful_matches == 0


# ── Many ─────────────────────────────────────────────────────────────────────────────────────


def test_a_thousand_clients_need_no_more_statements_than_ten(db):
    def statements(count: int, start: int) -> int:
        clients = {
            str(number): ClientSeen(
                name=f"Spółka {chr(97 + number % 26)}{chr(97 + number // 26 % 26)}{number}",
                tax_id=f"PL{number:010}",
                kam="Ewa",
            )
            for number in range(start, start + count)
        }
        job = SalesImport.objects.create(original_name="many.csv")
        with CaptureQueriesContext(connection) as seen:
            assert matching.match(clients, import_id=job.pk).new_clients == count
            assert matching.match(clients, import_id=job.pk) == matching.Matched()
        return len([query for query in seen if "SAVEPOINT" not in query["sql"]])

    assert statements(1000, 20_000) <= statements(10, 10_000) + 1


def test_sales_and_months_agree_whatever_was_matched(told):
    factories.client(name="Huta", tax_id="5213003700")
    told({"100": {"tax_id": "5213003700"}, "200": {"name": "Huta"}, "300": {}})
    assert SalesLine.objects.count() == 3
    assert rollup.differences() == []

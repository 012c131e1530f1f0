"""Sales come in, once and whole: by the command, by the page, by the task."""

import csv
import datetime
import io
import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu.exceptions import OperationalError

from accounts.models import Client
from segmentation import jobs, rollup, sales_import, storing, tasks
from segmentation.models import (
    ImportMapping,
    JobState,
    MonthlySales,
    SalesDocument,
    SalesImport,
    SalesLine,
)
from tests.segmentation.conftest import COLUMNS

ROWS = [
    ("F1", "100", "2026-01-05", 2, "9.99"),
    ("F1", "100", "2026-01-05", 2, "9.99"),  # an exact duplicate is a second sale
    ("F2", "200", "2026-01-20", 1, "0.125"),
    ("C3", "100", "2026-02-01", -1, "9.99"),
]
AS_TOLD = "document=Invoice,client=Customer,date=Date,quantity=Quantity,price=Price"


def command(path, **options) -> dict:
    said = io.StringIO()
    options.setdefault("columns", AS_TOLD)
    call_command("import_sales", str(path), stdout=said, **options)
    return json.loads(said.getvalue())


def months() -> dict:
    return {
        (row.client.external_id, f"{row.month:%Y-%m}"): (row.revenue, row.orders, row.active)
        for row in MonthlySales.objects.select_related("client")
    }


# ── What comes in ────────────────────────────────────────────────────────────────────────────


def test_the_command_imports_a_file_and_says_what_became_of_it(db, ledger):
    path = ledger([*ROWS, ("F4", "", "2026-02-01", 1, 1)])
    result = command(path, currency="EUR")
    assert result["read"] == 5
    assert result["accepted"] == 4
    assert result["rejected"] == 1
    assert result["reasons"] == {"no_client": 1}
    assert (result["new_documents"], result["replaced_documents"], result["new_clients"]) == (
        3,
        0,
        2,
    )
    assert SalesLine.objects.count() == 4
    assert months() == {
        ("100", "2026-01"): (Decimal("39.96"), 1, True),
        ("200", "2026-01"): (Decimal("0.125"), 1, True),
        ("100", "2026-02"): (Decimal("-9.99"), 0, False),
    }
    assert rollup.differences() == []


def test_a_file_that_is_not_there_is_told_so(db, tmp_path):
    with pytest.raises(CommandError, match="no file"):
        command(tmp_path / "nothing.csv")


def test_columns_that_are_not_there_are_told_so_and_leave_no_trace(db, ledger):
    with pytest.raises(CommandError, match="no column “When”"):
        command(
            ledger(ROWS),
            columns="document=Invoice,client=Customer,date=When,quantity=Quantity,price=Price",
        )
    with pytest.raises(CommandError, match="role=column"):
        command(ledger(ROWS), columns="document")
    assert not SalesImport.objects.exists()


def test_only_an_analyst_imports(db, ledger, head):
    with pytest.raises(CommandError, match="Only an analyst"):
        command(ledger(ROWS), by=head.email)
    with pytest.raises(CommandError, match="nobody"):
        command(ledger(ROWS), by="stranger@example.com")


def test_the_same_file_again_changes_nothing(bring_in):
    bring_in(ROWS)
    before = list(SalesLine.objects.order_by("pk").values()), months()
    again = bring_in(ROWS)
    assert (again.new_documents, again.replaced_documents, again.unchanged_documents) == (0, 0, 3)
    assert again.new_clients == 0
    assert (list(SalesLine.objects.order_by("pk").values()), months()) == before


def test_the_order_of_the_lines_is_no_change(bring_in):
    bring_in(ROWS)
    assert bring_in(list(reversed(ROWS))).unchanged_documents == 3


def test_a_document_that_comes_again_with_other_lines_is_replaced_whole(bring_in):
    bring_in(ROWS)
    again = bring_in([("F1", "100", "2026-03-05", 1, 5), ROWS[2], ROWS[3]])
    assert (again.new_documents, again.replaced_documents, again.unchanged_documents) == (0, 1, 2)
    assert months()[("100", "2026-03")] == (Decimal(5), 1, True)
    assert ("100", "2026-01") not in months()
    assert rollup.differences() == []


def test_one_line_of_two_equal_ones_less_is_a_change(bring_in):
    bring_in(ROWS)
    assert bring_in(ROWS[1:]).replaced_documents == 1
    assert months()[("100", "2026-01")][0] == Decimal("19.98")


def test_another_currency_is_a_change(bring_in):
    bring_in(ROWS)
    assert bring_in(ROWS, currency="PLN").replaced_documents == 3
    assert set(MonthlySales.objects.values_list("currency", flat=True)) == {"PLN"}


def test_a_document_that_moves_to_another_client_leaves_the_first(bring_in):
    bring_in(ROWS)
    bring_in([("F2", "100", "2026-01-20", 1, "0.125")])
    assert ("200", "2026-01") not in months()
    assert months()[("100", "2026-01")] == (Decimal("40.085"), 2, True)
    assert rollup.differences() == []


def test_a_document_whose_lines_are_all_rejected_stays_as_it_was(bring_in):
    bring_in(ROWS)
    job = bring_in([("F1", "", "2026-01-05", 2, 1), ("F9", "100", "2026-01-05", 1, 1)])
    assert (job.accepted, job.rejected, job.replaced_documents) == (1, 1, 0)
    assert SalesDocument.objects.get(number="F1").lines.count() == 2


def test_lines_of_one_document_may_belong_to_several_clients(bring_in):
    bring_in([("F1", "100", "2026-01-05", 1, 10), ("F1", "200", "2026-01-05", 1, 20)])
    assert SalesDocument.objects.count() == 1
    assert months()[("200", "2026-01")] == (Decimal(20), 1, True)


def test_ids_that_went_through_a_workbook_are_the_same_ids(bring_in):
    bring_in([("536365", "13085", "2010-12-01", 1, 1)])
    assert bring_in([("536365.0", "13085.0", "2010-12-01", 1, 1)]).unchanged_documents == 1
    assert Client.objects.get().external_id == "13085"


def test_clients_get_the_name_that_the_file_knows_and_known_ones_keep_theirs(bring_in):
    Client.objects.create(name="Huta Północ", external_id="100")
    header = ("Invoice", "Customer", "Date", "Quantity", "Price", "Who")
    rows = [
        (*row, name)
        for row, name in zip(ROWS, ["Other", "Other", "Ярославль Сталь", ""], strict=True)
    ]
    bring_in(rows, header, {**COLUMNS, "name": "Who"})
    assert set(Client.objects.values_list("name", "name_sort")) == {
        ("Huta Północ", "huta polnoc"),
        ("Ярославль Сталь", "ярославль сталь"),
    }


def test_costs_are_known_only_where_every_line_has_one(bring_in):
    header = ("Invoice", "Customer", "Date", "Quantity", "Price", "Cost")
    rows = [
        ("F1", "1", "2026-01-05", 1, 10, 6),
        ("F2", "1", "2026-02-05", 1, 10, 6),
        ("F3", "1", "2026-02-06", 1, 10, ""),
    ]
    bring_in(rows, header, {**COLUMNS, "cost": "Cost"})
    assert list(MonthlySales.objects.order_by("month").values_list("cost", flat=True)) == [
        Decimal(6),
        None,
    ]


def test_a_document_is_one_order_in_each_of_its_months(bring_in):
    bring_in(
        [
            ("F1", "1", "2026-01-31", 1, 10),
            ("F1", "1", "2026-02-01", 1, 10),
            ("F2", "1", "2026-02-02", 1, 10),
        ]
    )
    assert [row.orders for row in MonthlySales.objects.order_by("month")] == [1, 2]
    period = {
        "start": datetime.date(2026, 1, 1),
        "end": datetime.date(2026, 3, 1),
        "currency": "EUR",
    }
    client = Client.objects.get()
    assert rollup.counted_twice(**period) == {client.pk: 1}
    assert rollup.counted_twice(**{**period, "start": datetime.date(2026, 2, 1)}) == {}


def test_taking_a_document_out_takes_its_lines_out(bring_in):
    bring_in(ROWS)
    SalesDocument.objects.get(number="F1").delete()
    assert SalesLine.objects.count() == 2


# ── What is rejected ─────────────────────────────────────────────────────────────────────────


def test_rejected_lines_come_back_as_they_were_with_number_and_reason(bring_in, settings):
    job = bring_in([*ROWS, ("F4", "", "=1+1", "x", "1,5")])
    with job.rejects_file.open() as file:
        content = file.read().decode("utf-8-sig")
    header, line = csv.reader(io.StringIO(content))
    assert header[:5] == ["Invoice", "Customer", "Date", "Quantity", "Price"]
    assert line[:6] == ["F4", "", "'=1+1", "x", "1,5", "6"]
    assert "no client number" in line[6]
    assert "the date cannot be read" in line[6]


def test_no_file_of_rejects_where_nothing_was_rejected(bring_in):
    assert not bring_in(ROWS).rejects_file


def test_a_file_of_which_nothing_can_be_taken_fails_with_a_sentence(db, ledger):
    job = sales_import.import_file(
        ledger([("F1", "1", "2026-13-01", 1, 1)]), columns=COLUMNS, currency="EUR"
    )
    assert job.state == JobState.FAILED
    assert "the date cannot be read" in job.error
    assert not SalesDocument.objects.exists()


def test_empty_lines_are_no_lines(bring_in):
    job = bring_in([ROWS[0], ("", "", "", "", ""), ROWS[2]])
    assert (job.read, job.rejected) == (2, 0)


def test_a_file_that_breaks_in_the_middle_stores_nothing(db, ledger, tmp_path):
    path = ledger(ROWS)
    path.write_bytes(path.read_bytes() + b'"F9,' + b"x" * 300_000)
    job = sales_import.import_file(path, columns=COLUMNS, currency="EUR")
    assert job.state == JobState.FAILED
    assert "quotation mark" in job.error
    assert not SalesDocument.objects.exists()
    assert not Client.objects.exists()


# ── What is remembered ───────────────────────────────────────────────────────────────────────


def test_columns_told_once_are_remembered_for_the_next_file_of_that_header(bring_in, ledger):
    header = ("Beleg", "Kunde", "Tag", "Menge", "Preis")
    told = dict(zip(("document", "client", "date", "quantity", "price"), header, strict=True))
    bring_in(ROWS, header, told, currency="CHF")
    same = sales_import.import_file(ledger(ROWS, header))
    assert (same.currency, same.unchanged_documents) == ("CHF", 3)


def test_columns_that_failed_are_not_remembered(db, ledger):
    sales_import.import_file(ledger([("F1", "1", "never", 1, 1)]), columns=COLUMNS, currency="EUR")
    assert not ImportMapping.objects.exists()


# ── Jobs ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def waiting(db, analyst, ledger):
    """An import that the analyst has started and no worker has taken yet."""
    upload = SimpleUploadedFile("January.csv", ledger(ROWS).read_bytes())
    job = sales_import.receive(upload, by=analyst)
    shape = sales_import.shape_of(job)
    job = sales_import.tell_columns(
        job, sales_import.Shape(**{**shape.__dict__, "columns": COLUMNS}), by=analyst
    )
    return sales_import.start(job, by=analyst)


def test_a_task_that_rings_twice_imports_once(waiting):
    tasks.import_sales(waiting.pk)
    tasks.import_sales(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.has_succeeded
    assert waiting.new_documents == 3
    assert SalesDocument.objects.count() == 3


def test_a_job_whose_worker_died_begins_anew(waiting):
    SalesImport.objects.update(state=JobState.RUNNING, progress=40, read=2, accepted=2)
    tasks.import_sales(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.read, waiting.accepted) == (JobState.SUCCEEDED, 4, 4)
    assert "Begun anew" in waiting.log


def test_what_was_left_lying_is_taken_up_by_the_next_round(waiting):
    SalesImport.objects.update(state=JobState.RUNNING)
    tasks.take_up_abandoned(patience_seconds=0)
    waiting.refresh_from_db()
    assert waiting.has_succeeded


def test_a_command_that_was_killed_is_closed_with_a_sentence(db):
    job = SalesImport.objects.create(original_name="x.csv", state=JobState.RUNNING)
    tasks.take_up_abandoned(patience_seconds=0)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "run it again" in job.error


def test_a_mistake_of_ours_becomes_a_sentence_and_stores_nothing(waiting, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("a mistake")

    monkeypatch.setattr(storing.rollup, "bring_up_to_date", broken)
    tasks.import_sales(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == JobState.FAILED
    assert "RuntimeError" in waiting.error
    assert not SalesDocument.objects.exists()


def test_a_job_of_which_the_row_is_gone_is_no_mistake(db):
    tasks.import_sales(0)
    tasks.run_segmentation(0)


def test_the_sentences_are_in_the_language_of_the_person_who_asked(waiting, analyst, monkeypatch):
    seen = []
    analyst.language = "pl"
    analyst.save()
    monkeypatch.setattr(
        sales_import, "_import", lambda job, path: seen.append(jobs.translation.get_language())
    )
    tasks.import_sales(waiting.pk)
    assert seen == ["pl"]


def test_the_changes_are_told_in_the_name_of_the_person(waiting, analyst):
    tasks.import_sales(waiting.pk)
    event = SalesImport.pgh_event_model.objects.filter(
        pgh_obj=waiting, state=JobState.SUCCEEDED
    ).last()
    assert event.pgh_context.metadata["user"] == analyst.pk


def test_a_second_click_on_start_starts_nothing(waiting, analyst):
    rung = []
    assert sales_import.start(waiting, by=analyst, ring=rung.append).state == JobState.QUEUED
    assert rung == []


def test_a_started_import_cannot_be_read_otherwise_or_discarded(waiting, analyst):
    with pytest.raises(sales_import.ImportRefused, match="started already"):
        sales_import.tell_columns(waiting, sales_import.shape_of(waiting), by=analyst)
    with pytest.raises(sales_import.ImportRefused, match="cannot be discarded"):
        sales_import.discard(waiting, by=analyst)


def test_a_file_over_the_limit_is_refused(db, analyst, settings):
    settings.KAM_SALES_FILE_LIMIT = 10
    with pytest.raises(sales_import.ImportRefused, match="larger than"):
        sales_import.receive(SimpleUploadedFile("x.csv", b"a,b\n1,2\n3,4\n"), by=analyst)
    assert not SalesImport.objects.exists()


def test_the_name_of_an_upload_leads_nowhere(db, analyst, ledger):
    upload = SimpleUploadedFile("../../../etc/passwd.csv", ledger(ROWS).read_bytes())
    job = sales_import.receive(upload, by=analyst)
    assert job.original_name == "passwd.csv"
    assert "passwd" not in job.file.name


# ── Whatever comes, in whatever order, the months equal the lines ────────────────────────────

lines = st.tuples(
    st.sampled_from(["F1", "F2", "F3", "C4"]),
    st.sampled_from(["100", "200", "300", ""]),
    st.sampled_from(["2026-01-31", "2026-02-01", "2026-03-15", "2026-02-30"]),
    st.integers(-3, 3),
    st.sampled_from(["0", "0.005", "1.10", "99999.999"]),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=st.lists(st.lists(lines, min_size=1, max_size=8), min_size=1, max_size=4))
def test_the_rollup_equals_the_lines_after_any_sequence_of_files(db, ledger, files):
    SalesDocument.objects.all().delete()
    rollup.rebuild()
    last: dict[str, list] = {}
    for rows in files:
        sales_import.import_file(ledger(rows), columns=COLUMNS, currency="EUR")
        good = [row for row in rows if row[1] and row[2] != "2026-02-30"]
        for document in {row[0] for row in good}:
            last[document] = [row for row in good if row[0] == document]
    kept = [row for rows in last.values() for row in rows]
    assert sum(row.amount for row in SalesLine.objects.all()) == sum(
        row[3] * Decimal(row[4]) for row in kept
    )
    assert SalesLine.objects.count() == len(kept)
    assert rollup.differences() == []


def test_an_import_waits_where_the_queue_cannot_be_reached(
    waiting, analyst, django_capture_on_commit_callbacks
):
    SalesImport.objects.update(state=JobState.UPLOADED)

    def ring(_pk):
        raise OperationalError("connection refused")

    with django_capture_on_commit_callbacks(execute=True):
        sales_import.start(waiting, by=analyst, ring=ring)
    waiting.refresh_from_db()
    assert waiting.state == JobState.QUEUED
    tasks.take_up_abandoned(patience_seconds=0)
    waiting.refresh_from_db()
    assert waiting.has_succeeded

"""An import is taken back: what it brought goes, what it replaced comes back, nobody else loses anything."""

import datetime
import io
from decimal import Decimal

import pghistory
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Client
from segmentation import jobs, rollup, segmenting, slipping, undoing
from segmentation.models import MonthlySales, SalesDocument, SalesImport, SalesLine
from segmentation.models.sales import ReplacedDocument, ReplacedLine
from tests.segmentation.conftest import JANUARY, rows_of

ROWS = [
    ("F1", "100", "2026-01-05", 2, "9.99"),
    ("F1", "100", "2026-01-05", 2, "9.99"),
    ("F2", "200", "2026-01-20", 1, "0.125"),
    ("C3", "100", "2026-02-01", -1, "9.99"),
]


def standing() -> tuple:
    """Everything that sales consist of."""
    return (
        list(SalesDocument.objects.order_by("number").values()),
        list(SalesLine.objects.order_by("document_id", "line_no").values()),
        list(
            MonthlySales.objects.order_by("client", "month", "currency").values_list(
                "client", "month", "currency", "revenue", "cost", "orders", "active"
            )
        ),
        list(Client.objects.order_by("pk").values()),
    )


def undo(job, by=None):
    return undoing.undo(job, by=by, today=timezone.localdate())


def test_the_first_import_undone_leaves_nothing(bring_in):
    undone = undo(bring_in(ROWS))
    assert (undone.removed_documents, undone.restored_documents, undone.removed_clients) == (
        3,
        0,
        2,
    )
    assert standing() == ([], [], [], [])


def test_clients_that_were_looked_at_for_slipping_meanwhile_go_too(bring_in):
    job = bring_in(rows_of({"100": [5] * 6}))
    looked = slipping.look(today=datetime.date(2026, 12, 31), clients=slipping.clients_of(job))
    assert (looked.rhythms, looked.raised) == (1, 1)
    undone = undo(job)
    assert (undone.removed_clients, undone.kept) == (1, [])
    assert standing() == ([], [], [], [])


def test_what_was_replaced_comes_back_as_it_stood(bring_in):
    bring_in(ROWS)
    before = standing()
    job = bring_in(
        [
            ("F1", "300", "2026-03-05", 1, 5),
            ("F2", "200", "2026-01-20", 7, 1),
            ("F9", "400", "2026-03-01", 1, 1),
        ]
    )
    assert (job.new_documents, job.replaced_documents) == (1, 2)
    undone = undo(job)
    assert (undone.removed_documents, undone.restored_documents, undone.removed_clients) == (
        1,
        2,
        2,
    )
    assert standing() == before
    assert rollup.differences() == []
    assert not ReplacedDocument.objects.exists()
    assert not ReplacedLine.objects.exists()


def test_an_import_that_changed_nothing_is_undone_without_a_change(bring_in):
    bring_in(ROWS)
    before = standing()
    undo(bring_in(ROWS))
    assert standing() == before


def test_the_second_time_says_that_it_is_undone_already(bring_in, analyst):
    job = bring_in(ROWS)
    undo(job, analyst)
    job.refresh_from_db()
    assert job.undone_by == analyst
    with pytest.raises(undoing.UndoRefused, match="undone already"):
        undo(job, analyst)


def test_a_later_import_of_the_same_document_is_to_be_undone_first(bring_in):
    first = bring_in(ROWS)
    second = bring_in([("F1", "100", "2026-03-05", 1, 5)])
    third = bring_in([("F1", "100", "2026-04-05", 1, 6)])
    for job, later in ((first, second), (second, third)):
        with pytest.raises(undoing.UndoRefused, match=f"Undo import {later.pk} first"):
            undo(job)
    for job in (third, second, first):
        undo(job)
        assert rollup.differences() == []
    assert standing() == ([], [], [], [])


def test_other_imports_stay(bring_in):
    job = bring_in(ROWS)
    bring_in([("G1", "100", "2026-01-07", 1, 3), ("G2", "900", "2026-05-07", 1, 4)])
    undone = undo(job)
    assert undone.kept == ["Client 100"]  # it has sales of the other import
    assert list(SalesDocument.objects.values_list("number", flat=True)) == ["G1", "G2"]
    assert MonthlySales.objects.get(client__external_id="100").revenue == Decimal(3)
    assert rollup.differences() == []


def test_clients_that_somebody_has_used_since_stay_and_are_named(bring_in):
    job = bring_in(ROWS)
    Client.objects.filter(external_id="200").update(city="Łódź")
    segmenting.run(segmenting.request(start=JANUARY, periods=12))
    undone = undo(job)
    assert undone.removed_clients == 0
    assert undone.kept == ["Client 100", "Client 200"]
    assert "Client 100, Client 200" in undoing.sentence(undone)
    assert not SalesLine.objects.exists()


def test_a_client_edited_by_hand_stays(bring_in, analyst):
    job = bring_in(ROWS)
    with pghistory.context(user=analyst.pk):
        Client.objects.filter(external_id="200").update(city="Łódź")
    undone = undo(job)
    assert (undone.removed_clients, undone.kept) == (1, ["Client 200"])


def test_a_client_merged_meanwhile_gets_its_sales_back_under_the_one_kept(bring_in):
    bring_in(ROWS)
    job = bring_in([("F2", "100", "2026-01-20", 1, 1)])
    kept, merged = (Client.objects.get(external_id=number) for number in ("100", "200"))
    Client.objects.filter(pk=merged.pk).update(merged_into=kept)
    undo(job)
    assert SalesLine.objects.get(document__number="F2").client == kept
    assert rollup.differences() == []


def test_only_an_analyst_undoes(bring_in, head, analyst):
    job = bring_in(ROWS)
    with pytest.raises(undoing.UndoRefused, match="Only an analyst"):
        undo(job, head)
    undo(job, analyst)


def test_while_another_import_stores_nothing_is_undone(bring_in, django_db_blocker):
    job = bring_in(ROWS)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [jobs.lock_key("sales")])
        with pytest.raises(undoing.UndoRefused, match="Another import"):
            undo(job)
    other.close()
    assert SalesDocument.objects.count() == 3


def test_an_import_that_failed_has_nothing_to_undo(db):
    job = SalesImport.objects.create(original_name="x.csv", state="failed")
    with pytest.raises(undoing.UndoRefused, match="stored nothing"):
        undo(job)


def test_after_the_time_it_is_too_late_and_what_was_kept_is_swept(bring_in, settings):
    bring_in(ROWS)
    job = bring_in([("F1", "100", "2026-03-05", 1, 5)])
    later = timezone.localdate() + datetime.timedelta(days=settings.KAM_KEEP_REPLACED)
    assert undoing.sweep_replaced(today=later) == 0
    later += datetime.timedelta(days=1)
    assert undoing.sweep_replaced(today=later) == 1
    assert undoing.sweep_replaced(today=later) == 0
    assert not ReplacedLine.objects.exists()
    with pytest.raises(undoing.UndoRefused, match="too late"):
        undoing.undo(job, by=None, today=later)
    with pytest.raises(undoing.UndoRefused, match="was not kept"):
        undo(job)


def test_the_command_undoes_and_refuses_with_a_sentence(bring_in):
    job = bring_in(ROWS)
    said = io.StringIO()
    call_command("undo_import", str(job.pk), stdout=said)
    assert "3 documents were taken out" in said.getvalue()
    with pytest.raises(CommandError, match="undone already"):
        call_command("undo_import", str(job.pk))
    with pytest.raises(CommandError, match="no import"):
        call_command("undo_import", "999999")


def test_sales_have_changed_for_the_schedule_when_an_import_was_undone(bring_in):
    job = bring_in(rows_of({"100": [5] * 12}))
    moment = timezone.now()
    assert not segmenting._sales_changed_since(moment)
    undo(job)
    assert segmenting._sales_changed_since(moment)


def test_the_analyst_undoes_on_the_page(as_analyst, as_head, bring_in):
    job = bring_in(ROWS)
    page = as_analyst.get(f"/sales/imports/{job.pk}/").content.decode()
    assert "Undo the import" in page
    assert "Undo the import" not in as_head.get(f"/sales/imports/{job.pk}/").content.decode()
    assert as_head.post(f"/sales/imports/{job.pk}/undo/").status_code == 403
    answer = as_analyst.post(f"/sales/imports/{job.pk}/undo/", follow=True)
    assert "3 documents were taken out" in answer.content.decode()
    for listed in ("/sales/imports/", "/"):
        shown = as_analyst.get(listed).content.decode()
        assert ('state-quiet"' in shown, 'state-ok"' in shown) == (True, False)
    assert "Undone by" in as_analyst.get("/sales/imports/").content.decode()
    again = as_analyst.post(f"/sales/imports/{job.pk}/undo/", follow=True)
    assert "undone already" in again.content.decode()


def test_the_api_undoes(as_analyst, as_head, bring_in):
    job = bring_in(ROWS)
    assert as_head.post(f"/api/imports/{job.pk}/undo/").status_code == 403
    answer = as_analyst.post(f"/api/imports/{job.pk}/undo/")
    assert answer.status_code == 200, answer.content
    assert answer.json()["undone_at"]
    assert as_analyst.post(f"/api/imports/{job.pk}/undo/").status_code == 400

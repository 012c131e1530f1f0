"""Imports, runs and segments by API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import assigning
from accounts.models import Client
from segmentation.models import SalesImport, SegmentationRun
from tests import factories
from tests.factories import TODAY
from tests.segmentation import workbooks
from tests.segmentation.conftest import rows_of

pytestmark = pytest.mark.usefixtures("db")
YEAR = {"100": [100] * 12, "200": [50, 0] * 6}
AS_TOLD = "document=Invoice,client=Customer,date=Date,quantity=Quantity,price=Price"


def upload(browser, path, **told):
    return browser.post(
        "/api/imports/", {"file": SimpleUploadedFile("x.csv", path.read_bytes()), **told}
    )


def test_an_analysts_program_imports_and_asks_how_it_went(
    as_analyst, ledger, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = upload(as_analyst, ledger(rows_of(YEAR)), columns=AS_TOLD, currency="EUR")
    assert answer.status_code == 202, answer.content
    row = as_analyst.get(f"/api/imports/{answer.json()['id']}/").json()
    assert (row["state"], row["accepted"], row["new_documents"]) == ("succeeded", 18, 18)


def test_a_program_sends_a_workbook_and_names_its_sheet(
    as_analyst, tmp_path, django_capture_on_commit_callbacks
):
    rows = [("Invoice", "Customer", "Date", "Quantity", "Price"), *rows_of({"100": [5]})]
    rows = [[str(cell) for cell in row] for row in rows]
    path = workbooks.write(tmp_path / "x.xlsx", {"A": rows, "B": rows})
    with django_capture_on_commit_callbacks(execute=True):
        answer = upload(as_analyst, path, sheets=["B"], currency="EUR")
    assert answer.status_code == 202, answer.content
    row = as_analyst.get(f"/api/imports/{answer.json()['id']}/").json()
    assert (row["state"], row["file_format"], row["sheets"]) == ("succeeded", "xlsx", ["B"])
    assert (row["accepted"], row["overlapping_documents"]) == (1, 0)
    refused = upload(as_analyst, path, sheets=["C"], currency="EUR")
    assert refused.status_code == 400
    assert "no sheet “C”" in refused.json()["file"][0]


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"columns": "client=Nobody"}, "columns", "no column"),
        ({"columns": "nonsense"}, "columns", "role=column"),
        ({"currency": "euro"}, "currency", ""),
        ({"encoding": "klingon"}, "encoding", ""),
    ],
)
def test_a_wrong_upload_is_answered_with_a_sentence(as_analyst, ledger, told, field, words):
    answer = upload(as_analyst, ledger(rows_of(YEAR)), **told)
    assert answer.status_code == 400
    assert words in answer.json()[field][0]
    assert not SalesImport.objects.unfinished().exists()


def test_a_head_reads_imports_but_brings_none_in(as_head, bring_in, ledger):
    bring_in(rows_of(YEAR))
    assert as_head.get("/api/imports/").json()["count"] == 1
    assert upload(as_head, ledger(rows_of(YEAR))).status_code == 403


def test_a_run_is_asked_for_and_its_segments_are_read(
    as_analyst, bring_in, django_capture_on_commit_callbacks
):
    bring_in(rows_of(YEAR))
    wish = {"start": "2026-01", "xyz_method": "frequency", "xyz_x": "10/12", "xyz_y": "5/12"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_analyst.post("/api/runs/", wish, content_type="application/json")
    assert answer.status_code == 202, answer.content
    run = as_analyst.get(f"/api/runs/{answer.json()['id']}/").json()
    assert (run["state"], run["counts"]["AX"], run["in_force"]) == ("succeeded", 1, True)
    segments = as_analyst.get("/api/segments/").json()
    assert [row["letters"] for row in segments["results"]] == ["AX", "BY"]
    assert segments["results"][0]["total"] == "1200"
    assert as_analyst.get("/api/segments/", {"letters": "BY"}).json()["count"] == 1
    assert as_analyst.get("/api/segments/", {"run": run["id"], "abc": "A"}).json()["count"] == 1


@pytest.mark.parametrize(
    "wish", [{}, {"start": "2026-13"}, {"start": "1999-01"}, {"start": "2026-01", "abc_a": "99"}]
)
def test_a_wrong_wish_is_answered_with_a_sentence(as_analyst, bring_in, wish):
    bring_in(rows_of(YEAR))
    assert as_analyst.post("/api/runs/", wish, content_type="application/json").status_code == 400
    assert not SegmentationRun.objects.exists()


def test_a_kam_reads_the_segment_of_his_own_client_in_the_run_in_force(
    as_kam, kam, head, segmented
):
    segmented(YEAR)
    segmented(YEAR, xyz="frequency")
    dossier = factories.dossier(of=Client.objects.get(external_id="200"), by=head)
    assigning.assign(dossier.client, to=kam, by=head, today=TODAY)
    assert as_kam.get("/api/runs/").json()["count"] == 1
    (row,) = as_kam.get("/api/segments/").json()["results"]
    assert row["client"]["id"] == dossier.client_id
    other = SegmentationRun.objects.get(in_force=False)
    assert as_kam.get("/api/segments/", {"run": other.pk}).json()["count"] == 0
    assert (
        as_kam.post("/api/runs/", {"start": "2026-01"}, content_type="application/json").status_code
        == 403
    )


def test_a_colleague_reads_nothing(as_colleague, segmented, bring_in):
    segmented(YEAR)
    for name in ("imports", "runs", "segments"):
        assert as_colleague.get(f"/api/{name}/").json()["count"] == 0


def test_a_stranger_is_told_to_sign_in(anonymous):
    for name in ("imports", "runs", "segments"):
        assert anonymous.get(f"/api/{name}/").status_code == 401

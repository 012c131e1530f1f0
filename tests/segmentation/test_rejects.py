"""Rejected lines go out in the shape in which they came in, and come back mended without harm to the rest."""

import csv
import datetime
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from segmentation import rejects, rollup, sales_import
from segmentation.models import SalesDocument, SalesLine
from segmentation.workbook_reading import Workbook
from tests.segmentation import workbooks
from tests.segmentation.conftest import COLUMNS, HEADER

DAY = datetime.date(2026, 1, 5)
# Lines 3 and 5 of the file are bad ones.
ROWS = [
    ("F1", "100", "2026-01-05", 1, "10"),
    ("F1", "", "2026-01-05", 1, "20"),
    ("F2", "200", "2026-01-05", 1, "40"),
    ("=F3", "", "2026-01-05", "one", "80"),
]


@pytest.fixture
def first(bring_in):
    return bring_in(ROWS)


def content_of(job) -> str:
    with job.rejects_file.open() as file:
        return file.read().decode("utf-8-sig")


def mended(job, changes) -> bytes:
    """The file of rejects as a person sends it back; `changes` are (line of it, column, cell)."""
    rows = list(csv.reader(io.StringIO(content_of(job))))
    for row, column, cell in changes:
        rows[row][column] = cell
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def lines_of(number) -> list:
    return list(
        SalesLine.objects.filter(document__number=number)
        .order_by("line_no")
        .values_list("line_no", "amount")
    )


def test_a_mended_line_joins_its_document_under_its_own_number(first, tmp_path):
    path = tmp_path / "mended.csv"
    path.write_bytes(mended(first, [(1, 1, "100")]))
    job = sales_import.import_file(path)
    assert job.has_succeeded, job.error
    assert job.supplements == first
    assert (job.accepted, job.rejected) == (1, 1)
    assert lines_of("F1") == [(2, 10), (3, 20)]
    assert lines_of("F2") == [(4, 40)]
    assert rollup.differences() == []


def test_what_is_still_bad_goes_out_again_under_the_first_import_and_number(first, tmp_path):
    path = tmp_path / "mended.csv"
    path.write_bytes(mended(first, [(1, 1, "100")]))
    second = sales_import.import_file(path)
    header, line = csv.reader(io.StringIO(content_of(second)))
    assert header[5:] == [f"Line [import {first.pk}]", "Why it was rejected"]
    assert line[:2] == ["'=F3", ""]
    assert line[5] == "5"
    path.write_bytes(mended(second, [(1, 1, "300"), (1, 3, "1")]))
    third = sales_import.import_file(path)
    assert third.supplements == first
    assert lines_of("=F3") == [(5, 80)]


def test_mended_lines_may_also_replace_their_documents_when_that_is_told(first, tmp_path):
    path = tmp_path / "mended.csv"
    path.write_bytes(mended(first, [(1, 1, "100")]))
    job = sales_import.import_file(path, may_mend=False)
    assert job.supplements is None
    assert job.replaced_documents == 1
    assert lines_of("F1") == [(2, 20)]


def test_lines_without_their_number_or_with_one_that_stands_twice_are_told(first, tmp_path):
    path = tmp_path / "mended.csv"
    path.write_bytes(mended(first, [(1, 1, "100"), (2, 1, "300"), (2, 3, "1"), (2, 5, "3")]))
    job = sales_import.import_file(path)
    assert job.reasons == {"no_line_no": 1}
    _header, line = csv.reader(io.StringIO(content_of(job)))
    assert line[5] == ""
    assert "missing or stands twice" in line[6]


def test_the_number_of_the_import_is_found_in_every_language(first):
    for language in ("en", "pl", "ru"):
        with translation.override(language):
            header = [*HEADER, *rejects.our_columns(first.pk)]
        assert rejects.source_of(header) == first
        # As a program wrote it that did not know the letters.
        spoiled = [name.encode("ascii", "replace").decode() for name in header]
        assert rejects.source_of(spoiled) == first


@pytest.mark.parametrize(
    "header",
    [
        [*HEADER, "Line [import 999999]", "Why"],
        [*HEADER, "Line [import 99999999999999999999999]", "Why"],
        ["Other", "Columns", "Line [import {pk}]", "Why"],
        [*HEADER, "Line", "Why"],
        [],
    ],
)
def test_other_files_are_no_rejected_lines_of_ours(first, header):
    assert rejects.source_of([name.replace("{pk}", str(first.pk)) for name in header]) is None


def test_lines_of_an_import_that_was_undone_mend_nothing(first):
    header = [*HEADER, *rejects.our_columns(first.pk)]
    type(first).objects.filter(pk=first.pk).update(undone_at=first.created_at)
    assert rejects.source_of(header) is None


def test_the_analyst_sees_what_is_mended_and_may_decline(first, as_analyst, ledger):
    upload = SimpleUploadedFile("mended.csv", mended(first, [(1, 1, "100")]))
    page = as_analyst.post("/sales/imports/", {"file": upload}, follow=True)
    assert "they are added to the documents" in page.text
    job = page.context["job"]
    assert job.supplements == first
    told = {name: value or "" for name, value in page.context["form"].initial.items()}
    told.pop("sheets")
    as_analyst.post(page.request["PATH_INFO"], {**told, "mends": "", "act": "look"})
    job.refresh_from_db()
    assert job.supplements is None
    as_analyst.post(page.request["PATH_INFO"], {**told, "mends": "on", "act": "look"})
    job.refresh_from_db()
    assert job.supplements == first


def test_the_rejected_lines_of_a_workbook_are_a_workbook_of_the_same_sheets(
    db, tmp_path, as_analyst
):
    book = workbooks.write(
        tmp_path / "sales.xlsx",
        {
            "2025": [HEADER, ["F1", "100", DAY, 1, 10], ["F1", "", DAY, 1, 20.5]],
            "2026": [HEADER, ["=F2", "", DAY, 1, 40], ["F3", "300", DAY, 1, 80]],
        },
        strings_to_formulas=False,
    )
    job = sales_import.import_file(book, columns=COLUMNS, currency="EUR")
    assert (job.accepted, job.rejected) == (2, 2)
    answer = as_analyst.get(f"/sales/imports/{job.pk}/rejected/")
    assert answer.headers["Content-Disposition"].endswith('-rejected.xlsx"')
    path = tmp_path / "rejected.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    ours = [f"Line [import {job.pk}]", "Why it was rejected"]
    with Workbook(path) as found:
        assert found.names == ["2025", "2026"]
        (_one, header), (_two, line) = found.rows("2025")
        assert header == [*HEADER, *ours]
        assert line[:6] == ["F1", "", "2026-01-05", "1", "20.5", "3"]
        assert line[6] == "sheet “2025”, row 3: no client number"
        line = list(found.rows("2026"))[1][1]
        assert line[0] == "=F2"
        assert line[5] == "5"
    # And mended in a spreadsheet program they come back.
    with Workbook(path) as found:
        sheets = {name: [row for _number, row in found.rows(name)] for name in found.names}
    sheets["2025"][1][1] = "100"
    sheets["2026"][1][1] = "200"
    back = workbooks.write(tmp_path / "back.xlsx", sheets, strings_to_formulas=False)
    again = sales_import.import_file(back)
    assert again.supplements == job
    assert again.accepted == 2
    assert lines_of("F1") == [(2, 10), (3, 20.5)]
    assert lines_of("=F2") == [(5, 40)]
    assert SalesDocument.objects.count() == 3


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
FORMULAS = st.builds(lambda mark, rest: mark + rest, st.sampled_from("=+-@\t'"), CELLS)


@given(CELLS | FORMULAS)
def test_no_cell_of_a_file_of_rejects_runs_and_each_comes_back_as_it_was(cell):
    out = rejects.guarded(cell)
    assert out[:1] not in {"=", "@", "\t"}
    if out[:1] in {"+", "-"}:
        assert not any(letter.isalpha() or letter in "=@(|!" for letter in out)
    assert rejects.unguarded(out) == cell


@pytest.mark.parametrize("cell", ["-5", "+48 22", "-1 234,50", "7"])
def test_numbers_are_left_as_they_are(cell):
    assert rejects.guarded(cell) == cell

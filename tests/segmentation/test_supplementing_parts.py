"""A document stands as one part of a file has it: a mended line of another part is not added to it."""

import pytest

from segmentation import rollup, sales_import, undoing
from segmentation.models import SalesDocument, SalesImport
from tests.segmentation import workbooks
from tests.segmentation.conftest import COLUMNS, HEADER
from tests.segmentation.test_supplementing import counts, lines_of, total
from tests.segmentation.test_undoing import standing

# The rows of the second sheet go on counting: its header is 5, its lines are 6 to 9.
FIRST = [HEADER, ("F1", "100", "2026-01-05", 1, 10), ("F1", "", "2026-01-05", 1, 20)]
FIRST += [("F2", "", "2026-01-05", 1, 40)]
SECOND = [HEADER, ("F1", "100", "2026-01-05", 1, 10), ("F1", "100", "2026-01-05", 1, 20)]
SECOND += [("F1", "", "2026-01-05", 1, 80), ("F2", "200", "2026-01-05", 1, 40)]


@pytest.fixture
def two_sheets(db, tmp_path):
    path = workbooks.write(tmp_path / "two.xlsx", {"A": FIRST, "B": SECOND})
    job = sales_import.import_file(path, columns=COLUMNS, currency="EUR", sheets=("A", "B"))
    assert job.has_succeeded, job.error
    return job


@pytest.fixture
def send_again(ledger):
    """`send_again(job, {3: row, …})`: the rejected lines of an import, mended, in one file."""

    def do(mended, lines, header=HEADER):
        path = ledger(
            [(*row, number, "no client number") for number, row in lines.items()],
            (*header, f"Line [import {mended.pk}]", "Why it was rejected"),
        )
        job = sales_import.import_file(path)
        assert job.supplements == mended
        assert rollup.differences() == []
        return job

    return do


def test_a_line_of_an_earlier_sheet_is_not_added_to_the_document_of_the_later(
    two_sheets, send_again
):
    before = standing()
    job = send_again(two_sheets, {3: ("F1", "100", "2026-01-05", 1, 20)})
    assert counts(job) == (0, 0, 0)
    assert (job.accepted, job.rejected, job.reasons) == (0, 1, {"other_part": 1})
    assert standing() == before


def test_a_line_of_the_sheet_that_the_document_was_taken_from_is_added(two_sheets, send_again):
    job = send_again(two_sheets, {8: ("F1", "100", "2026-01-05", 1, 80)})
    assert counts(job) == (0, 1, 0)
    assert sum(amount for _line, amount in lines_of("F1")) == 110
    undoing.undo(job, by=None, today=job.finished_at.date())
    assert sum(amount for _line, amount in lines_of("F1")) == 30


def test_a_document_whose_lines_were_all_rejected_in_the_earlier_sheet_is_not_doubled(
    two_sheets, send_again
):
    job = send_again(two_sheets, {4: ("F2", "200", "2026-01-05", 1, 40)})
    assert job.reasons == {"other_part": 1}
    assert sum(amount for _line, amount in lines_of("F2")) == 40


def test_a_new_document_mended_in_both_sheets_is_taken_from_the_later(two_sheets, send_again):
    job = send_again(
        two_sheets,
        {3: ("F9", "100", "2026-01-05", 1, 20), 8: ("F9", "100", "2026-01-05", 1, 80)},
    )
    assert counts(job) == (1, 0, 0)
    assert lines_of("F9") == [(8, 80)]
    assert (job.accepted, job.reasons) == (1, {"other_part": 1})


def test_the_same_workbook_of_other_sheets_is_another_file_to_mend(
    two_sheets, send_again, tmp_path
):
    path = tmp_path / "two.xlsx"
    again = sales_import.import_file(path, columns=COLUMNS, currency="EUR", sheets=("B",))
    assert counts(again) == (0, 0, 2)
    before = standing()
    job = send_again(again, {4: ("F1", "100", "2026-01-05", 1, 80)})
    assert job.reasons == {"replaced_since": 1}
    assert standing() == before


def test_parts_that_a_column_tells_are_kept_apart_too(bring_in, send_again):
    header = (*HEADER, "Sheet")
    rows = [(*row, "2025") for row in FIRST[1:]] + [(*row, "2026") for row in SECOND[1:]]
    first = bring_in(rows, header, columns={**COLUMNS, "part": "Sheet"})
    assert SalesImport.objects.get(pk=first.pk).part_starts == [[2, 0], [5, 1]]
    job = send_again(
        first,
        {
            3: ("F1", "100", "2026-01-05", 1, 20, "2025"),
            7: ("F1", "100", "2026-01-05", 1, 80, "2026"),
        },
        header,
    )
    assert (job.accepted, job.reasons) == (1, {"other_part": 1})
    assert sum(amount for _line, amount in lines_of("F1")) == 110


def test_parts_that_take_turns_too_often_are_not_kept_and_nothing_is_added_to_what_stands(
    bring_in, send_again, monkeypatch
):
    monkeypatch.setattr("segmentation.checking.MOST_TURNS", 2)
    header = (*HEADER, "Sheet")
    rows = [("F1", "100", "2026-01-05", 1, 10, "a"), ("F2", "", "2026-01-05", 1, 20, "b")]
    first = bring_in(rows * 2, header, columns={**COLUMNS, "part": "Sheet"})
    assert SalesImport.objects.get(pk=first.pk).part_starts is None
    job = send_again(
        first,
        {
            3: ("F1", "100", "2026-01-05", 1, 20, "b"),
            5: ("F2", "100", "2026-01-05", 1, 20, "b"),
        },
        header,
    )
    assert (counts(job), job.reasons) == ((1, 0, 0), {"other_part": 1})
    assert total() == 40
    assert SalesDocument.objects.get(number="F2").sales_import == first

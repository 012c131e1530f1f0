"""Rejected lines are mended and sent again: they join their documents, and nothing is lost or doubled."""

from decimal import Decimal

import pytest
from django.utils import timezone

from segmentation import rollup, sales_import, undoing
from segmentation.models import SalesDocument, SalesImport, SalesLine
from tests.segmentation.conftest import COLUMNS, HEADER
from tests.segmentation.test_undoing import standing

# Lines 3, 5 and 6 are rejected for want of a client; F2 and F3 altogether.
FILE = [
    ("F1", "100", "2026-01-05", 1, 10),
    ("F1", "", "2026-01-05", 1, 20),
    ("F1", "100", "2026-01-05", 1, 40),
    ("F2", "", "2026-02-05", 1, 80),
    ("F3", "", "2026-02-05", 1, 160),
]
MENDED = {3: ("F1", "100", "2026-01-05", 1, 20), 5: ("F2", "200", "2026-02-05", 1, 80)}


@pytest.fixture
def mend(db, ledger):
    """`mend(job, {3: row, …})`: send rows again as the lines that they were in the file of `job`."""

    def do(mended, lines):
        header = (*HEADER, f"Line [import {mended.pk}]", "Why it was rejected")
        path = ledger([(*row, number, "no client number") for number, row in lines.items()], header)
        job = SalesImport.objects.create(
            original_name="mended.csv",
            columns=COLUMNS,
            encoding="utf-8",
            delimiter=",",
            date_format="ymd",
            currency="EUR",
            supplements=mended,
        )
        job = sales_import.run(job, path=path)
        assert rollup.differences() == []
        return job

    return do


def total() -> Decimal:
    return sum(SalesLine.objects.values_list("amount", flat=True))


def counts(job) -> tuple:
    return job.new_documents, job.replaced_documents, job.unchanged_documents


def lines_of(number) -> list:
    document = SalesDocument.objects.get(number=number)
    return list(document.lines.order_by("line_no").values_list("line_no", "amount"))


def test_mended_lines_join_their_documents_under_their_own_numbers(bring_in, mend):
    first = bring_in(FILE)
    digest = SalesDocument.objects.get(number="F1").digest
    job = mend(first, MENDED)
    assert job.has_succeeded, job.error
    assert counts(job) == (1, 1, 0)
    assert lines_of("F1") == [(2, 10), (3, 20), (4, 40)]
    assert total() == 150
    document = SalesDocument.objects.get(number="F1")
    assert (document.digest, document.sales_import) == (digest, first)
    assert document.supplement_digest


def test_the_mended_file_again_changes_nothing(bring_in, mend):
    first = bring_in(FILE)
    mend(first, MENDED)
    before = standing()
    assert counts(mend(first, MENDED)) == (0, 0, 2)
    assert standing() == before


def test_the_original_file_again_is_unchanged_and_loses_nothing(bring_in, mend):
    first = bring_in(FILE)
    mend(first, MENDED)
    before = standing()
    assert counts(bring_in(FILE)) == (0, 0, 1)
    assert standing() == before


def test_a_line_sent_again_takes_its_own_place_on_any_day(bring_in, mend):
    first = bring_in(FILE)
    mend(first, MENDED)
    job = mend(first, {3: ("F1", "100", "2026-03-05", 2, 20)})
    assert counts(job) == (0, 1, 0)
    assert lines_of("F1") == [(2, 10), (3, 40), (4, 40)]
    assert SalesDocument.objects.get(number="F1").spans_months


def test_a_further_mended_file_finds_documents_that_were_rejected_whole(bring_in, mend):
    first = bring_in(FILE)
    mend(first, MENDED)
    job = mend(
        first, {6: ("F3", "300", "2026-02-05", 1, 160), 7: ("F2", "200", "2026-02-05", 1, 1)}
    )
    assert counts(job) == (1, 1, 0)
    assert lines_of("F2") == [(5, 80), (7, 1)]


def test_what_a_mended_file_rejected_is_mended_in_its_turn(bring_in, mend):
    first = bring_in(FILE)
    second = mend(first, MENDED)
    assert counts(mend(second, {6: ("F3", "300", "2026-02-05", 1, 160)})) == (1, 0, 0)
    assert SalesDocument.objects.get(number="F3").sales_import == first


def test_the_same_file_imported_twice_is_mended_under_either(bring_in, mend):
    bring_in(FILE)
    again = bring_in(FILE)
    assert counts(mend(again, MENDED)) == (1, 1, 0)


def test_a_document_replaced_meanwhile_is_left_alone_and_that_is_told(bring_in, mend):
    first = bring_in(FILE)
    bring_in([("F1", "100", "2026-01-05", 1, 1)])
    job = mend(first, MENDED)
    assert counts(job) == (1, 0, 0)
    assert (job.accepted, job.rejected, job.reasons["replaced_since"]) == (1, 1, 1)
    assert lines_of("F1") == [(2, 1)]


def test_the_whole_file_corrected_replaces_what_was_added_too(bring_in, mend):
    first = bring_in(FILE)
    mend(first, MENDED)
    whole = [("F1", "100", "2026-01-05", 1, price) for price in (10, 20, 40)]
    assert counts(bring_in(whole)) == (0, 1, 0)
    assert lines_of("F1") == [(2, 10), (3, 20), (4, 40)]
    assert not SalesDocument.objects.get(number="F1").supplement_digest


def test_a_supplement_is_undone_before_what_it_mends(bring_in, mend):
    first = bring_in(FILE)
    before = standing()
    second = mend(first, MENDED)
    third = mend(first, {7: ("F2", "200", "2026-02-05", 1, 1)})
    for job, later in ((first, third), (second, third)):
        with pytest.raises(undoing.UndoRefused, match=f"Undo import {later.pk} first"):
            undoing.undo(job, by=None, today=timezone.localdate())
    for job in (third, second):
        undoing.undo(job, by=None, today=timezone.localdate())
        assert rollup.differences() == []
    assert standing() == before


def test_nothing_is_added_to_what_was_undone(bring_in, mend):
    first = bring_in(FILE)
    undoing.undo(first, by=None, today=timezone.localdate())
    job = mend(first, MENDED)
    assert (job.state, SalesLine.objects.count()) == ("failed", 0)
    assert "was undone" in job.error

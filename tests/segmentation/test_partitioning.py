"""The store partitioned by month does what the plain one does: the same tests, and what is different."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from segmentation import partitioning, rollup
from segmentation.models import SalesLine
from tests.segmentation import test_supplementing, test_undoing
from tests.segmentation.test_undoing import ROWS, standing

TODAY = datetime.date(2026, 11, 22)

# Undoing and mending once more, on the partitioned table.
for _module in (test_undoing, test_supplementing):
    globals().update(
        {
            name: thing
            for name, thing in vars(_module).items()
            if name.startswith("test_") or name == "mend"
        }
    )


@pytest.fixture(autouse=True)
def partitioned(db):
    with connection.cursor() as cursor:
        partitioning.partition(cursor, today=TODAY)


def partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'segmentation_salesline'::regclass"
            " ORDER BY 1"
        )
        return [name.removeprefix("segmentation_salesline_") for (name,) in cursor.fetchall()]


def where_lines_lie() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text, count(*) FROM segmentation_salesline GROUP BY 1"
        )
        return {
            name.removeprefix("segmentation_salesline_"): count for name, count in cursor.fetchall()
        }


def test_an_import_makes_the_partitions_of_its_months(bring_in):
    assert partitions() == ["rest"]
    bring_in(ROWS)
    assert partitions() == ["2026_01", "2026_02", "rest"]
    assert where_lines_lie() == {"2026_01": 3, "2026_02": 1}
    assert rollup.differences() == []


def test_the_same_file_again_changes_nothing_there(bring_in):
    bring_in(ROWS)
    before = standing()
    assert bring_in(ROWS).unchanged_documents == 3
    assert standing() == before


def test_a_mistyped_year_makes_no_partition(bring_in):
    bring_in([("F1", "100", "1974-01-05", 1, 1), ("F2", "100", "2099-01-05", 1, 1)])
    assert where_lines_lie() == {"rest": 2}
    assert partitions() == ["rest"]


def test_sales_that_were_there_move_into_their_months(bring_in):
    with connection.cursor() as cursor:  # back to a plain table, with its lines
        cursor.execute(
            "CREATE TABLE plain (LIKE segmentation_salesline INCLUDING ALL);"
            "DROP TABLE segmentation_salesline; ALTER TABLE plain RENAME TO segmentation_salesline;"
            "ALTER INDEX plain_pkey RENAME TO segmentation_salesline_pkey;"
            "ALTER INDEX plain_client_id_sold_on_idx RENAME TO sales_lines_of_client"
        )
    bring_in([*ROWS, ("F5", "100", "1974-01-05", 1, 1)])
    before = standing()
    call_command("partition_sales")
    assert standing() == before
    assert where_lines_lie() == {"2026_01": 3, "2026_02": 1, "rest": 1}
    bring_in([("F2", "200", "2026-03-20", 1, "0.5")])
    assert where_lines_lie() == {"2026_01": 2, "2026_02": 1, "2026_03": 1, "rest": 1}
    assert rollup.differences() == []
    # The indexes bear their old names, for migrations to come.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'segmentation_salesline'::regclass ORDER BY 1"
        )
        assert [name for (name,) in cursor.fetchall()] == [
            "sales_lines_of_client",
            "segmentation_salesline_pkey",
        ]


def test_a_second_time_is_refused(db):
    with pytest.raises(CommandError, match="already"):
        call_command("partition_sales")


def test_many_lines_into_the_empty_partitioned_store(bring_in, monkeypatch):
    monkeypatch.setattr("segmentation.indexes.WORTH_IT", 2)
    bring_in(ROWS)
    assert SalesLine.objects.count() == 4
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid = 'segmentation_salesline_2026_01'::regclass"
        )
        assert cursor.fetchone() == (2,)
    assert bring_in(ROWS).unchanged_documents == 3


def test_many_lines_into_the_empty_plain_store_are_keyed_too(bring_in, monkeypatch):
    monkeypatch.setattr("segmentation.indexes.WORTH_IT", 2)
    bring_in(ROWS)
    bring_in([("F1", "100", "2026-03-05", 1, 5)])
    assert rollup.differences() == []

"""Parquet: typed values come as the texts that people would have written, exactly."""

import datetime
import random
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from segmentation import parquet_reading, sales_import, sniffing
from segmentation.models import SalesLine
from segmentation.reading import Shape, UnreadableFile
from segmentation.tables import ParquetTable
from tests.segmentation.conftest import COLUMNS, DATA

MOMENT = datetime.datetime(2026, 1, 5, 8, 26, tzinfo=datetime.UTC)
SALES = {
    "Invoice": ["F1", "C2"],
    "Customer": pa.array([13085, 10**17 + 1], pa.int64()),
    "Date": pa.array([datetime.date(2026, 1, 5)] * 2),
    "Quantity": pa.array([6, None], pa.int32()),
    "Price": pa.array([Decimal("2.550"), Decimal("-0.1")], pa.decimal128(12, 3)),
}


@pytest.fixture
def file_of(tmp_path):
    def do(columns, **options):
        path = tmp_path / "sales.parquet"
        parquet.write_table(pa.table(columns), path, **options)
        return path

    return do


def rows_of(path, **shape):
    with ParquetTable(path, Shape(file_format="parquet", **shape)) as table:
        return [row for _numbers, rows in table.blocks(1000) for row in rows]


def test_whole_numbers_decimals_and_dates_come_exactly(file_of):
    assert rows_of(file_of(SALES)) == [
        ["F1", "13085", "2026-01-05", "6", "2.550"],
        ["C2", "100000000000000001", "2026-01-05", "", "-0.100"],
    ]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([13085.0, 15.299999999999999, None, float("nan")]), ["13085", "15.3", "", ""]),
        (pa.array([2.55], pa.float32()), ["2.55"]),
        (pa.array([True, None]), ["true", ""]),
        (pa.array([MOMENT], pa.timestamp("ns", "Europe/Warsaw")), ["2026-01-05 09:26:00"]),
        (pa.array([MOMENT.replace(tzinfo=None)], pa.timestamp("ms")), ["2026-01-05 08:26:00"]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([b"abc", b"\xff", None]), ["abc", "\udcff", ""]),
        (pa.array([None, None], pa.null()), ["", ""]),
        (pa.array([Decimal("12E+2")], pa.decimal128(5, -2)).cast(pa.decimal128(8, 0)), ["1200"]),
        (pa.array([datetime.time(8, 26)]), ["08:26:00.000000"]),
    ],
)
def test_every_kind_of_value_has_its_text(file_of, values, texts):
    assert [row[0] for row in rows_of(file_of({"x": values}))] == texts


def test_numbers_take_the_decimal_mark_by_which_the_file_is_read(file_of):
    path = file_of({"x": [1.5], "y": pa.array([Decimal("2.25")])})
    assert rows_of(path, decimal_mark=",") == [["1,5", "2,25"]]


def test_nested_columns_are_refused_by_name(file_of):
    path = file_of({**SALES, "Lines": [[1, 2], [3]]})
    with pytest.raises(UnreadableFile, match="“Lines” holds lists"):
        sniffing.inspect(path)


def test_too_many_rows_told_are_refused(file_of, monkeypatch):
    monkeypatch.setattr(parquet_reading, "MOST_ROWS", 1)
    with pytest.raises(UnreadableFile, match="2 rows and 5 columns"):
        sniffing.inspect(file_of(SALES))


def test_no_damage_brings_anything_but_a_sentence(file_of):
    path = file_of(
        {
            name: list(values) * 50
            for name, values in {"Invoice": ["F1", "F2"], "Price": [1.5, 2.5]}.items()
        }
    )
    content = path.read_bytes()
    chance = random.Random(4)
    sentences = []
    for _attempt in range(150):
        broken = bytearray(content)
        if chance.random() < 0.3:
            del broken[chance.randrange(4, len(broken)) :]
        else:
            for _byte in range(chance.randrange(1, 4)):
                broken[chance.randrange(4, len(broken))] = chance.randrange(256)
        path.write_bytes(broken)
        try:
            rows_of(path)
        except UnreadableFile as refusal:
            sentences.append(str(refusal))
    assert len(sentences) > 30
    assert all(sentences)


@pytest.mark.django_db
def test_a_parquet_file_is_imported_and_its_rejected_lines_come_as_a_workbook(file_of):
    job = sales_import.import_file(file_of(SALES), columns=COLUMNS, currency="EUR")
    assert job.has_succeeded, job.error
    assert (job.file_format, job.read, job.accepted, job.rejected) == ("parquet", 2, 1, 1)
    assert SalesLine.objects.get().amount == Decimal("15.3")
    assert job.rejects_file.name.endswith(".xlsx")


@pytest.mark.django_db
def test_parts_told_by_a_column_overlap_without_counting_twice(file_of):
    path = file_of(
        {
            "Invoice": ["F1", "F2", "F2", "F2"],
            "Customer": ["1", "1", "1", "1"],
            "Date": ["2026-01-05"] * 4,
            "Quantity": [1, 1, 1, 1],
            "Price": [10, 20, 20, 5],
            "sheet": ["2009", "2009", "2010", "2010"],
        }
    )
    job = sales_import.import_file(path, currency="EUR")
    assert job.has_succeeded, job.error
    assert job.columns["part"] == "sheet"
    assert (job.accepted, job.overlapping_documents, job.new_documents) == (4, 1, 2)
    assert sum(SalesLine.objects.values_list("amount", flat=True)) == 35


@pytest.mark.parametrize(
    ("name", "rows", "parts"),
    [
        ("online_retail/online_retail.parquet", 541_909, False),
        ("online_retail_ii/online_retail_II.parquet", 1_067_371, True),
    ],
)
def test_the_real_files_are_seen_for_what_they_are(name, rows, parts):
    path = DATA / name
    if not path.exists():
        pytest.skip("the real sales are not here (../shared/data)")
    seen = sniffing.inspect(path)
    assert {"client", "date", "document", "quantity", "price"} <= set(seen.shape.columns)
    assert ("part" in seen.shape.columns) is parts
    assert seen.dates_are_sure
    assert parquet_reading.ParquetFile(path).rows_told == rows

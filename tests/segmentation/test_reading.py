"""Files as people have them: what is guessed of them, and what is no table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation import reading, sniffing
from segmentation.checking import ColumnsMissing, LineChecker
from segmentation.reading import Shape, UnreadableFile


def file_of(tmp_path, content: bytes):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return path


def rows_of(path, shape) -> list:
    with reading.Table(path, shape) as table:
        return [table.header, *(row for _numbers, rows in table.blocks(1000) for row in rows)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Łódź"),
        ("utf-8-sig", "Łódź"),
        ("utf-16", "Łódź i Завод"),
        ("cp1250", "Łódź, Kraków, Święta"),
        ("cp1251", "Завод Восток"),
        ("cp1252", "Café Zürich £5"),
    ],
)
def test_encoding_and_separator_are_seen(tmp_path, delimiter, encoding, name):
    rows = [
        ["Nr klienta", "Nazwa klienta", "Data", "Nr faktury", "Ilość", "Cena"]
        if encoding in ("cp1250",)
        else ["Customer ID", "Customer name", "Date", "Invoice no", "Quantity", "Price"]
    ]
    rows += [
        [str(number), name.replace(",", " "), "2026-01-05", f"F{number}", "2", "9.99"]
        for number in range(50)
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    seen = sniffing.inspect(file_of(tmp_path, text.encode(encoding)))
    assert seen.shape.encoding == encoding.removesuffix("-sig")
    assert seen.shape.delimiter == delimiter
    assert rows_of(tmp_path / "file.csv", seen.shape)[1][1] == rows[1][1]
    assert set(seen.shape.columns) == {"client", "name", "date", "document", "quantity", "price"}


def test_one_strange_byte_in_the_last_line_is_enough_to_rule_out_utf8(tmp_path):
    content = (
        b"Customer,Invoice,Date,Amount\n"
        + b"1,F1,2026-01-05,1\n" * 90_000
        + b"2,F2 \xa35,2026-01-05,1\n"
    )
    assert sniffing.inspect(file_of(tmp_path, content)).shape.encoding == "cp1252"


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_line_by_which_excel_tells_itself_the_separator_is_no_header(tmp_path, delimiter):
    lines = [f"sep={delimiter}", delimiter.join(["Client", "Invoice", "Date", "Amount"])]
    lines += [delimiter.join(["1", f"F{number}", "2026-01-05", "5"]) for number in range(5)]
    seen = sniffing.inspect(file_of(tmp_path, "\r\n".join(lines).encode("utf-8-sig")))
    assert seen.header == ["Client", "Invoice", "Date", "Amount"]
    assert seen.shape.delimiter == delimiter
    with reading.Table(tmp_path / "file.csv", seen.shape) as table:
        assert table.header == seen.header
        assert [number for numbers, _rows in table.blocks(10) for number in numbers] == [
            3,
            4,
            5,
            6,
            7,
        ]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2026-01-05", "2026-01-06"], ("ymd", True)),
        (["20260105"], ("ymd", True)),
        (["5.1.2026", "6.1.2026"], ("dmy", True)),
        (["1/5/2026 8:26", "1/13/2026 9:00"], ("mdy", True)),
        (["5/1/2026", "13/1/2026"], ("dmy", True)),
        (["12/1/2010 8:26", "12/2/2010 8:26", "12/3/2010 8:26"], ("mdy", False)),
        (["1/12/2010", "2/12/2010", "3/12/2010"], ("dmy", False)),
        ([], ("dmy", False)),
    ],
)
def test_the_order_of_day_and_month_is_seen_from_the_dates(dates, expected):
    assert sniffing.guess_date_format(dates) == expected


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1.5", "2"], "."),
        (["1,5", "2"], ","),
        (["1.234,50"], ","),
        (["1,234.50"], "."),
        (["1 234,5"], ","),
        ([], "."),
    ],
)
def test_the_decimal_mark_is_seen_from_the_numbers(cells, mark):
    assert sniffing.guess_decimal_mark(cells) == mark


def test_columns_are_known_by_what_people_call_them():
    polish = [
        "Nr faktury",
        "Data wystawienia",
        "Kod klienta",
        "Nazwa klienta",
        "Ilość",
        "Cena jednostkowa",
        "Wartość netto",
    ]
    assert sniffing.guess_columns(polish) == {
        "document": "Nr faktury",
        "date": "Data wystawienia",
        "client": "Kod klienta",
        "name": "Nazwa klienta",
        "quantity": "Ilość",
        "price": "Cena jednostkowa",
        "amount": "Wartość netto",
    }
    russian = [
        "Номер документа",
        "Дата",
        "Код клиента",
        "Контрагент",
        "Количество",
        "Цена",
        "Сумма",
        "Себестоимость",
    ]
    assert sniffing.guess_columns(russian)["name"] == "Контрагент"
    assert sniffing.guess_columns(russian)["cost"] == "Себестоимость"
    assert sniffing.guess_columns(["a", "b"]) == {}


def test_columns_without_a_name_or_with_the_same_one_can_be_told_apart():
    assert reading.name_columns(["Amount", "", "Amount", "Amount (2)", "", ""]) == [
        "Amount",
        "Column 2",
        "Amount (2)",
        "Amount (2) (2)",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"Invoice,Customer,Date\n", "no sales below"),
        (b"Invoice,Customer,Date\n\n , ,\n", "no sales below"),
        (b"just a sentence\nand another\n", "No columns"),
        (b"PK\x03\x04" + bytes(100), "workbook is damaged"),
        (b"PAR1" + bytes(100), "Parquet"),
        (b"\xfd7zXZ\x00" + bytes(100), "Unpack"),
        (bytes(range(256)) * 40, "not a text file"),
        (b"a,b\n1,\x00\n", "not a text file"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path, content, words):
    with pytest.raises(UnreadableFile, match=words):
        sniffing.inspect(file_of(tmp_path, content))


def test_a_quotation_mark_that_never_closes_is_found(tmp_path):
    path = file_of(tmp_path, b"a,b\n" + b'1,"2\n' + b"1,2\n" * 100_000)
    with pytest.raises(UnreadableFile, match="quotation mark"):
        rows_of(path, Shape())


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(tmp_path):
    path = file_of(tmp_path, b"a,b\n" + b"1," + b"x" * 3_000_000)
    with pytest.raises(UnreadableFile, match="longer than a million"):
        rows_of(path, Shape())


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=400)
    | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace"))
)
def test_whatever_the_bytes_there_is_a_table_or_a_sentence(tmp_path_factory, content):
    path = file_of(
        tmp_path_factory.mktemp("fuzz"),
        b"Customer,Invoice,Date,Amount\n1,F,2026-01-05,1\n" + content,
    )
    try:
        seen = sniffing.inspect(path)
        rows = rows_of(path, seen.shape)
        checker = LineChecker(rows[0], Shape(**{**seen.shape.__dict__, "currency": "EUR"}))
        accepted, rejected = checker.check(range(2, len(rows) + 1), rows[1:])
        assert len(accepted) + len(rejected) <= len(rows) - 1
    except (UnreadableFile, ColumnsMissing):
        pass  # a sentence; anything else fails the test


def test_lines_are_numbered_as_an_editor_numbers_them_also_with_line_breaks_in_cells(tmp_path):
    path = file_of(tmp_path, b'a,b\r\n1,"two\r\nlines"\r\n\r\n2,"x"\r\n3,"and\nthree\rmore"\r\n4,y')
    with reading.Table(path, Shape()) as table:
        ((numbers, rows),) = table.blocks(100)
    assert [(number, row[0]) for number, row in zip(numbers, rows, strict=True) if row] == [
        (2, "1"),
        (5, "2"),
        (6, "3"),
        (9, "4"),
    ]
    with reading.Table(path, Shape()) as table:
        assert [number for numbers, _rows in table.blocks(2) for number in numbers] == [
            2,
            4,
            5,
            6,
            9,
        ]

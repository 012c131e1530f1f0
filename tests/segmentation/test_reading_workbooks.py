"""Workbooks are read as people see them; what means harm is refused with a sentence."""

import datetime
import zipfile

import pytest

from segmentation import receiving, sniffing, workbook_reading
from segmentation.number_texts import date_text, number_text, short_number_text
from segmentation.reading import Shape, UnreadableFile
from segmentation.tables import WorkbookTable, sheets_of
from segmentation.workbook_reading import Workbook
from tests.segmentation import workbooks
from tests.segmentation.conftest import COLUMNS, DATA, HEADER

DAY = datetime.date(2026, 1, 5)
ROWS = [HEADER, ["F1", 13085.0, DAY, 6, 2.55], ["C536379", "00017", DAY, -1, 0.1 + 0.2]]


@pytest.fixture
def book(tmp_path):
    def do(sheets, **options):
        return workbooks.write(tmp_path / "sales.xlsx", sheets, **options)

    return do


def rows_of(path, sheet):
    with Workbook(path) as workbook:
        return list(workbook.rows(sheet))


def test_cells_come_as_the_texts_that_people_would_write(book):
    path = book({"Sales": ROWS})
    assert rows_of(path, "Sales") == [
        (1, list(HEADER)),
        (2, ["F1", "13085", "2026-01-05", "6", "2.55"]),
        (3, ["C536379", "00017", "2026-01-05", "-1", "0.3"]),
    ]


def test_formulas_count_by_their_stored_values_and_truths_are_words(tmp_path):
    path = workbooks.raw(
        tmp_path / "x.xlsx",
        '<row r="2"><c r="B2"><f>1+1</f><v>2</v></c><c r="D2" t="b"><v>1</v></c>'
        '<c r="E2" t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>a_x0041_</v></c>'
        '<c t="inlineStr"><is><r><t>rich</t></r><r><t> text</t></r></is></c></row>'
        "<row><c><v>5.3621900000000001E5</v></c></row>",
    )
    assert rows_of(path, "Sales") == [
        (2, ["", "2", "", "TRUE", "#N/A", "aA", "rich text"]),
        (3, ["536219"]),
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (13085.0, "13085"),
        (2.5499999999999998, "2.55"),
        (15.299999999999999, "15.3"),
        (1e-7, "0.0000001"),
        (-2.5e-5, "-0.000025"),
        (1234567890123456.0, "1234567890123456"),
        (1e21, "1000000000000000000000"),
        (-0.0, "0"),
    ],
)
def test_numbers_have_no_noise_and_no_powers_of_ten(number, text):
    assert number_text(number) == text


def test_numbers_of_four_bytes_are_as_short_as_they_can_be():
    assert short_number_text(2.549999952316284) == "2.55"
    assert short_number_text(16777216.0) == "16777216"


def test_dates_are_counted_from_the_day_the_workbook_counts_from():
    assert date_text(46027) == "2026-01-05"
    assert date_text(46027.5) == "2026-01-05T12:00:00"
    assert date_text(46027 - 1462, starts_1904=True) == "2026-01-05"
    assert date_text(0.25) == "06:00:00"
    assert date_text(1e300) == number_text(1e300)


def test_the_file_says_by_its_content_what_it_is(book):
    path = book({"Sales": ROWS})
    renamed = path.rename(path.with_suffix(".csv"))
    seen = sniffing.inspect(renamed)
    assert seen.shape.file_format == "xlsx"
    assert seen.shape.date_format == "ymd"
    assert seen.dates_are_sure


def test_all_sheets_with_the_header_of_sales_are_proposed_and_no_other(book):
    path = book(
        {
            "About": [["Report"], ["made by hand"]],
            "2025": ROWS,
            "Rates": [["EUR", "PLN"], [1, 4.3]],
            "2026": ROWS,
        }
    )
    assert sniffing.propose_sheets(sheets_of(path)) == ("2025", "2026")


def test_a_title_above_the_header_is_skipped_and_lines_keep_their_rows(book):
    path = book({"Sales": [["Sales of January"], [], *ROWS]})
    with WorkbookTable(path, Shape(file_format="xlsx")) as table:
        assert tuple(table.header) == HEADER
        assert [list(numbers) for numbers, _rows in table.blocks(10)] == [[4, 5]]


def test_lines_of_the_second_sheet_go_on_counting_and_rejected_ones_name_it(book):
    path = book({"A": ROWS, "B": [HEADER, ["F9", "", DAY, 1, 1]]})
    shape = Shape(
        file_format="xlsx", sheets=("A", "B"), date_format="ymd", currency="EUR", columns=COLUMNS
    )
    with WorkbookTable(path, shape) as table:
        found = [
            (table.part, list(numbers), table.place_of(numbers[0]))
            for numbers, _ in table.blocks(9)
        ]
    assert found == [(0, [2, 3], "sheet “A”, row 2"), (1, [5], "sheet “B”, row 2")]
    assert table.is_at_end


def test_sheets_with_other_columns_are_not_read_as_one(book):
    path = book({"A": ROWS, "B": [["Invoice", "Nothing"], ["F1", 1]]})
    shape = Shape(file_format="xlsx", sheets=("A", "B"))
    with (
        WorkbookTable(path, shape) as table,
        pytest.raises(UnreadableFile, match="“B” has other columns than “A”"),
    ):
        list(table.blocks(10))
    with pytest.raises(UnreadableFile, match="no sheet “C”"):
        WorkbookTable(path, Shape(file_format="xlsx", sheets=("C",)))


def test_numbers_are_numbers_whatever_decimal_mark_the_texts_beside_them_have(book):
    path = book({"Sales": [HEADER, ["F1", "1", DAY, 1, 1.234], ["F1", "1", DAY, 1, "1,5"]]})
    shape = Shape(file_format="xlsx", decimal_mark=",", currency="EUR", columns=COLUMNS)
    looked = receiving.preview(path, shape)
    assert [str(row["price"]) for row in looked.rows] == ["1.234", "1.5"]


# ── What means harm ──────────────────────────────────────────────────────────────────────────


def refused(path) -> str:
    with pytest.raises(UnreadableFile) as refusal:
        _ = sniffing.inspect(path), rows_of(path, "Sales")
    return str(refusal.value)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"a.csv": b"a,b"}, "zip archive"),
        ({"[Content_Types].xml": b"", "xl/workbook.bin": b""}, "XLSB"),
        ({"mimetype": b"", "content.xml": b""}, "OpenDocument"),
        ({"[Content_Types].xml": b"", "word/document.xml": b""}, "no workbook"),
        ({"[Content_Types].xml": b"", "xl/nothing.xml": b""}, "damaged"),
    ],
)
def test_other_archives_are_told_apart(tmp_path, entries, words):
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbooks.zipped(entries))
    assert words in refused(path)


@pytest.mark.parametrize("words", ["EncryptedPackage", "Workbook"])
def test_old_and_locked_workbooks_are_refused_each_with_its_remedy(tmp_path, words):
    path = tmp_path / "x.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + words.encode("utf-16-le"))
    assert ("password" if words == "EncryptedPackage" else "XLS") in refused(path)


def test_a_workbook_cut_off_is_damaged(book):
    path = book({"Sales": ROWS * 200})
    content = path.read_bytes()
    for part in (10, len(content) // 2, len(content) - 30):
        path.write_bytes(content[:part])
        assert "damaged" in refused(path)


def test_what_unfolds_to_too_much_is_refused_before_it_is_read(tmp_path, settings):
    settings.KAM_SALES_UNFOLDED_LIMIT = 1_000_000
    path = workbooks.raw(tmp_path / "x.xlsx", "", more={"xl/media/bomb": bytes(2_000_000)})
    assert path.stat().st_size < 10_000
    assert "unfolds to more than" in refused(path)


def test_an_archive_that_lies_about_its_sizes_is_damaged(tmp_path):
    row = "<row><c><v>1</v></c><c><v>2</v></c></row>"
    path = workbooks.raw(tmp_path / "x.xlsx", row * 50_000)
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    content = path.read_bytes().replace(size.to_bytes(4, "little"), (5000).to_bytes(4, "little"))
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="damaged"):
        rows_of(path, "Sales")


def test_one_long_text_in_every_cell_is_counted_each_time(tmp_path, settings):
    settings.KAM_SALES_UNFOLDED_LIMIT = 3_000_000
    texts = f'<sst xmlns="{workbooks.NAMESPACE}"><si><t>{"x" * 30_000}</t></si></sst>'
    related = (
        f'<Relationships xmlns="{workbooks.PACKAGE}"><Relationship Id="r1" Type="{workbooks.RELATIONS}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{workbooks.RELATIONS}/sharedStrings" '
        'Target="texts.xml"/></Relationships>'
    )
    path = tmp_path / "x.xlsx"
    workbooks.raw(path, '<row><c t="s"><v>0</v></c></row>' * 200)
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    entries |= {"xl/_rels/workbook.xml.rels": related.encode(), "xl/texts.xml": texts.encode()}
    path.write_bytes(workbooks.zipped(entries))
    with pytest.raises(UnreadableFile, match="unfolds to more than"):
        rows_of(path, "Sales")


def test_declared_entities_are_refused_before_they_unfold(tmp_path):
    head = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = workbooks.raw(tmp_path / "x.xlsx", "<row><c><v>&b;</v></c></row>", head=head)
    with pytest.raises(UnreadableFile, match="declarations"):
        rows_of(path, "Sales")


@pytest.mark.parametrize("far", ["XFD1048576", "ZZZZ1", "A1048576"])
def test_two_cells_far_apart_take_no_memory(tmp_path, far):
    path = workbooks.raw(
        tmp_path / "x.xlsx",
        f'<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="{far}"><v>1</v></c></row>',
    )
    if far.startswith("A"):
        assert len(rows_of(path, "Sales")) == 2
    else:
        with pytest.raises(UnreadableFile, match="beyond column"):
            rows_of(path, "Sales")


def test_a_row_without_end_is_no_row(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_reading, "LONGEST_ROW", 100_000)
    path = workbooks.raw(tmp_path / "x.xlsx", f"<row><c><v>{'1' * 900_000}</v></c></row>")
    with pytest.raises(UnreadableFile, match="longer than"):
        rows_of(path, "Sales")


@pytest.mark.parametrize(
    "cell",
    [
        '<c t="s"><v>99</v></c>',
        '<c t="s"><v>x</v></c>',
        "<c><v>six</v></c>",
        '<c r="1"><v>6</v></c>',
        '<c r="é1"><v>6</v></c>',
        "<c><v>6</c>",
    ],
)
def test_cells_that_make_no_sense_make_a_damaged_workbook(tmp_path, cell):
    path = workbooks.raw(tmp_path / "x.xlsx", f"<row>{cell}</row>")
    with pytest.raises(UnreadableFile, match="damaged"):
        rows_of(path, "Sales")


@pytest.mark.django_db
def test_the_overlapping_days_of_the_real_workbook_count_once():
    from segmentation import rollup, sales_import
    from segmentation.models import SalesLine

    path = next(iter((DATA / "online_retail_ii").glob("*.xlsx")), None)
    if path is None:
        pytest.skip("the real sales are not here (../shared/data)")
    job = sales_import.import_file(path, currency="GBP")
    assert job.has_succeeded, job.error
    assert job.sheets == ["Year 2009-2010", "Year 2010-2011"]
    assert job.read == job.accepted + job.rejected == 2 * 22_523
    # Both sheets hold the same documents: the first counts for nothing, the second whole.
    assert job.overlapping_documents == job.new_documents > 0
    assert SalesLine.objects.count() * 2 == job.accepted
    assert f"{sum(SalesLine.objects.values_list('amount', flat=True)):.2f}" == "304623.35"
    assert rollup.differences() == []

"""Lines of a file: what is taken of them, what is rejected and for which reasons."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation import checking
from segmentation.checking import ClientSeen, ColumnsMissing, LineChecker, Reason
from segmentation.reading import Shape

HEADER = ["Invoice", "Customer", "Date", "Quantity", "Price"]
SHAPE = Shape(
    currency="EUR",
    columns={
        "document": "Invoice",
        "client": "Customer",
        "date": "Date",
        "quantity": "Quantity",
        "price": "Price",
    },
)


def taken(row, header=HEADER, **shape):
    """What is stored of a line as a dict, or the reasons why it is rejected."""
    told = Shape(**{**SHAPE.__dict__, **shape})
    checker = LineChecker(header, told)
    accepted, rejected = checker.check([2], [row])
    if rejected:
        return rejected[0].reasons
    assert set(checker.staged) <= set(checking.STAGED)
    return dict(zip(checker.staged, accepted[0], strict=True))


def test_a_line_is_taken_as_it_is_meant():
    assert taken([" C536379 ", "13085.0", "2026-01-05 08:26:00", "-6", "2.550"]) == {
        "line_no": 2,
        "document": "C536379",
        "client": "13085",
        "sold_on": "2026-01-05",
        "quantity": "-6",
        "price": "2.55",
        "currency": "EUR",
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["F1", "", "2026-01-05", "1", "1"], Reason.NO_CLIENT),
        (["F1", "  ", "2026-01-05", "1", "1"], Reason.NO_CLIENT),
        (["F1", "nan", "2026-01-05", "1", "1"], Reason.NO_CLIENT),
        (["", "1", "2026-01-05", "1", "1"], Reason.NO_DOCUMENT),
        (["F1", "1", "", "1", "1"], Reason.NO_DATE),
        (["F1", "1", "2026-02-30", "1", "1"], Reason.BAD_DATE),
        (["F1", "1", "yesterday", "1", "1"], Reason.BAD_DATE),
        (["F1", "1", "0026-01-05", "1", "1"], Reason.BAD_DATE),
        (["F1", "1", "2026-01-05", "", "1"], Reason.NO_QUANTITY),
        (["F1", "1", "2026-01-05", "six", "1"], Reason.BAD_QUANTITY),
        (["F1", "1", "2026-01-05", "1", ""], Reason.NO_PRICE),
        (["F1", "1", "2026-01-05", "1", "£5"], Reason.BAD_PRICE),
        (["F1", "1", "2026-01-05", "1", "1.2.3"], Reason.BAD_PRICE),
        (["F1", "1", "2026-01-05", "1", "NaN"], Reason.BAD_PRICE),
        (["F1", "1", "2026-01-05", "1", "1e5"], Reason.BAD_PRICE),
        (["F1", "1", "2026-01-05", "1", "٣"], Reason.BAD_PRICE),
        (["F1", "1", "2026-01-05", "1", "0.0000001"], Reason.TOO_EXACT),
        (["F1", "1", "2026-01-05", "1" + "0" * 12, "1"], Reason.TOO_LARGE),
        (["F" * 65, "1", "2026-01-05", "1", "1"], Reason.TOO_LONG),
        (["F\x00", "1", "2026-01-05", "1", "1"], Reason.UNREADABLE),
        (["F1", "\udca3", "2026-01-05", "1", "1"], Reason.UNREADABLE),
        (["F1", "1", "2026-01-05", "1", "1", "too much"], Reason.EXTRA_CELLS),
    ],
)
def test_a_bad_line_is_rejected_with_its_reason(row, reason):
    assert taken(row) == (reason,)


def test_a_line_with_several_faults_tells_them_all():
    _accepted, (checked,) = LineChecker(HEADER, SHAPE).check([7], [["", "", "someday", "1", "x"]])
    assert checked.line_no == 7
    assert checked.reasons == (
        Reason.NO_DOCUMENT,
        Reason.NO_CLIENT,
        Reason.BAD_DATE,
        Reason.BAD_PRICE,
    )
    assert checked.sentence.count(";") == 3


def test_cells_left_out_at_the_end_count_as_empty_and_empty_ones_too_many_do_no_harm():
    header = [*HEADER, "Note"]
    assert taken(["F1", "1", "2026-01-05", "1", "1"], header)["document"] == "F1"
    assert taken(["F1", "1", "2026-01-05", "1", "1", "", "", " "], header)["document"] == "F1"
    assert taken(["F1", "1"], header) == (Reason.NO_DATE, Reason.NO_QUANTITY, Reason.NO_PRICE)


@pytest.mark.parametrize(
    ("text", "mark", "plain"),
    [
        ("1234.5", ".", "1234.5"),
        ("1,234.50", ".", "1234.5"),
        ("1.234,50", ",", "1234.5"),
        ("1 234,50", ",", "1234.5"),
        ("1\u00a0234,5", ",", "1234.5"),
        ("1\u202f234,5", ",", "1234.5"),
        ("1'234.5", ".", "1234.5"),
        ("-0", ".", "0"),
        ("12-", ".", "-12"),
        ("(12.5)", ".", "-12.5"),
        ("−12", ".", "-12"),
        ("+7", ".", "7"),
        (".5", ".", "0.5"),
        ("007", ".", "7"),
        ("5.", ".", "5"),
    ],
)
def test_numbers_as_people_write_them(text, mark, plain):
    assert taken(["F1", "1", "2026-01-05", "1", text], decimal_mark=mark)["price"] == plain


@pytest.mark.parametrize(
    "text", ["1,5", "1,23,456", "12,34", "--1", "(1", "1)", "()", "-", ".", "1-2"]
)
def test_a_mark_in_the_wrong_place_is_no_number(text):
    assert taken(["F1", "1", "2026-01-05", "1", text]) == (Reason.BAD_PRICE,)


@pytest.mark.parametrize(
    ("text", "date_format", "day"),
    [
        ("12/1/2010 8:26", "mdy", "2010-12-01"),
        ("1.12.2010", "dmy", "2010-12-01"),
        ("01-12-10", "dmy", "2010-12-01"),
        ("2010/12/1", "ymd", "2010-12-01"),
        ("20101201", "ymd", "2010-12-01"),
        ("2010-12-01T08:26:00.000Z", "ymd", "2010-12-01"),
        ("2010-12-01 8:26 PM", "ymd", "2010-12-01"),
        ("12/1/2010 8:26:30 a.m.", "mdy", "2010-12-01"),
    ],
)
def test_dates_as_programs_write_them(text, date_format, day):
    assert taken(["F1", "1", text, "1", "1"], date_format=date_format)["sold_on"] == day


@settings(max_examples=200, deadline=None)
@given(
    day=st.dates(datetime.date(1970, 1, 1), datetime.date(2100, 12, 31)),
    price=st.decimals(-9_999_999, 9_999_999, places=6, allow_nan=False, allow_infinity=False),
)
def test_what_is_written_down_is_read_back(day, price):
    for date_format, pattern in {"ymd": "%Y-%m-%d", "dmy": "%d.%m.%Y", "mdy": "%m/%d/%Y"}.items():
        line = taken(
            ["F1", "1", day.strftime(pattern).zfill(10), "1", f"{price:,f}"],
            date_format=date_format,
        )
        assert line["sold_on"] == day.isoformat()
        assert Decimal(line["price"]) == price


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"client": "Customer"}, "Date, Document"),
        ({**SHAPE.columns, "date": "When"}, "no column “When”"),
        ({**SHAPE.columns, "colour": "Price"}, "no role “colour”"),
        ({**SHAPE.columns, "price": "Quantity"}, "two things"),
        (
            {role: name for role, name in SHAPE.columns.items() if role != "price"},
            "quantity and the unit price",
        ),
    ],
)
def test_columns_that_make_no_sales_line_are_refused(columns, words):
    with pytest.raises(ColumnsMissing, match=words):
        LineChecker(HEADER, Shape(currency="EUR", columns=columns))


def test_a_currency_has_to_be_told_or_to_stand_in_a_column():
    with pytest.raises(ColumnsMissing, match="currency"):
        LineChecker(HEADER, Shape(columns=SHAPE.columns))
    columns = {**SHAPE.columns, "currency": "Money"}
    assert (
        taken(["F1", "1", "2026-01-05", "1", "1", "pln"], [*HEADER, "Money"], columns=columns)[
            "currency"
        ]
        == "PLN"
    )
    assert (
        taken(["F1", "1", "2026-01-05", "1", "1", ""], [*HEADER, "Money"], columns=columns)[
            "currency"
        ]
        == "EUR"
    )
    assert taken(
        ["F1", "1", "2026-01-05", "1", "1", "zł"], [*HEADER, "Money"], columns=columns
    ) == (Reason.BAD_CURRENCY,)


def test_an_amount_of_the_line_needs_no_quantity_and_goes_before_it():
    header, columns = [*HEADER, "Total"], {**SHAPE.columns, "amount": "Total"}
    line = taken(["F1", "1", "2026-01-05", "", "", "19.99"], header, columns=columns)
    assert (line["amount"], line["quantity"]) == ("19.99", "")
    assert taken(["F1", "1", "2026-01-05", "2", "10", ""], header, columns=columns) == (
        Reason.NO_AMOUNT,
    )


def test_good_and_bad_lines_of_a_block_are_told_apart_in_their_order():
    good = ["F1", "1", "2026-01-05", "1", "1"]
    rows = [
        good,
        ["F2", "", "2026-01-05", "1", "1"],
        [],
        good,
        [*good, "too much"],
        ["", " ", "", "", ""],
        good[:4],
    ]
    accepted, rejected = LineChecker(HEADER, SHAPE).check(range(2, 9), rows)
    assert [line[0] for line in accepted] == [2, 5]
    assert [(line.line_no, line.reasons[0]) for line in rejected] == [
        (3, Reason.NO_CLIENT),
        (6, Reason.EXTRA_CELLS),
        (8, Reason.NO_PRICE),
    ]


def test_only_clients_of_accepted_lines_are_gathered_with_their_first_name():
    columns = {**SHAPE.columns, "name": "Who"}
    checker = LineChecker([*HEADER, "Who"], Shape(currency="EUR", columns=columns))
    day = "2026-01-05"
    rows = [
        ["F1", "1", day, "1", "1", ""],
        ["F1", "1", day, "1", "1", " First  Ltd "],
        ["F1", "1", day, "1", "1", "Second Ltd"],
        ["F2", "2", day, "x", "1", "Nobody"],
        ["F3", "3", day, "1", "1", ""],
    ]
    checker.check(range(2, 7), rows)
    assert checker.clients == {"1": ClientSeen(name="First Ltd"), "3": ClientSeen()}


def test_of_each_client_the_first_cell_that_tells_something_is_kept():
    columns = {**SHAPE.columns, "tax_id": "NIP", "kam": "Salesperson", "city": "City"}
    checker = LineChecker(
        [*HEADER, "City", "NIP", "Salesperson"], Shape(currency="EUR", columns=columns)
    )
    day = "2026-01-05"
    checker.check([2], [["F1", "1", day, "1", "1", "", "525-10-01", ""]])
    checker.check([3], [["F1", "1", day, "1", "1", "Łódź", "999", " A.  Nowak "]])
    checker.check([4], [["F1", "1", day, "1", "1", "Kielce", "", "B. Kos"]])
    assert checker.clients == {"1": ClientSeen(tax_id="525-10-01", city="Łódź", kam="A. Nowak")}


@pytest.mark.parametrize(
    ("amount", "margin", "cost"),
    [("100", "30.5", "69.5"), ("-10", "-4", "-6"), ("100", "", ""), ("0.1", "0.3", "-0.2")],
)
def test_the_cost_follows_from_amount_and_margin(amount, margin, cost):
    columns = {**SHAPE.columns, "amount": "Net", "margin": "Margin"}
    line = taken(
        ["F1", "1", "2026-01-05", "1", "1", amount, margin],
        [*HEADER, "Net", "Margin"],
        columns=columns,
    )
    assert line["cost"] == cost


def test_the_cost_follows_from_quantity_price_and_margin():
    columns = {**SHAPE.columns, "margin": "Margin"}
    header = [*HEADER, "Margin"]
    assert taken(["F1", "1", "2026-01-05", "3", "1.1", "0.3"], header, columns=columns)["cost"] == (
        "3.0"
    )
    assert taken(["F1", "1", "2026-01-05", "x", "1.1", "much"], header, columns=columns) == (
        Reason.BAD_QUANTITY,
        Reason.BAD_MARGIN,
    )


def test_cost_and_margin_at_once_are_refused():
    columns = {**SHAPE.columns, "cost": "Cost", "margin": "Margin"}
    with pytest.raises(ColumnsMissing, match="follows from the other"):
        LineChecker([*HEADER, "Cost", "Margin"], Shape(currency="EUR", columns=columns))


def test_a_product_line_is_stored_with_its_line():
    columns = {**SHAPE.columns, "product_line": "Group"}
    line = taken(
        ["F1", "1", "2026-01-05", "1", "1", " Bearings "], [*HEADER, "Group"], columns=columns
    )
    assert line["product_line"] == "Bearings"


def test_a_column_tells_the_parts_of_a_file_but_not_thousands_of_them(monkeypatch):
    columns = {**SHAPE.columns, "part": "sheet"}
    checker = LineChecker([*HEADER, "sheet"], Shape(currency="EUR", columns=columns))
    rows = [["F1", "1", "2026-01-05", "1", "1", year] for year in ("2009", "2010", " 2009 ")]
    lines, _rejected = checker.check([2, 3, 4], rows)
    assert [line[checker.staged.index("part")] for line in lines] == [0, 1, 0]
    monkeypatch.setattr(checking, "MOST_PARTS", 2)
    with pytest.raises(ColumnsMissing, match="so many parts"):
        checker.check([5], [["F1", "1", "2026-01-05", "1", "1", "2011"]])

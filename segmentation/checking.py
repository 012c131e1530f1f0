"""The one validator of sales lines: the preview shows what it says, and the import does what it says.

A million lines repeat a few thousand dates, clients and prices, so each distinct text is judged
once and remembered.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.models.sales import AMOUNT_PLACES, PRICE_PLACES, QUANTITY_PLACES
from segmentation.reading import REQUIRED_ROLES, ROLES, Shape, name_columns

# How many distinct texts of a column are remembered; beyond that it starts anew, so memory stays flat.
REMEMBERED = 100_000
LONGEST_ID = 64
LONGEST_TEXT = 200
EARLIEST, LATEST = 1970, 2100
# Digits before the decimal mark, such that quantity × price and sums of a hundred amounts fit 18.
INTEGER_DIGITS = {QUANTITY_PLACES: 8, PRICE_PLACES: 8, AMOUNT_PLACES: 16}


class Reason(models.TextChoices):
    """Why a line is rejected."""

    NO_CLIENT = "no_client", gettext_lazy("no client number")
    NO_DOCUMENT = "no_document", gettext_lazy("no document number")
    NO_DATE = "no_date", gettext_lazy("no date")
    NO_QUANTITY = "no_quantity", gettext_lazy("no quantity")
    NO_PRICE = "no_price", gettext_lazy("no price")
    NO_AMOUNT = "no_amount", gettext_lazy("no amount")
    BAD_DATE = "bad_date", gettext_lazy("the date cannot be read or does not exist")
    BAD_QUANTITY = "bad_quantity", gettext_lazy("the quantity is not a number")
    BAD_PRICE = "bad_price", gettext_lazy("the price is not a number")
    BAD_AMOUNT = "bad_amount", gettext_lazy("the amount is not a number")
    BAD_COST = "bad_cost", gettext_lazy("the cost is not a number")
    BAD_CURRENCY = "bad_currency", gettext_lazy("the currency is not a three-letter code")
    TOO_EXACT = "too_exact", gettext_lazy("a number has more decimals than can be kept exactly")
    TOO_LARGE = "too_large", gettext_lazy("a number is too large")
    TOO_LONG = (
        "too_long",
        gettext_lazy("a number of client or document is longer than 64 characters"),
    )
    UNREADABLE = (
        "unreadable",
        gettext_lazy("it holds characters that the chosen encoding does not know"),
    )
    EXTRA_CELLS = "extra_cells", gettext_lazy("it has more cells than the header has columns")


class ColumnsMissing(Exception):
    """The columns told do not make a sales line; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that cannot be taken, and every reason why."""

    reasons: tuple[Reason, ...]
    sentence: str


# What is stored of a line, in this order; every value is text as the database reads it.
STAGED = (
    "line_no",
    "document",
    "client",
    "sold_on",
    "product",
    "quantity",
    "price",
    "amount",
    "cost",
    "currency",
)


class _Bad(Exception):
    pass


class Judged(dict):
    """Text of a cell → what is stored of it; `reason(text)` tells why a cell cannot be stored."""

    def __init__(self, judge: Callable[[str], "str | Reason"]):
        super().__init__()
        self._judge = judge
        self._bad: dict[str, Reason] = {}

    def __missing__(self, text: str) -> str:
        if text in self._bad:
            raise _Bad
        if len(self) + len(self._bad) >= REMEMBERED:
            self.clear()
            self._bad.clear()
        judged = self._judge(text)
        if isinstance(judged, Reason):
            self._bad[text] = judged
            raise _Bad
        self[text] = judged
        return judged

    def reason(self, text: str) -> Reason | None:
        try:
            self[text]
        except _Bad:
            return self._bad[text]
        return None


class LineChecker:
    """Tells for each record of a file what is stored of it, or why it is rejected.

    `names` gathers client number → name from the column of names, the first that is not empty.
    """

    def __init__(self, header: list[str], shape: Shape):
        self.names: dict[str, str] = {}
        self._rejections: dict[tuple[Reason, ...], Rejected] = {}
        self.header = name_columns(header)
        self.width = len(self.header)
        places = self._places(self.header, shape)
        number = _number_reader(shape.decimal_mark)
        optional = "amount" in places
        self._readers: list[tuple[Any, Judged]] = [
            (places["document"], Judged(lambda text: read_id(text) or Reason.NO_DOCUMENT)),
            (places["client"], Judged(lambda text: read_client(text) or Reason.NO_CLIENT)),
            (places["date"], Judged(_date_reader(shape.date_format))),
            (places.get("product"), Judged(read_text)),
            (
                places.get("quantity"),
                number(
                    QUANTITY_PLACES, "" if optional else Reason.NO_QUANTITY, Reason.BAD_QUANTITY
                ),
            ),
            (
                places.get("price"),
                number(PRICE_PLACES, "" if optional else Reason.NO_PRICE, Reason.BAD_PRICE),
            ),
            (places.get("amount"), number(AMOUNT_PLACES, Reason.NO_AMOUNT, Reason.BAD_AMOUNT)),
            (places.get("cost"), number(AMOUNT_PLACES, "", Reason.BAD_COST)),
            (places.get("currency"), Judged(_currency_reader(shape.currency))),
        ]
        self._name_place = places.get("name")
        self._currency = shape.currency
        self.check = self._compile()

    def _compile(self) -> Callable[[list[str], int], "tuple | Rejected"]:
        """The check as one function over local names: it runs a million times."""
        documents, clients, dates, products, quantities, prices, amounts, costs, currencies = (
            judged for _place, judged in self._readers
        )
        (
            at_document,
            at_client,
            at_date,
            at_product,
            at_quantity,
            at_price,
            at_amount,
            at_cost,
            at_currency,
        ) = (place for place, _judged in self._readers)
        at_name, names, width, currency = self._name_place, self.names, self.width, self._currency

        def check(row: list[str], line_no: int) -> tuple | Rejected:
            if len(row) != width:
                if any(cell.strip() for cell in row[width:]):
                    return Rejected((Reason.EXTRA_CELLS,), str(Reason.EXTRA_CELLS.label))
                # Spreadsheets leave out empty cells at the end of a line.
                row = row[:width] + [""] * (width - len(row))
            try:
                client = clients[row[at_client]]
                line = (
                    line_no,
                    documents[row[at_document]],
                    client,
                    dates[row[at_date]],
                    "" if at_product is None else products[row[at_product]],
                    "" if at_quantity is None else quantities[row[at_quantity]],
                    "" if at_price is None else prices[row[at_price]],
                    "" if at_amount is None else amounts[row[at_amount]],
                    "" if at_cost is None else costs[row[at_cost]],
                    currency if at_currency is None else currencies[row[at_currency]],
                )
            except _Bad:
                return self._rejected(row)
            if client not in names:
                names[client] = ""
            if at_name is not None and not names[client]:
                names[client] = read_name(row[at_name])
            return line

        return check

    def _rejected(self, row: list[str]) -> Rejected:
        """Thousands of lines are rejected alike, so each set of reasons is put into words once."""
        found = (judged.reason(row[place]) for place, judged in self._readers if place is not None)
        reasons = tuple(reason for reason in found if reason)
        if reasons not in self._rejections:
            distinct = tuple(dict.fromkeys(reasons))
            self._rejections[reasons] = Rejected(
                distinct, "; ".join(str(reason.label) for reason in distinct)
            )
        return self._rejections[reasons]

    @staticmethod
    def _places(header: list[str], shape: Shape) -> dict[str, int]:
        """Role → place in the record. Raises ColumnsMissing with a sentence."""
        for role, column in shape.columns.items():
            if role not in ROLES:
                raise ColumnsMissing(
                    _("There is no role “%(role)s” for a column. Known are: %(roles)s.")
                    % {"role": role, "roles": ", ".join(ROLES)}
                )
            if column not in header:
                raise ColumnsMissing(
                    _("The file has no column “%(column)s”. Its columns are: %(columns)s.")
                    % {"column": column, "columns": ", ".join(header)}
                )
        missing = [str(ROLES[role]) for role in REQUIRED_ROLES if role not in shape.columns]
        if missing:
            raise ColumnsMissing(
                _("Tell which column is: %(roles)s.") % {"roles": ", ".join(missing)}
            )
        if "amount" not in shape.columns and not {"quantity", "price"} <= shape.columns.keys():
            raise ColumnsMissing(
                _(
                    "Tell which columns are the quantity and the unit price, or which is the amount of the line."
                )
            )
        if "currency" not in shape.columns and not re.fullmatch(r"[A-Z]{3}", shape.currency):
            raise ColumnsMissing(
                _("Tell the currency of the amounts in three letters, such as EUR.")
            )
        doubled = [column for column in header if list(shape.columns.values()).count(column) > 1]
        if doubled:
            raise ColumnsMissing(
                _("The column “%(column)s” is told to be two things. Leave it one of them.")
                % {"column": doubled[0]}
            )
        return {role: header.index(column) for role, column in shape.columns.items()}


_WHOLE_AS_DECIMAL = re.compile(r"(\d+)\.0+")
_NO_VALUE = frozenset({"nan", "null", "none", "#n/a"})
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def read_text(text: str) -> str | Reason:
    """Trimmed and cut to what is kept: a description is no identity."""
    if _UNPRINTABLE.search(text):
        return Reason.UNREADABLE
    return text.strip()[:LONGEST_TEXT]


def read_id(text: str) -> str | Reason:
    """A number of a document or client is text: C536379 stays, and 13085.0 was 13085 before a workbook had it."""
    if _UNPRINTABLE.search(text):
        return Reason.UNREADABLE
    text = text.strip()
    whole = _WHOLE_AS_DECIMAL.fullmatch(text)
    text = whole[1] if whole else text
    return text if len(text) <= LONGEST_ID else Reason.TOO_LONG


def read_client(text: str) -> str | Reason:
    """As read_id; what programs write for "nothing" is no client."""
    return "" if text.strip().lower() in _NO_VALUE else read_id(text)


def read_name(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:LONGEST_TEXT]


_DATE = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})"
    r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")


def _date_reader(date_format: str) -> Callable[[str], str | Reason]:
    year, month, day = (date_format.index(part) + 1 for part in "ymd")

    def read(text: str) -> str | Reason:
        text = text.strip()
        if not text:
            return Reason.NO_DATE
        parts = _DATE.fullmatch(text) or (
            _COMPACT_DATE.fullmatch(text) if date_format == "ymd" else None
        )
        if not parts or len(parts[year]) not in (2, 4):
            return Reason.BAD_DATE
        full_year = int(parts[year]) + (2000 if len(parts[year]) == 2 else 0)
        if not EARLIEST <= full_year <= LATEST:
            return Reason.BAD_DATE
        try:
            return datetime.date(full_year, int(parts[month]), int(parts[day])).isoformat()
        except ValueError:
            return Reason.BAD_DATE

    return read


_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009']")


def _number_reader(decimal_mark: str) -> Callable[[int, "str | Reason", Reason], Judged]:
    thousands = "." if decimal_mark == "," else ","
    grouped = re.compile(
        rf"(\d+|\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+)?(?:{re.escape(decimal_mark)}(\d*))?"
    )

    def reader(places: int, empty: str | Reason, bad: Reason) -> Judged:
        def read(text: str) -> str | Reason:
            bare = _BLANKS.sub("", text)
            if not bare:
                return empty
            if not bare.isascii():
                bare = bare.replace("−", "-")
            # Minus in front, behind (as SAP writes), or brackets (as bookkeepers do).
            if (bare[0] == "(" and bare[-1] == ")") or bare[-1] == "-":
                negative, bare = True, bare.strip("()") if bare[0] == "(" else bare[:-1]
            else:
                negative, bare = bare[0] == "-", bare[1:] if bare[0] in "+-" else bare
            parts = grouped.fullmatch(bare)
            if not parts or not bare.isascii() or not (parts[1] or parts[2]):
                return bad
            whole = (parts[1] or "0").replace(thousands, "").lstrip("0") or "0"
            decimals = (parts[2] or "").rstrip("0")
            if len(decimals) > places:
                return Reason.TOO_EXACT
            if len(whole) > INTEGER_DIGITS[places]:
                return Reason.TOO_LARGE
            plain = f"{whole}.{decimals}" if decimals else whole
            return f"-{plain}" if negative and plain != "0" else plain

        return Judged(read)

    return reader


def _currency_reader(otherwise: str) -> Callable[[str], str | Reason]:
    def read(text: str) -> str | Reason:
        code = text.strip().upper()
        if not code:
            return otherwise or Reason.BAD_CURRENCY
        return code if re.fullmatch(r"[A-Z]{3}", code) else Reason.BAD_CURRENCY

    return read

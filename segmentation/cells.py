"""Cells as people and programs write them: what is stored of each, or the reason why it cannot be."""

import datetime
import re
from collections.abc import Callable

from django.db import models
from django.utils.translation import gettext_lazy

from segmentation.models.sales import AMOUNT_PLACES, PRICE_PLACES, QUANTITY_PLACES
from segmentation.number_texts import date_text

# How many distinct texts of a column are remembered; beyond that it starts anew, so memory stays flat.
REMEMBERED = 100_000
LONGEST_ID = 64
LONGEST_TEXT = 200
LONGEST_PRODUCT_LINE = 120
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
    BAD_MARGIN = "bad_margin", gettext_lazy("the margin is not a number")
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
    REPLACED_SINCE = (
        "replaced_since",
        gettext_lazy("another import has replaced its document since, so it was not added"),
    )
    OTHER_PART = (
        "other_part",
        gettext_lazy("its document was taken from another part of the file, so it was not added"),
    )
    NO_LINE_NO = (
        "no_line_no",
        gettext_lazy("the number of the rejected line that it mends is missing or stands twice"),
    )
    EXTRA_CELLS = "extra_cells", gettext_lazy("it has more cells than the header has columns")


class Judged(dict):
    """Text of a cell → what is stored of it, or None where it cannot be; then `reason` tells why.

    A million lines repeat a few thousand dates, clients and prices, so each distinct text is judged
    once and remembered, and looking it up costs nothing in Python.
    """

    def __init__(self, judge: Callable[[str], "str | Reason"]):
        super().__init__()
        self._judge = judge
        self._reasons: dict[str, Reason] = {}

    def __missing__(self, text: str) -> str | None:
        if len(self) >= REMEMBERED:
            self.clear()
        judged = self._judge(text)
        if isinstance(judged, Reason):
            if len(self._reasons) >= REMEMBERED:
                self._reasons.clear()
            self._reasons[text] = judged
        self[text] = kept = None if isinstance(judged, Reason) else judged
        return kept

    @property
    def has_bad(self) -> bool:
        return bool(self._reasons)

    def reason(self, text: str) -> Reason:
        """Why the text, which is a bad one, cannot be stored."""
        reason = self._reasons.get(text) or self._judge(text)
        assert isinstance(reason, Reason)
        return reason


_WHOLE_AS_DECIMAL = re.compile(r"(\d+)\.0+")
_NO_VALUE = frozenset({"nan", "null", "none", "#n/a"})
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def read_text(text: str) -> str | Reason:
    """Trimmed and cut to what is kept: a description is no identity."""
    if _UNPRINTABLE.search(text):
        return Reason.UNREADABLE
    return text.strip()[:LONGEST_TEXT]


def read_product_line(text: str) -> str | Reason:
    text = read_text(text)
    return text if isinstance(text, Reason) else text[:LONGEST_PRODUCT_LINE].rstrip()


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


_NAMED_DATE = re.compile(
    r"(\d{1,2})\.?[ ./-]*([^\W\d_]{3,})\.?,?[ ./-]*(\d{4}|\d{2})(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?"
)
_SERIAL_DATE = re.compile(r"(\d{5})(?:[.,]\d+)?")
# The first letters of the months in English, Polish and Russian, by which programs write 21-NOV-26.
_MONTHS = {
    start: place
    for year in (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "sty lut mar kwi maj cze lip sie wrz paź lis gru",
        "янв фев мар апр май июн июл авг сен окт ноя дек",
        "янв фев мар апр мая июн июл авг сен окт ноя дек",
    )
    for place, start in enumerate(year.split(), 1)
}
# Two digits of a year mean the years around now.
FIRST_YEAR_OF_TWO_DIGITS = 1970


def _full_year(digits: str) -> int:
    if len(digits) != 2:
        return int(digits)
    year = 1900 + int(digits)
    return year if year >= FIRST_YEAR_OF_TWO_DIGITS else year + 100


def _date(year: str, month: str | int, day: str) -> str | Reason:
    if len(year) not in (2, 4) or not EARLIEST <= _full_year(year) <= LATEST:
        return Reason.BAD_DATE
    try:
        return datetime.date(_full_year(year), int(month), int(day)).isoformat()
    except ValueError:
        return Reason.BAD_DATE


def date_reader(date_format: str) -> Callable[[str], str | Reason]:
    """Reads dates of this order of day, month and year, and those that leave no doubt whatever it is:
    a year of four digits in front, and a month by its name."""

    if date_format == "serial":
        year, month, day = 1, 2, 3
    else:
        year, month, day = (date_format.index(part) + 1 for part in "ymd")

    def read(text: str) -> str | Reason:
        text = text.strip()
        if not text:
            return Reason.NO_DATE
        parts = _DATE.fullmatch(text)
        if parts:
            if len(parts[1]) == 4:
                return _date(parts[1], parts[2], parts[3])
            return (
                Reason.BAD_DATE
                if date_format == "serial"
                else _date(parts[year], parts[month], parts[day])
            )
        if date_format == "ymd" and (parts := _COMPACT_DATE.fullmatch(text)):
            return _date(parts[1], parts[2], parts[3])
        if date_format == "serial" and (parts := _SERIAL_DATE.fullmatch(text)):
            written = date_text(int(parts[1]))
            return _date(*written.split("-"))
        if (parts := _NAMED_DATE.fullmatch(text)) and (
            named := _MONTHS.get(parts[2][:3].lower(), 0)
        ):
            return _date(parts[3], named, parts[1])
        return Reason.BAD_DATE

    return read


_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009']")


def number_reader(decimal_mark: str) -> Callable[[int, "str | Reason", Reason], Judged]:
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


def currency_reader(otherwise: str) -> Callable[[str], str | Reason]:
    def read(text: str) -> str | Reason:
        code = text.strip().upper()
        if not code:
            return otherwise or Reason.BAD_CURRENCY
        return code if re.fullmatch(r"[A-Z]{3}", code) else Reason.BAD_CURRENCY

    return read

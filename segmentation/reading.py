"""Reading a table of sales from a file, line by line: memory stays flat, whatever its length."""

import csv
import datetime
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.cells import EARLIEST, LATEST

CHUNK = 1 << 18
LONGEST_LINE = 1_000_000
LONGEST_CELL = 100_000

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": gettext_lazy("Western European (Windows-1252)"),
    "latin-1": gettext_lazy("Western European (ISO-8859-1, Latin-1)"),
    "cp1250": gettext_lazy("Central European (Windows-1250)"),
    "iso8859-2": gettext_lazy("Central European (ISO-8859-2, Latin-2)"),
    "cp1251": gettext_lazy("Cyrillic (Windows-1251)"),
}
DELIMITERS = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("bar"),
}
DATE_FORMATS = {
    "ymd": gettext_lazy("year, month, day: 2026-11-21"),
    "dmy": gettext_lazy("day, month, year: 21.11.2026"),
    "mdy": gettext_lazy("month, day, year: 11/21/2026"),
    "serial": gettext_lazy("days as a spreadsheet counts them: 46347"),
}
DECIMAL_MARKS = {".": gettext_lazy("point: 12.50"), ",": gettext_lazy("comma: 12,50")}

ROLES = {
    "client": gettext_lazy("Client number"),
    "name": gettext_lazy("Client name"),
    "date": gettext_lazy("Date"),
    "document": gettext_lazy("Document number"),
    "quantity": gettext_lazy("Quantity"),
    "price": gettext_lazy("Unit price"),
    "amount": gettext_lazy("Amount of the line"),
    "cost": gettext_lazy("Cost of the line"),
    "margin": gettext_lazy("Margin of the line"),
    "product": gettext_lazy("Product"),
    "product_line": gettext_lazy("Product line"),
    "currency": gettext_lazy("Currency"),
    "part": gettext_lazy("Part of the file"),
    "tax_id": gettext_lazy("Tax id of the client"),
    "kam": gettext_lazy("Salesperson"),
    "channel": gettext_lazy("Sales channel"),
    "industry": gettext_lazy("Industry"),
    "country": gettext_lazy("Country"),
    "city": gettext_lazy("City"),
}
REQUIRED_ROLES = ("client", "date", "document")


# Excel writes and reads such a first line; it is no header.
SEPARATOR_LINE = re.compile(r"sep=.?,?\s*$", re.IGNORECASE)


class UnreadableFile(Exception):
    """The file is no table that sales can be read from; the text says why and what to do."""


@dataclass(frozen=True)
class Shape:
    """How to read a file. `columns` maps roles (see ROLES) to names of columns in the header.

    `sheets` are those of a workbook that are read, in this order; encoding and delimiter are of CSV only.
    `supplements` is the import whose rejected lines these are, mended; None for a file of its own.
    """

    file_format: str = "csv"
    sheets: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    date_format: str = "ymd"
    decimal_mark: str = "."
    currency: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    supplements: int | None = None


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\ud800-\udfff]")


def printable(cell: str) -> str:
    """With a mark in place of what neither a page nor the database can hold."""
    return _UNPRINTABLE.sub("\ufffd", cell)


def name_columns(header: list[str]) -> list[str]:
    """Names that can be told apart: empty ones get a number, repeated ones a suffix.

    Empty columns at the end are a habit of spreadsheets and are dropped.
    """
    header = [printable(cell).strip() for cell in header]
    while header and not header[-1]:
        header.pop()
    named: list[str] = []
    for place, cell in enumerate(header, 1):
        name = base = cell or _("Column %(number)d") % {"number": place}
        again = 2
        while name in named:
            name = f"{base} ({again})"
            again += 1
        named.append(name)
    return named


def fingerprint(header: list[str]) -> str:
    """What a file is remembered by: the names of its columns."""
    return hashlib.sha256("\x1f".join(header).encode()).hexdigest()


def parse_columns(text: str) -> dict[str, str]:
    """ "client=Customer ID,date=When" → {"client": "Customer ID", "date": "When"}. Raises ValueError."""
    columns = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        role, equals, column = pair.partition("=")
        if not equals or not column.strip():
            raise ValueError(_("“%(pair)s” is not of the form role=column.") % {"pair": pair})
        columns[role.strip()] = column.strip()
    return columns


def parse_month(text: str) -> datetime.date:
    """ "2026-01" → its first day. Raises ValueError, also for years in which no sale can lie."""
    if not re.fullmatch(r"\s*\d{4}-\d{1,2}\s*", text):
        raise ValueError(text)
    year, _dash, month = text.partition("-")
    if not EARLIEST <= int(year) <= LATEST:
        raise ValueError(text)
    return datetime.date(int(year), int(month), 1)


class Table:
    """A file as a header and blocks of records, read as they are asked for.

    `part` and `sheet` are for tables of several sheets, see tables.WorkbookTable. Bytes that the encoding does not know come through as lone surrogates, for the checker to name.
    Raises UnreadableFile with a sentence when the file is or stops being a table.
    """

    part = 0
    sheet = ""

    def __init__(self, path: Path, shape: Shape):
        csv.field_size_limit(LONGEST_CELL)
        self._encoding = shape.encoding
        self._watch = Watch(path)
        self._text = io.TextIOWrapper(
            io.BufferedReader(self._watch, CHUNK),
            encoding="utf-8-sig" if shape.encoding == "utf-8" else shape.encoding,
            errors="surrogateescape",
            newline="",
        )
        self._reader = csv.reader(self._text, delimiter=shape.delimiter)
        self.is_at_end = False
        try:
            self.header = self._header()
        except UnreadableFile:
            self.close()
            raise

    def _header(self) -> list[str]:
        """The first line that is not empty, nor the one by which Excel tells itself the separator."""
        while first := self._next(1):
            if first[0] and not SEPARATOR_LINE.match(",".join(first[0])):
                return first[0]
        return []

    def blocks(self, size: int) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        """(numbers of the lines, their cells), `size` records at a time; an empty line is a record of no cells."""
        while True:
            before = self._reader.line_num
            rows = self._next(size)
            if not rows:
                self.is_at_end = True
                return
            yield self._numbers(before, rows), rows

    def place_of(self, line_no: int) -> str:
        """Where people find a line, when its number alone does not tell."""
        return ""

    @property
    def part_done(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self._watch.done / max(self._watch.size, 1)

    def close(self) -> None:
        self._text.close()

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    def _next(self, size: int) -> list[list[str]]:
        try:
            return list(islice(self._reader, size))
        except csv.Error as error:
            raise UnreadableFile(
                _(
                    "Before line %(line)d the file cannot be divided into cells (%(error)s). Most often a "
                    "quotation mark is opened there and never closed."
                )
                % {"line": self._reader.line_num + 1, "error": error}
            ) from error
        except UnicodeError as error:
            raise UnreadableFile(
                _(
                    "After line %(line)d the file cannot be read as %(encoding)s. Choose another encoding."
                )
                % {
                    "line": self._reader.line_num,
                    "encoding": ENCODINGS.get(self._encoding, self._encoding),
                }
            ) from error

    def _numbers(self, before: int, rows: list[list[str]]) -> Sequence[int]:
        """The line on which each record begins. Nearly always one a line; else cells hold line breaks."""
        if self._reader.line_num - before == len(rows):
            return range(before + 1, before + 1 + len(rows))
        numbers, line = [], before
        for row in rows:
            numbers.append(line + 1)
            line += 1 + sum(
                len(_LINE_BREAK.findall(cell)) for cell in row if "\n" in cell or "\r" in cell
            )
        return numbers


_LINE_BREAK = re.compile(r"\r\n|\n|\r")


class Watch(io.RawIOBase):
    """The file's bytes on their way in: how far we are, and no line without an end."""

    def __init__(self, path: Path):
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115  (closed with this stream)
        self.size = path.stat().st_size
        self.done = 0
        self._since_line_end = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        count = self._file.readinto(buffer) or 0
        self.done += count
        piece = bytes(buffer[:count])
        last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._since_line_end = count - last - 1 if last >= 0 else self._since_line_end + count
        if self._since_line_end > LONGEST_LINE:
            raise UnreadableFile(
                _(
                    "One line of the file is longer than a million characters: this is no table of sales."
                )
            )
        return count

    def close(self) -> None:
        self._file.close()
        super().close()

"""Rejected lines go out in the shape in which they came in, and come back mended.

The last two columns are ours: the number of the line in the file that it came in, and why it was
rejected. The name of the first bears the number of the import, in whatever language the rest is, so that
a mended file is known again when it comes.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from segmentation.checking import LineChecker, Reason, Rejected
from segmentation.models import JobState, SalesImport
from segmentation.models.sales import FileFormat
from segmentation.reading import Shape, printable

# "Line [import 12]"; the brackets and the number are the same in every language and in every encoding.
_OUR_COLUMN = re.compile(r"\[[^\[\]]*?(\d{1,18})\]\s*$")
# A sheet of a workbook is full.
ROWS_OF_SHEET = 1_048_575
LONGEST_TEXT_OF_SHEET = 32_000
LONGEST_TITLE = 31
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
# Numbers of lines beyond this were never ours.
LAST_LINE = 1_000_000_000


def our_columns(import_id: int) -> list[str]:
    return [f"{_('Line')} [{_('import')} {import_id}]", _("Why it was rejected")]


def place_of_ours(header: Sequence[str], import_id: int) -> int | None:
    """Where the first of our columns stands."""
    for place, name in enumerate(header):
        found = _OUR_COLUMN.search(name)
        if found and int(found[1]) == import_id:
            return place
    return None


def without_ours(header: Sequence[str], columns: Iterable[str], import_id: int) -> list[int]:
    """The places of the columns that are not ours. `columns` are those that were told to be something."""
    ours = place_of_ours(header, import_id)
    told = set(columns)
    return [
        place
        for place, name in enumerate(header)
        if ours is None or (place != ours and (place != ours + 1 or name in told))
    ]


def source_of(header: Sequence[str]) -> SalesImport | None:
    """The import whose rejected lines these are, by the name of our column; None when they are none."""
    for name in reversed(header):
        found = _OUR_COLUMN.search(name)
        if not found:
            continue
        source = SalesImport.objects.filter(
            pk=int(found[1]), state=JobState.SUCCEEDED, undone_at=None, rejected__gt=0
        ).first()
        if source and set(source.columns.values()) <= set(header):
            return source
    return None


_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_BEGINS_FORMULA = frozenset("'=+-@\t\r")
_NUMBER = re.compile(r"[+-]?[\d .,'\u00a0\u202f]+")


def guarded(cell: str) -> str:
    """With an apostrophe in front of what a spreadsheet program would run as a formula; numbers are none."""
    # Nearly every cell is told by its first letter: an import of a million lines may reject half of them.
    if cell[:1] not in _BEGINS_FORMULA:
        return cell
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


class _Book(Protocol):
    def write_line(self, cells: list[str], ours: list, sheet: str) -> None: ...
    def close(self) -> None: ...


class RejectsFile:
    """Writes rejected lines to a file; `with` ends the writing.

    CSV comes out as CSV with the same separator, workbooks as workbooks with the same sheets. Parquet comes
    out as a workbook too: nobody mends lines in Parquet by hand.
    """

    def __init__(self, path: Path, checker: LineChecker, shape: Shape, import_id: int):
        self._width = len(checker.header)
        self._mends = shape.supplements is not None
        # What is mended of mended lines belongs to the import that they all came from.
        root = shape.supplements or import_id
        self._places = without_ours(checker.header, shape.columns.values(), root)
        self._all_are_theirs = len(self._places) == self._width
        header = [checker.header[place] for place in self._places] + our_columns(root)
        self._book: _Book = (
            _Csv(path, header, shape.delimiter)
            if shape.file_format == FileFormat.CSV
            else _Workbook(path, header)
        )

    def write(self, rejected: Iterable[Rejected], table) -> None:
        for line in rejected:
            cells = self._cells(line.row)
            where = "" if self._mends else table.place_of(line.line_no)
            number = "" if Reason.NO_LINE_NO in line.reasons else line.line_no
            sentence = f"{where}: {line.sentence}" if where else line.sentence
            # Cells beyond the header stand behind ours, so that these stay in their columns.
            ours = [number, sentence, *line.row[self._width :]]
            self._book.write_line(cells, ours, table.sheet)

    def _cells(self, row: list[str]) -> list[str]:
        if self._all_are_theirs and len(row) == self._width:
            return row
        return [row[place] if place < len(row) else "" for place in self._places]

    def __enter__(self) -> "RejectsFile":
        return self

    def __exit__(self, *_error) -> None:
        self._book.close()


class _Csv:
    """UTF-8 with its mark, whatever came in: the reasons are in the reader's own letters."""

    def __init__(self, path: Path, header: list[str], delimiter: str):
        self._file = path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._writer.writerow(map(guarded, header))

    def write_line(self, cells: list[str], ours: list, sheet: str) -> None:
        number, *rest = ours
        self._writer.writerow([*map(guarded, cells), number, *map(guarded, rest)])

    def close(self) -> None:
        self._file.close()


class _Workbook:
    """Every cell is a text, as it was read: no program makes a number, a date or a formula of it."""

    def __init__(self, path: Path, header: list[str]):
        # Not at the head of the module: web workers show rejected lines but do not write them.
        import xlsxwriter

        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False})
        self._refused = xlsxwriter.exceptions.XlsxInputError
        self._bold = self._book.add_format({"bold": True})
        self._header = header
        self._sheet, self._name, self._row, self._parts = None, "", 0, 0

    def write_line(self, cells: list[str], ours: list, sheet: str) -> None:
        if self._sheet is None or sheet != self._name or self._row >= ROWS_OF_SHEET:
            self._begin(sheet)
        self._row += 1
        for place, cell in enumerate([*cells, *ours]):
            if isinstance(cell, int):
                self._sheet.write_number(self._row, place, cell)
            elif cell:
                self._sheet.write_string(self._row, place, _for_sheet(cell))

    def _begin(self, sheet: str) -> None:
        if self._sheet is None or sheet != self._name:
            self._parts = 0
        self._parts += 1
        title = _NOT_IN_TITLES.sub("_", sheet)[:25].strip("'")
        if self._parts > 1:
            title = f"{title} ({self._parts})"
        elif len(sheet) <= LONGEST_TITLE and title == sheet[:25]:
            title = sheet
        try:
            self._sheet = self._book.add_worksheet(title or None)
        except self._refused:
            self._sheet = self._book.add_worksheet()
        self._name, self._row = sheet, 0
        for place, name in enumerate(self._header):
            self._sheet.write_string(0, place, _for_sheet(name), self._bold)

    def close(self) -> None:
        self._book.close()


def _for_sheet(text: str) -> str:
    return printable(text)[:LONGEST_TEXT_OF_SHEET]


class OriginalLines:
    """Mended lines get back the number of the line that they were: that is what they are told apart by.

    In a file without our columns they are told apart by where they stand.
    """

    def __init__(self, checker: LineChecker, import_id: int):
        self._checker = checker
        self._place = place_of_ours(checker.header, import_id)
        # One bit a line: a file of ten million rejected lines must not fill the memory.
        self._seen = bytearray()

    def take(
        self, numbers: Sequence[int], rows: list[list[str]]
    ) -> tuple[list[int], list[list[str]], list[Rejected]]:
        """(original numbers, rows, lines that bear none or one that came before)."""
        if self._place is None:
            return list(numbers), rows, []
        kept_numbers, kept, rejected = [], [], []
        for found_at, row in zip(numbers, rows, strict=True):
            row = [unguarded(cell) for cell in row]
            if not any(map(str.strip, row)):
                continue
            number = self._number(row)
            if number:
                kept_numbers.append(number)
                kept.append(row)
            else:
                rejected.append(self._checker.reject(found_at, row, (Reason.NO_LINE_NO,)))
        return kept_numbers, kept, rejected

    def _number(self, row: list[str]) -> int:
        """0 when there is none."""
        assert self._place is not None
        text = row[self._place].strip() if self._place < len(row) else ""
        text = text.removesuffix(".0")
        if not (text.isascii() and text.isdigit()) or len(text) > 10:
            return 0
        number = int(text)
        place, bit = number >> 3, 1 << (number & 7)
        if not 0 < number <= LAST_LINE:
            return 0
        if place >= len(self._seen):
            self._seen.extend(bytes(place + 1 - len(self._seen)))
        if self._seen[place] & bit:
            return 0
        self._seen[place] |= bit
        return number

"""One way to read a file of sales, whatever kind it is of: a header, and blocks of rows of texts.

CSV is read by reading.Table; the kinds here look the same from outside.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from segmentation.models.sales import FileFormat
from segmentation.parquet_reading import ParquetFile
from segmentation.reading import Shape, Table, UnreadableFile, name_columns
from segmentation.workbook_reading import Workbook

# So many rows may stand above the header: the title of a report, the date of its making.
ROWS_BEFORE_HEADER = 20


def open_table(path: Path, shape: Shape) -> "Table | WorkbookTable | ParquetTable":
    """The file as a table. Raises UnreadableFile with a sentence."""
    if shape.file_format == FileFormat.XLSX:
        return WorkbookTable(path, shape)
    if shape.file_format == FileFormat.PARQUET:
        return ParquetTable(path, shape)
    return Table(path, shape)


@dataclass(frozen=True)
class SheetSeen:
    """A sheet of a workbook: the names of its columns, none when it is empty."""

    name: str
    header: tuple[str, ...]
    is_hidden: bool


def sheets_of(path: Path) -> list[SheetSeen]:
    with Workbook(path) as workbook:
        return [
            SheetSeen(
                sheet.name,
                tuple(name_columns(_header(workbook.rows(sheet.name))[1])),
                sheet.is_hidden,
            )
            for sheet in workbook.sheets
        ]


def _header(rows: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """(number of its row, its cells): the first row of two cells or more, else the first that is not empty."""
    first: tuple[int, list[str]] = (0, [])
    for number, cells in islice(rows, ROWS_BEFORE_HEADER):
        filled = sum(1 for cell in cells if cell.strip())
        if filled > 1:
            return number, cells
        if filled and not first[1]:
            first = number, cells
    return first


class WorkbookTable:
    """Sheets of a workbook read one after another. The numbers of the lines go on from sheet to sheet."""

    def __init__(self, path: Path, shape: Shape):
        self._workbook = Workbook(path, decimal_mark=shape.decimal_mark)
        self.is_at_end = False
        self.part = 0
        self._before = 0
        try:
            self._names = list(shape.sheets) or self._workbook.names[:1]
            self._sizes = [self._workbook.sheet(name).size for name in self._names]
            self.header = _header(self._workbook.rows(self._names[0]))[1]
        except UnreadableFile:
            self.close()
            raise

    def blocks(self, size: int) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        """As those of reading.Table; a block is of one sheet, whose place is `part`."""
        for part, name in enumerate(self._names):
            self.part, last = part, 0
            rows = self._rows_below_header(name)
            while block := list(islice(rows, size)):
                last = block[-1][0]
                yield [self._before + number for number, _cells in block], [c for _n, c in block]
            self._before += last
        self.is_at_end = True

    def _rows_below_header(self, name: str) -> Iterator[tuple[int, list[str]]]:
        header_row, header = _header(self._workbook.rows(name))
        if name_columns(header) != name_columns(self.header):
            raise UnreadableFile(
                _("The sheet “%(sheet)s” has other columns than “%(first)s”. Import it by itself.")
                % {"sheet": name, "first": self._names[0]}
            )
        return (row for row in self._workbook.rows(name) if row[0] > header_row)

    def place_of(self, line_no: int) -> str:
        """Where people find a line of the last block, when its number alone does not tell."""
        if len(self._names) == 1:
            return ""
        return _("sheet “%(sheet)s”, row %(row)d") % {
            "sheet": self.sheet,
            "row": line_no - self._before,
        }

    @property
    def sheet(self) -> str:
        return self._names[self.part]

    @property
    def part_done(self) -> float:
        done = sum(self._sizes[: self.part]) + min(self._workbook.unfolded, self._sizes[self.part])
        return done / max(sum(self._sizes), 1)

    def close(self) -> None:
        self._workbook.close()

    def __enter__(self) -> "WorkbookTable":
        return self

    def __exit__(self, *_error) -> None:
        self.close()


class ParquetTable:
    """A Parquet file; its lines are numbered from 1, for it has no line of names."""

    part = 0
    sheet = ""

    def __init__(self, path: Path, shape: Shape):
        self._file = ParquetFile(path, decimal_mark=shape.decimal_mark)
        self.header = self._file.header
        self.is_at_end = False
        self._read = 0

    def blocks(self, size: int) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        for rows in self._file.blocks(size):
            numbers = range(self._read + 1, self._read + len(rows) + 1)
            self._read += len(rows)
            yield numbers, rows
        self.is_at_end = True

    def place_of(self, line_no: int) -> str:
        return ""

    @property
    def part_done(self) -> float:
        return self._read / max(self._file.rows_told, 1)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "ParquetTable":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

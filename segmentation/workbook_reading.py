"""Reading the sheets of a workbook (XLSX), piece by piece: memory stays flat, whatever is in it.

A workbook is a zip archive of XML, so a small file may unfold into an enormous one. What it claims to
unfold to is looked at first, what it does unfold to is counted while it is read, and of a sheet no more
is held than the rows of one piece. Formulas and macros are never run: what counts is the value that was
stored beside the formula.
"""

import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext as _

from segmentation.number_texts import date_text, number_text
from segmentation.reading import UnreadableFile
from segmentation.workbook_elements import bare, date_styles, text_of, unescaped

PIECE = 1 << 17
MOST_ENTRIES = 5_000
MOST_COLUMNS = 500
MOST_SHEETS = 200
# So much of XML may pass without another row; more is no row of sales.
LONGEST_ROW = 1 << 20
# All texts of a workbook stand in one table, which has to be in memory.
LARGEST_TEXTS = 96 << 20
LARGEST_PART = 4 << 20


class _Columns(dict):
    """ "AB" → 27; beyond MOST_COLUMNS a refusal."""

    def __missing__(self, letters: str) -> int:
        if not letters.isascii() or not letters.isalpha():
            raise damaged()
        place = 0
        for letter in letters.upper():
            place = place * 26 + ord(letter) - 64
        if place > MOST_COLUMNS:
            raise _too_wide()
        self[letters] = place - 1
        return place - 1


def _too_wide() -> UnreadableFile:
    return UnreadableFile(
        _("The sheet has cells beyond column %(number)d: this is no table of sales.")
        % {"number": MOST_COLUMNS}
    )


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        _(
            "The workbook unfolds to more than %(limit)d MB. Import it in parts, or save the sheets as CSV."
        )
        % {"limit": unfolded_limit() // 1024**2}
    )


def damaged() -> UnreadableFile:
    return UnreadableFile(
        _(
            "The workbook is damaged and cannot be read. Open it in a spreadsheet program and save it again as XLSX."
        )
    )


def unfolded_limit() -> int:
    """How much a workbook may unfold to, in bytes."""
    return settings.KAM_SALES_UNFOLDED_LIMIT


@dataclass(frozen=True)
class Sheet:
    name: str
    part: str
    size: int
    is_hidden: bool


class Workbook:
    """The sheets of a workbook and their rows as texts. Raises UnreadableFile with a sentence."""

    def __init__(self, path: Path, *, decimal_mark: str = "."):
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise damaged() from error
        self._strings: list[str] = []
        self._more_texts: Iterator[ElementTree.Element] | None = None
        self._dates: frozenset[str] | None = None
        self._columns = _Columns()
        # Numbers are written with the mark by which the texts beside them are read.
        self._mark = decimal_mark
        self.unfolded = 0
        try:
            self._look_at_entries()
            self._read_index()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._zip.close()

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    @property
    def names(self) -> list[str]:
        return [sheet.name for sheet in self.sheets]

    def sheet(self, name: str) -> Sheet:
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise UnreadableFile(
            _("The workbook has no sheet “%(sheet)s”. Its sheets are: %(sheets)s.")
            % {"sheet": name, "sheets": ", ".join(self.names)}
        )

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """(number of the row, its cells as texts) of every row that the sheet holds, numbers rising."""
        sheet = self.sheet(name)
        dates = self._date_styles()
        self.unfolded = 0
        number = letters = 0
        for row in self._children(sheet.part, "sheetData"):
            told = row.get("r")
            try:
                number = max(int(told), number + 1) if told else number + 1
                cells = self._cells(row, dates)
            except (ValueError, IndexError, OverflowError) as error:
                raise damaged() from error
            # One long text may be referred to from every cell.
            letters += sum(map(len, cells))
            if letters > unfolded_limit():
                raise _too_large()
            yield number, cells

    # ── The archive ──────────────────────────────────────────────────────────────────────────

    def _look_at_entries(self) -> None:
        entries = self._zip.infolist()
        names = {entry.filename for entry in entries}
        if any(entry.flag_bits & 1 for entry in entries):
            raise UnreadableFile(_("The file is encrypted. Save it without a password."))
        _refuse_what_is_no_workbook(names)
        if len(names) != len(entries) or len(entries) > MOST_ENTRIES:
            raise damaged()
        if any(
            entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            for entry in entries
        ):
            raise damaged()
        if sum(entry.file_size for entry in entries) > unfolded_limit():
            raise _too_large()

    def _pieces(self, part: str) -> Iterator[bytes]:
        """What a part unfolds to. An archive that lies about sizes ends early and is a damaged one."""
        try:
            with self._zip.open(part) as file:
                while piece := file.read(PIECE):
                    self.unfolded += len(piece)
                    yield piece
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise damaged() from error

    # ── XML ──────────────────────────────────────────────────────────────────────────────────

    def _small(self, part: str) -> ElementTree.Element:
        """A small part whole."""
        if self._zip.NameToInfo[part].file_size > LARGEST_PART:
            raise damaged()
        content = b"".join(self._pieces(part))
        _refuse_declarations(content)
        try:
            return ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise damaged() from error

    def _children(self, part: str, holder: str) -> Iterator[ElementTree.Element]:
        """The elements inside the holder, each thrown away after it was given."""
        parser = ElementTree.XMLPullParser(events=("start",))
        root: ElementTree.Element | None = None
        inside: ElementTree.Element | None = None
        since = 0
        try:
            for piece in self._pieces(part):
                if root is None:
                    _refuse_declarations(piece)
                parser.feed(piece)
                since += len(piece)
                for _event, element in parser.read_events() if inside is None else ():
                    root = element if root is None else root
                    if bare(element.tag) == holder:
                        inside = element
                        break
                deque(parser.read_events(), maxlen=0)
                if inside is not None and len(inside) > 1:
                    # The last may still be growing.
                    whole, since = inside[:-1], 0
                    yield from whole
                    del inside[: len(whole)]
                if root is not None and inside not in (None, root) and root[-1] is not inside:
                    break  # what follows the rows is of no interest
                if since > LONGEST_ROW + PIECE:
                    raise UnreadableFile(
                        _("A row of the workbook is longer than a million characters.")
                    )
            else:
                parser.close()
        except ElementTree.ParseError as error:
            raise damaged() from error
        yield from inside if inside is not None else ()

    # ── What the sheets refer to ─────────────────────────────────────────────────────────────

    def _read_index(self) -> None:
        """`sheets`, and where their texts and styles stand."""
        book = self._target_of("", "officeDocument") or "xl/workbook.xml"
        if book not in self._zip.NameToInfo:
            raise damaged()
        index, related = self._small(book), self._related(book)
        self.starts_1904 = any(
            bare(element.tag) == "workbookPr" and element.get("date1904") in ("1", "true")
            for element in index
        )
        self.sheets: list[Sheet] = []
        for element in (inner for holder in index for inner in holder):
            if bare(element.tag) != "sheet":
                continue
            wanted = next(
                (value for name, value in element.attrib.items() if bare(name) == "id"), ""
            )
            kind, part = related.get(wanted, ("", ""))
            if kind == "worksheet" and part in self._zip.NameToInfo:
                hidden = element.get("state", "visible") != "visible"
                size = self._zip.NameToInfo[part].file_size
                self.sheets.append(Sheet(element.get("name", ""), part, size, hidden))
        if len(self.sheets) > MOST_SHEETS or len(set(self.names)) != len(self.sheets):
            raise damaged()
        if not self.sheets:
            raise UnreadableFile(_("The workbook holds no sheet with cells."))
        self._strings_part = self._target_of(book, "sharedStrings")
        self._styles_part = self._target_of(book, "styles")

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → (kind, part) of what a part refers to."""
        folder, _slash, name = part.rpartition("/")
        where = join(folder, "_rels", f"{name}.rels")
        if where not in self._zip.NameToInfo:
            return {}
        related = {}
        for element in self._small(where):
            target = element.get("Target", "")
            target = target[1:] if target.startswith("/") else normpath(join(folder, target))
            related[element.get("Id", "")] = (
                element.get("Type", "").rpartition("/")[2],
                target,
            )
        return related

    def _target_of(self, part: str, kind: str) -> str:
        for found, target in self._related(part).values():
            if found == kind and target in self._zip.NameToInfo:
                return target
        return ""

    def _text(self, place: int) -> str:
        """A text of the table of texts, which is read only so far: the header needs but the first few."""
        if self._more_texts is None:
            part = self._strings_part
            if part and self._zip.NameToInfo[part].file_size > LARGEST_TEXTS:
                raise UnreadableFile(
                    _(
                        "The texts of the workbook take more than %(limit)d MB. Import it in parts, or save the "
                        "sheets as CSV."
                    )
                    % {"limit": LARGEST_TEXTS // 1024**2}
                )
            self._more_texts = self._children(part, "sst") if part else iter(())
        while len(self._strings) <= place:
            done = self.unfolded
            item = next(self._more_texts, None)
            self.unfolded = done
            if item is None:
                raise damaged()
            self._strings.append(text_of(item))
        return self._strings[place]

    def _date_styles(self) -> frozenset[str]:
        """The styles, by their number as text, in which a number is shown as a date or a time."""
        if self._dates is None:
            self._dates = (
                date_styles(self._small(self._styles_part)) if self._styles_part else frozenset()
            )
        return self._dates

    # ── Cells ────────────────────────────────────────────────────────────────────────────────

    def _cells(self, row: ElementTree.Element, dates) -> list[str]:
        cells: list[str] = []
        strings = self._strings
        for cell in row:
            told = cell.get("r")
            if told:
                place = self._columns[told.rstrip("0123456789")]
                while len(cells) < place:
                    cells.append("")
            if len(cells) >= MOST_COLUMNS:
                raise _too_wide()
            kind = cell.get("t", "n")
            text = ""
            if kind == "inlineStr":
                text = text_of(cell)
            else:
                for inner in cell:
                    if inner.tag.endswith("}v"):
                        text = inner.text or ""
                        break
            if text:
                if kind == "s":
                    place = int(text)
                    text = strings[place] if place < len(strings) else self._text(place)
                elif kind == "n":
                    if cell.get("s") in dates:
                        text = date_text(float(text), starts_1904=self.starts_1904)
                    elif not (text.isdigit() and len(text) < 16):
                        text = number_text(float(text))
                        if self._mark != ".":
                            text = text.replace(".", self._mark)
                elif kind == "b":
                    text = "TRUE" if text == "1" else "FALSE"
                elif kind == "str":
                    text = unescaped(text)
            cells.append(text)
        return cells


def _refuse_what_is_no_workbook(names: set[str]) -> None:
    if "xl/workbook.bin" in names:
        raise UnreadableFile(_("This is a binary workbook (XLSB). Save it as XLSX."))
    if "mimetype" in names and "content.xml" in names:
        raise UnreadableFile(_("This is an OpenDocument file. Save the sheet as XLSX or CSV."))
    if "[Content_Types].xml" not in names:
        raise UnreadableFile(_("This is a zip archive. Unpack it and take the file inside."))
    if not any(name.startswith("xl/") for name in names):
        raise UnreadableFile(
            _("This is no workbook. Sales are read from CSV, XLSX and Parquet files.")
        )


def _refuse_declarations(beginning: bytes) -> None:
    """A workbook declares no entities of its own: they are how a few lines of XML become gigabytes."""
    seen = []

    def refuse(*_declaration):
        raise UnreadableFile(
            _(
                "The workbook holds declarations that no spreadsheet program writes, so it is not read."
            )
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda *_element: seen.append(True)
    try:
        parser.Parse(beginning, False)
    except expat.ExpatError as error:
        raise damaged() from error
    if not seen and len(beginning) >= PIECE:
        raise damaged()

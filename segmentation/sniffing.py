"""What kind of file it is: encoding, separator, dates, decimals, and which column is what.

All guesses, for the person to correct; but a file that is no table at all is refused here.
"""

import codecs
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.sorting import sort_key
from segmentation.models.sales import FileFormat
from segmentation.reading import (
    DELIMITERS,
    SEPARATOR_LINE,
    Shape,
    UnreadableFile,
    fingerprint,
    name_columns,
)
from segmentation.tables import SheetSeen, open_table, sheets_of

CHUNK = 1 << 20
HEAD_BYTES = 1 << 18
# A few lines from each of so many places beside the beginning: the first thousand lines of a ledger
# often lie in one day and do not tell 1/12 from 12/1.
SPOTS = 24
SPOT_BYTES = 1 << 14
ROWS_PER_SPOT = 40
HEAD_ROWS = 200

NOT_TABLES = (
    (b"\xfd7zXZ", gettext_lazy("The file is compressed (xz). Unpack it first.")),
    (b"\x1f\x8b", gettext_lazy("The file is compressed (gzip). Unpack it first.")),
    (b"BZh", gettext_lazy("The file is compressed (bzip2). Unpack it first.")),
    (b"%PDF", gettext_lazy("This is a PDF. Sales are read from CSV, XLSX and Parquet files.")),
)
# Rows of a workbook or a Parquet file that are looked at for the way in which they are written.
TYPED_ROWS = 2_000

# What people call these columns, folded to bare letters and digits; the first found is taken.
NAMES_OF_ROLES = {
    "client": "customerid clientid customerno clientno customernumber clientnumber customercode clientcode "
    "kodklienta nrklienta idklienta kodkontrahenta nrkontrahenta idkontrahenta "
    "кодклиента номерклиента кодконтрагента idклиента customer client klient kontrahent клиент контрагент",
    "name": "customername clientname companyname nazwaklienta nazwakontrahenta имяклиента названиеклиента "
    "наименованиеклиента наименованиеконтрагента customer client klient kontrahent клиент контрагент name nazwa",
    "date": "invoicedate documentdate saledate salesdate soldon date datawystawienia datasprzedazy datafaktury "
    "data датапродажи датадокумента датасчета дата",
    "document": "invoiceno invoice invoicenumber documentno documentnumber document docno nrfaktury numerfaktury "
    "nrdokumentu numerdokumentu faktura dokument номердокумента номерсчета накладная документ счет",
    "quantity": "quantity qty pieces ilosc количество колво",
    "price": "unitprice price cenajednostkowa cenanetto cena ценазаединицу цена",
    "amount": "netamount lineamount amount linetotal totalnet revenue kwotanetto wartoscnetto kwota wartosc "
    "суммабезндс сумма стоимость выручка",
    "cost": "linecost cost costofgoods cogs kosztwlasny koszt себестоимость",
    "margin": "linemargin margin grossmargin grossprofit profit marza zysk маржа прибыль",
    "product": "stockcode productcode sku itemcode itemno product item article kodproduktu indeks produkt towar "
    "артикул кодтовара товар",
    "product_line": "productline productgroup productcategory category grupaproduktow grupatowarowa liniaproduktow "
    "kategoria товарнаягруппа группатоваров категория",
    "currency": "currency currencycode waluta валюта",
    "part": "sheet arkusz лист",
    "tax_id": "taxid taxnumber vatid vatno vatnumber vat tin nip nipkontrahenta nipklienta инн",
    "kam": "salesperson salesrep salesmanager accountmanager keyaccountmanager kam handlowiec opiekun "
    "opiekunklienta przedstawiciel менеджер торговыйпредставитель ответственный",
    "channel": "saleschannel channel kanalsprzedazy kanal каналсбыта каналпродаж канал",
    "industry": "industry sector branza sektor отрасль",
    "country": "country kraj страна",
    "city": "city town miasto miejscowosc город",
}


@dataclass(frozen=True)
class Inspection:
    """A file looked at: what it holds, and how it seems to want to be read."""

    sha256: str
    size: int
    header: list[str]
    fingerprint: str
    shape: Shape
    dates_are_sure: bool


def inspect(
    path: Path, columns: dict[str, str] | None = None, sheets: Sequence[str] = ()
) -> Inspection:
    """Read the file once for its digest and its encoding, sample it for the rest.

    `columns` and `sheets` are those that have been told; without them they are guessed. Raises
    UnreadableFile for an empty file, one without lines below its header, and what is no table at all.
    """
    file_format = format_of(path)
    sha256, size, encoding = _scan(path, is_text=file_format == FileFormat.CSV)
    shape = Shape(file_format=file_format, encoding=encoding)
    if file_format == FileFormat.CSV:
        shape = replace(shape, delimiter=_guess_delimiter(_sample(path, encoding, size)[0]))
    elif file_format == FileFormat.XLSX:
        shape = replace(shape, sheets=tuple(sheets) or propose_sheets(sheets_of(path)))
    header, rows = _sampled(path, shape, size)
    if len(header) < 2:
        raise UnreadableFile(
            _(
                "No columns were found in the first line. Save the sheet as CSV, with commas, semicolons or "
                "tabs between the columns and the names of the columns in the first line."
            )
            if file_format == FileFormat.CSV
            else _(
                "No columns were found. Put the names of the columns into the first row, above the sales."
            )
        )
    if not rows:
        raise UnreadableFile(
            _("The file holds a header but no sales below it. Export it again with its lines.")
        )
    shape = replace(shape, columns=columns or guess_columns(header))
    date_format, sure, decimal_mark = _guess_writing(header, rows, shape.columns)
    shape = replace(shape, date_format=date_format, decimal_mark=decimal_mark)
    return Inspection(sha256, size, header, fingerprint(header), shape, sure)


def format_of(path: Path) -> str:
    """One of FileFormat, by what the file begins with, whatever it is called."""
    with path.open("rb") as file:
        beginning = file.read(8)
        if beginning.startswith(b"\xd0\xcf\x11\xe0"):
            raise UnreadableFile(_of_old_workbook(file))
    if beginning.startswith(b"PK"):
        return FileFormat.XLSX
    return FileFormat.PARQUET if beginning.startswith((b"PAR1", b"PARE")) else FileFormat.CSV


def _of_old_workbook(file) -> str:
    """A workbook with a password lies in the same kind of container as the workbooks of twenty years ago."""
    end = b""
    while chunk := file.read(CHUNK):
        if "EncryptedPackage".encode("utf-16-le") in end + chunk:
            return _("The workbook is encrypted. Save it without a password.")
        end = chunk[-64:]
    return _("This is an old Excel workbook (XLS). Save it as XLSX or the sheet as CSV.")


def propose_sheets(sheets: Sequence[SheetSeen]) -> tuple[str, ...]:
    """Those that look like sales: the one whose columns say most, and all that bear the same header."""
    shown = [sheet for sheet in sheets if sheet.header and not sheet.is_hidden]
    best = max(
        shown or sheets, key=lambda sheet: len(guess_columns(list(sheet.header))), default=None
    )
    if best is None:
        return ()
    return tuple(sheet.name for sheet in shown if sheet.header == best.header) or (best.name,)


def guess_writing(path: Path, shape: Shape) -> tuple[str, bool, str]:
    """(date format, whether it is sure, decimal mark) of the columns that the shape names."""
    header, rows = _sampled(path, shape, path.stat().st_size)
    return _guess_writing(header, rows, shape.columns)


def _sampled(path: Path, shape: Shape, size: int) -> tuple[list[str], list[list[str]]]:
    """(names of the columns, some of the rows)."""
    if shape.file_format == FileFormat.CSV:
        return _sampled_table(path, shape.encoding, shape.delimiter, size)
    with open_table(path, replace(shape, decimal_mark=".")) as table:
        _numbers, rows = next(table.blocks(TYPED_ROWS), ([], []))
        return name_columns(table.header), [row for row in rows if any(map(str.strip, row))]


def _guess_writing(
    header: list[str], rows: list[list[str]], columns: dict[str, str]
) -> tuple[str, bool, str]:
    date_format, sure = guess_date_format(_cells(rows, header, columns, ("date",)))
    return (
        date_format,
        sure,
        guess_decimal_mark(_cells(rows, header, columns, ("price", "amount", "cost", "quantity"))),
    )


def _sampled_table(
    path: Path, encoding: str, delimiter: str, size: int
) -> tuple[list[str], list[list[str]]]:
    head, spots = _sample(path, encoding, size)
    try:
        head_rows = [
            row for row in csv.reader(head, delimiter=delimiter) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise UnreadableFile(
            _("The first lines cannot be divided into cells (%s).") % error
        ) from error
    header = name_columns(head_rows[0] if head_rows else [])
    return header, head_rows[1 : HEAD_ROWS + 1] + list(_rows(spots, delimiter, len(header)))


def guess_columns(header: list[str]) -> dict[str, str]:
    """Role → name of column, by the names people give; a column gets one role."""
    folded = {name: re.sub(r"[^0-9a-zа-я]", "", sort_key(name)) for name in header}
    columns: dict[str, str] = {}
    for role, known in NAMES_OF_ROLES.items():
        for candidate in known.split():
            # NFKD folds й to и: fold what we compare with alike.
            wanted = sort_key(candidate)
            found = next(
                (
                    name
                    for name, key in folded.items()
                    if key == wanted and name not in columns.values()
                ),
                "",
            )
            if found:
                columns[role] = found
                break
    return columns


_SERIAL = re.compile(r"\s*[2-7]\d{4}(?:[.,]\d+)?\s*")
_DATE_PARTS = re.compile(r"\s*(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?!\d)")


def guess_date_format(cells: Iterable[str]) -> tuple[str, bool]:
    """("ymd" | "dmy" | "mdy" | "serial", whether the cells leave no doubt)."""
    firsts: set[int] = set()
    seconds: set[int] = set()
    separators = ""
    in_front = False
    for cell in cells:
        parts = _DATE_PARTS.match(cell)
        if not parts:
            if re.fullmatch(r"\s*(19|20)\d{6}\s*", cell):
                return "ymd", True
            if _SERIAL.fullmatch(cell):
                return "serial", True
            continue
        if len(parts[1]) == 4:
            # Read as it stands whatever the format, so the cells beside it may be written otherwise.
            in_front = True
            continue
        firsts.add(int(parts[1]))
        seconds.add(int(parts[2]))
        separators += cell.strip()[len(parts[1])]
    if not firsts and in_front:
        return "ymd", True
    if any(number > 12 for number in firsts):
        return "dmy", True
    if any(number > 12 for number in seconds):
        return "mdy", True
    if "." in separators:
        return "dmy", True
    # Days change more often than months.
    return ("mdy" if len(seconds) > len(firsts) else "dmy"), False


def guess_decimal_mark(cells: Iterable[str]) -> str:
    """The last mark in a number is the decimal one, unless three digits follow it, which may be thousands."""
    votes = {".": 0, ",": 0}
    for cell in cells:
        last = re.search(r"([.,])(\d+)\D*$", cell)
        if not last:
            continue
        certain = len(last[2]) != 3 or len(set(re.findall(r"[.,]", cell))) == 2
        votes[last[1]] += 3 if certain else 1
    return "," if votes[","] > votes["."] else "."


def _scan(path: Path, *, is_text: bool) -> tuple[str, int, str]:
    """(sha256, size, encoding) from the whole file: a byte in its last line can rule UTF-8 out."""
    digest, size = hashlib.sha256(), 0
    utf8, is_utf8 = codecs.getincrementaldecoder("utf-8")(), is_text
    strange: list[bytes] = []
    bom = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if not size and is_text:
                bom = chunk[:3]
                _refuse_what_is_no_text(chunk)
            size += len(chunk)
            digest.update(chunk)
            if is_utf8:
                try:
                    utf8.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
            if is_text and len(strange) < 2000 and not chunk.isascii():
                found = islice(re.finditer(rb"[\x80-\xff]+", chunk), 500)
                strange += [chunk[max(m.start() - 1, 0) : m.end() + 1] for m in found]
    if not size:
        raise UnreadableFile(
            _("The file is empty. Export it again and look whether it holds lines.")
        )
    if not is_text:
        return digest.hexdigest(), size, ""
    if is_utf8:
        try:
            utf8.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    if bom[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return digest.hexdigest(), size, "utf-16"
    return digest.hexdigest(), size, "utf-8" if is_utf8 else _guess_single_byte(strange)


def _refuse_what_is_no_text(beginning: bytes) -> None:
    for magic, sentence in NOT_TABLES:
        if beginning.startswith(magic):
            raise UnreadableFile(str(sentence))
    if beginning[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return
    first = beginning[: 1 << 16]
    control = sum(first.count(bytes([code])) for code in (*range(9), *range(14, 32)))
    if b"\0" in first or control > len(first) // 50:
        raise UnreadableFile(
            _("This is not a text file. Sales are read from CSV, XLSX and Parquet files.")
        )


_POLISH = set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")


def _guess_single_byte(pieces: list[bytes]) -> str:
    """The encoding in which the strange bytes make the likeliest letters in their places."""

    def likelihood(encoding: str) -> int:
        score = 0
        for piece in pieces:
            text = piece.decode(encoding, errors="replace")
            for place, sign in enumerate(text):
                if sign.isascii():
                    continue
                beside = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
                in_word = any(letter.isalpha() for letter in beside)
                if "а" <= sign.lower() <= "я" or sign in "ёЁ":
                    score += 2 if any("а" <= letter.lower() <= "я" for letter in beside) else 0
                elif encoding in ("cp1250", "iso8859-2"):
                    score += 2 if sign in _POLISH and in_word else -1 if sign.isalpha() else 0
                elif encoding == "cp1252":
                    # £, €, ° and the like stand beside figures, letters of the West inside words.
                    score += 1 if sign.isalpha() == in_word and sign.isprintable() else 0
                if sign == "�" or not sign.isprintable():
                    score -= 3
        return score

    return max(("cp1252", "cp1250", "iso8859-2", "cp1251"), key=likelihood)


def _sample(path: Path, encoding: str, size: int) -> tuple[list[str], list[str]]:
    """Lines of the beginning, and lines from places all over the file."""
    with path.open("rb") as file:
        beginning = file.read(HEAD_BYTES).decode(
            "utf-8-sig" if encoding == "utf-8" else encoding, errors="replace"
        )
        head = beginning.splitlines(keepends=True)
        if size > HEAD_BYTES:
            head = head[:-1] or head
        if head and SEPARATOR_LINE.match(head[0].lstrip("\ufeff")):
            head = head[1:]
        spots: list[str] = []
        # In UTF-16 a place in the middle of a letter would read as noise; its beginning has to do.
        if encoding != "utf-16" and size > HEAD_BYTES:
            for spot in range(1, SPOTS + 1):
                file.seek(spot * (size - SPOT_BYTES) // SPOTS)
                lines = (
                    file.read(SPOT_BYTES)
                    .decode(encoding, errors="replace")
                    .splitlines(keepends=True)
                )
                spots += lines[1:-1][:ROWS_PER_SPOT]
    return head[: HEAD_ROWS * 3], spots


def _guess_delimiter(head: list[str]) -> str:
    """The separator that divides most lines into the same number of cells as the first."""

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(head[:60], delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        if not widths or widths[0] < 2:
            return 0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    return max(DELIMITERS, key=evenness)


def _rows(lines: list[str], delimiter: str, width: int) -> Iterator[list[str]]:
    """Sampled lines that look whole; one that began inside a quoted cell does not."""
    try:
        yield from (row for row in csv.reader(lines, delimiter=delimiter) if len(row) == width)
    except csv.Error:
        return


def _cells(
    rows: list[list[str]], header: list[str], columns: dict[str, str], roles: tuple[str, ...]
) -> Iterator[str]:
    for role in roles:
        if columns.get(role) in header:
            place = header.index(columns[role])
            yield from (row[place] for row in rows if place < len(row))

"""A workbook opened as a viewer does that calculates nothing: kept values and formulas, cell by cell."""

import io
import re
import zipfile
from typing import NamedTuple
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Cell(NamedTuple):
    value: str | float | bool | None
    formula: str


def opened(content: bytes) -> dict[str, list[list[Cell]]]:
    """{name of the sheet: rows of cells}; cells that are not written are Cell(None, "")."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
        names = [sheet.get("name") for sheet in book.iter(f"{_MAIN}sheet")]
        shared = []
        if "xl/sharedStrings.xml" in parts.namelist():
            strings = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
            shared = ["".join(one.itertext()) for one in strings.iter(f"{_MAIN}si")]
        return {
            name: _rows(parts.read(f"xl/worksheets/sheet{number}.xml"), shared)
            for number, name in enumerate(names, 1)
        }


def _rows(xml: bytes, shared: list[str]) -> list[list[Cell]]:
    rows = []
    for row in ElementTree.fromstring(xml).iter(f"{_MAIN}row"):
        while len(rows) < int(row.get("r")) - 1:
            rows.append([])
        cells: list[Cell] = []
        for cell in row:
            place = _place(re.match("[A-Z]+", cell.get("r"))[0])
            cells.extend(Cell(None, "") for _gap in range(place - len(cells)))
            cells.append(_cell(cell, shared))
        rows.append(cells)
    return rows


def _cell(cell, shared: list[str]) -> Cell:
    formula, value, kind = (
        cell.findtext(f"{_MAIN}f") or "", cell.findtext(f"{_MAIN}v"), cell.get("t", "n")
    )  # fmt: skip
    if kind == "inlineStr":
        return Cell("".join(cell.find(f"{_MAIN}is").itertext()), formula)
    if value is None:
        return Cell(None, formula)
    if kind == "s":
        return Cell(shared[int(value)], formula)
    if kind == "b":
        return Cell(value == "1", formula)
    return Cell(value if kind == "str" else float(value), formula)


def _place(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1

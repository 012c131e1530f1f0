"""What the small elements of a workbook say: texts with their escapes, and styles that show dates."""

import re
from xml.etree import ElementTree


def bare(tag: str) -> str:
    return tag.rpartition("}")[2]


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def text_of(item: ElementTree.Element) -> str:
    """The letters of a text, also when parts of it are set otherwise; reading aids are left out."""
    pieces = []
    for element in item:
        name = bare(element.tag)
        if name == "t":
            pieces.append(unescaped(element.text or ""))
        elif name in ("r", "is"):
            pieces.append(text_of(element))
    return "".join(pieces)


# Kept for dates and times by every program, without being written down in the file.
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_LETTERS_OF_DATES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)


def date_styles(styles: ElementTree.Element) -> frozenset[str]:
    formats: dict[str, str] = {}
    numbers: list[str] = []
    for holder in styles:
        if bare(holder.tag) == "numFmts":
            formats = {item.get("numFmtId", ""): item.get("formatCode", "") for item in holder}
        elif bare(holder.tag) == "cellXfs":
            numbers = [item.get("numFmtId", "0") for item in holder]

    def is_date(number: str) -> bool:
        if number in formats:
            code = _NOT_LETTERS_OF_DATES.sub("", formats[number]).partition(";")[0].lower()
            return "general" not in code and bool(re.search("[ymdhs]", code))
        return number.isdigit() and int(number) in _DATE_FORMATS

    known = {number: is_date(number) for number in set(numbers)}
    return frozenset(str(place) for place, number in enumerate(numbers) if known[number])

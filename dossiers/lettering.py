"""How wide text is drawn, for drawings whose text does not wrap by itself.

An estimate from the advance widths of Noto Sans, rounded up to a twentieth of an em and widened by
what the screen's typeface takes more; so text may end a little early, but never runs over its box.
"""

from functools import lru_cache

# Width in thousandths of the type size: the letters that have it.
_WIDTHS = {
    letter: width
    for width, letters in {
        270: "ijlJI .,·:;'|!łіј",
        330: "-()[]",
        370: 'ft/r"‑',
        450: "zгтźżſ",
        500: "csvyFLзсухэГ–«»ćś?",
        550: "aekxESTYZавекьЕТ0123456789ąęŚŻŹčš",
        620: "bdghnopquKPRVXбдийлнопрцчъяБЗКРУХЬńó",
        660: "ABCАВСЧЭЯĄĆ",
        750: "DGHNUЛЪжмфыДИЙНОПЦ&ŃÓ",
        820: "wOQюФ",
        960: "MmWшщЖМЫ%",
        1050: "ЮШЩ—",
    }.items()
    for letter in letters
}
_OTHER = 650
_WIDER = 1.05
_BOLD = 1.07
ELLIPSIS = "…"
# Sheets of paper and the room, in millimetres, that a drawing has on them below its headings: A4
# upright and across, A3 upright and across. At so many millimetres to a pixel, letters of 11 pixels
# can still be read in print.
SHEETS = {"upright": (169, 195), "wide": (260, 116), "tall": (256, 325), "large": (384, 198)}
LEGIBLE = 0.172


def sheet_for(width: float, height: float) -> str:
    """The smallest sheet on which a drawing of so many pixels can be read, else that on which it is largest."""
    scales = {sheet: min(across / width, down / height) for sheet, (across, down) in SHEETS.items()}
    legible = (sheet for sheet, scale in scales.items() if scale >= LEGIBLE)
    return next(legible, max(scales, key=lambda sheet: scales[sheet]))


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line of text at a type size, in the unit of the size."""
    units = sum(_WIDTHS.get(letter, _OTHER) for letter in text)
    return units / 1000 * size * _WIDER * (_BOLD if bold else 1)


def wrap(text: str, *, into: float, size: float, lines: int, bold: bool = False) -> tuple[str, ...]:
    """Text broken at blanks into at most so many lines of the width; what does not fit ends in an ellipsis."""
    words = text.split()
    broken: list[str] = []
    for place, word in enumerate(words):
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and width(longer, size, bold=bold) <= into:
            broken[-1] = longer
        elif len(broken) < lines:
            broken.append(word)
        else:
            broken[-1] = " ".join([broken[-1], *words[place:]])
            break
    return tuple(_shortened(line, into=into, size=size, bold=bold) for line in broken)


def _shortened(line: str, *, into: float, size: float, bold: bool) -> str:
    if width(line, size, bold=bold) <= into:
        return line
    while line and width(line + ELLIPSIS, size, bold=bold) > into:
        line = line[:-1]
    return line.rstrip(" ,·") + ELLIPSIS

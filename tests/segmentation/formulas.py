"""Calculates the formulas of our workbooks anew, from the cells that hold values, as a spreadsheet would: in floats.

Knows the few functions that they use, and nothing of how the product came to its figures.
"""

import re
import statistics

_NAME_ROWS = {
    "periods_of_run": "Number of periods",
    "whole": "Sum of the positive totals",
    "limit_A": "A while the share before is under",
    "limit_B": "B while the share before is under",
    "cv_X": "By variation: X up to",
    "cv_Y": "By variation: Y up to",
    "frequency_X": "By frequency: X from",
    "frequency_Y": "By frequency: Y from",
    "history_needed": "History needed, periods (0: everybody is judged)",
}
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*")|(?P<number>\d+(?:\.\d+)?)|(?P<range>(?:'[^']+'!)?\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+)"""
    r"""|(?P<cell>\$?[A-Z]{1,3}\$?\d+)(?![A-Za-z_(])|(?P<word>[A-Za-z_.]+)|(?P<sign><=|>=|<>|[-+*/&=<>(),]))"""
)


def calculated(book) -> dict[tuple[str, int, int], object]:
    """{(sheet, row, column) from 0: what its formula comes to}; of all cells with a formula."""
    sheets = _Sheets(book)
    return {
        (sheet, row, column): sheets.value(sheet, row, column)
        for sheet, rows in book.items()
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        if cell.formula
    }


class _Sheets:
    def __init__(self, book):
        self.book, self.found = book, {}
        self.names = {
            name: ("Method", row, 1)
            for name, label in _NAME_ROWS.items()
            for row, cells in enumerate(book["Method"])
            if cells and cells[0].value == label
        }

    def value(self, sheet, row, column):
        place = (sheet, row, column)
        if place not in self.found:
            cell = self.book[sheet][row][column]
            self.found[place] = (
                _Formula(cell.formula, self, sheet).result() if cell.formula else cell.value
            )
        return self.found[place]


class _Formula:
    def __init__(self, text, sheets, sheet):
        self.tokens = [(found.lastgroup, found[found.lastgroup]) for found in _TOKEN.finditer(text)]
        assert "".join(token for _kind, token in self.tokens) == text.replace(" ", ""), text
        self.sheets, self.sheet, self.at = sheets, sheet, 0

    def result(self):
        value = self.comparison()
        assert self.at == len(self.tokens), self.tokens
        return value

    def next_is(self, *signs):
        if self.at < len(self.tokens) and self.tokens[self.at][1] in signs:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def comparison(self):
        left = self.joined()
        while sign := self.next_is("<=", ">=", "<>", "<", ">", "="):
            right = self.joined()
            left = {
                "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b,
                ">": lambda a, b: a > b, "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
            }[sign](left, right)  # fmt: skip
        return left

    def joined(self):
        left = self.sum()
        while self.next_is("&"):
            left = f"{left}{self.sum()}"
        return left

    def sum(self):
        left = self.product()
        while sign := self.next_is("+", "-"):
            right = self.product()
            left = left + right if sign == "+" else left - right
        return left

    def product(self):
        left = self.single()
        while sign := self.next_is("*", "/"):
            right = self.single()
            left = left * right if sign == "*" else left / right
        return left

    def single(self):
        kind, token = self.tokens[self.at]
        self.at += 1
        if token == "(":
            value = self.comparison()
            assert self.next_is(")")
            return value
        if kind == "text":
            return token[1:-1]
        if kind == "number":
            return float(token)
        if kind == "cell":
            return self.sheets.value(self.sheet, *_place(token))
        if kind == "range":
            return self.range(token)
        if self.next_is("("):
            return self.call(token)
        return self.sheets.value(*self.sheets.names[token])

    def range(self, token):
        sheet, _mark, reference = token.rpartition("!")
        sheet = sheet.strip("'") or self.sheet
        (top, left), (bottom, right) = map(_place, reference.split(":"))
        return [
            self.sheets.value(sheet, row, column)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]

    def call(self, name):
        if name == "IF":  # the branch that is not taken may divide by nought
            return self.choose()
        values = [self.comparison()]
        while self.next_is(","):
            values.append(self.comparison())
        assert self.next_is(")")
        return _CALLS[name](*values)

    def choose(self):
        asked = self.comparison()
        branches = []
        while self.next_is(","):
            start = self.at
            self.skip()
            branches.append((start, self.at))
        assert self.next_is(")")
        after = self.at
        self.at = branches[0 if asked else 1][0]
        value = self.comparison()
        self.at = after
        return value

    def skip(self):
        depth = 0
        while depth or self.tokens[self.at][1] not in (",", ")"):
            depth += {"(": 1, ")": -1}.get(self.tokens[self.at][1], 0)
            self.at += 1


def _place(reference: str) -> tuple[int, int]:
    letters, row = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", reference).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(row) - 1, column - 1


def _matching(pairs):
    ranges, wanted = pairs[::2], pairs[1::2]
    return [all(map(str.__eq__, row, wanted)) for row in zip(*ranges, strict=True)]


_CALLS = {
    "SUM": sum,
    "ROUND": lambda number, places: round(number, int(places)),
    "MAX": max,
    "AVERAGE": statistics.fmean,
    "_xlfn.STDEV.P": statistics.pstdev,
    "COUNTIFS": lambda *pairs: sum(_matching(pairs)),
    "SUMIFS": lambda numbers, *pairs: sum(
        number for number, fits in zip(numbers, _matching(pairs), strict=True) if fits
    ),
    "SUMIF": lambda numbers, _positive: sum(number for number in numbers if number > 0),
}

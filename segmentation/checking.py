"""The one validator of sales lines: the preview shows what it says, and the import does what it says."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, repeat
from typing import NamedTuple

from django.utils.translation import gettext as _

from segmentation.cells import (
    Judged,
    Reason,
    currency_reader,
    date_reader,
    number_reader,
    read_client,
    read_id,
    read_name,
    read_text,
)
from segmentation.models.sales import AMOUNT_PLACES, PRICE_PLACES, QUANTITY_PLACES
from segmentation.reading import REQUIRED_ROLES, ROLES, Shape, name_columns


class ColumnsMissing(Exception):
    """The columns told do not make a sales line; the text says what is missing."""


class Rejected(NamedTuple):
    """A line that cannot be taken: its number, its cells as they came, and every reason why."""

    line_no: int
    row: list[str]
    reasons: tuple[Reason, ...]
    sentence: str


# What is stored of a line, in this order; all but its number is text as the database reads it.
STAGED = (
    "line_no",
    "document",
    "client",
    "sold_on",
    "product",
    "quantity",
    "price",
    "amount",
    "cost",
    "currency",
)


class LineChecker:
    """Tells what is stored of the lines of a file, and which are rejected why.

    It goes by columns, a block of lines at a time, so that Python's own loops do not run a million
    times. `names` gathers client number → name from the column of names, the first not empty.
    """

    def __init__(self, header: list[str], shape: Shape):
        self.header = name_columns(header)
        self.names: dict[str, str] = {}
        self._width = len(self.header)
        self._sentences: dict[tuple[Reason, ...], str] = {}
        at = self._places(self.header, shape)
        number = number_reader(shape.decimal_mark)
        optional = "amount" in at
        self._fields: list[tuple[int | None, Judged, str]] = [
            (at["document"], Judged(lambda text: read_id(text) or Reason.NO_DOCUMENT), ""),
            (at["client"], Judged(lambda text: read_client(text) or Reason.NO_CLIENT), ""),
            (at["date"], Judged(date_reader(shape.date_format)), ""),
            (at.get("product"), Judged(read_text), ""),
            (
                at.get("quantity"),
                number(
                    QUANTITY_PLACES, "" if optional else Reason.NO_QUANTITY, Reason.BAD_QUANTITY
                ),
                "",
            ),
            (
                at.get("price"),
                number(PRICE_PLACES, "" if optional else Reason.NO_PRICE, Reason.BAD_PRICE),
                "",
            ),
            (at.get("amount"), number(AMOUNT_PLACES, Reason.NO_AMOUNT, Reason.BAD_AMOUNT), ""),
            (at.get("cost"), number(AMOUNT_PLACES, "", Reason.BAD_COST), ""),
            (at.get("currency"), Judged(currency_reader(shape.currency)), shape.currency),
        ]
        self._name_at = at.get("name")

    def check(
        self, numbers: Sequence[int], rows: list[list[str]]
    ) -> tuple[list[tuple], list[Rejected]]:
        """(lines in the order of STAGED, rejected lines). Lines of nothing but blanks are neither."""
        rejected: list[Rejected] = []
        if set(map(len, rows)) != {self._width}:
            numbers, rows, rejected = self._evened(numbers, rows)
        if not rows:
            return [], rejected
        columns = list(zip(*rows, strict=True))
        fields = [
            (list(map(judged.__getitem__, columns[at])) if at is not None else repeat(otherwise))
            for at, judged, otherwise in self._fields
        ]
        lines: Iterable[tuple] = zip(numbers, *fields, strict=False)
        clients: Iterable[str] = fields[1]
        names: Iterable[str] = columns[self._name_at] if self._name_at is not None else repeat("")
        doubtful = [
            (field, at, judged)
            for field, (at, judged, _) in zip(fields, self._fields, strict=True)
            if judged.has_bad
        ]
        if doubtful:
            good = [
                None not in line
                for line in zip(*(field for field, _at, _judged in doubtful), strict=True)
            ]
            if not all(good):
                rejected += self._rejections(
                    compress(range(len(rows)), [not fits for fits in good]), numbers, rows, doubtful
                )
                rejected.sort(key=lambda line: line.line_no)
                lines, clients, names = (
                    compress(lines, good),
                    compress(clients, good),
                    compress(names, good),
                )
        for client, name in dict.fromkeys(zip(clients, names, strict=False)):
            if not self.names.get(client):
                self.names[client] = read_name(name)
        return list(lines), rejected

    def _evened(
        self, numbers: Sequence[int], rows: list[list[str]]
    ) -> tuple[list[int], list[list[str]], list[Rejected]]:
        """All rows as wide as the header: spreadsheets leave empty cells out, or add some, at the end of a line."""
        width, fit, rejected = self._width, [], []
        for line_no, row in zip(numbers, rows, strict=True):
            if any(cell.strip() for cell in row[width:]):
                rejected.append(self._with_words(line_no, row, (Reason.EXTRA_CELLS,)))
            elif row:
                fit.append((line_no, row[:width] + [""] * (width - len(row))))
        return [line_no for line_no, _row in fit], [row for _line_no, row in fit], rejected

    def _rejections(self, places, numbers, rows, doubtful) -> Iterator[Rejected]:
        for place in places:
            row = rows[place]
            reasons = tuple(
                [judged.reason(row[at]) for field, at, judged in doubtful if field[place] is None]
            )
            # A line of nothing but blanks is no line.
            if len(reasons) < len(REQUIRED_ROLES) or any(map(str.strip, row)):
                yield self._with_words(numbers[place], row, reasons)

    def _with_words(self, line_no: int, row: list[str], reasons: tuple[Reason, ...]) -> Rejected:
        """Thousands of lines are rejected alike, so each set of reasons is put into words once."""
        if reasons not in self._sentences:
            self._sentences[reasons] = "; ".join(
                dict.fromkeys(str(reason.label) for reason in reasons)
            )
        return Rejected(line_no, row, reasons, self._sentences[reasons])

    @staticmethod
    def _places(header: list[str], shape: Shape) -> dict[str, int]:
        """Role → place in the record. Raises ColumnsMissing with a sentence."""
        for role, column in shape.columns.items():
            if role not in ROLES:
                raise ColumnsMissing(
                    _("There is no role “%(role)s” for a column. Known are: %(roles)s.")
                    % {"role": role, "roles": ", ".join(ROLES)}
                )
            if column not in header:
                raise ColumnsMissing(
                    _("The file has no column “%(column)s”. Its columns are: %(columns)s.")
                    % {"column": column, "columns": ", ".join(header)}
                )
        missing = [str(ROLES[role]) for role in REQUIRED_ROLES if role not in shape.columns]
        if missing:
            raise ColumnsMissing(
                _("Tell which column is: %(roles)s.") % {"roles": ", ".join(missing)}
            )
        if "amount" not in shape.columns and not {"quantity", "price"} <= shape.columns.keys():
            raise ColumnsMissing(
                _(
                    "Tell which columns are the quantity and the unit price, or which is the amount of the line."
                )
            )
        if "currency" not in shape.columns and not re.fullmatch(r"[A-Z]{3}", shape.currency):
            raise ColumnsMissing(
                _("Tell the currency of the amounts in three letters, such as EUR.")
            )
        doubled = [column for column in header if list(shape.columns.values()).count(column) > 1]
        if doubled:
            raise ColumnsMissing(
                _("The column “%(column)s” is told to be two things. Leave it one of them.")
                % {"column": doubled[0]}
            )
        return {role: header.index(column) for role, column in shape.columns.items()}

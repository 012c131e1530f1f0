"""The one validator of sales lines: the preview shows what it says, and the import does what it says."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
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
    read_product_line,
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


@dataclass(slots=True)
class ClientSeen:
    """What a file tells of a client beside its sales: of each column the first cell that is not empty."""

    name: str = ""
    tax_id: str = ""
    kam: str = ""
    channel: str = ""
    industry: str = ""
    country: str = ""
    city: str = ""


CLIENT_ROLES = tuple(field.name for field in fields(ClientSeen))

# What may be stored of a line; all but its number is text as the database reads it. Of these a file
# tells LineChecker.staged. `part` counts the sheets of a workbook, or what a column tells apart.
STAGED = (
    "line_no",
    "document",
    "client",
    "sold_on",
    "product",
    "product_line",
    "quantity",
    "price",
    "amount",
    "cost",
    "currency",
    "part",
)
MOST_PARTS = 1000
# Parts that take turns more often than this are not kept line by line.
MOST_TURNS = 2000


class LineChecker:
    """Tells what is stored of the lines of a file, and which are rejected why.

    It goes by columns, a block of lines at a time, so that Python's own loops do not run a million
    times. `staged` names what the checked lines consist of; `clients` gathers client number →
    ClientSeen, a record for each client whatever the number of lines.
    """

    def __init__(self, header: list[str], shape: Shape):
        self.header = name_columns(header)
        self.clients: dict[str, ClientSeen] = {}
        self._width = len(self.header)
        self._sentences: dict[tuple[Reason, ...], str] = {}
        self._parts: dict[tuple[int, str], int] = {}
        self._turns: list[tuple[int, int]] = []
        at = self._places(self.header, shape)
        number = number_reader(shape.decimal_mark)
        optional = "amount" in at
        judges = {
            "document": Judged(lambda text: read_id(text) or Reason.NO_DOCUMENT),
            "client": Judged(lambda text: read_client(text) or Reason.NO_CLIENT),
            "date": Judged(date_reader(shape.date_format)),
            "product": Judged(read_text),
            "product_line": Judged(read_product_line),
            "quantity": number(
                QUANTITY_PLACES, "" if optional else Reason.NO_QUANTITY, Reason.BAD_QUANTITY
            ),
            "price": number(PRICE_PLACES, "" if optional else Reason.NO_PRICE, Reason.BAD_PRICE),
            "amount": number(AMOUNT_PLACES, Reason.NO_AMOUNT, Reason.BAD_AMOUNT),
            "cost": number(AMOUNT_PLACES, "", Reason.BAD_COST),
            "margin": number(AMOUNT_PLACES, "", Reason.BAD_MARGIN),
            "currency": Judged(currency_reader(shape.currency)),
        }
        self._fields = [(role, at[role], judged) for role, judged in judges.items() if role in at]
        roles = [role for role, _at, _judged in self._fields]
        self._staged_roles = [role for role in roles if role != "margin"]
        self.staged = (
            "line_no",
            *("sold_on" if role == "date" else role for role in self._staged_roles),
            *(["cost"] if "margin" in at else []),
            *(["currency"] if "currency" not in at else []),
            *(["part"] if "part" in at or len(shape.sheets) > 1 else []),
        )
        self._currency = shape.currency if "currency" not in at else ""
        self._part_at = at.get("part")
        self._about = [(role, at[role]) for role in CLIENT_ROLES if role in at]

    def check(
        self, numbers: Sequence[int], rows: list[list[str]], *, part: int = 0
    ) -> tuple[list[tuple], list[Rejected]]:
        """(lines in the order of `staged`, rejected lines). Lines of nothing but blanks are neither.

        `part` is the number of the sheet that the rows are of.
        """
        rejected: list[Rejected] = []
        if numbers and self._part_at is None:
            self._take_turns([(numbers[0], part)])
        if set(map(len, rows)) != {self._width}:
            numbers, rows, rejected = self._evened(numbers, rows)
        if not rows:
            return [], rejected
        columns = list(zip(*rows, strict=True))
        taken = {
            role: list(map(judged.__getitem__, columns[at])) for role, at, judged in self._fields
        }
        doubtful = [
            (taken[role], at, judged) for role, at, judged in self._fields if judged.has_bad
        ]
        good: list[bool] = []
        if doubtful:
            good = [
                None not in line
                for line in zip(*(field for field, _at, _judged in doubtful), strict=True)
            ]
            if all(good):
                good = []
            else:
                rejected += self._rejections(
                    compress(range(len(rows)), [not fits for fits in good]), numbers, rows, doubtful
                )
                rejected.sort(key=lambda line: line.line_no)
        clients: Iterable[str] = taken["client"]
        about: Iterable[tuple] = zip(*(columns[at] for _role, at in self._about), strict=True)
        if good and self._about:
            about = compress(about, good)
        if good:
            clients = compress(clients, good)
        self._gather(clients, about)
        parts: Iterable[int] = repeat(part)
        if self._part_at is not None:
            parts = [self._part(part, text) for text in columns[self._part_at]]
            self._take_turns(zip(numbers, parts, strict=True))
        lines: Iterable[tuple] = zip(numbers, *self._stored(taken, columns, parts), strict=False)
        return list(compress(lines, good) if good else lines), rejected

    @property
    def part_starts(self) -> list[tuple[int, int]] | None:
        """(number of a line, its part): of all lines from there to the next. None: too many turns to keep."""
        return self._turns if len(self._turns) <= MOST_TURNS else None

    def _take_turns(self, begun: Iterable[tuple[int, int]]) -> None:
        turns = self._turns
        last = turns[-1][1] if turns else None
        for line_no, part in begun:
            if part != last and len(turns) <= MOST_TURNS:
                turns.append((line_no, part))
                last = part

    def _stored(self, taken: dict, columns: list, parts: Iterable[int]) -> Iterator[Iterable]:
        """The columns of the checked lines, in the order of `staged`, but for the number."""
        yield from (taken[role] for role in self._staged_roles)
        if "margin" in taken:
            yield _costs(taken)
        if self._currency:
            yield repeat(self._currency)
        if self.staged[-1] == "part":
            yield parts

    def _part(self, sheet: int, text: str) -> int:
        key = (sheet, text.strip())
        if key not in self._parts:
            if len(self._parts) >= MOST_PARTS:
                raise ColumnsMissing(
                    _(
                        "The column that tells the part of the file holds more than %(number)d different "
                        "values; so many parts no file has. Leave it out."
                    )
                    % {"number": MOST_PARTS}
                )
            self._parts[key] = len(self._parts)
        return self._parts[key]

    def _gather(self, clients: Iterable[str], about: Iterable[tuple]) -> None:
        """Remember of each client what its columns tell first."""
        if not self._about:
            for client in set(clients) - self.clients.keys():
                self.clients[client] = ClientSeen()
            return
        for client, cells in dict.fromkeys(zip(clients, about, strict=True)):
            seen = self.clients.get(client)
            if seen is None:
                seen = self.clients[client] = ClientSeen()
            for (role, _at), cell in zip(self._about, cells, strict=True):
                if cell and not getattr(seen, role):
                    setattr(seen, role, read_name(cell))

    def _evened(
        self, numbers: Sequence[int], rows: list[list[str]]
    ) -> tuple[list[int], list[list[str]], list[Rejected]]:
        """All rows as wide as the header: spreadsheets leave empty cells out, or add some, at the end of a line."""
        width, fit, rejected = self._width, [], []
        for line_no, row in zip(numbers, rows, strict=True):
            if any(cell.strip() for cell in row[width:]):
                rejected.append(self.reject(line_no, row, (Reason.EXTRA_CELLS,)))
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
                yield self.reject(numbers[place], row, reasons)

    def reject(self, line_no: int, row: list[str], reasons: tuple[Reason, ...]) -> Rejected:
        """A rejected line. Thousands are rejected alike, so each set of reasons is put into words once."""
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
        if {"cost", "margin"} <= shape.columns.keys():
            raise ColumnsMissing(
                _(
                    "The cost and the margin of a line are told both, and one follows from the other. Leave one out."
                )
            )
        doubled = [column for column in header if list(shape.columns.values()).count(column) > 1]
        if doubled:
            raise ColumnsMissing(
                _("The column “%(column)s” is told to be two things. Leave it one of them.")
                % {"column": doubled[0]}
            )
        return {role: header.index(column) for role, column in shape.columns.items()}


def _costs(taken: dict) -> list[str | None]:
    """Amount − margin of each line, as exact text; "" where no margin is told, None in a line that is rejected."""
    amounts: Iterable[str | None]
    if "amount" in taken:
        amounts = taken["amount"]
    else:
        amounts = (
            None if quantity is None or price is None else Decimal(quantity) * Decimal(price)
            for quantity, price in zip(taken["quantity"], taken["price"], strict=True)
        )
    return [
        None
        if amount is None or margin is None
        else f"{Decimal(amount) - Decimal(margin):f}"
        if margin
        else ""
        for amount, margin in zip(amounts, taken["margin"], strict=True)
    ]

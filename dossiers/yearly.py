"""Figures of a few years beside each other: years as columns, measures as rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.templatetags.kam_format import BLANK, money, number
from dossiers.showing import Cell, Entry, Reader


@dataclass(slots=True)
class Figure:
    """What one year says of one measure. `text` is "" for nothing; `hint` is the growth since the year before."""

    entry: Entry
    name: str
    text: str
    hint: str


@dataclass(slots=True)
class Measure:
    label: str
    figures: list[Figure]


@dataclass(slots=True)
class YearTable:
    """`currency` is that of all years, named once; "" where they differ, and where there is no money in them."""

    years: list[Entry]
    measures: list[Measure]
    currency: str

    @property
    def has_provenance(self) -> bool:
        return any(entry.fresh.own for entry in self.years)


def table(entries: Sequence[Entry], columns: Sequence[Reader]) -> YearTable:
    """The newest year first; a measure of which no year says anything is left out."""
    years = sorted(entries, key=lambda entry: -entry.record.year)
    currencies = {getattr(entry.record, "currency", "") for entry in years}
    measures = [
        Measure(column.heading, [_figure(entry, column.name) for entry in years])
        for column in columns
        if column.name != "year"
    ]
    return YearTable(
        years=years,
        measures=[
            measure for measure in measures if any(figure.text for figure in measure.figures)
        ],
        currency=currencies.pop() if len(currencies) == 1 else "",
    )


def _figure(entry: Entry, name: str) -> Figure:
    cell: Cell = entry.cell[name]
    value = getattr(entry.record, name)
    text = ""
    if value is not None:
        currency = getattr(entry.record, "currency", "")
        text = money(value, currency).removesuffix(BLANK + currency) if currency else number(value)
    return Figure(entry, name, text, cell.hint)

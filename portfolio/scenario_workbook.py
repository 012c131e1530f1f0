"""A kept scenario as XLSX: who leaves, and what comes of it."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import day
from portfolio.leaving_words import figure
from segmentation.workbooks import Book

WIDE, NARROW = 34, 18


def scenario_workbook(contents: dict[str, Any]):
    """An open file. `contents` are those of the page."""
    scenario, kept = contents["scenario"], contents["kept"]
    book = Book()
    sheet = book.sheet(_("Clients"))
    sheet.set_column(0, 0, WIDE)
    sheet.set_column(1, 8, NARROW)
    currency = kept["period"]["currency"]
    heads = (
        _("Client"), f"{_('Revenue')}, {currency}", _("Share of sales"), f"{_('Margin')}, {currency}",
        _("Contract ends"), _("Relationship, 0 to 100"), _("KAM"), _("Deputy"), _("Single-threaded"),
    )  # fmt: skip
    sheet.write_row(0, 0, heads, book.bold)
    exposed = {row["exposed"].client.pk: row["exposed"] for row in contents["rows"]}
    for line, one in enumerate(kept["clients"], 1):
        sheet.write_string(line, 0, one["name"])
        _write(sheet, line, 1, one["revenue"], book.amount)
        _write(sheet, line, 2, one["share"], book.part)
        _write(sheet, line, 3, one["margin"], book.amount)
        found = exposed.get(one["id"])
        if found is None:
            continue
        if found.contract and found.contract.ends_on:
            sheet.write_string(line, 4, day(found.contract.ends_on))
        if found.relationship is not None:
            sheet.write_number(line, 5, found.relationship)
        if found.dossier:
            sheet.write_string(line, 6, found.dossier.kam.name if found.dossier.kam else "")
            sheet.write_string(line, 7, found.dossier.deputy.name if found.dossier.deputy else "")
        sheet.write_string(line, 8, " ".join(found.threads))
    figures = book.sheet(_("Figures"))
    figures.set_column(0, 2, WIDE)
    figures.write_row(0, 0, (scenario.name, _("As it is"), _("If they leave")), book.bold)
    for line, one in enumerate(contents["lines_kept"], 1):
        for column, text in enumerate((one.label, one.one, one.other)):
            figures.write_string(line, column, str(text))
    return book.done()


def _write(sheet, line: int, column: int, text: str | None, form) -> None:
    if text is not None:
        sheet.write_number(line, column, float(figure(text)), form)

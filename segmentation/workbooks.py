"""Runs, lists and comparisons as XLSX; a run with its formulas, for those who check in a spreadsheet.

Each formula carries its value, so that a viewer that does not calculate shows the same figures. Names of clients
are written as text, whatever they begin with. Sheets are written row by row and never kept in memory.
"""

import tempfile
from collections.abc import Iterable, Sequence
from decimal import Decimal

import xlsxwriter
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.http import FileResponse
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from accounts.templatetags.kam_format import number as in_words
from segmentation import matrix
from segmentation import periods as of
from segmentation.comparing import Move
from segmentation.models import SegmentationRun, XyzMethod
from segmentation.models.runs import AbcBy, as_fraction

# A run of 10,000 clients and 12 periods is written with its formulas in about four seconds; a larger one would keep
# its asker waiting, so it has values alone, without the periods.
CELLS_WITH_FORMULAS = 300_000
# Rows of any sheet, for the same reason; longer ones are for CSV.
LONGEST_LIST = 30_000
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A sum of floats: what is nought to a millionth is nought, as it is in exact figures.
PLACES = 6


class TooLong(Exception):
    """The list is longer than a workbook is made for; the text is a sentence that says what to take instead."""


def as_attachment(file, name: str) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def has_formulas(run: SegmentationRun) -> bool:
    """Whether the workbook of the run is written with its periods and formulas."""
    return run.clients * (run.periods + len(_COMPUTED)) <= CELLS_WITH_FORMULAS


def fits(run: SegmentationRun) -> bool:
    """Whether the run is written as a workbook at all."""
    return run.clients <= LONGEST_LIST


class Sheet(Worksheet):
    """Formulas are written as they are: looking through each for functions of later versions took most of the time."""

    def _prepare_formula(self, formula, expand_future_functions=False):
        return formula.removeprefix("=")


class Book:
    """A workbook on its way to a file; `bold`, `amount`, `part` are its formats."""

    def __init__(self):
        self.file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 (the answer closes it)
        self.book = xlsxwriter.Workbook(self.file, OPTIONS)
        self.bold = self.book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.amount = self.book.add_format({"num_format": "#,##0.00"})
        self.part = self.book.add_format({"num_format": "0.00%"})
        self.number = self.book.add_format({"num_format": "0.000000"})

    def sheet(self, name: str):
        return self.book.add_worksheet(name, worksheet_class=Sheet)

    def done(self):
        self.book.close()
        self.file.seek(0)
        return self.file


# ── A run with its formulas ──────────────────────────────────────────────────────────────────

# The computed columns behind the periods, in their order.
_COMPUTED = (
    "total", "before", "share", "share_before", "abc", "mean", "deviation", "cv", "active", "active_part",
    "history", "xyz_cv", "xyz_frequency", "xyz", "segment", "stored", "agrees",
)  # fmt: skip


def run_workbook(run: SegmentationRun):
    """The run as an open file: sheets Clients, Matrix and Method. Raises TooLong."""
    if not fits(run):
        raise TooLong(_too_long())
    book = Book()
    names = {
        "clients": pick_name(_("Clients")),
        "matrix": pick_name(_("Matrix")),
        "method": pick_name(_("Method")),
    }
    clients, cells, method = (book.sheet(names[key]) for key in ("clients", "matrix", "method"))
    formulas = has_formulas(run)
    first = 3 + (run.periods if formulas else 0)
    place = {name: first + number for number, name in enumerate(_COMPUTED)}
    _clients(book, clients, run, place, formulas=formulas)
    _matrix(book, cells, run, names["clients"], place, formulas=formulas)
    _method(book, method, run, names, place, formulas=formulas)
    return book.done()


def pick_name(name: str) -> str:
    """A name a sheet may have: 31 characters, none that stands for something in a reference."""
    return "".join(" " if letter in "[]:*?/\\'" else letter for letter in name)[:31]


def _headings() -> dict[str, str]:
    return {
        "total": _("Total"),
        "before": _("Sum before"),
        "share": _("Share"),
        "share_before": _("Share before"),
        "abc": _("ABC"),
        "mean": _("Mean"),
        "deviation": _("Deviation"),
        "cv": _("Coefficient of variation"),
        "active": _("Active periods (stored)"),
        "active_part": _("Part of the periods"),
        "history": _("Periods since the first sale (stored)"),
        "xyz_cv": _("XYZ by variation"),
        "xyz_frequency": _("XYZ by frequency"),
        "xyz": _("XYZ"),
        "segment": _("Segment"),
        "stored": _("Segment as stored"),
        "agrees": _("Agrees"),
    }


def _clients(book: Book, sheet, run: SegmentationRun, place: dict, *, formulas: bool) -> None:
    starts = [of.name(run.unit, start) for start in of.starts(run.unit, run.start, run.periods)]
    heads = [_("Rank"), _("Number"), _("Client"), *(starts if formulas else [])]
    said = _headings()
    sheet.set_column(2, 2, 34)
    sheet.set_column(3, 2 + len(_COMPUTED) + len(starts), 13)
    sheet.freeze_panes(1, 3)
    for column, head in enumerate([*heads, *(said[name] for name in _COMPUTED)]):
        sheet.write_string(0, column, head, book.bold)
    own = "xyz_cv" if run.xyz_method == XyzMethod.CV else "xyz_frequency"
    col = {name: column_letter(number) for name, number in place.items()}
    first, last = column_letter(3), column_letter(2 + run.periods)
    whole = float(run.positive_total or 0)
    summed = 0.0
    wanted = [
        "rank", "number", "client__name", "total", "share", "share_before", "abc", "xyz", "xyz_cv",
        "xyz_frequency", "cv", "active_periods", "history_periods", *(["nets"] if formulas else []),
    ]  # fmt: skip
    rows = (
        run.segments.ranked()
        .annotate(number=Coalesce("client__external_id", "client__name"))
        .values_list(*wanted)
    )
    for line, row in enumerate(rows.iterator(chunk_size=2000), 1):
        rank, number, name, total, share, share_before, abc, xyz, by_cv, by_frequency, cv, active, history = row[:13]  # fmt: skip
        sheet.write_number(line, 0, rank)
        sheet.write_string(line, 1, number)
        sheet.write_string(line, 2, name)
        total = float(total)
        before, summed = summed, summed + max(total, 0.0)
        mean = total / run.periods
        values = {
            "total": total,
            "before": before,
            "share": float(share),
            "share_before": float(share_before),
            "abc": abc,
            "mean": mean,
            "deviation": float(cv) * mean if cv is not None else None,
            "cv": float(cv) if cv is not None else "—",
            "active": active,
            "active_part": active / run.periods,
            "history": history,
            "xyz_cv": by_cv or (xyz if own == "xyz_cv" else ""),
            "xyz_frequency": by_frequency or (xyz if own == "xyz_frequency" else ""),
            "xyz": xyz,
            "segment": abc + xyz,
            "stored": abc + xyz,
            "agrees": True,
        }
        if not formulas:
            _plain_row(book, sheet, line, place, values)
            continue
        nets = [float(net) for net in row[13]]
        for column, net in enumerate(nets, 3):
            sheet.write_number(line, column, net)
        if values["deviation"] is None:
            values["deviation"] = (
                max(sum(net * net for net in nets) / run.periods - mean * mean, 0.0) ** 0.5
            )
        at = line + 1
        written = _formulas(col, at, f"{first}{at}:{last}{at}", own)
        for key in _COMPUTED:
            form = book.part if key in ("share", "share_before", "active_part") else book.number if key == "cv" else book.amount if key in ("total", "before", "mean", "deviation") else None  # fmt: skip
            value = values[key]
            if key in written:
                sheet.write_formula(line, place[key], written[key], form, value)
            elif isinstance(value, str):
                sheet.write_string(line, place[key], value)
            else:
                sheet.write_number(line, place[key], value, form)
    if whole:
        sheet.autofilter(0, 0, max(run.clients, 1), place["agrees"])


def _formulas(col: dict[str, str], at: int, nets: str, own: str) -> dict[str, str]:
    """The formulas of line `at`; `nets` is the range of its periods, `own` the column of the run's method."""
    total = f"{col['total']}{at}"
    short = f"{col['history']}{at}<history_needed"
    before = f"={col['before']}{at - 1}+MAX({col['total']}{at - 1},0)" if at > 2 else "=0"
    return {
        "total": f"=ROUND(SUM({nets}),{PLACES})",
        "before": before,
        "share": f"=IF(whole>0,{total}/whole,0)",
        "share_before": f"=IF(whole>0,{col['before']}{at}/whole,0)",
        "abc": (
            f'=IF({total}<=0,"C",IF(ROUND({col["before"]}{at}-limit_A*whole,{PLACES})<0,"A",'
            f'IF(ROUND({col["before"]}{at}-limit_B*whole,{PLACES})<0,"B","C")))'
        ),
        "mean": f"=AVERAGE({nets})",
        "deviation": f"=_xlfn.STDEV.P({nets})",
        "cv": f'=IF({total}>0,{col["deviation"]}{at}/{col["mean"]}{at},"—")',
        "active_part": f"={col['active']}{at}/periods_of_run",
        "xyz_cv": (
            f'=IF({short},"N",IF({total}<=0,"Z",IF(ROUND({col["cv"]}{at}-cv_X,9)<=0,"X",'
            f'IF(ROUND({col["cv"]}{at}-cv_Y,9)<=0,"Y","Z"))))'
        ),
        "xyz_frequency": (
            f'=IF({short},"N",IF({total}<=0,"Z",IF(ROUND({col["active_part"]}{at}-frequency_X,9)>=0,"X",'
            f'IF(ROUND({col["active_part"]}{at}-frequency_Y,9)>=0,"Y","Z"))))'
        ),
        "xyz": f"={col[own]}{at}",
        "segment": f"={col['abc']}{at}&{col['xyz']}{at}",
        "agrees": f"={col['segment']}{at}={col['stored']}{at}",
    }  # fmt: skip


def _plain_row(book: Book, sheet, line: int, place: dict, values: dict) -> None:
    for key in ("total", "share", "share_before", "cv", "active", "history"):
        if isinstance(values[key], (int, float)):
            sheet.write_number(line, place[key], values[key])
    for key in ("abc", "xyz_cv", "xyz_frequency", "xyz", "stored"):
        sheet.write_string(line, place[key], values[key])


def _matrix(
    book: Book, sheet, run: SegmentationRun, clients: str, place: dict, *, formulas
) -> None:
    """Counts and totals of the cells, by the run's method and by each of the two."""
    counted = matrix.count(run)
    letters = "XYZN" if matrix.has_short(run, counted.own) else "XYZ"
    last = max(run.clients, 1) + 1

    def column(name: str) -> str:
        letter = column_letter(place[name])
        return f"'{clients}'!${letter}$2:${letter}${last}"

    blocks = [(_("By the method of the run"), "xyz", counted.own, letters)]
    for method, key, title in (
        (XyzMethod.CV, "xyz_cv", _("By variation")),
        (XyzMethod.FREQUENCY, "xyz_frequency", _("By frequency")),
    ):
        blocks.append((title, key, counted.by.get(method, {}), letters))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 12, 14)
    line = 0
    for title, key, cells, shown in blocks:
        sheet.write_string(line, 0, title, book.bold)
        for number, xyz in enumerate(shown):
            sheet.write_string(
                line, 1 + number, _("%(letter)s, clients") % {"letter": xyz}, book.bold
            )
        for number, xyz in enumerate(shown):
            sheet.write_string(
                line, 6 + number, _("%(letter)s, total") % {"letter": xyz}, book.bold
            )
        for abc in "ABC":
            line += 1
            sheet.write_string(line, 0, abc, book.bold)
            for number, xyz in enumerate(shown):
                tally = cells.get(abc + xyz, matrix.Tally())
                match = f'{column("abc")},"{abc}",{column(key)},"{xyz}"'
                if formulas:
                    sheet.write_formula(line, 1 + number, f"=COUNTIFS({match})", None, tally.count)
                    total = f"=SUMIFS({column('total')},{match})"
                    sheet.write_formula(line, 6 + number, total, book.amount, float(tally.total))
                else:
                    sheet.write_number(line, 1 + number, tally.count)
                    sheet.write_number(line, 6 + number, float(tally.total), book.amount)
        line += 2


def _method(book: Book, sheet, run: SegmentationRun, names: dict, place: dict, *, formulas) -> None:
    sheet.set_column(0, 0, 44, book.wrap)
    sheet.set_column(1, 1, 60, book.wrap)
    line = 0

    def say(label: str, value, name: str = "", *, formula: str = "") -> None:
        nonlocal line
        sheet.write_string(line, 0, label, book.bold)
        if formula:
            sheet.write_formula(line, 1, formula, None, value)
        elif isinstance(value, (int, float)):
            sheet.write_number(line, 1, value)
        else:
            sheet.write_string(line, 1, str(value), book.wrap)
        if name:
            book.book.define_name(name, f"='{names['method']}'!$B${line + 1}")
        line += 1

    def limit(label: str, text: str, name: str) -> None:
        say(label, float(as_fraction(text)), name, formula=f"={text}" if "/" in text else "")

    total = column_letter(place["total"])
    whole = f"=SUMIF('{names['clients']}'!${total}$2:${total}${max(run.clients, 1) + 1},\">0\")"
    say(_("Run"), run.pk)
    say(_("Computed from"), run.basis)
    say(_("Measure"), run.get_measure_display())
    say(_("Currency"), run.currency)
    say(_("Period"), run.period)
    say(_("Cut into"), run.get_unit_display())
    say(_("Number of periods"), run.periods, "periods_of_run")
    say(
        _("Sum of the positive totals"),
        float(run.positive_total or 0),
        "whole",
        formula=whole if formulas else "",
    )
    a, b = _abc_limits(run)
    say(_("A while the share before is under"), float(a), "limit_A")
    say(_("B while the share before is under"), float(b), "limit_B")
    x, y = matrix.limits(run, XyzMethod.CV)
    limit(_("By variation: X up to"), x, "cv_X")
    limit(_("By variation: Y up to"), y, "cv_Y")
    x, y = matrix.limits(run, XyzMethod.FREQUENCY)
    limit(_("By frequency: X from"), x, "frequency_X")
    limit(_("By frequency: Y from"), y, "frequency_Y")
    say(_("XYZ of the run by"), run.get_xyz_method_display())
    say(_("History needed, periods (0: everybody is judged)"), run.min_history, "history_needed")
    say(_("Policy, version"), run.policy_id or _("none: settings of its own"))
    say(_("How to repeat it"), run.command)
    line += 1
    for sentence in _remarks(formulas):
        sheet.write_string(line, 0, sentence, book.wrap)
        line += 1


def _abc_limits(run: SegmentationRun) -> tuple[Decimal, Decimal]:
    """As parts of 1. Computed limits are kept rounded and lie exactly between two clients: there what the letters
    before bring together is divided anew, for a limit of twelve places is cents away from it in millions."""
    first, second = run.abc_a / 100, run.abc_b / 100
    if run.abc_by == AbcBy.COMPUTED and run.positive_total:
        rows = run.segments.filter(total__gt=0).order_by().values_list("abc")
        found = dict(rows.annotate(together=Sum("total")))
        upto = found.get("A", Decimal(0))
        if found.keys() & {"B", "C"}:
            first = upto / run.positive_total
        if "C" in found:
            second = (upto + found.get("B", Decimal(0))) / run.positive_total
    return first, second


def _too_long() -> str:
    return _("More than %(most)s rows are too many for a workbook. Take the CSV, or one cell alone.") % {
        "most": in_words(LONGEST_LIST)
    }  # fmt: skip


def _remarks(formulas: bool) -> Sequence[str]:
    if not formulas:
        return [
            _(
                "The run is too large for formulas: values alone are written, without the single periods. "
                "The CSV of the run has them."
            )
        ]
    return [
        _("The clients stand in the order of their totals; equal totals by their number in the sales ledger."),
        _("Change a limit above, and letters and matrix follow. “Agrees” then says where they differ from the run."),
        _(
            "A spreadsheet calculates with rounded numbers: sums are rounded to six places and comparisons to nine, "
            "so that what is exactly on a limit stays there. The run itself decides with exact numbers."
        ),
        _(
            "Active periods are stored and not computed here: a period is active with at least one line of positive "
            "amount, also when returns bring its net to nought or less."
        ),
    ]  # fmt: skip


def column_letter(number: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# ── Lists ────────────────────────────────────────────────────────────────────────────────────


def segments_workbook(run: SegmentationRun, rows, *, about: str):
    """The clients of a cell, or of all, as they stand in the list. `rows` are segments with their client."""
    heads = [
        _("Rank"), _("Number"), _("Client"), _("Segment"), _("Before"), _("Total"), _("Share"),
        _("Share before"), _("Coefficient of variation"), _("Active periods"), _("Documents"),
    ]  # fmt: skip
    lines = (
        (
            each.rank, each.client.external_id or "", each.client.name, each.letters, each.previous,
            each.total, each.share, each.share_before, each.cv, each.active_periods, each.documents,
        )
        for each in rows
    )  # fmt: skip
    return _list(pick_name(_("Clients")), heads, lines, about=[about, run.basis])


def moves_workbook(before: SegmentationRun, after: SegmentationRun, moves: Iterable[Move]):
    heads = [
        _("Number"), _("Client"), _("Before"), _("After"), _("Total before"), _("Total after"), _("Change"),
        _("Rank before"), _("Rank after"),
    ]  # fmt: skip
    lines = (
        (
            move.number, move.client, move.was or "", move.now or "", move.total_before, move.total_after,
            move.change, move.rank_before, move.rank_after,
        )
        for move in moves
    )  # fmt: skip
    told = [f"{_('Before')}: {before.basis}", f"{_('After')}: {after.basis}"]
    return _list(pick_name(_("Moved")), heads, lines, about=told)


def _list(title: str, heads: Sequence[str], lines: Iterable[tuple], *, about: Sequence[str]):
    """A sheet of values, and one that says what they were computed from. Raises TooLong."""
    book = Book()
    sheet = book.sheet(title)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads), 15)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, book.bold)
    for line, values in enumerate(lines, 1):
        if line > LONGEST_LIST:
            book.done().close()
            raise TooLong(_too_long())
        for column, value in enumerate(values):
            if isinstance(value, (int, Decimal)):
                sheet.write_number(line, column, float(value))
            elif value:
                sheet.write_string(line, column, str(value))
    note = book.sheet(pick_name(_("Method")))
    note.set_column(0, 0, 110, book.wrap)
    for line, sentence in enumerate(about):
        note.write_string(line, 0, sentence, book.wrap)
    return book.done()

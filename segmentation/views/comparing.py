"""Any two runs side by side: the transition table, and the clients behind each of its numbers."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.access import only_if
from segmentation import comparing, exporting
from segmentation.views.matrix import visible_run
from segmentation.workbooks import TooLong, as_attachment, moves_workbook

PAGE = 50


class Counted:
    """The moves as a list that is fetched one page at a time, and counted already by the table."""

    def __init__(self, before, after, wanted, count):
        self.before, self.after, self.wanted, self._count = before, after, wanted, count

    def count(self) -> int:
        return self._count

    __len__ = count

    def __getitem__(self, piece: slice) -> list[comparing.Move]:
        return comparing.moves(
            self.before, self.after, self.wanted, start=piece.start, number=piece.stop - piece.start
        )


@only_if("run_segmentation")
@require_GET
def choose(request, pk):
    """The chooser of the run page leads here, and from here to the address of the two."""
    after = visible_run(request, pk)
    asked = request.GET.get("with", "")
    if not (asked.isdecimal() and len(asked) < 16):
        return redirect("segmentation:run", after.pk)
    return redirect("segmentation:compare", after.pk, visible_run(request, int(asked)).pk)


@only_if("run_segmentation")
@require_GET
@vary_on_headers("HX-Request")
def compare(request, pk, other):
    after, before = visible_run(request, pk), visible_run(request, other)
    wanted = comparing.Wanted.read(request.GET)
    context = {"after": after, "before": before, "wanted": wanted}
    if not (after.has_succeeded and before.has_succeeded):
        return render(request, "segmentation/compare.html", context)
    table = comparing.Table(comparing.passages(before, after))
    listed: Any = Counted(before, after, wanted, table.count(wanted))
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    asked = {
        name: value
        for name, value in (("kind", wanted.kind), ("from", wanted.was), ("to", wanted.now))
        if value or name == "kind"
    }
    context |= {
        "table": table,
        "rows": [_row(row, after, before) for row in table.rows()],
        **{kind: table.of_kind(kind) for kind in comparing.KINDS},
        "stayed": table.before - table.of_kind("gone"),
        "sums": table.column_sums(),
        "differences": comparing.differences(before, after),
        "compare_totals": comparing.totals_compare(before, after),
        "tabs": _tabs(table, wanted, after, before),
        "page": page,
        "sort": wanted.order,
        "filter": urlencode(asked),
        "query": urlencode({**asked, "sort": wanted.order}),
    }
    return render(
        request, "segmentation/compare.html" + ("#moves" if request.htmx else ""), context
    )


def _row(row: dict, after, before) -> dict:
    """A row of the table with the addresses behind its numbers."""
    address = reverse("segmentation:compare", args=[after.pk, before.pk])
    for cell in row["cells"]:
        if cell["passage"]:
            cell["url"] = f"{address}?from={cell['was']}&to={cell['now']}#moves"
    return row


def _tabs(table: comparing.Table, wanted: comparing.Wanted, after, before) -> list[dict]:
    address = reverse("segmentation:compare", args=[after.pk, before.pk])
    labels = {
        "moved": pgettext("clients between two runs", "moved"),
        "up": pgettext("clients between two runs", "up"),
        "down": pgettext("clients between two runs", "down"),
        "aside": pgettext("clients between two runs", "judged or no longer"),
        "new": pgettext("clients between two runs", "new"),
        "gone": pgettext("clients between two runs", "gone"),
        "same": pgettext("clients between two runs", "same"),
        "": pgettext("clients between two runs", "all"),
    }
    return [
        {
            "url": f"{address}?kind={kind}#moves",
            "label": label,
            "count": table.count(comparing.Wanted(kind=kind)),
            "current": kind == wanted.kind and not (wanted.was or wanted.now),
        }
        for kind, label in labels.items()
        if kind != "aside" or table.of_kind("aside")
    ]


@only_if("run_segmentation")
@require_GET
def moves_csv(request, pk, other):
    after, before = visible_run(request, pk), visible_run(request, other)
    rows = comparing.moves(before, after, comparing.Wanted.read(request.GET))
    return StreamingHttpResponse(
        exporting.moves_as_csv(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{_name(after, before)}.csv"'},
    )


@only_if("run_segmentation")
@require_GET
def moves_xlsx(request, pk, other):
    after, before = visible_run(request, pk), visible_run(request, other)
    rows = comparing.moves(before, after, comparing.Wanted.read(request.GET))
    try:
        file = moves_workbook(before, after, rows)
    except TooLong as refusal:
        messages.error(request, str(refusal))
        return redirect("segmentation:compare", after.pk, before.pk)
    return as_attachment(file, f"{_name(after, before)}.xlsx")


def _name(after, before) -> str:
    return f"moved-run-{before.pk}-to-run-{after.pk}"

"""Segmentations: the runs, one run with its nine cells, the clients behind each cell."""

from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.access import only_if
from accounts.templatetags.kam_format import share as in_per_cent
from segmentation import exporting, segmenting, tasks
from segmentation.forms import RunForm
from segmentation.models import MonthlySales, SegmentationRun
from segmentation.models.runs import CELLS, add_months
from segmentation.recommending import RECOMMENDED

PAGE = 25
CLIENTS_PAGE = 50


@only_if("run_segmentation")
@require_http_methods(["GET", "POST"])
def runs(request):
    """All runs, newest first, and the form for the next."""
    visible = SegmentationRun.objects.visible_to(request.user)
    in_force = visible.in_force()
    form = RunForm(initial=_usual(in_force))
    if request.method == "POST":
        form = RunForm(request.POST)
        if form.is_valid():
            try:
                row = segmenting.request(
                    **form.wish(), by=request.user, ring=tasks.run_segmentation.delay
                )
            except segmenting.RunRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("segmentation:run", row.pk)
    page = Paginator(
        visible.select_related("created_by").defer("log").newest_first(), PAGE
    ).get_page(request.GET.get("page"))
    return render(
        request,
        "segmentation/runs.html",
        {
            "page": page,
            "form": form,
            "in_force": in_force,
            "has_sales": MonthlySales.objects.exists(),
        },
        status=422 if form.errors else 200,
    )


def _usual(in_force: SegmentationRun | None) -> dict:
    """The last full months before today, by the method in force; where sales end earlier, the last that have some."""
    periods = in_force.periods if in_force else segmenting.DEFAULT_PERIODS
    this_month = timezone.localdate().replace(day=1)
    newest = MonthlySales.objects.order_by("-month").values_list("month", "currency").first()
    last = min(newest[0], add_months(this_month, -1)) if newest else add_months(this_month, -1)
    usual = {"start": f"{add_months(last, 1 - periods):%Y-%m}", "periods": periods}
    if newest:
        usual["currency"] = newest[1]
    if in_force:
        usual |= {
            "measure": in_force.measure,
            "abc_a": f"{in_force.abc_a.normalize():f}",
            "abc_b": f"{in_force.abc_b.normalize():f}",
            "xyz_method": in_force.xyz_method,
            "xyz_x": in_force.xyz_x,
            "xyz_y": in_force.xyz_y,
        }
    return usual


@only_if("run_segmentation")
@require_GET
@vary_on_headers("HX-Request")
def run(request, pk):
    row = _visible(request, pk)
    context = {"run": row, "rows": _matrix(row) if row.has_succeeded else []}
    return render(request, "segmentation/run.html" + ("#run" if request.htmx else ""), context)


@only_if("run_segmentation")
@require_POST
def in_force(request, pk):
    row = _visible(request, pk)
    try:
        segmenting.put_in_force(row, by=request.user)
    except segmenting.RunRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Run %(number)d is in force: dossiers and portfolio show its segments.")
            % {"number": row.pk},
        )
    return redirect("segmentation:run", row.pk)


@only_if("run_segmentation")
@require_GET
def export(request, pk):
    row = _visible(request, pk)
    name = f"segments-{row.start:%Y-%m}-{row.periods}m-run-{row.pk}.csv"
    return StreamingHttpResponse(
        exporting.segments_as_csv(row),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@only_if("run_segmentation")
@require_GET
@vary_on_headers("HX-Request")
def segments(request, pk):
    """The clients of a run in the order of their ranking, of one cell or of all."""
    row = _visible(request, pk)
    cell = request.GET.get("cell", "").upper()
    cell = cell if cell in CELLS else ""
    rows = row.segments.visible_to(request.user).select_related("client").defer("nets").ranked()
    if cell:
        rows = rows.in_cell(cell)
    paginator = Paginator(rows, CLIENTS_PAGE)
    # The run has counted already.
    paginator.count = row.counts.get(cell, 0) if cell else row.clients
    context = {
        "run": row,
        "cell": cell,
        "cells": CELLS,
        "recommended": RECOMMENDED.get(cell),
        "cell_total": Decimal(row.totals.get(cell, 0))
        if cell
        else sum(map(Decimal, row.totals.values())),
        "page": paginator.get_page(request.GET.get("page")),
        "query": f"cell={cell}" if cell else "",
    }
    return render(
        request, "segmentation/segments.html" + ("#segments" if request.htmx else ""), context
    )


def _visible(request, pk) -> SegmentationRun:
    visible = SegmentationRun.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("created_by", "put_in_force_by", "compared_with"), pk=pk
    )


def _matrix(row: SegmentationRun) -> list[dict]:
    """The nine cells as components/matrix.html takes them."""
    means = row.limits_in_words
    address = reverse("segmentation:segments", args=[row.pk])
    rows = []
    for abc in "ABC":
        cells = []
        for xyz in "XYZ":
            code = abc + xyz
            total = Decimal(row.totals.get(code, 0))
            part = total / row.positive_total if row.positive_total else Decimal(0)
            count = row.counts.get(code, 0)
            cells.append(
                {
                    "code": code,
                    "count": count,
                    "share": max(part, Decimal(0)),
                    "share_text": in_per_cent(part) if count else "",
                    "do": RECOMMENDED[code].do,
                    "text": RECOMMENDED[code].text,
                    "total": total,
                    "url": f"{address}?cell={code}" if count else "",
                }
            )
        rows.append({"abc": abc, "note": means[abc], "cells": cells})
    return rows

"""What a segmentation says: the cells by both methods, the clients behind each, and what the head does with them."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.access import may, only_if
from segmentation import matrix, recommending, workbooks
from segmentation import periods as of
from segmentation.models import SegmentationRun
from segmentation.models.runs import CELLS

CLIENTS_PAGE = 50


def visible_run(request, pk) -> SegmentationRun:
    visible = SegmentationRun.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("created_by", "put_in_force_by", "compared_with", "policy"), pk=pk
    )


def shown(run: SegmentationRun, user) -> dict:
    """What the page of a finished run shows of it."""
    counted = matrix.count(run)
    actions = recommending.actions()
    other = matrix.other_method(run)
    rows = matrix.rows(run, counted.own, method=run.xyz_method, actions=actions)
    return {
        "rows": rows,
        "means": matrix.meanings(run, run.xyz_method),
        "has_short": matrix.has_short(run, counted.own),
        "other_rows": matrix.rows(
            run, counted.by[other], method=other, actions=actions, with_words=False
        )
        if other in counted.by
        else [],
        "other_means": matrix.meanings(run, other),
        "other_method": other,
        "agreement": counted.agreement,
        "may_set_policy": may(user, "set_policy"),
        "others": _others(run, user),
        "length": of.length(run.unit, run.periods),
        "has_workbook": workbooks.fits(run),
        "has_formulas": workbooks.has_formulas(run),
    }


def _others(run: SegmentationRun, user) -> list[SegmentationRun]:
    """Runs to compare with, the newest first; what it was compared with is chosen beforehand."""
    return list(
        SegmentationRun.objects.visible_to(user)
        .succeeded()
        .exclude(pk=run.pk)
        .defer("log", "counts", "totals")
        .newest_first()[:100]
    )


@only_if("run_segmentation")
@require_GET
@vary_on_headers("HX-Request")
def segments(request, pk):
    """The clients of a run in the order of their ranking, of one cell or of all."""
    run = visible_run(request, pk)
    counted = matrix.count(run)
    cell, method = asked_cell(request, run)
    cells = counted.own if method == run.xyz_method else counted.by.get(method, {})
    rows = (
        in_cell(run.segments.visible_to(request.user), run, cell, method)
        .select_related("client")
        .defer("nets")
        .ranked()
    )
    paginator = Paginator(rows, CLIENTS_PAGE)
    tallies = [cells[cell]] if cell in cells else [] if cell else list(cells.values())
    paginator.count = sum(tally.count for tally in tallies)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "run": run,
        "cell": cell,
        "method": method,
        "means": matrix.meanings(run, method),
        "is_other": method != run.xyz_method,
        "cells": matrix.ALL_CELLS if matrix.has_short(run, cells) else CELLS,
        "recommended": recommending.actions().get(cell),
        "cell_total": sum((tally.total for tally in tallies), Decimal(0)),
        "page": paginator.get_page(request.GET.get("page")),
        "query": query.urlencode(),
        "list_query": urlencode(
            {"cell": cell, **({"by": method} if method != run.xyz_method else {})}
        ),
    }
    return render(
        request, "segmentation/segments.html" + ("#segments" if request.htmx else ""), context
    )


def asked_cell(request, run: SegmentationRun) -> tuple[str, str]:
    """The cell and the method that the address names; what is not known is left out."""
    cell = request.GET.get("cell", "").upper()
    method = request.GET.get("by", "")
    return (
        cell if cell in matrix.ALL_CELLS else "",
        method if method in matrix.COLUMN else run.xyz_method,
    )


def in_cell(rows, run: SegmentationRun, cell: str, method: str):
    if not cell:
        return rows
    if method == run.xyz_method or cell[1] == "N":
        return rows.in_cell(cell)
    return rows.filter(abc=cell[0], **{matrix.COLUMN[method]: cell[1]}).exclude(xyz="N")


@only_if("run_segmentation")
@require_GET
def workbook(request, pk):
    """The run as a workbook with its formulas."""
    run = visible_run(request, pk)
    if not run.has_succeeded:
        raise Http404
    try:
        file = workbooks.run_workbook(run)
    except workbooks.TooLong as refusal:
        messages.error(request, str(refusal))
        return redirect("segmentation:run", run.pk)
    return workbooks.as_attachment(file, f"segmentation-run-{run.pk}.xlsx")


@only_if("run_segmentation")
@require_GET
def segments_xlsx(request, pk):
    """The clients of a cell, or of all, as a workbook."""
    run = visible_run(request, pk)
    cell, method = asked_cell(request, run)
    rows = in_cell(run.segments.visible_to(request.user), run, cell, method)
    rows = rows.select_related("client").defer("nets").ranked().iterator(chunk_size=2000)
    try:
        file = workbooks.segments_workbook(run, rows, about=cell or _("All clients"))
    except workbooks.TooLong as refusal:
        messages.error(request, str(refusal))
        return redirect("segmentation:run", run.pk)
    return workbooks.as_attachment(file, f"run-{run.pk}-{cell or 'all'}.xlsx")


# ── The recommended action of a cell ─────────────────────────────────────────────────────────


class ActionForm(forms.Form):
    do = forms.CharField(label=gettext_lazy("In two words"), max_length=60)
    text = forms.CharField(
        label=gettext_lazy("What to do"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


@only_if("see_all_figures")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def action(request, cell):
    """What is done with the clients of a cell, how it was put before, and the head's form to put it otherwise."""
    cell = cell.upper()
    if cell not in CELLS:
        raise Http404
    may_change = may(request.user, "set_policy")
    context: dict = {"cell": cell, "may_change": may_change}
    status = 200
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied(_("Only a sales head changes the recommended actions."))
        told, status = _change(request, cell)
        if status == 200 and not request.htmx:
            messages.success(request, _("The action of %(cell)s is changed.") % {"cell": cell})
            return redirect("segmentation:action", cell)
        context |= told
    stands = recommending.actions()[cell]
    if request.method == "GET" and may_change and "edit" in request.GET:
        context["form"] = _opened_at(stands)
    context |= {"stands": stands, "delivered": recommending.RECOMMENDED[cell]}
    if request.htmx:
        return render(request, "segmentation/action.html#action", context, status=status)
    context["past"] = recommending.history(cell)
    context["in_force"] = SegmentationRun.objects.visible_to(request.user).in_force()
    return render(request, "segmentation/action.html", context, status=status)


def _change(request, cell: str) -> tuple[dict, int]:
    """What the page says of it: the form with what is wrong or in conflict, or nothing where it is done."""
    form = ActionForm(request.POST)
    putting_back = request.POST.get("act") == "put_back"
    version = request.POST.get("version", "")
    if not (version.isdecimal() and len(version) < 9) or (not putting_back and not form.is_valid()):
        return {"form": form}, 422
    try:
        if putting_back:
            recommending.put_back(cell, version=int(version), by=request.user)
        else:
            recommending.set_action(cell, by=request.user, **form.cleaned_data)
    except recommending.ActionChanged as conflict:
        # What was typed stays; saved again, it meets what stands now.
        again = (
            _opened_at(conflict.now)
            if putting_back
            else ActionForm({**request.POST.dict(), "version": conflict.now.version})
        )
        return {"form": again, "conflict": str(conflict)}, 409
    except recommending.ActionRefused as refusal:
        form.add_error(None, str(refusal))
        return {"form": form}, 422
    return {}, 200


def _opened_at(stands: recommending.Recommendation) -> ActionForm:
    return ActionForm(initial={"do": stands.do, "text": stands.text, "version": stands.version})

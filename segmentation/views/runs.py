"""Segmentations: the runs and the form for the next, one run, putting it in force, its clients as a file."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.access import only_if
from segmentation import exporting, segmenting, tasks
from segmentation.forms import RunForm
from segmentation.models import MonthlySales, SegmentationRun
from segmentation.models.runs import add_months
from segmentation.views.matrix import shown, visible_run

PAGE = 25


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
    row = visible_run(request, pk)
    context = {"run": row, **(shown(row, request.user) if row.has_succeeded else {})}
    return render(request, "segmentation/run.html" + ("#run" if request.htmx else ""), context)


@only_if("run_segmentation")
@require_POST
def in_force(request, pk):
    row = visible_run(request, pk)
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
    row = visible_run(request, pk)
    name = f"segments-{row.start:%Y-%m}-{row.periods}m-run-{row.pk}.csv"
    return StreamingHttpResponse(
        exporting.segments_as_csv(row),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

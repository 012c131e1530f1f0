"""Segmentations: the runs and the form for the next, one run, putting it in force, its clients as a file."""

import datetime
from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.access import may, only_if
from segmentation import exporting, jobs, policies, segmenting, tasks
from segmentation import periods as of
from segmentation.models import MonthlySales, Policy, SegmentationRun, XyzMethod
from segmentation.models.runs import add_months
from segmentation.run_forms import RunForm
from segmentation.views.matrix import shown, visible_run

PAGE = 25


@only_if("run_segmentation")
@require_http_methods(["GET", "POST"])
def runs(request):
    """All runs, newest first, and the form for the next."""
    visible = SegmentationRun.objects.visible_to(request.user)
    in_force = visible.in_force()
    policy = policies.current()
    form = RunForm(initial=_usual(in_force, policy))
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
            "ready": segmenting.ready_instead(in_force),
            "policy": policy,
            "may_set_policy": may(request.user, "set_policy"),
            "has_sales": MonthlySales.objects.exists(),
        },
        status=422 if form.errors else 200,
    )


def _usual(in_force: SegmentationRun | None, policy: Policy) -> dict:
    """The last full periods before today, by the policy (before the first, by the run in force); where sales end
    earlier, the last periods that have some."""
    model = policy if policy.pk or in_force is None else in_force
    unit, periods = model.unit, model.periods
    today = timezone.localdate()
    newest = MonthlySales.objects.order_by("-month").values_list("month", "currency").first()
    last = of.add(unit, today, -1)
    if newest:
        last = min(last, of.first_day(unit, add_months(newest[0], 1) - datetime.timedelta(days=1)))
    x, y = (
        (in_force.xyz_x, in_force.xyz_y)
        if model is in_force
        else (getattr(model, name) for name in policies.LIMITS[XyzMethod(model.xyz_method)])
    )
    same = ("unit", "periods", "measure", "abc_by", "xyz_method", "min_history")
    usual = {
        **{name: getattr(model, name) for name in same},
        "start": of.code(unit, of.add(unit, last, 1 - periods)),
        "abc_a": f"{Decimal(model.abc_a).normalize():f}",
        "abc_b": f"{Decimal(model.abc_b).normalize():f}",
        "xyz_x": x,
        "xyz_y": y,
    }
    if newest:
        usual["currency"] = newest[1]
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
@require_POST
def cancel(request, pk):
    row = visible_run(request, pk)
    try:
        jobs.cancel(row, by=request.user)
    except jobs.JobRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Run %(number)d is being cancelled.") % {"number": row.pk})
    return redirect("segmentation:run", row.pk)


@only_if("run_segmentation")
@require_GET
def export(request, pk):
    row = visible_run(request, pk)
    name = f"segments-{of.code(row.unit, row.start)}-{row.periods}-run-{row.pk}.csv"
    return StreamingHttpResponse(
        exporting.segments_as_csv(row),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

"""Why a client has its segment: for head and analyst of any run, for a KAM of his own clients in the run in force."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import may, only_if
from accounts.models import Client
from segmentation import explaining, matrix, recommending, segment_drawings
from segmentation import periods as of
from segmentation.models import XyzMethod
from segmentation.views.matrix import visible_run


@only_if("see_figures")
@require_GET
def explain(request, pk, client_id):
    run = visible_run(request, pk)
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    segment = run.segments.visible_to(request.user).filter(client=client).first()
    context = {
        "run": run,
        "client": client,
        "segment": segment,
        "sees_all": may(request.user, "see_all_figures"),
        "may_run": may(request.user, "run_segmentation"),
    }
    if segment is not None:
        segment.run, segment.client = run, client
        why = explaining.explain(segment, user=request.user)
        context |= {
            "why": why,
            "letters": why.letters_by,
            "other": matrix.other_method(run),
            "cv_own": run.xyz_method == XyzMethod.CV,
            "steps": [
                {"name": of.name(run.unit, period.start), "period": period}
                for period in why.variation.periods
            ],
            "chart": segment_drawings.nets_chart(segment),
            "drawing": segment_drawings.share_drawing(segment),
            "action": recommending.actions().get(segment.letters),
            "means": matrix.meanings(run, run.xyz_method),
            "moves": _moves(why),
        }
    return render(request, "segmentation/explain.html", context)


def _moves(why: explaining.Explanation) -> dict:
    """By how many periods more or fewer the letter of frequency would change."""
    steady = why.frequency
    more = [
        (letter, reach - steady.active)
        for letter, reach in (("Y", steady.y_from), ("X", steady.x_from))
        if reach > steady.active
    ]
    held = next(
        (reach for reach in (steady.x_from, steady.y_from) if 0 < reach <= steady.active), None
    )
    return {"more": more, "spare": None if held is None else steady.active - held}

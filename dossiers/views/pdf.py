"""The dossier as PDF."""

from http import HTTPStatus
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dossiers import heading, pdf, tasks
from dossiers.models import Dossier

LOOK_AGAIN_AFTER = 2  # seconds


@require_safe
def full(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """The full internal dossier, for whoever may read it: the file, or a page that waits for it."""
    readable = heading.for_heading(
        Dossier.objects.visible_to(request.user), today=timezone.localdate()
    )
    dossier = get_object_or_404(readable, pk=dossier_id)
    try:
        printout = pdf.ask(
            dossier, by=request.user, today=timezone.localdate(), ring=tasks.print_pdf.delay
        )
    except pdf.CannotPrint as refusal:
        context = {"dossier": dossier, "refusal": refusal}
        return render(
            request, "dossiers/cannot_print.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE
        )
    return printed(request, printout, "dossiers/printing.html", {"dossier": dossier})


def printed(
    request: HttpRequest, printout: pdf.Printout, waiting: str, context: dict
) -> HttpResponse | FileResponse:
    """The file, or the page that waits for it: `waiting`, drawn with the context."""
    if not printout.is_ready:
        response = render(request, waiting, context, status=HTTPStatus.ACCEPTED)
        # The browser asks again by itself, with or without scripts; what comes then is the file.
        response["Refresh"] = str(LOOK_AGAIN_AFTER)
    else:
        response = FileResponse(printout.path.open("rb"), content_type="application/pdf")
        response["Content-Disposition"] = _attachment(printout.name)
    response["Cache-Control"] = "private, no-store"
    return response


def _attachment(name: str) -> str:
    """Download under the name, with another in plain letters for programs that know no more."""
    return (
        f"attachment; filename=\"{pdf.ascii_name(name)}\"; filename*=UTF-8''{quote(name, safe='')}"
    )

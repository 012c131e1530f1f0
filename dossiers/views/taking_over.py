"""Who covers whom, taken over into the grid of our people and theirs with one click."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from dossiers import editing, ties
from dossiers.pieces import BY_KEY
from dossiers.views import section as pages


@require_POST
def ties_from_coverage(request: HttpRequest, dossier_id: int) -> HttpResponse:
    dossier = pages.bare_dossier(request, dossier_id)
    try:
        number = ties.take_over_coverage(dossier, by=request.user, today=timezone.localdate())
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except ties.NothingToTakeOver as refusal:
        said = str(refusal)
    else:
        said = ngettext(
            "%(number)d tie written down as an assumption: correct what is stronger.",
            "%(number)d ties written down as assumptions: correct what is stronger.",
            number,
        ) % {"number": number}
    part = pages.load_part(request, BY_KEY["ties"], dossier)
    if not request.htmx:
        messages.success(request, said)
        return redirect(part.anchor)
    response = pages.render_part(request, part, beside=pages.beside(dossier))
    trigger_client_event(response, "notice", {"text": said})
    trigger_client_event(response, "changed-ties", {})
    return response

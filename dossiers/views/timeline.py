"""What the timeline knows to do besides what every list does: say that a complaint is resolved, ask what fits a kind."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from dossiers import editing, fitting
from dossiers.forms import form_for
from dossiers.models import Dossier, TimelineKind
from dossiers.pieces import BY_KEY
from dossiers.views import section as pages

TIMELINE = BY_KEY["timeline"]


@require_POST
def resolve(request: HttpRequest, dossier_id: int, pk: int) -> HttpResponse:
    """A complaint is resolved today: an ordinary change, of what the button's version showed."""
    dossier = _open_dossier(request, dossier_id)
    today = timezone.localdate()
    if not TIMELINE.records(dossier).filter(pk=pk, kind=TimelineKind.COMPLAINT).exists():
        return _answer(
            request,
            dossier,
            _("This complaint is no longer here. The list below is as it stands now."),
            HTTPStatus.CONFLICT if request.htmx else HTTPStatus.NOT_FOUND,
        )
    data = {"version": request.POST.get("version", ""), "resolved_on": today.isoformat()}
    try:
        editing.change(
            TIMELINE, dossier=dossier, pk=pk, data=data, by=request.user, today=today, partial=True
        )
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except editing.EditConflict as conflict:
        return _answer(request, dossier, _was_changed(conflict), HTTPStatus.CONFLICT)
    except editing.VersionMissing:
        problem = _(
            "The page did not say which version you were looking at, so nothing was changed. It stands below: try again."
        )
        return _answer(request, dossier, problem, HTTPStatus.BAD_REQUEST)
    except editing.Invalid as refusal:
        sentences = [sentence for errors in refusal.form.errors.values() for sentence in errors]
        return _answer(request, dossier, " ".join(sentences), HTTPStatus.UNPROCESSABLE_ENTITY)
    except editing.EditRefused as refusal:
        return _answer(request, dossier, str(refusal), HTTPStatus.CONFLICT)
    return _answer(request, dossier)


def _was_changed(conflict: editing.EditConflict) -> str:
    [theirs, *_others] = conflict.conflicts
    return _("%(who)s has written when it was resolved meanwhile: %(day)s. It stays so.") % {
        "who": theirs.by,
        "day": theirs.theirs,
    }


def _answer(
    request: HttpRequest, dossier: Dossier, problem: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    """The timeline as it stands now, with a sentence on what was not done."""
    if not request.htmx:
        if problem:
            messages.warning(request, problem)
        else:
            messages.success(request, _("Resolved as of today."))
        return redirect(pages.load_part(request, TIMELINE, dossier).anchor)
    part = pages.load_part(request, TIMELINE, dossier)
    part.problem = problem
    beside = None if problem else pages.beside(dossier)
    response = pages.render_part(request, part, status=status, beside=beside)
    if not problem:
        trigger_client_event(response, "notice", {"text": _("Resolved as of today.")})
        trigger_client_event(response, "changed-timeline", {})
    return response


@require_safe
def fields(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """The fields that fit the kind chosen in a form that is being written, with what was typed in them.

    For HTMX; without it, the form itself has all of them.
    """
    dossier = _open_dossier(request, dossier_id)
    if not request.htmx:
        return redirect("dossiers:add", dossier_id, TIMELINE.section, TIMELINE.key)
    typed = {name: value for name, value in request.GET.items() if name in TIMELINE.fields}
    entry = request.GET.get("entry", "")
    record = None
    if entry.isascii() and entry.isdigit() and len(entry) < 19:
        record = TIMELINE.records(dossier).filter(pk=entry).first()
    kind = request.GET.get("kind", "")
    own = str(request.user.pk)
    if record is None and fitting.suggests_owner(kind):
        typed["owner"] = typed.get("owner") or own
    elif record is None and typed.get("owner") == own and not fitting.fits(kind, "owner"):
        del typed["owner"]  # it was suggested, not typed
    form = form_for(TIMELINE.key)(instance=record, initial=typed, dossier=dossier)
    response = render(request, "dossiers/forms/_timeline_fitting.html", {"form": form})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _open_dossier(request: HttpRequest, dossier_id: int) -> Dossier:
    """A dossier that the person may read and that is still being kept."""
    dossier = pages.bare_dossier(request, dossier_id)
    if not dossier.is_open:
        raise PermissionDenied(
            _("This dossier is closed: it can be read, but nothing is added to it any more.")
        )
    return dossier

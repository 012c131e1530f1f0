"""Noting an interaction from anywhere: choose the dossier, write two lines, find them on its timeline."""

import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import only_if
from accounts.answering import go_on_to, page_or_part
from accounts.sorting import sort_key
from dossiers import editing
from dossiers.forms import PROVENANCE, RecordForm, form_for
from dossiers.models import Dossier, TimelineEntry
from dossiers.parts import LATEST
from dossiers.pieces import BY_KEY

# A head keeps hundreds of dossiers in view: a few stand there, the others are found by their name.
OFFERED = 12
TIMELINE = BY_KEY["timeline"]


@only_if("open_dossiers")
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The dossiers that the person keeps; where it is one alone, its form at once."""
    query = request.GET.get("q", "").strip()
    client = request.GET.get("client", "")
    kept = Dossier.objects.editable_by(request.user).select_related("client")
    if client.isdecimal() and len(client) < 19:  # from a list of clients, which knows no dossiers
        kept = kept.filter(client=client)
    if query:
        kept = kept.filter(client__name_sort__contains=sort_key(query))
    found = list(kept.order_by("client__name_sort", "pk")[: OFFERED + 1])
    if len(found) == 1 and not query:
        return go_on_to(request, "dossiers:note", found[0].pk)
    context = {
        "found": found[:OFFERED],
        "has_more": len(found) > OFFERED,
        "is_searchable": bool(query) or len(found) > OFFERED,
        "q": query,
    }
    return page_or_part(request, "dossiers/note_where.html", "where", context)


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """A new entry of the timeline, on a page that has nothing else."""
    readable = Dossier.objects.visible_to(request.user).select_related("client")
    dossier = get_object_or_404(readable, pk=dossier_id)
    if not dossier.is_open:
        raise PermissionDenied(
            _("This dossier is closed: it can be read, but nothing is added to it any more.")
        )
    if request.method != "POST":
        form = form_for("timeline")(initial=_suggested(request, dossier), dossier=dossier)
        return _form(request, dossier, form)
    try:
        entry = editing.add(
            TIMELINE,
            dossier=dossier,
            data=request.POST,
            by=request.user,
            today=timezone.localdate(),
            once=request.POST.get("once", ""),
        )
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except editing.EditRefused as refusal:
        form = refusal.form or form_for("timeline")(request.POST, dossier=dossier)
        problem = "" if isinstance(refusal, editing.Invalid) else str(refusal)
        return _form(request, dossier, form, problem=problem)
    messages.success(request, _("Noted."))
    return go_on_to(request, _place(entry))


def _form(
    request: HttpRequest, dossier: Dossier, form: RecordForm, *, problem: str = ""
) -> HttpResponse:
    wrong = [name for name in form.fields if name in form.errors] if form.is_bound else []
    form.fields[(wrong or ["title"])[0]].widget.attrs["autofocus"] = True
    context = {
        "dossier": dossier,
        "form": form,
        "problem": problem,
        "is_unfolded": not set(wrong).isdisjoint(PROVENANCE),
        # Where the entry was added before and deleted since, the next sending is another one.
        "once": (not problem and request.POST.get("once")) or str(uuid.uuid4()),
        # The same form as on the timeline: what was begun there goes on here, and the other way round.
        "draft": reverse("dossiers:add", args=[dossier.pk, TIMELINE.section, TIMELINE.key]),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return page_or_part(request, "dossiers/note.html", "note", context, status=status)


def _suggested(request: HttpRequest, dossier: Dossier) -> dict[str, Any]:
    """Today, in the currency of the last entry."""
    currencies = TIMELINE.records(dossier).order_by("-pk").values_list("currency", flat=True)
    return {
        "happened_on": timezone.localdate(),
        "currency": currencies.first() or settings.KAM_CURRENCY,
    }


def _place(entry: TimelineEntry) -> str:
    """Where the entry stands on the page: so much is shown that it is there, tenders and contracts between."""
    later = Q(happened_on__gt=entry.happened_on) | Q(happened_on=entry.happened_on, pk__gt=entry.pk)
    number = TIMELINE.records(entry.dossier).filter(later).count() + 1
    address = reverse("dossiers:section", args=[entry.dossier_id, TIMELINE.section])
    is_among_the_latest = number <= LATEST and entry.happened_on >= timezone.localdate()
    shown = "" if is_among_the_latest else f"?shown={number + 4 * LATEST}"
    return f"{address}{shown}#timeline-{entry.pk}"

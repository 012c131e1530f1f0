"""Who changed what: the history of one entry, and of a whole piece with what was deleted from it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dossiers import heading, history
from dossiers.views.section import piece_or_404, whole_dossier


@require_safe
def entry(request: HttpRequest, dossier_id: int, section: str, piece: str, pk: int) -> HttpResponse:
    wanted = piece_or_404(section, piece)
    dossier = whole_dossier(request, dossier_id)
    happenings = history.of_entry(wanted, dossier, pk)
    if not happenings:
        raise Http404
    return _page(request, wanted, dossier, happenings, name=happenings[0].entry)


@require_safe
def whole(request: HttpRequest, dossier_id: int, section: str, piece: str) -> HttpResponse:
    wanted = piece_or_404(section, piece)
    dossier = whole_dossier(request, dossier_id)
    asked = request.GET.get("page", "")
    page = max(int(asked), 1) if asked.isdecimal() and len(asked) < 6 else 1
    happenings, more = history.of_piece(wanted, dossier, page=page)
    return _page(
        request, wanted, dossier, happenings, more=page + 1 if more else None, is_whole=True
    )


def _page(
    request, piece, dossier, happenings, *, name="", more=None, is_whole=False
) -> HttpResponse:
    today = timezone.localdate()
    head = heading.of(
        dossier, user=request.user, today=today, current=piece.section, is_editable=dossier.is_open
    )
    head.is_section = False
    context = {
        "head": head,
        "dossier": dossier,
        "section": piece.section,
        "piece": piece,
        "name": name,
        "happenings": happenings,
        "more": more,
        "is_whole": is_whole,
    }
    return render(request, "dossiers/history.html", context)

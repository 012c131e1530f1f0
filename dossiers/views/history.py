"""Who changed what: the history of one entry, and of a whole piece; from there, the way back."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dossiers import editing, heading, history, putting_back
from dossiers.models import Dossier
from dossiers.pieces import Piece
from dossiers.views import editing as writing
from dossiers.views import section as pages
from dossiers.views.section import piece_or_404, whole_dossier


@require_safe
def entry(request: HttpRequest, dossier_id: int, section: str, piece: str, pk: int) -> HttpResponse:
    wanted = piece_or_404(section, piece)
    return _of_entry(request, wanted, whole_dossier(request, dossier_id), pk)


@require_safe
def whole(request: HttpRequest, dossier_id: int, section: str, piece: str) -> HttpResponse:
    wanted = piece_or_404(section, piece)
    return _of_piece(request, wanted, whole_dossier(request, dossier_id), request.GET.get("page"))


@require_POST
def put_back(
    request: HttpRequest, dossier_id: int, section: str, piece: str, pk: int
) -> HttpResponse:
    """One field (`field`) or the whole entry says again what it said at the version `of`."""
    wanted = piece_or_404(section, piece)
    dossier = whole_dossier(request, dossier_id)
    data = request.POST
    try:
        record = putting_back.put_back(
            wanted,
            dossier=dossier,
            pk=pk,
            names=data.getlist("field"),
            of=data.get("of"),
            seen=data.get("version"),
            by=request.user,
            today=timezone.localdate(),
            given_up="given_up" in data,
        )
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except editing.Gone:
        problem = _(
            "This entry is deleted. Bring it back first; then earlier values can be put back."
        )
        return _refused(request, wanted, dossier, pk, problem, HTTPStatus.CONFLICT)
    except editing.VersionMissing as refusal:
        return _refused(request, wanted, dossier, pk, str(refusal), HTTPStatus.BAD_REQUEST)
    except editing.EditRefused as refusal:
        return _refused(request, wanted, dossier, pk, str(refusal), HTTPStatus.CONFLICT)
    messages.success(request, _("Put back. The history keeps what stood there before."))
    if _asked_from_whole(request):
        return redirect("dossiers:piece_history", dossier_id, section, piece)
    return redirect("dossiers:history", dossier_id, section, piece, record.pk)


@require_POST
def bring_back(
    request: HttpRequest, dossier_id: int, section: str, piece: str, pk: int
) -> HttpResponse:
    """A deleted entry stands again, with what was deleted along with it."""
    wanted = piece_or_404(section, piece)
    dossier = whole_dossier(request, dossier_id)
    try:
        back = putting_back.bring_back(wanted, dossier=dossier, pk=pk, by=request.user)
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except editing.Gone as refusal:
        raise Http404 from refusal
    except editing.EditRefused as refusal:
        if request.htmx:
            return _part_with_problem(request, wanted, dossier, str(refusal))
        return _refused(request, wanted, dossier, pk, str(refusal), HTTPStatus.CONFLICT)
    return writing.done(request, wanted, dossier, said=_what_came_back(back))


def _what_came_back(back: putting_back.BroughtBack) -> str:
    said = [_("“%(entry)s” is back.") % {"entry": back.record}]
    if back.along:
        along = ngettext(
            "With it came %(number)d entry that belonged to it.",
            "With it came %(number)d entries that belonged to it.",
            back.along,
        )
        said.append(along % {"number": back.along})
    if back.left:
        left = ngettext(
            "%(number)d entry that belonged to it stays deleted, because something else it needs is deleted.",
            "%(number)d entries that belonged to it stay deleted, because something else they need is deleted.",
            back.left,
        )
        said.append(left % {"number": back.left})
    return " ".join(said)


# ── What the person sees ─────────────────────────────────────────────────────────────────────


def _asked_from_whole(request: HttpRequest) -> bool:
    return "whole" in request.POST


def _part_with_problem(
    request: HttpRequest, piece: Piece, dossier: Dossier, problem: str
) -> HttpResponse:
    part = pages.load_part(request, piece, dossier)
    part.problem = problem
    return pages.render_part(request, part, status=HTTPStatus.CONFLICT)


def _refused(
    request: HttpRequest, piece: Piece, dossier: Dossier, pk: int, problem: str, status: int
) -> HttpResponse:
    if _asked_from_whole(request):
        return _of_piece(request, piece, dossier, None, problem=problem, status=status)
    return _of_entry(request, piece, dossier, pk, problem=problem, status=status)


def _of_entry(
    request: HttpRequest, piece: Piece, dossier: Dossier, pk: int, **said: Any
) -> HttpResponse:
    happenings = history.of_entry(piece, dossier, pk)
    if not happenings:
        raise Http404
    return _page(
        request,
        piece,
        dossier,
        happenings,
        name=happenings[0].entry,
        pk=pk,
        is_deleted=not piece.is_sheet and happenings[0].now is None,
        **said,
    )


def _of_piece(
    request: HttpRequest, piece: Piece, dossier: Dossier, asked: str | None, **said: Any
) -> HttpResponse:
    asked = asked or ""
    page = max(int(asked), 1) if asked.isdecimal() and len(asked) < 6 else 1
    told = history.of_piece(piece, dossier, page=page)
    return _page(
        request,
        piece,
        dossier,
        told.happenings,
        more=page + 1 if told.has_more else None,
        is_whole=True,
        deleted=told.deleted,
        has_more_deleted=told.has_more_deleted,
        **said,
    )


def _page(
    request: HttpRequest,
    piece: Piece,
    dossier: Dossier,
    happenings: list[history.Happening],
    *,
    status: int = HTTPStatus.OK,
    **more: Any,
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
        "happenings": happenings,
        "can_put_back": dossier.is_open,
        **more,
    }
    return render(request, "dossiers/history.html", context, status=status)

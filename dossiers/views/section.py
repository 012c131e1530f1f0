"""A section of a dossier: its pieces as cards, read or with one of them being written."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from dossiers import decision_map, figures, gaps, heading, loyalty_matrix, parts
from dossiers.models import Dossier
from dossiers.parts import LATEST, Part
from dossiers.pieces import BY_KEY, Piece, of_section
from dossiers.sections import Section


def whole_dossier(request: HttpRequest, dossier_id: int) -> Dossier:
    """The dossier with all that a page of it shows, if the person may read it."""
    readable = heading.for_heading(Dossier.objects.visible_to(request.user))
    return get_object_or_404(readable, pk=dossier_id)


def bare_dossier(request: HttpRequest, dossier_id: int) -> Dossier:
    """The dossier alone, for a part of a page."""
    return get_object_or_404(Dossier.objects.visible_to(request.user), pk=dossier_id)


def piece_or_404(section: str, key: str) -> Piece:
    piece = BY_KEY.get(key)
    if piece is None or piece.section != section:
        raise Http404
    return piece


def shown_entries(request: HttpRequest) -> int:
    """How many entries of a long list the person asked to see."""
    try:
        return min(max(int(request.GET.get("shown", "")), LATEST), 2000)
    except ValueError:
        return LATEST


@require_safe
def section(request: HttpRequest, dossier_id: int, section: str) -> HttpResponse:
    if request.htmx and section == Section.DECISION:
        return _drawing(request, bare_dossier(request, dossier_id))
    return page(request, whole_dossier(request, dossier_id), section)


@require_safe
def piece(request: HttpRequest, dossier_id: int, section: str, piece: str) -> HttpResponse:
    """A piece in read mode: the part for HTMX, else the section page at its place."""
    wanted = piece_or_404(section, piece)
    dossier = bare_dossier(request, dossier_id)
    found = load_part(request, wanted, dossier)
    if not request.htmx:
        return redirect(found.anchor)
    return render_part(request, found)


def load_part(request: HttpRequest, piece: Piece, dossier: Dossier) -> Part:
    return parts.load(
        piece,
        dossier,
        today=timezone.localdate(),
        is_editable=dossier.is_open,
        limit=shown_entries(request),
    )


def render_part(
    request: HttpRequest,
    part: Part,
    *,
    status: int = HTTPStatus.OK,
    beside: dict[str, Any] | None = None,
) -> HttpResponse:
    """The part alone, with whatever else on the page changed with it."""
    context = {"part": part, "dossier": part.dossier, **(beside or {})}
    response = render(request, "dossiers/_part.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def page(
    request: HttpRequest,
    dossier: Dossier,
    section: str,
    *,
    written: Part | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The page of a section; `written` takes the place of one part that is being edited."""
    today = timezone.localdate()
    is_editable = dossier.is_open
    head = heading.of(
        dossier, user=request.user, today=today, current=section, is_editable=is_editable
    )
    found = _parts(request, dossier, section, written)
    if written is not None and written.shape == "header":
        head.part = written
    context: dict[str, Any] = {
        "head": head,
        "dossier": dossier,
        "section": Section(section),
        "rows": parts.laid_out(section, found),
        "is_editable": is_editable,
    }
    if section == Section.DECISION:
        context |= drawing(
            dossier, found["stakeholders"].records, found["influence"].records, today
        )
    if section == Section.FIGURES:
        context["figures"] = figures.of(dossier, head.segment, user=request.user)
    response = render(request, "dossiers/section.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _parts(
    request: HttpRequest, dossier: Dossier, section: str, written: Part | None
) -> dict[str, Part]:
    """The parts of the section; records that several of them show are fetched once."""
    found: dict[str, Part] = {}
    sheets: dict = {Dossier: [dossier]}
    # What is compared comes before the comparison, wherever it stands on the page.
    for piece in sorted(of_section(section), key=lambda piece: piece.shape == "comparison"):
        if piece.model is Dossier:
            continue
        if written is not None and written.piece is piece:
            found[piece.key] = written
            continue
        found[piece.key] = parts.load(
            piece,
            dossier,
            today=timezone.localdate(),
            is_editable=dossier.is_open,
            limit=shown_entries(request),
            sheets=sheets,
            beside={key: part.records for key, part in found.items()},
        )
    return found


def drawing(dossier: Dossier, stakeholders, lines, today) -> dict[str, Any]:
    """The decision map, the loyalty journey matrix and the gaps, from records fetched already."""
    return {
        "map": decision_map.draw(stakeholders, lines),
        "matrix": loyalty_matrix.draw(
            stakeholders, loyalty_matrix.trail(dossier) if stakeholders else {}
        ),
        "gaps": gaps.find(stakeholders, today=today) if stakeholders else [],
    }


def _drawing(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """The drawings alone, after a stakeholder or a line of influence changed."""
    stakeholders = list(BY_KEY["stakeholders"].records(dossier))
    lines = list(BY_KEY["influence"].records(dossier))
    context = {"dossier": dossier, "section": Section.DECISION}
    context |= drawing(dossier, stakeholders, lines, timezone.localdate())
    response = render(request, "dossiers/_decision_drawing.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response

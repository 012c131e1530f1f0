"""A section of a dossier: its pieces as cards, read or with one of them being written."""

import datetime
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, replace_url

from accounts.kept import KeptFor
from accounts.models import User
from dossiers import (
    assembling,
    figures,
    freshness,
    gathering,
    heading,
    laying_out,
    quality,
    scorecard,
    stale_list,
)
from dossiers.drawing import Drawing
from dossiers.gathering import attach
from dossiers.models import Dossier
from dossiers.parts import LATEST, Part
from dossiers.pieces import BY_KEY, Piece, of_section
from dossiers.sections import Section
from segmentation.models import SegmentationRun


@lru_cache(maxsize=2)
def _whole(today: datetime.date) -> KeptFor:
    return KeptFor(
        lambda user, key: heading.for_heading(
            Dossier.objects.visible_to(user).filter(pk=key), today=today
        )
    )


_BARE = KeptFor(
    lambda user, key: Dossier.objects.visible_to(user).filter(pk=key).select_related("client")
)


def whole_dossier(request: HttpRequest, dossier_id: int) -> Dossier:
    """The dossier with all that a page of it shows, if the person may read it."""
    return _one(_whole(timezone.localdate()).rows(request.user, dossier_id))


def bare_dossier(request: HttpRequest, dossier_id: int) -> Dossier:
    """The dossier alone, for a part of a page."""
    return _one(_BARE.rows(request.user, dossier_id))


def _one(found: list[Dossier]) -> Dossier:
    if not found:
        raise Http404
    return found[0]


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


def asked(request: HttpRequest) -> Mapping[str, str]:
    """What of a list the person asked to see. The address of a new entry says what it is to be, not that."""
    is_new = request.resolver_match and request.resolver_match.url_name == "add"
    return {} if is_new else request.GET


@require_safe
def section(request: HttpRequest, dossier_id: int, section: str) -> HttpResponse:
    if request.htmx and section == Section.DECISION:
        return _drawing(request, bare_dossier(request, dossier_id))
    if request.htmx and section == Section.FIGURES:
        return _scores(request, whole_dossier(request, dossier_id))
    return page(request, whole_dossier(request, dossier_id), section)


@require_safe
def piece(request: HttpRequest, dossier_id: int, section: str, piece: str) -> HttpResponse:
    """A piece in read mode: the part for HTMX, else the section page at its place."""
    wanted = piece_or_404(section, piece)
    dossier = bare_dossier(request, dossier_id)
    found = load_part(request, wanted, dossier)
    if not request.htmx:
        return redirect(found.anchor)
    response = render_part(request, found)
    leave_form_address(request, response, found)
    if (request.htmx.trigger or "").startswith("choose-"):
        # What was chosen stands in the address, as a page that can be loaded anew.
        push_url(response, found.anchor)
    return response


def leave_form_address(request: HttpRequest, response: HttpResponse, part: Part) -> None:
    """A form opened as a page of its own is done with: reloading the page must not open it anew."""
    if (request.htmx.current_url_abs_path or "").startswith(part.url):
        replace_url(response, part.anchor)


@require_safe
def stale(request: HttpRequest, dossier_id: int, section: str) -> HttpResponse:
    """What nobody has confirmed for 90 days in the section: the part for HTMX, else the section page."""
    dossier = bare_dossier(request, dossier_id)
    if not request.htmx:
        return redirect("dossiers:section", dossier_id, section)
    today = timezone.localdate()
    found = freshness.stale_of(gathering.gather(of_section(section), dossier), today=today)
    context = {
        "stale": stale_list.of(found, dossier, Section(section), today=today),
        "is_shown": True,
    }
    response = render(request, "dossiers/_stale.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def beside(dossier: Dossier) -> dict[str, Any]:
    """What changes in the head of the page with every piece that is saved."""
    found = quality.now(dossier, today=timezone.localdate())
    return {
        "quality": found,
        "formula": scorecard.quality_formula(found),
        "steps": scorecard.quality_steps(dossier, found, is_editable=dossier.is_open),
    }


def load_part(request: HttpRequest, piece: Piece, dossier: Dossier) -> Part:
    return assembling.load(
        piece,
        dossier,
        today=timezone.localdate(),
        is_editable=dossier.is_open,
        limit=shown_entries(request),
        asked=asked(request),
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
    found = _parts(request, dossier, section, written, head.people)
    if written is not None and written.shape == "header":
        head.part = written
    context: dict[str, Any] = {
        "head": head,
        "dossier": dossier,
        "section": Section(section),
        "rows": laying_out.laid_out(section, found),
        "is_editable": is_editable,
        "stale": _stale(dossier, section, found, head, today),
    }
    if section == Section.DECISION:
        context["drawing"] = Drawing(
            dossier, found["stakeholders"].records, found["influence"].records, today
        )
    if section == Section.FIGURES:
        known = figures.of(dossier, head.segment, user=request.user)
        if head.segment:
            attach([(SegmentationRun._meta.get_field("created_by"), [head.segment.run])])
        context["figures"] = figures.sheet(head, known)
        context["scores"] = figures.cards(head, known)
    response = render(request, "dossiers/section.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _parts(
    request: HttpRequest,
    dossier: Dossier,
    section: str,
    written: Part | None,
    people: Iterable[User | None],
) -> dict[str, Part]:
    """The parts of the section; that of the dossier's own line stands in the head."""
    found = assembling.load_all(
        (piece for piece in of_section(section) if piece.model is not Dossier),
        dossier,
        today=timezone.localdate(),
        is_editable=dossier.is_open,
        limit=shown_entries(request),
        asked=asked(request),
        people=people,
    )
    if written is not None and written.key in found:
        found[written.key] = written
    return found


def _drawing(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """The drawings alone, after a stakeholder or a line of influence changed."""
    found = gathering.gather([BY_KEY["stakeholders"], BY_KEY["influence"]], dossier)
    drawn = Drawing(dossier, found["stakeholders"], found["influence"], timezone.localdate())
    response = render(request, "dossiers/_drawing_part.html", {"drawing": drawn})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _stale(
    dossier: Dossier,
    section: str,
    found: dict[str, Part],
    head: heading.Heading,
    today: datetime.date,
) -> stale_list.StaleList:
    """From records fetched already; the dossier's own line belongs to the relationship."""
    records = {key: part.records for key, part in found.items()}
    if section == Section.RELATIONSHIP:
        records["header"] = head.part.records
    return stale_list.of(
        freshness.stale_of(records, today=today), dossier, Section(section), today=today
    )


def _scores(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """The three scores alone, after an answer to a survey came in."""
    head = heading.of(
        dossier,
        user=request.user,
        today=timezone.localdate(),
        current=Section.FIGURES,
        is_editable=dossier.is_open,
    )
    known = figures.of(dossier, head.segment, user=request.user)
    context = {"scores": figures.cards(head, known), "dossier": dossier}
    response = render(request, "dossiers/_scores_part.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response

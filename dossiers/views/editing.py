"""Writing in a dossier: add, edit, delete, confirm, in place or on a page of its own.

One address each: HTMX gets the part, everybody else the section page with the form in it; a form sent
without HTMX comes back to the section page. `dossiers.editing` decides; this module says what came of it.
"""

import re
import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, trigger_client_event

from dossiers import controls, editing, fitting, offering
from dossiers.forms import form_for
from dossiers.models import Dossier, DossierRecord
from dossiers.parts import Part
from dossiers.pieces import Piece
from dossiers.views import section as pages

GET_OR_POST = ["GET", "HEAD", "POST"]


@require_http_methods(GET_OR_POST)
def add(request: HttpRequest, dossier_id: int, section: str, piece: str) -> HttpResponse:
    wanted = pages.piece_or_404(section, piece)
    dossier = _open_dossier(request, dossier_id)
    if wanted.is_sheet:
        return redirect("dossiers:piece", dossier_id, section, piece)
    if request.method != "POST":
        form = form_for(piece)(initial=_suggested(request, wanted, dossier), dossier=dossier)
        return _form(request, wanted, dossier, "add", form=form)
    try:
        editing.add(
            wanted,
            dossier=dossier,
            data=request.POST,
            by=request.user,
            today=timezone.localdate(),
            once=request.POST.get("once", ""),
        )
    except editing.Invalid as refusal:
        return _form(
            request,
            wanted,
            dossier,
            "add",
            form=refusal.form,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    except editing.Gone as refusal:
        return _offer_as_new(request, wanted, dossier, str(refusal))
    except (editing.NotEditable, editing.NotOfAList) as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    return done(request, wanted, dossier, said=_("Saved. Enter adds another one."), is_next=True)


@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, dossier_id: int, section: str, piece: str, pk: int) -> HttpResponse:
    wanted = pages.piece_or_404(section, piece)
    dossier = _open_dossier(request, dossier_id)
    if request.method != "POST":
        return _edit_form(request, wanted, dossier, pk)
    try:
        editing.change(
            wanted,
            dossier=dossier,
            pk=pk,
            data=request.POST,
            by=request.user,
            today=timezone.localdate(),
        )
    except editing.EditConflict as conflict:
        return _choice(request, wanted, dossier, conflict, status=HTTPStatus.CONFLICT)
    except editing.Invalid as refusal:
        return _corrections(request, wanted, dossier, refusal, version=request.POST.get("version"))
    except editing.VersionMissing as refusal:
        if refusal.form.errors:  # only what is right can be compared: that comes first
            return _corrections(
                request,
                wanted,
                dossier,
                refusal,
                status=HTTPStatus.BAD_REQUEST,
                problem=str(refusal),
            )
        return _choice(request, wanted, dossier, refusal, status=HTTPStatus.BAD_REQUEST)
    except editing.Gone as refusal:
        return _offer_as_new(request, wanted, dossier, str(refusal))
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    return done(request, wanted, dossier)


@require_http_methods(GET_OR_POST)
def delete(
    request: HttpRequest, dossier_id: int, section: str, piece: str, pk: int
) -> HttpResponse:
    """Asks first, on a page or in place; the question carries the version that the person saw."""
    wanted = pages.piece_or_404(section, piece)
    dossier = _open_dossier(request, dossier_id)
    if request.method != "POST" and wanted.is_sheet:
        return redirect("dossiers:piece", dossier_id, section, piece)
    if request.method != "POST":
        return _question(request, wanted, dossier, pk)
    try:
        editing.delete(wanted, dossier=dossier, pk=pk, data=request.POST, by=request.user)
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except editing.Gone:
        return done(request, wanted, dossier, said=_("Somebody else deleted it already."))
    except editing.VersionMissing as refusal:
        return _question(
            request, wanted, dossier, pk, problem=str(refusal), status=HTTPStatus.BAD_REQUEST
        )
    except editing.EditRefused as refusal:
        return _question(
            request, wanted, dossier, pk, problem=str(refusal), status=HTTPStatus.CONFLICT
        )
    return done(request, wanted, dossier, said=_("Deleted. The history keeps it."), undo_pk=pk)


@require_POST
def confirm(
    request: HttpRequest, dossier_id: int, section: str, piece: str, pk: int
) -> HttpResponse:
    """It still holds: one click, and the entry is fresh again. The button carries the version that was shown."""
    wanted = pages.piece_or_404(section, piece)
    dossier = _open_dossier(request, dossier_id)
    try:
        editing.confirm(
            wanted,
            dossier=dossier,
            pk=pk,
            seen=request.POST.get("seen"),
            by=request.user,
            today=timezone.localdate(),
        )
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except editing.Gone:
        return done(request, wanted, dossier, said=_("Somebody else deleted it already."))
    except editing.VersionMissing as refusal:
        return _as_it_stands(request, wanted, dossier, str(refusal), HTTPStatus.BAD_REQUEST)
    except editing.ChangedMeanwhile as refusal:
        return _as_it_stands(request, wanted, dossier, str(refusal), HTTPStatus.CONFLICT)
    return done(request, wanted, dossier, said=_("Confirmed as of today."))


@require_POST
def confirm_piece(request: HttpRequest, dossier_id: int, section: str, piece: str) -> HttpResponse:
    """The entries shown still hold: one click for the list. The button carries each one's version."""
    wanted = pages.piece_or_404(section, piece)
    dossier = _open_dossier(request, dossier_id)
    seen = _versions(request.POST.get("seen", ""))
    if seen is None:
        problem = _(
            "The page did not say which entries you were looking at, so nothing was done. They stand below: try again."
        )
        return _as_it_stands(request, wanted, dossier, problem, HTTPStatus.BAD_REQUEST)
    try:
        confirmed = editing.confirm_all(
            wanted, dossier=dossier, seen=seen, by=request.user, today=timezone.localdate()
        )
    except editing.NotEditable as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    return done(
        request,
        wanted,
        dossier,
        said=_("Confirmed as of today."),
        problem=_left_alone(confirmed.left),
    )


def _versions(text: str) -> dict[int, int] | None:
    """{key of an entry: its version} from what a button carries, "12.3 15.1"; None where it says nothing of the kind."""
    if not re.fullmatch(r"[1-9]\d{0,17}\.[1-9]\d{0,8}( [1-9]\d{0,17}\.[1-9]\d{0,8})*", text):
        return None
    pairs = (entry.split(".") for entry in text.split(" "))
    return {int(pk): int(version) for pk, version in pairs}


def _left_alone(left: tuple[DossierRecord, ...]) -> str:
    if not left:
        return ""
    return _(
        "Not confirmed, because somebody else changed it since you opened the page: %(entries)s. Look at it, then "
        "confirm it."
    ) % {"entries": ", ".join(f"“{record}” ({record.updated_by})" for record in left[:5])}


# ── What the person sees next ────────────────────────────────────────────────────────────────


def _open_dossier(request: HttpRequest, dossier_id: int) -> Dossier:
    """A dossier that the person may read and that is still being kept."""
    dossier = pages.bare_dossier(request, dossier_id)
    if not dossier.is_open:
        raise PermissionDenied(
            _("This dossier is closed: it can be read, but nothing is added to it any more.")
        )
    return dossier


def _part(request: HttpRequest, piece: Piece, dossier: Dossier, **written: Any) -> Part:
    if not request.htmx:
        dossier = pages.whole_dossier(request, dossier.pk)
    part = pages.load_part(request, piece, dossier)
    for name, value in written.items():
        setattr(part, name, value)
    return part


def _answer(request: HttpRequest, part: Part, *, status: int = HTTPStatus.OK) -> HttpResponse:
    if request.htmx:
        response = pages.render_part(request, part, status=status)
        if status == HTTPStatus.BAD_REQUEST:
            reswap(
                response, "outerHTML"
            )  # says to kam.js that this 400 is a part with a sentence in it
        return response
    return pages.page(request, part.dossier, part.piece.section, written=part, status=status)


def _form(
    request: HttpRequest,
    piece: Piece,
    dossier: Dossier,
    mode: str,
    *,
    form,
    status: int = HTTPStatus.OK,
    **more: Any,
) -> HttpResponse:
    offering.enrich(form, piece, dossier=dossier, by=request.user)
    _put_focus(form, request.GET.get("field"))
    if mode == "add":
        more.setdefault("token", request.POST.get("once") or str(uuid.uuid4()))
    return _answer(
        request, _part(request, piece, dossier, mode=mode, form=form, **more), status=status
    )


def _edit_form(request: HttpRequest, piece: Piece, dossier: Dossier, pk: int) -> HttpResponse:
    record = piece.records(dossier).filter(pk=pk).first()
    if record is None:
        return _no_such_entry(request, piece, dossier)
    form = form_for(piece.key)(instance=record, dossier=dossier)
    return _form(request, piece, dossier, "edit", form=form, pk=pk, version=record.version)


def _no_such_entry(request: HttpRequest, piece: Piece, dossier: Dossier) -> HttpResponse:
    """Deleted meanwhile, or an address of another dossier: the part as it stands, with a sentence."""
    return _as_it_stands(
        request,
        piece,
        dossier,
        _("This entry is no longer here. The list below is as it stands now."),
        HTTPStatus.CONFLICT if request.htmx else HTTPStatus.NOT_FOUND,
    )


def _as_it_stands(
    request: HttpRequest, piece: Piece, dossier: Dossier, problem: str, status: int
) -> HttpResponse:
    return _answer(request, _part(request, piece, dossier, problem=problem), status=status)


def _choice(
    request: HttpRequest,
    piece: Piece,
    dossier: Dossier,
    refusal: editing.EditRefused,
    *,
    status: int,
) -> HttpResponse:
    """The form with both values of each field in question; it sends the version that stands now."""
    # The record holds, field by field, what the person wrote and, where he wrote nothing, what others changed
    # since: the form made from it keeps both.
    record = refusal.record
    form = form_for(piece.key)(instance=record, dossier=dossier)
    return _form(
        request,
        piece,
        dossier,
        "edit",
        pk=record.pk,
        form=form,
        version=record.version,
        conflicts=refusal.conflicts,
        is_merged=status == HTTPStatus.CONFLICT,
        is_unsaved=True,
        problem=str(refusal),
        status=status,
    )


def _corrections(
    request: HttpRequest,
    piece: Piece,
    dossier: Dossier,
    refusal: editing.EditRefused,
    *,
    version: str | None = None,
    problem: str = "",
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    """The form as it was sent, with its mistakes, and with the choices that were being made in it."""
    if refusal.conflicts:
        problem = _("Correct the marked fields, and choose which value shall stay.")
    return _form(
        request,
        piece,
        dossier,
        "edit",
        pk=refusal.record.pk,
        form=refusal.form,
        version=version,
        conflicts=refusal.conflicts,
        problem=problem,
        status=status,
    )


def _offer_as_new(
    request: HttpRequest, piece: Piece, dossier: Dossier, sentence: str
) -> HttpResponse:
    form = form_for(piece.key)(request.POST, dossier=dossier)
    return _form(
        request,
        piece,
        dossier,
        "add",
        form=form,
        token=str(uuid.uuid4()),
        problem=sentence,
        status=HTTPStatus.CONFLICT,
    )


def _question(
    request: HttpRequest,
    piece: Piece,
    dossier: Dossier,
    pk: int,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    if piece.is_sheet:
        return _answer(request, _part(request, piece, dossier, problem=problem), status=status)
    part = _part(request, piece, dossier, mode="delete", pk=pk, problem=problem)
    record = piece.records(dossier).filter(pk=pk).first()
    if record is None:
        return _no_such_entry(request, piece, dossier)
    part.version = record.version
    part.doomed = record
    return _answer(request, part, status=status)


def done(
    request: HttpRequest,
    piece: Piece,
    dossier: Dossier,
    *,
    said: str = "",
    problem: str = "",
    is_next: bool = False,
    undo_pk: int | None = None,
) -> HttpResponse:
    """Saved: the part as it stands now; what depends on it is told that it changed. `problem`: what was not done.

    `undo_pk`: the entry that was deleted, to be brought back with one click.
    """
    if not request.htmx:
        if problem:
            messages.warning(request, problem)
        else:
            messages.success(request, _with_undo(said or _("Saved."), piece, dossier, undo_pk))
        return redirect(pages.load_part(request, piece, dossier).anchor)
    part = pages.load_part(request, piece, dossier)
    part.is_next, part.problem, part.undo_pk = is_next, problem, undo_pk
    response = pages.render_part(request, part, beside=pages.beside(dossier))
    pages.leave_form_address(request, response, part)
    trigger_client_event(response, "notice", {"text": said or _("Saved")})
    trigger_client_event(response, f"changed-{piece.key}", {})
    return response


def _with_undo(said: str, piece: Piece, dossier: Dossier, undo_pk: int | None) -> str:
    """Without JavaScript the way back is a link: to what was deleted from the list, this entry first."""
    if undo_pk is None:
        return said
    history = reverse("dossiers:piece_history", args=[dossier.pk, piece.section, piece.key])
    return format_html('{} <a class="link" href="{}#deleted">{}</a>', said, history, _("Undo"))


# ── Forms ────────────────────────────────────────────────────────────────────────────────────


def _put_focus(form, wanted: str | None) -> None:
    """The first wrong field, else the one that was clicked (a hint, no more), else the first to be answered anew."""
    names = [name for name in form.fields if not form[name].is_hidden]
    wrong = [name for name in names if name in form.errors] if form.is_bound else []
    # What the last entry said is a beginning, not yet an answer.
    asked = [
        name
        for name in names
        if not form.instance.pk
        and (name in offering.LASTING or not form.get_initial_for_field(form.fields[name], name))
    ]
    name = (wrong or [name for name in names if name == wanted] or asked or names)[0]
    form.fields[name].widget.attrs["autofocus"] = True


def _suggested(request: HttpRequest, piece: Piece, dossier: Dossier) -> dict[str, Any]:
    """What a new entry most likely says: today, the next number, the currency used before; then what the link says."""
    today = timezone.localdate()
    names = set(piece.fields)
    suggested: dict[str, Any] = {
        name: today for name in ("happened_on", "assessed_on", "answered_on") if name in names
    }
    last = None
    if names & {"currency", "year", "year_number"} or piece.key == "process":
        last = piece.records(dossier).order_by("-pk").first()
    if "currency" in names:
        suggested["currency"] = last.currency if last else controls.usual_currency(dossier)
    if piece.shape == "years":
        years = piece.records(dossier).order_by().values_list("year", flat=True)
        suggested["year"] = controls.next_year(years, today=today, is_published="currency" in names)
    elif "year" in names:
        suggested["year"] = last.year + 1 if last and last.year < today.year else today.year
    if "year_number" in names:
        suggested["year_number"] = min(last.year_number + 1, 5) if last else 1
    if piece.key == "process":
        suggested["position"] = last.position + 1 if last else 1
    if piece.key == "assessments":
        suggested |= offering.last_assessment(dossier)
    if "owner" in names and (
        piece.key != "timeline" or fitting.suggests_owner(request.GET.get("kind", ""))
    ):
        suggested["owner"] = request.user.pk
    fields = form_for(piece.key).base_fields
    for name, value in request.GET.items():
        if name in names and (not isinstance(fields[name], ModelChoiceField) or value.isdecimal()):
            suggested[name] = value.replace("\0", "")  # it may be asked for in the database
    return suggested

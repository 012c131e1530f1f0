"""Files of a dossier: taken in, given out, shown small. `dossiers.attaching` decides what is kept."""

import contextlib
import logging
from http import HTTPStatus
from urllib.parse import quote

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event
from kombu.exceptions import OperationalError

from dossiers import attaching, pdf, tasks
from dossiers.models import Attachment, Dossier
from dossiers.pieces import BY_KEY
from dossiers.sections import Section
from dossiers.views import section as pages

logger = logging.getLogger(__name__)

PIECE = BY_KEY["attachments"]
# What a file that a browser opens may do: nothing. (A PDF is shown by the browser's own reader, which does not
# work in a sandbox and runs nothing in our name.)
NOTHING_ALLOWED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
# Whoever looks at a list a hundred times rings for a missing preview once a minute.
RING_AGAIN_AFTER = 60  # seconds


@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """One or several files; each that cannot be kept is refused with a sentence, the others are kept."""
    dossier = pages.bare_dossier(request, dossier_id)
    if not dossier.is_open:
        raise PermissionDenied(
            _("This dossier is closed: it can be read, but nothing is added to it any more.")
        )
    if request.method != "POST":
        return _answer(request, dossier)
    uploads = request.FILES.getlist("files")
    kept, refusals = [], []
    for upload in uploads:
        try:
            kept.append(
                attaching.attach(
                    dossier, upload=upload, by=request.user, today=timezone.localdate()
                )
            )
        except attaching.NotYours as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except attaching.NotAttached as refusal:
            refusals.append(str(refusal))
    if not uploads:
        refusals.append(_("No file was chosen. Choose one or several, then send them."))
    for attachment in kept:
        if attaching.kind_of(attachment).is_picture:
            _ring(attachment)
    return _answer(request, dossier, kept=kept, refusals=refusals)


def _answer(
    request: HttpRequest,
    dossier: Dossier,
    *,
    kept: list[Attachment] | None = None,
    refusals: list[str] | None = None,
) -> HttpResponse:
    said = (
        ngettext("%(number)d file attached.", "%(number)d files attached.", len(kept))
        % {"number": len(kept)}
        if kept
        else ""
    )
    if said and not refusals and not request.htmx:
        messages.success(request, said)
        return redirect(pages.load_part(request, PIECE, dossier).anchor)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusals else HTTPStatus.OK
    if not request.htmx:
        dossier = pages.whole_dossier(request, dossier.pk)
    part = pages.load_part(request, PIECE, dossier)
    part.refusals = refusals or ()
    if not request.htmx:
        if said:
            messages.success(request, said)
        return pages.page(request, dossier, Section.ATTACHMENTS, written=part, status=status)
    response = pages.render_part(request, part, status=status)
    if said:
        trigger_client_event(response, "notice", {"text": said})
    return response


# ── Given out ────────────────────────────────────────────────────────────────────────────────


@require_safe
def file(request: HttpRequest, dossier_id: int, pk: int, name: str) -> HttpResponse:
    """The file itself, to whoever may read the dossier now; `name` in the address is for people only."""
    attachment = _visible(request, dossier_id, pk)
    etag = f'"{attachment.sha256}"'
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
        return _private(response, etag)
    kind = attaching.kind_of(attachment)
    try:
        opened = attachment.file.open("rb")
    except FileNotFoundError as error:
        logger.exception("the file of attachment %s is missing", attachment.pk)
        raise Http404(_("The file is missing on the server. Tell whoever runs it.")) from error
    if request.method == "HEAD":
        opened.close()
        response = HttpResponse(content_type=kind.media_type)
    else:
        response = FileResponse(opened, content_type=kind.media_type)
    response["Content-Length"] = str(attachment.size)
    response["Content-Disposition"] = _disposition(
        attachment.name, is_shown=kind.is_shown and "download" not in request.GET
    )
    response["Content-Security-Policy"] = NOTHING_ALLOWED + (
        "; object-src 'self'" if kind.media_type == "application/pdf" else "; sandbox"
    )
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Accept-Ranges"] = "none"
    return _private(response, etag)


@require_safe
def preview(request: HttpRequest, dossier_id: int, pk: int) -> HttpResponse:
    """A small picture of an attached image; until a worker has drawn it, an icon."""
    attachment = _visible(request, dossier_id, pk)
    if not attaching.kind_of(attachment).is_picture:
        raise Http404
    path = attaching.preview_of(attachment)
    etag = f'"{attachment.sha256}-small"'
    if not path.exists():
        _ring(attachment)
    if not path.exists():
        response: HttpResponse = redirect(static("img/preview-wait.svg"))
        response["Cache-Control"] = "private, no-store"
        return response
    if etag in request.headers.get("If-None-Match", ""):
        return _private(HttpResponseNotModified(), etag)
    response = FileResponse(path.open("rb"), content_type="image/webp")
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = f"{NOTHING_ALLOWED}; sandbox"
    return _private(response, etag)


def _visible(request: HttpRequest, dossier_id: int, pk: int) -> Attachment:
    visible = Attachment.objects.visible_to(request.user)
    return get_object_or_404(visible, pk=pk, dossier=dossier_id)


def _private(response: HttpResponse, etag: str) -> HttpResponse:
    """Kept by the browser, but asked for again each time: who may read it can change any day."""
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _disposition(name: str, *, is_shown: bool) -> str:
    """How to take the file and under which name, with another in plain letters for programs that know no more."""
    stem, _dot, ending = name.rpartition(".")
    plain = f"{pdf.ascii_name(stem).removesuffix('.pdf')}.{ending}"
    how = "inline" if is_shown else "attachment"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _ring(attachment: Attachment) -> None:
    """Ask a worker for the preview. A queue that is away costs a picture, not the file."""
    if cache.add(f"preview-{attachment.pk}", 1, RING_AGAIN_AFTER):
        with contextlib.suppress(OperationalError):
            tasks.draw_preview.delay(attachment.pk)

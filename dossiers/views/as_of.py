"""The dossier as it stood on an earlier day, the frozen copy of a revision, and what changed between two days."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dossiers import assembling, laying_out, moments, standing, telling
from dossiers.comparing import Comparison
from dossiers.drawing import Drawing
from dossiers.models import ClientType, Dossier, Review
from dossiers.moments import Moments, NoSuchMoment
from dossiers.parts import LATEST
from dossiers.pieces import PIECES, of_section
from dossiers.sections import Section
from dossiers.standing import Standing


@require_safe
def as_of(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """The whole dossier, section by section, as it stood at the end of the day `on`."""
    dossier = _readable(request, dossier_id)
    known = moments.of(dossier, today=timezone.localdate())
    asked = request.GET.get("on", "")
    problem, stood = "", None
    try:
        moment = known.asked(asked) if asked else known.usual
    except NoSuchMoment as refusal:
        problem, moment = str(refusal), known.opening
    else:
        stood = standing.at(dossier, day=moment.day)
        if stood is None:
            problem = _("From that day nothing is known: the history begins later.")
    address = reverse("dossiers:as_of", args=[dossier.pk])
    context = {
        "choices": known.choices,
        "on": moment.day,
        "first": known.opening.day,
        "last": known.today,
        "problem": problem,
        "compare": urlencode({"from": moment.value if moment.at else moment.day.isoformat()}),
    }
    query = {"on": moment.day.isoformat()}
    status = HTTPStatus.BAD_REQUEST if stood is None else HTTPStatus.OK
    return _drawn(request, dossier, stood, address, query, context, status=status)


@require_safe
def frozen_copy(request: HttpRequest, review_id: int) -> HttpResponse:
    """What the head accepted: the copy that the revision keeps, whatever was written later that day."""
    visible = Review.objects.visible_to(request.user)
    review = get_object_or_404(visible.select_related("dossier__client"), pk=review_id)
    stood = standing.frozen(review)
    if stood is None:
        raise Http404
    context = {
        "review": review,
        "compare": urlencode({"from": f"{moments.REVISION}{review.pk}"}),
    }
    address = reverse("dossiers:review_copy", args=[review.pk])
    return _drawn(request, review.dossier, stood, address, {}, context)


def _drawn(
    request: HttpRequest,
    dossier: Dossier,
    stood: Standing | None,
    address: str,
    query: dict[str, str],
    context: dict[str, Any],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    asked = request.GET.get("section", "")
    section = Section(asked) if asked in Section.values else Section.GENERAL
    context |= {
        "dossier": dossier,
        "client": dossier.client,
        "section": section,
        "stood": stood,
    }
    if stood is not None:
        context |= {
            "types": [ClientType(kind).label for kind in stood.dossier.types],
            "tabs": [
                {
                    "url": f"{address}?{urlencode({**query, 'section': one.value})}",
                    "label": one.label,
                    "current": one == section,
                }
                for one in Section
            ],
            "rows": _rows(stood, section),
        }
        if section == Section.DECISION:
            found = stood.of(of_section(section))
            context["drawing"] = Drawing(
                stood.dossier,
                found["stakeholders"],
                found["influence"],
                stood.day,
                until=stood.moment,
            )
    return render(request, "dossiers/as_of.html", context, status=status)


def _rows(stood: Standing, section: Section) -> list[dict[str, Any]]:
    records = stood.of(PIECES)
    found = assembling.of_records(
        (piece for piece in of_section(section) if piece.model is not Dossier),
        stood.dossier,
        records,
        today=stood.day,
        is_editable=False,
        limit=max(len(records["timeline"]), LATEST),
        is_past=True,
    )
    return laying_out.laid_out(section, found)


@require_safe
def compare(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """What is different between two moments, in sentences; by default since the last accepted revision."""
    dossier = _readable(request, dossier_id)
    known = moments.of(dossier, today=timezone.localdate())
    problem, chapters = "", []
    earlier, later = known.last_revision or known.opening, known.now
    try:
        earlier, later = _period(request, known)
    except NoSuchMoment as refusal:
        problem = str(refusal)
    else:
        until = later.at or timezone.now()
        if earlier.at is not None:
            chapters = telling.tell(Comparison(dossier, after=earlier.at, until=until))
    context = {
        "dossier": dossier,
        "client": dossier.client,
        "chapters": chapters,
        "number": sum(chapter.number for chapter in chapters),
        "unchanged": [
            section.label
            for section in Section
            if section not in {chapter.section for chapter in chapters}
        ],
        "earlier": earlier,
        "later": later,
        "choices": known.choices,
        "first": known.opening.day,
        "last": known.today,
        "problem": problem,
    }
    status = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return render(request, "dossiers/compare.html", context, status=status)


def _period(request: HttpRequest, known: Moments) -> tuple[moments.Moment, moments.Moment]:
    """From when to when, the earlier one first, however the two were given."""
    since, until = request.GET.get("from", ""), request.GET.get("to", "")
    later = known.asked(until) if until else known.now
    if since:
        earlier = known.asked(since)
    elif later in known.revisions:
        earlier = known.before(later)
    else:
        earlier = known.last_revision or known.opening
    if earlier.at is None or (later.at is not None and later.at < earlier.at):
        return later, earlier
    return earlier, later


def _readable(request: HttpRequest, dossier_id: int) -> Dossier:
    visible = Dossier.objects.visible_to(request.user).select_related("client")
    return get_object_or_404(visible, pk=dossier_id)

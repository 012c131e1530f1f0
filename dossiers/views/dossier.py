"""The front page of a dossier, and the list of those in the person's hands."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import only_if
from accounts.answering import page_or_part
from accounts.models import Assignment
from accounts.sorting import sort_key
from dossiers import glance, heading, quality
from dossiers.glance import UNDER_WAY
from dossiers.heading import due, segment_trend
from dossiers.models import (
    Action,
    ClientType,
    Dossier,
    Review,
    Stakeholder,
    TimelineEntry,
    TimelineKind,
)
from dossiers.models.record import STALE_AFTER_DAYS
from dossiers.views.section import whole_dossier
from segmentation.models import Segment

PER_PAGE = 50
# When people of theirs and ours talked with each other.
CONTACTS = (TimelineKind.MEETING, TimelineKind.CALL, TimelineKind.FEEDBACK)


@require_safe
def dossier(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """What the KAM needs before he picks up the telephone."""
    found = whole_dossier(request, dossier_id)
    head = heading.of(
        found,
        user=request.user,
        today=timezone.localdate(),
        current="",
        is_editable=found.is_open,
    )
    context = {"head": head, "dossier": found, "section": "", "glance": glance.of(head)}
    return render(request, "dossiers/overview.html", context)


@only_if("open_dossiers")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The dossiers in the person's hands; a head sees all, with their KAMs."""
    today = timezone.localdate()
    query = request.GET.get("q", "").strip()
    found = heading.for_heading(
        Dossier.objects.visible_to(request.user).open().with_people(), today=today
    )
    if query:
        of_kam = Assignment.objects.open().filter(
            client=OuterRef("client"), person__name_sort__contains=sort_key(query)
        )
        found = found.filter(Q(client__name_sort__contains=sort_key(query)) | Exists(of_kam))
    page = Paginator(
        found.order_by("next_review_on", "client__name_sort", "pk"), PER_PAGE
    ).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    keys = [dossier.pk for dossier in shown]
    clients = [dossier.client_id for dossier in shown]
    segments = {
        segment.client_id: segment
        for segment in Segment.objects.visible_to(request.user)
        .in_force()
        .filter(client__in=clients)
    }
    reviews = {
        review.dossier_id: review for review in Review.objects.running().filter(dossier__in=keys)
    }
    talks = TimelineEntry.objects.filter(
        dossier__in=keys, kind__in=CONTACTS, happened_on__lte=today
    ).order_by()
    met = Stakeholder.objects.filter(dossier__in=keys, last_met_on__lte=today).order_by()
    last_talk = {}
    for key, on in (
        talks.values_list("dossier")
        .annotate(on=Max("happened_on"))
        .union(met.values_list("dossier").annotate(on=Max("last_met_on")))
    ):
        last_talk[key] = max(on, last_talk.get(key, on))
    actions = (
        Action.objects.filter(dossier__in=keys, state__in=UNDER_WAY).order_by().values("dossier")
    )
    work = {
        row["dossier"]: row
        for row in actions.annotate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    }
    rows = [
        {
            "dossier": dossier,
            "quality": quality.of(dossier),
            "types": [ClientType(kind).label for kind in dossier.types],
            "segment": segments.get(dossier.client_id),
            "trend": segment_trend(segments.get(dossier.client_id)),
            "due": due(dossier.next_review_on, reviews.get(dossier.pk), today=today),
            "review": reviews.get(dossier.pk),
            "last_talk": last_talk.get(dossier.pk),
            "silent": dossier.pk not in last_talk
            or (today - last_talk[dossier.pk]).days > STALE_AFTER_DAYS,
            "work": work.get(dossier.pk),
        }
        for dossier in shown
    ]
    context = {
        "rows": rows,
        "page": page,
        "q": query,
        "filters": urlencode({"q": query}),
        "all": request.user.is_head,
    }
    return page_or_part(request, "dossiers/mine.html", "found", context)

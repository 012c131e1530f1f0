"""The start page: what needs me today? One answer for each role."""

import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import mailing
from accounts.models import Client, User
from accounts.models.user import Role
from accounts.templatetags.kam_format import share
from dossiers import gaps, heading, quality
from dossiers.models import ClientType, Dossier, Review
from portfolio import attention, dashboards, needs
from portfolio.views.undelivered import OWED
from segmentation import rhythm_words
from segmentation.models import DoubtfulMatch, SalesImport, Segment, SegmentationRun

# How many rows of each list the start page shows; the list itself has the rest.
SHOWN = 6
KEY_CLIENTS_SHOWN = 24


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    template, gather = PAGES[request.user.role]
    context = {
        "today": day,
        "beginnings": attention.beginnings(request.user),
        **gather(request.user, day),
    }
    return render(request, template, context)


def _of_kam(user: User, day: datetime.date) -> dict[str, Any]:
    dossiers = list(attention.dossiers_of(user, today=day))
    run = SegmentationRun.objects.visible_to(user).in_force()
    segments = {}
    if run:
        of_clients = Segment.objects.visible_to(user).filter(
            run=run, client__in=[held.client_id for held in dossiers]
        )
        segments = {segment.client_id: segment for segment in of_clients}
    reviews = {review.dossier_id: review for review in Review.objects.visible_to(user).running()}
    cards = [
        _card(dossier, segments.get(dossier.client_id), reviews.get(dossier.pk), user, day)
        for dossier in dossiers
    ]
    cards.sort(key=lambda card: card["as_deputy"])
    waiting = needs.needs_of(user, dossiers, today=day)
    return {
        "cards": cards,
        "groups": _grouped(waiting, {card["dossier"].pk for card in cards if card["as_deputy"]}),
        "number": len(waiting),
        "late": sum(need.overdue for need in waiting),
        "run": run,
    }


def _grouped(waiting: list[needs.Need], deputised: set[int]) -> list[dict[str, Any]]:
    """Overdue, to come, without a day, and what concerns the clients of others."""
    groups = {
        _("Overdue"): lambda need: need.overdue,
        _("Coming up"): lambda need: need.due_on is not None and not need.overdue,
        _("Worth a look"): lambda need: need.due_on is None,
    }
    own = [need for need in waiting if need.dossier.pk not in deputised]
    found = [
        {"label": label, "needs": [need for need in own if fits(need)]}
        for label, fits in groups.items()
    ]
    found.append(
        {
            "label": _("As deputy"),
            "needs": [need for need in waiting if need.dossier.pk in deputised],
        }
    )
    return [group for group in found if group["needs"]]


def _card(
    dossier: Dossier, segment: Segment | None, review: Review | None, user: User, day: datetime.date
) -> dict[str, Any]:
    score = quality.of(dossier).percent
    silent_days = (day - dossier.last_contact_on).days if dossier.last_contact_on else None
    return {
        "dossier": dossier,
        "client": dossier.client,
        "segment": segment.letters if segment else "",
        "previous": segment.previous if segment else "",
        "trend": heading.segment_trend(segment),
        "review": review,
        "due": heading.due(dossier.next_review_on, review, today=day),
        "as_deputy": dossier.kam != user,
        "part": score / 100,
        "part_text": share(score / 100, 0),
        "low": score < dashboards.LOW,
        "silent_days": silent_days,
        "silent": silent_days is not None and silent_days > gaps.SILENT_AFTER_DAYS,
    }


def _of_head(user: User, day: datetime.date) -> dict[str, Any]:
    run = SegmentationRun.objects.visible_to(user).in_force()
    loads, free_slots = attention.loads_and_free_slots(SHOWN)  # those with free slots come first
    totals = dashboards.totals(user, run, today=day)
    # Both lists of clients in one query; a union keeps no order of its own.
    unheld = attention.key_clients_without_kam(user)[: SHOWN + 1]
    clients = list(unheld.union(attention.candidates(user)[: SHOWN + 1], all=True))
    clients.sort(key=lambda client: (client.name_sort, client.pk))
    # One more than is shown tells whether there are more, without counting.
    return {
        "run": run,
        "totals": totals,
        **dashboards.tile_links(totals),
        "free_slots": free_slots,
        "kams_free": [kam for kam in loads if kam.free],
        "waiting": list(attention.reviews_waiting(user)[: SHOWN + 1]),
        "overdue": list(attention.overdue_dossiers(user, today=day)[: SHOWN + 1]),
        "without_kam": [client for client in clients if client.is_key],
        "candidates": [client for client in clients if not client.is_key],
        "moves": [
            {"segment": segment, "trend": heading.segment_trend(segment)}
            for segment in attention.segment_moves(user)[: SHOWN + 1]
        ],
        "slips": [
            {"rhythm": rhythm, "said": rhythm_words.said(rhythm, today=day)}
            for rhythm in attention.slipping_clients(user, today=day)[: SHOWN + 1]
        ],
        "shown": SHOWN,
    }


def _of_analyst(user: User, day: datetime.date) -> dict[str, Any]:
    imports = list(
        SalesImport.objects.visible_to(user).newest_first().select_related("created_by")[:SHOWN]
    )
    runs = list(
        SegmentationRun.objects.visible_to(user).newest_first().select_related("created_by")[:SHOWN]
    )
    last_import = SalesImport.objects.visible_to(user).succeeded().newest_first().first()
    last_run = SegmentationRun.objects.visible_to(user).succeeded().newest_first().first()
    return {
        "doubts": DoubtfulMatch.objects.visible_to(user).waiting().count(),
        "imports": imports,
        "runs": runs,
        "last_import": last_import,
        "last_run": last_run,
        "step": attention.analysts_step(imports, last_import, last_run),
    }


def _of_colleague(user: User, day: datetime.date) -> dict[str, Any]:
    key_clients = Client.objects.with_card_for(user).key()
    shown = list(attention.with_kam_name(key_clients).by_name()[: KEY_CLIENTS_SHOWN + 1])
    for client in shown:
        client.type_labels = [ClientType(kind).label for kind in client.types or []]
    return {"key_clients": shown[:KEY_CLIENTS_SHOWN], "more": len(shown) > KEY_CLIENTS_SHOWN}


def _of_admin(user: User, day: datetime.date) -> dict[str, Any]:
    counts = User.objects.aggregate(
        **{role: Count("pk", filter=Q(role=role, is_active=True)) for role in Role.values},
        inactive=Count("pk", filter=Q(is_active=False)),
    )
    return {
        "roles": [{"role": role, "label": role.label, "count": counts[role]} for role in Role],
        "inactive": counts["inactive"],
        "undelivered": mailing.undelivered(*OWED),
    }


PAGES = {
    Role.KAM: ("portfolio/today_kam.html", _of_kam),
    Role.HEAD: ("portfolio/today_head.html", _of_head),
    Role.ANALYST: ("portfolio/today_analyst.html", _of_analyst),
    Role.COLLEAGUE: ("portfolio/today_colleague.html", _of_colleague),
    Role.ADMIN: ("portfolio/today_admin.html", _of_admin),
}

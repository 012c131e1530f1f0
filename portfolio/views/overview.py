"""The head's portfolio: key clients by KAM, overdue first, and where they stand among the nine cells."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import only_if
from accounts.answering import page_or_part
from dossiers.models import ClientType
from portfolio import attention, dashboards
from segmentation.models import SegmentationRun
from segmentation.models.runs import CELLS

PAGE = 30
# With more KAMs than this a list to choose from helps nobody: the search finds them by name.
KAMS_TO_CHOOSE_FROM = 40
FREE_SHOWN = 8


@only_if("see_portfolio")
@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    user = request.user
    run = SegmentationRun.objects.visible_to(user).in_force()
    filters = _filters(request)
    order = request.GET.get("sort", "")
    if order.removeprefix("-") not in dashboards.ORDERS:
        order = ""
    found = dashboards.rows(user, run, filters=filters, order=order, today=today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    dossiers = list(page.object_list)
    for dossier in dossiers:
        dossier.letters = (dossier.abc or "") + (dossier.xyz or "")
        dossier.trend = attention.trend(dossier.previous, dossier.letters)
        dossier.part = dossier.completeness / 100
    loads = attention.kam_loads()
    wanted = {dossier.kam_id for dossier in dossiers if dossier.kam_id} | ({int(filters.kam)} if filters.kam.isdigit() else set())
    load_of = {kam.pk: kam for kam in loads.filter(pk__in=wanted)}
    groups = [
        {"kam": load_of.get(kam.pk) if kam else None, "dossiers": held}
        for kam, held in (dashboards.by_kam(dossiers) if not order else [(None, dossiers)])
    ]
    kams = list(loads[: KAMS_TO_CHOOSE_FROM + 1])
    context = {
        "today": today,
        "run": run,
        "totals": dashboards.totals(user, run, today=today),
        "matrix": dashboards.matrix(user, run),
        "filters": filters,
        "chosen_kam": load_of.get(int(filters.kam)) if filters.kam.isdigit() else None,
        "order": order,
        "grouped": not order,
        "groups": groups,
        "page": page,
        "kams": sorted(kams, key=lambda kam: kam.name_sort) if len(kams) <= KAMS_TO_CHOOSE_FROM else [],
        "kams_free": [kam for kam in kams if kam.free][:FREE_SHOWN],
        "free_slots": attention.free_slots(),
        "types": ClientType.choices,
        "cells": CELLS,
        "query": _query(request, without="page"),
        "query_without_sort": _query(request, without="sort"),
        "query_without_show": _query(request, without="show"),
    }
    return page_or_part(request, "portfolio/portfolio.html", "portfolio-list", context)


def _filters(request: HttpRequest) -> dashboards.Filters:
    """From the address; what is no possible choice counts as not chosen."""
    asked = request.GET
    kam, type_, segment = asked.get("kam", ""), asked.get("type", ""), asked.get("segment", "")
    return dashboards.Filters(
        words=asked.get("q", "").strip()[:100],
        kam=kam if kam == "none" or (kam.isascii() and kam.isdigit() and len(kam) < 19) else "",
        type=type_ if type_ in ClientType.values else "",
        segment=segment if segment in CELLS else "",
        overdue=asked.get("overdue") == "1",
        closed=asked.get("show") == "closed",
    )


def _query(request: HttpRequest, *, without: str) -> str:
    kept = request.GET.copy()
    kept.pop(without, None)
    kept.pop("page", None)
    return kept.urlencode()

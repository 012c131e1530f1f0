"""The head's portfolio: key clients by KAM, overdue first, and where they stand among the nine cells."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import remembered
from accounts.access import only_if
from accounts.answering import page_or_part
from accounts.assigning import capacity_sentence
from dossiers.models import ClientType
from portfolio import attention, concentrating, dashboards
from segmentation import recommending
from segmentation.models import SegmentationRun
from segmentation.models.runs import CELLS, SHORT_CELLS

PAGE = 30
# With more KAMs than this a list to choose from helps nobody: the search finds them by name.
KAMS_TO_CHOOSE_FROM = 40
FREE_SHOWN = 8


@only_if("see_portfolio")
@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    user = request.user
    run = SegmentationRun.objects.visible_to(user).in_force()
    filters = _filters(request)
    order = request.GET.get("sort", "")
    if order.removeprefix("-") not in dashboards.ORDERS:
        order = ""
    standing = remembered.look()
    totals = dashboards.totals(user, run, today=today, standing=standing)
    found = dashboards.keys(user, run, filters=filters, order=order, today=today, standing=standing)
    paginator = Paginator(found, PAGE)
    page = paginator.get_page(request.GET.get("page"))
    shown = dashboards.rows(user, run, list(page.object_list))
    dossiers = dashboards.dressed(shown, today=today)
    chosen = int(filters.kam) if filters.kam.isdigit() else None
    people = {chosen} | {dossier.kam_id for dossier in dossiers}
    load_of = {kam.pk: kam for kam in attention.loads_of(people - {None})}
    kams = attention.most_free(KAMS_TO_CHOOSE_FROM + 1)
    for kam in (*load_of.values(), *kams):
        kam.capacity = capacity_sentence(kam.free)
    groups = dashboards.by_kam(dossiers) if not order else [(None, dossiers)]
    grouped, labels = not order and not filters.closed, _labels()

    def rows(held):
        return [dashboards.Row(dossier, labels, filters, grouped) for dossier in held]

    context = {
        "today": today,
        "run": run,
        "totals": totals,
        **dashboards.tile_links(totals),
        "matrix": _with_actions(dashboards.matrix(user, run, standing=standing)),
        "concentration": None
        if request.htmx
        else concentrating.card(user, today=today, standing=standing),
        "filters": filters,
        "chosen_kam": load_of.get(chosen),
        "order": order,
        "grouped": grouped,
        "groups": [{"kam": load_of.get(kam_id), "rows": rows(held)} for kam_id, held in groups],
        "page": page,
        "kams": sorted(kams, key=lambda kam: kam.name_sort)
        if len(kams) <= KAMS_TO_CHOOSE_FROM
        else [],
        "kams_free": [kam for kam in kams if kam.free][:FREE_SHOWN],
        "free_slots": attention.free_slots(),
        "types": ClientType.choices,
        "cells": CELLS + SHORT_CELLS if run and run.min_history else CELLS,
        "is_empty": not shown,
        "query": _query(request, without="page"),
        "query_without_sort": _query(request, without="sort"),
        "tabs": [
            {
                "url": reverse("portfolio:portfolio"),
                "label": _("Key clients"),
                "current": not filters.closed,
            },
            {"url": "?show=closed", "label": _("Closed dossiers"), "current": filters.closed},
        ],
    }
    return page_or_part(request, "portfolio/portfolio.html", "portfolio-list", context)


def _with_actions(rows: list[list[dashboards.Cell]]) -> list[list[dashboards.Cell]]:
    """The cells with what is recommended in each; copies, for the cells themselves are kept between pages."""
    actions = recommending.actions()
    return [[replace(cell, do=str(actions[cell.letters].do)) for cell in row] for row in rows]


def _filters(request: HttpRequest) -> dashboards.Filters:
    """From the address; what is no possible choice counts as not chosen."""
    asked = request.GET
    kam, type_, segment = asked.get("kam", ""), asked.get("type", ""), asked.get("segment", "")
    return dashboards.Filters(
        words=asked.get("q", "").strip()[:100],
        kam=kam if kam == "none" or (kam.isascii() and kam.isdigit() and len(kam) < 19) else "",
        type=type_ if type_ in ClientType.values else "",
        segment=segment if segment in CELLS + SHORT_CELLS else "",
        overdue=asked.get("overdue") == "1",
        closed=asked.get("show") == "closed",
    )


def _labels() -> dict[str, str]:
    """Words that stand in every row, looked up once."""
    return {
        "kam": _("KAM"),
        "segment": _("Segment"),
        "type": _("Type"),
        "stage": _("Stage"),
        "closed": _("Closed"),
        "next": _("Next revision"),
        "share": _("Share of sales"),
        "completeness": _("Completeness"),
        "assign": _("Assign"),
        "more": _("more"),
        "hand_over": _("Hand over"),
        "deputy": _("Deputy"),
        "release": _("Release"),
    }


def _query(request: HttpRequest, *, without: str) -> str:
    kept = request.GET.copy()
    kept.pop(without, None)
    kept.pop("page", None)
    return kept.urlencode()

"""The search page, its hits while one types, and the command palette: one address, three ways to be shown."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from portfolio import commands
from portfolio.search import GROUPS, Found
from portfolio.search import search as look_for

# The place that the palette fills; the page's own hits stand elsewhere.
PALETTE = "palette-found"
# In the palette one reads from top to bottom with the arrows: what is not near the top is not read.
FEW_IN_PALETTE = 3


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "")
    in_palette = request.htmx and request.htmx.target == PALETTE
    if in_palette:
        found = look_for(query, by=request.user, few=FEW_IN_PALETTE)
        response = render(request, "portfolio/search_palette.html", _palette(request, query, found))
    else:
        found = look_for(query, by=request.user, only=request.GET.get("only", ""))
        template = "portfolio/search.html#found" if request.htmx else "portfolio/search.html"
        response = render(request, template, _page(query, found))
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _page(query: str, found: Found) -> dict:
    return {
        "found": found,
        "q": query.replace("\0", "").strip(),
        "all_query": urlencode({"q": found.query}),
        "only": GROUPS.get(found.only),
    }


def _palette(request: HttpRequest, query: str, found: Found) -> dict:
    offered = commands.commands(query, found, by=request.user)
    clients = [shelf for shelf in found.shelves if shelf.group.key == "clients"]
    others = [shelf for shelf in found.shelves if shelf.group.key != "clients"]
    return {
        "found": found,
        "asked": bool(query.strip()),
        "clients": clients,
        "commands": offered,
        "others": others,
        "number": found.number + len(offered),
        "all_query": urlencode({"q": found.query}),
    }

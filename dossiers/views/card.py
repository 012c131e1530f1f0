"""The client card: what every colleague may know of a key client, and no more."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import only_if
from accounts.answering import page_or_part
from accounts.models import Assignment, Client
from accounts.sorting import sort_key
from dossiers.models import ClientType, Dossier
from dossiers.shapes import lines

PER_PAGE = 60


def _with_holders(clients):
    """Clients with their open assignments and their open dossier's own line and plan; two queries more."""
    holders = Assignment.objects.open().select_related("person")
    dossiers = Dossier.objects.open().select_related("plan")
    return clients.prefetch_related(
        Prefetch("assignments", queryset=holders, to_attr="open_assignments"),
        Prefetch("dossiers", queryset=dossiers, to_attr="open_dossiers"),
    )


def _card(client: Client) -> dict:
    """What is on the card: taken field by field, so that nothing else of the dossier gets out."""
    dossier = client.open_dossiers[0] if client.open_dossiers else None
    people = {held.holding: held.person for held in client.open_assignments}
    plan = dossier.plan if dossier else None
    return {
        "client": client,
        "types": [ClientType(kind).label for kind in dossier.types] if dossier else [],
        "kam": people.get("kam"),
        "deputy": people.get("deputy"),
        "value_proposition": plan.value_proposition if plan else "",
        "do": lines(plan.do) if plan else [],
        "do_not": lines(plan.do_not) if plan else [],
    }


@only_if("see_client_cards")
@require_safe
def card(request: HttpRequest, client_id: int) -> HttpResponse:
    client = get_object_or_404(
        _with_holders(Client.objects.with_card_for(request.user)), pk=client_id
    )
    context = {
        "card": _card(client),
        "client": client,
        "dossier": Dossier.objects.visible_to(request.user).open().filter(client=client).first(),
        "sees_figures": Client.objects.visible_to(request.user).filter(pk=client.pk).exists(),
        "today": timezone.localdate(),
    }
    return render(request, "dossiers/card.html", context)


@only_if("see_client_cards")
@require_safe
def key_clients(request: HttpRequest) -> HttpResponse:
    """All key clients, to be found by name: for colleagues this is the whole product."""
    query = request.GET.get("q", "").strip()
    kind = request.GET.get("type", "")
    found = Client.objects.with_card_for(request.user).key()
    if query:
        found = found.filter(name_sort__contains=sort_key(query))
    if kind in ClientType.values:
        open_dossiers = Dossier.objects.open().filter(types__contains=[kind])
        found = found.filter(pk__in=open_dossiers.values("client"))
    page = Paginator(_with_holders(found.by_name()), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "cards": [_card(client) for client in page.object_list],
        "page": page,
        "q": query,
        "type": kind,
        "types": ClientType.choices,
        "filters": urlencode({"q": query, "type": kind}),
    }
    return page_or_part(request, "dossiers/key_clients.html", "found", context)

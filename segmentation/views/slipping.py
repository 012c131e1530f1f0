"""Who slips and who is lost, each against its own rhythm, and what to do next."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import may, only_if
from accounts.answering import page_or_part
from accounts.models import Assignment, Client, User
from accounts.models.client import Stage
from accounts.sorting import sort_key
from segmentation import policies, rhythm_drawing, rhythm_words
from segmentation.models import Loss, Rhythm, Segment
from segmentation.slipping_forms import SlippingFilter

SHOWN = 12


@dataclass(frozen=True)
class Row:
    """A client as it is drawn: `loss` is its open record of being lost, `segment` its letters in force."""

    client: Client
    rhythm: Rhythm | None
    said: str
    silent_days: int | None
    drawing: rhythm_drawing.Drawing | None
    segment: str
    kam: str
    loss: Loss | None


@only_if("see_figures")
@require_safe
def slipping(request: HttpRequest) -> HttpResponse:
    """Slipping and lost beside each other, the most revenue first."""
    user, today = request.user, timezone.localdate()
    form = SlippingFilter(request.GET, user=user)
    wanted = form.wanted
    clients = _chosen(Client.objects.visible_to(user), user=user, wanted=wanted)
    still_lost = Loss.objects.visible_to(user).open().filter(client=OuterRef("pk"))
    ever_lost = Loss.objects.visible_to(user).filter(client=OuterRef("pk"))
    slips = clients.filter(
        ~Exists(still_lost), rhythm__slips_on__lte=today, rhythm__lost_on__gt=today
    ).exclude(stage=Stage.LOST)
    lost = clients.filter(
        Q(rhythm__lost_on__lte=today)
        | Q(Exists(still_lost))
        | Q(~Exists(ever_lost), stage=Stage.LOST)
    )
    query = request.GET.copy()
    pages = {}
    for name, rows in (("slips", slips), ("lost", lost)):
        ordered = rows.select_related("rhythm").order_by(
            F("rhythm__revenue").desc(nulls_last=True), "name_sort", "pk"
        )
        pages[name] = Paginator(ordered, SHOWN).get_page(request.GET.get(name))
    found = _rows([*pages["slips"].object_list, *pages["lost"].object_list], user=user, today=today)
    number = len(pages["slips"].object_list)
    context = {
        "form": form,
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "tabs": "slipping",
        "columns": [
            {
                "name": "slips",
                "rows": found[:number],
                "turn": _turn(pages["slips"], "slips", query),
            },
            {"name": "lost", "rows": found[number:], "turn": _turn(pages["lost"], "lost", query)},
        ],
        "may_record": may(user, "open_dossiers"),
        "policy": policies.current(),
        "today": today,
    }
    return page_or_part(request, "segmentation/slipping.html", "slipping", context)


def _turn(page: Page, name: str, query) -> dict[str, Any]:
    """Each of the two columns is turned by itself."""
    links = {}
    for word, has, number in (
        ("before", page.has_previous(), page.number - 1),
        ("after", page.has_next(), page.number + 1),
    ):
        if has:
            there = query.copy()
            there[name] = number
            links[word] = f"?{there.urlencode()}"
    return {"page": page, "count": page.paginator.count, **links}


def _chosen(clients: QuerySet[Client], *, user: User, wanted: dict) -> QuerySet[Client]:
    if wanted["q"]:
        named = Q(name_sort__contains=sort_key(wanted["q"]))
        clients = clients.filter(named | Q(external_id__istartswith=wanted["q"].strip()))
    if wanted["abc"]:
        of_class = Segment.objects.visible_to(user).in_force().filter(abc=wanted["abc"])
        clients = clients.filter(Exists(of_class.filter(client=OuterRef("pk"))))
    if wanted["kam"]:
        held = Assignment.objects.open().kams().filter(person=wanted["kam"])
        clients = clients.filter(Exists(held.filter(client=OuterRef("pk"))))
    return clients


def _rows(clients: list[Client], *, user: User, today: datetime.date) -> list[Row]:
    """Four queries, however many clients."""
    keys = [client.pk for client in clients]
    rhythms = {client.pk: client.rhythm for client in clients if hasattr(client, "rhythm")}
    segments = {
        segment.client_id: segment.letters
        for segment in Segment.objects.visible_to(user)
        .in_force()
        .filter(client__in=keys)
        .only("client_id", "abc", "xyz")
    }
    kams = dict(
        Assignment.objects.open()
        .kams()
        .filter(client__in=keys)
        .values_list("client", "person__name")
    )
    losses = {
        loss.client_id: loss
        for loss in Loss.objects.visible_to(user).open().filter(client__in=keys)
    }
    days = rhythm_drawing.order_days(list(rhythms.values()))
    found = []
    for client in clients:
        known = rhythms.get(client.pk)
        found.append(
            Row(
                client=client,
                rhythm=known,
                said=rhythm_words.said(known, today=today) if known else "",
                silent_days=known.silent_days(today) if known else None,
                drawing=rhythm_drawing.drawn(known, days.get(client.pk, []), today=today)
                if known
                else None,
                segment=segments.get(client.pk, ""),
                kam=kams.get(client.pk, ""),
                loss=losses.get(client.pk),
            )
        )
    return found

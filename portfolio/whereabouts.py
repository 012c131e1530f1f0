"""Where what was found is read: the page, and the place on it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.urls import reverse

from accounts.access import may
from accounts.models import User
from dossiers.models import Dossier, TimelineEntry
from dossiers.parts import LATEST
from dossiers.pieces import BY_KEY

if TYPE_CHECKING:
    from portfolio.search import Hit

# Shapes of pieces in which each entry has a place of its own on the page.
WITH_PLACES = frozenset(
    {"table", "timeline", "cards", "process", "opportunity", "tree", "assessments", "budget"}
)


def give_addresses(hits: "Iterable[Hit]", by: User) -> None:
    """Put into each hit where the person reads it; two queries, whatever the number of hits."""
    hits = list(hits)
    clients = [hit.line["client_id"] for hit in hits if hit.group == "clients"]
    dossiers = {}
    if clients and may(by, "open_dossiers"):
        theirs = Dossier.objects.visible_to(by).open().filter(client__in=clients)
        dossiers = dict(theirs.values_list("client", "pk"))
    ranks = _ranks([hit.line["record_id"] for hit in hits if hit.line["piece"] == "timeline"], by)
    for hit in hits:
        if hit.group == "clients":
            hit.open_dossier = dossiers.get(hit.line["client_id"])
            hit.url = _of_client(hit, by)
        elif hit.group == "cards":
            hit.url = reverse("dossiers:card", args=[hit.line["client_id"]])
        elif hit.line["piece"] == "user":
            hit.url = _of_one_of_ours(hit, by)
        else:
            hit.url = _of_entry(hit, ranks)


def _of_client(hit: "Hit", by: User) -> str:
    if hit.open_dossier:
        return reverse("dossiers:dossier", args=[hit.open_dossier])
    if may(by, "see_all_figures"):
        return reverse("segmentation:client", args=[hit.line["client_id"]])
    return reverse("dossiers:card", args=[hit.line["client_id"]])


def _of_one_of_ours(hit: "Hit", by: User) -> str:
    """For administrators the person; for a head what he holds."""
    if may(by, "administer"):
        return reverse("admin:accounts_user_change", args=[hit.line["record_id"]])
    return f"{reverse('dossiers:mine')}?{urlencode({'q': hit.line['title']})}"


def _of_entry(hit: "Hit", ranks: dict[int, int]) -> str:
    piece = BY_KEY[hit.line["piece"]]
    dossier, record = hit.line["dossier_id"], hit.line["record_id"]
    if piece.model is Dossier:
        return reverse("dossiers:dossier", args=[dossier])
    page = reverse("dossiers:section", args=[dossier, piece.section])
    if piece.key == "stakeholders":
        return f"{page}#stakeholder-{record}"
    if piece.is_sheet or piece.shape not in WITH_PLACES:
        return f"{page}#{piece.key}"
    query = ""
    if (rank := ranks.get(record, 1)) > LATEST:
        query = f"?shown={-(-rank // LATEST) * LATEST}"
    return f"{page}{query}#{piece.key}-{record}"


def _ranks(entries: list[int], by: User) -> dict[int, int]:
    """{timeline entry: its place on the timeline, the latest being 1}: older ones have to be asked for."""
    if not entries:
        return {}
    later = (
        TimelineEntry.objects.visible_to(by)
        .filter(
            Q(happened_on__gt=OuterRef("happened_on"))
            | Q(happened_on=OuterRef("happened_on"), pk__gte=OuterRef("pk")),
            dossier=OuterRef("dossier"),
        )
        .order_by()
        .values("dossier")
        .annotate(number=Count("pk"))
        .values("number")
    )
    found = TimelineEntry.objects.visible_to(by).filter(pk__in=entries).order_by()
    return dict(
        found.annotate(rank=Subquery(later, output_field=IntegerField())).values_list("pk", "rank")
    )

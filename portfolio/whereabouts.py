"""Where what was found is read: the page, and the place on it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from accounts.access import may
from accounts.models import User
from dossiers.models import Dossier, WhiteSpace
from dossiers.pieces import BY_KEY

if TYPE_CHECKING:
    from portfolio.search import Hit

# Shapes of pieces in which each entry has a place of its own on the page.
WITH_PLACES = frozenset(
    {
        *("table", "cards", "process", "opportunity", "tree", "assessments", "budget"),
        *("market", "contracts", "tenders", "attachments"),
    }
)


def give_addresses(hits: "Iterable[Hit]", by: User) -> None:
    """Put into each hit where the person reads it; two queries at most, whatever the number of hits."""
    hits = list(hits)
    _name_units(hits, by)
    clients = [hit.line["client_id"] for hit in hits if hit.group == "clients"]
    dossiers = {}
    if clients and may(by, "open_dossiers"):
        theirs = Dossier.objects.visible_to(by).open().filter(client__in=clients)
        dossiers = dict(theirs.values_list("client", "pk"))
    for hit in hits:
        if hit.group == "clients":
            hit.open_dossier = dossiers.get(hit.line["client_id"])
            hit.url = _of_client(hit, by)
        elif hit.group == "cards":
            hit.url = reverse("dossiers:card", args=[hit.line["client_id"]])
        elif hit.line["piece"] == "user":
            hit.url = _of_one_of_ours(hit, by)
        else:
            hit.url = _of_entry(hit)


def _name_units(hits: "list[Hit]", by: User) -> None:
    cells = {hit.line["record_id"]: hit for hit in hits if hit.line["piece"] == "white-space"}
    if cells:
        theirs = WhiteSpace.objects.visible_to(by).filter(pk__in=cells)
        for pk, unit in theirs.order_by().values_list("pk", "unit__name"):
            cells[pk].unit = unit


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


def _of_entry(hit: "Hit") -> str:
    piece = BY_KEY[hit.line["piece"]]
    dossier, record = hit.line["dossier_id"], hit.line["record_id"]
    if piece.model is Dossier:
        return reverse("dossiers:dossier", args=[dossier])
    page = reverse("dossiers:section", args=[dossier, piece.section])
    if piece.key == "stakeholders":
        return f"{page}#stakeholder-{record}"
    if piece.key == "timeline":
        # The timeline shows its latest lines: up to that day the entry is one of them.
        return f"{page}?to={hit.line['day']:%Y-%m-%d}#timeline-{record}"
    if piece.is_sheet or piece.shape not in WITH_PLACES:
        return f"{page}#{piece.key}"
    return f"{page}#{piece.key}-{record}"

"""What kind of key client the sales say it is: a head confirms, and an open dossier is told at once."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.access import only_if
from accounts.models import Client
from dossiers import confirmed_types
from dossiers.models import Dossier
from segmentation import proposing


@only_if("choose_key_clients")
@require_GET
@vary_on_headers("HX-Request")
def offer(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """What waits for the head's word, for the head of the dossier; empty where nothing does."""
    dossier = get_object_or_404(Dossier.objects.editable_by(request.user), pk=dossier_id)
    if not request.htmx:
        return redirect("segmentation:selection_client", dossier.client_id)
    found = proposing.of_client(dossier.client, user=request.user)
    waiting = [each for each in found if each.is_open and each.client_type not in dossier.types]
    return render(
        request,
        "dossiers/_type_offer.html",
        {"client": dossier.client, "dossier": dossier, "waiting": waiting},
    )


@only_if("choose_key_clients")
@require_POST
def decide(request: HttpRequest, client_id: int, client_type: str) -> HttpResponse:
    """Confirm or decline a type that the sales propose, from the selection or from the dossier."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    dossier = Dossier.objects.editable_by(request.user).filter(client=client).first()
    try:
        with transaction.atomic():
            decided = proposing.decide(
                client,
                client_type,
                state=request.POST.get("state", ""),
                by=request.user,
                today=timezone.localdate(),
            )
            is_written = dossier is not None and confirmed_types.write_type(
                dossier, decided, by=request.user, today=timezone.localdate()
            )
    except proposing.ProposalRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("Saved, and written into the dossier.") if is_written else _("Saved.")
        )
    if dossier is not None and request.POST.get("back") == "dossier":
        return redirect("dossiers:dossier", dossier.pk)
    return redirect("segmentation:selection_client", client.pk)

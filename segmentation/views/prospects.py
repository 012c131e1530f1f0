"""A prospect is entered by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import may, only_if
from accounts.models import Client
from segmentation import judging, prospecting
from segmentation.selection_forms import ProspectForm


@only_if("match_clients")
@require_http_methods(["GET", "HEAD", "POST"])
def new_prospect(request: HttpRequest) -> HttpResponse:
    form, known, status = ProspectForm(request.POST or None), None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                client = prospecting.enter(
                    by=request.user, today=timezone.localdate(), **form.values()
                )
            except prospecting.SameName as refusal:
                form.ask_about_name()
                known = refusal.client
                form.add_error("name", str(refusal))
            except prospecting.KnownAlready as refusal:
                known = refusal.client
                form.add_error(refusal.field, str(refusal))
            except (prospecting.EnteringRefused, judging.JudgingRefused) as refusal:
                form.add_error(refusal.field or None, str(refusal))
            else:
                messages.success(request, _("%(client)s is a prospect now.") % {"client": client})
                if may(request.user, "choose_key_clients"):
                    return redirect("segmentation:selection_client", client.pk)
                return redirect("segmentation:client", client.pk)
    context = {"form": form, "known": known, "words": _words(request.user)}
    return render(request, "segmentation/new_prospect.html", context, status=status)


def _words(user) -> dict[str, list[str]]:
    """What is written in other clients' fields, to choose from."""
    visible = Client.objects.visible_to(user)
    return {
        name: list(
            visible.exclude(**{name: ""})
            .order_by(name)
            .values_list(name, flat=True)
            .distinct()[:200]
        )
        for name in ("industry", "channel")
    }

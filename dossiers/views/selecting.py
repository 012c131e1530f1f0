"""A head makes a client a key client, and releases one that is no longer."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import only_if
from accounts.answering import go_on_to, page_or_part
from accounts.models import Client
from accounts.models.client import Stage
from dossiers import opening
from dossiers.models import ClientType, Dossier
from segmentation import proposing, selecting
from segmentation.models import Segment, SegmentationRun


class MakeKeyForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why this client?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text=gettext_lazy("Two sentences: people will ask for it later."),
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("What kind of key client is it?"),
        choices=ClientType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ReleaseForm(forms.Form):
    to = forms.ChoiceField(
        label=gettext_lazy("What becomes of the client?"),
        choices=[
            (Stage.REGULAR, gettext_lazy("Regular: goes on buying, as one client among others")),
            (Stage.LOST, gettext_lazy("Lost: buys no more from us")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )


@only_if("choose_key_clients")
@require_http_methods(["GET", "POST"])
def make_key(request: HttpRequest, client_id: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    segment = Segment.objects.visible_to(request.user).in_force().filter(client=client).first()
    if request.method == "POST":
        form = MakeKeyForm(request.POST)
        if form.is_valid():
            try:
                opening.make_key(
                    client, by=request.user, today=timezone.localdate(), **form.cleaned_data
                )
            except (opening.OpeningRefused, selecting.SelectionRefused) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    _(
                        "%(client)s is a key client now and its dossier is open. Who takes care of it?"
                    )
                    % {"client": client},
                )
                return go_on_to(request, "dossiers:assign", client.pk)
    elif client.is_key:
        messages.info(request, _("%(client)s is a key client already.") % {"client": client})
        return redirect("dossiers:assign", client.pk)
    else:
        proposed = proposing.of_client(client, user=request.user)
        form = MakeKeyForm(
            initial={
                "types": [
                    each.client_type for each in proposed if each.is_open or each.is_confirmed
                ]
            }
        )
    context = {
        "client": client,
        "segment": segment,
        "run": SegmentationRun.objects.visible_to(request.user).in_force() if segment else None,
        "earlier": Dossier.objects.visible_to(request.user).filter(client=client).first(),
        "form": form,
    }
    return page_or_part(
        request, "dossiers/make_key.html", "make-key", context, status=_status(form)
    )


@only_if("choose_key_clients")
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, client_id: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    dossier = (
        Dossier.objects.visible_to(request.user).open().with_people().filter(client=client).first()
    )
    form = ReleaseForm(
        request.POST if request.method == "POST" else None, initial={"to": Stage.REGULAR}
    )
    if request.method == "POST" and dossier is None:
        form.add_error(
            None,
            _("%(client)s is no key client any more: somebody else has released it.")
            % {"client": client},
        )
    elif request.method == "POST" and form.is_valid():
        try:
            opening.release_key(
                dossier, by=request.user, today=timezone.localdate(), **form.cleaned_data
            )
        except (opening.OpeningRefused, selecting.SelectionRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _(
                    "%(client)s is no key client any more. Its dossier is closed and kept: "
                    "should it become a key client again, all that was known is there."
                )
                % {"client": client},
            )
            return go_on_to(request, "portfolio:portfolio")
    context = {"client": client, "dossier": dossier, "form": form}
    return page_or_part(request, "dossiers/release.html", "release", context, status=_status(form))


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200

"""A head hands a key client to a KAM, and appoints the deputy."""

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import assigning
from accounts.access import only_if
from accounts.answering import page_or_part
from accounts.models import Assignment, Client, User
from accounts.models.assignment import SLOTS, Holding
from dossiers.models import Dossier


class HandOverForm(forms.Form):
    """Whom to hand the client to. KAMs who are full may be chosen too: the refusal says what to do instead."""

    person = forms.ModelChoiceField(
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a KAM.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note for the hand-over"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What the new holder should know first. Kept with the assignment."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.kams()


@only_if("assign")
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, client_id: int) -> HttpResponse:
    return _hand_over(request, client_id, Holding.KAM)


@only_if("assign")
@require_http_methods(["GET", "POST"])
def deputy(request: HttpRequest, client_id: int) -> HttpResponse:
    return _hand_over(request, client_id, Holding.DEPUTY)


@only_if("assign")
@require_POST
def dismiss_deputy(request: HttpRequest, client_id: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    if assigning.dismiss_deputy(client, by=request.user, today=timezone.localdate()):
        messages.success(request, _("%(client)s has no deputy any more.") % {"client": client})
    return redirect("dossiers:assign", client.pk)


def _hand_over(request: HttpRequest, client_id: int, holding: str) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        act = assigning.assign if holding == Holding.KAM else assigning.appoint_deputy
        try:
            act(
                client,
                to=form.cleaned_data["person"],
                by=request.user,
                today=timezone.localdate(),
                note=form.cleaned_data["note"],
            )
        except assigning.AssignmentRefused as refusal:
            form.add_error("person", str(refusal))
        else:
            words = {"client": client, "person": form.cleaned_data["person"]}
            messages.success(
                request,
                _("%(person)s holds %(client)s from today on.") % words
                if holding == Holding.KAM
                else _("%(person)s deputises for %(client)s from today on.") % words,
            )
            if not request.htmx:
                return redirect("dossiers:assign", client.pk)
            form = HandOverForm()
    context = _context(request, client, holding, form)
    status = 422 if form.is_bound and form.errors else 200
    return page_or_part(request, "dossiers/assign.html", "assignment", context, status=status)


def _context(request: HttpRequest, client: Client, holding: str, form: HandOverForm) -> dict:
    dossier = (
        Dossier.objects.visible_to(request.user).open().with_people().filter(client=client).first()
    )
    kam, deputy_ = (dossier.kam, dossier.deputy) if dossier else (None, None)
    holds = Prefetch(
        "assignments",
        queryset=Assignment.objects.open()
        .kams()
        .select_related("client")
        .order_by("client__name_sort"),
        to_attr="holds",
    )
    kams = list(User.objects.kams().order_by("name_sort", "pk").prefetch_related(holds))
    for person in kams:
        person.free = len(SLOTS) - len(person.holds)
        person.capacity = assigning.capacity_sentence(person.free)
        person.is_kam_here = kam is not None and person.pk == kam.pk
        person.is_deputy_here = deputy_ is not None and person.pk == deputy_.pk
    if holding == Holding.KAM:
        kams.sort(key=lambda person: person.free == 0)  # those with a free slot first, else by name
    return {
        "client": client,
        "dossier": dossier,
        "kam": kam,
        "deputy": deputy_,
        "kams": kams,
        "as_kam": holding == Holding.KAM,
        "holding": holding,
        "form": form,
        "chosen": form["person"].value(),
    }

"""A head hands a key client to a KAM, and appoints the deputy."""

from django import forms
from django.contrib import messages
from django.db.models import Case, Count, Prefetch, Q, Value, When
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
from accounts.sorting import sort_key
from dossiers.models import Dossier

# Of more KAMs than these, the page shows the first and lets the head search by name.
KAMS_SHOWN = 40


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
    words = request.GET.get("q", "").strip()[:100]
    kams, more = _kams_to_choose_from(words, chosen=form["person"].value())
    for person in kams:
        person.free = len(SLOTS) - len(person.holds)
        person.capacity = assigning.capacity_sentence(person.free)
        person.is_kam_here = kam is not None and person.pk == kam.pk
        person.is_deputy_here = deputy_ is not None and person.pk == deputy_.pk
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
        "words": words,
        "more": more,
    }


def _kams_to_choose_from(words: str, *, chosen: str | None) -> tuple[list[User], bool]:
    """KAMs with what they hold, those with a free slot first, then by name; and whether there are more.

    Whoever was chosen in a form that was refused stays in the list.
    """
    held = Count(
        "assignments",
        filter=Q(assignments__holding=Holding.KAM, assignments__ended_on__isnull=True),
    )
    kams = User.objects.kams().annotate(held=held)
    if words:
        kams = kams.filter(name_sort__contains=sort_key(words))
    full = Case(When(held__gte=len(SLOTS), then=Value(1)), default=Value(0))
    first = (
        Case(When(pk=int(chosen), then=Value(0)), default=Value(1))
        if _is_number(chosen)
        else Value(1)
    )
    holds = Prefetch(
        "assignments",
        queryset=Assignment.objects.open()
        .kams()
        .select_related("client")
        .order_by("client__name_sort"),
        to_attr="holds",
    )
    found = list(
        kams.order_by(first, full, "name_sort", "pk").prefetch_related(holds)[: KAMS_SHOWN + 1]
    )
    return found[:KAMS_SHOWN], len(found) > KAMS_SHOWN


def _is_number(text: str | None) -> bool:
    return bool(text) and text.isascii() and text.isdigit() and len(text) < 19

"""Clients that may be one: the queue of doubts, the merge of any two, and the merges there were."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.access import may, only_if
from accounts.models import Client
from accounts.sorting import sort_key
from segmentation import beside, merging, splitting
from segmentation.models import ClientMerge, DoubtfulMatch

PAGE = 20
FOUND = 20


@only_if("match_clients")
@require_GET
def matches(request):
    """The doubts that wait, the newest first, both clients beside each other."""
    waiting = DoubtfulMatch.objects.visible_to(request.user).waiting()
    page = Paginator(waiting.select_related("client", "candidate", "sales_import"), PAGE).get_page(
        request.GET.get("page")
    )
    _put_beside(page.object_list)
    return render(
        request, "segmentation/matches.html", {"page": page, "number": page.paginator.count}
    )


def _put_beside(doubts) -> None:
    doubts = list(doubts)
    shown, until = beside.sides(
        client for doubt in doubts for client in (doubt.client_id, doubt.candidate_id)
    )
    for doubt in doubts:
        doubt.sides = [shown[doubt.client_id], shown[doubt.candidate_id]]
        doubt.until = until
        doubt.kept, doubt.merged = merging.which_way(doubt.candidate, doubt.client)


@only_if("match_clients")
@require_POST
@vary_on_headers("HX-Request")
def decide(request, pk):
    """The same client, or two: the row goes, and in its place stands what was done."""
    doubt = get_object_or_404(
        DoubtfulMatch.objects.editable_by(request.user).select_related(
            "client", "candidate", "sales_import"
        ),
        pk=pk,
    )
    answer = request.POST.get("answer")
    refused, said, merge = "", "", None
    if answer not in ("same", "different"):
        refused = _("Say whether they are the same client or two.")
    else:
        try:
            merge = merging.decide(
                doubt, same=answer == "same", by=request.user, today=timezone.localdate()
            )
        except merging.MergeRefused as refusal:
            refused = str(refusal)
        else:
            said = _merged(merge) if merge else _two(doubt)
    if not request.htmx:
        (messages.error if refused else messages.success)(request, refused or said)
        return redirect("segmentation:matches")
    if refused:
        _put_beside([doubt])
    context = {"doubt": doubt, "refused": refused, "said": said, "merge": merge}
    return render(
        request, "segmentation/matches.html#doubt", context, status=422 if refused else 200
    )


def _merged(merge: ClientMerge) -> str:
    return _("%(merged)s is one client with %(kept)s now.") % {
        "merged": merge.merged,
        "kept": merge.kept,
    }


def _two(doubt: DoubtfulMatch) -> str:
    return _("%(client)s and %(other)s stay two clients; this is not asked again.") % {
        "client": doubt.client,
        "other": doubt.candidate,
    }


class MergeForm(forms.Form):
    """Which of the two is kept, and why they are one."""

    keep = forms.TypedChoiceField(
        label=gettext_lazy("Which one is kept"), coerce=int, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("Why they are the same client"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data=None, *, two: tuple[Client, Client]):
        kept, _merged_one = merging.which_way(*two)
        super().__init__(data, initial={"keep": kept.pk})
        self.fields["keep"].choices = [(client.pk, client.name) for client in two]


@only_if("match_clients")
@require_http_methods(["GET", "POST"])
def merge(request, client_id):
    """Merge a client with any other: looked for by name or number, then both are shown and asked about."""
    user = request.user
    client = get_object_or_404(Client.objects.visible_to(user), pk=client_id)
    words = request.GET.get("q", "").strip()
    context = {"client": client, "words": words, "found": _found(user, client, words)}
    other = request.POST.get("other") or request.GET.get("other")
    if other is None:
        return render(
            request,
            "segmentation/merge.html",
            context,
            status=422 if request.method == "POST" else 200,
        )
    if not other.isdecimal() or len(other) > 18:
        other = 0
    other = get_object_or_404(Client.objects.visible_to(user).exclude(pk=client.pk), pk=other)
    form = MergeForm(request.POST or None, two=(client, other))
    refused, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            kept, merged = (
                (client, other) if form.cleaned_data["keep"] == client.pk else (other, client)
            )
            try:
                done = merging.merge(
                    kept,
                    merged,
                    by=user,
                    today=timezone.localdate(),
                    reason=form.cleaned_data["reason"],
                )
            except merging.MergeRefused as refusal:
                refused = str(refusal)
            else:
                messages.success(request, _merged(done))
                return redirect("segmentation:client", kept.pk)
        status = 422
    shown, until = beside.sides([client.pk, other.pk])
    kept, merged = merging.which_way(client, other)
    if request.method == "GET":
        try:
            merging.check(kept, merged, by=user)
        except merging.MergeRefused as refusal:
            refused = str(refusal)
    context |= {
        "other": other,
        "sides": [shown[client.pk], shown[other.pk]],
        "until": until,
        "moving": merging.preview(merged),
        "merged": merged,
        "form": form,
        "refused": refused,
    }
    return render(request, "segmentation/merge.html", context, status=status)


def _found(user, client: Client, words: str) -> list[Client]:
    if not words:
        return []
    named = Q(name_sort__contains=sort_key(words)) | Q(external_id__istartswith=words)
    numbered = Q(ledger_numbers__number__istartswith=words)
    return list(
        Client.objects.visible_to(user)
        .filter(named | numbered)
        .exclude(pk=client.pk)
        .by_name()
        .distinct()[:FOUND]
    )


@only_if("see_all_figures")
@require_GET
def merges(request):
    """The merges there were, the newest first, with what moved."""
    known = ClientMerge.objects.visible_to(request.user).select_related(
        "kept", "merged", "merged_by", "split_by"
    )
    page = Paginator(known, PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.rows_moved = _counted(row.moved.get("rows", {}))
        row.rows_stayed = _counted(row.moved.get("stayed", {}))
    context = {"page": page, "may_match": may(request.user, "match_clients")}
    return render(request, "segmentation/merges.html", context)


def _counted(rows: dict[str, list]) -> list[tuple[str, int]]:
    """(what, how many), of what `ClientMerge.moved` names by its field."""
    known = {merging.key_of(field): field for field in merging.pointing()}
    return [
        (str(known[key].model._meta.verbose_name_plural), len(ids))
        for key, ids in rows.items()
        if key in known and known[key].model is not DoubtfulMatch
    ]


@only_if("match_clients")
@require_POST
def split(request, pk):
    """Take a merge apart again."""
    row = get_object_or_404(ClientMerge.objects.visible_to(request.user), pk=pk)
    try:
        splitting.split(row, by=request.user)
    except (splitting.SplitRefused, merging.MergeRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("%(kept)s and %(merged)s are two clients again.")
            % {"kept": row.kept, "merged": row.merged},
        )
    return redirect(reverse("segmentation:merges"))

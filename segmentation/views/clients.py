"""Clients by what they buy: the ranking from which key clients are chosen, and the figures of one."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, Subquery, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.access import may, only_if
from accounts.models import Client
from accounts.models.client import Stage
from accounts.sorting import sort_key
from segmentation import (
    client_figures,
    recommending,
    rhythm_drawing,
    rhythm_words,
    segmenting,
    selecting,
)
from segmentation.charts import sales_chart
from segmentation.forms import RankedFilter, ReasonForm
from segmentation.models import (
    DoubtfulMatch,
    JobState,
    MonthlySales,
    Policy,
    Rhythm,
    Segment,
    SegmentationRun,
)
from segmentation.rhythm import same_pause_before

PAGE = 50
HISTORY = 8


@only_if("see_all_figures")
@require_GET
@vary_on_headers("HX-Request")
def ranked(request):
    """Clients by their total in the run in force, the largest first."""
    run = SegmentationRun.objects.visible_to(request.user).in_force()
    asked = RankedFilter(request.GET)
    asked.is_valid()  # what is not known is left out of cleaned_data and so shows all
    wanted = {name: asked.cleaned_data.get(name, "") for name in asked.fields}
    context = {
        "run": run,
        "form": asked,
        "may_choose": may(request.user, "choose_key_clients"),
        "may_match": may(request.user, "match_clients"),
        # Counted by the page, which shows the number; a part of it does not.
        "doubts": DoubtfulMatch.objects.visible_to(request.user).waiting(),
    }
    if run is None or wanted["segment"] == "none":
        rows = _without_segment(request.user, run, wanted)
        context["unsegmented"] = True
    else:
        rows = _segments(request.user, run, wanted)
        context |= rows.aggregate(share_of_shown=Sum("share"))
        # Bars are drawn against the largest client, or all of them would be dots; and growth is told only where
        # the sales on hand reach back over the whole window before.
        known = MonthlySales.objects.in_currency(run.currency).order_by("month").values("month")[:1]
        largest, first_month = (
            run.segments.visible_to(request.user)
            .filter(rank=1)
            .annotate(first_month=Subquery(known))
            .values_list("share", "first_month")
            .first()
        ) or (None, None)
        # Within the first week of it: a window of weeks may begin in the last days of a month.
        begins = client_figures.before(run) + datetime.timedelta(days=6)
        has_before = first_month is not None and first_month <= begins
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    if "unsegmented" not in context:
        for segment in page.object_list:
            segment.run = run
        before = client_figures.totals_before(list(page.object_list)) if has_before else {}
        for segment in page.object_list:
            segment.bar = segment.share / largest if largest else 0
            segment.has_before = has_before
            segment.growth = client_figures.growth(segment.total, before.get(segment.client_id))
        may_choose = context["may_choose"]
        context["rows"] = [RankedRow(segment, may_choose) for segment in page.object_list]
    query = request.GET.copy()
    query.pop("page", None)
    context |= {"page": page, "query": query.urlencode(), "wanted": wanted}
    template = "segmentation/clients.html" + ("#clients" if request.htmx else "")
    return render(request, template, context)


@dataclass(frozen=True)
class RankedRow:
    """A client of the ranking as it is drawn; its segment has `bar`, `growth` and `has_before`."""

    segment: Segment
    may_choose: bool

    @property
    def state(self) -> tuple:
        """Everything that it is drawn from."""
        segment, client = self.segment, self.segment.client
        return (
            "ranked",
            segment.run_id,
            *(segment.rank, segment.letters, segment.previous, segment.total, segment.growth),
            *(segment.bar, segment.share, segment.share_after, segment.has_before, self.may_choose),
            *(client.pk, client.name, client.stage),
        )

    def contents(self) -> dict[str, Any]:
        return {
            "segment": self.segment,
            "client": self.segment.client,
            "may_choose": self.may_choose,
        }


def _segments(user, run, wanted):
    rows = run.segments.visible_to(user).select_related("client").defer("nets").ranked()
    if wanted["segment"]:
        rows = rows.filter(abc=wanted["segment"][0])
        if wanted["segment"][1:]:
            rows = rows.filter(xyz=wanted["segment"][1])
    if wanted["stage"]:
        rows = rows.filter(client__stage=wanted["stage"])
    if wanted["q"]:
        rows = rows.filter(_named(wanted["q"], "client__"))
    return rows


def _without_segment(user, run, wanted):
    clients = Client.objects.visible_to(user).by_name()
    if run is not None:
        clients = clients.filter(~Exists(Segment.objects.filter(run=run, client=OuterRef("pk"))))
    if wanted["stage"]:
        clients = clients.filter(stage=wanted["stage"])
    if wanted["q"]:
        clients = clients.filter(_named(wanted["q"], ""))
    return clients


def _named(words: str, prefix: str) -> Q:
    """Part of the name, whatever its capitals and accents, or the beginning of the number in the ledger."""
    return Q(**{f"{prefix}name_sort__contains": sort_key(words)}) | Q(
        **{f"{prefix}external_id__istartswith": words.strip()}
    )


@only_if("choose_key_clients")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def nominate(request, client_id):
    """Put a client on the list of candidates, with the reason."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                selecting.nominate(
                    client,
                    by=request.user,
                    today=timezone.localdate(),
                    reason=form.cleaned_data["reason"],
                )
            except selecting.SelectionRefused as refusal:
                form.add_error("reason", str(refusal))
            else:
                messages.success(request, _("%(client)s is a candidate now.") % {"client": client})
                return redirect("segmentation:selection_client", client.pk)
        status = 422
    return render(
        request, "segmentation/nominate.html", {"client": client, "form": form}, status=status
    )


@only_if("see_figures")
@require_GET
def figures(request, client_id):
    """What the sales say of one client, with what it was computed from."""
    user = request.user
    client = get_object_or_404(Client.objects.visible_to(user), pk=client_id)
    segment = (
        Segment.objects.visible_to(user)
        .in_force()
        .filter(client=client)
        .select_related("run__created_by", "run__compared_with")
        .first()
    )
    currency = request.GET.get("currency", "").upper()
    until = segment.run.last_month if segment and currency in ("", segment.run.currency) else None
    shown = client_figures.of(
        client,
        user=user,
        currency=currency or (segment.run.currency if segment else ""),
        until=until,
    )
    context = {
        "client": client,
        "segment": segment,
        "figures": shown,
        "chart": sales_chart(shown.series, shown.before, currency=shown.currency)
        if shown
        else None,
        "documents": client_figures.latest_documents(client, user=user) if shown else [],
        "history_missing": segment.run.min_history - segment.history_periods if segment else 0,
        "history": _history(segment, user=user) if segment else [],
        "decisions": client.selection_decisions.select_related("decided_by")[:10],
        "action": recommending.actions().get(segment.letters) if segment else None,
        "may_choose": may(user, "choose_key_clients"),
        "can_nominate": Stage.CANDIDATE in selecting.WAYS[client.stage]
        and client.stage != Stage.KEY,
    }
    context |= _rhythm(client, user=user, today=timezone.localdate())
    return render(request, "segmentation/client.html", context)


def _rhythm(client, *, user, today) -> dict[str, Any]:
    """How often it orders, by which rule, and whether it slips; two queries."""
    rhythm = Rhythm.objects.visible_to(user).filter(client=client).select_related("policy").first()
    if rhythm is None:
        return {"rhythm": None}
    days = rhythm_drawing.order_days([rhythm], before=rhythm_drawing.LONG).get(client.pk, [])
    slips_after = (rhythm.slips_on - rhythm.last_on).days if rhythm.slips_on else 0
    return {
        "rhythm": rhythm,
        "rhythm_said": rhythm_words.said(rhythm, today=today),
        "rhythm_rule": rhythm_words.rule(rhythm, rhythm.policy or Policy()),
        "rhythm_drawing": rhythm_drawing.drawn(rhythm, days, today=today),
        "rhythm_state": "lost"
        if rhythm.is_lost(today)
        else "slipping"
        if rhythm.slips(today)
        else "",
        "same_pause": same_pause_before(days, at_least=slips_after)
        if rhythm.slips(today)
        else None,
    }


def _history(segment, *, user) -> list[Segment]:
    """The client's segments by the same method, one a period, the latest first."""
    run = segment.run
    method = {f"run__{name}": getattr(run, name) for name in segmenting.method_fields(run)}
    known = (
        Segment.objects.visible_to(user)
        .filter(client=segment.client_id, run__state=JobState.SUCCEEDED, **method)
        .select_related("run")
        .defer("nets", "run__log")
        .order_by("-run__start", "-run__periods", "-run")[: HISTORY * 3]
    )
    by_period = {}
    for each in known:
        by_period.setdefault((each.run.start, each.run.periods), each)
    return list(by_period.values())[:HISTORY]

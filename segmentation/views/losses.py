"""Losses: recorded with reason and direction, counted by quarter, and seen to come back."""

import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncQuarter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import may, only_if
from accounts.answering import page_or_part
from accounts.models import Client
from segmentation import losing, rhythm_words, selecting
from segmentation.charts import Chart, bands_chart
from segmentation.models import Loss, SegmentationRun
from segmentation.models.slipping import LossDirection, LossReason
from segmentation.slipping_forms import LossFilter, LossForm

QUARTERS = 8
SHOWN = 25


@only_if("see_figures")
@require_safe
def losses(request: HttpRequest) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    form = LossFilter(request.GET)
    wanted = form.wanted
    seen = Loss.objects.visible_to(user)
    chosen = seen
    for field in ("reason", "direction"):
        if wanted[field]:
            chosen = chosen.filter(**{field: wanted[field]})
    if wanted["state"]:
        chosen = chosen.filter(returned_on__isnull=wanted["state"] == "open")
    currency = currency_of(user)
    page = Paginator(
        chosen.select_related("client", "recorded_by").order_by("-lost_on", "-pk"), SHOWN
    ).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    totals = seen.aggregate(
        still=Count("pk", filter=Q(returned_on__isnull=True)),
        revenue=Sum("revenue_before", filter=Q(returned_on__isnull=True, currency=currency)),
        back=Count("pk", filter=Q(returned_on__isnull=False)),
    )
    context = {
        "form": form,
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "page": page,
        "query": query.urlencode(),
        "totals": totals,
        "currency": currency,
        "charts": _trend(seen, currency=currency, today=today)
        if totals["still"] or totals["back"]
        else [],
        "first_quarter": losing.last_quarters(today, QUARTERS)[0],
        "tables": [
            _table(_("By reason"), losing.counted(seen, "reason", currency=currency), LossReason),
            _table(
                _("By direction"),
                losing.counted(seen, "direction", currency=currency),
                LossDirection,
            ),
        ],
        "editable": set(
            Loss.objects.editable_by(user)
            .filter(pk__in=[loss.pk for loss in page])
            .values_list("pk", flat=True)
        ),
        "may_welcome": may(user, "choose_key_clients"),
        "tabs": "losses",
    }
    return page_or_part(request, "segmentation/losses.html", "losses", context)


def currency_of(user) -> str:
    """The currency that losses are added up in: that of the run in force, else the house's."""
    run = SegmentationRun.objects.visible_to(user).in_force()
    return run.currency if run else settings.KAM_CURRENCY


def _table(title: str, counted: list[dict[str, Any]], words) -> dict[str, Any]:
    largest = max((row["revenue"] or 0 for row in counted), default=0)
    for row in counted:
        row["label"] = words(row["value"]).label
        row["bar"] = (row["revenue"] or 0) / largest if largest else 0
    return {"title": title, "rows": counted}


def _trend(seen: QuerySet[Loss], *, currency: str, today: datetime.date) -> list[Chart]:
    """Losses and returns by quarter, and the revenue that went, in thousands."""
    quarters = losing.last_quarters(today, QUARTERS)
    labels = [f"{(first.month + 2) // 3}/{first:%y}" for first in quarters]

    def by_quarter(field: str, figure) -> list:
        rows = (
            seen.filter(**{f"{field}__gte": quarters[0]})
            .order_by()
            .annotate(quarter=TruncQuarter(field))
            .values("quarter")
            .annotate(figure=figure)
        )
        known = {row["quarter"]: row["figure"] for row in rows}
        return [known.get(first) or 0 for first in quarters]

    lost = by_quarter("lost_on", Count("pk"))
    back = by_quarter("returned_on", Count("pk"))
    money = by_quarter("lost_on", Sum("revenue_before", filter=Q(currency=currency)))
    said = _("%(lost)s lost and %(back)s came back in %(number)s quarters.") % {
        "lost": sum(lost),
        "back": sum(back),
        "number": QUARTERS,
    }
    thousands = [int((Decimal(figure) / 1000).to_integral_value()) for figure in money]
    return [
        bands_chart(
            labels,
            [(_("Lost"), lost), (_("Came back"), back)],
            name="losses-count",
            title=_("Clients by quarter"),
            description=said,
        ),
        bands_chart(
            labels,
            [(_("Revenue"), thousands)],
            name="losses-revenue",
            title=_("Revenue lost by quarter, thousand %(currency)s") % {"currency": currency},
            description=_("Of the twelve months before each loss, in the quarter of the loss."),
        ),
    ]


@only_if("open_dossiers")
@require_http_methods(["GET", "HEAD", "POST"])
def record_loss(request: HttpRequest, client_id: int) -> HttpResponse:
    """That a client is lost: since when, why, where to."""
    user, today = request.user, timezone.localdate()
    client = get_object_or_404(
        Client.objects.visible_to(user).select_related("rhythm"), pk=client_id
    )
    known = Loss.objects.visible_to(user).open().filter(client=client).first()
    if known is not None:
        return redirect("segmentation:loss", known.pk)
    form = LossForm(
        request.POST or None, initial={"lost_on": losing.since_when(client, today=today)}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                loss = losing.record(client, **form.values(), by=user, today=today)
            except (losing.LosingRefused, selecting.SelectionRefused) as refusal:
                form.add_error(getattr(refusal, "field", "") or None, str(refusal))
            else:
                messages.success(request, _("%(client)s is recorded as lost.") % {"client": client})
                return _onwards(loss)
    return render(
        request, "segmentation/loss.html", _shown(client, form, today=today), status=status
    )


def _onwards(loss: Loss) -> HttpResponse:
    if loss.worth_winning:
        return redirect(f"{redirect('segmentation:win_back').url}#loss-{loss.pk}")
    return redirect("segmentation:losses")


def _shown(client: Client, form: LossForm, *, today, loss: Loss | None = None) -> dict[str, Any]:
    known = getattr(client, "rhythm", None)
    return {
        "client": client,
        "form": form,
        "loss": loss,
        "rhythm": known,
        "said": rhythm_words.said(known, today=today) if known else "",
    }


@only_if("open_dossiers")
@require_http_methods(["GET", "HEAD", "POST"])
def loss(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known of a loss."""
    user, today = request.user, timezone.localdate()
    found = get_object_or_404(
        Loss.objects.editable_by(user).select_related("client__rhythm"), pk=pk
    )
    form = LossForm(request.POST or None, instance=found, initial={"version": found.version})
    status, stands = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if not form.cleaned_data["version"]:
                raise PermissionDenied(_("The form came without its version; open it anew."))
            try:
                changed = losing.change_loss(
                    found,
                    version=form.cleaned_data["version"],
                    by=user,
                    today=today,
                    **form.values(),
                )
            except losing.ChangedMeanwhile as refusal:
                status, stands = 409, refusal.stands
                form = with_newer(form, refusal)
            except losing.LosingRefused as refusal:
                form.add_error(refusal.field or None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return _onwards(changed)
    context = _shown(found.client, form, today=today, loss=found)
    context["differing"] = differing(form, stands) if stands else []
    return render(request, "segmentation/loss.html", context, status=status)


def with_newer(form, refusal: losing.ChangedMeanwhile):
    """The same entries in a form that carries the version that stands now: sent again, they are meant."""
    form.data = form.data.copy()
    form.data["version"] = refusal.stands.version
    form.add_error(None, str(refusal))
    return form


def differing(form, stands) -> list[dict[str, Any]]:
    """Each field whose entry is another than what stands there now."""
    found = []
    for name, entered in form.values().items():
        value = getattr(stands, name)
        if value != entered:
            told = getattr(stands, f"get_{name}_display", None)
            found.append({"label": form.fields[name].label, "value": told() if told else value})
    return found


@only_if("choose_key_clients")
@require_POST
def welcome_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A client that ordered again becomes a regular one."""
    found = get_object_or_404(
        Loss.objects.editable_by(request.user).select_related("client"), pk=pk
    )
    try:
        losing.welcome_back(found, by=request.user, today=timezone.localdate())
    except (losing.LosingRefused, selecting.SelectionRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("%(client)s is a regular client again.") % {"client": found.client}
        )
    return redirect("segmentation:losses")

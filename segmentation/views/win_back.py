"""The win-back list: losses worth winning, what is done about each, what it cost and what came back."""

import csv
import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import F, Prefetch, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import only_if
from accounts.answering import page_or_part
from accounts.models import User
from segmentation import losing
from segmentation.exporting import harmless
from segmentation.models import Loss, WinBackMeasure
from segmentation.slipping_forms import MeasureForm
from segmentation.views.losses import differing, with_newer
from segmentation.workbooks import Book, as_attachment

SHOWN = 20
# Who came back longer ago than this stands among the losses alone.
KEPT_AFTER_RETURN = datetime.timedelta(days=365)


@dataclass
class Card:
    """A loss with its measures; `form` is that of a measure being written, `editing` which (None: a new one)."""

    loss: Loss
    came_back: losing.Return | None
    is_editable: bool
    today: datetime.date
    form: MeasureForm | None = None
    editing: int | None = None
    differing: list[dict[str, Any]] | None = None

    @property
    def key(self) -> str:
        return str(self.loss.pk)

    @property
    def measures(self) -> list[WinBackMeasure]:
        return list(self.loss.measures.all())

    @property
    def cost(self):
        return losing.cost_of(self.loss, self.loss.currency)

    @property
    def post_url(self) -> str:
        if self.editing:
            return reverse("segmentation:measure", args=[self.editing])
        return reverse("segmentation:add_measure", args=[self.loss.pk])


def wanted_back(user: User, *, today: datetime.date) -> QuerySet[Loss]:
    """Losses worth winning that the person sees: open ones, and those that came back within a year."""
    measures = WinBackMeasure.objects.visible_to(user).select_related("owner")
    return (
        Loss.objects.visible_to(user)
        .filter(worth_winning=True)
        .filter(Q(returned_on__isnull=True) | Q(returned_on__gte=today - KEPT_AFTER_RETURN))
        .select_related("client")
        .prefetch_related(Prefetch("measures", queryset=measures))
        .order_by(F("revenue_before").desc(nulls_last=True), "-lost_on", "pk")
    )


def _cards(losses: list[Loss], *, user: User, today: datetime.date) -> list[Card]:
    editable = set(
        Loss.objects.editable_by(user)
        .filter(pk__in=[loss.pk for loss in losses])
        .values_list("pk", flat=True)
    )
    returns = losing.returns(losses)
    return [Card(loss, returns.get(loss.pk), loss.pk in editable, today) for loss in losses]


@only_if("see_figures")
@require_safe
def win_back(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    page = Paginator(wanted_back(request.user, today=today), SHOWN).get_page(
        request.GET.get("page")
    )
    cards = _cards(list(page.object_list), user=request.user, today=today)
    context = {"cards": cards, "page": page, "query": "", "tabs": "win-back", "today": today}
    return page_or_part(request, "segmentation/win_back.html", "list", context)


@only_if("see_figures")
@require_safe
def loss_card(request: HttpRequest, pk: int) -> HttpResponse:
    """One loss of the list: what a cancelled form gives back."""
    return _answer(request, _card_of(request, pk))


@only_if("open_dossiers")
@require_http_methods(["GET", "HEAD", "POST"])
def add_measure(request: HttpRequest, pk: int) -> HttpResponse:
    card = _card_of(request, pk, to_edit=True)
    initial = {"owner": request.user, "currency": card.loss.currency}
    card.form = MeasureForm(request.POST or None, initial=initial, today=card.today)
    if request.method == "POST" and card.form.is_valid():
        try:
            losing.add_measure(card.loss, by=request.user, **card.form.values())
        except losing.LosingRefused as refusal:
            card.form.add_error(refusal.field or None, str(refusal))
        else:
            return _saved(request, pk)
    return _answer(request, card, status=422 if request.method == "POST" else 200)


@only_if("open_dossiers")
@require_http_methods(["GET", "HEAD", "POST"])
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(WinBackMeasure.objects.editable_by(request.user), pk=pk)
    card = _card_of(request, found.loss_id, to_edit=True)
    card.editing = found.pk
    card.form = MeasureForm(
        request.POST or None, instance=found, initial={"version": found.version}, today=card.today
    )
    status = 200
    if request.method == "POST":
        status = 422
        if card.form.is_valid():
            version = card.form.cleaned_data["version"] or 0
            try:
                losing.change_measure(found, version=version, by=request.user, **card.form.values())
            except losing.ChangedMeanwhile as refusal:
                status = 409
                card.differing = differing(card.form, refusal.stands)
                card.form = with_newer(card.form, refusal)
            except losing.LosingRefused as refusal:
                card.form.add_error(refusal.field or None, str(refusal))
            else:
                return _saved(request, found.loss_id)
    return _answer(request, card, status=status)


@only_if("open_dossiers")
@require_POST
def delete_measure(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(WinBackMeasure.objects.editable_by(request.user), pk=pk)
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise BadRequest(_("The form did not say which version was seen."))
    try:
        losing.delete_measure(found, version=int(version), by=request.user)
    except losing.ChangedMeanwhile as refusal:
        messages.error(request, _("Somebody changed this measure meanwhile; look at it first."))
        return _answer(request, _card_of(request, refusal.stands.loss_id), status=409)
    return _saved(request, found.loss_id)


def _card_of(request: HttpRequest, pk: int, *, to_edit: bool = False) -> Card:
    today = timezone.localdate()
    measures = WinBackMeasure.objects.visible_to(request.user).select_related("owner")
    losses = (
        Loss.objects.visible_to(request.user)
        .select_related("client")
        .prefetch_related(Prefetch("measures", queryset=measures))
    )
    [card] = _cards([get_object_or_404(losses, pk=pk)], user=request.user, today=today)
    if to_edit and not card.is_editable:
        raise Http404
    return card


def _answer(request: HttpRequest, card: Card, *, status: int = 200) -> HttpResponse:
    """The card alone in place, or a page that holds nothing else."""
    part = "segmentation/_win_back_card.html" if request.htmx else "segmentation/win_back_one.html"
    response = render(request, part, {"card": card, "today": card.today}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _saved(request: HttpRequest, loss: int) -> HttpResponse:
    if request.htmx:
        return _answer(request, _card_of(request, loss))
    return redirect(f"{reverse('segmentation:win_back')}#loss-{loss}")


# ── For other programs ───────────────────────────────────────────────────────────────────────


def _table(user: User, *, today: datetime.date) -> Iterator[list]:
    """A line for each measure, and one for a loss without any; the header first."""
    yield [
        _("Client"), _("Number"), _("Lost since"), _("Reason"), _("Direction"), _("To whom"),
        _("Revenue of the twelve months before"), _("Currency"), _("Measure"), _("What"), _("Owner"), _("Budget"),
        _("Currency of the budget"), _("Due"), _("State"), _("Done on"), _("Result"), _("Came back"),
        _("Counted from"), _("Revenue since"), _("Orders since"),
    ]  # fmt: skip
    losses = list(wanted_back(user, today=today))
    returns = losing.returns(losses)
    for loss in losses:
        back = returns.get(loss.pk)
        first = [
            loss.client.name, loss.client.external_id or "", loss.lost_on, str(loss.get_reason_display()),
            str(loss.get_direction_display()), loss.competitor, loss.revenue_before, loss.currency,
        ]  # fmt: skip
        last = [
            loss.returned_on,
            *((back.since, back.revenue, back.orders) if back else ("", "", "")),
        ]
        for each in [*loss.measures.all()] or [None]:
            middle: list = [""] * 9
            if each is not None:
                middle = [
                    str(each.get_kind_display()), each.what, each.owner.name, each.budget, each.currency, each.due_on,
                    str(each.get_state_display()), each.done_on, each.result,
                ]  # fmt: skip
            yield [*first, *middle, *last]


@only_if("see_figures")
@require_safe
def win_back_xlsx(request: HttpRequest) -> FileResponse:
    made = Book()
    sheet = made.sheet(_("Win-back list"))
    days = made.book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(_table(request.user, today=timezone.localdate())):
        for column, cell in enumerate(row):
            if number == 0:
                sheet.write_string(number, column, cell, made.bold)
            elif isinstance(cell, datetime.date):
                sheet.write_datetime(number, column, cell, days)
            elif isinstance(cell, Decimal):
                sheet.write_number(number, column, float(cell), made.amount)
            elif isinstance(cell, int):
                sheet.write_number(number, column, cell)
            elif cell:
                sheet.write_string(number, column, cell)
    return as_attachment(made.done(), "win-back.xlsx")


@only_if("see_figures")
@require_safe
def win_back_csv(request: HttpRequest) -> HttpResponse:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in _table(request.user, today=timezone.localdate()):
        writer.writerow([harmless(cell) for cell in row])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="win-back.csv"'
    return response

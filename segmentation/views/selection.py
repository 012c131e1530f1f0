"""Choosing key clients: the ranked list, and one client with its scores, its total and the decisions on it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.access import only_if
from accounts.answering import page_or_part
from accounts.models import Client, User
from accounts.models.assignment import SLOTS, Holding
from accounts.models.client import Stage
from accounts.sorting import sort_key
from segmentation import (
    judging,
    proposing,
    ranking,
    selecting,
    selection_words,
    selection_workbook,
    workbooks,
)
from segmentation.models import SelectionDecision
from segmentation.ranking import Among, Entry, Ranking
from segmentation.scoring import FIRST
from segmentation.selection_forms import (
    JudgeForm,
    QualifyForm,
    SelectionFilter,
    StageForm,
    differing,
    step_words,
    ways,
)

PAGE = 50
KAMS_SHOWN = 8
DECISIONS_SHOWN = 30
TEMPLATE, PART = "segmentation/selection_client.html", "choice"
GET_OR_POST = ["GET", "HEAD", "POST"]


# ── The list ─────────────────────────────────────────────────────────────────────────────────


@only_if("choose_key_clients")
@require_GET
@vary_on_headers("HX-Request")
def selection(request: HttpRequest) -> HttpResponse:
    """The candidates and whoever else comes into question, best first."""
    asked = SelectionFilter(request.GET)
    asked.is_valid()  # what is not known is left out of cleaned_data and so shows all to choose from
    wanted = {name: asked.cleaned_data.get(name, "") for name in asked.fields}
    among = wanted["show"] if wanted["show"] in (Among.KEY, Among.ALL) else Among.OPEN
    found = ranking.ranking(request.user, among=among)
    entries = [entry for entry in found.entries if _is_wanted(entry, wanted)]
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "ranking": found,
        "rules": found.rules,
        "form": asked,
        "wanted": wanted,
        "page": page,
        "query": query.urlencode(),
        "rows": [row(entry, found) for entry in page.object_list],
        "rule_of_list": selection_words.rule_of_list(ranking.LARGEST),
        "weights": selection_words.weights(found.rules),
        "first": FIRST,
        **_capacity(),
    }
    return page_or_part(request, "segmentation/selection.html", "selection", context)


@only_if("choose_key_clients")
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """The whole list with its weights and formulas."""
    asked = request.GET.get("show", "")
    among = asked if asked in (Among.KEY, Among.ALL) else Among.OPEN
    found = ranking.ranking(request.user, among=among)
    return workbooks.as_attachment(selection_workbook.ranking_workbook(found), "selection.xlsx")


def _is_wanted(entry: Entry, wanted: dict[str, str]) -> bool:
    if wanted["show"] in Stage.values and entry.client.stage != wanted["show"]:
        return False
    words = wanted["q"].strip()
    return (
        not words
        or sort_key(words) in entry.client.name_sort
        or (entry.client.external_id or "").lower().startswith(words.lower())
    )


def row(entry: Entry, found: Ranking) -> dict[str, Any]:
    """What a row of the list shows."""
    return {
        "entry": entry,
        "client": entry.client,
        "cells": entry.by(found.rules.weighty),
        "known": selection_words.known_words(entry),
        "verdict": selection_words.verdict(entry.place),
        "ranks": selection_words.ranks(entry.place),
    }


def _capacity() -> dict[str, Any]:
    """Which KAMs could take one more, those with most room first; one query."""
    held = Count(
        "assignments",
        filter=Q(assignments__ended_on__isnull=True, assignments__holding=Holding.KAM),
    )
    free = list(
        User.objects.kams()
        .annotate(free=len(SLOTS) - held)
        .filter(free__gt=0)
        .order_by(F("free").desc(), "name_sort", "pk")
    )
    return {
        "kams_free": free[:KAMS_SHOWN],
        "more_kams": len(free) - KAMS_SHOWN,
        "free_slots": sum(kam.free for kam in free),
    }


# ── One client ───────────────────────────────────────────────────────────────────────────────


@only_if("choose_key_clients")
@require_GET
@vary_on_headers("HX-Request")
def client(request: HttpRequest, client_id: int) -> HttpResponse:
    return _page(request, _visible(request, client_id))


@only_if("choose_key_clients")
@require_http_methods(GET_OR_POST)
def judge(request: HttpRequest, client_id: int, criterion: str) -> HttpResponse:
    """A score by one criterion with its reason, in place; the button "take back" takes the judgement away."""
    judged = _visible(request, client_id)
    found = ranking.ranking(request.user, among=_among(judged), beside=[judged.pk])
    entry = found.of(judged.pk)
    scored = entry.scored.get(criterion) if entry else None
    if scored is None:
        raise Http404
    standing = scored.judged
    if request.method != "POST":
        initial = {"version": standing.version if standing else 0}
        if standing:
            initial |= {"score": standing.score, "reason": standing.reason}
        form = JudgeForm(criterion=scored.criterion, initial=initial)
        return _page(request, judged, found=found, judging=scored, form=form)
    form = JudgeForm(request.POST, criterion=scored.criterion)
    try:
        if "take_back" in request.POST:
            seen = request.POST.get("version")
            judging.take_back(judged, criterion, seen=seen, by=request.user)
        elif form.is_valid():
            judging.judge(
                judged,
                criterion,
                score=form.cleaned_data["score"],
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["version"],
                by=request.user,
                today=timezone.localdate(),
            )
        else:
            return _page(request, judged, found=found, judging=scored, form=form, status=422)
    except judging.JudgedMeanwhile as refusal:
        again = _with_version(request, refusal.version)
        form = JudgeForm(again, criterion=scored.criterion)
        context = {"conflict": refusal.record, "problem": str(refusal)}
        return _page(request, judged, found=found, judging=scored, form=form, status=409, **context)
    except judging.VersionMissing as refusal:
        form = JudgeForm(
            _with_version(request, standing.version if standing else 0), criterion=scored.criterion
        )
        return _page(
            request,
            judged,
            found=found,
            judging=scored,
            form=form,
            status=400,
            problem=str(refusal),
            conflict=standing,
        )
    except judging.JudgingRefused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return _page(request, judged, found=found, judging=scored, form=form, status=422)
    return _done(request, judged)


@only_if("choose_key_clients")
@require_http_methods(GET_OR_POST)
def qualify(request: HttpRequest, client_id: int) -> HttpResponse:
    """The three Ps of a prospect and the source of the lead, in place."""
    asked = _visible(request, client_id)
    found = ranking.ranking(request.user, among=_among(asked), beside=[asked.pk])
    entry = found.of(asked.pk)
    standing = entry.qualification if entry else None
    if request.method != "POST":
        form = QualifyForm(instance=standing)
        return _page(request, asked, found=found, qualifying=True, form=form)
    form = QualifyForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, found=found, qualifying=True, form=form, status=422)
    mine = form.values()
    try:
        judging.qualify(
            asked,
            values=mine,
            seen=form.cleaned_data["version"],
            by=request.user,
            today=timezone.localdate(),
        )
    except (judging.JudgedMeanwhile, judging.VersionMissing) as refusal:
        is_conflict = isinstance(refusal, judging.JudgedMeanwhile)
        stands = refusal.record if is_conflict else standing
        context = {
            "problem": str(refusal),
            "differences": differing(mine, stands) if stands else [],
            "conflict": stands,
            "form": QualifyForm(_with_version(request, stands.version if stands else 0)),
        }
        status = 409 if is_conflict else 400
        return _page(request, asked, found=found, qualifying=True, status=status, **context)
    except judging.JudgingRefused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return _page(request, asked, found=found, qualifying=True, form=form, status=422)
    return _done(request, asked)


@only_if("choose_key_clients")
@require_http_methods(GET_OR_POST)
def decide(request: HttpRequest, client_id: int) -> HttpResponse:
    """Candidate, back to regular, lost: with the reason. To become a key client leads a page of its own."""
    decided = _visible(request, client_id)
    if not ways(decided):
        raise PermissionDenied(
            _("%(client)s is a key client: release it, and its dossier closes with the same act.")
            % {"client": decided}
        )
    if request.method != "POST":
        wanted = request.GET.get("to", "")
        known = [value for value, _label in ways(decided)]
        form = StageForm(client=decided, initial={"to": wanted if wanted in known else known[0]})
        return _page(request, decided, deciding=True, form=form)
    form = StageForm(request.POST, client=decided)
    if form.is_valid():
        try:
            selecting.change_stage(
                decided, by=request.user, today=timezone.localdate(), **form.cleaned_data
            )
        except selecting.SelectionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, decided)
    return _page(request, decided, deciding=True, form=form, status=422)


def _visible(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


def _among(client: Client) -> str:
    return Among.KEY if client.is_key else Among.OPEN


def _with_version(request: HttpRequest, version: int):
    """What was sent, with the version that stands now: sent again, it is meant."""
    again = request.POST.copy()
    again["version"] = str(version)
    return again


def _done(request: HttpRequest, client: Client) -> HttpResponse:
    if request.htmx:
        return _page(request, client)
    messages.success(request, _("Saved."))
    return redirect("segmentation:selection_client", client.pk)


def _page(
    request: HttpRequest,
    client: Client,
    *,
    found: Ranking | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    user = request.user
    if found is None:
        found = ranking.ranking(user, among=_among(client), beside=[client.pk])
    entry = found.of(client.pk)
    assert entry is not None  # it was put beside the list
    decisions = SelectionDecision.objects.visible_to(user).filter(client=client)
    context = {
        "client": client,
        "entry": entry,
        "ranking": found,
        "rules": found.rules,
        "lines": selection_words.lines(entry, found.rules),
        "formula": selection_words.formula(entry, found.rules),
        "known": selection_words.known_words(entry),
        "place": selection_words.place_words(entry.place, found),
        "verdict": selection_words.verdict(entry.place),
        "ranks": selection_words.ranks(entry.place),
        "deciding_weight": selection_words.deciding(entry.place, found.rules),
        "moved": selection_words.moved(entry.place, found.rules),
        "types": _types(entry, found, user),
        "three_ps": _three_ps(entry),
        "decisions": decisions.select_related("decided_by")[:DECISIONS_SHOWN],
        "ways": ways(client),
        **_capacity(),
        **more,
    }
    return page_or_part(request, TEMPLATE, PART, context, status=status)


def _types(entry: Entry, found: Ranking, user: User) -> list[proposing.Proposal]:
    return proposing.proposals(
        rules=found.rules,
        window=found.window,
        share_found=ranking.found_by("share", entry, found),
        growth_found=ranking.found_by("growth", entry, found),
        abc=entry.segment.abc if entry.segment else "",
        decided=proposing.decided_of(entry.client, user=user),
    )


def _three_ps(entry: Entry) -> list[dict[str, Any]]:
    """Need, ability, authority as they were judged; empty where there is no qualification."""
    judged = entry.qualification
    if judged is None:
        return []
    return [
        {
            "label": judged._meta.get_field(name).verbose_name,
            "score": getattr(judged, name),
            "part": (getattr(judged, name) or 0) / 5,
            "words": step_words(name, getattr(judged, name)),
            "note": getattr(judged, f"{name}_note"),
        }
        for name in judging.THREE_PS
    ]

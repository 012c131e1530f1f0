"""What if they leave: the question, its answer, and the scenarios that are kept. For the head."""

from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import remembered
from accounts.access import only_if
from accounts.answering import page_or_part
from accounts.models import Client, User
from accounts.sorting import sort_key
from dossiers import pdf, tasks
from dossiers.views.pdf import printed
from portfolio import exposure, leaving, leaving_words
from portfolio.leaving import Assumptions
from portfolio.leaving_forms import AssumptionsForm, NameForm
from portfolio.models import Scenario
from portfolio.scenario_workbook import scenario_workbook
from segmentation import concentration_figures, policies
from segmentation.workbooks import as_attachment

OFFERED = 10
SCENARIOS = 10
EVEN_TO_CHOOSE = (3, 6, 12, 24, 36)


@only_if("see_portfolio")
@require_safe
def what_if(request: HttpRequest) -> HttpResponse:
    context = _asked(request, request.GET)
    return page_or_part(request, "portfolio/what_if.html", "what-if", context)


@only_if("see_portfolio")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what the page shows, under a name; with a mistake, the page comes back with all that was ticked."""
    context = _asked(request, request.POST)
    form = NameForm(request.POST)
    if context["window"] and form.is_valid() and context["form"].is_valid():
        try:
            scenario = leaving.keep(
                **form.cleaned_data,
                clients=[one.client for one in context["exposed"]],
                window=context["window"],
                assumptions=context["assumptions"],
                policy=context["policy"],
                by=request.user,
                today=timezone.localdate(),
            )
        except leaving.ScenarioRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The scenario is kept."))
            return redirect("portfolio:scenario", scenario.pk)
    context["name_form"] = form
    return render(
        request, "portfolio/what_if.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY
    )


def _asked(request: HttpRequest, asked: QueryDict) -> dict:
    """What the address asks for, answered; what is no possible choice counts as not chosen."""
    user, today = request.user, timezone.localdate()
    standing = remembered.look()
    # Money lost is said in revenue and in margin; shares are those of revenue.
    window = concentration_figures.window_from(
        {name: asked.get(name, "") for name in ("currency", "to", "months")},
        today=today,
        standing=standing,
    )
    scenarios = Scenario.objects.visible_to(user).select_related("created_by")
    context = {
        "window": window,
        "scenarios": Paginator(scenarios, SCENARIOS).get_page(asked.get("page")),
        "name_form": NameForm(),
    }
    if window is None:
        return context
    figures = concentration_figures.of(window, user=user, standing=standing)
    policy = policies.current()
    form, assumptions = _assumptions(asked, leaving.from_policy(policy, window))
    question = asked.get("ask", "")
    wanted = leaving.asked_for(question, figures, user=user, today=today)
    ticked = wanted if wanted is not None else _numbers(asked.getlist("client"))
    exposed = exposure.of(ticked, user=user, today=today)
    by_key = {one.client.pk: one for one in exposed}
    found = leaving.outcome(figures, list(by_key), assumptions)
    result = leaving.frozen(found, [one.client for one in exposed], policy if policy.pk else None)
    names = _offered(asked.get("q", ""), figures, set(by_key), user)
    pairs = [pair for pair in window.pairs if pair[0] != "by"]
    return context | {
        "figures": figures,
        "policy": policy,
        "form": form,
        "assumptions": assumptions,
        "foreign_policy": policy.currency not in ("", window.currency),
        "exposed": exposed,
        "rows": _rows(result, by_key),
        "result": result,
        "lines": leaving_words.compared(result, policy),
        "revenue_lost": leaving_words.revenue_lost(result),
        "margin_lost": leaving_words.margin_lost(result),
        "at_most": leaving_words.at_most(result),
        "offered": [(client, figures.by_key.get(client.pk)) for client in names],
        "words": asked.get("q", "")[:100],
        "pairs": pairs,
        "query": urlencode([*pairs, *(("client", key) for key in by_key)]),
        "questions": _questions(question),
        "has_nothing_to_offer": wanted == [],
        "lengths": sorted({*EVEN_TO_CHOOSE, window.months}),
        "currencies": sorted(concentration_figures.spans(standing=standing)),
        "span": concentration_figures.spans(standing=standing)[window.currency],
    }


def _assumptions(asked: QueryDict, usual: Assumptions) -> tuple[AssumptionsForm, Assumptions]:
    """Those of the policy, unless the form says others; what cannot be read counts as not known."""
    said = "fixed_costs" in asked or "reserve" in asked
    if not said:
        return AssumptionsForm(initial=vars(usual)), usual
    form = AssumptionsForm(asked)
    form.is_valid()
    return form, Assumptions(form.cleaned_data.get("fixed_costs"), form.cleaned_data.get("reserve"))


def _numbers(texts: list[str]) -> list[int]:
    found = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
    return list(dict.fromkeys(found))[: leaving.MOST]


def _offered(words: str, figures, ticked: set[int], user: User) -> list[Client]:
    """Clients to tick: those of the name that is looked for, else the largest."""
    clients = Client.objects.visible_to(user)
    wanted = sort_key(words.strip()[:100])
    if wanted:
        return list(
            clients.filter(name_sort__contains=wanted, merged_into__isnull=True)
            .exclude(pk__in=ticked)
            .by_name()[:OFFERED]
        )
    largest = [one.client for one in figures.clients[: OFFERED + len(ticked)]]
    keys = [key for key in largest if key not in ticked][:OFFERED]
    found = clients.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _rows(result: dict, by_key: dict[int, exposure.Exposed]) -> list[dict]:
    """The clients who leave, largest first, with what holds them."""
    return [
        {
            "exposed": by_key[one["id"]],
            "revenue": leaving_words.figure(one["revenue"]),
            "share": leaving_words.figure(one["share"]),
            "margin": leaving_words.figure(one["margin"]),
        }
        for one in result["clients"]
        if one["id"] in by_key
    ]


def _questions(asked: str) -> list[tuple[str, str, bool]]:
    """(name, words, whether it is the one that was asked)."""
    named = {
        "largest": _("The largest"),
        "three": _("The first three"),
        "contracts": _("All whose contract ends within 6 months"),
        "threads": _("All single-threaded"),
    }
    return [(name, words, name == asked) for name, words in named.items()]


# ── Kept scenarios ───────────────────────────────────────────────────────────────────────────


@only_if("see_portfolio")
@require_safe
def scenario(request: HttpRequest, pk: int) -> HttpResponse:
    return _scenario(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> Scenario:
    scenarios = Scenario.objects.visible_to(request.user).select_related("created_by")
    return get_object_or_404(scenarios, pk=pk)


def _scenario(
    request: HttpRequest,
    scenario: Scenario,
    *,
    form: NameForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = _contents(scenario, user=request.user) | {"form": form or NameForm(instance=scenario)}
    context["is_renaming"] = form is not None
    return render(request, "portfolio/scenario.html", context, status=status)


def _contents(scenario: Scenario, *, user: User) -> dict:
    """What page and PDF show: the frozen answer beside today's, and what holds the clients today."""
    today = timezone.localdate()
    standing = remembered.look()
    policy = policies.current()
    keys = [one["id"] for one in scenario.result["clients"]]
    exposed = exposure.of(keys, user=user, today=today)
    clients = [one.client for one in exposed]
    now = leaving.today_of(scenario, clients, user=user, today=today, standing=standing)
    result = leaving.frozen(now, clients, policy if policy.pk else None) if now else None
    kept = scenario.result
    pairs = [pair for pair in leaving.window_of(scenario).pairs if pair[0] not in ("by", "to")]
    for name in ("fixed_costs", "reserve"):
        value = getattr(scenario, name)
        pairs.append((name, "" if value is None else str(value)))
    return {
        "scenario": scenario,
        "kept": kept,
        "window": leaving.window_of(scenario),
        "now": now,
        "lines": leaving_words.then_and_now(kept, result, policy) if result else [],
        "lines_kept": leaving_words.compared(kept, policy),
        "revenue_lost": leaving_words.revenue_lost(kept),
        "margin_lost": leaving_words.margin_lost(kept),
        "at_most": leaving_words.at_most(kept),
        "rows": _rows(kept, {one.client.pk: one for one in exposed}),
        "query": urlencode([*pairs, *(("client", key) for key in keys)]),
        "policy": policy,
        "today": today,
        "language": get_language(),
        "by": user,
    }


@only_if("see_portfolio")
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = get_object_or_404(Scenario.objects.editable_by(request.user), pk=pk)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            leaving.rename(scenario, **form.cleaned_data, version=_version(request))
        except leaving.ScenarioChanged as refusal:
            form.add_error(None, str(refusal))
            return _scenario(request, _found(request, pk), form=form, status=HTTPStatus.CONFLICT)
        messages.success(request, _("The scenario has its new name."))
        return redirect("portfolio:scenario", pk)
    return _scenario(
        request, _found(request, pk), form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY
    )


@only_if("see_portfolio")
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = get_object_or_404(Scenario.objects.editable_by(request.user), pk=pk)
    try:
        leaving.delete(scenario, version=_version(request))
    except leaving.ScenarioChanged as refusal:
        messages.error(request, str(refusal))
        return redirect("portfolio:scenario", pk)
    messages.success(request, _("The scenario is deleted."))
    return redirect("portfolio:what_if")


def _version(request: HttpRequest) -> int:
    """The version that the person saw; without one, none that there is."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@only_if("see_portfolio")
@require_safe
def print_scenario(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = _found(request, pk)
    contents = _contents(scenario, user=request.user)
    name = pdf.named(f"{scenario.name} {contents['today'].isoformat()}")
    try:
        printout = pdf.ask_pages(
            render_to_string("portfolio/pdf/scenario.html", contents),
            number=scenario.pk,
            name=name,
            ring=tasks.print_pdf.delay,
        )
    except pdf.CannotPrint as refusal:
        messages.error(request, str(refusal))
        return redirect("portfolio:scenario", pk)
    back = {"scenario": scenario, "back_url": reverse("portfolio:scenario", args=[pk])}
    return printed(request, printout, "portfolio/printing.html", back)


@only_if("see_portfolio")
@require_safe
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = _found(request, pk)
    contents = _contents(scenario, user=request.user)
    name = pdf.named(scenario.name).removesuffix(".pdf") + ".xlsx"
    return as_attachment(scenario_workbook(contents), name)

"""Revisions: the list, going through one, and the head's decision."""

import datetime
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import may, only_if
from accounts.answering import page_or_part
from accounts.models import Assignment, User
from dossiers import changes, freshness, reviewing
from dossiers.models import Dossier, Review, ReviewState
from dossiers.reviewing import BEGIN_DAYS_AHEAD
from dossiers.sections import REVIEWED, Section

PAGE = 25
# The tabs of the list: what each shows.
TABS: dict[str, tuple[str, Q]] = {
    "open": (
        gettext_lazy("To be gone through"),
        Q(state__in=[ReviewState.RAISED, ReviewState.RETURNED]),
    ),
    "submitted": (gettext_lazy("Waiting for a decision"), Q(state=ReviewState.SUBMITTED)),
    "accepted": (gettext_lazy("Accepted"), Q(state=ReviewState.ACCEPTED)),
    "all": (gettext_lazy("All"), Q()),
}


class SubmitForm(forms.ModelForm):
    class Meta:
        model = Review
        fields = ["summary"]
        widgets = {"summary": forms.Textarea(attrs={"rows": 3})}


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Your note"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed when you return it: what is missing?"),
    )


# ── The list ─────────────────────────────────────────────────────────────────────────────────


@only_if("open_dossiers")
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    visible = Review.objects.visible_to(request.user)
    counts = visible.aggregate(
        **{tab: Count("pk", filter=shown) for tab, (_label, shown) in TABS.items() if tab != "all"}
    )
    default = "submitted" if may(request.user, "decide_reviews") and counts["submitted"] else "open"
    tab = request.GET.get("state", default)
    if tab not in TABS:
        tab = default
    page = Paginator(_in_order(visible.filter(TABS[tab][1]), tab, today), PAGE).get_page(
        request.GET.get("page")
    )
    for found in page.object_list:
        found.is_late = found.is_overdue(today=today)
    context = {
        "today": today,
        "tab": tab,
        "query": f"state={tab}",
        "shows_kam": may(request.user, "decide_reviews"),
        "tabs": [
            {
                "url": f"?state={key}",
                "label": label,
                "current": key == tab,
                "count": counts.get(key, ""),
            }
            for key, (label, _shown) in TABS.items()
        ],
        "page": page,
        "sections": len(REVIEWED),
        "to_begin": _to_begin(request, today) if tab == "open" else [],
        "next": _next_due(request, today) if tab == "open" and not page.object_list else None,
    }
    return page_or_part(request, "dossiers/reviews.html", "reviews", context)


def _in_order(found, tab: str, today):
    holder = Assignment.objects.open().kams().filter(client=OuterRef("dossier__client"))
    found = found.select_related("dossier__client", "submitted_by", "decided_by").annotate(
        gone_through=Count("sections"), kam_name=Subquery(holder.values("person__name")[:1])
    )
    if tab in ("open", "submitted"):
        return found.order_by("due_on", "dossier__client__name_sort", "pk")
    # The longest overdue first, then the newest.
    late = Q(state__in=[ReviewState.RAISED, ReviewState.RETURNED], due_on__lt=today)
    overdue_since = Case(When(late, then=F("due_on")))
    return found.order_by(
        overdue_since.asc(nulls_last=True), "-due_on", "dossier__client__name_sort", "pk"
    )


def _without_running(request: HttpRequest):
    running = Review.objects.running().values("dossier")
    return (
        Dossier.objects.editable_by(request.user).exclude(pk__in=running).select_related("client")
    )


def _to_begin(request: HttpRequest, today) -> list[Dossier]:
    """Dossiers in the person's own hands whose revision may be begun before the scheduler raises it."""
    if may(request.user, "decide_reviews"):
        return []
    due = _without_running(request).due_within(BEGIN_DAYS_AHEAD, today=today)
    return list(due.order_by("next_review_on")[:PAGE])


def _next_due(request: HttpRequest, today) -> Dossier | None:
    return _without_running(request).order_by("next_review_on", "pk").first()


@only_if("open_dossiers")
@require_POST
def begin(request: HttpRequest, dossier_id: int) -> HttpResponse:
    dossier = get_object_or_404(Dossier.objects.editable_by(request.user), pk=dossier_id)
    try:
        review = reviewing.begin(dossier, by=request.user, today=timezone.localdate())
    except reviewing.ReviewRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("dossiers:reviews")
    return redirect("dossiers:review", review.pk)


# ── One revision ─────────────────────────────────────────────────────────────────────────────


@only_if("open_dossiers")
@require_safe
def review(request: HttpRequest, review_id: int) -> HttpResponse:
    return _shown(request, _found(request, review_id))


@only_if("open_dossiers")
@require_POST
def go_through(request: HttpRequest, review_id: int) -> HttpResponse:
    found = _found(request, review_id)
    section = request.POST.get("section", "")

    def act():
        reviewing.go_through(
            found,
            section=section,
            seen_at=_seen_at(request),
            by=request.user,
            today=timezone.localdate(),
        )

    return _done(request, found, act)


def _seen_at(request: HttpRequest) -> datetime.datetime:
    """The last change on the page on which the person says that a section holds."""
    try:
        seen_at = datetime.datetime.fromisoformat(request.POST.get("seen_at", ""))
    except ValueError:
        seen_at = None
    if seen_at is None or timezone.is_naive(seen_at) or not 2000 < seen_at.year < 3000:
        raise reviewing.ReviewRefused(
            _("The page did not say what you had seen, so nothing was confirmed. Try again.")
        )
    return seen_at


@only_if("open_dossiers")
@require_POST
def submit(request: HttpRequest, review_id: int) -> HttpResponse:
    found = _found(request, review_id)
    form = SubmitForm(request.POST)

    def act():
        if form.is_valid():
            summary = form.cleaned_data["summary"]
            reviewing.submit(found, by=request.user, today=timezone.localdate(), summary=summary)
            messages.success(request, _("Submitted. A sales head now accepts it or returns it."))

    return _done(request, found, act, submit_form=form)


@only_if("decide_reviews")
@require_POST
def accept(request: HttpRequest, review_id: int) -> HttpResponse:
    return _decided(
        request, review_id, reviewing.accept, _("Accepted. The date of the next revision is set.")
    )


@only_if("decide_reviews")
@require_POST
def return_(request: HttpRequest, review_id: int) -> HttpResponse:
    return _decided(
        request, review_id, reviewing.return_, _("Returned. Its KAM is told what is missing.")
    )


def _decided(request: HttpRequest, review_id: int, decide: Callable, sentence: str) -> HttpResponse:
    found = _found(request, review_id)
    form = DecisionForm(request.POST)

    def act():
        if form.is_valid():
            decide(
                found, by=request.user, today=timezone.localdate(), note=form.cleaned_data["note"]
            )
            messages.success(request, sentence)

    return _done(request, found, act, decision_form=form)


def _found(request: HttpRequest, review_id: int) -> Review:
    visible = Review.objects.visible_to(request.user).select_related(
        "dossier__client", "submitted_by", "decided_by"
    )
    return get_object_or_404(visible, pk=review_id)


def _done(
    request: HttpRequest, found: Review, act: Callable[[], None], **form: forms.BaseForm
) -> HttpResponse:
    """Take the step and answer with the page, the part, or the sentence why not; what was typed stays."""
    try:
        act()
    except reviewing.ReviewRefused as refusal:
        field = "note" if isinstance(refusal, reviewing.ReasonMissing) else None
        for bound in form.values():
            bound.add_error(field, str(refusal))
        return _shown(
            request,
            _found(request, found.pk),
            refused="" if form else str(refusal),
            status=422,
            **form,
        )
    if any(bound.errors for bound in form.values()):
        return _shown(request, _found(request, found.pk), status=422, **form)
    if not request.htmx:
        return redirect("dossiers:review", found.pk)
    return _shown(request, _found(request, found.pk))


def _shown(
    request: HttpRequest,
    found: Review,
    *,
    status: int = 200,
    refused: str = "",
    submit_form: forms.BaseForm | None = None,
    decision_form: forms.BaseForm | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    user = request.user
    dossier = Dossier.objects.visible_to(user).with_people().get(pk=found.dossier_id)
    done = reviewing.sections_done(found)
    with_kam = found.state in (ReviewState.RAISED, ReviewState.RETURNED)
    stale = freshness.stale_by_section(dossier, today=today) if with_kam else {}
    changed: dict[str, list] = {}
    for change in changes.in_review(found):
        changed.setdefault(str(change.piece.section), []).append(change)
    steps = [
        {
            "section": Section(section),
            "done": done.get(section),
            "changes": changed.get(section, []),
            "stale": stale.get(section, 0),
        }
        for section in REVIEWED
    ]
    ahead = next((step for step in steps if step["done"] is None), None)
    if ahead:
        ahead["is_next"] = True
    context = {
        "seen_at": reviewing.last_written(dossier).isoformat() if with_kam else "",
        "today": today,
        "review": found,
        "dossier": dossier,
        "client": dossier.client,
        "steps": steps,
        "left": sum(step["done"] is None for step in steps),
        "keeps": with_kam and _keeps(user, dossier),
        "decides": found.state == ReviewState.SUBMITTED and may(user, "decide_reviews"),
        "overdue_days": (today - found.due_on).days if found.is_overdue(today=today) else 0,
        "refused": refused,
        "submit_form": submit_form or SubmitForm(instance=found),
        "decision_form": decision_form or DecisionForm(),
        "story": _story(found),
    }
    return page_or_part(request, "dossiers/review.html", "review", context, status=status)


def _keeps(user: User, dossier: Dossier) -> bool:
    """Whether the page offers the steps: to those who hold the client, and to a head where nobody does."""
    if not Dossier.objects.editable_by(user).filter(pk=dossier.pk).exists():
        return False
    return user in (dossier.kam, dossier.deputy) or dossier.kam is None


def _story(found: Review) -> list[dict]:
    """Who took which step and when, newest first, from the change history: several returns are several steps."""
    steps = [{"state": ReviewState.RAISED, "on": found.raised_on, "by": None, "text": ""}]
    state = ReviewState.RAISED
    events = found.events.order_by("pgh_id").select_related(
        "submitted_by", "decided_by", "pgh_context"
    )
    for event in events:
        if event.state == ReviewState.RAISED and event.pgh_label == "insert":
            steps[0]["scheduled"] = bool(event.pgh_context and "job" in event.pgh_context.metadata)
        if event.state == state:
            continue
        state = event.state
        step = {"state": state}
        if state == ReviewState.SUBMITTED:
            step |= {"on": event.submitted_on, "by": event.submitted_by, "text": event.summary}
        else:
            step |= {"on": event.decided_on, "by": event.decided_by, "text": event.decision_note}
        steps.append(step)
    return steps[::-1]

"""What needs whom today: the arithmetic in one place, for start pages, lists and later the digest.

Everything here starts from `visible_to(user)`, so nobody is reminded of what he may not see.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import (
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, Greatest

from accounts.kept import Kept
from accounts.models import Assignment, User
from accounts.models.assignment import SLOTS, Holding
from accounts.models.client import Client, Stage
from accounts.models.user import Role
from dossiers import freshness, gaps
from dossiers.models import (
    Action,
    Contract,
    Dossier,
    Review,
    Stakeholder,
    TimelineEntry,
    TimelineKind,
    WorkState,
)
from dossiers.quality import with_quality
from dossiers.reviewing import RAISE_DAYS_AHEAD
from segmentation.models import (
    JobState,
    MonthlySales,
    Rhythm,
    SalesImport,
    Segment,
    SegmentationRun,
)

ACTION_DAYS_AHEAD = 7
CONTRACT_DAYS_AHEAD = 90
# Open for longer than this, a complaint needs somebody who sees to it.
COMPLAINT_DAYS = 14

# When people of theirs and ours talked with each other.
CONTACTS = (TimelineKind.MEETING, TimelineKind.CALL, TimelineKind.FEEDBACK)
UNDER_WAY = (WorkState.PLANNED, WorkState.RUNNING)


# ── Dossiers and what their cards say ────────────────────────────────────────────────────────


def dossiers_of(user: User, *, today: datetime.date) -> QuerySet[Dossier]:
    """The dossiers in the person's hands, with what a card shows: quality, last contact, overdue actions."""
    in_hand = Dossier.objects.visible_to(user).held_by(user).open().with_people()
    in_hand = in_hand.select_related("client__rhythm")
    in_hand = with_unowned_complaints(with_quality(in_hand, today=today), today=today)
    return freshness.with_stale_count(
        with_action_count(with_last_contact(in_hand, today=today), today=today),
        today=today,
    ).order_by("next_review_on", "client__name_sort", "pk")


def with_last_contact(dossiers: QuerySet[Dossier], *, today: datetime.date) -> QuerySet[Dossier]:
    """Adds `last_contact_on`: the last meeting, call or feedback session, or the last day a stakeholder was met."""
    own = OuterRef("pk")
    talked = TimelineEntry.objects.filter(dossier=own, kind__in=CONTACTS, happened_on__lte=today)
    met = Stakeholder.objects.filter(dossier=own, last_met_on__lte=today)
    return dossiers.annotate(
        last_contact_on=Greatest(_one(talked, Max("happened_on")), _one(met, Max("last_met_on")))
    )


def with_action_count(dossiers: QuerySet[Dossier], *, today: datetime.date) -> QuerySet[Dossier]:
    """Adds `overdue_actions`."""
    late = Action.objects.filter(dossier=OuterRef("pk"), state__in=UNDER_WAY, due_on__lt=today)
    return dossiers.annotate(overdue_actions=Coalesce(_one(late, Count("pk")), 0))


def with_unowned_complaints(
    dossiers: QuerySet[Dossier], *, today: datetime.date
) -> QuerySet[Dossier]:
    """Adds `unowned_complaints`, how many are open for more than a fortnight and have no owner, and the day of
    the `oldest_complaint` among them."""
    before = today - datetime.timedelta(days=COMPLAINT_DAYS)
    waiting = TimelineEntry.objects.filter(
        dossier=OuterRef("pk"),
        kind=TimelineKind.COMPLAINT,
        resolved_on__isnull=True,
        owner__isnull=True,
        happened_on__lt=before,
    )
    return dossiers.annotate(
        unowned_complaints=Coalesce(_one(waiting, Count("pk")), 0),
        oldest_complaint=_one(waiting, Min("happened_on")),
    )


def _one(rows: QuerySet, aggregate) -> Subquery:
    """One figure over the rows, as a subquery."""
    grouped = rows.order_by().annotate(same=Value(1)).values("same")
    return Subquery(grouped.annotate(figure=aggregate).values("figure"))


# ── What is due in the dossiers a person may see ─────────────────────────────────────────────


def reviews_running(user: User) -> QuerySet[Review]:
    return (
        Review.objects.visible_to(user)
        .running()
        .select_related("dossier__client", "submitted_by", "decided_by")
    )


def dossiers_to_begin(user: User, *, today: datetime.date) -> QuerySet[Dossier]:
    """Due within a fortnight or overdue, and no revision raised yet: the scheduler has not been there."""
    running = Review.objects.running().filter(dossier=OuterRef("pk"))
    due = Dossier.objects.visible_to(user).due_within(RAISE_DAYS_AHEAD, today=today)
    return due.filter(~Exists(running)).select_related("client")


def actions_due(user: User, *, today: datetime.date) -> QuerySet[Action]:
    """Overdue, or due within a week."""
    horizon = today + datetime.timedelta(days=ACTION_DAYS_AHEAD)
    return (
        Action.objects.editable_by(user)
        .filter(state__in=UNDER_WAY, due_on__lte=horizon)
        .select_related("dossier__client", "owner")
        .order_by("due_on", "pk")
    )


def contracts_ending(user: User, *, today: datetime.date) -> QuerySet[Contract]:
    """Contracts that end, or whose day of notice comes, within 90 days, or that ended within the last 90.

    `act_by` is the day by which something has to be done: the last day of notice, else the end. A contract
    needs nobody once another follows it: one of the same subject or number that begins a month before its
    end or later, and outlasts it (as `dossiers.contracting` says it on the page).
    """
    window = datetime.timedelta(days=CONTRACT_DAYS_AHEAD)
    outlasts = Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("ends_on"))
    overlap = ExpressionWrapper(OuterRef("ends_on") - Value(31), output_field=DateField())
    successor = (
        Contract.objects.filter(outlasts, dossier=OuterRef("dossier"))
        .filter(starts_on__gte=overlap)
        .filter(Q(subject__iexact=OuterRef("subject")) | Q(number__iexact=OuterRef("number")))
        .exclude(pk=OuterRef("pk"))
    )
    notice_on = ExpressionWrapper(
        F("ends_on") - Coalesce("notice_days", 0), output_field=DateField()
    )
    return (
        Contract.objects.editable_by(user)
        .filter(ends_on__gte=today - window)
        .filter(~Exists(successor))
        .annotate(act_by=notice_on)
        .filter(act_by__lte=today + window)
        .select_related("dossier__client")
        .order_by("act_by", "pk")
    )


def silent_stakeholders(user: User, *, today: datetime.date) -> QuerySet[Stakeholder]:
    """Influential people known by name whom nobody of ours met or spoke with for 90 days: the silence of `dossiers.gaps`."""
    since = today - datetime.timedelta(days=gaps.SILENT_AFTER_DAYS)
    return (
        Stakeholder.objects.editable_by(user)
        .exclude(name="")
        .filter(influence__gte=gaps.WEIGHTY)
        .with_last_contact()
        .filter(Q(last_met_on__lt=since) | Q(last_met_on__isnull=True))
        .filter(Q(last_contact_on__lt=since) | Q(last_contact_on__isnull=True))
        .select_related("dossier__client")
        .order_by("-influence", "pk")
    )


# ── What a head decides ──────────────────────────────────────────────────────────────────────


def reviews_waiting(user: User) -> QuerySet[Review]:
    """Submitted and not decided, longest waiting first."""
    waiting = Review.objects.visible_to(user).submitted()
    return waiting.select_related("dossier__client", "submitted_by").order_by("submitted_on", "pk")


def overdue_dossiers(user: User, *, today: datetime.date) -> QuerySet[Dossier]:
    """Past their date and not submitted, longest overdue first."""
    overdue = Dossier.objects.visible_to(user).overdue(on=today)
    return overdue.with_people().order_by("next_review_on", "client__name_sort", "pk")


def key_clients_without_kam(user: User) -> QuerySet[Client]:
    return Client.objects.visible_to(user).key().without_kam().by_name()


def candidates(user: User) -> QuerySet[Client]:
    return Client.objects.visible_to(user).filter(stage=Stage.CANDIDATE).by_name()


def kam_loads() -> QuerySet[User]:
    """All KAMs with `held` (0 to 3) and `free` slots, most free first."""
    holds = Assignment.objects.open().kams().filter(person=OuterRef("pk"))
    return (
        User.objects.kams()
        .annotate(held=Coalesce(_one(holds, Count("pk")), 0))
        .annotate(free=len(SLOTS) - F("held"))
        .order_by("-free", "name_sort", "pk")
    )


def loads_and_free_slots(number: int) -> tuple[list[User], int]:
    """So many KAMs with their loads, and how many slots all KAMs together have free; one query."""
    loads = list(kam_loads().annotate(all_free=Window(Sum("free")))[:number])
    return loads, loads[0].all_free if loads else 0


def free_slots() -> int:
    """How many key clients all KAMs together can still take."""
    [(_all, kams, taken)] = _SLOTS.tuples() or [(1, 0, 0)]
    return kams * len(SLOTS) - taken


_HELD = Q(assignments__ended_on__isnull=True, assignments__holding=Holding.KAM)
_SLOTS = Kept(
    lambda: (
        User.objects.kams()
        .order_by()
        .annotate(all=Value(1))
        .values("all")
        .annotate(kams=Count("pk", distinct=True), taken=Count("assignments", filter=_HELD))
        .values_list("all", "kams", "taken")
    )
)


@lru_cache(maxsize=8)
def _most_free(number: int) -> Kept:
    return Kept(lambda: kam_loads()[:number])


def most_free(number: int) -> list[User]:
    """So many of the KAMs with their loads, those with most free slots first."""
    return _most_free(number).rows()


@lru_cache(maxsize=64)
def _of_people(number: int) -> Kept:
    return Kept(lambda *keys: kam_loads().filter(pk__in=keys), keys=number)


def loads_of(people: Collection[int]) -> list[User]:
    """The KAMs of those keys with their loads."""
    return _of_people(len(people)).rows(*people)


def segment_moves(user: User) -> QuerySet[Segment]:
    """Key clients whose segment in the run in force differs from the one before, largest client first."""
    moved = (
        Segment.objects.visible_to(user)
        .in_force()
        .filter(client__stage=Stage.KEY)
        .exclude(previous="")
    )
    same = Q(previous__startswith=F("abc"), previous__endswith=F("xyz"))
    return moved.exclude(same).select_related("client").ranked()


def slipping_clients(user: User, *, today: datetime.date) -> QuerySet[Rhythm]:
    """Past their own limit and not yet lost, key clients first, then by the revenue at stake."""
    return (
        Rhythm.objects.visible_to(user)
        .slipping(on=today)
        .exclude(client__stage=Stage.LOST)
        .annotate(is_key=Q(client__stage=Stage.KEY))
        .select_related("client")
        .order_by("-is_key", F("revenue").desc(nulls_last=True), "pk")
    )


# ── What an analyst does next, what a colleague looks up ─────────────────────────────────────


def analysts_step(
    imports: list[SalesImport], last_import: SalesImport | None, last_run: SegmentationRun | None
) -> str:
    """The next step: "columns", "upload", "run", "rerun" or "" where all is done. `imports` are the latest."""
    if any(waiting.state == JobState.UPLOADED for waiting in imports):
        return "columns"
    if last_import is None:
        return "upload"
    if last_run is None:
        return "run"
    imported_at = last_import.finished_at or last_import.created_at
    return "rerun" if imported_at > last_run.created_at else ""


def with_kam_name(clients: QuerySet[Client]) -> QuerySet[Client]:
    """Adds `kam_name` and the `types` of the open dossier: what a colleague may know, without opening it."""
    holder = Assignment.objects.open().kams().filter(client=OuterRef("pk"))
    dossier = Dossier.objects.open().filter(client=OuterRef("pk")).order_by()
    return clients.annotate(
        kam_name=Subquery(holder.values("person__name")[:1]),
        types=Subquery(dossier.values("types")[:1]),
    )


# ── A fresh installation ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Beginnings:
    """What is there already, in the order in which it has to come."""

    heads: bool
    kams: bool
    analysts: bool
    sales: bool
    run: bool
    key_clients: bool
    held: bool

    @property
    def people(self) -> bool:
        return self.heads and self.kams and self.analysts

    @property
    def complete(self) -> bool:
        return self.people and self.sales and self.run and self.key_clients and self.held


def beginnings(user: User) -> Beginnings:
    """Which first steps have been taken, in one query."""
    active = User.objects.active()
    found = User.objects.filter(pk=user.pk).values_list(
        Exists(active.filter(role=Role.HEAD)),
        Exists(active.filter(role=Role.KAM)),
        Exists(active.filter(role=Role.ANALYST)),
        Exists(MonthlySales.objects.all()),
        Exists(SegmentationRun.objects.filter(in_force=True)),
        Exists(Client.objects.key()),
        Exists(Assignment.objects.open().kams()),
    )
    return Beginnings(*found.get())

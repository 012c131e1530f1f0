"""The portfolio: key clients by KAM, what they bring, where they stand among the nine cells."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from decimal import Decimal
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    FilteredRelation,
    Min,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
    prefetch_related_objects,
)
from django.db.models.functions import RowNumber
from django.urls import reverse

from accounts.kept import KeptFor
from accounts.models import User
from accounts.models.client import Stage
from accounts.remembered import Remembered, Standing
from accounts.sorting import sort_key
from accounts.templatetags.kam_format import share
from dossiers import heading
from dossiers.models import ClientType, Dossier, Review
from dossiers.quality import with_completeness
from dossiers.reviewing import RAISE_DAYS_AHEAD
from segmentation.models import Segment, SegmentationRun

NAMES_PER_CELL = 8
_ANY = 987654321
# Less than half of what a dossier should say, in per cent.
LOW = 50

# Sums, cells and the order of the list are the same until a dossier, a revision, a client, somebody who holds one
# or the run in force changes: over thousands of dossiers they cost more than all the rest of the page.
_FOUND = Remembered("clients", "people", "dossiers", "segments")

# What the headings of the list sort by; "-" before the name turns it round. Without a heading, the
# rows stand by KAM, whoever has the most overdue dossier first.
ORDERS: dict[str, tuple[str, ...]] = {
    "client": ("client__name_sort",),
    "kam": ("kam_sort", "next_review_on"),
    "segment": ("abc", "xyz"),
    "next": ("next_review_on",),
    "share": ("share",),
    "completeness": ("completeness",),
}


@dataclass(frozen=True)
class Filters:
    """What the head has chosen above the list. `kam` is a person's key, or "none" for clients without one."""

    words: str = ""
    kam: str = ""
    type: str = ""
    segment: str = ""
    overdue: bool = False
    closed: bool = False

    @property
    def any(self) -> bool:
        return bool(self.words or self.kam or self.type or self.segment or self.overdue)


@dataclass(frozen=True)
class Totals:
    """Of the open dossiers. `share_of_sales` is the key clients' part of all sales, 0 to 1; None without a run."""

    clients: int
    overdue: int
    soon: int
    waiting: int
    without_kam: int
    share_of_sales: Decimal | None
    revenue: Decimal | None


@dataclass
class Cell:
    """A cell of the matrix: how many key clients, and the first of them by size."""

    letters: str
    count: int = 0
    segments: list[Segment] = field(default_factory=list)
    share: Decimal = Decimal(0)
    # What is done with the clients of the cell; looked up for each page, as the head may change it.
    do: str = ""

    @property
    def more(self) -> int:
        return self.count - len(self.segments)


def with_kam(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Adds `kam_id`, `kam_name` and `kam_sort`: empty where the client has no KAM."""
    holding = FilteredRelation(
        "client__assignments",
        condition=Q(client__assignments__holding="kam", client__assignments__ended_on__isnull=True),
    )
    return dossiers.annotate(held=holding).annotate(
        kam_id=F("held__person"),
        kam_name=F("held__person__name"),
        kam_sort=F("held__person__name_sort"),
    )


def with_segment(dossiers: QuerySet[Dossier], run: SegmentationRun | None) -> QuerySet[Dossier]:
    """Adds `abc`, `xyz`, `previous`, `share` and `total` of the run; empty for who is not in it."""
    in_run = FilteredRelation(
        "client__segments", condition=Q(client__segments__run=run.pk if run else 0)
    )
    return dossiers.annotate(segment=in_run).annotate(
        abc=F("segment__abc"),
        xyz=F("segment__xyz"),
        previous=F("segment__previous"),
        share=F("segment__share"),
        total=F("segment__total"),
    )


def keys(
    user: User,
    run: SegmentationRun | None,
    *,
    filters: Filters,
    order: str,
    today: datetime.date,
    standing: Standing | None = None,
) -> Sequence[int]:
    """The dossiers of the list in the order asked for, by their keys alone: what their rows show is fetched for
    one page of them (`rows`), for it costs much of each."""

    def find() -> list[int]:
        dossiers = Dossier.objects.visible_to(user)
        dossiers = dossiers.filter(closed_on__isnull=not filters.closed)
        dossiers = with_segment(with_kam(dossiers), run)
        if by_completeness:
            dossiers = with_completeness(dossiers)
        dossiers = _filtered(dossiers, filters, today)
        return list(_ordered(dossiers, order).values_list("pk", flat=True))

    # How complete a dossier is changes with whatever is written in it.
    by_completeness = order.removeprefix("-") == "completeness"
    if by_completeness:
        return find()
    asked = ("keys", user.pk, run and run.pk, filters, order, today)
    return _FOUND.get(asked, find, standing=standing)


def rows(user: User, run: SegmentationRun | None, keys: Sequence[int]) -> list[Dossier]:
    """The dossiers of those keys, in their order, with all that a row shows."""
    found = {
        dossier.pk: dossier for dossier in _shown(len(keys)).rows(user, run.pk if run else 0, *keys)
    }
    dossiers = [found[key] for key in keys if key in found]
    running = Prefetch("reviews", queryset=Review.objects.running(), to_attr="reviews_running")
    prefetch_related_objects(dossiers, running)
    return dossiers


@lru_cache(maxsize=64)
def _shown(number: int) -> KeptFor:
    def build(user: User, run: int, *keys: int) -> QuerySet[Dossier]:
        dossiers = Dossier.objects.visible_to(user).filter(pk__in=keys).order_by()
        dossiers = with_segment(with_kam(dossiers), SegmentationRun(pk=run))
        return with_completeness(dossiers).select_related("client")

    return KeptFor(build, keys=number + 1)


def _filtered(
    dossiers: QuerySet[Dossier], filters: Filters, today: datetime.date
) -> QuerySet[Dossier]:
    if filters.words:
        words = sort_key(filters.words)
        dossiers = dossiers.filter(
            Q(client__name_sort__contains=words) | Q(kam_sort__contains=words)
        )
    if filters.kam == "none":
        dossiers = dossiers.filter(kam_id__isnull=True)
    elif filters.kam:
        dossiers = dossiers.filter(kam_id=int(filters.kam))
    if filters.type:
        dossiers = dossiers.filter(types__contains=[filters.type])
    if filters.segment:
        dossiers = dossiers.filter(abc=filters.segment[:1], xyz=filters.segment[1:])
    if filters.overdue:
        dossiers = dossiers.overdue(on=today)
    return dossiers


def _ordered(dossiers: QuerySet[Dossier], order: str) -> QuerySet[Dossier]:
    tie = ("client__name_sort", "pk")
    name = order.removeprefix("-")
    if name not in ORDERS:
        first_due = Window(Min("next_review_on"), partition_by=[F("kam_id")])
        nobody_first = Case(When(kam_id__isnull=True, then=Value(0)), default=Value(1))
        return dossiers.annotate(kam_first_due=first_due).order_by(
            nobody_first, "kam_first_due", "kam_sort", "kam_id", "next_review_on", *tie
        )
    columns = [
        F(column).desc(nulls_last=True) if order.startswith("-") else F(column).asc(nulls_last=True)
        for column in ORDERS[name]
    ]
    return dossiers.order_by(*columns, *tie)


def dressed(dossiers: list[Dossier], *, today: datetime.date) -> list[Dossier]:
    """Each row of `rows` with what its cells say: segment and trend, types, how it stands with the revision."""
    for dossier in dossiers:
        segment = (
            Segment(abc=dossier.abc, xyz=dossier.xyz, previous=dossier.previous)
            if dossier.abc
            else None
        )
        dossier.letters = segment.letters if segment else ""
        dossier.trend = heading.segment_trend(segment)
        dossier.type_labels = [ClientType(kind).label for kind in dossier.types]
        running = dossier.reviews_running[0] if dossier.reviews_running else None
        dossier.due = heading.due(dossier.next_review_on, running, today=today)
        dossier.part = dossier.completeness / 100
        dossier.part_text = share(dossier.part, 0)
        dossier.low = dossier.completeness < LOW
        dossier.url = address("dossier", dossier.pk)
        dossier.pdf_url = address("pdf", dossier.pk)
        dossier.assign_url = address("assign", dossier.client_id)
        dossier.deputy_url = address("deputy", dossier.client_id)
        dossier.release_url = address("release", dossier.client_id)
    return dossiers


@cache
def _pattern(name: str) -> str:
    return reverse(f"dossiers:{name}", args=[_ANY])


def address(name: str, pk: int) -> str:
    """An address of `dossiers` with one number in it. Asking the URLconf anew for six links in each row
    took a fifth of the whole page."""
    return _pattern(name).replace(str(_ANY), str(pk))


@dataclass(frozen=True)
class Row:
    """A dressed dossier as a row of the list; `grouped`: below the name of its KAM."""

    dossier: Dossier
    labels: Mapping[str, str]
    filters: Filters
    grouped: bool

    @property
    def state(self) -> tuple:
        """Everything that it is drawn from; the labels come with the language."""
        own, client = self.dossier, self.dossier.client
        return (
            "portfolio",
            *(own.pk, own.closed_on, own.position, tuple(own.types), own.next_review_on, own.due),
            *(own.kam_id, own.kam_name, own.letters, own.previous, own.share, own.completeness),
            *(client.pk, client.name, client.stage, self.grouped, self.filters.closed),
        )

    def contents(self) -> dict[str, Any]:
        return {
            "dossier": self.dossier,
            "labels": self.labels,
            "filters": self.filters,
            "grouped": self.grouped,
        }


def by_kam(dossiers: list[Dossier]) -> list[tuple[int | None, list[Dossier]]]:
    """The rows of one page, ordered by KAM, in their groups: the KAM's key (None for nobody's) and the rows."""
    return [
        (kam_id, list(group))
        for kam_id, group in groupby(dossiers, key=lambda dossier: dossier.kam_id)
    ]


def totals(
    user: User,
    run: SegmentationRun | None,
    *,
    today: datetime.date,
    standing: Standing | None = None,
) -> Totals:
    def find() -> Totals:
        found = _summed(today).tuples(user, run.pk if run else 0)
        # Of no dossiers there is no row.
        return Totals(*found[0][1:]) if found else Totals(0, 0, 0, 0, 0, None, None)

    return _FOUND.get(("totals", user.pk, run and run.pk, today), find, standing=standing)


@lru_cache(maxsize=2)
def _summed(today: datetime.date) -> KeptFor:
    soon = today + datetime.timedelta(days=RAISE_DAYS_AHEAD)

    def build(user: User, run: int) -> QuerySet[Dossier]:
        # A list of its own, looked through once, and not asked anew for each dossier.
        submitted = Q(pk__in=Review.objects.submitted().order_by().values("dossier"))
        dossiers = with_segment(
            with_kam(Dossier.objects.visible_to(user).open()), SegmentationRun(pk=run)
        )
        return (
            dossiers.order_by()
            .annotate(all=Value(1))
            .values("all")
            .annotate(
                clients=Count("pk"),
                overdue=Count("pk", filter=Q(next_review_on__lt=today) & ~submitted),
                soon=Count("pk", filter=Q(next_review_on__range=(today, soon)) & ~submitted),
                waiting=Count("pk", filter=submitted),
                without_kam=Count("pk", filter=Q(kam_id__isnull=True)),
                share_of_sales=Sum("share"),
                revenue=Sum("total"),
            )
            .values_list("all", *(one.name for one in dataclass_fields(Totals)))
        )

    return KeptFor(build)


def tile_links(totals: Totals) -> dict[str, str]:
    """Where the tiles lead, and which of them are no good news."""
    portfolio = reverse("portfolio:portfolio")
    return {
        "waiting_url": reverse("dossiers:reviews") + "?state=submitted",
        "overdue_url": f"{portfolio}?overdue=1",
        "nobody_url": f"{portfolio}?kam=none",
        "overdue_tone": "bad" if totals.overdue else "",
        "nobody_tone": "bad" if totals.without_kam else "",
    }


def _in_cells(user: User, run: int) -> QuerySet[Segment]:
    cell = [F("abc"), F("xyz")]
    return (
        Segment.objects.visible_to(user)
        .filter(run=run, client__stage=Stage.KEY, client__dossiers__closed_on__isnull=True)
        .annotate(
            dossier_id=F("client__dossiers"),
            place=Window(RowNumber(), partition_by=cell, order_by="rank"),
            in_cell=Window(Count("pk"), partition_by=cell),
            cell_share=Window(Sum("share"), partition_by=cell),
        )
        .filter(place__lte=NAMES_PER_CELL)
        .select_related("client")
        .defer("nets")
        .order_by("rank")
    )


_IN_CELLS = KeptFor(_in_cells)


def matrix(
    user: User, run: SegmentationRun | None, *, standing: Standing | None = None
) -> list[list[Cell]]:
    """Three rows of three cells with the key clients in them; names are limited, counts are not.

    Of four cells where somebody's history is too short for a letter of rhythm: nobody is left out.
    """

    def find() -> list[list[Cell]]:
        cells = {abc + xyz: Cell(abc + xyz) for abc in "ABC" for xyz in "XYZN"}
        if run is not None:
            for segment in _IN_CELLS.rows(user, run.pk):
                found = cells[segment.letters]
                found.segments.append(segment)
                found.count, found.share = segment.in_cell, segment.cell_share
        letters = "XYZN" if any(cells[abc + "N"].count for abc in "ABC") else "XYZ"
        return [[cells[abc + xyz] for xyz in letters] for abc in "ABC"]

    return _FOUND.get(("matrix", user.pk, run and run.pk), find, standing=standing)

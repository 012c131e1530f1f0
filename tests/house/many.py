"""A world of a chosen size, made in a few statements: for counting the queries of a page at 3 and at 300 rows."""

import datetime
import itertools
from decimal import Decimal

from django.utils import timezone

from accounts.models import Assignment, Client, User
from accounts.models.client import Stage
from accounts.sorting import sort_key
from dossiers.models import Dossier, GeneralInformation, Plan, Relationship, Review
from dossiers.pieces import PIECES
from portfolio import leaving
from portfolio.models import Scenario
from segmentation import concentration_figures, policies
from segmentation.models import (
    ClientMerge,
    DoubtfulMatch,
    JobState,
    Loss,
    MonthlySales,
    Rhythm,
    SalesImport,
    Segment,
    SegmentationRun,
    SlippingEpisode,
    WinBackMeasure,
)
from tests.factories import _LEAST, TODAY

_numbers = itertools.count(1)
MONTHS = [datetime.date(2025 + month // 12, month % 12 + 1, 1) for month in range(10, 22)]


def _author(person: User) -> dict:
    return {
        "created_by": person,
        "updated_by": person,
        "confirmed_by": person,
        "confirmed_on": TODAY
        - datetime.timedelta(days=1),  # so that confirming today changes something
    }


def key_clients(number: int, *, head: User) -> list[Dossier]:
    """Key clients with their dossiers, three to a KAM, every second one with a revision that is due."""
    names = [f"Company {next(_numbers)}" for _ in range(number)]
    clients = Client.objects.bulk_create(
        Client(name=name, name_sort=sort_key(name), external_id=name, stage=Stage.KEY)
        for name in names
    )
    last, due = TODAY - datetime.timedelta(days=100), TODAY - datetime.timedelta(days=10)
    dossiers = Dossier.objects.bulk_create(
        Dossier(
            client=client,
            opened_on=last,
            last_reviewed_on=last,
            next_review_on=due,
            types=["promising"],
            position="On the way up",
            **_author(head),
        )
        for client in clients
    )
    for sheet in (GeneralInformation, Relationship, Plan):
        sheet.objects.bulk_create(sheet(dossier=dossier, **_author(head)) for dossier in dossiers)
    Review.objects.bulk_create(
        Review(dossier=dossier, due_on=due, raised_on=last) for dossier in dossiers[::2]
    )
    kams = User.objects.bulk_create(
        User(email=f"{name}@example.com", name=name, name_sort=sort_key(name), role="kam")
        for name in names[: (number + 2) // 3]
    )
    Assignment.objects.bulk_create(
        Assignment(
            client=client,
            person=kams[at // 3],
            slot=at % 3 + 1,
            started_on=TODAY,
            assigned_by=head,
        )
        for at, client in enumerate(clients)
    )
    return dossiers


def sales(*, by: User) -> SegmentationRun:
    """A year of sales for every client there is, and a run in force over them."""
    SegmentationRun.objects.filter(in_force=True).update(in_force=False)
    MonthlySales.objects.all().delete()
    clients = list(Client.objects.order_by("pk"))
    MonthlySales.objects.bulk_create(
        MonthlySales(client=client, month=month, currency="EUR", revenue=100, orders=1, active=True)
        for client in clients
        for month in MONTHS
    )
    run = SegmentationRun.objects.create(
        state=JobState.SUCCEEDED,
        progress=100,
        start=MONTHS[0],
        periods=12,
        currency="EUR",
        clients=len(clients),
        positive_total=1200 * len(clients),
        counts={"AX": len(clients)},
        totals={"AX": str(1200 * len(clients))},
        created_by=by,
        in_force=True,
        put_in_force_at=timezone.now(),
        put_in_force_by=by,
        finished_at=timezone.now(),
    )
    Segment.objects.bulk_create(
        Segment(
            run=run,
            client=client,
            rank=rank,
            abc="A",
            xyz="X",
            previous="BX",
            total=1200,
            documents=12,
            active_periods=12,
            history_periods=12,
            cv=0,
            share_before=0,
            share=0,
            nets=[100] * 12,
        )
        for rank, client in enumerate(clients, start=1)
    )
    return run


def scenario(*clients: Client, by: User) -> Scenario:
    """What if these clients leave, kept; `sales` were made before."""
    window = concentration_figures.default_window(today=TODAY)
    return leaving.keep(
        name="Without them",
        clients=clients,
        window=window,
        assumptions=leaving.Assumptions(fixed_costs=Decimal(500), reserve=Decimal(1000)),
        policy=policies.current(),
        by=by,
        today=TODAY,
    )


def losing(client: Client, *, owner: User) -> dict:
    """A client that slipped, was lost, and for which something is done."""
    last = TODAY - datetime.timedelta(days=40)
    rhythm = Rhythm.objects.create(
        client=client,
        orders=12,
        first_on=last - datetime.timedelta(days=120),
        last_on=last,
        median_days=10,
        spread_days=2,
        slips_on=last + datetime.timedelta(days=15),
        lost_on=last + datetime.timedelta(days=90),
        revenue=1200,
        currency="EUR",
    )
    episode = SlippingEpisode.objects.create(
        client=client, last_order_on=last, median_days=10, spread_days=2, noticed_on=TODAY
    )
    loss = Loss.objects.create(
        client=client, lost_on=last, revenue_before=1200, currency="EUR", recorded_by=owner
    )
    measure = WinBackMeasure.objects.create(
        loss=loss, kind="visit", what="A talk", owner=owner, created_by=owner
    )
    return {"rhythm": rhythm, "episode": episode, "loss": loss, "measure": measure}


def rhythms(*, by: User) -> None:
    """Of every client there is: every second one slips, the others are recorded as lost, each with a measure."""
    known = set(Rhythm.objects.values_list("client", flat=True))
    last = TODAY - datetime.timedelta(days=40)
    for at, client in enumerate(Client.objects.exclude(pk__in=known).order_by("pk")):
        if at % 2:
            losing(client, owner=by)
        else:
            Rhythm.objects.create(
                client=client, orders=9, first_on=last, last_on=last, median_days=10, spread_days=2,
                slips_on=TODAY - datetime.timedelta(days=9), lost_on=TODAY + datetime.timedelta(days=900),
                revenue=100, currency="EUR",
            )  # fmt: skip


def jobs(number: int, *, by: User) -> None:
    """Imports and runs that have finished."""
    SalesImport.objects.bulk_create(
        SalesImport(
            state=JobState.SUCCEEDED,
            progress=100,
            original_name=f"sales {next(_numbers)}.csv",
            created_by=by,
            finished_at=timezone.now(),
        )
        for _ in range(number)
    )
    SegmentationRun.objects.bulk_create(
        SegmentationRun(
            state=JobState.SUCCEEDED,
            progress=100,
            start=MONTHS[0],
            currency="EUR",
            created_by=by,
            finished_at=timezone.now(),
        )
        for _ in range(number)
    )


def matches(number: int, *, by: User) -> None:
    """Clients in doubt, each beside the one it may be, and as many merges that were taken apart."""
    names = [f"Doubtful {next(_numbers)}" for _ in range(2 * number)]
    clients = Client.objects.bulk_create(
        Client(name=name, name_sort=sort_key(name), external_id=name) for name in names
    )
    pairs = list(zip(clients[::2], clients[1::2], strict=True))
    DoubtfulMatch.objects.bulk_create(
        DoubtfulMatch(client=client, candidate=candidate, reason="same_name")
        for client, candidate in pairs
    )
    ClientMerge.objects.bulk_create(
        ClientMerge(kept=kept, merged=merged, merged_by=by, split_at=timezone.now(), split_by=by)
        for kept, merged in pairs
    )


def entries(dossier: Dossier, number: int, *, by: User) -> None:
    """That many entries in every list of the dossier (a size of opportunity: five at most)."""
    made: dict[str, list] = {}
    for key in _in_order_of_need():
        piece = next(piece for piece in PIECES if piece.key == key)
        size = min(number, 5) if key == "opportunity" else number
        made[key] = piece.model.objects.bulk_create(
            piece.model(
                dossier=dossier,
                **_author(by),
                **{**_LEAST.get(key, {}), **_own(key, at, made, by)},
            )
            for at in range(size)
        )


def clear(dossier: Dossier) -> None:
    """Take every entry out again: first what points to others."""
    for key in reversed(_in_order_of_need()):
        piece = next(piece for piece in PIECES if piece.key == key)
        piece.model.objects.filter(dossier=dossier).delete()


def _in_order_of_need() -> list[str]:
    """What others point to comes first."""
    first = ["structure", "stakeholders", "competitors", "criteria", "objectives"]
    lists = [piece.key for piece in PIECES if not piece.is_sheet]
    return first + [key for key in lists if key not in first]


def _own(key: str, at: int, made: dict[str, list], by: User) -> dict:
    """What makes the entry valid and different from its neighbours."""
    told = {
        "financial-years": lambda: {"year": 1900 + at, "revenue": 1000 + at},
        "headcount": lambda: {"year": 1900 + at},
        "structure": lambda: {"name": f"Unit {at}"},
        "staffing": lambda: {"unit": made["structure"][at]},
        "market": lambda: {"name": f"Neighbour {at}"},
        "timeline": lambda: {"title": f"Call {at}", "stakeholder": made["stakeholders"][at]},
        "opportunity": lambda: {"year_number": at + 1},
        "budget": lambda: {"year": 1900 + at},
        "tenders": lambda: {"subject": f"Tender {at}", "winner": f"Rival {at}"},
        "ties": lambda: {"colleague": by, "stakeholder": made["stakeholders"][at]},
        "white-space": lambda: {"product_line": f"Line {at}", "unit": made["structure"][at]},
        "surveys": lambda: {"stakeholder": made["stakeholders"][at]},
        "attachments": lambda: {"name": f"Offer {at}.pdf", "sha256": f"{at:064}"},
        "contracts": lambda: {"number": f"{at}/2026"},
        "stakeholders": lambda: {
            "name": f"Person {at}",
            "covered_by": by,
            "influence": at % 11,
            "stance": at % 5 - 2,
        },
        "influence": lambda: {
            "influencer": made["stakeholders"][at],
            "influenced": made["stakeholders"][(at + 1) % len(made["stakeholders"])],
        },
        "competitors": lambda: {"name": f"Rival {at}"},
        "criteria": lambda: {"name": f"Criterion {at}"},
        "scores": lambda: {
            "criterion": made["criteria"][at],
            "competitor": made["competitors"][at],
        },
        "objectives": lambda: {"title": f"Aim {at}"},
        "actions": lambda: {"owner": by, "objective": made["objectives"][at]},
    }
    return told.get(key, dict)()

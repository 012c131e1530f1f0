"""What holds a client to us, beside his sales: contract, relationship, threads, who keeps him, his rhythm.

Everything is found for any number of clients in the same number of queries, and only through what the person
may see.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Client, User
from dossiers import contracting, gaps, scores
from dossiers.contracting import Terms
from dossiers.models import Contract, Dossier, Stakeholder
from segmentation.models import Rhythm, Segment

CONTRACT_AHEAD = datetime.timedelta(days=183)


class Beat(TextChoices):
    """How the client stands in his own rhythm of orders."""

    STEADY = "steady", pgettext_lazy("rhythm of orders", "in rhythm")
    SLIPPING = "slipping", pgettext_lazy("rhythm of orders", "slipping")
    LOST = "lost", pgettext_lazy("rhythm of orders", "lost")
    UNKNOWN = "unknown", _("rhythm not known")


BEAT_TONES = {
    Beat.STEADY: ("ok", "check"),
    Beat.SLIPPING: ("warn", "trending-down"),
    Beat.LOST: ("bad", "alert-circle"),
    Beat.UNKNOWN: ("quiet", "question-mark"),
}


@dataclass
class Exposed:
    """`dossier`, with its people, is None where there is none or the person may not read it; then so are
    contract, relationship and threads. `relationship`: 0 to 100, None while not enough is known."""

    client: Client
    segment: Segment | None = None
    dossier: Dossier | None = None
    contract: Contract | None = None
    terms: Terms | None = None
    relationship: int | None = None
    threads: tuple[str, ...] = ()
    beat: Beat = Beat.UNKNOWN

    @property
    def beat_tone(self) -> str:
        return BEAT_TONES[self.beat][0]

    @property
    def beat_icon(self) -> str:
        return BEAT_TONES[self.beat][1]


def of(clients: Collection[int], *, user: User, today: datetime.date) -> list[Exposed]:
    """In the order of the names; clients whom the person may not see are left out. Eight queries."""
    found = {
        client.pk: Exposed(client)
        for client in Client.objects.visible_to(user).filter(pk__in=clients).by_name()
    }
    segments = Segment.objects.visible_to(user).in_force().defer("nets")
    for segment in segments.filter(client__in=list(found)):
        found[segment.client_id].segment = segment
    for rhythm in Rhythm.objects.visible_to(user).filter(client__in=list(found)):
        found[rhythm.client_id].beat = _beat(rhythm, today)
    dossiers = Dossier.objects.visible_to(user).open().filter(client__in=list(found)).with_people()
    of_dossier = {}
    for dossier in dossiers:
        of_dossier[dossier.pk] = exposed = found[dossier.client_id]
        exposed.dossier = dossier
    for key, (contract, terms) in next_contracts(of_dossier, user=user, today=today).items():
        of_dossier[key].contract, of_dossier[key].terms = contract, terms
    for key, threads in single_threads(of_dossier, user=user, today=today).items():
        of_dossier[key].threads = threads
    for key, known in scores.known_of(list(of_dossier), today=today).items():
        of_dossier[key].relationship = scores.relationship(known).value
    return list(found.values())


def _beat(rhythm: Rhythm, today: datetime.date) -> Beat:
    if rhythm.lost_on and rhythm.lost_on <= today:
        return Beat.LOST
    if rhythm.slips_on and rhythm.slips_on <= today:
        return Beat.SLIPPING
    return Beat.STEADY if rhythm.slips_on else Beat.UNKNOWN


def next_contracts(
    dossiers: Iterable[int] | None, *, user: User, today: datetime.date
) -> dict[int, tuple[Contract, Terms]]:
    """Dossier → the contract that ends next and that no other follows; without an end only where none has one.

    `dossiers`: their keys, None for all the person may read.
    """
    contracts = Contract.objects.visible_to(user).filter(dossier__closed_on__isnull=True)
    if dossiers is not None:
        contracts = contracts.filter(dossier__in=list(dossiers))
    by_dossier: dict[int, list[Contract]] = defaultdict(list)
    for contract in contracts:
        by_dossier[contract.dossier_id].append(contract)
    found = {}
    for dossier, own in by_dossier.items():
        open_ends = [
            (contract.ends_on or datetime.date.max, contract.pk, contract, terms)
            for contract, terms in zip(own, contracting.judged(own, today=today), strict=True)
            if not terms.is_followed and (contract.ends_on is None or contract.ends_on >= today)
        ]
        if open_ends:
            found[dossier] = min(open_ends)[2:]
    return found


def single_threads(
    dossiers: Iterable[int] | None, *, user: User, today: datetime.date
) -> dict[int, tuple[str, ...]]:
    """Dossier → in which ways everything there passes through one person; those where it does not are left out."""
    people = Stakeholder.objects.visible_to(user).filter(dossier__closed_on__isnull=True)
    if dossiers is not None:
        people = people.filter(dossier__in=list(dossiers))
    by_dossier: dict[int, list[Stakeholder]] = defaultdict(list)
    for person in people.with_last_contact().select_related("covered_by"):
        by_dossier[person.dossier_id].append(person)
    found = {}
    for dossier, own in by_dossier.items():
        threads = tuple(
            gap.sentence
            for gap in gaps.find(own, today=today)
            if gap.kind == gaps.GapKind.SINGLE_THREADED
        )
        if threads:
            found[dossier] = threads
    return found


# ── Ready-made questions ─────────────────────────────────────────────────────────────────────


def with_contract_ending(*, user: User, today: datetime.date) -> set[int]:
    """Clients whose contract ends within six months, and that no other follows."""
    ending = next_contracts(None, user=user, today=today)
    last = today + CONTRACT_AHEAD
    return _clients(
        (key for key, (one, _terms) in ending.items() if one.ends_on and one.ends_on <= last),
        user=user,
    )


def hanging_by_one_thread(*, user: User, today: datetime.date) -> set[int]:
    return _clients(single_threads(None, user=user, today=today), user=user)


def _clients(dossiers: Iterable[int], *, user: User) -> set[int]:
    own = Dossier.objects.visible_to(user).open().filter(pk__in=list(dossiers))
    return set(own.values_list("client", flat=True))

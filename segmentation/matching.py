"""Which client a number of the sales ledger means: known, matched by rule, or created; doubts are kept for people.

The rule, for each number of a file, in this order:

1. The number was met before (`LedgerNumber`): its client, which a merge has brought up to date.
2. Somebody typed the number by hand (`Client.external_id`): that client, or the one it was merged into.
3. Its tax id is that of exactly one standing client (`alike.tax_id`): that client. Two numbers of one file
   with one tax id are one client with two numbers.
4. Otherwise a client is created.

Nothing is ever put on a client because of its name: a new client whose name is that of a standing one
(`alike.likeness`) gets a `DoubtfulMatch`, and so does a known number for which the file tells the tax id of
another client. People decide those (`merging`); importing waits for nobody.

What the file tells of a client fills only what is empty, because who typed the rest knew better; the
salesperson of the ledger alone is always the latest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Client
from accounts.sorting import sort_key
from segmentation import alike
from segmentation.checking import ClientSeen
from segmentation.models import DoubtfulMatch, LedgerNumber
from segmentation.models.matching import DoubtReason, MatchedBy

AT_ONCE = 5000
# Filled where they are empty, in this order.
FILLED = ("tax_id", "channel", "industry", "country", "city")


@dataclass(frozen=True)
class Matched:
    """What became of the numbers of a file: clients created, numbers matched by tax id, doubts raised."""

    new_clients: int = 0
    matched_clients: int = 0
    doubtful_matches: int = 0


@dataclass
class _TaxIds:
    """Tax ids of standing clients, as far as the file tells them: number of the id → (id, client)."""

    wanted: set[str]
    known: dict[str, list[tuple[alike.TaxId, int]]] = field(default_factory=dict)
    # Every client's own, of those whose numbers the file brings.
    own: dict[int, alike.TaxId] = field(default_factory=dict)

    def read(self, of_clients: set[int]) -> None:
        rows = Client.objects.standing().exclude(tax_id="").values_list("pk", "tax_id")
        for client, text in rows.order_by().iterator(chunk_size=AT_ONCE):
            if found := alike.tax_id(text):
                if found.number in self.wanted:
                    self.known.setdefault(found.number, []).append((found, client))
                if client in of_clients:
                    self.own[client] = found

    def having(self, asked: alike.TaxId) -> set[int]:
        return {client for found, client in self.known.get(asked.number, ()) if found.agrees(asked)}

    def add(self, found: alike.TaxId, client: int) -> None:
        self.known.setdefault(found.number, []).append((found, client))


def match(clients: Mapping[str, ClientSeen], *, import_id: int) -> Matched:
    """See to it that every number has its `LedgerNumber`; `clients` is what the file tells of each.

    Call inside the transaction that stores the sales, holding the lock of imports: nobody else
    matches or merges meanwhile. The number of statements grows with batches, not with clients.
    """
    numbers = sorted(clients)
    known = _in_parts(
        numbers,
        lambda part: LedgerNumber.objects.filter(number__in=part).values_list(
            "number", "client_id"
        ),
    )
    typed = _in_parts(
        [number for number in numbers if number not in known],
        lambda part: Client.objects.filter(external_id__in=part).values_list(
            "external_id", Coalesce("merged_into_id", "pk")
        ),
    )
    _enter(typed, MatchedBy.NUMBER, import_id)
    known |= typed
    asked = {number: found for number in numbers if (found := alike.tax_id(clients[number].tax_id))}
    tax_ids = _TaxIds({found.number for found in asked.values()})
    if asked:
        tax_ids.read(set(known.values()))
    doubted = _contradicted(known, asked, tax_ids)
    unknown = [number for number in numbers if number not in known]
    matched, same_as = _by_tax_id(unknown, asked, tax_ids)
    _enter(matched, MatchedBy.TAX_ID, import_id)
    known |= matched
    _fill(known, clients, leave_out={client for client, _candidate in doubted})
    first = [number for number in unknown if number not in matched and number not in same_as]
    created = _create(first, clients)
    _enter(created, MatchedBy.CREATED, import_id)
    second = {number: created[of] for number, of in same_as.items()}
    _enter(second, MatchedBy.TAX_ID, import_id)
    _fill(second, clients)
    doubts = [(*pair, DoubtReason.TAX_ID_DIFFERS) for pair in sorted(doubted)]
    doubts += _named_alike({created[number]: clients[number].name for number in first})
    return Matched(len(created), len(matched) + len(second), _raise_doubts(doubts, import_id))


def _in_parts(numbers: list[str], ask) -> dict[str, int]:
    """Number → client, asked for a few thousand at a time."""
    found: dict[str, int] = {}
    left = iter(numbers)
    while part := list(islice(left, AT_ONCE)):
        found |= dict(ask(part))
    return found


def _enter(numbers: Mapping[str, int], matched_by: MatchedBy, import_id: int) -> None:
    LedgerNumber.objects.bulk_create(
        (
            LedgerNumber(
                number=number, client_id=client, matched_by=matched_by, sales_import_id=import_id
            )
            for number, client in numbers.items()
        ),
        batch_size=AT_ONCE,
    )


def _contradicted(
    known: Mapping[str, int], asked: Mapping[str, alike.TaxId], tax_ids: _TaxIds
) -> set[tuple[int, int]]:
    """(client, candidate): the file tells for the client's number the tax id of another client alone.

    Where nobody has that tax id and the client has none, it becomes the client's own at once, so
    that another number of the same file finds it.
    """
    doubted = set()
    for number, told in asked.items():
        client = known.get(number)
        if client is None:
            continue
        own, others = tax_ids.own.get(client), tax_ids.having(told) - {client}
        if own is not None and own.agrees(told):
            continue
        if others:
            doubted |= {(client, candidate) for candidate in others}
        elif own is None:
            tax_ids.own[client] = told
            tax_ids.add(told, client)
    return doubted


def _by_tax_id(
    unknown: Iterable[str], asked: Mapping[str, alike.TaxId], tax_ids: _TaxIds
) -> tuple[dict[str, int], dict[str, str]]:
    """(number → standing client, number → earlier number of the same new client)."""
    matched: dict[str, int] = {}
    same_as: dict[str, str] = {}
    new: dict[str, list[tuple[alike.TaxId, str]]] = {}
    for number in unknown:
        if number not in asked:
            continue
        told = asked[number]
        standing = tax_ids.having(told)
        if len(standing) == 1:
            matched[number] = standing.pop()
        elif not standing:
            earlier = {of for found, of in new.get(told.number, ()) if found.agrees(told)}
            if len(earlier) == 1:
                same_as[number] = earlier.pop()
            else:
                new.setdefault(told.number, []).append((told, number))
    return matched, same_as


def _create(numbers: list[str], clients: Mapping[str, ClientSeen]) -> dict[str, int]:
    """Number → new client. Where somebody enters one of them by hand at this moment, his stands."""
    left = iter(numbers)
    while part := list(islice(left, AT_ONCE)):
        Client.objects.bulk_create(
            [_client(number, clients[number]) for number in part], ignore_conflicts=True
        )
    return _in_parts(
        numbers,
        lambda part: Client.objects.filter(external_id__in=part).values_list("external_id", "pk"),
    )


def _client(number: str, seen: ClientSeen) -> Client:
    name = seen.name or _("Client %(number)s") % {"number": number}
    return Client(
        name=_cut("name", name),
        name_sort=sort_key(_cut("name", name)),
        external_id=number,
        kam_in_ledger=_cut("kam_in_ledger", seen.kam),
        **{name: _cut(name, getattr(seen, name)) for name in FILLED},
    )


def _cut(name: str, text: str) -> str:
    return text[: Client._meta.get_field(name).max_length]


def _fill(
    numbers: Mapping[str, int],
    clients: Mapping[str, ClientSeen],
    *,
    leave_out: Iterable[int] = (),
) -> None:
    """What is empty is filled, and the salesperson brought up to date; `leave_out` get no tax id.

    One statement for thousands: it looks itself at what is empty, so nothing typed meanwhile is lost.
    """
    told: dict[int, list[str]] = {}
    for number, client in numbers.items():
        seen = clients[number]
        values = [_cut(name, getattr(seen, name)) for name in FILLED]
        if client in leave_out:
            values[0] = ""
        values.append(_cut("kam_in_ledger", seen.kam))
        if any(values):
            before = told.setdefault(client, [""] * len(values))
            told[client] = [first or second for first, second in zip(before, values, strict=True)]
    left = iter(sorted(told.items()))
    while part := list(islice(left, AT_ONCE)):
        _fill_part(part)


def _fill_part(part: list[tuple[int, list[str]]]) -> None:
    names = (*FILLED, "kam_in_ledger")
    filled = ", ".join(
        f"{name} = CASE WHEN c.{name} = '' THEN v.{name} ELSE c.{name} END" for name in FILLED
    )
    wanting = " OR ".join(f"(c.{name} = '' AND v.{name} <> '')" for name in FILLED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE accounts_client c
            SET {filled}, kam_in_ledger = coalesce(nullif(v.kam_in_ledger, ''), c.kam_in_ledger)
            FROM unnest(%s::bigint[], {", ".join(["%s::text[]"] * len(names))}) AS v(id, {", ".join(names)})
            WHERE c.id = v.id
              AND ({wanting} OR (v.kam_in_ledger <> '' AND v.kam_in_ledger <> c.kam_in_ledger))
            """,
            [
                [client for client, _values in part],
                *(list(column) for column in zip(*(values for _c, values in part), strict=True)),
            ],
        )


def _named_alike(new: Mapping[int, str]) -> Iterator[tuple[int, int, str]]:
    """(new client, candidate, reason). Names that we made up ourselves say nothing."""
    new = {client: name for client, name in new.items() if name}
    if not new:
        return iter(())
    standing = Client.objects.standing().order_by("pk").values_list("pk", "name")
    return iter(alike.doubts(new, standing.iterator(chunk_size=AT_ONCE)))


def _raise_doubts(found: list[tuple[int, int, str]], import_id: int) -> int:
    """How many are new: what was decided of two clients is not asked again, whichever of them is the new one."""
    if not found:
        return 0
    known: set[frozenset[int]] = set()
    left = iter(found)
    while part := list(islice(left, AT_ONCE)):
        clients = {client for pair in part for client in pair[:2]}
        rows = DoubtfulMatch.objects.filter(Q(client__in=clients) | Q(candidate__in=clients))
        known |= {frozenset(pair) for pair in rows.values_list("client", "candidate")}
    doubts: dict[frozenset[int], DoubtfulMatch] = {}
    for client, candidate, reason in found:
        pair = frozenset((client, candidate))
        if pair not in known:
            doubts.setdefault(
                pair,
                DoubtfulMatch(
                    client_id=client,
                    candidate_id=candidate,
                    reason=reason,
                    sales_import_id=import_id,
                ),
            )
    DoubtfulMatch.objects.bulk_create(doubts.values(), batch_size=AT_ONCE)
    return len(doubts)

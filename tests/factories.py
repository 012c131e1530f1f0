"""People, clients and dossiers for tests. Every one is valid by the rules of the house.

A key client cannot exist without its open dossier (the database checks that at the end of each
transaction), so tests ask for `key_client()` or `dossier()` instead of setting a stage.
"""

import datetime
import itertools

from accounts import assigning
from accounts.models import Client, User
from accounts.models.client import Stage
from accounts.models.user import Role
from dossiers import opening
from dossiers.models import Dossier
from dossiers.pieces import BY_KEY

PASSWORD = "correct horse battery staple"
TODAY = datetime.date(2026, 11, 21)
_numbers = itertools.count(1)


def person(role: str = Role.COLLEAGUE, *, name: str = "", **fields) -> User:
    number = next(_numbers)
    name = name or f"{Role(role).name.title()} Nr{number}"
    fields.setdefault("email", f"{role}{number}@example.com")
    user = User(
        role=role, name=name, is_staff=role == Role.ADMIN, is_superuser=role == Role.ADMIN, **fields
    )
    user.set_password(PASSWORD)  # the test settings use a cheap hash
    user.save()
    return user


def kam(**fields) -> User:
    return person(Role.KAM, **fields)


def head(**fields) -> User:
    return person(Role.HEAD, **fields)


def analyst(**fields) -> User:
    return person(Role.ANALYST, **fields)


def client(*, name: str = "", stage: str = Stage.REGULAR, **fields) -> Client:
    """A client that is not key; see `key_client` for one that is."""
    assert stage != Stage.KEY, "a key client has a dossier: use factories.key_client()"
    number = next(_numbers)
    fields.setdefault("external_id", f"C-{number}")
    return Client.objects.create(name=name or f"Client Nr{number}", stage=stage, **fields)


def dossier(
    *,
    of: Client | None = None,
    kam: User | None = None,
    deputy: User | None = None,
    by: User | None = None,
    today: datetime.date = TODAY,
    **client_fields,
) -> Dossier:
    """An open dossier; its client is key and, where `kam` is given, assigned."""
    by = by or User.objects.heads().first() or head()
    opened = opening.make_key(
        of or client(**client_fields), by=by, reason="Brings a tenth of our sales.", today=today
    )
    if kam:
        assigning.assign(opened.client, to=kam, by=by, today=today)
    if deputy:
        assigning.appoint_deputy(opened.client, to=deputy, by=by, today=today)
    return opened


def key_client(**fields) -> Client:
    return dossier(**fields).client


def entry(
    piece: str, dossier: Dossier, *, by: User | None = None, today: datetime.date = TODAY, **values
):
    """An entry of a list piece, stored directly, with the least a valid one needs filled in."""
    author = by or dossier.created_by
    model = BY_KEY[piece].model
    return model.objects.create(
        dossier=dossier,
        created_by=author,
        updated_by=author,
        confirmed_by=author,
        confirmed_on=today,
        **{**_LEAST.get(piece, {}), **values},
    )


_LEAST: dict[str, dict] = {
    "financial-years": {"year": 2025},
    "headcount": {"year": 2025, "headcount": 100},
    "structure": {"name": "Purchasing"},
    "staffing": {"position": "Buyer"},
    "market": {"kind": "client", "name": "Somebody Ltd"},
    "timeline": {"happened_on": TODAY, "title": "Talked about next year"},
    "assessments": {"assessed_on": TODAY, "level": "basic", "score": 2},
    "opportunity": {"year_number": 1, "amount": 1000},
    "budget": {"year": 2026, "category": "Bearings", "amount": 1000},
    "tenders": {"subject": "Bearings for the year", "decided_on": TODAY},
    "white-space": {"product_line": "Bearings"},
    "surveys": {"answered_on": TODAY, "score": 9},
    "attachments": {
        "name": "Offer.pdf",
        "file": "attachments/of/nothing",
        "media_type": "application/pdf",
        "size": 1000,
        "sha256": "0" * 64,
    },
    "contracts": {"number": "1/2026", "subject": "Deliveries", "starts_on": TODAY},
    "earlier-suppliers": {"name": "The old supplier"},
    "process": {"what": "The need is noticed"},
    "stakeholders": {"name": "Anna Buyer", "position": "Head of purchasing"},
    "competitors": {"name": "The rival"},
    "criteria": {"name": "Delivery time"},
    "scores": {"score": 3},
    "objectives": {"title": "Win the second plant"},
    "actions": {"title": "Send the sample"},
}

"""A form that is sent twice adds one entry: the number it carries is kept with the key of what it added."""

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.http import QueryDict

from accounts.models import User
from dossiers.models import Dossier, SentForm
from dossiers.pieces import Piece

KEPT_DAYS = 30
_OURS = uuid.UUID("8b8d7c1e-52a6-4f0e-9a53-7b9b64a1f2d0")


def token(
    once: str, *, piece: Piece, dossier: Dossier, by: User, data: Mapping, names: Iterable[str]
) -> uuid.UUID:
    """Tells one sending from another: the number of the form, who sent it, where to, and what it said.

    What it said counts, because a person who goes back in the browser, writes something else into the same
    form and sends it means a second entry.
    """
    said = [(name, _values(data, name)) for name in sorted(names)]
    whole = repr((by.pk, dossier.pk, piece.key, once, said)).encode("utf-8", "backslashreplace")
    return uuid.uuid5(_OURS, hashlib.sha256(whole).hexdigest())


def _values(data: Mapping, name: str) -> Any:
    return data.getlist(name) if isinstance(data, QueryDict) else data.get(name)


def claim(sent: uuid.UUID, *, piece: Piece, by: User) -> tuple[int | None, bool]:
    """The key that the new entry shall have, and whether it is ours to add; else it was added by the first sending.

    In the transaction of the entry: whoever sends the same at the same moment waits here, and finds either
    what the first one added or, where that was refused, nothing. One statement, seldom a second.
    """
    table = piece.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO dossiers_sentform (token, person_id, sent_at, entry_id)
            VALUES (%s, %s, now(), nextval(pg_get_serial_sequence(%s, 'id')))
            ON CONFLICT (token) DO NOTHING RETURNING entry_id
            """,
            [sent, by.pk, connection.ops.quote_name(table)],
        )
        row = cursor.fetchone()
    if row is not None:
        return row[0], True
    return SentForm.objects.values_list("entry_id", flat=True).get(token=sent), False


def sweep(*, now: datetime.datetime) -> int:
    """Forget the forms sent more than a month ago. Returns how many."""
    old = SentForm.objects.filter(sent_at__lt=now - datetime.timedelta(days=KEPT_DAYS))
    return old.delete()[0]

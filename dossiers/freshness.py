"""What nobody has confirmed for 90 days.

What happened on a day stays true: the timeline does not age. Of the assessments, which were each true on
their day, only the newest is our judgement of today, and that one ages. A file stays what it was when it came,
and so does an answer to a survey.
"""

import datetime
from collections.abc import Mapping, Sequence
from functools import cache

from django.db import connection
from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from dossiers.models import Assessment, Attachment, Dossier, SurveyAnswer, TimelineEntry
from dossiers.models.record import STALE_AFTER_DAYS, DossierRecord
from dossiers.pieces import BY_KEY, PIECES, Piece, kept_models

AGELESS = (TimelineEntry, Attachment, SurveyAnswer)
AGEING = tuple(model for model in kept_models() if model not in AGELESS)
_SECTION_OF = {piece.model: str(piece.section) for piece in PIECES}


def fresh_from(today: datetime.date) -> datetime.date:
    """What was confirmed before this day is stale."""
    return today - datetime.timedelta(days=STALE_AFTER_DAYS)


def with_stale_count(dossiers: QuerySet[Dossier], *, today: datetime.date) -> QuerySet[Dossier]:
    """Adds `stale_count`, the number of stale records of each dossier: no further query."""
    # Written as SQL, as in `dossiers.quality`: a dozen subqueries cost more to build than to run.
    own = connection.ops.quote_name(Dossier._meta.db_table)
    counts = [f"({_count(model, f'{own}.id')})" for model in AGEING]
    return dossiers.annotate(
        stale_count=RawSQL(" + ".join(counts), [fresh_from(today)] * len(counts), IntegerField())
    )


def stale_by_section(dossier: Dossier, *, today: datetime.date) -> dict[str, int]:
    """How many stale records each section of the dossier has: {"general": 3, …}; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_by_section(), {"dossier": dossier.pk, "before": fresh_from(today)})
        return dict(cursor.fetchall())


@cache
def _by_section() -> str:
    parts = " UNION ALL ".join(
        f"SELECT '{_SECTION_OF[model]}' AS section, ({_count(model, '%(dossier)s', '%(before)s')}) AS stale"
        for model in AGEING
    )
    return f"SELECT section, sum(stale)::int FROM ({parts}) AS counts GROUP BY section"


def stale_of(
    records: Mapping[str, Sequence[DossierRecord]], *, today: datetime.date
) -> list[tuple[Piece, DossierRecord]]:
    """Of records by the key of their piece, in their order, those that are stale, each with its piece; the oldest first.

    A sheet that several pieces show comes once, with the first of them.
    """
    before = fresh_from(today)
    found: dict[tuple, tuple[Piece, DossierRecord]] = {}
    for key, entries in records.items():
        piece = BY_KEY[key]
        if piece.model not in AGEING:
            continue
        for record in entries[:1] if piece.model is Assessment else entries:
            if record.confirmed_on < before:
                found.setdefault((piece.model, record.pk), (piece, record))
    return sorted(found.values(), key=lambda one: one[1].confirmed_on)


def _count(model: type[DossierRecord], dossier: str, before: str = "%s") -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    key = "id" if model is Dossier else "dossier_id"
    if model is Assessment:
        table = (
            f"(SELECT confirmed_on FROM {table} WHERE dossier_id = {dossier}"
            " ORDER BY assessed_on DESC, id DESC LIMIT 1)"
        )
        return f"SELECT count(*) FROM {table} AS record WHERE record.confirmed_on < {before}"
    return f"SELECT count(*) FROM {table} AS record WHERE record.{key} = {dossier} AND record.confirmed_on < {before}"

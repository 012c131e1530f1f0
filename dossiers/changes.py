"""What people changed in a dossier between two moments, read from the change history.

Confirming a record, or a revision being accepted, is no change: only what somebody wrote counts. An entry
that was added and taken out again in the time looked at leaves no trace here.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from dossiers.models import Dossier, Review, ReviewState
from dossiers.models.record import HOUSEKEEPING, DossierRecord
from dossiers.pieces import PIECES, Piece, kept_models
from dossiers.standing import end_of

# What the history's own columns, the scheduler and a confirmation write; nobody's change of what is known.
_NO_CHANGE = [
    *HOUSEKEEPING,
    *("pgh_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id"),
    *("confirmed_on", "confirmed_by_id", "last_reviewed_on", "next_review_on", "closed_on"),
]

# Each event of the time looked at, with the names of the columns that differ from the event before it.
_EVENTS_OF_A_MODEL = """
    SELECT '{model}', e.pgh_id, e.pgh_obj_id, e.pgh_label,
           ARRAY(SELECT now.key FROM jsonb_each(to_jsonb(e) - %(no_change)s::text[]) AS now
                 WHERE now.value IS DISTINCT FROM to_jsonb(before) -> now.key)
    FROM {table} AS e
    LEFT JOIN LATERAL (SELECT * FROM {table} AS b WHERE b.pgh_obj_id = e.pgh_obj_id AND b.pgh_id < e.pgh_id
                       ORDER BY b.pgh_id DESC LIMIT 1) AS before ON true
    WHERE e.{dossier} = %(dossier)s AND e.pgh_created_at > %(after)s AND e.pgh_created_at <= %(until)s
"""


@dataclass
class PieceChange:
    """How many entries of a piece were added, changed and taken out; a sheet counts as one entry."""

    piece: Piece
    added: int = 0
    changed: int = 0
    removed: int = 0


def in_review(review: Review) -> list[PieceChange]:
    """What changed between the revision accepted before this one (else the opening) and this one's end."""
    accepted = {pk: at for pk, (_day, at) in accepted_revisions(review.dossier_id).items()}
    until = accepted.pop(review.pk, None)
    earlier = [moment for moment in accepted.values() if until is None or moment < until]
    return between(review.dossier_id, after=max(earlier, default=None), until=until)


def accepted_revisions(dossier_id: int) -> dict[int, tuple[datetime.date, datetime.datetime]]:
    """{key of each accepted revision: the day and the moment at which it was accepted}, newest first."""
    events = Review.pgh_event_model.objects.filter(dossier=dossier_id, state=ReviewState.ACCEPTED)
    # A revision entered later than it was decided (taken over from elsewhere) counts from its own day.
    found = {
        pk: (decided_on, min(moment, end_of(decided_on)))
        for pk, moment, decided_on in events.order_by("-pgh_id").values_list(
            "pgh_obj_id", "pgh_created_at", "decided_on"
        )
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1][1], reverse=True))


def between(
    dossier_id: int,
    *,
    after: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
) -> list[PieceChange]:
    """Changes after one moment (default: since the dossier was opened) up to another (default: now)."""
    if after is None:
        opening = Dossier.pgh_event_model.objects.filter(pgh_obj_id=dossier_id).order_by("pgh_id")
        after = opening.values_list("pgh_created_at", flat=True).first()
        if after is None:
            return []
    fate: dict[tuple[str, int], tuple[set[str], set[str]]] = {}
    for model, _event, pk, label, fields in _events(dossier_id, after, until):
        labels, changed = fate.setdefault((model, pk), (set(), set()))
        if label != "update" or fields:
            labels.add(label)
        if label == "update":
            changed.update(fields)
    counts: dict[str, PieceChange] = {}
    for (model, _pk), (labels, fields) in fate.items():
        if {"insert", "delete"} <= labels:
            continue
        for piece in _pieces(model, fields):
            change = counts.setdefault(piece.key, PieceChange(piece))
            change.added += "insert" in labels
            change.removed += "delete" in labels
            change.changed += labels == {"update"}
    return [
        counts[piece.key]
        for piece in PIECES
        if piece.key in counts and any(_numbers(counts[piece.key]))
    ]


def _numbers(change: PieceChange) -> tuple[int, int, int]:
    return change.added, change.changed, change.removed


def _pieces(model: str, fields: set[str]) -> Iterable[Piece]:
    """The pieces that show the entry: of a sheet, those whose own fields changed."""
    of_model = [piece for piece in PIECES if piece.model._meta.model_name == model]
    if len(of_model) == 1:
        return of_model
    names = {name.removesuffix("_id") for name in fields}
    return [piece for piece in of_model if names.intersection(piece.fields)] or of_model[:1]


def _events(
    dossier_id: int, after: datetime.datetime, until: datetime.datetime | None
) -> list[tuple]:
    """All models' events in one query."""
    parts = [_events_of(model) for model in kept_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS events ORDER BY 2",  # our own table names only
            {
                "dossier": dossier_id,
                "after": after,
                "until": until or datetime.datetime.max.replace(tzinfo=datetime.UTC),
                "no_change": _NO_CHANGE,
            },
        )
        return cursor.fetchall()


def _events_of(model: type[DossierRecord]) -> str:
    return _EVENTS_OF_A_MODEL.format(
        model=model._meta.model_name,
        table=connection.ops.quote_name(model.pgh_event_model._meta.db_table),
        dossier="pgh_obj_id" if model is Dossier else "dossier_id",
    )

"""How complete a dossier is.

A piece counts with its weight as soon as it says something: a list that has an entry, a sheet of
whose fields at least half are filled. Completeness is the share of the weight that counts, 0 to 100.
"""

from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from dossiers.models import Dossier
from dossiers.pieces import PIECES, Piece

WEIGHED = tuple(piece for piece in PIECES if piece.weight)
WHOLE_WEIGHT = sum(piece.weight for piece in WEIGHED)


@dataclass(frozen=True)
class Completeness:
    percent: int
    missing: tuple[Piece, ...]


def with_completeness(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Adds `completeness` (0 to 100) and one `has_<piece>` flag per weighed piece: no further query."""
    flags = {_flag(piece): _says_something(piece) for piece in WEIGHED}
    weights: list[Combinable] = [
        Case(When(**{_flag(piece): True}, then=Value(piece.weight)), default=Value(0), output_field=IntegerField())
        for piece in WEIGHED
    ]
    total = weights[0]
    for weight in weights[1:]:
        total = total + weight
    return dossiers.annotate(**flags).annotate(
        completeness=(total * 100) / Value(WHOLE_WEIGHT, output_field=IntegerField())
    )


def of(dossier: Dossier) -> Completeness:
    """From a dossier fetched by `with_completeness`; what is missing comes heaviest first."""
    missing = [piece for piece in WEIGHED if not getattr(dossier, _flag(piece))]
    return Completeness(dossier.completeness, tuple(sorted(missing, key=lambda piece: -piece.weight)))


def _flag(piece: Piece) -> str:
    return "has_" + piece.key.replace("-", "_")


def _says_something(piece: Piece):
    if piece.model is Dossier:
        return Case(When(_half_filled(piece), then=Value(True)), default=Value(False))
    entries = piece.model.objects.filter(dossier=OuterRef("pk")).order_by()
    return Exists(entries.annotate(filled=_filled_fields(piece)).filter(_enough(piece)) if piece.is_sheet else entries)


def _half_filled(piece: Piece) -> Q:
    # The dossier's own line has two fields, type and position: both are wanted.
    return ~Q(position="") & ~Q(types=[])


def _filled_fields(piece: Piece):
    total = Value(0, output_field=IntegerField())
    for name in piece.fields:
        empty = [] if isinstance(piece.model._meta.get_field(name), ArrayField) else ""
        total = total + Case(When(**{name: empty}, then=Value(0)), default=Value(1), output_field=IntegerField())
    return total


def _enough(piece: Piece) -> Q:
    return Q(filled__gte=(len(piece.fields) + 1) // 2)

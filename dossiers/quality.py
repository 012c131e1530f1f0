"""The quality of a dossier: how complete it is, and how fresh what it says.

Every piece counts with its weight as soon as it says something: a list that has an entry, a sheet of whose
fields at least half are filled. What nobody has confirmed for 90 days counts half. So, over all pieces,

    completeness = weight of those that say something ÷ whole weight
    freshness    = of what they say, the part confirmed within 90 days, by weight
    quality      = completeness × (1 + freshness) ÷ 2

each 0 to 100, cut off and not rounded: 100 is reached only when nothing is left to do.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from dossiers.freshness import AGEING, fresh_from
from dossiers.models import Assessment, Dossier
from dossiers.pieces import PIECES, Piece

WEIGHED = tuple(piece for piece in PIECES if piece.weight)
WHOLE_WEIGHT = sum(piece.weight for piece in WEIGHED)
SHEETS = tuple(dict.fromkeys(piece.model for piece in PIECES if piece.is_sheet))
TO_RAISE = 3


@dataclass(frozen=True)
class Standing:
    """How it stands with a piece: of its records that count, how many are stale. None of them: it says nothing."""

    piece: Piece
    records: int
    stale: int

    @property
    def says_something(self) -> bool:
        return self.records > 0

    @property
    def fresh(self) -> Fraction:
        """Of what it says, the part that is fresh."""
        return Fraction(self.records - self.stale, self.records) if self.records else Fraction(0)

    @property
    def to_gain(self) -> Fraction:
        """By how much of its weight the sum would grow, were everything said and fresh."""
        return self.piece.weight * ((1 - self.fresh) / 2 if self.says_something else Fraction(1))


@dataclass(frozen=True)
class Raise:
    """What would raise the score: something to write down, or to confirm; `points` of 100 to gain by it."""

    standing: Standing
    points: Fraction

    @property
    def piece(self) -> Piece:
        return self.standing.piece

    @property
    def is_to_confirm(self) -> bool:
        return self.standing.says_something


@dataclass(frozen=True)
class Quality:
    """From the standing of each weighed piece; `sheets` are the keys of the sheets' records, by their model."""

    standings: tuple[Standing, ...]
    sheets: tuple[int, ...] = ()

    @cached_property
    def said(self) -> int:
        """Weight of the pieces that say something."""
        return sum(one.piece.weight for one in self.standings if one.says_something)

    @cached_property
    def stale(self) -> Fraction:
        """Of that weight, what lies on stale records."""
        return sum(
            (one.piece.weight * (1 - one.fresh) for one in self.standings if one.says_something),
            Fraction(0),
        )

    @property
    def whole(self) -> int:
        return sum(one.piece.weight for one in self.standings)

    @property
    def completeness(self) -> int:
        return self.said * 100 // self.whole

    @property
    def freshness(self) -> int:
        return int((self.said - self.stale) * 100 / self.said) if self.said else 0

    @property
    def percent(self) -> int:
        """The score."""
        return int((self.said - self.stale / 2) * 100 / self.whole)

    @cached_property
    def missing(self) -> tuple[Piece, ...]:
        """What says nothing yet, the heaviest first."""
        found = [one.piece for one in self.standings if not one.says_something]
        return tuple(sorted(found, key=lambda piece: -piece.weight))

    @cached_property
    def raises(self) -> tuple[Raise, ...]:
        """The three things that would raise it most; of equal ones, what takes one click comes first."""
        found = [
            Raise(one, one.to_gain * 100 / self.whole) for one in self.standings if one.to_gain
        ]
        found.sort(key=lambda one: (-one.points, not one.is_to_confirm))
        return tuple(found[:TO_RAISE])

    @property
    def state(self) -> tuple:
        """What tells that it would be drawn as before."""
        return tuple((one.records, one.stale) for one in self.standings)

    def sheet_of(self, piece: Piece) -> int | None:
        """The key of the record that a sheet's form edits."""
        return dict(zip(SHEETS, self.sheets, strict=False)).get(piece.model)


def with_completeness(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Adds `completeness` (0 to 100): no further query."""
    # Written as SQL: building two dozen subqueries from expressions costs thirty times what running them does.
    return dossiers.annotate(completeness=RawSQL(_PERCENT, (), IntegerField()))


def with_quality(dossiers: QuerySet[Dossier], *, today: datetime.date) -> QuerySet[Dossier]:
    """Adds what `of` reads the quality from: no further query."""
    standing, sheets = _counted(_own(), fresh_from(today))
    return dossiers.annotate(
        standing=RawSQL(standing, (), ArrayField(ArrayField(IntegerField()))),
        sheets=RawSQL(sheets, (), ArrayField(IntegerField())),
    )


def of(dossier: Dossier) -> Quality:
    """Of a dossier fetched by `with_quality`."""
    return counted(dossier.standing, dossier.sheets)


def now(dossier: Dossier, *, today: datetime.date) -> Quality:
    """Of a dossier that the person may read: one query, and nothing built for it anew."""
    with connection.cursor() as cursor:
        cursor.execute(_of_one(fresh_from(today)), {"dossier": dossier.pk})
        return counted(*cursor.fetchone())


def counted(standing: Iterable[Sequence[int]], sheets: Sequence[int]) -> Quality:
    return Quality(
        tuple(Standing(piece, *numbers) for piece, numbers in zip(WEIGHED, standing, strict=True)),
        tuple(sheets),
    )


# ── In SQL ───────────────────────────────────────────────────────────────────────────────────


@cache
def _of_one(fresh: datetime.date) -> str:
    own = _own()
    return f"SELECT {', '.join(_counted(own, fresh))} FROM {own} WHERE {own}.id = %(dossier)s"


def _counted(own: str, fresh: datetime.date) -> tuple[str, str]:
    """Two arrays: (records, stale ones) of each weighed piece, and the keys of the sheets."""
    day = f"DATE '{fresh.isoformat()}'"
    standing = ", ".join(_standing(piece, own, day) for piece in WEIGHED)
    sheets = ", ".join(
        f"{own}.id"
        if model is Dossier
        else f"(SELECT id FROM {_table(model)} WHERE dossier_id = {own}.id)"
        for model in SHEETS
    )
    return f"ARRAY[{standing}]", f"ARRAY[{sheets}]"


def _standing(piece: Piece, own: str, day: str) -> str:
    if piece.model is Dossier:
        says = f"({_says_something(piece)})::int"
        return f"ARRAY[{says}, {says} * ({own}.confirmed_on < {day})::int]"
    table = _table(piece.model)
    rows = f"{table} WHERE dossier_id = {own}.id"
    if piece.is_sheet:
        return (
            f"COALESCE((SELECT ARRAY[says::int, (says AND confirmed_on < {day})::int]"
            f" FROM (SELECT {_half_filled(piece)} AS says, confirmed_on FROM {rows}) AS sheet), ARRAY[0, 0])"
        )
    if piece.model not in AGEING:
        return f"ARRAY[EXISTS (SELECT 1 FROM {rows})::int, 0]"
    if piece.model is Assessment:
        # Only the newest is our judgement of today.
        rows = f"(SELECT confirmed_on FROM {rows} ORDER BY assessed_on DESC, id DESC LIMIT 1) AS newest"
    return (
        f"(SELECT ARRAY[count(*), count(*) FILTER (WHERE confirmed_on < {day})]::int[] FROM {rows})"
    )


def _says_something(piece: Piece) -> str:
    """SQL that is true where the piece of a row of `dossiers_dossier` says something."""
    own = _own()
    if piece.model is Dossier:
        # The dossier's own line has two fields, type and position: both are wanted.
        return f"({own}.position <> '' AND {own}.types <> '{{}}')"
    condition = f"dossier_id = {own}.id"
    if piece.is_sheet:
        condition += f" AND {_half_filled(piece)}"
    # With an offset PostgreSQL asks for each dossier by itself, through the index. Without, it may look through the
    # whole table for a page of thirty.
    return f"EXISTS (SELECT 1 FROM {_table(piece.model)} WHERE {condition} OFFSET 0)"


def _half_filled(piece: Piece) -> str:
    columns = [piece.model._meta.get_field(name) for name in piece.fields]
    filled = " + ".join(
        f"({connection.ops.quote_name(column.column)} <> '{_nothing_in(column)}')::int"
        for column in columns
    )
    return f"{filled} >= {(len(columns) + 1) // 2}"


def _nothing_in(column: Field) -> str:
    return "{}" if isinstance(column, ArrayField) else ""


def _own() -> str:
    return _table(Dossier)


def _table(model) -> str:
    return connection.ops.quote_name(model._meta.db_table)


_SAYS = [_says_something(piece) for piece in WEIGHED]
_WEIGHTS = " + ".join(
    f"{says}::int * {piece.weight}" for piece, says in zip(WEIGHED, _SAYS, strict=True)
)
_PERCENT = f"({_WEIGHTS}) * 100 / {WHOLE_WEIGHT}"

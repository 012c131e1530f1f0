"""What nobody has confirmed for 90 days, at the top of a section: named by piece, confirmed with one click each."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from dossiers.models import Dossier, DossierRecord
from dossiers.pieces import Piece, of_section
from dossiers.sections import Section
from dossiers.showing import stale_words

# More entries of a piece than this are read where they stand.
NAMED = 12
# Cells of a grid have no place of their own that an address could lead to.
GRIDS = frozenset({"comparison", "ties", "white-space"})


@dataclass(frozen=True)
class Named:
    """An entry, and its place on the page."""

    name: str
    url: str


@dataclass(frozen=True)
class StalePiece:
    """The stale entries of a piece. `words`: how old the oldest is; `more`: how many are not named.

    `seen` goes with the button: the version of each entry, so that nobody confirms what he has not seen.
    """

    piece: Piece
    words: str
    named: tuple[Named, ...]
    more: int
    confirm_url: str
    seen: str

    @property
    def url(self) -> str:
        return f"#{self.piece.key}"

    @property
    def is_one(self) -> bool:
        return len(self.named) + self.more <= 1


@dataclass(frozen=True)
class StaleList:
    """`number` of entries in all. `follows`: the events after which it asks for itself."""

    number: int
    pieces: tuple[StalePiece, ...]
    url: str
    follows: str
    is_editable: bool

    @property
    def state(self) -> tuple:
        """Everything that it is drawn from."""
        named = tuple((one.piece.key, one.seen, one.words, one.named) for one in self.pieces)
        return ("stale", self.url, self.number, self.is_editable, named)

    def contents(self) -> dict[str, Any]:
        return {"stale": self}


def of(
    found: Sequence[tuple[Piece, DossierRecord]],
    dossier: Dossier,
    section: Section,
    *,
    today: datetime.date,
) -> StaleList:
    """Of what `freshness.stale_of` found in one section, the piece with the oldest entry first."""
    base = reverse("dossiers:section", args=[dossier.pk, section.value])
    by_piece: dict[str, list[DossierRecord]] = {}
    pieces = {}
    for piece, record in found:
        pieces[piece.key] = piece
        by_piece.setdefault(piece.key, []).append(record)
    return StaleList(
        number=len(found),
        pieces=tuple(
            _of_piece(pieces[key], records, base, today) for key, records in by_piece.items()
        ),
        url=reverse("dossiers:stale", args=[dossier.pk, section.value]),
        follows=", ".join(f"changed-{piece.key} from:body" for piece in of_section(section)),
        is_editable=dossier.is_open,
    )


def _of_piece(
    piece: Piece, records: Sequence[DossierRecord], base: str, today: datetime.date
) -> StalePiece:
    oldest = records[0]
    if piece.is_sheet:
        named: tuple[Named, ...] = ()
    else:
        named = tuple(Named(str(record), _place(piece, record)) for record in records[:NAMED])
    one = len(records) == 1
    return StalePiece(
        piece=piece,
        words=stale_words(oldest.age_in_days(today=today)),
        named=named,
        more=max(0, len(records) - NAMED) if named else 0,
        confirm_url=f"{base}{piece.key}/{oldest.pk}/confirm/"
        if one
        else f"{base}{piece.key}/confirm/",
        seen=str(oldest.version)
        if one
        else " ".join(f"{record.pk}.{record.version}" for record in records),
    )


def _place(piece: Piece, record: DossierRecord) -> str:
    """Where on the page the entry stands."""
    if piece.shape in GRIDS:
        return f"#{piece.key}"
    # The decision map leads to its people by the same name.
    key = "stakeholder" if piece.shape == "stakeholders" else piece.key
    return f"#{key}-{record.pk}"

"""Parts of pages with their records, fetched in the fewest queries (see `dossiers.gathering`)."""

import datetime
from collections.abc import Iterable, Mapping, Sequence

from accounts.models import User
from dossiers import gathering, tenders, timeline
from dossiers.laying_out import is_wide
from dossiers.models import Dossier, DossierRecord
from dossiers.parts import BESIDE, LATEST, Part
from dossiers.pieces import BY_KEY, Piece


def load(
    piece: Piece,
    dossier: Dossier,
    *,
    today: datetime.date,
    is_editable: bool,
    limit: int = LATEST,
    asked: Mapping[str, str] | None = None,
) -> Part:
    """One part with its records: one query, and one more for each piece that it shows beside its own."""
    part = Part(piece, dossier, (), today, is_editable, limit=limit, is_wide=is_wide(piece))
    if piece.shape == "timeline":
        seen = timeline.chosen(asked or {})
        part.found = timeline.find(dossier, seen, limit=limit, today=today)
    elif piece.shape == "tenders":
        part.chosen = tenders.chosen(asked or {})
    part.records = gathering.one(piece, dossier, keys=part.found.keys if part.found else None)
    part.beside = {key: gathering.one(BY_KEY[key], dossier) for key in BESIDE.get(piece.key, ())}
    return part


def load_all(
    pieces: Iterable[Piece],
    dossier: Dossier,
    *,
    today: datetime.date,
    is_editable: bool,
    limit: int = LATEST,
    people: Iterable[User | None] = (),
    asked: Mapping[str, str] | None = None,
    seen: timeline.Chosen | None = None,
) -> dict[str, Part]:
    """The parts of many pieces by their keys, in the fewest queries (see `dossiers.gathering`).

    `asked`: the address, which says what of the timeline and of the tenders is shown; `seen` says it of the
    timeline outright.
    """
    wanted = list(pieces)
    lines = None
    if any(piece.shape == "timeline" for piece in wanted):
        seen = seen or timeline.chosen(asked or {})
        lines = timeline.find(dossier, seen, limit=limit, today=today)
    instead = {"timeline": lines.entries} if lines else None
    found = gathering.gather(with_beside(wanted), dossier, instead=instead, people=people)
    loaded = of_records(wanted, dossier, found, today=today, is_editable=is_editable, limit=limit)
    for part in loaded.values():
        if part.shape == "timeline":
            part.found = lines
        elif part.shape == "tenders":
            part.chosen = tenders.chosen(asked or {})
    return loaded


def with_beside(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces, and those whose records their parts show beside their own."""
    wanted = list(pieces)
    beside = [BY_KEY[key] for piece in wanted for key in BESIDE.get(piece.key, ())]
    return list(dict.fromkeys([*wanted, *beside]))


def of_records(
    pieces: Iterable[Piece],
    dossier: Dossier,
    found: Mapping[str, Sequence[DossierRecord]],
    *,
    today: datetime.date,
    is_editable: bool,
    limit: int = LATEST,
    is_past: bool = False,
) -> dict[str, Part]:
    """The parts of pieces whose records were fetched already: {key of the piece: its records}, `with_beside`."""
    return {
        piece.key: Part(
            piece,
            dossier,
            found[piece.key],
            today,
            is_editable,
            limit=limit,
            is_wide=is_wide(piece),
            is_past=is_past,
            beside={key: found[key] for key in BESIDE.get(piece.key, ())},
        )
        for piece in pieces
    }

"""What nobody has confirmed for 90 days, at the top of a section: named, and confirmed with one click each."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from dossiers.models import Dossier, DossierRecord
from dossiers.pieces import Piece, of_section
from dossiers.sections import Section
from dossiers.showing import stale_words

# More than this is read where it stands.
NAMED = 30
# Cells of a grid have no place of their own that an address could lead to.
GRIDS = frozenset({"comparison", "ties", "white-space"})


@dataclass(frozen=True)
class Stale:
    """`url` is the place of the entry on the page, `target` the part that is drawn anew when it is confirmed."""

    piece: Piece
    record: DossierRecord
    name: str
    words: str
    url: str
    confirm_url: str
    target: str


@dataclass(frozen=True)
class StaleList:
    """`number` in all; `named`: the first of them. `follows`: the events after which it asks for itself."""

    number: int
    named: Sequence[Stale]
    url: str
    follows: str
    is_editable: bool

    @property
    def state(self) -> tuple:
        """Everything that it is drawn from."""
        named = tuple(
            (one.piece.key, one.record.pk, one.record.version, one.name, one.words)
            for one in self.named
        )
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
    """Of what `freshness.stale_of` found in one section."""
    base = reverse("dossiers:section", args=[dossier.pk, section.value])
    named = [
        Stale(
            piece=piece,
            record=record,
            name="" if piece.is_sheet else str(record),
            words=stale_words(record.age_in_days(today=today)),
            url=_place(piece, record),
            confirm_url=f"{base}{piece.key}/{record.pk}/confirm/",
            target=f"#{piece.key}",
        )
        for piece, record in found[:NAMED]
    ]
    return StaleList(
        number=len(found),
        named=named,
        url=reverse("dossiers:stale", args=[dossier.pk, section.value]),
        follows=", ".join(f"changed-{piece.key} from:body" for piece in of_section(section)),
        is_editable=dossier.is_open,
    )


def _place(piece: Piece, record: DossierRecord) -> str:
    """Where on the page the entry stands."""
    if piece.is_sheet or piece.shape in GRIDS:
        return f"#{piece.key}"
    # The decision map leads to its people by the same name.
    key = "stakeholder" if piece.shape == "stakeholders" else piece.key
    return f"#{key}-{record.pk}"

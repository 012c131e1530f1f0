"""Where the parts of a section stand on its page."""

from functools import cache
from typing import Any

from django.urls import reverse

from dossiers.models import Dossier
from dossiers.parts import Part
from dossiers.pieces import BY_KEY, Piece, of_section
from dossiers.sections import Section

# Where the cards of a section stand: a name is a card over the whole width, two lists are two columns.
# A piece that is not named here comes last, over the whole width.
LAYOUT: dict[str, tuple[str | tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    Section.GENERAL: (
        (("identity", "financial-years", "headcount", "staffing"), ("about", "structure")),
        "market",
    ),
    Section.RELATIONSHIP: (
        (("story", "timeline"), ("assessments", "opportunity", "opportunity-basis", "budget")),
        "ties",
        "white-space",
        "tenders",
        "contracts",
        "earlier-suppliers",
    ),
    Section.DECISION: ("stakeholders", (("process",), ("influence",))),
    Section.COMPETITORS: ("scores", (("competitors",), ("criteria",))),
    Section.PLAN: ("actions", "value", "swot", "objectives"),
}


@cache
def is_wide(piece: Piece) -> bool:
    """Whether the part has the whole width of the page."""
    return all(
        isinstance(row, str) or piece.key not in (*row[0], *row[1])
        for row in LAYOUT.get(piece.section, ())
    )


def laid_out(section: str, found: dict[str, Part]) -> list[dict[str, Any]]:
    """The parts of a section in rows: {"wide": part} or {"left": [parts], "right": [parts]}."""
    rows: list[dict[str, Any]] = []
    named: set[str] = set()
    for row in LAYOUT.get(section, ()):
        if isinstance(row, str):
            rows.append({"wide": found[row]})
            named.add(row)
        else:
            left, right = row
            rows.append(
                {"left": [found[key] for key in left], "right": [found[key] for key in right]}
            )
            named.update(left, right)
    rows += [
        {"wide": found[piece.key]}
        for piece in of_section(section)
        if piece.key not in named and piece.key in found
    ]
    return rows


def addresses(dossier: Dossier) -> dict[str, str]:
    """Where each piece of the dossier is read, by its key with underscores, for links from other pages."""
    base = reverse("dossiers:dossier", args=[dossier.pk])
    return {key.replace("-", "_"): f"{base}{piece.section}/{key}/" for key, piece in BY_KEY.items()}

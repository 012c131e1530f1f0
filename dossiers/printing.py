"""What stands on the pages of the printed dossier: the pieces as a page shows them, and the drawings."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from accounts.models import User
from dossiers import assembling, decision_map, figures, gaps, heading, loyalty_matrix, timeline
from dossiers.map_layout import PAPER
from dossiers.models import Dossier
from dossiers.parts import Part
from dossiers.pieces import PIECES, of_section
from dossiers.sections import Section

EVERYTHING = 100_000
# A section that says as much as this begins on a page of its own; a shorter one follows the one before.
CHAPTER = 3
# So that no page is left with three lines on it, what ends a section is kept together: at least so many
# lines, but no more than half a page.
LAST_LINES, MOST_LINES = 12, 34
# Lines that an entry takes in the shapes that are not one line to an entry.
LINES_OF = {
    "tenders": 11,
    "stakeholders": 6,
    "cards": 9,
    "assessments": 2,
    "comparison": 3,
    "tree": 1.5,
    "table": 1.7,
    "ties": 3,
    "white-space": 2,
    "contracts": 3,
}
PAPER_CELL = 152
# Up to so many competitors the grid has room for what shows a score.
WITH_EVIDENCE = 3


@dataclass
class Chapter:
    """A section on paper: what it says, and the names of what is not known yet.

    `tail` are the last pieces, kept together; `opens_page` begins the section on a new page.
    """

    key: str
    number: int
    label: str
    parts: list[Part]
    missing: list[str]
    opens_page: bool

    @property
    def _tail(self) -> int:
        lines = 0.0
        for number, part in enumerate(reversed(self.parts), 1):
            lines += _lines(part)
            if lines > MOST_LINES:
                return number - 1
            if lines >= LAST_LINES:
                return number
        return 0

    @property
    def body(self) -> list[Part]:
        return self.parts[: len(self.parts) - self._tail]

    @property
    def tail(self) -> list[Part]:
        return self.parts[len(self.parts) - self._tail :]


def _lines(part: Part) -> float:
    """About how many lines a piece takes, its heading included."""
    if part.piece.is_sheet:
        return 3 + sum(1 + len(cell.text) / 110 for cell in part.shaped.fields() if cell.text)
    if part.found:
        return 4 + sum(1.2 if line.is_quiet else 3 for line in part.shaped.lines)
    return 4 + len(part.records) * LINES_OF.get(part.shape, 1.5)


def contents(dossier: Dossier, *, by: User, today: datetime.date) -> dict[str, Any]:
    """Everything that the template prints; about thirty queries, whatever the dossier's size.

    `dossier` was fetched by `heading.for_heading`.
    """
    head = heading.of(dossier, user=by, today=today, current=None, is_editable=False)
    found = _loaded(dossier, today)
    stakeholders = found["stakeholders"].records
    sold = figures.of(dossier, head.segment, user=by)
    drawn = {
        Section.DECISION: bool(stakeholders),
        Section.FIGURES: bool(sold and not sold.is_empty),
    }
    return {
        "head": head,
        "chapters": [
            _chapter(number, section, found, drawn.get(section, False))
            for number, section in enumerate(Section, 1)
            # Files are listed by their names; where there are none, nothing is missing.
            if section != Section.ATTACHMENTS or found["attachments"].records
        ],
        "map": decision_map.draw(stakeholders, found["influence"].records, room=PAPER),
        "matrix": loyalty_matrix.draw(
            stakeholders, loyalty_matrix.trail(dossier), widest=PAPER_CELL
        ),
        "gaps": gaps.find(stakeholders, today=today) if stakeholders else [],
        "with_evidence": len(found["scores"].beside["competitors"]) <= WITH_EVIDENCE,
        **_figures(head, sold),
        "chart": sold.chart() if sold else None,
        "by": by,
        "today": today,
        "language": get_language(),
    }


def _figures(head: heading.Heading, sold: figures.Figures | None) -> dict[str, Any]:
    """What the section of figures prints; its pages are those of the screen."""
    return {
        **figures.sheet(head, sold).contents(),
        "score_cards": figures.cards(head, sold).all(),
    }


def _loaded(dossier: Dossier, today: datetime.date) -> dict[str, Part]:
    """Every piece with all its entries; records that several pieces show are fetched once."""
    return assembling.load_all(
        PIECES,
        dossier,
        today=today,
        is_editable=False,
        limit=EVERYTHING,
        seen=timeline.last_year(today),
    )


def _chapter(number: int, section: Section, found: dict[str, Part], has_drawing: bool) -> Chapter:
    # Types and position stand on the cover, the criteria in the comparison.
    elsewhere = {"header"} if found["scores"].is_empty else {"header", "criteria"}
    pieces = [found[piece.key] for piece in of_section(section) if piece.key not in elsewhere]
    said = [part for part in pieces if not part.is_empty]
    return Chapter(
        key=str(section),
        number=number,
        label=str(section.label),
        parts=said,
        missing=[str(part.piece.label) for part in pieces if part.is_empty],
        opens_page=has_drawing or len(said) >= CHAPTER,
    )

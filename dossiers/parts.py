"""A piece of a dossier as a part of a page: read, or with one of its entries being written.

The same part is drawn within the section page and alone, when HTMX asks; a part knows its address, so
nothing in it depends on where it stands.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.forms import ModelForm
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dossiers import contracting, gathering, master_data, tenders, timeline
from dossiers.editing import FieldConflict
from dossiers.models import Attachment, Dossier, DossierRecord
from dossiers.pieces import BY_KEY, Piece
from dossiers.sections import Section
from dossiers.shaping import Shaped
from dossiers.showing import (
    Entry,
    Freshness,
    Reader,
    columns,
    entries_of,
    freshness,
    in_common,
)

# How many entries of the timeline stand on the page; the rest is one click away.
LATEST = 20
ALL_TENDERS = tenders.Chosen()

# A part whose contents come partly from another piece asks for itself when that piece has changed.
FOLLOWS = {
    "scores": ("criteria", "competitors"),
    "influence": ("stakeholders",),
    "staffing": ("structure",),
    "structure": ("staffing",),
    "actions": ("objectives",),
    "timeline": ("tenders", "contracts", "assessments"),
    "ties": ("stakeholders",),
    "white-space": ("structure",),
    "opportunity": ("white-space",),
}

# The other pieces whose records a part shows beside its own.
BESIDE: dict[str, tuple[str, ...]] = {
    "scores": ("criteria", "competitors"),
    "structure": ("staffing",),
    "ties": ("stakeholders",),
    "white-space": ("structure",),
    "opportunity": ("white-space",),
}

# Shapes in which an entry's form stands where the entry stood; in the others it stands above them.
IN_PLACE = frozenset(
    {
        *("table", "timeline", "tenders", "cards", "process", "stakeholders", "attachments"),
        "surveys",
        *("market", "tree", "assessments", "budget", "opportunity", "comparison", "contracts"),
    }
)


@dataclass
class Part:
    """mode: "" (read), "add", "edit" or "delete"; `pk` is the entry being written.

    `problem`: a sentence about what went wrong, said above the form. `conflicts`: fields that somebody
    else changed meanwhile. `refusals`: a sentence for each file that was not kept. `is_merged`: what others changed elsewhere is in the form already.
    `is_unsaved`: what stands in the form was typed. `token`: the number of a form for a new entry.
    `version`: what the form was opened at. `limit`: entries shown of the timeline.
    `is_past`: drawn as it stood on an earlier day. `undo_pk`: the entry that was deleted just now.
    """

    piece: Piece
    dossier: Dossier
    records: Sequence[DossierRecord]
    today: datetime.date
    is_editable: bool
    mode: str = ""
    pk: int | None = None
    form: ModelForm | None = None
    version: int | None = None
    problem: str = ""
    conflicts: Sequence[FieldConflict] = ()
    is_merged: bool = False
    is_unsaved: bool = False
    token: str = ""
    limit: int = LATEST
    is_wide: bool = True
    is_next: bool = False
    is_past: bool = False
    undo_pk: int | None = None
    doomed: DossierRecord | None = None
    common: Freshness | None = None
    beside: dict[str, Sequence[DossierRecord]] = field(default_factory=dict)
    refusals: Sequence[str] = ()
    found: timeline.Found | None = None
    chosen: tenders.Chosen = ALL_TENDERS

    # ── Addresses ────────────────────────────────────────────────────────────────────────────

    @cached_property
    def section_url(self) -> str:
        return reverse("dossiers:section", args=[self.dossier.pk, self.piece.section])

    @cached_property
    def url(self) -> str:
        return f"{self.section_url}{self.piece.key}/"

    @property
    def anchor(self) -> str:
        return f"{self.section_url}{self.query}#{self.piece.key}"

    @property
    def query(self) -> str:
        """What the person asked to see of the list, so that it stays while he writes."""
        more = {"shown": self.limit} if self.limit != LATEST else {}
        if self.found:
            return timeline.address("", self.found.chosen, **more)
        return self.chosen.query if self.chosen else f"?shown={self.limit}" if more else ""

    @property
    def add_url(self) -> str:
        # What is added is shown, whatever was chosen before.
        return f"{self.url}add/{f'?shown={self.limit}' if self.limit != LATEST else ''}"

    @property
    def read_url(self) -> str:
        return f"{self.url}{self.query}"

    @property
    def form_url(self) -> str:
        """Where the form is sent."""
        if self.mode == "add":
            return self.add_url
        return f"{self.url}{self.pk}/{self.mode}/{self.query}"

    # ── What stands in it ────────────────────────────────────────────────────────────────────

    @property
    def key(self) -> str:
        return self.piece.key

    @property
    def shape(self) -> str:
        return "header" if self.piece.model is Dossier else self.piece.shape

    @property
    def template(self) -> str:
        return f"dossiers/shapes/{self.shape}.html"

    @property
    def follows(self) -> str:
        """The events that make the part ask for itself again, as HTMX writes them."""
        return ", ".join(f"changed-{key} from:body" for key in FOLLOWS.get(self.key, ()))

    @cached_property
    def entries(self) -> list[Entry]:
        shown = self.records[: self.limit] if self.shape == "timeline" else self.records
        entries = entries_of(self.piece, shown, today=self.today)
        if self.shape in ("table", "surveys"):
            self._leave_out_empty_columns(entries)
        elif self.shape == "contracts":
            contracting.mark(entries, today=self.today)
        self.common = in_common(entries) if self.shape != "attachments" else None
        return entries

    def _leave_out_empty_columns(self, entries: Sequence[Entry]) -> None:
        """A column in which no entry says anything takes room from those that do."""
        if not entries:
            return
        saying = {cell.name for entry in entries for cell in entry.cells if cell.text}
        saying.add(entries[0].cells[0].name)
        self.columns = tuple(column for column in self.columns if column.name in saying)
        for entry in entries:
            entry.cells = [cell for cell in entry.cells if cell.name in saying]

    @property
    def known_from(self) -> bool:
        """Whether the entries were known from different places, so that each has to say its own."""
        return any(entry.fresh.own for entry in self.entries)

    @property
    def to_confirm(self) -> bool:
        """Whether somebody may still say of some entry that it holds today."""
        return (
            self.is_editable
            and self.piece.model is not Attachment
            and any(record.confirmed_on != self.today for record in self.records)
        )

    @property
    def count(self) -> int:
        return len(self.found.rows) if self.found else len(self.records)

    @property
    def has_more(self) -> bool:
        if self.found:
            return self.found.has_more
        return self.shape == "timeline" and len(self.records) > self.limit

    @property
    def more_query(self) -> str:
        shown = self.limit + 4 * LATEST
        return timeline.address("", self.found.chosen if self.found else None, shown=shown)

    @property
    def sheet(self) -> DossierRecord:
        return self.records[0]

    @property
    def sheet_key(self) -> str:
        return f"{self.sheet.pk}/edit/"

    @cached_property
    def sheet_fresh(self):
        return freshness(self.sheet, today=self.today)

    @property
    def is_empty(self) -> bool:
        if self.piece.is_sheet:
            return not any(getattr(self.sheet, name) for name in self.piece.fields)
        if self.shape == "comparison":
            return not self.records and not all(self.beside.values())
        if self.shape == "ties":
            # Whoever may write sees the grid as soon as there is somebody to know.
            return not self.records and not (self.is_editable and self.beside["stakeholders"])
        if self.found:
            return self.found.is_blank
        return not self.records

    @cached_property
    def columns(self) -> tuple[Reader, ...]:
        return columns(self.piece)

    @property
    def width(self) -> int:
        """Columns of the table, for a cell that spans them all."""
        return len(self.columns) + 1 + (self.is_wide and self.known_from)

    @property
    def form_above(self) -> bool:
        if not self.mode:
            return False
        if self.mode == "add" or self.piece.is_sheet or self.shape not in IN_PLACE:
            return True
        return all(entry.pk != self.pk for entry in self.entries)

    @property
    def seen(self) -> str:
        """The entries shown, each with its version, for the button that confirms them all: "12.3 15.1"."""
        return " ".join(f"{entry.pk}.{entry.record.version}" for entry in self.entries)

    @property
    def is_plain(self) -> bool:
        """Read as it stands, with nothing to be said about it."""
        return not (self.mode or self.problem or self.is_next or self.refusals or self.undo_pk)

    @property
    def state(self) -> tuple:
        """Everything that the plain part is drawn from: parts of equal state are drawn alike."""
        beside = {
            key: versions(BY_KEY[key], records) for key, records in sorted(self.beside.items())
        }
        own = (
            *(self.key, self.dossier.pk, self.is_editable),
            *(self.limit, self.today, self.is_past, self.found, self.chosen),
        )
        if self.key == "identity":
            own += master_data.state(self.dossier.client)
        return (*own, versions(self.piece, self.records), tuple(beside.values()))

    @cached_property
    def shaped(self) -> Shaped:
        """What its shape draws, where that is more than its entries in their order."""
        return Shaped(
            piece=self.piece,
            dossier=self.dossier,
            entries=self.entries,
            columns=self.columns,
            beside=self.beside,
            today=self.today,
            is_past=self.is_past,
            found=self.found,
            chosen=self.chosen,
        )

    @property
    def entry_written(self) -> Entry | None:
        """Of a grid: the entry whose form stands above it, for what else may be done with it."""
        if self.mode != "edit":
            return None
        return next((entry for entry in self.entries if entry.pk == self.pk), None)

    @property
    def start(self) -> dict[str, str]:
        """What an empty piece needs first from another one; empty where it can be begun at once."""
        if self.key in ("ties", "white-space") and not any(self.beside.values()):
            needed = BY_KEY[BESIDE[self.key][0]]
            url = reverse("dossiers:add", args=[self.dossier.pk, needed.section, needed.key])
            return {"url": url, "label": str(needed.add_label)}
        return {}

    @property
    def plan_url(self) -> str:
        return reverse("dossiers:add", args=[self.dossier.pk, Section.PLAN, "actions"])

    def note(self) -> str:
        """One sentence beside the title: what the piece comes to."""
        if self.key == "staffing":
            people = sum(record.headcount for record in self.records)
            return ngettext("%(number)d person", "%(number)d people", people) % {"number": people}
        if self.key == "contracts":
            return contracting.note(self.entries)
        if self.key == "actions":
            late = sum(entry.cell["due_on"].tone == "bad" for entry in self.entries)
            if late:
                return _("overdue: %(number)d") % {"number": late}
        return ""


def versions(piece: Piece, records: Iterable[DossierRecord]) -> tuple:
    """What tells that none of the records has changed, nor the names of those they point to."""
    followed = [(field.attname, field.name) for field in gathering.relations(piece)]
    found = []
    for record in records:
        own = record.__dict__
        found.append(
            (
                *(record.pk, record.version, record.updated_at),
                *(
                    str(getattr(record, name)) if own.get(key) is not None else None
                    for key, name in followed
                ),
                # What the sales say beside a line of the budget.
                *(own.get("sold"), own.get("sold_until")),
                # What the timeline says of a stakeholder.
                own.get("last_contact_on"),
            )
        )
    return tuple(found)

"""What a page shows of a piece: its records as cells in the reader's language, with their freshness.

Reads what is in the records and asks the database for nothing but them. Sums, trees and grids of the
pieces with a shape of their own are in `dossiers.shapes`.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.kam_format import BLANK, day, money, number
from dossiers import attaching
from dossiers.freshness import AGEING
from dossiers.models import DossierRecord
from dossiers.models.record import TagsField
from dossiers.pieces import Piece

# Numbers of which the name says that they are per cent.
PER_CENT = frozenset({"share", "wallet_share", "probability"})
YEARS = frozenset({"year"})
# Texts that are a list: one thing to a line.
LISTS = frozenset({"sites"})


@dataclass(frozen=True)
class Reader:
    """How a field is read: its label, how it stands ("", "num", "long", "lines", "tags", "link", "mail"), and its text in a record.

    `text(record, value)` gives "" for nothing; the record tells the currency of an amount.
    """

    name: str
    label: str | Promise
    kind: str
    text: Callable[[Any, Any], str]

    @property
    def heading(self) -> str:
        return capfirst(str(self.label))


@dataclass(slots=True)
class Cell:
    """A value in its place. `hint` stands beside it, small; `tone` is "", "warn" or "bad"."""

    name: str
    label: str
    text: str
    kind: str = ""
    hint: str = ""
    tone: str = ""


# What freshness tells, in this order.
PROVENANCE = ("confirmed_on", "is_assumption", "author", "source")


@dataclass(slots=True)
class Freshness:
    """Where an entry comes from and how long ago somebody said that it still holds.

    `own`: what is shown with the entry itself; what all entries of a piece have in common is said once
    for all of them (see `in_common`).
    """

    author: str
    source: str
    is_assumption: bool
    confirmed_on: datetime.date
    stale: str
    own: tuple[str, ...] = PROVENANCE


@dataclass(slots=True)
class Entry:
    """A record as a page shows it: its cells in order, and by name. `facts` holds what only its shape needs."""

    record: DossierRecord
    pk: int
    cells: list[Cell]
    cell: dict[str, Cell]
    fresh: Freshness
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> tuple:
        """What tells, on one day, that the entry would be drawn as before."""
        fresh = self.fresh
        return (
            self.pk,
            self.record.version,
            fresh.author,
            fresh.own,
            *(cell.text for cell in self.cells),
        )


def _nothing(_record, value) -> str:
    return str(value) if value not in (None, "") else ""


@cache
def reader(model: type[models.Model], name: str) -> Reader:
    """How the field of the model is read; made once."""
    column = model._meta.get_field(name)
    kind, text = "", _nothing
    base = getattr(column, "base_field", column)
    labels = dict(base.flatchoices or ())
    if isinstance(column, TagsField):
        kind = "tags"
    elif name in LISTS:
        kind = "lines"
    if isinstance(column, ArrayField):

        def text(_record, value):
            return ", ".join(str(labels.get(item, item)) for item in value or ())
    elif labels:

        def text(_record, value):
            return str(labels.get(value, value)) if value not in (None, "") else ""
    elif name in PER_CENT:
        kind = "num"

        def text(_record, value):
            return f"{number(value)}{BLANK}%" if value is not None else ""
    elif name in YEARS:
        kind = "num"
    elif isinstance(column, models.DecimalField):
        kind = "num"

        def text(record, value):
            return money(value, record.currency) if value is not None else ""
    elif isinstance(column, models.IntegerField):
        kind = "num"

        def text(_record, value):
            return number(value) if value is not None else ""
    elif isinstance(column, models.DateField):

        def text(_record, value):
            return day(value) if value else ""
    elif isinstance(column, models.BooleanField):

        def text(_record, value):
            return _("yes") if value else ""
    elif isinstance(column, models.TextField):
        kind = kind or "long"
    elif isinstance(column, models.URLField):
        kind = "link"
    elif isinstance(column, models.EmailField):
        kind = "mail"
    return Reader(name, column.verbose_name, kind, text)


@cache
def columns(piece: Piece) -> tuple[Reader, ...]:
    """What a row of the piece shows; the currency stands with its amount and needs no column."""
    names = [name for name in piece.shown if name != "currency"]
    return tuple(reader(piece.model, name) for name in names)


def freshness(record: DossierRecord, *, today: datetime.date) -> Freshness:
    ages = type(record) in AGEING and record.is_stale(today=today)
    return Freshness(
        author=str(record.updated_by),
        source=record.source,
        is_assumption=record.certainty == "assumption",
        confirmed_on=record.confirmed_on,
        stale=stale_words(record.age_in_days(today=today)) if ages else "",
    )


def in_common(entries: Sequence[Entry]) -> Freshness | None:
    """What all entries were known from, to be said once; each keeps for itself only what differs.

    None where there is one entry only, or nothing in common.
    """
    if len(entries) < 2:
        return None
    first = entries[0].fresh
    shared = [
        name
        for name in PROVENANCE
        if all(getattr(entry.fresh, name) == getattr(first, name) for entry in entries)
    ]
    own = tuple(name for name in PROVENANCE if name not in shared)
    for entry in entries:
        entry.fresh.own = own
    return replace(first, own=tuple(shared)) if shared else None


def stale_words(days: int) -> str:
    return ngettext("not confirmed for %(days)d day", "not confirmed for %(days)d days", days) % {
        "days": days
    }


def entries_of(
    piece: Piece, records: Iterable[DossierRecord], *, today: datetime.date
) -> list[Entry]:
    """The records of the piece as entries, in their order."""
    # Headings are put into the reader's language once, not for every entry.
    shown = [(read.name, read.heading, read.kind, read.text) for read in columns(piece)]
    remark = REMARKS.get(piece.key)
    entries = []
    for record in records:
        cells = [
            Cell(name, heading, text(record, getattr(record, name)), kind)
            for name, heading, kind, text in shown
        ]
        by_name = {cell.name: cell for cell in cells}
        entry = Entry(record, record.pk, cells, by_name, freshness(record, today=today))
        if remark:
            remark(entry, today)
        entries.append(entry)
    if piece.key in SERIES:
        SERIES[piece.key](entries)
    return entries


# ── What a date or a figure means today, said beside it ──────────────────────────────────────


def overdue_words(days: int) -> str:
    return ngettext("%(days)d day overdue", "%(days)d days overdue", days) % {"days": days}


def in_days_words(days: int) -> str:
    if days == 0:
        return _("today")
    return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}


def _work(entry: Entry, today: datetime.date) -> None:
    """An action or an objective: how late it is, or that it is done."""
    record = entry.record
    is_open = record.state in ("planned", "running")
    entry.facts["is_open"] = is_open
    if not is_open or record.due_on is None:
        return
    left = (record.due_on - today).days
    cell = entry.cell["due_on"]
    if left < 0:
        cell.hint, cell.tone = overdue_words(-left), "bad"
    elif left <= 14:
        cell.hint, cell.tone = in_days_words(left), "warn"


def _contract(entry: Entry, today: datetime.date) -> None:
    """For a glance; on its own page `dossiers.contracting` says more. The day of notice is the one that is missed."""
    record = entry.record
    cell = entry.cell["ends_on"]
    if record.ends_on is None:
        cell.text = _("open-ended")
        return
    left = (record.ends_on - today).days
    notice = record.ends_on - datetime.timedelta(days=record.notice_days or 0)
    entry.facts["left"] = left
    if left < 0:
        cell.hint, cell.tone = _("ended"), "quiet"
    elif record.notice_days and notice >= today:
        cell.hint = _("notice until %(day)s") % {"day": day(notice)}
        cell.tone = "warn" if (notice - today).days <= 90 else ""
    else:
        cell.hint = in_days_words(left)
        cell.tone = "bad" if left <= 30 else "warn" if left <= 120 else ""


def _timeline(entry: Entry, today: datetime.date) -> None:
    """How it stands with a complaint or a conflict: since when it is open and with whom, or when it was resolved."""
    record = entry.record
    if record.kind != "complaint":
        return
    if record.resolved_on:
        took = (record.resolved_on - record.happened_on).days
        words = ngettext("resolved after %(days)d day", "resolved after %(days)d days", took)
        same_day = _("resolved the same day")
        entry.facts["state"] = ("ok", words % {"days": took} if took else same_day)
        return
    age = max(0, (today - record.happened_on).days)
    words = ngettext("open for %(days)d day", "open for %(days)d days", age) % {"days": age}
    owner = _("owner %(who)s") % {"who": record.owner} if record.owner else _("nobody owns it")
    entry.facts.update(state=("bad", f"{words}, {owner}"), is_open=True)


def _stakeholder(entry: Entry, today: datetime.date) -> None:
    """Who has not been met for a quarter slips away unseen."""
    record = entry.record
    entry.facts["cares"] = reader(type(record), "cares_about").text(record, record.cares_about)
    cell = entry.cell["last_met_on"]
    if record.last_met_on is None:
        if not record.is_placeholder:
            cell.hint, cell.tone = _("never met"), "warn"
        return
    age = (today - record.last_met_on).days
    if age > 90:
        cell.hint = ngettext("%(days)d day ago", "%(days)d days ago", age) % {"days": age}
        cell.tone = "warn"


def _growth(*names: str) -> Callable[[list[Entry]], None]:
    """Beside each year's figure, what it grew by since the year before."""

    def add(entries: list[Entry]) -> None:
        by_year = {entry.record.year: entry.record for entry in entries}
        for entry in entries:
            before = by_year.get(entry.record.year - 1)
            if before is None or getattr(before, "currency", "") != getattr(
                entry.record, "currency", ""
            ):
                continue
            for name in names:
                now, then = getattr(entry.record, name), getattr(before, name)
                if now is None or not then or then < 0:
                    continue
                change = (now - then) * 100 / then
                sign = "+" if change > 0 else ""
                entry.cell[name].hint = f"{sign}{number(change, 1)}{BLANK}%"

    return add


def _newest_alone_ages(entries: list[Entry]) -> None:
    """An assessment was true on its day: only the newest is what we think today, and may be out of date."""
    for entry in entries[1:]:
        entry.fresh.stale = ""


def _file(entry: Entry, _today: datetime.date) -> None:
    entry.facts.update(attaching.facts(entry.record))


REMARKS: dict[str, Callable[[Entry, datetime.date], None]] = {
    "actions": _work,
    "attachments": _file,
    "objectives": _work,
    "contracts": _contract,
    "timeline": _timeline,
    "stakeholders": _stakeholder,
}
SERIES = {
    "assessments": _newest_alone_ages,
    "financial-years": _growth("revenue", "operating_profit", "net_profit"),
    "headcount": _growth("headcount"),
}

"""The differences between two moments as sentences that a person would say.

Each sentence is whole, so that it can be put into another language; what is inserted is a name, a figure, a
day, or stands in quotation marks, so that nothing has to be declined. Fields without a sentence of their own
(see `dossiers.wordings`) are told by the general ones below.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.kam_format import day
from dossiers.comparing import Author, Comparison, Difference
from dossiers.history import word_changes
from dossiers.models import (
    Assessment,
    CriterionScore,
    DossierRecord,
    FinancialYear,
    HeadcountYear,
    Level,
    Opportunity,
    SurveyAnswer,
    TimelineEntry,
)
from dossiers.pieces import Piece, of_section
from dossiers.sections import Section
from dossiers.showing import YEARS, reader
from dossiers.wordings import OF_ALL, WORDINGS

# Words kept on either side of a change in a long text.
CONTEXT = 8
# What a new entry says beside its name.
FACTS = 4
_PLACES = frozenset({"position", "year_number", "year"})  # numbers that name, and do not measure
_ORDERED = {"level": list(Level.values), "wanted_level": list(Level.values)}


@dataclass(frozen=True)
class Sentence:
    """`tone`: "new", "gone", "up", "down" or "". `words`: how a long text changed, word by word."""

    text: str
    made: Author
    pk: int
    tone: str = ""
    words: tuple[tuple[str, str], ...] = ()
    facts: tuple[str, ...] = ()


@dataclass
class Told:
    """What is said of one piece."""

    piece: Piece
    sentences: list[Sentence] = field(default_factory=list)


@dataclass
class Chapter:
    section: Section
    pieces: list[Told]

    @property
    def number(self) -> int:
        return sum(len(told.sentences) for told in self.pieces)


def tell(comparison: Comparison) -> list[Chapter]:
    """What is different, by section and piece, in their order; sections without a difference are left out."""
    chapters = []
    for section in Section:
        told = [
            Told(piece, [*_sentences(piece, comparison.of_piece(piece))])
            for piece in of_section(section)
        ]
        told = [one for one in told if one.sentences]
        if told:
            chapters.append(Chapter(section, told))
    return chapters


def _sentences(piece: Piece, differences: Iterable[Difference]) -> Iterator[Sentence]:
    for difference in differences:
        pk = difference.record.pk
        if difference.is_added:
            yield Sentence(
                _added(difference.record),
                difference.made,
                pk,
                "new",
                facts=tuple(_facts(piece, difference.record)),
            )
        elif difference.is_removed:
            yield Sentence(_removed(difference), difference.made, pk, "gone")
        else:
            for name in difference.fields:
                if sentence := _changed(piece, difference, name):
                    yield sentence


# ── Entries that came and went ───────────────────────────────────────────────────────────────


def called(record: DossierRecord) -> str:
    """What the entry is called in a sentence."""
    if isinstance(record, Opportunity):
        return _("year %(number)s") % {"number": record.year_number}
    if isinstance(record, FinancialYear | HeadcountYear):
        return str(record.year)
    if isinstance(record, CriterionScore):
        return f"{record.criterion} – {_party(record)}"
    if isinstance(record, Assessment):
        return day(record.assessed_on)
    if isinstance(record, SurveyAnswer):
        return day(record.answered_on)
    return str(record)


def _party(score: CriterionScore) -> str:
    return str(score.competitor) if score.competitor_id else _("ourselves")


def _added(record: DossierRecord) -> str:
    if isinstance(record, TimelineEntry):
        return _("%(kind)s on %(day)s: “%(title)s”.") % {
            "kind": reader(TimelineEntry, "kind").text(record, record.kind),
            "day": day(record.happened_on),
            "title": record.title,
        }
    if isinstance(record, Assessment):
        return _("The relationship was assessed on %(day)s: “%(level)s”, score %(score)s of 5.") % {
            "day": day(record.assessed_on),
            "level": record.get_level_display(),
            "score": record.score,
        }
    if isinstance(record, CriterionScore):
        return _("New score: %(who)s, “%(criterion)s”: %(score)s of 5.") % {
            "who": _party(record),
            "criterion": record.criterion,
            "score": record.score,
        }
    return _("New %(kind)s: %(entry)s.") % {"kind": _kind(record), "entry": called(record)}


def _removed(difference: Difference) -> str:
    record = difference.record
    said = _("The %(kind)s “%(entry)s” was taken out.") % {
        "kind": _kind(record),
        "entry": called(record),
    }
    if number := difference.took_along:
        along = ngettext(
            "With it went %(number)d entry that belonged to it.",
            "With it went %(number)d entries that belonged to it.",
            number,
        )
        said = f"{said} {along % {'number': number}}"
    return said


def _kind(record: DossierRecord) -> str:
    return str(record._meta.verbose_name)


def _facts(piece: Piece, record: DossierRecord) -> Iterator[str]:
    """The first few things that a new entry says beside its name: "label: text"."""
    if isinstance(record, Assessment | CriterionScore):
        if text := getattr(record, "text", "") or getattr(record, "evidence", ""):
            yield text
        return
    if isinstance(record, TimelineEntry):
        if record.text:
            yield record.text
        return
    said = {called(record), str(record)}
    told = 0
    for name in piece.shown:
        read = reader(piece.model, name)
        text = _text(record, name)
        if not text or text in said or name == "currency" or read.kind == "long":
            continue
        yield f"{read.heading}: {text}"
        told += 1
        if told == FACTS:
            return


# ── Fields ───────────────────────────────────────────────────────────────────────────────────


def _text(record: DossierRecord, name: str) -> str:
    """The value as a person reads it."""
    column = record._meta.get_field(name)
    if column.is_relation:
        return str(getattr(record, name) or "")
    return reader(type(record), name).text(record, getattr(record, name))


def _changed(piece: Piece, difference: Difference, name: str) -> Sentence | None:
    before, after = difference.before, difference.after
    assert before is not None
    assert after is not None
    then, now = _text(before, name), _text(after, name)
    if name == "currency" and _amount_tells(piece, difference):
        return None
    direction = _direction(before, after, name)
    pk, made = after.pk, difference.fields[name]
    inserted = {
        "field": reader(piece.model, name).label,
        "before": then,
        "after": now,
        "entry": piece.label if piece.is_sheet else called(after),
        "entry_before": called(before),
    }
    if isinstance(after, CriterionScore):
        inserted |= {"criterion": after.criterion, "who": _party(after)}
    way = "new" if not then else "gone" if not now else direction or "to"
    value = getattr(after, name)
    of_field = WORDINGS.get((piece.model, name)) or OF_ALL.get(name, {})
    wording = (
        of_field.get(f"={value}") or of_field.get(way) or of_field.get("to" if then and now else "")
    )
    if isinstance(after, CriterionScore) and not after.competitor_id:
        wording = of_field.get(f"us {way}") or wording
    tone = way if way in ("up", "down") else ""
    if wording:
        return Sentence(str(wording) % inserted, made, pk, tone)
    if piece.is_sheet:
        inserted["field"] = capfirst(str(inserted["field"]))
    words: tuple[tuple[str, str], ...] = ()
    if way == "to" and reader(piece.model, name).kind == "long":
        words = tuple(shortened(word_changes(then, now)))
        way = "rewritten" if words else "to"
    elif way in ("to", "up", "down") and isinstance(_column(piece, name), ArrayField):
        way, parts = _listed(before, after, name)
        inserted |= parts
    said = _general(way, is_sheet=piece.is_sheet) % inserted
    return Sentence(said, made, pk, tone, words)


def _column(piece: Piece, name: str) -> models.Field:
    return piece.model._meta.get_field(name)


def _amount_tells(piece: Piece, difference: Difference) -> bool:
    """Amounts are said with their currency: a change of it is told with them, or of none at all."""
    amounts = [
        name for name in piece.fields if isinstance(_column(piece, name), models.DecimalField)
    ]
    return any(name in difference.fields for name in amounts) or all(
        getattr(difference.record, name) is None for name in amounts
    )


def _direction(before: DossierRecord, after: DossierRecord, name: str) -> str:
    """ "up" or "down" where the field is a measure, else nothing."""
    then, now = getattr(before, name, None), getattr(after, name, None)
    if name in _ORDERED and then and now:
        then, now = _ORDERED[name].index(then), _ORDERED[name].index(now)
    elif name in _PLACES or name in YEARS or not _is_measure(before._meta.get_field(name)):
        return ""
    if then is None or now is None:
        return ""
    is_money = isinstance(before._meta.get_field(name), models.DecimalField)
    if is_money and getattr(before, "currency", "") != getattr(after, "currency", ""):
        return ""
    return "up" if now > then else "down"


def _is_measure(column: models.Field) -> bool:
    return isinstance(column, models.DecimalField | models.IntegerField)


def _listed(before: DossierRecord, after: DossierRecord, name: str) -> tuple[str, dict[str, str]]:
    """Of several values, which came and which went."""
    then, now = getattr(before, name), getattr(after, name)
    read = reader(type(after), name)
    came = read.text(after, [value for value in now if value not in then])
    went = read.text(after, [value for value in then if value not in now])
    way = "came and went" if came and went else "came" if came else "went" if went else "to"
    return way, {"came": came, "went": went}


def _general(way: str, *, is_sheet: bool) -> str:
    """The sentence for any field. Of a sheet, the field itself is the thing; else the entry is named first."""
    if is_sheet:
        return {
            "new": _("“%(field)s” was filled in: “%(after)s”"),
            "gone": _("“%(field)s” was emptied; it said: “%(before)s”"),
            "up": _("“%(field)s” went up from %(before)s to %(after)s."),
            "down": _("“%(field)s” went down from %(before)s to %(after)s."),
            "rewritten": _("“%(field)s” was rewritten:"),
            "came": _("“%(field)s”: “%(came)s” was added."),
            "went": _("“%(field)s”: “%(went)s” was taken out."),
            "came and went": _("“%(field)s”: “%(came)s” was added, “%(went)s” was taken out."),
        }.get(way) or _("“%(field)s” was “%(before)s” and is now “%(after)s”")
    return {
        "new": _("“%(entry)s”, %(field)s: “%(after)s” was filled in."),
        "gone": _("“%(entry)s”, %(field)s: “%(before)s” was taken out."),
        "up": _("“%(entry)s”, %(field)s: up from %(before)s to %(after)s."),
        "down": _("“%(entry)s”, %(field)s: down from %(before)s to %(after)s."),
        "rewritten": _("“%(entry)s”, %(field)s was rewritten:"),
        "came": _("“%(entry)s”, %(field)s: “%(came)s” was added."),
        "went": _("“%(entry)s”, %(field)s: “%(went)s” was taken out."),
        "came and went": _(
            "“%(entry)s”, %(field)s: “%(came)s” was added, “%(went)s” was taken out."
        ),
    }.get(way) or _("“%(entry)s”, %(field)s: was “%(before)s”, is now “%(after)s”")


def shortened(words: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What stayed between two changes, cut to a few words on either side."""
    found = list(words)
    for place, (kind, text) in enumerate(found):
        if kind != "same":
            yield kind, text
            continue
        parts = text.split(" ")
        is_first, is_last = place == 0, place == len(found) - 1
        room = CONTEXT * (2 - is_first - is_last)
        if len(parts) <= room + 1:
            yield kind, text
        elif is_first:
            yield kind, "… " + " ".join(parts[-CONTEXT:])
        elif is_last:
            yield kind, " ".join(parts[:CONTEXT]) + " …"
        else:
            yield kind, " ".join(parts[:CONTEXT]) + " … " + " ".join(parts[-CONTEXT:])

"""What the timeline says of what was not typed into it: a sentence for each line, in the reader's language."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.models.client import Stage
from accounts.templatetags.kam_format import money, number
from dossiers.models import ClientType, Level, SurveyKind, TenderOutcome
from dossiers.timeline_lines import Row


def said(row: Row) -> tuple[str, str]:
    """What happened, and small beside it by whom, for what or why."""
    return SAYING[row.what](row)


def _tender(row: Row) -> tuple[str, str]:
    outcome = str(TenderOutcome(row.after).label)
    won_by = _("won by %(rival)s") % {"rival": row.before} if row.before else ""
    return row.title, _joined(outcome, won_by, _worth(row))


def _contract(row: Row) -> tuple[str, str]:
    text = (
        _("Contract begins: %(subject)s")
        if row.what == "begins"
        else _("Contract ends: %(subject)s")
    )
    return text % {"subject": row.title}, _joined(row.before, _worth(row))


def _assessment(row: Row) -> tuple[str, str]:
    words = {"level": Level(row.after).label, "score": int(row.amount)}
    return _("Relationship judged: %(level)s, %(score)d of 5") % words, ""


def _survey(row: Row) -> tuple[str, str]:
    of = _("NPS: %(score)s of 10") if row.after == SurveyKind.NPS else _("CSAT: %(score)s of 5")
    said = f"“{row.title}”" if row.title else ""
    return of % {"score": number(row.amount)}, _joined(row.who, said)


def _types(row: Row) -> tuple[str, str]:
    labels = [str(ClientType(kind).label) for kind in row.after.split(",") if kind]
    text = _("Type: %(types)s") % {"types": ", ".join(labels)} if labels else _("Type taken away")
    return text, row.who


def _position(row: Row) -> tuple[str, str]:
    text = (
        _("Position: %(position)s") % {"position": row.after}
        if row.after
        else _("Position emptied")
    )
    return text, row.who


def _kam_begins(row: Row) -> tuple[str, str]:
    text = _("Handed over from %(before)s to %(kam)s") if row.before else _("KAM: %(kam)s")
    return text % {"before": row.before, "kam": row.after}, ""


def _kam_ends(row: Row) -> tuple[str, str]:
    return _("%(kam)s is no longer KAM") % {"kam": row.after}, ""


def _deputy_begins(row: Row) -> tuple[str, str]:
    return _("Deputy: %(deputy)s") % {"deputy": row.after}, ""


def _deputy_ends(row: Row) -> tuple[str, str]:
    return _("%(deputy)s is no longer deputy") % {"deputy": row.after}, ""


def _stage(row: Row) -> tuple[str, str]:
    words = {"before": Stage(row.before).label, "after": Stage(row.after).label}
    return _("Stage: from %(before)s to %(after)s") % words, _joined(row.title, row.who)


def _segment(row: Row) -> tuple[str, str]:
    words = {"before": row.before, "after": row.after, "run": row.pk}
    return _("Segment: from %(before)s to %(after)s (run %(run)d)") % words, ""


def _worth(row: Row) -> str:
    return money(row.amount, row.currency) if row.amount is not None else ""


def _joined(*texts: str) -> str:
    return " · ".join(text for text in texts if text)


SAYING: dict[str, Callable[[Row], tuple[str, str]]] = {
    "tender": _tender,
    "begins": _contract,
    "ends": _contract,
    "assessment": _assessment,
    "survey": _survey,
    "opened": lambda _row: (_("Dossier opened"), ""),
    "reopened": lambda row: (_("Dossier opened again"), row.who),
    "closed": lambda row: (_("Dossier closed"), row.who),
    "types": _types,
    "position": _position,
    "kam_begins": _kam_begins,
    "kam_ends": _kam_ends,
    "deputy_begins": _deputy_begins,
    "deputy_ends": _deputy_ends,
    "accepted": lambda row: (_("Revision accepted"), row.who),
    "returned": lambda row: (_("Revision returned"), _joined(row.who, row.title)),
    "stage": _stage,
    "segment": _segment,
}

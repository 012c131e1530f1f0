"""Which fields of an entry fit what it is: a call has no amount, a meeting is not resolved.

The form asks what fits the kind and keeps the rest folded away; what stands in a field that does not fit stays
in view, with a word on it, so that nothing is lost by choosing another kind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from dossiers.models import Competitor, Dossier, Tender, TimelineKind, Tone

# What every entry says, then what it is known from.
ALWAYS = ("happened_on", "kind", "title", "text")
PROVENANCE = ("source", "certainty")
# The currency stands beside its amount.
OPTIONAL = ("stakeholder", "tone", "owner", "resolved_on", "amount")
_TALK = frozenset({"stakeholder", "tone"})
FITS: dict[str, frozenset[str]] = {
    TimelineKind.MEETING: _TALK,
    TimelineKind.CALL: _TALK,
    TimelineKind.FEEDBACK: _TALK,
    TimelineKind.DELIVERY: frozenset({"tone", "amount"}),
    TimelineKind.CONTRACT: frozenset({"stakeholder", "owner", "amount"}),
    TimelineKind.INITIATIVE: frozenset({"stakeholder", "tone", "owner", "amount"}),
    TimelineKind.COMPLAINT: frozenset({"stakeholder", "tone", "owner", "resolved_on", "amount"}),
    TimelineKind.OFFER: frozenset({"stakeholder", "tone", "owner", "amount"}),
}


def fits(kind: str, name: str) -> bool:
    """An unknown kind is asked everything."""
    return kind not in FITS or name in FITS[kind]


@dataclass(frozen=True)
class Fitting:
    """The optional fields of a form: those that fit its kind, those that do not but say something, the rest."""

    fitting: Sequence[forms.BoundField]
    standing: Sequence[forms.BoundField]
    others: Sequence[forms.BoundField]
    kind: str

    @property
    def names_of_others(self) -> str:
        return ", ".join(str(field.label).lower() for field in self.others)


def fitting(form: forms.BaseForm) -> Fitting:
    kind = str(form["kind"].value() or "")
    asked = [form[name] for name in OPTIONAL if name in form.fields]
    fit = [field for field in asked if fits(kind, field.name)]
    rest = [field for field in asked if not fits(kind, field.name)]
    standing = [field for field in rest if _says_something(field)]
    known = dict(TimelineKind.choices)
    return Fitting(
        fit, standing, [field for field in rest if field not in standing], str(known.get(kind, ""))
    )


def _says_something(field: forms.BoundField) -> bool:
    return bool(field.errors) or field.value() not in (None, "", [], Tone.NEUTRAL)


def ask_again(form: forms.BaseForm) -> None:
    """Choosing another kind asks the server which fields fit it; without HTMX all of them are there."""
    address = reverse("dossiers:timeline_fields", args=[form.dossier.pk])
    form.fields["kind"].widget.attrs.update(
        {
            "hx-get": f"{address}?entry={form.instance.pk}" if form.instance.pk else address,
            "hx-trigger": "change",
            "hx-target": "#timeline-fits",
            "hx-swap": "outerHTML",
            "hx-include": "#timeline-fits",
        }
    )


def suggests_owner(kind: str) -> bool:
    """Whoever notes a complaint sees to it, until he says who else does."""
    return kind == TimelineKind.COMPLAINT


# ── Tenders ──────────────────────────────────────────────────────────────────────────────────

# The form of a tender in groups: its own facts, the prices, why, and the two views beside each other.
TENDER_GROUPS = (
    ("", ("subject", "outcome", "decided_on")),
    ("prices", ("value", "our_price", "winner_price", "winner")),
    ("reasons", ("win_reasons", "loss_reasons")),
    ("views", ("our_view", "client_debrief")),
    ("", PROVENANCE),
)


def tender_groups(form: forms.BaseForm) -> list[dict[str, Any]]:
    words = {
        "prices": (_("Prices"), _("What is not known stays empty.")),
        "reasons": (_("Why"), _("Once it is decided: several of each, whatever was named.")),
        "views": (_("Two views"), ""),
    }
    return [
        {
            "key": key,
            "label": words.get(key, ("", ""))[0],
            "help": words.get(key, ("", ""))[1],
            "fields": [form[name] for name in names if name in form.fields],
        }
        for key, names in TENDER_GROUPS
    ]


def rivals(dossier: Dossier) -> Iterable[str]:
    """Names to choose a winner from: the competitors at this client, and who won here before. One query."""
    competitors = Competitor.objects.filter(dossier=dossier).order_by().values_list("name")
    winners = Tender.objects.filter(dossier=dossier).exclude(winner="").order_by()
    return [
        name for (name,) in competitors.union(winners.values_list("winner")).order_by("name")[:100]
    ]

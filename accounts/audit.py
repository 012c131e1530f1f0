"""Who changed what, and when: read from the change history that triggers write.

Administrators see that something in a dossier was changed, by whom and when, but not what it says: they do not
read dossiers. Of people, clients, assignments and tokens, which they look after, the values are shown.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import pghistory.models
from django.apps import apps
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, Model, Value
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

ACTS: dict[str, str | Promise] = {
    "insert": gettext_lazy("added"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("deleted"),
}
SHOWN_WITH_VALUES = "accounts"


# An import adds thousands of clients at once: that is one line here.
NAMED_AT_MOST = 3


@dataclass(frozen=True)
class Entry:
    """One act: things of one kind, changed in the same way at the same moment."""

    at: datetime.datetime
    who: User | None
    through: str
    kind: str
    act: str
    number: int
    names: list[str]
    changes: list[str]


def kinds() -> dict[str, type[Model]]:
    """{label of the model: its model of events}, for every model whose history is kept."""
    found = {}
    for model in apps.get_models():
        if issubclass(model, pghistory.models.Event) and hasattr(model, "pgh_tracked_model"):
            found[model.pgh_tracked_model._meta.label_lower] = model
    return dict(sorted(found.items(), key=lambda pair: kind_name(pair[1])))


def kind_name(events: type[Model]) -> str:
    return capfirst(str(events.pgh_tracked_model._meta.verbose_name))


def entries(
    *,
    kind: str = "",
    person: int | None = None,
    before: datetime.datetime | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The newest acts first, at most `limit` of them.

    kind: label of a model, or all; person: key of who did it, or anybody; before: only older ones.
    """
    models = kinds()
    if kind:
        models = {label: model for label, model in models.items() if label == kind}
    parts = [_acts(label, model, person, before)[:limit] for label, model in models.items()]
    if not parts:
        return []
    newest = parts[0]
    if len(parts) > 1:
        newest = newest.union(*parts[1:], all=True).order_by("-pgh_created_at", "label")[:limit]
    acts = list(newest)
    contexts = pghistory.models.Context.objects.in_bulk(
        {act["pgh_context_id"] for act in acts if act["pgh_context_id"]}
    )
    told = {pk: context.metadata or {} for pk, context in contexts.items()}
    people = User.objects.in_bulk({who for data in told.values() if (who := data.get("user"))})
    return [_entry(act, told.get(act["pgh_context_id"], {}), people, models) for act in acts]


def _acts(label: str, model: type[Model], person: int | None, before):
    events = model.objects.all()
    if person:
        events = events.filter(pgh_context__metadata__contains={"user": person})
    if before:
        events = events.filter(pgh_created_at__lt=before)
    return (
        events.order_by()
        .values("pgh_created_at", "pgh_context_id", "pgh_label")
        .annotate(
            label=Value(label, CharField()), number=Count("pgh_id"), events=ArrayAgg("pgh_id")
        )
        .order_by("-pgh_created_at")
    )


def _entry(act: dict, told: dict, people: dict[int, User], models: dict[str, type[Model]]) -> Entry:
    names, changes = [], []
    if act["number"] <= NAMED_AT_MOST:
        for event in models[act["label"]].objects.filter(pk__in=act["events"]).order_by("pk"):
            open_values = act["label"].startswith(f"{SHOWN_WITH_VALUES}.")
            names.append(getattr(event, "name", "") if open_values else f"№ {event.pgh_obj_id}")
            changes += _changes(event) if open_values else []
    return Entry(
        at=act["pgh_created_at"],
        who=people.get(told.get("user")),
        through=told.get("url") or told.get("job") or _("command line"),
        kind=kind_name(models[act["label"]]),
        act=str(ACTS.get(act["pgh_label"], act["pgh_label"])),
        number=act["number"],
        names=[name for name in names if name],
        changes=changes,
    )


def _changes(after: Model) -> list[str]:
    """What an update changed, against the version of the same thing before it."""
    if after.pgh_label != "update":
        return []
    earlier = type(after).objects.filter(pgh_obj_id=after.pgh_obj_id, pk__lt=after.pk)
    before = earlier.order_by("pk").last()
    if before is None:
        return []
    tracked = after.pgh_tracked_model._meta
    said = []
    for one in after._meta.concrete_fields:
        if one.name.startswith("pgh_") or one.name in ("name_sort", "id"):
            continue
        old, new = getattr(before, one.attname), getattr(after, one.attname)
        if old != new:
            name = tracked.get_field(one.name).verbose_name
            said.append(f"{name}: {_said(old)} → {_said(new)}")
    return said


def _said(value: Any) -> str:
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)

"""Setting the clock of the change history back: what a test writes now happened on an earlier day."""

import datetime

from django.utils import timezone

from dossiers.models import Dossier
from dossiers.pieces import kept_models


def moment(day: datetime.date, hour: int = 12, minute: int = 0) -> datetime.datetime:
    """That time of the day in the time zone of the house."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, minute)))


def happened(record, at: datetime.datetime, *, version: int | None = None, label: str = "") -> None:
    """The record's history so far, or one version or kind of event of it, comes from that moment."""
    which = {"pgh_obj_id": record.pk}
    if version is not None:
        which["version"] = version
    if label:
        which["pgh_label"] = label
    type(record).pgh_event_model.objects.filter(**which).update(pgh_created_at=at)


def all_happened(dossier: Dossier, at: datetime.datetime) -> None:
    """Everything in the dossier so far comes from that moment."""
    for model in kept_models():
        owner = "pgh_obj_id" if model is Dossier else "dossier_id"
        events = model.pgh_event_model.objects.filter(**{owner: dossier.pk})
        events.update(pgh_created_at=at)

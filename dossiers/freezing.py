"""The frozen copy of a dossier that an accepted revision keeps."""

import datetime
from typing import Any

from django.db.models.fields.files import FieldFile

from dossiers.models import Dossier
from dossiers.pieces import kept_models

FORMAT = 1


def freeze(dossier: Dossier, *, today: datetime.date) -> dict[str, Any]:
    """Every record of the dossier as plain values: {"format", "frozen_on", "records": {model: [fields, …]}}."""
    records: dict[str, list[dict]] = {}
    for model in kept_models():
        entries = (
            model.objects.filter(pk=dossier.pk)
            if model is Dossier
            else model.objects.filter(dossier=dossier)
        )
        records[model._meta.model_name] = [_plain(entry) for entry in entries.order_by("pk")]
    return {"format": FORMAT, "frozen_on": today, "client": str(dossier.client), "records": records}


def _plain(entry) -> dict[str, Any]:
    concrete = {
        field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields
    }
    return {name: _value(value) for name, value in concrete.items()}


def _value(value: Any) -> Any:
    if isinstance(value, FieldFile):
        return value.name  # the stored file outlives its entry: its place is enough
    return list(value) if isinstance(value, list | tuple) else value

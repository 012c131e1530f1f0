"""Puts what was just stored back to the day on which it is said to have happened.

Authors, versions and history come from the triggers, as for everybody; only their clock is the moment
of loading, because the database keeps no other. Left so, a year of work would have been done in one
second, and "what changed since the last revision" would show all of it.
"""

import datetime

import pgtrigger
from django.db import connection, models


class Clock:
    """Collects rows and their moments, and sets them back all at once."""

    def __init__(self) -> None:
        self._created: dict[type[models.Model], list[tuple[models.Model, datetime.datetime]]] = {}
        self._changed: dict[type[models.Model], list[tuple[models.Model, datetime.datetime]]] = {}
        self._versions: dict[type[models.Model], list[tuple[int, int, datetime.datetime]]] = {}

    def created(self, row: models.Model, at: datetime.datetime) -> None:
        """The row, and all its history so far, comes from that moment. It may be stored later than told."""
        self._created.setdefault(type(row), []).append((row, at))

    def changed(self, row: models.Model, at: datetime.datetime) -> None:
        """The changes in the row's history, but not its beginning, come from that moment."""
        self._changed.setdefault(type(row), []).append((row, at))

    def version(self, row: models.Model, version: int, at: datetime.datetime) -> None:
        """This later version of a dossier's record comes from that moment."""
        self._versions.setdefault(type(row), []).append((row.pk, version, at))

    def set_back(self) -> None:
        # Without the triggers: setting the clock is no change that a person made.
        with pgtrigger.ignore(), connection.cursor() as cursor:
            for model, moments in self._created.items():
                _update(cursor, model, "id", moments)
                if event := getattr(model, "pgh_event_model", None):
                    _update(cursor, event, "pgh_obj_id", moments)
            for model, moments in self._changed.items():
                _update(
                    cursor,
                    model.pgh_event_model,
                    "pgh_obj_id",
                    moments,
                    only="pgh_label = 'update'",
                )
            for model, versions in self._versions.items():
                _update_versions(cursor, model, versions)


CLOCKS = (
    "created_at", "updated_at", "date_joined", "started_at", "finished_at", "put_in_force_at", "pgh_created_at"
)  # fmt: skip


def _clocks(table: type[models.Model]) -> list[str]:
    names = {field.column for field in table._meta.concrete_fields}
    return [name for name in CLOCKS if name in names]


def _update(
    cursor,
    table,
    key: str,
    moments: list[tuple[models.Model, datetime.datetime]],
    only: str = "true",
) -> None:
    # What has not happened (a run never put in force) has not happened then either.
    settings = ", ".join(
        f"{name} = CASE WHEN stored.{name} IS NOT NULL THEN past.at END" for name in _clocks(table)
    )
    if settings:
        cursor.execute(
            f"UPDATE {table._meta.db_table} AS stored SET {settings} "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS past(id, at) "
            f"WHERE stored.{key} = past.id AND {only}",
            [[row.pk for row, _at in moments], [at for _row, at in moments]],
        )


def _update_versions(cursor, model, versions: list[tuple[int, int, datetime.datetime]]) -> None:
    ids, numbers, at = (list(column) for column in zip(*versions, strict=True))
    past = "FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS past(id, version, at)"
    cursor.execute(
        f"UPDATE {model.pgh_event_model._meta.db_table} AS stored SET updated_at = past.at, pgh_created_at = past.at "
        f"{past} WHERE stored.pgh_obj_id = past.id AND stored.version = past.version",
        [ids, numbers, at],
    )
    cursor.execute(
        f"UPDATE {model._meta.db_table} AS stored SET updated_at = past.at "
        f"{past} WHERE stored.id = past.id AND stored.version = past.version",
        [ids, numbers, at],
    )

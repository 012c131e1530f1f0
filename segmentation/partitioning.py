"""The lines of sales in a table for each month: for stores of tens of millions of lines.

Nothing else of the house changes: statements name the same table, and the database leaves out the months
that they do not ask for. `manage.py partition_sales` turns the table over, once; imports make the
partitions of months that come.
"""

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from segmentation import jobs

TABLE = "segmentation_salesline"
REST = f"{TABLE}_rest"
# A mistyped year makes no partition: its lines lie in the one for the rest.
EARLIEST = datetime.date(2000, 1, 1)
YEARS_AHEAD = 1


class PartitioningRefused(Exception):
    """The table stays as it is; the text is a sentence for the person who asked."""


def is_partitioned(cursor) -> bool:
    cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", [TABLE])
    (found,) = cursor.fetchone()
    return found


def partition(cursor, *, today: datetime.date) -> int:
    """Turn the table of lines into one that is partitioned by month. How many months it has.

    One transaction; readers wait for its end, and a process killed meanwhile leaves the old table.
    Raises PartitioningRefused.
    """
    with jobs.session_lock(jobs.lock_key("sales")) as ours:
        if not ours:
            raise PartitioningRefused(
                _("Another import is being stored at this moment. Try again after it.")
            )
        if is_partitioned(cursor):
            raise PartitioningRefused(_("The sales are partitioned by month already."))
        with transaction.atomic():
            cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
            keys, others = _definitions(cursor)
            cursor.execute(f"ALTER TABLE {TABLE} RENAME TO {TABLE}_whole")
            cursor.execute(
                f"CREATE TABLE {TABLE} (LIKE {TABLE}_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
                " INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMMENTS) PARTITION BY RANGE (sold_on)"
            )
            cursor.execute(f"CREATE TABLE {REST} PARTITION OF {TABLE} DEFAULT")
            cursor.execute(f"SELECT DISTINCT date_trunc('month', sold_on)::date FROM {TABLE}_whole")
            months = _sensible([month for (month,) in cursor.fetchall()], today)
            for month in months:
                _create(cursor, month)
            cursor.execute(f"INSERT INTO {TABLE} SELECT * FROM {TABLE}_whole")
            cursor.execute(f"DROP TABLE {TABLE}_whole")
            for definition in [*keys, *others]:
                cursor.execute(definition)
        cursor.execute(f"ANALYZE {TABLE}")
        return len(months)


def _definitions(cursor) -> tuple[list[str], list[str]]:
    """Statements that make the keys and the other indexes of the table again, under their names."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'",
        [TABLE],
    )
    keys = [f"ALTER TABLE {TABLE} ADD CONSTRAINT {name} {what}" for name, what in cursor.fetchall()]
    cursor.execute(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary",
        [TABLE],
    )
    return keys, [definition for (definition,) in cursor.fetchall()]


def make_room(cursor, *, today: datetime.date) -> None:
    """Before an import stores: a partition for each of its months that has none. Nothing on a plain table.

    A transaction of its own, so that readers wait for no more than the making of an empty table; one
    that stays empty because the import is killed does no harm.
    """
    if not is_partitioned(cursor):
        return
    cursor.execute("SELECT DISTINCT date_trunc('month', sold_on)::date FROM sales_staging")
    months = _sensible([month for (month,) in cursor.fetchall()], today)
    for month in months:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [_name(month)])
        (is_missing,) = cursor.fetchone()
        if not is_missing:
            continue
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {REST} WHERE sold_on >= %s AND sold_on < %s)",
            [month, _after(month)],
        )
        (lies_in_rest,) = cursor.fetchone()
        if not lies_in_rest:
            with transaction.atomic():
                # Made beside the table and then attached: making it within would lock all readers out.
                cursor.execute(f"CREATE TABLE {_name(month)} (LIKE {TABLE} INCLUDING ALL)")
                cursor.execute(
                    f"ALTER TABLE {TABLE} ATTACH PARTITION {_name(month)} FOR VALUES FROM (%s) TO (%s)",
                    [month, _after(month)],
                )


def _create(cursor, month: datetime.date) -> None:
    cursor.execute(
        f"CREATE TABLE {_name(month)} PARTITION OF {TABLE} FOR VALUES FROM (%s) TO (%s)",
        [month, _after(month)],
    )


def _sensible(months: list[datetime.date], today: datetime.date) -> list[datetime.date]:
    last = today.replace(year=today.year + YEARS_AHEAD, month=12, day=1)
    return sorted(month for month in months if EARLIEST <= month <= last)


def _name(month: datetime.date) -> str:
    return f"{TABLE}_{month:%Y_%m}"


def _after(month: datetime.date) -> datetime.date:
    return (month + datetime.timedelta(days=31)).replace(day=1)

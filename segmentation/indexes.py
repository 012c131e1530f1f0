"""The first import into an empty store builds its indexes once, at the end, instead of a million times a little."""

from collections.abc import Iterator
from contextlib import contextmanager

LINES = "segmentation_salesline"
# Below this many staged lines nothing is gained that is worth a lock.
WORTH_IT = 20_000


@contextmanager
def made_afterwards(cursor) -> Iterator[None]:
    """Take the indexes of an empty table of lines away for the block, and make them again after it.

    Inside the caller's transaction: a worker that is killed meanwhile leaves the indexes as they were.
    A table that holds lines keeps its indexes, since taking them away locks its readers out.
    """
    cursor.execute(f"SELECT EXISTS (SELECT FROM {LINES})")
    (has_lines,) = cursor.fetchone()
    cursor.execute(
        "SELECT count(*) FROM (SELECT FROM sales_staging LIMIT %s) AS first_ones", [WORTH_IT]
    )
    (staged,) = cursor.fetchone()
    if has_lines or staged < WORTH_IT:
        yield
        return
    cursor.execute(
        """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = %s::regclass AND contype = 'p'
        """,
        [LINES],
    )
    keys = cursor.fetchall()
    cursor.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = %s::regclass AND NOT indisprimary
        """,
        [LINES],
    )
    others = cursor.fetchall()
    for name, _definition in keys:
        cursor.execute(f"ALTER TABLE {LINES} DROP CONSTRAINT {name}")
    for name, _definition in others:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for name, definition in keys:
        cursor.execute(f"ALTER TABLE {LINES} ADD CONSTRAINT {name} {definition}")
    for _name, definition in others:
        # Of a partitioned table it says ON ONLY, which would leave the partitions without.
        cursor.execute(definition.replace(" ON ONLY ", " ON "))

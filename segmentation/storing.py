"""Storing checked lines: first into a temporary table, block by block, then all at once.

A worker killed at any moment leaves nothing half-stored: the temporary table dies with its
connection, and the rest is one transaction. Identity is the document: one that comes again with the
same lines is left alone, one that comes with other lines is replaced whole.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segmentation import indexes, matching, rollup
from segmentation.checking import STAGED, ClientSeen

# A line as it is stored, in the order in which all statements here name its columns.
LINE_COLUMNS = "document_id, line_no, client_id, sold_on, product, product_line, quantity, price, amount, cost, currency"


@dataclass(frozen=True)
class Stored:
    """What an import changed, in documents and clients."""

    new_documents: int = 0
    replaced_documents: int = 0
    unchanged_documents: int = 0
    new_clients: int = 0
    matched_clients: int = 0
    doubtful_matches: int = 0
    overlapping_documents: int = 0


def prepare_staging(cursor) -> None:
    """An empty temporary table for the checked lines; one left over from before is thrown away.

    The hashes are made while the lines come in, when the server waits for us anyway. Two of 64 bits
    each, added up over a document: the order of its lines does not matter, and two equal lines, which
    are real, do not cancel each other out.
    """
    drop_staging(cursor)
    line = "||'|'||".join(
        [
            "client",
            "(sold_on - DATE '2000-01-01')::text",
            "coalesce(product, '')",
            *(f"coalesce({name}::text, '')" for name in ("quantity", "price", "amount", "cost")),
            "currency",
        ]
    )
    # Nothing is added where there is none, so that digests of before there were product lines still hold.
    line += "||coalesce('|' || nullif(product_line, ''), '')"
    cursor.execute(
        f"""
        CREATE TEMP TABLE sales_staging (
            line_no bigint, document text, client text, sold_on date, product text, product_line text,
            quantity numeric, price numeric, amount numeric, cost numeric, currency text, part integer,
            hash_1 bigint GENERATED ALWAYS AS (hashtextextended({line}, 1)) STORED,
            hash_2 bigint GENERATED ALWAYS AS (hashtextextended({line}, 2)) STORED
        )
        """
    )


def drop_staging(cursor) -> None:
    cursor.execute("DROP TABLE IF EXISTS pg_temp.sales_staging")


class Staging:
    """Writes checked lines to the temporary table; `with` ends the writing.

    `fields` are those of checking.STAGED that the lines consist of, as LineChecker.staged tells.
    """

    def __init__(self, cursor, fields: Sequence[str] = STAGED):
        self._copying = cursor.copy(
            f"COPY sales_staging ({', '.join(fields)}) FROM STDIN (FORMAT csv)"
        )
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        self.count = 0

    def write(self, lines: Sequence[Sequence]) -> None:
        self._writer.writerows(lines)
        self._copy.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()
        self.count += len(lines)

    def __enter__(self) -> "Staging":
        self._copy = self._copying.__enter__()
        return self

    def __exit__(self, *_error) -> None:
        # Ended properly also when reading the file failed meanwhile: what was staged is thrown away
        # by its owner, and a transaction around it goes on.
        self._copying.__exit__(None, None, None)


def merge(cursor, *, import_id: int, clients: Mapping[str, ClientSeen]) -> Stored:
    """Make the staged documents the stored ones. Call inside a transaction, holding the import lock.

    `clients` tells of every client number of the staged lines what the file says of it.
    """
    plan_well(cursor)
    overlapping = leave_the_last_part(cursor)
    counts = _compare_documents(cursor)
    if not counts["new"] and not counts["changed"]:
        return Stored(unchanged_documents=counts["unchanged"], overlapping_documents=overlapping)
    matched = matching.match(clients, import_id=import_id)
    rollup.prepare(cursor)
    if counts["changed"]:
        keep_replaced(cursor, import_id)
        _take_out_changed(cursor, import_id)
    _create_documents(cursor, import_id)
    with indexes.made_afterwards(cursor):
        put_lines_in(cursor)
    rollup.bring_up_to_date(cursor)
    return Stored(
        counts["new"],
        counts["changed"],
        counts["unchanged"],
        overlapping_documents=overlapping,
        **vars(matched),
    )


def plan_well(cursor) -> None:
    """For this transaction only; the planner's guess for a temporary table is a poor one."""
    cursor.execute("SET LOCAL work_mem = '128MB'")
    cursor.execute("SET LOCAL maintenance_work_mem = '128MB'")
    cursor.execute("SET LOCAL jit = off")
    # None is ignored. Without this the triggers that keep history meet a setting that is not there, and each
    # of thousands of new clients costs several caught errors.
    cursor.execute("""SET LOCAL "pgtrigger.ignore" = '{}'""")


def leave_the_last_part(cursor) -> int:
    """A document that stands in several sheets counts once: as if they had been imported one after the other.

    Returns how many such documents there are.
    """
    cursor.execute(
        """
        WITH several AS (
            SELECT document, max(part) AS last FROM sales_staging WHERE part IS NOT NULL
            GROUP BY document HAVING min(part) < max(part)
        ), gone AS (
            DELETE FROM sales_staging l USING several
            WHERE l.document = several.document AND l.part < several.last
        )
        SELECT count(*) FROM several
        """
    )
    return cursor.fetchone()[0]


def _compare_documents(cursor) -> dict[str, int]:
    """Fill `staged_documents` with what has to be written, ids included; count all three kinds."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.staged_documents")
    cursor.execute(
        """
        CREATE TEMP TABLE staged_documents ON COMMIT DROP AS
        SELECT staged.*, stored.id, stored.digest AS digest_before
        FROM (
            SELECT document AS number, min(line_no) AS first_line,
                   count(*) || ':' || sum(hash_1) || ':' || sum(hash_2) AS digest,
                   date_trunc('month', min(sold_on)) <> date_trunc('month', max(sold_on)) AS spans_months
            FROM sales_staging
            GROUP BY document
        ) AS staged
        LEFT JOIN segmentation_salesdocument stored ON stored.number = staged.number
        """
    )
    cursor.execute(
        """
        SELECT count(*) FILTER (WHERE id IS NULL), count(*) FILTER (WHERE digest <> digest_before),
               count(*) FILTER (WHERE digest = digest_before)
        FROM staged_documents
        """
    )
    counts = dict(zip(("new", "changed", "unchanged"), cursor.fetchone(), strict=True))
    if counts["unchanged"]:
        cursor.execute("DELETE FROM staged_documents WHERE digest = digest_before")
    cursor.execute("ANALYZE staged_documents")
    return counts


def keep_replaced(cursor, import_id: int) -> None:
    """Documents that are about to be written over, as they stand, so that this import can be undone."""
    cursor.execute(
        """
        INSERT INTO segmentation_replaceddocument
            (import_id, document_id, digest, supplement_digest, spans_months, import_before_id)
        SELECT %s, d.id, d.digest, d.supplement_digest, d.spans_months, d.import_id
        FROM segmentation_salesdocument d JOIN staged_documents s ON s.id = d.id
        """,
        [import_id],
    )
    cursor.execute(
        f"""
        INSERT INTO segmentation_replacedline (import_id, {LINE_COLUMNS})
        SELECT %s, {LINE_COLUMNS} FROM segmentation_salesline
        WHERE document_id IN (SELECT s.id FROM staged_documents s WHERE s.id IS NOT NULL)
        """,
        [import_id],
    )


def _take_out_changed(cursor, import_id: int) -> None:
    changed = "FROM staged_documents s WHERE s.id IS NOT NULL"
    rollup.touch_documents(cursor, f"SELECT s.id {changed}")
    cursor.execute(
        f"DELETE FROM segmentation_salesline WHERE document_id IN (SELECT s.id {changed})"
    )
    cursor.execute(
        """
        UPDATE segmentation_salesdocument d
        SET digest = s.digest, supplement_digest = '', spans_months = s.spans_months, import_id = %s
        FROM staged_documents s WHERE d.id = s.id
        """,
        [import_id],
    )


def _create_documents(cursor, import_id: int) -> None:
    # In the order of the file, so that the keys of the lines grow at their end.
    cursor.execute(
        """
        WITH created AS (
            INSERT INTO segmentation_salesdocument (number, digest, supplement_digest, spans_months, import_id)
            SELECT number, digest, '', spans_months, %s FROM staged_documents WHERE id IS NULL ORDER BY first_line
            RETURNING id, number
        )
        UPDATE staged_documents s SET id = created.id FROM created WHERE created.number = s.number
        """,
        [import_id],
    )


def put_lines_in(cursor) -> None:
    """The staged lines of the documents in `staged_documents`, whose ids are known by now."""
    # What the new lines add up to is known in passing, so that months that were empty until now need
    # not be added up again.
    cursor.execute(
        f"""
        WITH written AS (
            INSERT INTO segmentation_salesline ({LINE_COLUMNS})
            SELECT s.id, l.line_no, n.client_id, l.sold_on, coalesce(l.product, ''), coalesce(l.product_line, ''),
                   l.quantity, l.price, coalesce(l.amount, l.quantity * l.price), l.cost, l.currency
            FROM sales_staging l
            JOIN staged_documents s ON s.number = l.document
            JOIN segmentation_ledgernumber n ON n.number = l.client
            RETURNING document_id, client_id, sold_on, amount, cost, currency
        )
        INSERT INTO written_months ({rollup.COLUMNS}) {rollup.added_up("written l")}
        """
    )

"""Storing checked lines: first into a temporary table, block by block, then all at once.

A worker killed at any moment leaves nothing half-stored: the temporary table dies with its
connection, and the rest is one transaction. Identity is the document: one that comes again with the
same lines is left alone, one that comes with other lines is replaced whole.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Client
from accounts.sorting import sort_key
from segmentation import rollup
from segmentation.checking import STAGED

CLIENTS_AT_ONCE = 5000


@dataclass(frozen=True)
class Stored:
    """What an import changed, in documents and clients."""

    new_documents: int = 0
    replaced_documents: int = 0
    unchanged_documents: int = 0
    new_clients: int = 0


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


def merge(cursor, *, import_id: int, names: dict[str, str]) -> Stored:
    """Make the staged documents the stored ones. Call inside a transaction, holding the import lock.

    `names` maps every client number of the staged lines to a name, or to "" where none is known.
    """
    # For the statements below only; the planner's guess for a temporary table is a poor one.
    cursor.execute("SET LOCAL work_mem = '128MB'")
    cursor.execute("SET LOCAL jit = off")
    counts = _compare_documents(cursor)
    if not counts["new"] and not counts["changed"]:
        return Stored(unchanged_documents=counts["unchanged"])
    new_clients = _create_clients(names)
    rollup.prepare(cursor)
    if counts["changed"]:
        _take_out_changed(cursor, import_id)
    _put_in(cursor, import_id)
    rollup.bring_up_to_date(cursor)
    return Stored(counts["new"], counts["changed"], counts["unchanged"], new_clients)


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


def _create_clients(names: dict[str, str]) -> int:
    """Create the clients that the ledger knows and we do not yet; those we know keep their names."""
    created = 0
    numbers = sorted(names)
    for start in range(0, len(numbers), CLIENTS_AT_ONCE):
        wanted = numbers[start : start + CLIENTS_AT_ONCE]
        known = set(
            Client.objects.filter(external_id__in=wanted).values_list("external_id", flat=True)
        )
        unknown = []
        for number in wanted:
            if number not in known:
                name = names[number] or _("Client %(number)s") % {"number": number}
                unknown.append(Client(name=name, name_sort=sort_key(name), external_id=number))
        # Somebody may enter one of them by hand at this moment: then his stands.
        Client.objects.bulk_create(unknown, ignore_conflicts=True)
        created += len(unknown)
    return created


def _take_out_changed(cursor, import_id: int) -> None:
    changed = "FROM staged_documents s WHERE s.id IS NOT NULL"
    cursor.execute(
        f"""
        INSERT INTO touched
        SELECT DISTINCT client_id, date_trunc('month', sold_on)::date, currency
        FROM segmentation_salesline WHERE document_id IN (SELECT s.id {changed})
        """
    )
    cursor.execute(
        f"DELETE FROM segmentation_salesline WHERE document_id IN (SELECT s.id {changed})"
    )
    cursor.execute(
        """
        UPDATE segmentation_salesdocument d
        SET digest = s.digest, spans_months = s.spans_months, import_id = %s
        FROM staged_documents s WHERE d.id = s.id
        """,
        [import_id],
    )


def _put_in(cursor, import_id: int) -> None:
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
    # What the new lines add up to is known in passing, so that months that were empty until now need
    # not be added up again.
    cursor.execute(
        f"""
        WITH written AS (
            INSERT INTO segmentation_salesline
                (document_id, line_no, client_id, sold_on, product, product_line, quantity, price, amount, cost, currency)
            SELECT s.id, l.line_no, c.id, l.sold_on, coalesce(l.product, ''), '', l.quantity, l.price,
                   coalesce(l.amount, l.quantity * l.price), l.cost, l.currency
            FROM sales_staging l
            JOIN staged_documents s ON s.number = l.document
            JOIN accounts_client c ON c.external_id = l.client
            RETURNING document_id, client_id, sold_on, amount, cost, currency
        )
        INSERT INTO written_months ({rollup.COLUMNS}) {rollup.added_up("written l")}
        """
    )

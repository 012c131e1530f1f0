"""A mended file of rejected lines: its lines are added to the documents that the mended import brought.

They come under the line numbers of the file they were rejected from, so a line sent again takes its own
place. The digest of a document stays that of the original file, which, imported again, is "unchanged" and
takes nothing away; a corrected whole file replaces the document with what was added to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from segmentation import matching, rollup, storing
from segmentation.checking import ClientSeen
from segmentation.models import JobState, SalesImport


@dataclass(frozen=True)
class Supplemented:
    """What a supplement changed.

    `left_lines` belong to documents that another import has replaced since, `other_part` to documents that
    stand as another part of the same file has them.
    """

    stored: storing.Stored
    left_lines: int = 0
    other_part: int = 0


def merge(cursor, *, job: SalesImport, clients: Mapping[str, ClientSeen]) -> Supplemented:
    """Add the staged lines to their documents. Call inside a transaction, holding the import lock.

    A document that was rejected whole is created under the mended import, so that a further mended file
    finds it there; undoing knows by its empty digest that this import made it.
    """
    storing.plan_well(cursor)
    mended = mended_by(job)
    left_lines = _leave_what_was_replaced(cursor, mended)
    other_part = _leave_other_parts(cursor, mended)
    _compare(cursor)
    counts = _counts(cursor)
    if not counts.new_documents and not counts.replaced_documents:
        return Supplemented(counts, left_lines, other_part)
    cursor.execute("SELECT DISTINCT client FROM sales_staging")
    wanted = {number: clients[number] for (number,) in cursor.fetchall()}
    matched = matching.match(wanted, import_id=job.pk)
    rollup.prepare(cursor)
    storing.keep_replaced(cursor, job.pk)
    rollup.touch_documents(cursor, "SELECT s.id FROM staged_documents s")
    _make_room(cursor)
    _create_documents(cursor, job, mended)
    storing.put_lines_in(cursor)
    _mark(cursor)
    rollup.bring_up_to_date(cursor)
    return Supplemented(replace(counts, **vars(matched)), left_lines, other_part)


def mended_by(job: SalesImport) -> SalesImport:
    """The import of the whole file; what a mended file rejected may be mended in its turn."""
    mended = job.supplements
    assert mended is not None
    while mended.supplements is not None:
        mended = mended.supplements
    return mended


def _bases(mended: SalesImport) -> list[int]:
    """The mended import, and others of the very same file: what it left unchanged stands under their names.

    Of other sheets the lines are numbered otherwise.
    """
    same = SalesImport.objects.filter(
        sha256=mended.sha256,
        sheets=mended.sheets,
        state=JobState.SUCCEEDED,
        undone_at=None,
        supplements=None,
    ).exclude(sha256="")
    return [mended.pk, *same.exclude(pk=mended.pk).values_list("pk", flat=True)]


def _leave_what_was_replaced(cursor, mended: SalesImport) -> int:
    """Take off the lines of documents that another import brought since, and return how many they were."""
    cursor.execute(
        """
        DELETE FROM sales_staging l USING segmentation_salesdocument d
        WHERE d.number = l.document AND d.import_id <> ALL(%s)
        """,
        [_bases(mended)],
    )
    left_lines = cursor.rowcount
    # The same line sent twice in one file: the last one counts.
    cursor.execute(
        """
        DELETE FROM sales_staging l USING sales_staging later
        WHERE later.document = l.document AND later.line_no = l.line_no AND later.ctid > l.ctid
        """
    )
    return left_lines


# The part that a line was of in the mended file, by the place of its number among those where parts begin.
_PART = "(%(parts)s::integer[])[width_bucket({line}.line_no, %(starts)s::bigint[])]"


def _leave_other_parts(cursor, mended: SalesImport) -> int:
    """A document that several parts of a file have counts as the last has it; no other adds to it afterwards.

    A document stands as one part had it, so any of its lines tells which. Where the mended import has not
    kept what part its lines were of, nothing is added to what stands already. Returns how many lines were
    left.
    """
    cursor.execute("SELECT count(*) FROM sales_staging")
    (before,) = cursor.fetchone()
    starts = mended.part_starts
    if starts:
        told = {"starts": [line for line, _part in starts], "parts": [part for _l, part in starts]}
        cursor.execute(f"UPDATE sales_staging l SET part = {_PART.format(line='l')}", told)
        cursor.execute(
            f"""
            DELETE FROM sales_staging l USING segmentation_salesdocument d
            WHERE d.number = l.document AND EXISTS (
                SELECT FROM segmentation_salesline was
                WHERE was.document_id = d.id AND {_PART.format(line="was")} <> l.part
            )
            """,
            told,
        )
    elif starts is None:
        cursor.execute(
            "DELETE FROM sales_staging l USING segmentation_salesdocument d WHERE d.number = l.document"
        )
    storing.leave_the_last_part(cursor)
    cursor.execute("SELECT count(*) FROM sales_staging")
    return before - cursor.fetchone()[0]


def _compare(cursor) -> None:
    """Fill `staged_documents` with the documents that the lines belong to."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.staged_documents")
    cursor.execute(
        """
        CREATE TEMP TABLE staged_documents ON COMMIT DROP AS
        SELECT staged.*, stored.id
        FROM (
            SELECT document AS number, min(line_no) AS first_line,
                   count(*) || ':' || sum(hash_1) || ':' || sum(hash_2) AS digest, false AS spans_months
            FROM sales_staging GROUP BY document
        ) AS staged
        LEFT JOIN segmentation_salesdocument stored ON stored.number = staged.number
        """
    )


def _counts(cursor) -> storing.Stored:
    """Count, and take off the documents in which every line stands already as it was sent."""
    cursor.execute(
        """
        DELETE FROM staged_documents s WHERE s.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM sales_staging l
            LEFT JOIN segmentation_ledgernumber n ON n.number = l.client
            LEFT JOIN segmentation_salesline was
                   ON was.document_id = s.id AND was.line_no = l.line_no AND was.sold_on = l.sold_on
                  AND was.client_id = n.client_id
                  AND was.product = coalesce(l.product, '') AND was.product_line = coalesce(l.product_line, '')
                  AND was.quantity IS NOT DISTINCT FROM l.quantity AND was.price IS NOT DISTINCT FROM l.price
                  AND was.amount = coalesce(l.amount, l.quantity * l.price)
                  AND was.cost IS NOT DISTINCT FROM l.cost AND was.currency = l.currency
            WHERE l.document = s.number AND was.document_id IS NULL
        )
        """
    )
    unchanged = cursor.rowcount
    cursor.execute(
        "SELECT count(*) FILTER (WHERE id IS NULL), count(*) FILTER (WHERE id IS NOT NULL) FROM staged_documents"
    )
    new, changed = cursor.fetchone()
    return storing.Stored(new, changed, unchanged)


def _make_room(cursor) -> None:
    """A line sent again replaces itself, on whatever day it was before."""
    cursor.execute(
        """
        DELETE FROM segmentation_salesline was USING staged_documents s, sales_staging l
        WHERE l.document = s.number AND was.document_id = s.id AND was.line_no = l.line_no
        """
    )


def _create_documents(cursor, job: SalesImport, mended: SalesImport) -> None:
    cursor.execute(
        """
        WITH created AS (
            INSERT INTO segmentation_salesdocument (number, digest, supplement_digest, spans_months, import_id)
            SELECT number, '', '', false, %(mended)s FROM staged_documents WHERE id IS NULL ORDER BY first_line
            RETURNING id, number
        ), noted AS (
            INSERT INTO segmentation_replaceddocument
                (import_id, document_id, digest, supplement_digest, spans_months, import_before_id)
            SELECT %(job)s, id, '', '', false, %(mended)s FROM created
        )
        UPDATE staged_documents s SET id = created.id FROM created WHERE created.number = s.number
        """,
        {"job": job.pk, "mended": mended.pk},
    )


def _mark(cursor) -> None:
    """That lines were added, and whether the document lies in several months now."""
    cursor.execute(
        """
        UPDATE segmentation_salesdocument d
        SET supplement_digest = s.digest,
            spans_months = (SELECT date_trunc('month', min(l.sold_on)) <> date_trunc('month', max(l.sold_on))
                            FROM segmentation_salesline l WHERE l.document_id = d.id)
        FROM staged_documents s WHERE d.id = s.id
        """
    )

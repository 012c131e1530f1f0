"""Monthly sales, kept exact beside the lines: the months that an import touched are computed anew.

No differences are added to what was there: a row of the rollup is always the sum of its lines,
whatever happened before. `differences()` proves it.
"""

import datetime

from django.db import connection

COLUMNS = "client_id, month, currency, revenue, cost, orders, active"


def added_up(lines: str) -> str:
    """SQL that adds up rows of lines, known in `lines` as `l`, to rows of the rollup."""
    # Two levels, because counting distinct documents in one would sort all the lines.
    return f"""
        SELECT client_id, month, currency, sum(revenue),
               CASE WHEN bool_and(cost_known) THEN sum(cost) END,
               count(*) FILTER (WHERE positive), bool_or(positive)
        FROM (
            SELECT l.client_id, date_trunc('month', l.sold_on::timestamp)::date AS month, l.currency, l.document_id,
                   sum(l.amount) AS revenue, sum(l.cost) AS cost, count(*) = count(l.cost) AS cost_known,
                   bool_or(l.amount > 0) AS positive
            FROM {lines}
            GROUP BY 1, 2, 3, 4
        ) AS by_document
        GROUP BY client_id, month, currency
    """


def prepare(cursor) -> None:
    """Two empty temporary tables, gone with the transaction.

    `written_months`: what the newly written lines alone add up to. `touched`: months that have lost
    lines, so that they have to be added up from all that is left.
    """
    cursor.execute("DROP TABLE IF EXISTS pg_temp.touched, pg_temp.written_months")
    cursor.execute(
        "CREATE TEMP TABLE touched (client_id bigint, month date, currency varchar(3)) ON COMMIT DROP"
    )
    cursor.execute(
        """
        CREATE TEMP TABLE written_months (
            client_id bigint, month date, currency varchar(3), revenue numeric, cost numeric, orders int, active boolean
        ) ON COMMIT DROP
        """
    )


def touch_documents(cursor, documents: str) -> None:
    """Note the months of documents whose lines are about to change; `documents` is SQL that yields their ids."""
    cursor.execute(
        f"""
        INSERT INTO touched
        SELECT DISTINCT client_id, date_trunc('month', sold_on)::date, currency
        FROM segmentation_salesline WHERE document_id IN ({documents})
        EXCEPT SELECT client_id, month, currency FROM touched
        """
    )


def bring_up_to_date(cursor) -> None:
    """Make the rollup equal the lines again, for the months that `written_months` and `touched` tell."""
    cursor.execute(
        """
        INSERT INTO touched
        SELECT w.client_id, w.month, w.currency
        FROM written_months w
        JOIN segmentation_monthlysales m USING (client_id, month, currency)
        EXCEPT SELECT client_id, month, currency FROM touched
        """
    )
    cursor.execute("ANALYZE touched")
    cursor.execute(
        f"""
        INSERT INTO segmentation_monthlysales ({COLUMNS})
        SELECT {COLUMNS} FROM written_months w
        WHERE NOT EXISTS (
            SELECT FROM touched t
            WHERE t.client_id = w.client_id AND t.month = w.month AND t.currency = w.currency
        )
        """
    )
    recompute_touched(cursor)


def recompute_touched(cursor) -> None:
    """Add the months of `touched` up anew from the lines that there are."""
    cursor.execute("SELECT count(*), min(month), max(month) FROM touched")
    count, first, last = cursor.fetchone()
    if not count:
        return
    cursor.execute(
        "DELETE FROM segmentation_monthlysales m USING touched t"
        " WHERE m.client_id = t.client_id AND m.month = t.month AND m.currency = t.currency"
    )
    lines = """
        segmentation_salesline l
        JOIN touched t ON t.client_id = l.client_id AND t.currency = l.currency
                      AND t.month = date_trunc('month', l.sold_on)::date
        WHERE l.sold_on >= %s AND l.sold_on < %s::date + interval '1 month'
    """
    cursor.execute(
        f"INSERT INTO segmentation_monthlysales ({COLUMNS}) {added_up(lines)}", [first, last]
    )


def counted_twice(
    *, start: datetime.date, end: datetime.date, currency: str, client: int | None = None
) -> dict[int, int]:
    """Client → how many orders too many the sum of its months from `start` to before `end` holds.

    A document whose lines lie in several months is an order in each of them, but one in the period.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT client_id, sum(months - 1)::int
            FROM (
                SELECT l.client_id, l.document_id, count(DISTINCT date_trunc('month', l.sold_on)) AS months
                FROM segmentation_salesline l
                JOIN segmentation_salesdocument d ON d.id = l.document_id AND d.spans_months
                WHERE l.amount > 0 AND l.currency = %s AND l.sold_on >= %s AND l.sold_on < %s
                      {"" if client is None else "AND l.client_id = %s"}
                GROUP BY l.client_id, l.document_id
            ) AS spanning
            WHERE months > 1
            GROUP BY client_id
            """,
            [currency, start, end, *([] if client is None else [client])],
        )
        return dict(cursor.fetchall())


def counted_twice_in_years(
    *,
    client: int,
    currency: str,
    start: datetime.date,
    turn: datetime.date,
    end: datetime.date,
) -> tuple[int, int]:
    """Of one client, what `counted_twice` says from `start` to before `turn`, and from `turn` to before `end`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(months - 1) FILTER (WHERE NOT later), 0)::int,
                   coalesce(sum(months - 1) FILTER (WHERE later), 0)::int
            FROM (
                SELECT l.document_id, l.sold_on >= %s AS later,
                       count(DISTINCT date_trunc('month', l.sold_on)) AS months
                FROM segmentation_salesline l
                JOIN segmentation_salesdocument d ON d.id = l.document_id AND d.spans_months
                WHERE l.client_id = %s AND l.amount > 0 AND l.currency = %s AND l.sold_on >= %s AND l.sold_on < %s
                GROUP BY 1, 2
            ) AS spanning
            WHERE months > 1
            """,
            [turn, client, currency, start, end],
        )
        return cursor.fetchone()


def rebuild() -> int:
    """Compute the whole rollup anew from the lines, for sales that came in by another way than an import."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segmentation_monthlysales")
        cursor.execute(
            f"INSERT INTO segmentation_monthlysales ({COLUMNS}) {added_up('segmentation_salesline l')}"
        )
        return cursor.rowcount


def differences() -> list[tuple]:
    """Rows of the rollup that the lines do not bear out, and those missing from it. Empty when exact."""
    with connection.cursor() as cursor:
        stored = f"SELECT {COLUMNS} FROM segmentation_monthlysales"
        computed = added_up("segmentation_salesline l")
        cursor.execute(
            f"(({stored}) EXCEPT ({computed})) UNION ALL (({computed}) EXCEPT ({stored}))"
        )
        return cursor.fetchall()


def currencies() -> list[str]:
    """Currencies of the sales on hand, found by leaps through the index instead of by reading it all."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE leaps AS (
                (SELECT currency FROM segmentation_monthlysales ORDER BY currency LIMIT 1)
                UNION ALL
                SELECT (SELECT currency FROM segmentation_monthlysales m
                        WHERE m.currency > leaps.currency ORDER BY currency LIMIT 1)
                FROM leaps WHERE leaps.currency IS NOT NULL
            )
            SELECT currency FROM leaps WHERE currency IS NOT NULL
            """
        )
        return [currency for (currency,) in cursor.fetchall()]

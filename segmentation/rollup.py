"""Monthly sales, kept exact beside the lines: the months that an import touched are computed anew.

Recomputing instead of adding differences: a rollup row always equals its lines, whatever happened
before. `differences()` proves it.
"""

import datetime

from django.db import connection

# Two levels, because counting distinct documents in one would sort all the lines.
_FROM_LINES = """
    SELECT client_id, month, currency, sum(revenue),
           CASE WHEN bool_and(cost_known) THEN sum(cost) END,
           count(*) FILTER (WHERE positive), bool_or(positive)
    FROM (
        SELECT l.client_id, date_trunc('month', l.sold_on)::date AS month, l.currency, l.document_id,
               sum(l.amount) AS revenue, sum(l.cost) AS cost, count(*) = count(l.cost) AS cost_known,
               bool_or(l.amount > 0) AS positive
        FROM segmentation_salesline l {restriction}
        GROUP BY 1, 2, 3, 4
    ) AS by_document
    GROUP BY client_id, month, currency
"""
_COLUMNS = "client_id, month, currency, revenue, cost, orders, active"


def create_touched(cursor) -> None:
    """An empty temporary table `touched` of (client, month, currency), gone with the transaction."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.touched")
    cursor.execute(
        "CREATE TEMP TABLE touched (client_id bigint, month date, currency varchar(3)) ON COMMIT DROP"
    )


def recompute_touched(cursor) -> int:
    """Make the rollup equal the lines for every row of `touched`. Returns the number of rows written."""
    cursor.execute("ANALYZE touched")
    cursor.execute("SELECT count(*), min(month), max(month) FROM touched")
    count, first, last = cursor.fetchone()
    if not count:
        return 0
    cursor.execute(
        "DELETE FROM segmentation_monthlysales m USING touched t"
        " WHERE m.client_id = t.client_id AND m.month = t.month AND m.currency = t.currency"
    )
    restriction = """
        JOIN touched t ON t.client_id = l.client_id AND t.currency = l.currency
                      AND t.month = date_trunc('month', l.sold_on)::date
        WHERE l.sold_on >= %s AND l.sold_on < %s::date + interval '1 month'
    """
    cursor.execute(
        f"INSERT INTO segmentation_monthlysales ({_COLUMNS}) {_FROM_LINES.format(restriction=restriction)}",
        [first, last],
    )
    return cursor.rowcount


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


def rebuild() -> int:
    """Compute the whole rollup anew from the lines, for sales that came in by another way than an import."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segmentation_monthlysales")
        cursor.execute(
            f"INSERT INTO segmentation_monthlysales ({_COLUMNS}) {_FROM_LINES.format(restriction='')}"
        )
        return cursor.rowcount


def differences() -> list[tuple]:
    """Rows of the rollup that the lines do not bear out, and those missing from it. Empty when exact."""
    with connection.cursor() as cursor:
        stored = f"SELECT {_COLUMNS} FROM segmentation_monthlysales"
        computed = _FROM_LINES.format(restriction="")
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

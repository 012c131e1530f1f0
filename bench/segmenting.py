"""Segmentation of all clients, stored, against the bare SQL over the same rollup; measured in turns."""

import datetime
import statistics
import time
from collections.abc import Iterator

START = datetime.date(2024, 1, 1)
AGAINST_SQL, SECONDS = 3.0, 3.0
# Clients, months, the part of the months in which a client buys, and what that is like.
ROLLUPS = (
    (100_000, 24, 1.0, "100,000 clients × 24 months"),
    (5_900, 25, 0.28, "clients and months of a store of 1 M lines"),
    (59_000, 25, 0.28, "clients and months of a store of 10 M lines"),
)

# The same letters and no more: sums of each client, running share, limits compared without a division.
BARE = """
    SELECT letters, count(*) FROM (
        SELECT CASE WHEN before * 100 < 80 * whole THEN 'A' WHEN before * 100 < 95 * whole THEN 'B' ELSE 'C' END
               || CASE WHEN %(n)s * squares * 100 <= 101 * total * total THEN 'X'
                       WHEN %(n)s * squares * 16 <= 17 * total * total THEN 'Y' ELSE 'Z' END AS letters
        FROM (
            SELECT total, squares, sum(total) FILTER (WHERE total > 0) OVER () AS whole,
                   sum(total) OVER (ORDER BY total DESC, client_id) - total AS before
            FROM (
                SELECT client_id, sum(revenue) AS total, sum(revenue * revenue) AS squares
                FROM segmentation_monthlysales
                WHERE month >= %(start)s AND month < %(end)s AND currency = 'EUR'
                GROUP BY client_id
            ) AS sums
        ) AS shares
    ) AS cells
    GROUP BY letters
"""


def measure(given) -> Iterator:
    """Rows of the table of `bench.sales`."""
    from bench.sales import Row
    from bench.sales_world import REAL_LINES

    # A try-out with few lines is to show that it runs: the first rollup, a hundredth of it.
    small = given.try_out and 0 < given.lines < REAL_LINES
    for clients, months, part, name in (
        [(1_000, 24, 1.0, "1,000 clients × 24 months")] if small else ROLLUPS
    ):
        _make(clients, months, part)
        ratios, seconds = [], []
        for _round in range(given.rounds):
            bare, run = _bare(months), _run(months)
            ratios.append(run / bare)
            seconds.append(run)
            print(f"• bare SQL {bare:.2f} s, segmentation {run:.2f} s", flush=True)
        ratio, took = statistics.median(ratios), statistics.median(seconds)
        dense = part == ROLLUPS[0][2]
        yield Row(
            f"segmentation of all clients, stored, {name} ({took:.2f} s), against the bare SQL over the rollup",
            f"{ratio:.1f} ×", f"≤ {AGAINST_SQL:g} ×", ratio > AGAINST_SQL,
        )  # fmt: skip
        if dense:
            yield Row(
                f"the same, in seconds, {name}",
                f"{took:.1f} s",
                f"< {SECONDS:g} s",
                took >= SECONDS,
            )


def _make(clients: int, months: int, part: float) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        # Without history and search lines, which are no part of this and take minutes for so many clients.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "TRUNCATE segmentation_salesimport, segmentation_segmentationrun, accounts_client CASCADE"
        )
        cursor.execute("TRUNCATE segmentation_monthlysales, segmentation_segment")
        cursor.execute(
            """INSERT INTO accounts_client (name, name_sort, external_id, tax_id, country, city, industry, channel, stage,
                                            created_at, kam_in_ledger)
               SELECT 'Client ' || n, 'client ' || n, (10000 + n)::text, '', '', '', '', '', 'regular', now(), ''
               FROM generate_series(1, %s) n""",
            [clients],
        )
        cursor.execute("SELECT setseed(0.3)")
        cursor.execute(
            """INSERT INTO segmentation_monthlysales (client_id, month, currency, revenue, cost, orders, active)
               SELECT id, (%s::date + make_interval(months => m))::date, 'EUR',
                      round((random() * random() * 5000 * (1 + id %% 97))::numeric, 3), NULL, 1 + (random() * 5)::int, true
               FROM accounts_client, generate_series(0, %s - 1) m WHERE random() < %s""",
            [START, months, part],
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE segmentation_monthlysales, accounts_client")


def _bare(months: int) -> float:
    from django.db import connection

    from segmentation import periods

    with connection.cursor() as cursor:
        began = time.monotonic()
        cursor.execute(
            BARE, {"n": months, "start": START, "end": periods.add_months(START, months)}
        )
        cursor.fetchall()
        return time.monotonic() - began


def _run(months: int) -> float:
    from segmentation import segmenting
    from segmentation.models import SegmentationRun

    row = segmenting.request(start=START, periods=months)
    began = time.monotonic()
    row = segmenting.run(row)
    took = time.monotonic() - began
    if not row.has_succeeded:
        raise SystemExit(row.error)
    SegmentationRun.objects.all().delete()
    return took

"""Rows of a run: the sums of each client out of the sales, and the segments back into the database.

What is only kept stays in the database: a temporary table holds it while Python classifies by the few
sums that decide.
"""

from django.db import connection
from psycopg import sql

from segmentation import abc_xyz, periods, rollup
from segmentation.models import Measure, SegmentationRun, Unit
from segmentation.models.sales import AMOUNT_PLACES

PIECE = 2000
# Amounts leave the database as integers: times this power of ten, squares times its square.
SCALE = 10**AMOUNT_PLACES


def add_up(row: SegmentationRun) -> tuple[list[abc_xyz.Figures], dict[str, str]]:
    """The sums of each client in the scope of the run, as integers; and which client has which key."""
    figures, clients = [], {}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.run_sums, pg_temp.run_letters")
        cursor.execute(
            """
            CREATE TEMP TABLE run_sums (
                client_id bigint, key text, total numeric, squares numeric, active int, orders int, history int,
                days int[], nets numeric[]
            )
            """
        )
        cursor.execute("SET jit = off")
        cursor.execute("SET work_mem = '128MB'")
        try:
            # Each client is sent on as soon as it is added up: we read while the server goes on.
            with cursor.copy(_sums(row)) as copy:
                for client, key, total, squares, active, history in copy.rows():
                    figures.append(
                        abc_xyz.Figures(key, int(total), int(squares), int(active), int(history))
                    )
                    clients[key] = client
        finally:
            if not connection.needs_rollback:
                cursor.execute("RESET jit")
                cursor.execute("RESET work_mem")
        _count_documents_once(cursor, row)
    return figures, clients


def _sums(row: SegmentationRun) -> sql.Composed:
    place = periods.place_of_day(row.unit, "sums.first_day")
    return sql.SQL(
        f"""
        COPY (
            INSERT INTO run_sums (client_id, key, total, squares, active, orders, history, days, nets)
            SELECT sums.client_id, coalesce(c.external_id, U&'\\FFFF' || c.id), total, squares, active_periods, orders,
                   {{periods}} - CASE WHEN first_day > 0 AND NOT EXISTS ({_EARLIER[row.unit]}) THEN {place} ELSE 0 END,
                   days, nets
            FROM (
                SELECT p.client_id, sum(p.net) AS total, sum(p.net * p.net) AS squares,
                       count(*) FILTER (WHERE p.active) AS active_periods, sum(p.orders)::int AS orders,
                       min(p.first) - {{start}} AS first_day,
                       array_agg(p.first - {{start}} ORDER BY p.first) AS days,
                       array_agg(p.net ORDER BY p.first) AS nets
                FROM ({_PERIODS[row.unit].format(net=_NET[row.unit][row.measure])}) p
                GROUP BY p.client_id
            ) AS sums
            JOIN accounts_client c ON c.id = sums.client_id
            {_scope(row)}
            RETURNING client_id, key, (total * {SCALE})::numeric(200, 0), (squares * {SCALE**2})::numeric(400, 0), active, history
        ) TO STDOUT
        """
    ).format(
        start=sql.Literal(row.start),
        end=sql.Literal(row.end),
        currency=sql.Literal(row.currency),
        periods=sql.Literal(row.periods),
        channel=sql.Literal(row.channel),
        industry=sql.Literal(row.industry),
        team=sql.Literal(row.team),
    )


# The net of each period of each client: months and quarters from the rollup, weeks from the lines.
_PERIODS = {
    Unit.MONTH: """
        SELECT m.client_id, m.month AS first, {net} AS net, m.active, m.orders
        FROM segmentation_monthlysales m
        WHERE m.month >= {{start}} AND m.month < {{end}} AND m.currency = {{currency}}""",
    Unit.QUARTER: """
        SELECT m.client_id, date_trunc('quarter', m.month)::date AS first, sum({net}) AS net,
               bool_or(m.active) AS active, sum(m.orders) AS orders
        FROM segmentation_monthlysales m
        WHERE m.month >= {{start}} AND m.month < {{end}} AND m.currency = {{currency}}
        GROUP BY 1, 2""",
    Unit.WEEK: """
        SELECT l.client_id, {{start}} + (l.sold_on - {{start}}) / 7 * 7 AS first, sum({net}) AS net,
               bool_or(l.amount > 0) AS active, 0 AS orders
        FROM segmentation_salesline l
        WHERE l.sold_on >= {{start}} AND l.sold_on < {{end}} AND l.currency = {{currency}}
        GROUP BY 1, 2""",
}
_OF_ROLLUP = {Measure.REVENUE: "m.revenue", Measure.MARGIN: "(m.revenue - m.cost)"}
_NET = {
    Unit.MONTH: _OF_ROLLUP,
    Unit.QUARTER: _OF_ROLLUP,
    Unit.WEEK: {Measure.REVENUE: "l.amount", Measure.MARGIN: "(l.amount - l.cost)"},
}
_EARLIER_MONTH = "SELECT FROM segmentation_monthlysales e WHERE e.client_id = sums.client_id AND e.month < {start}"
_EARLIER = {
    Unit.MONTH: _EARLIER_MONTH,
    Unit.QUARTER: _EARLIER_MONTH,
    Unit.WEEK: "SELECT FROM segmentation_salesline e WHERE e.client_id = sums.client_id AND e.sold_on < {start}",
}


def _scope(row: SegmentationRun) -> str:
    """SQL: whom the run looks at. A team's clients are those that its KAMs hold now."""
    conditions = []
    if row.channel:
        conditions.append("c.channel = {channel}")
    if row.industry:
        conditions.append("c.industry = {industry}")
    if row.team:
        conditions.append(
            "EXISTS (SELECT FROM accounts_assignment a JOIN accounts_user u ON u.id = a.person_id"
            " WHERE a.client_id = c.id AND a.ended_on IS NULL AND a.holding = 'kam' AND u.team = {team})"
        )
    return "WHERE " + " AND ".join(conditions) if conditions else ""


def _count_documents_once(cursor, row: SegmentationRun) -> None:
    """A document is one order of the window, in however many of its periods its lines lie."""
    if row.unit == Unit.WEEK:
        cursor.execute(
            """
            UPDATE run_sums s SET orders = found.documents
            FROM (
                SELECT l.client_id, count(DISTINCT l.document_id) AS documents
                FROM segmentation_salesline l
                WHERE l.sold_on >= %s AND l.sold_on < %s AND l.currency = %s AND l.amount > 0
                GROUP BY 1
            ) AS found
            WHERE found.client_id = s.client_id
            """,
            [row.start, row.end, row.currency],
        )
        return
    twice = rollup.counted_twice(start=row.start, end=row.end, currency=row.currency)
    if twice:
        cursor.execute(
            "UPDATE run_sums s SET orders = orders - t.number"
            " FROM unnest(%s::bigint[], %s::int[]) AS t (client, number) WHERE t.client = s.client_id",
            [list(twice), list(twice.values())],
        )


def store(
    row: SegmentationRun, classified: list[abc_xyz.Classified], clients: dict[str, str]
) -> None:
    """The segments of the run, in place of any it had. Follows `add_up` on the same connection."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segmentation_segment WHERE run_id = %s", [row.pk])
        cursor.execute(
            """
            CREATE TEMP TABLE run_letters (
                client_id bigint, rank int, abc text, xyz text, xyz_cv text, xyz_frequency text,
                share_before numeric, share numeric, cv numeric
            )
            """
        )
        with cursor.copy("COPY run_letters FROM STDIN (NULL 'None')") as copy:
            for place in range(0, len(classified), PIECE):
                copy.write("".join(_lines(classified[place : place + PIECE], clients)))
        place = periods.place_of_day(row.unit, "day")
        cursor.execute(
            f"""
            INSERT INTO segmentation_segment (
                run_id, client_id, rank, abc, xyz, xyz_cv, xyz_frequency, previous, total, documents, active_periods,
                history_periods, cv, share_before, share, nets
            )
            SELECT %(run)s, s.client_id, d.rank, d.abc, d.xyz, d.xyz_cv, d.xyz_frequency, coalesce(p.abc || p.xyz, ''),
                   s.total, s.orders, s.active, s.history, d.cv * 0.000000001, d.share_before * 0.000000000001,
                   d.share * 0.000000000001,
                   CASE WHEN cardinality(s.nets) = %(periods)s THEN s.nets ELSE ARRAY(
                       SELECT coalesce(known.net, 0)
                       FROM generate_series(0, %(periods)s - 1) AS each (place)
                       LEFT JOIN unnest(s.nets, s.days) AS known (net, day) ON {place} = each.place
                       ORDER BY each.place
                   ) END
            FROM run_sums s
            JOIN run_letters d ON d.client_id = s.client_id
            LEFT JOIN segmentation_segment p ON p.run_id = %(before)s AND p.client_id = s.client_id
            """,
            {"run": row.pk, "periods": row.periods, "before": row.compared_with_id},
        )
        cursor.execute("DROP TABLE run_sums, run_letters")


def _lines(classified: list[abc_xyz.Classified], clients: dict[str, str]) -> list[str]:
    return [
        f"{clients[key]}\t{rank}\t{abc}\t{xyz}\t{cv_letter}\t{frequency_letter}\t{before}\t{share}\t{cv}\n"
        for key, rank, abc, xyz, cv_letter, frequency_letter, _total, before, share, cv, _active in classified
    ]


def compare_again(row: SegmentationRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE segmentation_segment s SET previous = was.letters
            FROM (
                SELECT now.id, coalesce(before.abc || before.xyz, '') AS letters
                FROM segmentation_segment now
                LEFT JOIN segmentation_segment before ON before.client_id = now.client_id AND before.run_id = %s
                WHERE now.run_id = %s
            ) AS was
            WHERE s.id = was.id AND s.previous <> was.letters
            """,
            [row.compared_with_id, row.pk],
        )

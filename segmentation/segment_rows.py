"""Rows of a run: the sums of each client out of the monthly sales, and the segments back into the database."""

from decimal import Decimal

from django.db import connection, transaction
from psycopg import sql

from segmentation import abc_xyz, rollup
from segmentation.models import Measure, SegmentationRun
from segmentation.models.runs import add_months

NULL = r"\N"
PIECE = 2000


@transaction.atomic
def add_up(row: SegmentationRun) -> tuple[list[abc_xyz.Figures], dict[str, tuple]]:
    """The sums of each client, and beside them what only needs storing: client, orders, history, months."""
    twice = rollup.counted_twice(start=row.start, end=row.end, currency=row.currency)
    place_of = {
        str((add_months(row.start, place) - row.start).days): place for place in range(row.periods)
    }
    length = row.periods
    figures, details = [], {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        # COPY, because the server goes on adding up while we read what it has sent.
        with cursor.copy(_sums(row)) as copy:
            for (
                client,
                total,
                squares,
                active,
                orders,
                first_day,
                nets,
                days,
                key,
                is_new,
            ) in copy.rows():
                figures.append(abc_xyz.Figures(key, Decimal(total), Decimal(squares), int(active)))
                known = nets.split(",")
                if len(known) < length:
                    vector = ["0"] * length
                    for day, value in zip(days.split(","), known, strict=True):
                        vector[place_of[day]] = value
                    nets = ",".join(vector)
                client_id = int(client)
                history = length - place_of[first_day] if is_new == "t" else length
                details[key] = (client_id, int(orders) - twice.get(client_id, 0), history, nets)
    return figures, details


def _sums(row: SegmentationRun) -> sql.Composed:
    net = "m.revenue - m.cost" if row.measure == Measure.MARGIN else "m.revenue"
    return sql.SQL(
        rf"""
        COPY (
            SELECT sums.*, coalesce(c.external_id, U&'\FFFF' || c.id),
                   sums.first_day > 0 AND NOT EXISTS (
                       SELECT FROM segmentation_monthlysales e
                       WHERE e.client_id = sums.client_id AND e.month < {{start}}
                   )
            FROM (
                SELECT m.client_id, sum({net}) AS total, sum(({net}) * ({net})) AS squares,
                       count(*) FILTER (WHERE m.active) AS active_months, sum(m.orders)::int AS orders,
                       min(m.month - {{start}}) AS first_day,
                       string_agg(trim_scale({net})::text, ',' ORDER BY m.month) AS nets,
                       string_agg((m.month - {{start}})::text, ',' ORDER BY m.month) AS days
                FROM segmentation_monthlysales m
                WHERE m.month >= {{start}} AND m.month < {{end}} AND m.currency = {{currency}}
                GROUP BY m.client_id
            ) AS sums
            JOIN accounts_client c ON c.id = sums.client_id
        ) TO STDOUT
        """
    ).format(
        start=sql.Literal(row.start), end=sql.Literal(row.end), currency=sql.Literal(row.currency)
    )


def store(
    row: SegmentationRun, classified: list[abc_xyz.Classified], details: dict[str, tuple]
) -> None:
    row.segments.all().delete()
    previous = _letters(row.compared_with)
    columns = (
        "run_id, client_id, rank, abc, xyz, xyz_cv, xyz_frequency, previous, total, documents, active_periods, history_periods, "
        "cv, share_before, share, nets"
    )
    run_id = row.pk
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY segmentation_segment ({columns}) FROM STDIN") as copy,
    ):
        piece = []
        for key, rank, abc, xyz, total, share_before, share, cv, active in classified:
            client_id, documents, history, nets = details[key]
            piece.append(
                f"{run_id}\t{client_id}\t{rank}\t{abc}\t{xyz}\t\t\t{previous.get(client_id, '')}\t{total}\t{documents}\t"
                f"{active}\t{history}\t{NULL if cv is None else cv}\t{share_before}\t{share}\t{{{nets}}}\n"
            )
            if len(piece) == PIECE:
                copy.write("".join(piece))
                piece.clear()
        copy.write("".join(piece))


def _letters(row: SegmentationRun | None) -> dict[int, str]:
    if row is None:
        return {}
    return {
        client: abc + xyz
        for client, abc, xyz in row.segments.values_list("client_id", "abc", "xyz")
    }


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

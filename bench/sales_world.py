"""Sales of a chosen number: files as a ledger exports them, and stores filled inside the database.

The lines are those of Online Retail II (UCI, CC BY 4.0) where the project's data lie beside it, else made up
with the same proportions: documents of some twenty lines, two fifths of the clients in a month, every fortieth
line a credit, every fourth without a client. Longer files repeat them with new document numbers.
"""

import csv
import datetime
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.db import connection, transaction

from segmentation import rollup

REAL = Path(__file__).resolve().parents[2] / "shared/data/online_retail_ii/online_retail_II.parquet"
REAL_LINES = 1_067_371
HEADER = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID")
# What each is in the store: a number of a document or client is a text, and a date has no hours.
BARE_TYPES = ("text", "text", "text", "numeric(18, 4)", "date", "numeric(18, 6)", "text", "text")
COLUMNS = {
    "document": "Invoice",
    "client": "Customer ID",
    "date": "InvoiceDate",
    "quantity": "Quantity",
    "price": "Price",
    "product": "Description",
    "product_line": "Country",
}
AT_ONCE = 50_000


def write_csv(path: Path, lines: int) -> None:
    """A file of so many lines below its header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*HEADER, "Country"))
        written, again = 0, 0
        while written < lines:
            for rows in _real_rows() if REAL.exists() else _made_up_rows():
                if again:
                    rows = [(f"{row[0]}-{again}", *row[1:]) for row in rows]
                rows = rows[: lines - written]
                writer.writerows(rows)
                written += len(rows)
                if written == lines:
                    return
            again += 1


def _real_rows() -> Iterator[list[tuple]]:
    from pyarrow import parquet

    with parquet.ParquetFile(REAL) as file:
        for batch in file.iter_batches(AT_ONCE):
            columns = [batch.column(name).to_pylist() for name in (*HEADER, "Country")]
            yield list(zip(*columns, strict=True))


def _made_up_rows() -> Iterator[list[tuple]]:
    rows = _made_up()
    while block := list(islice(rows, AT_ONCE)):
        yield block


def _made_up() -> Iterator[tuple]:
    dice = random.Random(7)
    number, made = 489_434, 0
    while made < REAL_LINES:
        moment = datetime.datetime(2009, 12, 1, 7, 45, tzinfo=datetime.UTC) + datetime.timedelta(
            minutes=number % 1_051_200
        )
        client = (
            int(13_000 + min(dice.paretovariate(1.1), 450) * 13) if dice.random() < 0.77 else None
        )
        credit = dice.random() < 0.025
        for _line in range(min(1 + int(dice.expovariate(1 / 20)), REAL_LINES - made)):
            product = int(dice.paretovariate(0.6)) % 4_700
            yield (
                f"{'C' if credit else ''}{number}",
                f"{10_000 + product}",
                f"PRODUCT OF THE HOUSE {product}",
                dice.choice((1, 1, 2, 3, 6, 12, 24)) * (-1 if credit else 1),
                f"{moment:%Y-%m-%d %H:%M:%S}",
                dice.choice((0.42, 0.85, 1.25, 1.65, 2.1, 2.95, 4.95, 9.95)),
                client,
                "United Kingdom" if product % 11 else "EIRE",
            )
            made += 1
        number += 1


def clear() -> None:
    """An empty store, as before the first import."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE segmentation_salesline, segmentation_salesdocument, segmentation_monthlysales,"
            " segmentation_salesimport, segmentation_segmentationrun, accounts_client CASCADE"
        )
        cursor.execute("CHECKPOINT")


def fill(
    *, lines: int = 10_000_000, clients: int = 100_000, months: int = 24, first: datetime.date
) -> None:
    """A store filled inside the database: documents of five lines, dealt out to all clients and months.

    `first` is the first day of the first month. The rollup is made by `rollup.rebuild`.
    """
    documents = lines // 5
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            """INSERT INTO accounts_client (name, name_sort, external_id, tax_id, country, city, industry, channel, stage,
                                            kam_in_ledger, created_at)
               SELECT 'Buyer ' || n, 'buyer ' || n, 'B' || n, '', '', '', '', '', 'regular', '', now()
               FROM generate_series(1, %s) n""",
            [clients],
        )
        cursor.execute(
            """INSERT INTO segmentation_ledgernumber (number, client_id, matched_by, created_at)
               SELECT external_id, id, 'created', now() FROM accounts_client"""
        )
        from segmentation.models import SalesImport

        job = SalesImport.objects.create(
            original_name="bench.csv",
            state="succeeded",
            read=lines,
            accepted=lines,
            new_documents=documents,
        )
        cursor.execute(
            """INSERT INTO segmentation_salesdocument (number, digest, supplement_digest, spans_months, import_id)
               SELECT 'D' || n, '', '', false, %s FROM generate_series(1, %s) n""",
            [job.pk, documents],
        )
        cursor.execute("DROP INDEX sales_lines_of_client")
        # A client in a month where a multiplicative step lands: spread evenly, yet in no order.
        cursor.execute(
            """WITH buyer AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM accounts_client),
                    doc AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM segmentation_salesdocument)
               INSERT INTO segmentation_salesline (document_id, line_no, client_id, sold_on, product, product_line,
                                                   quantity, price, amount, cost, currency)
               SELECT doc.id, n, buyer.id,
                      (%(first)s::date + make_interval(months => (doc.at * 7919 %% %(months)s)::int))::date + (doc.at %% 28)::int,
                      'Product ' || (doc.at + n) %% 400, '', 1 + doc.at %% 12, 10, 10 * (1 + doc.at %% 12), 8, 'EUR'
               FROM doc JOIN buyer ON buyer.at = (doc.at / %(months)s + doc.at) %% %(clients)s, generate_series(1, 5) n""",
            {"first": first, "months": months, "clients": clients},
        )
        cursor.execute(
            "CREATE INDEX sales_lines_of_client ON segmentation_salesline (client_id, sold_on)"
        )
    rollup.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

"""Small ledgers for the tests: files as people have them, and sales that came in through the import."""

import csv
import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from segmentation import sales_import, segmenting

HEADER = ("Invoice", "Customer", "Date", "Quantity", "Price")
COLUMNS = {
    "document": "Invoice",
    "client": "Customer",
    "date": "Date",
    "quantity": "Quantity",
    "price": "Price",
}
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
JANUARY = datetime.date(2026, 1, 1)
# Twelve months of four clients: steady, every other month, once, and more returned than bought.
YEAR = {"100": [100] * 12, "200": [50, 0] * 6, "300": [0] * 11 + [30], "400": [-5] * 12}


@pytest.fixture
def ledger(tmp_path):
    """`ledger([("F1", "100", "2026-01-05", 2, "9.99"), …])`: a CSV file of these lines."""
    made = []

    def write(rows, header=HEADER, *, delimiter=",", encoding="utf-8", name="") -> Path:
        path = tmp_path / (name or f"sales{len(made)}.csv")
        made.append(path)
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([header, *rows])
        return path

    return write


@pytest.fixture
def bring_in(db, ledger):
    """`bring_in(rows)`: import these lines as the command does; returns the import's row."""

    def do(rows, header=HEADER, columns=None, **options):
        options.setdefault("currency", "EUR")
        job = sales_import.import_file(ledger(rows, header), columns=columns or COLUMNS, **options)
        assert job.has_succeeded, job.error
        return job

    return do


@pytest.fixture
def segmented(bring_in):
    """`segmented({"100": [10, 0, 5], …})`: sales from January 2026 on, one document a month, and a run over them."""

    def do(months_of, **wish):
        bring_in(rows_of(months_of))
        wish.setdefault("periods", max(len(nets) for nets in months_of.values()))
        return segmenting.run(segmenting.request(start=JANUARY, **wish))

    return do


def rows_of(months_of) -> list[tuple]:
    rows = []
    for client, nets in months_of.items():
        for place, net in enumerate(nets):
            if net:
                month = f"{2026 + place // 12}-{place % 12 + 1:02}"
                rows.append(
                    (
                        f"{client}/{month}",
                        client,
                        f"{month}-10",
                        1 if net > 0 else -1,
                        abs(Decimal(net)),
                    )
                )
    return rows

"""The web shop numbers its clients anew: some of the demo's stand in two ledgers, and somebody has to look.

One is found by its tax id, one was merged by the analyst, two still wait in the queue of doubtful matches.
"""

import csv
import datetime
import tempfile
from decimal import Decimal
from pathlib import Path

from accounts.models import User
from kam.demo.dates import Days
from segmentation import merging, sales_import
from segmentation.models import ClientMerge, LedgerNumber

HEADER = (
    "Customer no.", "Customer", "VAT", "Date", "Order", "Article", "Quantity", "Unit price", "Cost"
)  # fmt: skip
COLUMNS = dict(
    zip(
        ("client", "name", "tax_id", "date", "document", "product", "quantity", "price", "cost"),
        HEADER,
        strict=True,
    )
)
# Number in the web shop, name as the client typed it, tax id, and what it bought: days ago, article, quantity, price.
ORDERS = (
    ("W-2041", "BROWAR STARY FOLWARK", "", ((52, "Deep groove ball bearing 6205", 20, "4.60"),)),
    ("W-2047", "Fabryka Mebli Brzezinki", "", ((40, "V-belt SPB 2500", 12, "11.20"),)),
    (
        "W-2055",
        "Stocznia Remontowa Gryfin Nord",
        "",
        ((61, "Radial shaft seal 60×80×8", 30, "3.10"), (33, "Grease cartridge 400 g", 24, "5.40")),
    ),
    (
        "W-2060",
        "Zakłady Mięsne Karolew, zamówienia",
        "PL 000-010-10-60",
        ((47, "Radial shaft seal 35×52×7", 40, "2.20"),),
    ),
)
MERGED, INTO = "W-2055", "10111"
REASON = "Ten sam zakład: w sklepie internetowym zamawia warsztat, faktury idą na ten sam adres w Gryfinie."


def web_shop(*, by: User, days: Days) -> ClientMerge:
    """The web shop's orders come in, and the analyst merges the first client that stands there twice."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "web_shop_orders.csv"
        _write(path, days)
        job = sales_import.import_file(
            path,
            columns=COLUMNS,
            delimiter=";",
            date_format="ymd",
            decimal_mark=".",
            currency="EUR",
            by=by,
        )
    assert job.has_succeeded, job.error
    kept, merged = (LedgerNumber.objects.get(number=number).client for number in (INTO, MERGED))
    return merging.merge(kept, merged, by=by, today=days.today, reason=REASON)


def _write(path: Path, days: Days) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        for number, name, tax_id, bought in ORDERS:
            for at, (ago, article, quantity, price) in enumerate(bought):
                day: datetime.date = days.ago(ago)
                cost = (Decimal(price) * quantity * Decimal("0.7")).quantize(Decimal("0.01"))
                writer.writerow(
                    (
                        number,
                        name,
                        tax_id,
                        day,
                        f"WEB/{number[2:]}/{at + 1}",
                        article,
                        quantity,
                        price,
                        cost,
                    )
                )

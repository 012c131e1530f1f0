"""The ledger that the analyst brings in: the published one where it is at hand, else one with the same traps.

The expected counts come from elsewhere than the product: for the published ledger from its reference
file, for the generated one from the few lines of plain arithmetic below.
"""

import csv
import lzma
import random
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PUBLISHED = DATA / "online_retail" / "online_retail.latin1.csv.xz"
REFERENCE = DATA / "reference" / "counts.csv"
HEADER = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
CELLS = tuple(abc + xyz for abc in "ABC" for xyz in "XYZ")
# How each variant is asked for on the page, and its limits as fractions.
VARIANTS = {
    "xyz_cv_10_25": ("cv", "0.10", "0.25"),
    "xyz_cv_50_100": ("cv", "0.5", "1.0"),
    "xyz_freq": ("frequency", "10/12", "5/12"),
}


@dataclass(frozen=True)
class Ledger:
    path: Path
    lines: int
    without_client: int
    customers: int
    counts: dict[str, dict[str, int]]  # {variant: {cell: clients}}


def published(folder: Path) -> Ledger:
    if not PUBLISHED.exists():
        pytest.skip("The published sales are not beside this repository (shared/data).")
    path = folder / "online_retail.latin1.csv"
    with lzma.open(PUBLISHED) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    with REFERENCE.open() as file:
        rows = [row for row in csv.DictReader(file) if row["run"] == "online_retail_2010-12_12m"]
    return Ledger(
        path=path,
        lines=541_909,
        without_client=135_080,
        customers=int(rows[0]["customers"]),
        counts={row["xyz_variant"]: {cell: int(row[cell]) for cell in CELLS} for row in rows},
    )


def generated(folder: Path) -> Ledger:
    """Lines of twelve months with what makes real ledgers hard: see `_lines`."""
    rows = list(_lines(random.Random(20101201)))
    path = folder / "generated.latin1.csv"
    with path.open("w", encoding="latin-1", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    taken = [row for row in rows if row[6]]
    months: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 12)
    active: dict[str, set[int]] = defaultdict(set)
    for _number, _code, _text, quantity, date, price, client, _country in taken:
        month, _day, year = (int(part) for part in date.split(" ")[0].split("/"))
        place = (year - 2010) * 12 + month - 12
        amount = Decimal(quantity) * Decimal(price)
        if place < 12:
            months[client][place] += amount
            if amount > 0:
                active[client].add(place)
    return Ledger(
        path=path,
        lines=len(rows),
        without_client=len(rows) - len(taken),
        customers=len(months),
        counts={variant: _counts(months, active, *asked) for variant, asked in VARIANTS.items()},
    )


def _lines(chance: random.Random):
    """Duplicates, credit notes, lines without a client or a price, two countries, a month after the period."""
    for client in range(12_346, 12_546):
        size = chance.choice([1, 1, 1, 3, 10, 60])
        regular = chance.random()
        steady = client % 4 == 0  # every fourth buys much the same each month
        for place in range(13):
            if chance.random() > regular and place != 3 and not steady:
                continue
            month, year = (place + 11) % 12 + 1, 2010 + (place + 11) // 12
            number = 536_365 + client * 13 + place
            day = chance.randint(1, 9 if place == 12 else 28)
            date = f"{month}/{day}/{year} {chance.randint(8, 18)}:{chance.randint(10, 59)}"
            for line in range(1 if steady else chance.randint(1, 4)):
                price = "2.55" if steady else chance.choice(["2.55", "0.85", "12.75", "0.001", "0"])
                quantity = size * (chance.randint(9, 11) if steady else chance.randint(1, 9))
                row = (
                    str(number),
                    f"8{line}123A ",
                    "LUNCH BAG £ CAFÉ ",
                    str(quantity),
                    date,
                    price,
                    str(client),
                    chance.choice(["United Kingdom", "Channel Islands"]),
                )
                yield row
                if chance.random() < 0.02:
                    yield row  # an exact duplicate is a sale like any other
            if chance.random() < 0.08 and not steady:
                yield (
                    f"C{number}",
                    "M",
                    "Manual",
                    str(-size * chance.randint(1, 12)),
                    date,
                    "2.55",
                    str(client),
                    "United Kingdom",
                )
    for number in range(120):
        yield (f"A{number}", "B", "Adjust bad debt", "1", "12/1/2010 9:00", "-11.5", "", "")


def _counts(months, active, method: str, first: str, second: str) -> dict[str, int]:
    totals = {client: sum(nets) for client, nets in months.items()}
    positive = sum(total for total in totals.values() if total > 0)
    limits = Fraction(first), Fraction(second)
    counts = Counter(dict.fromkeys(CELLS, 0))
    before = Decimal(0)
    for client in sorted(totals, key=lambda client: (-totals[client], client)):
        total = totals[client]
        if total <= 0:
            counts["CZ"] += 1
            continue
        abc = "A" if before < positive * 80 / 100 else "B" if before < positive * 95 / 100 else "C"
        before += total
        nets = [Fraction(net) for net in months[client]]
        if method == "frequency":
            part = Fraction(len(active[client]), 12)
            xyz = "X" if part >= limits[0] else "Y" if part >= limits[1] else "Z"
        else:
            mean = sum(nets) / 12
            square = sum((net - mean) ** 2 for net in nets) / 12 / mean**2
            xyz = "X" if square <= limits[0] ** 2 else "Y" if square <= limits[1] ** 2 else "Z"
        counts[abc + xyz] += 1
    return dict(counts)

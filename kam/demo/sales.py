"""Two years of invoices and the running month, generated: the same for the same day, believable month by month.

`clients.csv` tells for each client what it bought in the last twelve full months (thousands of EUR), in
which pattern, how much its months vary, and its mix of product lines. Months are drawn first, then
filled with invoices, so that the figure of a month is what the pattern says and not chance.
"""

import csv
import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from kam.demo.dates import first_of_month

HERE = Path(__file__).parent
# Two full years, so that each month has the same month a year before, and the running month.
MONTHS = 25
CENT = Decimal("0.01")
COLUMNS = ("client", "client_name", "date", "document", "product", "quantity", "price", "cost")

# How the twelve calendar months weigh, January first.
SEASONS = {
    "summer": (0.6, 0.6, 0.8, 1.1, 1.4, 1.5, 1.5, 1.4, 1.1, 0.8, 0.6, 0.6),
    "autumn": (0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 1.4, 1.9, 2.0, 1.5, 0.7, 0.5),
    "spring": (0.5, 0.9, 1.6, 1.7, 1.4, 1.1, 0.9, 0.9, 1.0, 0.8, 0.7, 0.5),
    "harvest": (0.4, 0.4, 0.5, 0.7, 1.2, 1.8, 2.2, 1.9, 1.3, 0.8, 0.5, 0.3),
    "campaign": (0.6, 0.3, 0.3, 0.5, 1.0, 1.8, 2.3, 2.2, 1.3, 0.8, 0.5, 0.4),
    "overhaul": (2.2, 2.4, 1.4, 0.7, 0.6, 0.6, 0.6, 0.6, 0.6, 0.7, 0.7, 0.9),
    "shutdown": (0.9, 0.9, 0.9, 1.4, 1.0, 0.9, 0.9, 0.9, 1.4, 1.0, 0.9, 0.9),
}


@dataclass(frozen=True)
class Buyer:
    number: str
    name: str
    yearly: Decimal
    pattern: str
    measure: float
    spread: float
    mix: dict[str, int]


@dataclass(frozen=True)
class Correction:
    """A credit note that a dossier speaks of: client number, day, net amount."""

    client: str
    day: datetime.date
    amount: Decimal


def buyers(rows: list[dict]) -> list[Buyer]:
    """The clients that buy at all, from the rows of `clients.csv`."""
    found = []
    for row in rows:
        pattern, _blank, measure = row["pattern"].partition(" ")
        if pattern == "none":
            continue
        mix = {part[0]: int(part[1:]) for part in row["mix"].split()}
        yearly = Decimal(row["yearly"]) * 1000
        found.append(
            Buyer(
                row["number"],
                row["name"],
                yearly,
                pattern,
                float(measure or 0),
                float(row["spread"]),
                mix,
            )
        )
    return found


def write_ledger(
    path: Path,
    *,
    lines: list[dict],
    first: datetime.date,
    last: datetime.date,
    rejects: bool = False,
) -> None:
    """The lines of a span of days as the CSV file that an analyst would upload.

    With `rejects`, three lines stand in it that no ledger should hold, as in every real one.
    """
    chosen = [line for line in lines if first.isoformat() <= line["date"] <= last.isoformat()]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(chosen)
        if rejects and chosen:
            bad = {**chosen[-1], "document": "FV/POPRAWIC"}
            writer.writerow({**bad, "client": "", "client_name": "sprzedaż gotówkowa"})
            writer.writerow({**bad, "date": f"{last.year}-13-01"})
            writer.writerow({**bad, "quantity": "dwa"})


def ledger(rows: list[dict], *, today: datetime.date, corrections: list[Correction]) -> list[dict]:
    """All invoice lines from 24 months before yesterday's month until yesterday, in order of their dates."""
    yesterday = today - datetime.timedelta(days=1)
    catalogue: dict[str, list[dict]] = {}
    with (HERE / "catalogue.csv").open(encoding="utf-8") as file:
        for product in csv.DictReader(file):
            catalogue.setdefault(product["line"], []).append(product)
    invoices = []
    for buyer in buyers(rows):
        chance = random.Random(f"kolwark {buyer.number}")
        for month, target in _months(buyer, yesterday, chance):
            invoices += list(_invoices(buyer, month, target, yesterday, catalogue, chance))
    for note in corrections:
        invoices.append(_credit_note(note))
    invoices.sort(key=lambda invoice: (invoice[0], invoice[1][0]["client"]))
    numbers: dict[tuple, int] = {}
    lines = []
    for day, goods in invoices:
        kind = "FV" if Decimal(goods[0]["quantity"]) > 0 else "KN"
        number = numbers[kind, day.year, day.month] = (
            numbers.get((kind, day.year, day.month), 0) + 1
        )
        document = f"{kind}/{day:%Y/%m}/{number:04d}"
        lines += [{**line, "date": day.isoformat(), "document": document} for line in goods]
    return lines


def _months(
    buyer: Buyer, yesterday: datetime.date, chance: random.Random
) -> Iterator[tuple[datetime.date, Decimal]]:
    """First day of each month and what the client buys in it. The last one may be a part of a month."""
    firsts = [first_of_month(yesterday, months=index - MONTHS + 1) for index in range(MONTHS)]
    weights = _weights(buyer, firsts, chance)
    last_year = sum(weights[-13:-1])
    # A client that stopped buying is measured by the year in which it still did.
    whole = last_year if buyer.pattern != "lost" else sum(weights[:12])
    month_part = Decimal(yesterday.day) / 31
    for index, (month, weight) in enumerate(zip(firsts, weights, strict=True)):
        target = buyer.yearly * Decimal(weight / whole)
        yield month, target * month_part if index == MONTHS - 1 else target


def _weights(buyer: Buyer, firsts: list[datetime.date], chance: random.Random) -> list[float]:
    noise = [max(0.2, 1 + chance.gauss(0, buyer.spread)) for _month in firsts]
    middle = MONTHS - 7.5  # the middle of the last twelve full months
    shape: list[float] = []
    active = _active_months(buyer, firsts, chance)
    for index, month in enumerate(firsts):
        months_ago = MONTHS - 1 - index
        weight = 1.0
        if buyer.pattern in SEASONS:
            weight = SEASONS[buyer.pattern][month.month - 1]
        elif buyer.pattern == "growing":
            weight = max(0.15, 1 + buyer.measure * (index - middle) / 12)
        elif buyer.pattern == "declining":
            weight = max(0.15, 1 - buyer.measure * (index - middle) / 12)
        elif buyer.pattern in ("project", "sparse"):
            weight = 1.0 if index in active else 0.0
        elif buyer.pattern in ("lost", "slipping"):
            weight = 1.0 if months_ago >= buyer.measure else 0.0
        elif buyer.pattern == "new":
            weight = 1.0 if months_ago <= buyer.measure else 0.0
        shape.append(weight * noise[index])
    return shape


def _active_months(buyer: Buyer, firsts: list[datetime.date], chance: random.Random) -> set[int]:
    """Which months see an order, where not every month does: so many in each span of twelve."""
    if buyer.pattern not in ("project", "sparse"):
        return set()
    orders = int(buyer.measure)
    last_full = MONTHS - 2
    recent = sorted(chance.sample(range(12), orders))
    # The same months a year before, moved by one here and there, so that no two years are twins.
    earlier = [max(0, month + chance.choice((-1, 0, 0, 1))) for month in recent]
    return {last_full - 11 + month for month in recent} | {
        max(0, last_full - 23 + month) for month in earlier
    }


def _invoices(
    buyer: Buyer,
    month: datetime.date,
    target: Decimal,
    yesterday: datetime.date,
    catalogue: dict[str, list[dict]],
    chance: random.Random,
) -> Iterator[tuple[datetime.date, list[dict]]]:
    """Invoices that together come to the target, within the price of the smallest part."""
    if target < 40:
        return
    typical = next(n for limit, n in ((1_000_000, 12), (300_000, 7), (80_000, 4), (20_000, 2), (0, 1))
                   if buyer.yearly >= limit)  # fmt: skip
    days = _working_days(month, yesterday)
    if not days:
        return
    count = max(1, min(len(days), round(typical * chance.uniform(0.8, 1.2))))
    if buyer.pattern in ("project", "sparse"):
        count = min(count, 3)
    chosen = sorted(chance.sample(days, count))
    parts = [chance.uniform(0.6, 1.4) for _day in chosen]
    left = target
    for position, (day, part) in enumerate(zip(chosen, parts, strict=True)):
        amount = left if position == count - 1 else target * Decimal(part / sum(parts))
        goods = _goods(buyer, amount, day, catalogue, chance)
        left -= sum(Decimal(line["quantity"]) * Decimal(line["price"]) for line in goods)
        if goods:
            yield day, goods
            if buyer.spread > 0.05 and chance.random() < 0.02:
                yield from _return(goods[-1], day, yesterday, chance)


def _working_days(month: datetime.date, yesterday: datetime.date) -> list[datetime.date]:
    days = (month + datetime.timedelta(days=number) for number in range(31))
    return [
        day for day in days if day.month == month.month and day <= yesterday and day.weekday() < 5
    ]


def _goods(
    buyer: Buyer,
    amount: Decimal,
    day: datetime.date,
    catalogue: dict[str, list[dict]],
    chance: random.Random,
) -> list[dict]:
    discount = (
        Decimal("0.88")
        if buyer.yearly > 300_000
        else Decimal("0.94")
        if buyer.yearly > 80_000
        else 1
    )
    indexed = 1 + Decimal("0.025") * (day.year - 2025)
    kinds = max(1, min(6, int(amount / 400) + 1))
    lines = chance.choices(list(buyer.mix), weights=list(buyer.mix.values()), k=kinds)
    goods: list[dict] = []
    left = amount
    for position, line in enumerate(lines):
        share = left if position == kinds - 1 else amount / kinds
        affordable = [
            item for item in catalogue[line] if Decimal(item["price"]) <= max(share, Decimal(30))
        ]
        item = chance.choice(affordable or catalogue[line][:1])
        price = (Decimal(item["price"]) * discount * indexed).quantize(CENT, ROUND_HALF_UP)
        quantity = max(1, int(share / price + Decimal("0.5")))
        margin = Decimal(item["margin"]) - (1 - discount) + Decimal(chance.uniform(-0.03, 0.03))
        cost = (quantity * price * (1 - margin)).quantize(CENT, ROUND_HALF_UP)
        left -= quantity * price
        goods.append(
            {"client": buyer.number, "client_name": buyer.name, "product": item["product"],
             "quantity": str(quantity), "price": str(price), "cost": str(cost)}
        )  # fmt: skip
        if left <= 0:
            break
    return goods


def _return(
    line: dict, day: datetime.date, yesterday: datetime.date, chance: random.Random
) -> Iterator[tuple[datetime.date, list[dict]]]:
    """A part of a delivery comes back some days later."""
    back = day + datetime.timedelta(days=chance.randint(4, 20))
    quantity = max(1, int(int(line["quantity"]) * chance.uniform(0.1, 0.3)))
    if back <= yesterday:
        cost = (Decimal(line["cost"]) * quantity / int(line["quantity"])).quantize(
            CENT, ROUND_HALF_UP
        )
        yield back, [{**line, "quantity": str(-quantity), "cost": str(-cost)}]


def _credit_note(note: Correction) -> tuple[datetime.date, list[dict]]:
    # Money given back, goods kept: it costs us the whole amount.
    return note.day, [
        {"client": note.client, "client_name": "", "product": "Credit note after complaint",
         "quantity": "-1", "price": str(note.amount.quantize(CENT)), "cost": "0.00"}
    ]  # fmt: skip

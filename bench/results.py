"""`bench/results.md` holds one table for each of the two benches; each writes over its own."""

from pathlib import Path

FILE = Path(__file__).with_name("results.md")
SALES = "# Measured: sales\n"


def write(which: str, table: str) -> None:
    """`which` is "pages" or "sales"."""
    before = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    at = before.find(SALES)
    pages, sales = (before, "") if at < 0 else (before[:at], before[at:])
    if which == "pages":
        pages = table + "\n" if sales else table
    else:
        pages, sales = pages.rstrip("\n") + "\n\n" if pages.strip() else "", table
    FILE.write_text(pages + sales, encoding="utf-8")

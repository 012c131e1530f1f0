"""`python -m bench sales`: the import against a raw COPY of the same file, and the memory of its worker.

Both are measured in turns in the same run; told are medians of the ratios within each round.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATABASE = "bench_sales"
MANY = 10_000_000
AGAINST_COPY, AGAINST_FIRST, MEMORY = 3.0, 1.0, 350


@dataclass(frozen=True)
class Row:
    """What was measured, in words, and its bar; `missed` is told in the table."""

    work: str
    figure: str
    bar: str
    missed: bool = False


def main(arguments: list[str]) -> None:
    asked = argparse.ArgumentParser(prog="python -m bench sales", description=__doc__)
    asked.add_argument(
        "--lines", type=int, default=0, help="of the file; left out: Online Retail II, 1,067,371"
    )
    asked.add_argument(
        "--many", type=int, default=MANY, help="lines of the long file; 0 leaves it out"
    )
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--try-out", action="store_true", help="write no results")
    asked.add_argument("--import-file", help=argparse.SUPPRESS)
    given = asked.parse_args(arguments)
    from bench.__main__ import _start_servers

    _start_servers()
    if given.import_file:
        _stand_on_it()
        _import(Path(given.import_file))
        return
    _make_database()
    try:
        table = _table([row for measure in MEASURES for row in measure(given)], given)
    finally:
        _drop_database()
    print(table)
    if not given.try_out:
        from bench import results

        results.write("sales", table)


def _import_against_copy(given) -> Iterator[Row]:
    """One file, imported into the empty store and again, in turns with a raw COPY of it."""
    from bench import sales_world

    lines = given.lines or sales_world.REAL_LINES
    with _file(lines) as path:
        ratios, again, seconds, memory = [], [], [], 0
        for _round in range(given.rounds):
            sales_world.clear()
            raw = _copy(path)
            first, second = _in_a_worker(path), _in_a_worker(path)
            ratios.append(first["seconds"] / raw)
            again.append(second["seconds"] / first["seconds"])
            seconds.append(first["seconds"])
            memory = max(memory, first["memory"], second["memory"])
            if (second["new"], second["replaced"]) != (0, 0):
                raise SystemExit("The same file again has changed something.")
            print(
                f"• COPY {raw:.1f} s, import {first['seconds']:.1f} s, again {second['seconds']:.1f} s",
                flush=True,
            )
    ratio, repeated = statistics.median(ratios), statistics.median(again)
    took = f"{statistics.median(seconds):.1f} s"
    yield Row(
        f"import of {lines:,} lines: read, check, store, rollup, {took}, against a raw COPY of all its rows into a bare typed table",
        f"{ratio:.1f} ×", f"≤ {AGAINST_COPY:g} ×", ratio > AGAINST_COPY,
    )  # fmt: skip
    yield Row(
        "the same file again, against the first time; nothing changes",
        f"{repeated:.2f} ×", f"≤ {AGAINST_FIRST:g} ×", repeated > AGAINST_FIRST,
    )  # fmt: skip
    yield Row(
        f"memory of the worker, {lines:,} lines", f"{memory} MB", f"≤ {MEMORY} MB", memory > MEMORY
    )


def _many_lines(given) -> Iterator[Row]:
    from bench import sales_world

    if not given.many:
        yield Row(f"memory of the worker, {MANY:,} lines", "left out of this run", f"≤ {MEMORY} MB")
        return
    sales_world.clear()
    with _file(given.many) as path:
        told = _in_a_worker(path)
    sales_world.clear()
    yield Row(
        f"memory of the worker, {given.many:,} lines ({told['seconds']:.0f} s)",
        f"{told['memory']} MB", f"≤ {MEMORY} MB", told["memory"] > MEMORY,
    )  # fmt: skip


def _segmentation(given) -> Iterator[Row]:
    from bench import segmenting

    return segmenting.measure(given)


# Each yields rows of the table; a new measure is one more.
MEASURES: list[Callable[..., Iterator[Row]]] = [_import_against_copy, _many_lines, _segmentation]


@contextmanager
def _file(lines: int) -> Iterator[Path]:
    from bench import sales_world

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sales.csv"
        sales_world.write_csv(path, lines)
        yield path


def _copy(path: Path) -> float:
    """Seconds of a raw COPY of the file, committed, into a bare table of the types that the store keeps.

    Without an index and without a key; every row of the file, also those that an import would reject.
    """
    from django.db import connection

    from bench.sales_world import BARE_TYPES

    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(BARE_TYPES))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare ({columns})")
        cursor.execute("CHECKPOINT")
        began = time.monotonic()
        with (
            cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy,
            path.open("rb") as file,
        ):
            while piece := file.read(1 << 18):
                copy.write(piece)
        took = time.monotonic() - began
        cursor.execute("DROP TABLE bare")
        cursor.execute("CHECKPOINT")
    return took


def _in_a_worker(path: Path) -> dict:
    """The import in a process of its own: what it says, its seconds and its greatest memory in MB."""
    words = [sys.executable, "-m", "bench", "sales", "--import-file", str(path)]
    done = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _import(path: Path) -> None:
    from bench.sales_world import COLUMNS
    from segmentation import sales_import

    began = time.monotonic()
    job = sales_import.import_file(path, columns=COLUMNS, currency="GBP")
    took = time.monotonic() - began
    if not job.has_succeeded:
        raise SystemExit(job.error)
    peak = next(
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    told = {
        "seconds": took,
        "memory": int(peak.split()[1]) // 1024,
        "new": job.new_documents,
        "replaced": job.replaced_documents,
    }
    print(json.dumps(told))


def _stand_on_it() -> None:
    from django.db import connections

    connections["default"].settings_dict["NAME"] = DATABASE


def _make_database() -> None:
    from django.core.management import call_command
    from django.db import connection

    _drop_database()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE \"{DATABASE}\" TEMPLATE template0 ENCODING 'UTF8'")
    connection.close()
    _stand_on_it()
    call_command("migrate", verbosity=0)


def _drop_database() -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = "postgres"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')


def _table(rows: list[Row], given) -> str:
    from bench import sales_world

    whose = "Online Retail II" if sales_world.REAL.exists() else "made-up sales of its proportions"
    lines = [
        "# Measured: sales",
        "",
        f"`python -m bench sales`, {time.strftime('%Y-%m-%d')}, {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; {whose}; rounds: {given.rounds}, medians of the ratios within each round. Load of the machine at the end "
        f"(1, 5 and 15 minutes): {', '.join(f'{load:.1f}' for load in os.getloadavg())}; the bars are ratios.",
        "",
        "| work | measured | bar |",
        "| --- | ---: | ---: |",
    ]
    lines += [
        f"| {row.work} | {row.figure} | {row.bar}{' **missed**' if row.missed else ''} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"

"""`make bench`: pages against each other and against a hundredth of the data, as one table.

Everything is a ratio of two things measured in turns in the same run: machines differ and are shared. Where
a ratio is told, it is the median over the rounds of the ratio within each round.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

os.environ["KAM_MODE"] = "test"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")

from bench import results
from bench.pages import BASE, BASE_QUERIES, PAGES, Page

ROOT = Path(__file__).parent.parent
WORLDS = ("hundredth", "whole")
FLAT = 1.3


def main() -> None:
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--rounds", type=int, default=25)
    asked.add_argument("--times", type=int, default=4, help="how often a page is asked in a round")
    asked.add_argument(
        "--divide", type=int, default=1, help="for a try-out: a smaller world, written to no file"
    )
    asked.add_argument("--keep", action="store_true", help="use the worlds of the last run")
    asked.add_argument("--make", help=argparse.SUPPRESS)
    asked.add_argument("--work", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.make or given.work:
        _stand_on(given.make or given.work)
        if given.make:
            _make(given.make, given.divide)
        else:
            from bench.pages import work

            work()
        return
    _start_servers()
    for world in WORLDS:
        if not given.keep:
            began = time.monotonic()
            subprocess.run(
                _command("--make", world, "--divide", str(given.divide)), cwd=ROOT, check=True
            )
            print(f"• world “{world}” made in {time.monotonic() - began:.0f} s", flush=True)
    table = _measure(given.rounds, given.times)
    print(table)
    if given.divide == 1:
        results.write("pages", table)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bench", *arguments]


def _start_servers() -> None:
    import django

    django.setup()
    from kam import embedded, translating

    translating.compile_stale()
    embedded.ensure()


def _stand_on(world: str) -> None:
    """This process works on the database of the world."""
    _start_servers()
    from django.db import connections

    connections["default"].settings_dict["NAME"] = f"bench_{world}"


def _make(world: str, divisor: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from bench import world as worlds

    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "postgres"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    connection.close()
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0)
    size = worlds.WHOLE.part(divisor)
    worlds.make(size.part(100) if world == "hundredth" else size)


class _World:
    """A worker process that stands on one database."""

    def __init__(self, name: str) -> None:
        self.process = subprocess.Popen(
            _command("--work", name),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def ask(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("A worker of the bench stopped: its reason stands above.")
        return json.loads(line)


def _measure(rounds: int, times: int) -> str:
    worlds = {name: _World(name) for name in WORLDS}
    queries = {
        page.name: {name: world.ask(count=page.name) for name, world in worlds.items()}
        for page in PAGES
    }
    if set(queries[BASE].values()) != {BASE_QUERIES}:
        raise SystemExit(f"The yardstick makes other queries than it should: {queries[BASE]}.")
    for page in PAGES:  # warm: templates compiled, plans known
        for world in worlds.values():
            world.ask(page=page.name, times=3)
    wall: dict[str, dict[str, list[float]]] = {
        page.name: {name: [] for name in WORLDS} for page in PAGES
    }
    cpu: dict[str, dict[str, list[float]]] = {
        page.name: {name: [] for name in WORLDS} for page in PAGES
    }
    for _round in range(rounds):
        for page in PAGES:
            for name, world in worlds.items():
                taken = world.ask(page=page.name, times=times)
                wall[page.name][name].append(statistics.median(taken["wall"]))
                cpu[page.name][name].append(statistics.median(taken["cpu"]))
    for world in worlds.values():
        world.process.stdin.close()
        world.process.wait()
    return _table(queries, wall, cpu, rounds)


def _ratio(above: list[float], below: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def _table(queries: dict, wall: dict, cpu: dict, rounds: int) -> str:
    lines = [
        "# Measured",
        "",
        f"`make bench`, {time.strftime('%Y-%m-%d')}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}; {rounds} rounds, medians of the ratios within each round.",
        "",
        "- **CPU**: processor time of the web process against that of the layout alone, same run: the search page "
        "without a question, one query. The bars were set against a page of two queries, so this is the stricter measure.",
        "- **Flat**: time of the page against the same page with a hundredth of all data.",
        "- **Queries**: with all data / with a hundredth.",
        "",
        "| page | ms | CPU | bar | flat | bar | queries | bar |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for page in PAGES:
        name = page.name
        lines.append(
            f"| {name} | {statistics.median(wall[name]['whole']) * 1000:.1f} "
            f"| {_against(_ratio(cpu[name]['whole'], cpu[BASE]['whole']), page.cpu)} "
            f"| {_against(_ratio(wall[name]['whole'], wall[name]['hundredth']), FLAT)} "
            f"| {queries[name]['whole']} / {queries[name]['hundredth']} | {_queries_kept(page, queries)} |"
        )
    return "\n".join(lines) + "\n"


def _against(ratio: float, bar: float) -> str:
    """A figure and its bar; a figure beyond it is marked, in words as well."""
    if not bar:
        return f"{ratio:.2f} × | "
    return f"{ratio:.2f} × | ≤ {bar:g} ×{'' if ratio <= bar else ' **missed**'}"


def _queries_kept(page: Page, queries: dict) -> str:
    number = queries[page.name]
    missed = number["whole"] > page.queries or number["whole"] != number["hundredth"]
    return f"≤ {page.queries}{' **missed**' if missed else ''}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["sales"]:
        from bench import sales

        sales.main(sys.argv[2:])
    else:
        main()

"""What is asked of each world, by whom, and what it is measured against.

A worker process stands on one database and answers one order a line: which page, how often. The parent
(`bench.__main__`) gives its orders in turns, so that two worlds are measured under the same load.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# The yardstick: the search page without a question. The whole layout, nothing in it, and one query: who asks.
BASE = "the layout alone"
BASE_QUERIES = 1


@dataclass(frozen=True)
class Page:
    """`cpu`: bar of processor time against the yardstick; `queries`: bar of their number."""

    name: str
    person: str
    address: Callable[[dict[str, Any]], str]
    cpu: float
    queries: int
    form: Callable[[dict[str, Any], int], dict[str, str]] | None = None
    fresh: bool = False


def _section(section: str) -> Callable[[dict], str]:
    return lambda world: f"/dossiers/{world['dossier']}/{section}"


def _edit(world: dict, turn: int) -> dict[str, str]:
    return {
        "version": str(world["version"]()),
        "legal_name": f"Name {turn} of {time.monotonic_ns()}",
        "certainty": "fact",
    }


PAGES = (
    Page(BASE, "kam", lambda world: "/search/", 0, BASE_QUERIES),
    Page("dossier, overview", "kam", _section(""), 4, 20),
    Page("dossier, general information", "kam", _section("general/"), 4, 20),
    Page("dossier, the client as we see it", "kam", _section("relationship/"), 4, 20),
    Page("dossier, how they decide", "kam", _section("decision/"), 4, 20),
    Page("dossier, competitors", "kam", _section("competitors/"), 4, 20),
    Page("dossier, plan", "kam", _section("plan/"), 4, 20),
    Page("dossier, figures", "kam", _section("figures/"), 4, 20),
    Page("dossier, overview, drawn anew", "kam", _section(""), 0, 20, fresh=True),
    Page("dossier, the client as we see it, drawn anew", "kam", _section("relationship/"), 0, 20, fresh=True),
    Page("a section saved in place", "kam", lambda w: f"/dossiers/{w['dossier']}/general/identity/{w['sheet']}/edit/", 3, 10, form=_edit),
    Page("start page of a KAM", "kam", lambda world: "/", 0, 12),
    Page("portfolio", "head", lambda world: "/portfolio/", 6, 15),
    Page("client list", "head", lambda world: "/clients/ranked/", 5, 8),
)  # fmt: skip


class Worker:
    """Answers pages of one world through the whole stack, as a signed-in browser would see them."""

    def __init__(self) -> None:
        from django.test import Client

        from accounts.models import User
        from dossiers.models import Dossier, GeneralInformation

        people = {name: User.objects.get(email=f"{name}@example.com") for name in ("kam", "head")}
        self.browsers = {}
        for name, person in people.items():
            self.browsers[name] = Client(SERVER_NAME="localhost")
            self.browsers[name].force_login(person)
        dossier = Dossier.objects.visible_to(people["kam"]).order_by("pk").first()
        sheet = GeneralInformation.objects.get(dossier=dossier)
        self.world = {
            "dossier": dossier.pk,
            "sheet": sheet.pk,
            "version": lambda: GeneralInformation.objects.values_list("version", flat=True).get(
                pk=sheet.pk
            ),
        }

    def measure(self, page: Page, times: int) -> dict[str, list[float]]:
        """{"wall": [seconds, …], "cpu": [seconds of this process, …]}"""
        from accounts.shelf import SHELF

        browser, address = self.browsers[page.person], page.address(self.world)
        wall, cpu = [], []
        for turn in range(times):
            sent = page.form(self.world, turn) if page.form else None
            if page.fresh:
                SHELF.clear()
            began, worked = time.perf_counter(), time.process_time()
            if sent is None:
                answer = browser.get(address)
            else:
                answer = browser.post(address, sent, headers={"HX-Request": "true"})
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - worked)
            if answer.status_code != 200:
                raise SystemExit(f"{page.name}: {answer.status_code} at {address}")
        return {"wall": wall, "cpu": cpu}

    def count(self, page: Page) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        # In production connections are kept; the first query of a new one would be counted.
        connection.ensure_connection()
        with CaptureQueriesContext(connection) as queries:
            self.measure(page, 1)
        extra = 1 if page.form else 0  # the version is looked up by the bench, not by the page
        return len(queries) - extra


def work() -> None:
    """Orders come as lines of JSON: {"page": name, "times": n} or {"count": name}."""
    pages = {page.name: page for page in PAGES}
    worker = Worker()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "count" in order:
            answer: Any = worker.count(pages[order["count"]])
        else:
            answer = worker.measure(pages[order["page"]], order["times"])
        print(json.dumps(answer), flush=True)

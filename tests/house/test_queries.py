"""The number of queries of a page is fixed: it does not grow with the rows, and not from day to day."""

import tomllib
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import assigning
from tests.factories import TODAY
from tests.house import many

PINS = tomllib.loads(Path(__file__).with_name("query_pins.toml").read_text(encoding="utf-8"))
FEW, MANY = 3, 300


@pytest.fixture
def place(head, kam, analyst, colleague, as_head, as_kam, as_analyst, as_colleague):
    """A dossier that `kam` holds, and a world that grows when asked."""
    return Place(
        head=head,
        kam=kam,
        analyst=analyst,
        browsers={
            "head": as_head,
            "kam": as_kam,
            "analyst": as_analyst,
            "colleague": as_colleague,
        },
    )


class Place:
    def __init__(self, *, head, kam, analyst, browsers):
        self.head, self.kam, self.analyst, self.browsers = head, kam, analyst, browsers
        self.size = 0
        self.dossier = many.key_clients(1, head=head)[0]
        assigning.assign(self.dossier.client, to=kam, by=head, today=TODAY)

    def grow(self, size: int) -> None:
        more, self.size = size - self.size, size
        many.key_clients(more, head=self.head)
        many.clear(self.dossier)
        many.entries(self.dossier, size, by=self.kam)
        many.jobs(more, by=self.analyst)
        many.matches(more, by=self.analyst)
        self.run = many.sales(by=self.analyst)
        many.rhythms(by=self.kam)

    @property
    def things(self) -> dict:
        return {
            "client_id": self.dossier.client_id,
            "dossier_id": self.dossier.pk,
            "review_id": self.dossier.reviews.get().pk,
            "run_id": self.run.pk,
            "an_entry": self.dossier.timeline.first().pk,
            "a_sheet": self.dossier.general.pk,
        }

    def queries(self, pin: dict) -> list[str]:
        things = self.things
        args = {name: things.get(value, value) for name, value in pin.get("args", {}).items()}
        path = reverse(pin["address"], kwargs=args) + pin.get("query", "")
        browser = self.browsers[pin["role"]]
        browser.raise_request_exception = False
        headers = {"HX-Request": "true"} if pin.get("part") else {}
        # "#" in a form is different each time, so that there is something to change.
        form = {
            name: value.replace("#", str(self.size)) for name, value in pin.get("form", {}).items()
        }
        if "version" in form:
            form["version"] = self.dossier.general.__class__.objects.get(
                pk=things["a_sheet"]
            ).version
        browser.get("/api/me/")  # whatever the first request of a process reads once
        with CaptureQueriesContext(
            connection,
        ) as seen:
            if form:
                answer = browser.post(path, form, headers=headers)
            else:
                answer = browser.get(path, headers=headers)
        if answer.status_code not in (200, 302):
            return [f"{path} answered {answer.status_code}"]
        # Savepoints stand where the test's own transaction surrounds ours.
        said = [query["sql"] for query in seen.captured_queries]
        return [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE"))]


def test_no_page_makes_more_queries_for_more_rows(place):
    place.grow(FEW)
    few = {name: place.queries(pin) for name, pin in PINS.items()}
    place.grow(MANY)
    lot = {name: place.queries(pin) for name, pin in PINS.items()}
    wrong = []
    for name, pin in PINS.items():
        if "answered" in (few[name] + lot[name])[0]:
            wrong.append(f"{name}: {few[name][0]}; {lot[name][0]}")
        elif len(few[name]) != len(lot[name]):
            wrong.append(
                f"{name}: {len(few[name])} queries with {FEW} rows, {len(lot[name])} with {MANY}"
            )
        elif len(lot[name]) != pin["queries"]:
            wrong.append(f"{name}: {len(lot[name])} queries, pinned are {pin['queries']}")
        if pin["queries"] > pin["limit"]:
            wrong.append(f"{name}: the pin {pin['queries']} lies over its limit {pin['limit']}")
    assert not wrong, "\n".join(wrong)

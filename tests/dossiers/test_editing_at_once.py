"""Two people writing in one dossier at the same time, each over a connection of his own."""

import contextlib
import datetime
import random
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client as Browser

from dossiers import editing, merging, reviewing, ties
from dossiers.models import Plan, SentForm, TimelineEntry
from dossiers.pieces import BY_KEY
from tests import factories
from tests.dossiers.test_editing_pages import HTMX, url

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = datetime.date(2026, 12, 1)
EDITS_EACH = 250


def at_once(*acts):
    """Run them side by side; what each gives, or the refusal it met."""

    def alone(act):
        try:
            return act()
        except editing.EditRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(alone, acts))


# ── Five hundred edits ───────────────────────────────────────────────────────────────────────

# Both write in the one sheet of the plan (two pieces show different fields of it) and in one action.
PLACES = {
    "value": ("value_proposition", "do", "do_not"),
    "swot": ("strengths", "threats"),
    "actions": ("title",),
}


class Alone(Browser):
    """A browser that keeps no eye on the templates: Django's own one would see those of the other thread too."""

    def request(self, **request):
        response = self.handler(self._base_environ(**request))
        self.cookies.update(response.cookies)
        return response


class Form(HTMLParser):
    """What a browser would send of the form on the page: {name: value}, and the fields shown as in conflict."""

    def __init__(self, page):
        super().__init__()
        self.sent, self.contested, self._open = {}, [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        name = told.get("name")
        if tag in ("textarea", "select"):
            self._open = name
            self.sent[name] = ""
        elif tag == "option" and "selected" in told:
            self.sent[self._open] = told["value"]
        elif tag == "input" and name == "contested":
            self.contested.append(told["value"])
        elif tag == "input" and name and told.get("type") not in ("radio", "checkbox"):
            self.sent[name] = told.get("value") or ""

    def handle_endtag(self, tag):
        if tag in ("textarea", "select"):
            self._open = None

    def handle_data(self, data):
        if self._open and self.lasttag == "textarea":
            self.sent[self._open] += data.removeprefix("\n")


@dataclass
class Writer:
    """One person at one browser, who edits in place and meets conflicts as the page shows them."""

    person: object
    dossier: object
    records: dict
    accepted: list = field(default_factory=list)  # (model, field, value, what he knew stood there)
    given_up: list = field(default_factory=list)
    conflicts: int = 0
    edits: int = 0

    def __post_init__(self):
        self.browser = Alone()
        self.browser.force_login(self.person)
        self.chance = random.Random(self.person.name)

    def work(self):
        opened = {}
        while self.edits < EDITS_EACH:
            piece = self.chance.choice(list(PLACES))
            if piece not in opened or self.chance.random() < 0.5:
                opened[piece] = self.open(piece)
            if self.chance.random() < 0.2:
                continue  # goes on somewhere else; this form stays open and grows old
            self.edits += 1
            self.edit(piece, opened.pop(piece))
        return self

    def open(self, piece):
        """What a form that is opened now holds: as the page draws it."""
        record = type(self.records[piece]).objects.get(pk=self.records[piece].pk)
        names = (*BY_KEY[piece].fields, "source", "certainty")
        form = {name: getattr(record, merging.attname(record, name)) for name in names}
        return {"version": record.version, **{k: "" if v is None else v for k, v in form.items()}}

    def edit(self, piece, form):
        names = PLACES[piece]
        wanted = self.chance.sample(names, self.chance.randint(1, min(2, len(names))))
        typed = {name: f"{self.person.name}, edit {self.edits}, {name}" for name in wanted}
        knew = {name: {form[name]} for name in wanted}
        sent = {**form, **typed}
        address = url("edit", self.dossier, piece, self.records[piece].pk)
        while True:
            answer = self.browser.post(address, sent, headers=HTMX)
            if answer.status_code == 200:
                break
            assert answer.status_code == 409, answer.content[:500]
            self.conflicts += 1
            sent = self.choose(answer, typed, knew)
        model = type(self.records[piece])
        for name in wanted:
            if sent.get(f"pick-{name}") == "theirs":
                self.given_up.append((model, name, typed[name]))
            else:
                self.accepted.append((model, name, typed[name], knew[name]))

    def choose(self, answer, typed, knew):
        """Both values are on the page, with who wrote the other one; one is picked."""
        page = answer.content.decode()
        form = Form(page)
        shown = re.findall(
            r'<legend>.*?</legend>.*?value="mine".*?conflict-value">(.*?)</span>.*?value="theirs".*?conflict-value">'
            r"(.*?)</span>",
            page,
            re.DOTALL,
        )
        assert len(shown) == len(form.contested) > 0
        sent = form.sent | {"contested": form.contested}
        for name, (mine, theirs) in zip(form.contested, shown, strict=True):
            assert mine == typed[name] == form.sent[name]
            assert theirs != mine
            author = theirs.split(", edit")[0]
            assert f"{author} changed it on" in page
            knew[name].add(theirs)
            sent[f"pick-{name}"] = self.chance.choice(["mine", "theirs"])
        return sent


def test_of_five_hundred_edits_none_is_overwritten_unseen_and_no_value_is_lost(head, kam, dossier):
    action = factories.entry("actions", dossier, title="Send the sample", owner=kam)
    records = {"value": dossier.plan, "swot": dossier.plan, "actions": action}
    writers = at_once(*(Writer(person, dossier, records).work for person in (kam, head)))

    history = {}  # (model, field): [(value, author)], each time the field changed
    kept = set()  # what the history keeps of values that were given up
    for model, record in ((Plan, dossier.plan), (type(action), action)):
        before = None
        for event in record.events.order_by("version").select_related("updated_by", "pgh_context"):
            kept |= {(model, name, value) for name, value in merging.given_up_at(event).items()}
            for name in {name for names in PLACES.values() for name in names}:
                value = getattr(event, name, None)
                if before is not None and value != getattr(before, name, None):
                    changes = history.setdefault((model, name), [getattr(before, name)])
                    changes.append((value, event.updated_by))
            before = event

    assert sum(writer.edits for writer in writers) == 2 * EDITS_EACH
    assert all(writer.conflicts > 10 for writer in writers), "they hardly met each other"
    for writer in writers:
        for model, name, value, knew in writer.accepted:
            first, *changes = history[model, name]
            stood = [first, *(value for value, _author in changes)]
            [place] = [n for n, change in enumerate(changes) if change[0] == value]  # once
            assert changes[place][1] == writer.person
            assert stood[place] in knew, f"{stood[place]!r} was overwritten unseen by {value!r}"
        # what one gave up stands nowhere, and is kept
        for lost in writer.given_up:
            assert lost in kept
    accepted = [entry for writer in writers for entry in writer.accepted]
    assert len(accepted) == sum(len(changes) - 1 for changes in history.values())


# ── Other meetings ───────────────────────────────────────────────────────────────────────────


def test_a_form_sent_twice_in_the_same_moment_adds_one_entry(kam, dossier):
    sent = {
        "happened_on": "2026-11-20", "kind": "call", "title": "Prices", "tone": "good", "currency": "EUR",
        "certainty": "fact", "once": "b4a2",
    }  # fmt: skip

    def click():
        browser = Browser()
        browser.force_login(kam)
        return browser.post(url("add", dossier, "timeline"), sent).status_code

    assert at_once(*[click] * 4) == [302] * 4
    assert (TimelineEntry.objects.count(), SentForm.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("piece", "pointer"), [("structure", "parent"), ("stakeholders", "reports_to")]
)
def test_two_people_at_once_make_no_circle(head, kam, dossier, piece, pointer):
    for _round in range(5):
        one, other = factories.entry(piece, dossier), factories.entry(piece, dossier)

        def put(low, high, by):
            def act():
                return editing.change(
                    BY_KEY[piece],
                    dossier=dossier,
                    pk=low.pk,
                    data={pointer: high.pk, "version": 1},
                    by=by,
                    today=TODAY,
                    partial=True,
                )

            return act

        results = at_once(put(one, other, kam), put(other, one, head))
        refusals = [result for result in results if isinstance(result, editing.Invalid)]
        assert len(refusals) == 1, results
        assert "above itself" in str(refusals[0].form.errors)


def test_whoever_writes_deletes_and_confirms_at_once_waits_and_nobody_fails(head, kam, dossier):
    """Each act holds the dossier first, so no two can wait for each other."""
    buyer = factories.entry("stakeholders", dossier)
    talks = [factories.entry("timeline", dossier, stakeholder=buyer) for _number in range(8)]
    review = reviewing.raise_due_reviews(today=dossier.next_review_on)[0]
    timeline, today = BY_KEY["timeline"], TODAY

    def confirm_all(by):
        for _round in range(5):
            seen = dict(dossier.timeline.order_by("?").values_list("pk", "version"))
            editing.confirm_all(timeline, dossier=dossier, seen=seen, by=by, today=today)

    def meet():
        for talk in talks:
            editing.change(
                timeline,
                dossier=dossier,
                pk=talk.pk,
                data={"happened_on": today, "stakeholder": buyer.pk, "version": 1},
                by=kam,
                today=today,
                partial=True,
            )

    def forget():
        for talk in talks[:4]:
            version = dossier.timeline.values_list("version", flat=True).get(pk=talk.pk)
            editing.delete(
                timeline, dossier=dossier, pk=talk.pk, data={"version": version}, by=head
            )
        version = dossier.stakeholders.values_list("version", flat=True).get()
        editing.delete(
            BY_KEY["stakeholders"], dossier=dossier, pk=buyer.pk, data={"version": version}, by=head
        )

    def go_through():
        for section in ("relationship", "decision"):
            with contextlib.suppress(reviewing.ChangedMeanwhile):
                reviewing.go_through(
                    review,
                    section=section,
                    seen_at=reviewing.last_written(dossier),
                    by=kam,
                    today=today,
                )

    # A failure of the database (two waiting for each other) would come out of this as itself.
    at_once(lambda: confirm_all(kam), lambda: confirm_all(head), meet, forget, go_through)
    assert dossier.timeline.count() in range(4, 9)


def test_who_covers_whom_is_taken_over_once_by_two_clicks(kam, head, dossier):
    for number in range(20):
        name = f"Person {number}"
        factories.entry("stakeholders", dossier, name=name, covered_by=kam)

    def click(person):
        try:
            return ties.take_over_coverage(dossier, by=person, today=TODAY)
        except ties.NothingToTakeOver as refusal:
            return str(refusal)

    found = at_once(lambda: click(kam), lambda: click(head))
    assert 20 in found
    assert "Whoever is covered by one of our active colleagues stands in the grid already." in found

"""One quarter of key account management, page by page, each by the person whose job it is."""

import csv
import datetime
import io
import re

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from dossiers import reviewing, tasks
from dossiers.models import Dossier
from tests import factories
from tests.browser import ledger as ledgers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

A_WHILE = 120_000  # for what a worker does, in milliseconds


@pytest.fixture(params=["published", "generated"])
def ledger(request, tmp_path) -> ledgers.Ledger:
    return getattr(ledgers, request.param)(tmp_path)


def test_a_quarter(ledger, window_of, worker, tmp_path):
    people = {
        "analyst": factories.analyst(name="Ada Analyst", email="ada@example.com"),
        "head": factories.head(name="Helena Head", email="helena@example.com"),
        "kam": factories.kam(name="Karol Żuk", email="karol@example.com"),
        "other kam": factories.kam(name="Ольга Другая", email="olga@example.com"),
        "colleague": factories.person(
            "colleague", name="Cezary Colleague", email="cezary@example.com"
        ),
    }

    analyst = signs_in(window_of(), people["analyst"])
    job = the_analyst_brings_the_sales_in(analyst, ledger)
    the_rejected_lines_can_be_downloaded(analyst, job, ledger)
    the_same_file_again_changes_nothing(analyst, ledger)
    for variant, counts in ledger.counts.items():
        the_analyst_runs_the_segmentation(analyst, variant, counts, ledger)
    the_last_run_is_put_in_force(analyst)

    head = signs_in(window_of(), people["head"])
    clients = [the_head_makes_a_key_client(head, place) for place in range(4)]
    for client in clients[:3]:
        the_head_assigns(head, client, to="Karol Żuk")
    a_fourth_is_refused(head, clients[3], to="Karol Żuk", held=clients[:3])
    the_head_assigns(head, clients[3], to="Ольга Другая")

    kam = signs_in(window_of(), people["kam"])
    dossier = the_kam_opens_a_dossier_from_his_start_page(kam, clients)
    the_kam_writes_general_information(kam)
    the_kam_writes_the_relationship(kam)
    the_kam_writes_how_they_decide(kam)
    the_kam_writes_the_competitors(kam)
    the_kam_writes_the_plan(kam)
    the_figures_come_from_the_sales(kam)

    colleague = signs_in(window_of(), people["colleague"])
    a_colleague_sees_the_card_alone(colleague, clients[0], dossier)
    other_kam = signs_in(window_of(), people["other kam"])
    another_kam_cannot_open_it(other_kam, dossier)

    the_schedule_raises_what_is_due_once(worker, dossier, kam)
    the_kam_goes_through_and_submits(kam, clients[0])
    the_head_accepts(head, clients[0], dossier)

    the_head_sees_the_portfolio(head, clients)
    the_kam_takes_the_dossier_as_pdf(kam, clients[0], dossier)


# ── Small things that everybody does ─────────────────────────────────────────────────────────


def signs_in(window: Page, person) -> Page:
    window.goto("/")
    window.fill("[name=login]", person.email)
    window.fill("[name=password]", factories.PASSWORD)
    window.press("[name=password]", "Enter")
    expect(window).to_have_url(re.compile(r"/$"))
    expect(window.locator(".user-name")).to_contain_text(person.name)
    return window


def until(window: Page, happened, tries: int = 60) -> None:
    for _try in range(tries):
        if happened():
            return
        window.wait_for_timeout(500)
    raise AssertionError("It did not happen.")


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def tile(window: Page, label: str) -> int:
    tiles = window.locator(".tile", has=window.get_by_text(label, exact=True))
    return number(tiles.locator(".tile-value").inner_text())


def stays(window: Page) -> None:
    """From here on the page must not be loaded anew."""
    window.evaluate("window.stayed = true")


def has_stayed(window: Page) -> bool:
    return bool(window.evaluate("window.stayed === true"))


def write(window: Page, piece: str, **values) -> None:
    """Add an entry to a list, or change a sheet, in place. A list of values ticks boxes."""
    card = window.locator(f"#{piece}")
    opener = card.locator(".card-actions a[hx-get*='/add/'], .card-actions a[hx-get$='/edit/']")
    opener.click()
    form = card.locator("form[data-inline]")
    for name, value in values.items():
        field = form.locator(f"[name={name}]")
        if isinstance(value, list):
            for one in value:
                form.locator(f"[name={name}][value={one}]").check()
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.locator("button[type=submit]").click()
    expect(card.locator("form[data-inline]")).to_have_count(0)
    assert has_stayed(window)


def section(window: Page, name: str) -> None:
    window.get_by_role("navigation", name="Sections").get_by_role("link", name=name).click()
    expect(window.locator(".tab[aria-current=page]")).to_contain_text(name)
    stays(window)


# ── 1. Sales come in ─────────────────────────────────────────────────────────────────────────


def the_analyst_brings_the_sales_in(window: Page, ledger: ledgers.Ledger) -> str:
    window.get_by_role("navigation", name="Main").get_by_role("link", name="Imports").click()
    upload(window, ledger)
    columns = {
        "client": "CustomerID",
        "date": "InvoiceDate",
        "document": "InvoiceNo",
        "quantity": "Quantity",
        "price": "UnitPrice",
    }
    for role, column in columns.items():
        choose(window, f"column_{role}", column)
    choose(window, "date_format", "mdy")
    window.fill("[name=currency]", "GBP")
    window.get_by_role("button", name="Show the preview again").click()
    with ledger.path.open(encoding="latin-1", newline="") as file:
        first = next(csv.DictReader(file))
    preview = window.locator("#preview")
    expect(preview.locator("tbody tr").first).to_contain_text(first["InvoiceNo"])
    expect(preview.locator("tbody tr").first).to_contain_text("GBP")
    window.get_by_role("button", name="Start the import").click()

    # She watches it, leaves, and comes back.
    expect(window.get_by_role("heading", name="How it went")).to_be_visible()
    address = window.url
    window.get_by_role("link", name="Today").click()
    expect(window.locator("h1")).to_be_visible()
    window.goto(address)
    expect(window.locator(".tile").first).to_be_visible(timeout=A_WHILE)
    assert tile(window, "Lines read") == ledger.lines
    assert tile(window, "Rejected") == ledger.without_client
    assert tile(window, "Accepted") == ledger.lines - ledger.without_client
    assert window.mistakes == []
    return address


def upload(window: Page, ledger: ledgers.Ledger) -> None:
    window.set_input_files("input[type=file]", ledger.path)
    window.get_by_role("button", name="Upload and look at it").click()
    expect(window.get_by_role("heading", name="Which column is what")).to_be_visible()


def choose(window: Page, name: str, value: str) -> None:
    """A choice made anew draws the preview again; one that is proposed already stays as it is."""
    field = window.locator(f"[name={name}]")
    if field.input_value() != value:
        with window.expect_response(lambda answer: answer.request.method == "POST"):
            field.select_option(value)
        expect(window.locator(f"[name={name}]")).to_have_value(value)


def the_rejected_lines_can_be_downloaded(window: Page, job: str, ledger: ledgers.Ledger) -> None:
    window.goto(job)
    reasons = window.locator("#rejected tbody tr")
    assert sum(number(row.locator("td").inner_text()) for row in reasons.all()) == (
        ledger.without_client
    )
    with window.expect_download() as download:
        window.get_by_role("link", name="Download the rejected lines").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == ledger.without_client + 1


def the_same_file_again_changes_nothing(window: Page, ledger: ledgers.Ledger) -> None:
    window.goto("/sales/imports/")
    upload(window, ledger)
    expect(window.get_by_text("A file with this header was imported before")).to_be_visible()
    expect(window.locator("[name=column_client]")).to_have_value("CustomerID")
    expect(window.locator("[name=currency]")).to_have_value("GBP")
    window.get_by_role("button", name="Start the import").click()
    expect(window.get_by_text("nothing has changed")).to_be_visible(timeout=A_WHILE)
    assert tile(window, "New documents") == tile(window, "Replaced documents") == 0


# ── 2. Segments ──────────────────────────────────────────────────────────────────────────────


def the_analyst_runs_the_segmentation(
    window: Page, variant: str, counts: dict[str, int], ledger: ledgers.Ledger
) -> None:
    method, first, second = ledgers.VARIANTS[variant]
    window.get_by_role("navigation", name="Main").get_by_role("link", name="Segmentation").click()
    window.fill("[name=start]", "2010-12")
    window.fill("[name=periods]", "12")
    window.select_option("[name=xyz_method]", method)
    window.fill("[name=xyz_x]", first)
    window.fill("[name=xyz_y]", second)
    window.get_by_role("button", name="Run it").click()
    cells = window.locator("#cells .matrix-cell")
    expect(cells).to_have_count(9, timeout=A_WHILE)
    shown = {
        cell.locator(".code > span").first.inner_text(): number(cell.locator(".count").inner_text())
        for cell in cells.all()
    }
    assert shown == counts
    assert sum(shown.values()) == ledger.customers
    # The clients behind a cell.
    fullest = max(counts, key=lambda cell: counts[cell])
    window.locator("#cells .matrix-cell", has_text=fullest).click()
    expect(window.locator("h1")).to_contain_text(fullest)
    assert number(window.locator("#list .card-note").first.inner_text()) == counts[fullest]
    expect(window.locator("#list tbody tr").first).to_be_visible()


def the_last_run_is_put_in_force(window: Page) -> None:
    window.goto("/segmentation/")
    window.locator("#runs tbody tr").first.get_by_role("link").click()
    window.locator("summary", has_text="Put in force").click()
    window.get_by_role("button", name="Put it in force").click()
    expect(window.locator("h1 .chip")).to_have_text("in force")


# ── 3. Key clients and who takes care of them ────────────────────────────────────────────────


def the_head_makes_a_key_client(window: Page, place: int) -> str:
    window.get_by_role("navigation", name="Main").get_by_role("link", name="Clients").click()
    row = window.locator("#clients tbody tr").nth(place)
    client = row.locator("th").inner_text().strip()
    row.get_by_role("link", name="Make key client").click()
    window.fill("[name=reason]", "")
    window.get_by_role("button", name="Make it a key client").click()
    # Without a reason it stays as it is.
    expect(window.locator("h1")).to_contain_text("a key client")
    window.fill("[name=reason]", "Brings a large part of our sales, and more could come.")
    window.locator("[name=types][value=breadwinner]").check()
    window.get_by_role("button", name="Make it a key client").click()
    expect(window.locator("h1")).to_have_text(f"Who takes care of {client}?")
    return client


def hands_over(window: Page, client: str, to: str) -> None:
    window.goto("/portfolio/")
    window.fill("#find", client)
    window.press("#find", "Enter")
    row = window.locator(".portfolio-table tr", has=window.get_by_role("link", name=client))
    row.get_by_role("link", name="Assign").click()
    window.get_by_role("radio", name=to).check()
    window.get_by_role("button", name="Hand over").click()


def the_head_assigns(window: Page, client: str, *, to: str) -> None:
    hands_over(window, client, to)
    expect(window.locator(".dossier-facts .person").first).to_contain_text(to)


def a_fourth_is_refused(window: Page, client: str, *, to: str, held: list[str]) -> None:
    hands_over(window, client, to)
    refusal = window.get_by_role("alert").filter(has_text="already holds three key clients")
    expect(refusal).to_contain_text("Choose a KAM with a free slot")
    for name in held:
        expect(refusal).to_contain_text(name)


# ── 4. The dossier is written ────────────────────────────────────────────────────────────────


def the_kam_opens_a_dossier_from_his_start_page(window: Page, clients: list[str]) -> Dossier:
    window.goto("/")
    cards = window.locator(".client-card h2")
    assert sorted(cards.all_inner_texts()) == sorted(clients[:3])
    window.get_by_role("link", name=clients[0], exact=True).first.click()
    expect(window.locator("h1")).to_have_text(clients[0])
    return Dossier.objects.get(client__name=clients[0])


def the_kam_writes_general_information(window: Page) -> None:
    section(window, "General information")
    write(
        window,
        "identity",
        legal_name="Zakłady Łódź „Północ” Sp. z o.o.",
        head_office="Łódź, ul. Żwirki 7",
        industries="Wholesale",
    )
    expect(window.locator("#identity")).to_contain_text("Łódź, ul. Żwirki 7")
    write(window, "about", description="Подарки и сувениры: оптом, по всей стране.")
    write(window, "financial-years", year="2025", revenue="1234567.89", currency="GBP")
    expect(window.locator("#financial-years")).to_contain_text("2025")
    write(window, "structure", name="Purchasing")


def the_kam_writes_the_relationship(window: Page) -> None:
    section(window, "The client as we see it")
    write(
        window, "story", story="Began in 2010 with one pallet; the first complaint made us friends."
    )
    write(
        window,
        "timeline",
        happened_on=timezone.localdate().isoformat(),
        kind="meeting",
        title="Talked about next year",
        text="They want fewer deliveries, and larger ones.",
        tone="good",
    )
    expect(window.locator("#timeline .entry").first).to_contain_text("Talked about next year")
    write(
        window,
        "assessments",
        assessed_on=timezone.localdate().isoformat(),
        level="cooperative",
        score="3",
    )
    write(
        window,
        "opportunity",
        year_number="1",
        amount="250000",
        probability="60",
        basis="Two more shops",
    )
    write(window, "opportunity", year_number="2", amount="400000", probability="40")
    expect(window.locator("#opportunity")).to_contain_text("250,000")


def the_kam_writes_how_they_decide(window: Page) -> None:
    section(window, "How they decide")
    write(
        window,
        "stakeholders",
        name="Łucja Żak",
        position="Head of purchasing",
        roles=["decider", "champion"],
        influence="9",
        stance="1",
    )
    write(
        window,
        "stakeholders",
        name="Щукин Пётр",
        position="Warehouse",
        reports_to="Łucja Żak",
        roles=["user"],
        influence="4",
        stance="-1",
    )
    write(window, "influence", influencer="Щукин Пётр", influenced="Łucja Żak", strength="3")
    write(window, "process", what="The shop asks for goods", who="Shop manager, initiator")
    # The map is drawn again by itself.
    drawn = window.locator("svg", has=window.get_by_text("Łucja Żak")).first
    expect(drawn).to_be_visible()
    expect(window.locator("svg", has=window.get_by_text("Щукин")).first).to_be_visible()
    assert has_stayed(window)


def the_kam_writes_the_competitors(window: Page) -> None:
    section(window, "Competitors")
    write(window, "competitors", name="Gifts & Co", sells_here="Lunch bags", wallet_share="30")
    write(window, "criteria", name="Delivery time", weight="60")
    write(window, "criteria", name="Price", weight="40")
    for criterion, us, them in (("Delivery time", "5", "3"), ("Price", "2", "4")):
        write(window, "scores", criterion=criterion, score=us, evidence="Said so in May")
        write(window, "scores", criterion=criterion, competitor="Gifts & Co", score=them)
    totals = window.locator("#scores tfoot .total")
    expect(totals.first).to_contain_text("3.80")  # (5 × 60 + 2 × 40) ÷ 100
    expect(totals.nth(1)).to_contain_text("3.40")


def the_kam_writes_the_plan(window: Page) -> None:
    section(window, "Plan")
    write(
        window,
        "value",
        value_proposition="One delivery a month, complete, on the day agreed.",
        do="Ring Łucja before you visit.",
        do_not="Never talk about prices in the warehouse.",
    )
    write(window, "objectives", title="Win the second shop")
    write(window, "actions", title="Send the samples", due_on=timezone.localdate().isoformat())
    expect(window.locator("#actions")).to_contain_text("Send the samples")


def the_figures_come_from_the_sales(window: Page) -> None:
    section(window, "Figures")
    expect(window.locator("main svg[role=img]").first).to_be_visible()
    expect(window.locator("main")).to_contain_text("December 2010")


def a_colleague_sees_the_card_alone(window: Page, client: str, dossier: Dossier) -> None:
    window.get_by_role("navigation", name="Main").get_by_role("link", name="Key clients").click()
    window.get_by_role("link", name=client).first.click()
    page = window.locator("main")
    expect(page).to_contain_text("One delivery a month")
    expect(page).to_contain_text("Never talk about prices in the warehouse.")
    expect(page).to_contain_text("Karol Żuk")
    for secret in ("Łucja Żak\n", "Gifts & Co", "250,000", "complaint made us friends"):
        expect(page).not_to_contain_text(secret.strip() if secret.endswith("\n") else secret)
    is_nowhere(window, dossier)


def another_kam_cannot_open_it(window: Page, dossier: Dossier) -> None:
    window.goto("/dossiers/")
    expect(window.locator("main")).not_to_contain_text(dossier.client.name)
    is_nowhere(window, dossier)


def is_nowhere(window: Page, dossier: Dossier) -> None:
    """By no address: page, section, part, form, history, PDF, API."""
    stakeholder = dossier.stakeholders.first()
    for address in (
        "",
        "general/",
        "decision/stakeholders/",
        "decision/stakeholders/add/",
        f"decision/stakeholders/{stakeholder.pk}/edit/",
        f"decision/stakeholders/{stakeholder.pk}/history/",
        "pdf/",
    ):
        for headers in ({}, {"HX-Request": "true"}):
            answer = window.request.get(f"/dossiers/{dossier.pk}/{address}", headers=headers)
            assert answer.status in (403, 404), (address, answer.status)
    assert window.request.get(f"/api/dossiers/{dossier.pk}/").status == 404


# ── 5. The quarterly revision ────────────────────────────────────────────────────────────────


def the_schedule_raises_what_is_due_once(worker, dossier: Dossier, window: Page) -> None:
    """The quarter is nearly over: the job runs, and runs again."""
    last = timezone.localdate() - datetime.timedelta(days=85)
    Dossier.objects.filter(pk=dossier.pk).update(
        last_reviewed_on=last, next_review_on=reviewing.next_review_date(last)
    )
    for _time in range(2):
        tasks.raise_due_reviews.delay()
    window.goto("/")
    due = window.locator(".needs a", has_text="submit the revision")
    until(window, lambda: window.reload() and due.count())
    until(window, lambda: len(mail.outbox) >= 2)
    window.wait_for_timeout(1000)  # for what must not come: a second one
    assert dossier.reviews.count() == 1
    told = sorted(address for letter in mail.outbox for address in letter.to)
    assert told == ["helena@example.com", "karol@example.com"]


def the_kam_goes_through_and_submits(window: Page, client: str) -> None:
    window.goto("/")
    window.locator(".needs a", has_text="submit the revision").click()
    expect(window.locator("h1")).to_have_text(f"Revision: {client}")
    stays(window)
    steps = window.locator("section", has=window.get_by_role("heading", name="Section by section"))
    todo = steps.get_by_role("button", name=re.compile("^(Still true|Confirm the rest)"))
    for left in range(todo.count(), 0, -1):
        todo.first.click()
        expect(todo).to_have_count(left - 1)
    window.fill("[name=summary]", "Everything was written down for the first time.")
    window.get_by_role("button", name="Submit the revision").click()
    expect(window.locator(".dossier-facts")).to_contain_text("Submitted")
    assert has_stayed(window)


def the_head_accepts(window: Page, client: str, dossier: Dossier) -> None:
    window.goto("/")
    waiting = window.locator("section", has=window.get_by_role("heading", name="Revisions waiting"))
    waiting.get_by_role("link", name=client).click()
    expect(window.locator("main")).to_contain_text(
        "Everything was written down for the first time."
    )
    window.get_by_role("button", name="Accept").click()
    expect(window.locator(".dossier-facts")).to_contain_text("Accepted")
    dossier.refresh_from_db()
    assert dossier.next_review_on == reviewing.next_review_date(timezone.localdate())
    assert dossier.reviews.get().snapshot["client"] == client


# ── 6. The portfolio ─────────────────────────────────────────────────────────────────────────


def the_head_sees_the_portfolio(window: Page, clients: list[str]) -> None:
    late = timezone.localdate() - datetime.timedelta(days=100)
    Dossier.objects.filter(client__name=clients[1]).update(
        last_reviewed_on=late, next_review_on=late + datetime.timedelta(days=90)
    )
    window.get_by_role("navigation", name="Main").get_by_role("link", name="Portfolio").click()
    assert tile(window, "Key clients") == 4
    assert tile(window, "Overdue") == 1
    table = window.locator(".portfolio-table")
    expect(table.locator("tr:not(.group-row) th[scope=row] a").first).to_have_text(clients[1])
    for client in clients:
        expect(table).to_contain_text(client)
    for name in ("Karol Żuk", "Ольга Другая"):
        expect(table.locator(".group-row", has_text=name)).to_be_visible()
    expect(table).to_contain_text("Breadwinner")
    expect(table.locator("[data-label='Share of sales']").first).to_contain_text("%")
    cells = window.locator(".matrix .matrix-cell")
    expect(cells).to_have_count(9)
    assert sorted(cells.locator("li").all_inner_texts()) == sorted(clients)


# ── 7. The dossier on paper ──────────────────────────────────────────────────────────────────


def the_kam_takes_the_dossier_as_pdf(window: Page, client: str, dossier: Dossier) -> None:
    window.goto(f"/dossiers/{dossier.pk}/")
    with window.expect_download(timeout=A_WHILE) as download:
        window.get_by_role("link", name="PDF").first.click()
    pages = [page.extract_text() for page in PdfReader(download.value.path()).pages]
    text = re.sub(r"\s+", " ", " ".join(pages))
    assert client in pages[0]
    for said in (
        "Karol Żuk",  # who holds it, and who printed it
        "Zakłady Łódź „Północ” Sp. z o.o.",
        "Подарки и сувениры",
        "Talked about next year",
        "Щукин Пётр",
        "Gifts & Co",
        "Delivery time",
        "One delivery a month",
        "General information",
        "How they decide",
        "Competitors",
        "Plan",
        "Figures",
    ):
        assert said in text, said
    assert re.search(rf"\b2\b.*\b{len(pages)}\b", pages[1].replace("\n", " "))

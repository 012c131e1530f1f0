"""Slipping, losses and the win-back list through the door that people take."""

import datetime
import io
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Client
from accounts.models.client import Stage
from segmentation import slipping
from segmentation.models import Loss, SlippingEpisode, WinBackMeasure
from tests import factories

DAY = datetime.timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def buys(bring_in, today):
    """`buys({"100": [days ago, …]})`: an order of a hundred euro on each of these days; then everybody is looked at."""

    def do(orders):
        rows = [
            (f"{client}/{ago}", client, (today - ago * DAY).isoformat(), 1, "100")
            for client, days in orders.items()
            for ago in days
        ]
        bring_in(rows)
        slipping.look(today=today)
        return {each.external_id: each for each in Client.objects.all()}

    return do


# Ten days apart: 30 days ago the last one (slips), 200 days ago (lost), yesterday (in time).
SLIPS = [30 + 10 * number for number in range(8)]
LOST = [200 + 10 * number for number in range(8)]
IN_TIME = [1 + 10 * number for number in range(8)]


@pytest.fixture
def clients(buys):
    return buys({"100": SLIPS, "200": LOST, "300": IN_TIME})


@pytest.fixture
def keys(clients, head, kam):
    """Clients 100 and 200 are key clients of the KAM."""
    for number in ("100", "200"):
        clients[number] = factories.dossier(of=clients[number], kam=kam, by=head).client
    return clients


def column(page, name):
    [found] = [each for each in page.context["columns"] if each["name"] == name]
    return [row.client.external_id for row in found["rows"]]


def said(page) -> str:
    return " ".join(page.content.decode().split())


def loss_form(today, **changes):
    return {
        "lost_on": today.isoformat(),
        "reason": "price",
        "direction": "competitor",
        "competitor": "Rival & Co",
        "note": "The tender went to the lowest price.",
        "worth_winning": "on",
        **changes,
    }


# ── Who slips, who is lost ───────────────────────────────────────────────────────────────────


def test_the_head_sees_slipping_and_lost_beside_each_other_each_with_its_rhythm(as_head, clients):
    page = as_head.get("/clients/slipping/")
    assert (column(page, "slips"), column(page, "lost")) == (["100"], ["200"])
    assert "orders every 10 days; 30 days without one" in said(page)
    assert "orders every 10 days; 200 days without one" in said(page)
    assert 'class="rhythm-dots"' in said(page)
    assert f"/clients/{clients['100'].pk}/loss/" in said(page)


def test_a_kam_sees_his_clients_alone_and_can_note_a_call(as_kam, as_other_kam, keys):
    page = as_kam.get("/clients/slipping/")
    assert (column(page, "slips"), column(page, "lost")) == (["100"], ["200"])
    assert "Note a call" in said(page)
    link = f"/note/?client={keys['100'].pk}"
    assert link in said(page)
    assert as_kam.get(link).status_code == 302  # one client: its form at once
    others = as_other_kam.get("/clients/slipping/")
    assert (column(others, "slips"), column(others, "lost")) == ([], [])


def test_an_analyst_sees_all_and_records_nothing_and_a_colleague_sees_nothing(
    as_analyst, as_colleague, as_admin, clients
):
    page = as_analyst.get("/clients/slipping/")
    assert column(page, "slips") == ["100"]
    assert "Record as lost" not in said(page)
    for browser in (as_colleague, as_admin):
        for path in ("/clients/slipping/", "/clients/losses/", "/clients/win-back/"):
            assert browser.get(path).status_code == 403


def test_filters_narrow_by_name_and_kam(as_head, keys, kam, other_kam):
    assert column(as_head.get("/clients/slipping/?q=100"), "lost") == []
    assert column(as_head.get(f"/clients/slipping/?kam={kam.pk}"), "slips") == ["100"]
    assert column(as_head.get(f"/clients/slipping/?kam={other_kam.pk}"), "slips") == []
    assert as_head.get("/clients/slipping/?kam=nobody&abc=Q&slips=x").status_code == 200


def test_the_page_of_a_client_works_its_rule_out(as_head, clients):
    page = said(as_head.get(f"/clients/{clients['100'].pk}/figures/"))
    assert "Its rhythm of orders" in page
    assert "slipping" in page
    assert "15 days, from" in page  # one and a half usual intervals
    assert "90 days, from" in page
    in_time = said(as_head.get(f"/clients/{clients['300'].pk}/figures/"))
    assert "orders every 10 days; 1 day without one" in in_time


def test_start_pages_and_dossier_say_who_slips(as_kam, as_head, keys, kam):
    needs = said(as_kam.get("/"))
    assert "Has not ordered as usual: orders every 10 days; 30 days without one" in needs
    assert "Clients that slip" in said(as_head.get("/"))
    assert keys["100"].name in said(as_head.get("/"))
    dossier = keys["100"].dossiers.get() if hasattr(keys["100"], "dossiers") else None
    path = f"/dossiers/{dossier.pk}/" if dossier else f"/clients/{keys['100'].pk}/"
    page = said(as_kam.get(path))
    assert "30 days without one" in page


# ── Recording a loss ─────────────────────────────────────────────────────────────────────────


def test_a_head_records_a_loss_and_the_client_is_at_the_stage_lost(as_head, head, clients, today):
    path = f"/clients/{clients['200'].pk}/loss/"
    episode = SlippingEpisode.objects.get(client=clients["200"])
    assert episode.lost_on.isoformat() in said(as_head.get(path))  # since when, filled in
    answer = as_head.post(path, loss_form(today))
    loss = Loss.objects.get()
    assert answer.url == f"/clients/win-back/#loss-{loss.pk}"
    assert (loss.reason, loss.competitor, loss.recorded_by) == ("price", "Rival & Co", head)
    assert (loss.revenue_before, loss.currency, loss.episode) == (Decimal(800), "EUR", episode)
    clients["200"].refresh_from_db()
    assert clients["200"].stage == Stage.LOST
    assert "Rival & Co" in clients["200"].selection_decisions.get().reason
    assert "Win back" in said(as_head.get("/clients/slipping/"))


def test_a_kam_records_the_loss_of_his_client_and_the_stage_stays_the_heads(
    as_kam, as_other_kam, keys, today
):
    path = f"/clients/{keys['200'].pk}/loss/"
    assert as_other_kam.post(path, loss_form(today)).status_code == 404
    assert as_kam.post(path, loss_form(today)).status_code == 302
    keys["200"].refresh_from_db()
    assert keys["200"].stage == Stage.KEY
    assert Loss.objects.get().client == keys["200"]


@pytest.mark.parametrize(
    ("ago", "sentence"),
    [(-1, "still to come"), (210, "It ordered on"), (None, "Enter a valid date")],
)
def test_a_day_that_cannot_be_is_refused_with_a_sentence(as_head, clients, today, ago, sentence):
    day = "31.31.2026" if ago is None else (today - ago * DAY).isoformat()
    answer = as_head.post(f"/clients/{clients['200'].pk}/loss/", loss_form(today, lost_on=day))
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert "The tender went to the lowest price." in said(answer)
    assert not Loss.objects.exists()


def test_a_client_is_lost_once(as_head, clients, today):
    path = f"/clients/{clients['200'].pk}/loss/"
    as_head.post(path, loss_form(today))
    again = as_head.post(path, loss_form(today))
    assert again.url == f"/clients/losses/{Loss.objects.get().pk}/"
    assert Loss.objects.count() == 1


def test_two_people_never_overwrite_each_others_loss_silently(as_head, clients, today):
    as_head.post(f"/clients/{clients['200'].pk}/loss/", loss_form(today))
    loss = Loss.objects.get()
    path = f"/clients/losses/{loss.pk}/"
    first = as_head.post(path, loss_form(today, reason="service", version=loss.version))
    assert first.status_code == 302
    second = as_head.post(path, loss_form(today, reason="quality", version=loss.version))
    assert second.status_code == 409
    assert "Service or delivery" in said(second)  # what stands there now
    loss.refresh_from_db()
    assert loss.reason == "service"
    meant = as_head.post(path, loss_form(today, reason="quality", version=loss.version))
    assert meant.status_code == 302
    assert as_head.post(path, loss_form(today, reason="price")).status_code == 403  # no version


def test_losses_are_counted_by_reason_direction_and_quarter(as_head, clients, today):
    as_head.post(f"/clients/{clients['200'].pk}/loss/", loss_form(today))
    page = as_head.get("/clients/losses/")
    by_reason, by_direction = page.context["tables"]
    assert [(row["label"], row["losses"], row["revenue"]) for row in by_reason["rows"]] == [
        ("Price", 1, Decimal(800))
    ]
    assert by_direction["rows"][0]["label"] == "To a competitor"
    assert len(page.context["charts"]) == 2
    assert "1 lost and 0 came back in 8 quarters." in said(page)
    assert len(as_head.get("/clients/losses/?reason=service").context["page"].object_list) == 0
    assert len(as_head.get("/clients/losses/?state=open").context["page"].object_list) == 1


def test_a_client_that_ordered_again_is_seen_from_the_sales_and_made_regular_by_the_head(
    as_head, as_kam, clients, buys, today
):
    lost_on = (today - 100 * DAY).isoformat()
    as_head.post(f"/clients/{clients['200'].pk}/loss/", loss_form(today, lost_on=lost_on))
    loss = Loss.objects.get()
    assert "not ordered again" in said(
        as_head.post(f"/clients/losses/{loss.pk}/welcome-back/", follow=True)
    )
    buys({"200": [50]})
    page = as_head.get("/clients/losses/")
    assert "Make it regular" in said(page)
    assert as_kam.post(f"/clients/losses/{loss.pk}/welcome-back/").status_code == 403
    as_head.post(f"/clients/losses/{loss.pk}/welcome-back/")
    clients["200"].refresh_from_db()
    assert clients["200"].stage == Stage.REGULAR


# ── Winning back ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def loss(as_head, clients, today):
    lost_on = (today - 100 * DAY).isoformat()
    as_head.post(f"/clients/{clients['200'].pk}/loss/", loss_form(today, lost_on=lost_on))
    return Loss.objects.get()


def measure_form(owner, **changes):
    return {
        "kind": "visit",
        "what": "Talk with the new buyer",
        "owner": owner.pk,
        "budget": "250",
        "currency": "EUR",
        "state": "planned",
        **changes,
    }


def test_a_measure_is_added_in_place_and_without_javascript(as_head, kam, loss):
    path = f"/clients/win-back/{loss.pk}/add/"
    part = as_head.get(path, headers=HTMX)
    assert said(part).startswith("<section")
    assert "HX-Request" in part["Vary"]
    assert "<html" in said(as_head.get(path))
    answer = as_head.post(path, measure_form(kam), headers=HTMX)
    assert answer.status_code == 200
    assert "Talk with the new buyer" in said(answer)
    plain = as_head.post(path, measure_form(kam, what="A second one"))
    assert plain.url == f"/clients/win-back/#loss-{loss.pk}"
    assert WinBackMeasure.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"budget": "-1"}, "A budget is not negative."),
        ({"what": ""}, "This field is required."),
        ({"currency": "Euro"}, "at most 3"),
        ({"state": "done", "done_on": "2999-01-01"}, "still to come"),
        ({"due_on": "soon"}, "Enter a valid date"),
    ],
)
def test_a_measure_that_cannot_be_is_refused_and_what_was_typed_stays(
    as_head, kam, loss, changes, sentence
):
    path = f"/clients/win-back/{loss.pk}/add/"
    answer = as_head.post(path, measure_form(kam, result="Kept", **changes), headers=HTMX)
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert "Kept" in said(answer)
    assert not WinBackMeasure.objects.exists()


def test_two_people_never_overwrite_each_others_measure_silently(as_head, kam, loss):
    as_head.post(f"/clients/win-back/{loss.pk}/add/", measure_form(kam))
    measure = WinBackMeasure.objects.get()
    path = f"/clients/win-back/measures/{measure.pk}/"
    seen = measure.version
    as_head.post(path, measure_form(kam, what="A visit in May", version=seen))
    second = as_head.post(path, measure_form(kam, what="A gift", version=seen), headers=HTMX)
    assert second.status_code == 409
    assert "A visit in May" in said(second)
    assert "A gift" in said(second)
    measure.refresh_from_db()
    assert measure.what == "A visit in May"
    stale = as_head.post(f"{path}delete/", {"version": seen})
    assert stale.status_code == 409
    assert as_head.post(f"{path}delete/").status_code == 400
    assert as_head.post(f"{path}delete/", {"version": measure.version}).status_code == 302
    assert not WinBackMeasure.objects.exists()


def test_what_came_back_is_added_up_from_the_lines_and_held_against_the_costs(
    as_head, kam, loss, buys, today
):
    done = (today - 60 * DAY).isoformat()
    path = f"/clients/win-back/{loss.pk}/add/"
    as_head.post(path, measure_form(kam, state="done", done_on=done))
    as_head.post(path, measure_form(kam, budget="1000"))  # only planned: costs nothing yet
    buys({"200": [50, 40, 2]})
    [card] = as_head.get("/clients/win-back/").context["cards"]
    assert card.loss.returned_on == today - 50 * DAY
    assert (card.came_back.revenue, card.came_back.orders) == (300, 3)
    assert (card.came_back.since, card.came_back.until) == (today - 50 * DAY, today - 2 * DAY)
    assert card.came_back.cost == 250
    page = said(as_head.get("/clients/win-back/"))
    assert "from the sales lines of 3 orders" in page
    # A measure that was done after the first order is credited with what came after it alone.
    measure = WinBackMeasure.objects.get(state="done")
    later = (today - 45 * DAY).isoformat()
    as_head.post(
        f"/clients/win-back/measures/{measure.pk}/",
        measure_form(kam, state="done", done_on=later, version=measure.version),
    )
    [card] = as_head.get("/clients/win-back/").context["cards"]
    assert card.came_back.orders == 2


def test_a_kam_keeps_the_measures_of_his_clients_and_of_no_others(
    as_kam, as_other_kam, as_analyst, keys, kam, today
):
    as_kam.post(f"/clients/{keys['200'].pk}/loss/", loss_form(today))
    loss = Loss.objects.get()
    path = f"/clients/win-back/{loss.pk}/add/"
    assert as_other_kam.post(path, measure_form(kam)).status_code == 404
    assert as_analyst.post(path, measure_form(kam)).status_code == 403
    assert as_kam.post(path, measure_form(kam)).status_code == 302
    assert "Talk with the new buyer" in said(as_analyst.get("/clients/win-back/"))
    assert "Talk with the new buyer" not in said(as_other_kam.get("/clients/win-back/"))
    assert (
        "Talk with the new buyer" not in as_other_kam.get("/clients/win-back.csv").content.decode()
    )


def test_the_list_goes_out_as_csv_and_workbook_and_runs_no_formula(as_head, kam, loss):
    as_head.post(f"/clients/win-back/{loss.pk}/add/", measure_form(kam, what="=1+1"))
    text = as_head.get("/clients/win-back.csv").content.decode("utf-8-sig")
    assert "'=1+1" in text
    assert "800" in text
    book = b"".join(as_head.get("/clients/win-back.xlsx").streaming_content)
    assert io.BytesIO(book).read(2) == b"PK"


# ── By API ───────────────────────────────────────────────────────────────────────────────────

JSON = "application/json"


def test_the_api_goes_through_the_same_doors(
    as_head, as_kam, as_colleague, as_analyst, clients, kam
):
    slips = as_head.get("/api/rhythms/?slipping=true").json()["results"]
    assert [row["client"]["name"] for row in slips] == [clients["100"].name]
    assert len(as_head.get("/api/slippings/?open=true").json()["results"]) == 2
    told = {
        "client": clients["200"].pk,
        "lost_on": timezone.localdate().isoformat(),
        "reason": "price",
        "direction": "unknown",
    }
    assert as_analyst.post("/api/losses/", told, content_type=JSON).status_code == 403
    assert as_kam.post("/api/losses/", told, content_type=JSON).status_code == 400  # not his
    made = as_head.post("/api/losses/", told, content_type=JSON)
    assert made.status_code == 201
    assert as_head.post("/api/losses/", told, content_type=JSON).status_code == 400
    loss = made.json()
    path = f"/api/losses/{loss['id']}/"
    change = {"reason": "service"}
    assert as_head.patch(path, change, content_type=JSON).status_code == 428
    match = {"If-Match": f'"{loss["version"]}"'}
    assert as_head.patch(path, change, content_type=JSON, headers=match).status_code == 200
    stale = as_head.patch(path, change, content_type=JSON, headers=match)
    assert stale.status_code == 412
    assert stale.json()["stands"]["reason"] == "service"
    assert as_analyst.patch(path, change, content_type=JSON, headers=match).status_code == 403
    measure = {"loss": loss["id"], "kind": "gift", "what": "A calendar", "owner": kam.pk}
    made = as_head.post("/api/win-back-measures/", measure, content_type=JSON)
    assert made.status_code == 201
    bad = as_head.post("/api/win-back-measures/", {**measure, "budget": "-1"}, content_type=JSON)
    assert bad.status_code == 400
    assert as_colleague.get("/api/losses/").json()["results"] == []
    one = f"/api/win-back-measures/{made.json()['id']}/"
    assert as_head.delete(one).status_code == 428
    assert as_head.delete(one, headers={"If-Match": "1"}).status_code == 204


def test_of_whom_it_is_not_known_what_they_bought_the_win_back_list_tells_last(
    as_head, keys, today
):
    Loss.objects.create(client=keys["100"], lost_on=today)
    Loss.objects.create(client=keys["200"], lost_on=today - DAY, revenue_before=Decimal(800))
    cards = as_head.get("/clients/win-back/").context["cards"]
    assert [card.loss.client.external_id for card in cards] == ["200", "100"]

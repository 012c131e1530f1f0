"""Who slips is noted once, told once, and seen to come back: whatever is imported, undone or run twice."""

import datetime
import itertools
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Client
from segmentation import (
    merging,
    rhythm,
    rhythm_words,
    slipping,
    splitting,
    tasks,
    telling_slips,
)
from segmentation.models import (
    Loss,
    Policy,
    Rhythm,
    SalesLine,
    SlippingEpisode,
    SlippingNotice,
)
from tests import factories
from tests.segmentation.conftest import DATA

DAY = datetime.timedelta(days=1)
FIRST = datetime.date(2026, 1, 5)


def every(days: int, times: int, *, begun: datetime.date = FIRST) -> list[datetime.date]:
    return [begun + number * days * DAY for number in range(times)]


@pytest.fixture
def buys(bring_in):
    """`buys({"100": [days]})`: an order of ten euro on each of these days."""

    def do(orders):
        rows = [
            (f"{client}/{day}", client, day.isoformat(), 1, "10")
            for client, days in orders.items()
            for day in days
        ]
        return bring_in(rows)

    return do


@pytest.fixture
def slipping_client(buys):
    """Orders every ten days until 26 March: slips from the 15th day on, is lost from the 90th."""
    buys({"100": every(10, 9)})
    return Client.objects.get(external_id="100")


LAST = FIRST + 80 * DAY


def test_a_rhythm_is_worked_out_from_the_days_with_an_order(slipping_client):
    slipping.look(today=LAST + DAY)
    row = Rhythm.objects.get(client=slipping_client)
    assert (row.orders, row.median_days, row.spread_days) == (9, 10, 0)
    assert (row.first_on, row.last_on) == (FIRST, LAST)
    assert (row.slips_on, row.lost_on) == (LAST + 15 * DAY, LAST + 90 * DAY)
    assert (row.revenue, row.currency) == (90, "EUR")
    assert rhythm_words.said(row, today=LAST + 31 * DAY) == (
        "orders every 10 days; 31 days without one"
    )


def test_credit_notes_are_no_orders(bring_in, buys):
    buys({"100": every(10, 9)})
    bring_in([("K1", "100", (LAST + 12 * DAY).isoformat(), -1, "10")])
    slipping.look(today=LAST + 20 * DAY)
    assert Rhythm.objects.get().last_on == LAST


def test_a_client_slips_on_its_day_and_not_before(slipping_client):
    assert slipping.look(today=LAST + 14 * DAY).raised == 0
    assert slipping.look(today=LAST + 15 * DAY).raised == 1
    episode = SlippingEpisode.objects.get()
    assert (episode.client, episode.last_order_on) == (slipping_client, LAST)
    assert (episode.noticed_on, episode.lost_on, episode.ended_on) == (LAST + 15 * DAY, None, None)


def test_looking_again_changes_nothing(slipping_client):
    slipping.look(today=LAST + 15 * DAY)
    assert slipping.look(today=LAST + 15 * DAY) == slipping.Look()
    assert slipping.look(today=LAST + 16 * DAY) == slipping.Look()


def test_a_scheduler_that_was_down_for_weeks_notes_one_episode_slipped_and_lost(slipping_client):
    done = slipping.look(today=LAST + 200 * DAY)
    assert (done.raised, done.lost) == (1, 1)
    assert SlippingEpisode.objects.get().lost_on == LAST + 90 * DAY


def test_an_order_ends_the_episode_and_the_next_silence_is_another(slipping_client, buys):
    slipping.look(today=LAST + 20 * DAY)
    buys({"100": [LAST + 21 * DAY]})
    assert slipping.look(today=LAST + 22 * DAY).ended == 1
    assert SlippingEpisode.objects.get().ended_on == LAST + 21 * DAY
    assert slipping.look(today=LAST + 60 * DAY).raised == 1
    assert SlippingEpisode.objects.count() == 2


def test_an_order_that_is_taken_back_takes_the_same_episode_up_again(slipping_client, buys):
    slipping.look(today=LAST + 20 * DAY)
    buys({"100": [LAST + 21 * DAY]})
    slipping.look(today=LAST + 22 * DAY)
    SalesLine.objects.filter(sold_on=LAST + 21 * DAY).delete()
    done = slipping.look(today=LAST + 23 * DAY)
    assert (done.raised, done.notices) == (0, 0)
    assert SlippingEpisode.objects.get().ended_on is None


def test_three_orders_are_no_rhythm_and_so_nobody_slips(buys):
    buys({"100": every(10, 3)})
    assert slipping.look(today=LAST + 900 * DAY).raised == 0
    row = Rhythm.objects.get()
    assert (row.orders, row.median_days, row.slips_on) == (3, None, None)
    assert "too few to know" in rhythm_words.usual(row)


def test_the_policy_decides(slipping_client):
    strict = Policy.objects.create(slip_factor=1, slip_spreads=0, lost_factor=2, lost_min_days=1)
    slipping.look(today=LAST, policy=strict)
    row = Rhythm.objects.get()
    assert (row.slips_on, row.lost_on) == (LAST + 10 * DAY, LAST + 20 * DAY)
    assert row.policy == strict


def test_of_an_import_only_the_clients_that_it_touched_are_looked_at(buys):
    buys({"100": every(10, 9)})
    second = buys({"200": every(10, 9)})
    touched = slipping.clients_of(second)
    assert [Client.objects.get(pk=pk).external_id for pk in touched] == ["200"]
    slipping.look(today=LAST, clients=touched)
    assert [row.client.external_id for row in Rhythm.objects.all()] == ["200"]


def test_who_is_recorded_as_lost_has_come_back_with_the_next_order(slipping_client, buys):
    loss = Loss.objects.create(client=slipping_client, lost_on=LAST + 30 * DAY)
    buys({"100": [LAST + 20 * DAY]})  # comes late, but is from before
    slipping.look(today=LAST + 40 * DAY)
    loss.refresh_from_db()
    assert loss.returned_on is None
    buys({"100": [LAST + 50 * DAY]})
    assert slipping.look(today=LAST + 60 * DAY).returned == 1
    loss.refresh_from_db()
    assert loss.returned_on == LAST + 50 * DAY
    SalesLine.objects.filter(sold_on=LAST + 50 * DAY).delete()
    slipping.look(today=LAST + 60 * DAY)
    loss.refresh_from_db()
    assert loss.returned_on is None


# ── Who is told ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def key_client_that_slips(slipping_client, head, kam, other_kam):
    factories.dossier(of=slipping_client, kam=kam, deputy=other_kam, by=head, today=FIRST)
    return slipping_client


def test_kam_deputy_and_head_are_told_of_a_key_client_and_nobody_else(
    key_client_that_slips, kam, other_kam, head, analyst, colleague, admin
):
    for _twice in range(2):
        slipping.look(today=LAST + 15 * DAY)
        telling_slips.deliver_notices()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        person.email for person in (kam, other_kam, head)
    )
    assert key_client_that_slips.name in mail.outbox[0].body
    assert "orders every 10 days" in mail.outbox[0].body
    assert "/clients/slipping/" in mail.outbox[0].body


def test_each_is_told_in_his_language(key_client_that_slips, kam):
    kam.language = "pl"
    kam.save()
    slipping.look(today=LAST + 15 * DAY)
    telling_slips.deliver_notices()
    [to_kam] = [message for message in mail.outbox if message.to == [kam.email]]
    assert "marca" in to_kam.body or "26.03.2026" in to_kam.body


def test_of_other_clients_only_the_head_is_told_and_only_of_class_a(
    segmented, buys, head, kam, analyst
):
    run = segmented({"100": [1000] * 9, "300": [1] * 9})
    run.in_force = True
    run.put_in_force_at = run.finished_at
    run.save()
    slipping.look(today=datetime.date(2026, 12, 24))
    assert SlippingEpisode.objects.count() == 2
    assert [
        (notice.person, notice.episode.client.external_id)
        for notice in SlippingNotice.objects.all()
    ] == [(head, "100")]


def test_who_slips_in_one_night_comes_in_one_e_mail(segmented, buys, head):
    run = segmented({"100": [1000] * 9, "200": [900] * 9, "300": [1] * 9})
    run.in_force = True
    run.put_in_force_at = run.finished_at
    run.save()
    slipping.look(today=datetime.date(2026, 12, 24))
    assert telling_slips.deliver_notices() == 1
    [message] = mail.outbox
    assert message.subject == "2 clients have not ordered as usual"
    assert message.body.index("100") < message.body.index("200")  # the most revenue first
    assert telling_slips.deliver_notices() == 0


def test_whoever_handed_the_client_over_or_has_seen_it_order_is_not_told(
    key_client_that_slips, buys, kam
):
    slipping.look(today=LAST + 15 * DAY)
    buys({"100": [LAST + 16 * DAY]})
    slipping.look(today=LAST + 16 * DAY)
    assert telling_slips.deliver_notices() == 0
    assert not SlippingNotice.objects.unsent().exists()


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_raise_and_tell_each_slipping_once(ledger):
    from segmentation import sales_import
    from tests.segmentation.conftest import COLUMNS

    head = factories.head()
    rows = [
        (f"{client}/{day}", str(client), day.isoformat(), 1, "10")
        for client in range(30)
        for day in every(10, 9)
    ]
    sales_import.import_file(ledger(rows), columns=COLUMNS, currency="EUR")
    for client in Client.objects.all()[:5]:
        factories.dossier(of=client, by=head, today=FIRST)

    def look(_number):
        try:
            return slipping.look(today=LAST + 15 * DAY), telling_slips.deliver_notices()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(look, range(4)))
    assert sum(each.raised for each, _sent in done) == 30
    assert sum(each.notices for each, _sent in done) == 5
    assert SlippingEpisode.objects.count() == 30
    assert len(mail.outbox) == sum(sent for _each, sent in done) <= 5
    assert not SlippingNotice.objects.unsent().exists()


def test_a_look_that_dies_half_way_has_not_been(key_client_that_slips, monkeypatch):
    monkeypatch.setattr(slipping, "_OWE", "SELECT 1 / 0")
    with pytest.raises(Exception, match="division"):
        slipping.look(today=LAST + 15 * DAY)
    assert not SlippingEpisode.objects.exists()
    monkeypatch.undo()
    assert slipping.look(today=LAST + 15 * DAY).notices == 3


# ── The database's arithmetic and that of rhythm.py are one ──────────────────────────────────


def stored_lines(orders: dict[int, list[datetime.date]]) -> None:
    """Lines alone, without the import: what the look reads."""
    SalesLine.objects.all().delete()
    SalesLine.objects.bulk_create(
        SalesLine(
            document_id=client * 10_000 + place,
            line_no=1,
            client_id=client,
            sold_on=day,
            amount=Decimal(10),
            currency="EUR",
        )
        for client, days in orders.items()
        for place, day in enumerate(days)
    )


def assert_equal(row: Rhythm, found: rhythm.Rhythm) -> None:
    assert (row.orders, row.first_on, row.last_on) == (found.orders, found.first_on, found.last_on)
    assert (row.median_days, row.spread_days) == (found.median, found.spread)
    assert (row.slips_on, row.lost_on) == (found.slips_on, found.lost_on)


POLICIES = st.builds(
    Policy,
    rhythm_min_orders=st.integers(3, 6),
    slip_spreads=st.integers(0, 60).map(lambda tenths: Decimal(tenths) / 10),
    slip_factor=st.integers(10, 40).map(lambda tenths: Decimal(tenths) / 10),
    lost_factor=st.integers(41, 90).map(lambda tenths: Decimal(tenths) / 10),
    lost_min_days=st.integers(0, 200),
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 700), min_size=1, max_size=25), min_size=1, max_size=6),
    POLICIES,
)
def test_the_database_works_out_what_the_arithmetic_says(offsets, policy):
    clients = [
        Client.objects.get_or_create(name=f"C{number}", external_id=f"hyp{number}")[0].pk
        for number in range(len(offsets))
    ]
    policy.pk = None
    policy.save()
    orders = {
        client: [FIRST + offset * DAY for offset in days]
        for client, days in zip(clients, offsets, strict=True)
    }
    stored_lines(orders)
    slipping.look(today=FIRST + 800 * DAY, policy=policy)
    rule = rhythm.Rule.of(policy)
    rows = {row.client_id: row for row in Rhythm.objects.all()}
    assert set(rows) == set(orders)
    for client, days in orders.items():
        assert_equal(rows[client], rhythm.of(days, rule))


@pytest.mark.slow
@pytest.mark.django_db
def test_online_retail_comes_out_the_same_when_reckoned_anew_without_our_sql():
    """Every customer of a real wholesaler: our statement against plain Python over its invoices."""
    path = DATA / "online_retail" / "online_retail.parquet"
    if not path.is_file():
        pytest.skip("the real sales lie beside the project, for development only")
    import statistics

    import pyarrow.parquet as parquet

    table = parquet.read_table(path)
    names = {name.lower().replace(" ", ""): name for name in table.column_names}
    columns = [
        table.column(names[name]).to_pylist()
        for name in ("customerid", "invoicedate", "quantity", "unitprice")
    ]
    days: dict[str, set] = {}
    for customer, moment, quantity, price in zip(*columns, strict=True):
        if customer is not None and quantity > 0 and price > 0:
            day = moment.date() if hasattr(moment, "date") else moment
            days.setdefault(str(customer), set()).add(day)
    clients = {
        customer: client.pk
        for customer, client in zip(
            days,
            Client.objects.bulk_create(
                Client(name=customer, name_sort=customer, external_id=customer) for customer in days
            ),
            strict=True,
        )
    }
    stored_lines({clients[customer]: sorted(each) for customer, each in days.items()})
    policy = Policy()
    end = max(max(each) for each in days.values())
    slipping.look(today=end, policy=policy)
    rows = {row.client_id: row for row in Rhythm.objects.all()}
    assert len(rows) == len(days) > 4000
    known = 0
    for customer, each in days.items():
        row = rows[clients[customer]]
        ordered = sorted(each)
        gaps = [(b - a).days for a, b in itertools.pairwise(ordered)]
        if len(ordered) < policy.rhythm_min_orders:
            assert (row.median_days, row.slips_on) == (None, None)
            continue
        known += 1
        usual = statistics.median(gaps)
        give_or_take = statistics.median(abs(gap - usual) for gap in gaps)
        assert (float(row.median_days), float(row.spread_days)) == (usual, give_or_take)
        # tenths of days as whole numbers: nothing is rounded on the way
        slips = -(-max(20 * usual + 40 * give_or_take, 30 * usual) // 20)
        lost = max(slips, -(-max(4 * usual, 90) // 1))
        assert (row.slips_on - row.last_on).days == slips
        assert (row.lost_on - row.last_on).days == lost
    assert known > 1000


def test_sales_from_before_there_were_rhythms_are_looked_at_without_waiting_for_the_morning(
    slipping_client, monkeypatch
):
    rung = []
    monkeypatch.setattr(tasks.look_for_slipping, "delay", lambda: rung.append(1))
    tasks.take_up_abandoned()
    assert rung == [1]
    slipping.look(today=LAST)
    tasks.take_up_abandoned()
    assert rung == [1]


def test_a_return_that_is_gone_does_not_open_a_second_loss_beside_an_open_one(slipping_client):
    Loss.objects.create(client=slipping_client, lost_on=LAST + 40 * DAY)
    merged_in = Loss.objects.create(
        client=slipping_client, lost_on=LAST + 10 * DAY, returned_on=LAST + 20 * DAY
    )
    assert slipping.look(today=LAST + 60 * DAY).returned == 0
    merged_in.refresh_from_db()
    assert merged_in.returned_on == LAST + 20 * DAY


def test_who_went_on_buying_under_another_number_slips_no_more_once_the_two_are_merged(buys):
    buys({"100": every(10, 9), "200": every(10, 9, begun=LAST + 10 * DAY)})
    old, new = (Client.objects.get(external_id=number) for number in ("100", "200"))
    today = LAST + 100 * DAY
    slipping.look(today=today)
    assert old.slipping_episodes.get().ended_on is None
    done = merging.merge(old, new, by=factories.analyst(), today=today)
    known = Rhythm.objects.get()
    assert (known.client, known.orders, known.slips(today)) == (old, 18, False)
    assert old.slipping_episodes.get().ended_on == LAST + 10 * DAY
    splitting.split(done, by=factories.analyst())
    assert {row.client_id: row.orders for row in Rhythm.objects.all()} == {old.pk: 9, new.pk: 9}
    assert old.slipping_episodes.get().ended_on is None

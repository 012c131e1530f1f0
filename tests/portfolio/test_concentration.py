"""How much of our sales hangs on a few clients: the page for head and analyst."""

import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Client
from segmentation import concentration_figures as figures_of
from segmentation import policies
from segmentation.models import MonthlySales
from tests import factories

PAGE = "/portfolio/concentration/"
LAST = datetime.date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _november(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *_args: factories.TODAY)


def sold(client, revenue, *, month=LAST, currency="EUR", cost="", **_ignored):
    """One month of a client; without a cost its margin is not known."""
    return MonthlySales.objects.create(
        client=client,
        month=month,
        currency=currency,
        revenue=Decimal(revenue),
        cost=Decimal(cost) if cost != "" else None,
        orders=1,
        active=True,
    )


@pytest.fixture
def five(db):
    """50, 30, 10, 5 and 5 of a hundred, in two channels, and one who returned more than he bought."""
    clients = {
        name: factories.client(name=name, channel=channel)
        for name, channel in (
            ("Alfa", "Direct"), ("Beta", "Direct"), ("Gamma", "Branch"), ("Delta", "Branch"),
            ("Epsilon", "Branch"), ("Zeta", ""),
        )
    }  # fmt: skip
    amounts = {"Alfa": 50, "Beta": 30, "Gamma": 10, "Delta": 5, "Epsilon": 5, "Zeta": -40}
    for name, amount in amounts.items():
        sold(clients[name], amount, cost="1" if name == "Alfa" else "")
    return clients


def text(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_the_head_reads_shares_and_index_with_their_bands(as_head, five):
    context = as_head.get(PAGE).context
    tiles = {tile.key: tile for tile in context["tiles"]}
    values = {key: tile.value.replace("\xa0", " ") for key, tile in tiles.items()}
    assert values == {
        "first": "50.0 %", "three": "90.0 %", "ten": "100.0 %", "hhi": "3,550", "effective": "2.8",
    }  # fmt: skip
    assert tiles["first"].band[0] == "high"
    assert tiles["hhi"].band[0] == "high"
    page = text(as_head.get(PAGE))
    assert "November 2025 – October 2026" in page
    assert "US Merger Guidelines of 2023" in page


def test_the_bands_follow_the_policy(as_head, head, five):
    policies.set_policy(
        by=head, reason="We live on few clients.", first_share_medium=60, first_share_high=70,
        hhi_medium=4000, hhi_high=5000,
    )  # fmt: skip
    tiles = {tile.key: tile for tile in as_head.get(PAGE).context["tiles"]}
    assert (tiles["first"].band[0], tiles["hhi"].band[0]) == ("low", "low")


def test_the_clients_stand_from_the_largest_with_their_running_share(as_head, five):
    rows = as_head.get(PAGE).context["rows"]
    assert [row["client"].name for row in rows] == list(five)
    assert [row["running"] for row in rows] == [Fraction(n, 100) for n in (50, 80, 90, 95, 100)] + [
        None
    ]
    assert rows[-1]["share"] is None


def test_each_channel_says_how_concentrated_it_is_in_itself(as_head, five):
    channels = as_head.get(PAGE).context["figures"].channels
    assert [(one.name, one.share, one.within.first) for one in channels[:2]] == [
        ("Direct", Fraction(8, 10), Fraction(50, 80)),
        ("Branch", Fraction(2, 10), Fraction(10, 20)),
    ]
    over = as_head.get(PAGE).context["figures"].over_channels
    assert over.hhi == 6800  # 80² + 20²


def test_an_unknown_margin_is_said_and_not_guessed(as_head, five):
    page = text(as_head.get(PAGE, {"by": "margin"}))
    assert "The margin of 5 clients is not known" in page
    figures = as_head.get(PAGE, {"by": "margin"}).context["figures"]
    assert [figures.amount(one) for one in figures.clients] == [49]


def test_one_currency_at_a_time(as_head, five):
    sold(five["Beta"], 1000, currency="PLN")
    assert as_head.get(PAGE).context["figures"].concentration.total == 100
    zloty = as_head.get(PAGE, {"currency": "PLN"}).context["figures"]
    assert zloty.concentration.total == 1000
    assert "Currency" in text(as_head.get(PAGE))


def test_a_period_is_chosen_and_nonsense_counts_as_not_chosen(as_head, five):
    sold(five["Beta"], 400, month=datetime.date(2026, 8, 1))
    window = as_head.get(PAGE, {"to": "2026-09", "months": "2"}).context["figures"]
    assert window.concentration.total == 400
    for nonsense in ({"to": "2026-99"}, {"months": "0"}, {"months": "²"}, {"currency": "<b>"}, {"by": "x"}, {"page": "z"}):  # fmt: skip
        assert as_head.get(PAGE, nonsense).context["window"].months == 12


def test_the_figures_are_never_older_than_the_sales(as_head, five):
    as_head.get(PAGE)
    sold(five["Gamma"], 900, month=datetime.date(2026, 9, 1))
    context = as_head.get(PAGE).context
    assert context["rows"][0]["client"].name == "Gamma"
    Client.objects.filter(pk=five["Alfa"].pk).update(channel="Moved")
    assert "Moved" in {one.name for one in as_head.get(PAGE).context["figures"].channels}


def test_the_trend_is_what_each_month_end_would_have_shown(as_head, head, five):
    for place, (name, amount) in enumerate(
        [("Alfa", 70), ("Beta", -20), ("Gamma", 33), ("Beta", 90), ("Delta", 1)]
    ):
        sold(five[name], amount, month=datetime.date(2025, 2 + 2 * place, 1))
    window = figures_of.default_window("EUR", today=factories.TODAY)
    ends = figures_of.trend(window, user=head)
    assert [ends[0].month, ends[-1].month] == [datetime.date(2025, 2, 1), LAST]
    for end in ends:
        then = figures_of.Window(end.month, "EUR")
        assert end.figures == figures_of.of(then, user=head).concentration, end.month
    margin = figures_of.Window(LAST, "EUR", 12, "margin")
    last = figures_of.trend(margin, user=head)[-1]
    assert (last.figures.clients, last.unknown) == (1, 5)


def test_the_trend_is_one_query(head, five, django_assert_num_queries):
    window = figures_of.default_window("EUR", today=factories.TODAY)
    with django_assert_num_queries(2):  # what has changed, and the trend
        figures_of.trend(window, user=head)
    with django_assert_num_queries(1):
        figures_of.trend(window, user=head)


def test_without_sales_the_page_says_what_comes_first(as_head, as_analyst):
    assert "No sales yet" in text(as_head.get(PAGE))
    assert "No sales yet" in text(as_analyst.get(PAGE))


def test_an_analyst_reads_the_figures_and_is_not_offered_the_dossiers(as_analyst, as_head, five):
    page = text(as_analyst.get(PAGE))
    assert "Herfindahl index" in page
    assert "what-if" not in page
    assert "what-if" in text(as_head.get(PAGE))


@pytest.mark.parametrize("browser", ["as_kam", "as_colleague", "as_admin"])
def test_others_are_refused_with_a_sentence(request, browser, five):
    answer = request.getfixturevalue(browser).get(PAGE)
    assert answer.status_code == 403
    assert "Ask a sales head" in answer.content.decode()


def test_who_may_not_see_all_figures_gets_none_from_the_function_either(kam, five):
    window = figures_of.default_window("EUR", today=factories.TODAY)
    assert figures_of.of(window, user=kam).clients == ()
    assert figures_of.trend(window, user=kam) == []


def test_htmx_is_sent_the_part_alone(as_head, five):
    answer = as_head.get(PAGE, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith("<div")
    assert f'hx-get="{PAGE}"' in answer.content.decode()
    assert "HX-Request" in answer.headers["Vary"]


def test_the_portfolio_says_how_concentrated_the_sales_are(as_head, dossier, five):
    page = text(as_head.get("/portfolio/"))
    assert "On whom we depend" in page
    assert "3,550" in page


def test_the_same_by_sql_alone(head, five):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT max(t) / sum(t), 10000 * sum(t * t) / (sum(t) * sum(t)) FROM (
                   SELECT sum(revenue) AS t FROM segmentation_monthlysales
                   WHERE currency = 'EUR' AND month BETWEEN '2025-11-01' AND '2026-10-01' GROUP BY client_id
               ) AS totals WHERE t > 0"""
        )
        first, index = cursor.fetchone()
    window = figures_of.default_window("EUR", today=factories.TODAY)
    found = figures_of.of(window, user=head).concentration
    assert (found.first, found.hhi) == (Fraction(first), Fraction(index))

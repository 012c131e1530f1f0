"""The head's portfolio."""

import datetime
import re

import pytest

from dossiers import opening
from tests import factories
from tests.portfolio import figures

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args, **_kwargs: TODAY)


@pytest.fixture
def world(head, kam, other_kam):
    """Five key clients: two of Karol's, two of Olga's (one overdue), one without a KAM."""
    made = {
        "Calm Ltd": factories.dossier(
            kam=kam, by=head, name="Calm Ltd", today=datetime.date(2026, 11, 1)
        ),
        "Soon Ltd": factories.dossier(
            kam=kam, by=head, name="Soon Ltd", today=datetime.date(2026, 8, 25)
        ),
        "Late Ltd": factories.dossier(
            kam=other_kam, by=head, name="Late Ltd", today=datetime.date(2026, 8, 1)
        ),
        "Łódź Steel": factories.dossier(
            kam=other_kam, by=head, name="Łódź Steel", today=datetime.date(2026, 10, 1)
        ),
        "Orphan Ltd": factories.dossier(
            by=head, name="Orphan Ltd", today=datetime.date(2026, 10, 10)
        ),
    }
    figures.segment(made["Calm Ltd"].client, "AX", share="0.30", previous="AY")
    figures.segment(made["Late Ltd"].client, "AX", share="0.10")
    figures.segment(made["Soon Ltd"].client, "BZ", share="0.05")
    type(made["Calm Ltd"]).objects.filter(pk=made["Calm Ltd"].pk).update(types=["expert"])
    return made


def page(browser, query="", **headers):
    answer = browser.get(f"/portfolio/{query}", **headers)
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def listed(source):
    """The clients of the list, in its order."""
    table = re.search(r'<table class="table table-stack portfolio-table">.*?</table>', source, re.S)
    return (
        re.findall(r'<th scope="row"><a class="table-link"[^>]*>([^<]+)</a>', table[0])
        if table
        else []
    )


def test_clients_stand_by_kam_nobodys_first_then_whoever_is_most_overdue(as_head, world):
    source = page(as_head)
    assert listed(source) == ["Orphan Ltd", "Late Ltd", "Łódź Steel", "Soon Ltd", "Calm Ltd"]
    assert source.index("Without a KAM") < source.index("Olga Other")
    assert "20 days overdue" in source
    assert "2 of 3 · 1 slot free" in source


def test_the_totals_say_what_they_were_computed_from(as_head, world):
    source = page(as_head)
    assert "5 key clients, which bring 45.0 % of all sales: 450,000 EUR." in source
    assert "November 2025 – October 2026" in source
    assert "Run " in source


def test_the_nine_cells_hold_the_names_with_their_way_into_the_dossier(as_head, world):
    source = page(as_head)
    matrix = source[source.index("matrix-names") :]
    for name in ("Calm Ltd", "Late Ltd", "Soon Ltd"):
        assert f'<a href="/dossiers/{world[name].pk}/">{name}</a>' in matrix
    assert "Orphan Ltd" not in matrix[: matrix.index("</table>")]
    assert "40.0 %" in matrix


def test_a_key_client_of_too_short_a_history_stands_beside_the_nine_cells(as_head, world):
    assert '<th scope="col"><b>N</b>' not in page(as_head)
    client = world["Orphan Ltd"].client
    run = figures.segment(client, "BN", share="0.20").run
    type(run).objects.filter(pk=run.pk).update(min_history=6)
    source = page(as_head)
    matrix = source[source.index("matrix-names") :]
    matrix = matrix[: matrix.index("</table>")]
    assert '<th scope="col"><b>N</b><span>too short a history</span></th>' in matrix
    assert f'<a href="/dossiers/{world["Orphan Ltd"].pk}/">Orphan Ltd</a>' in matrix
    assert "Watch" in matrix
    assert '<option value="BN"' in source
    assert listed(page(as_head, "?segment=BN")) == ["Orphan Ltd"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=lodz", ["Łódź Steel"]),
        ("?q=olga", ["Late Ltd", "Łódź Steel"]),
        ("?kam=none", ["Orphan Ltd"]),
        ("?type=expert", ["Calm Ltd"]),
        ("?segment=AX", ["Late Ltd", "Calm Ltd"]),
        ("?overdue=1", ["Late Ltd"]),
        ("?overdue=1&segment=BZ", []),
        ("?sort=client", ["Calm Ltd", "Late Ltd", "Łódź Steel", "Orphan Ltd", "Soon Ltd"]),
        ("?sort=next", ["Late Ltd", "Soon Ltd", "Łódź Steel", "Orphan Ltd", "Calm Ltd"]),
        ("?sort=-share", ["Calm Ltd", "Late Ltd", "Soon Ltd", "Łódź Steel", "Orphan Ltd"]),
        ("?sort=-share&segment=AX", ["Calm Ltd", "Late Ltd"]),
    ],
)
def test_the_head_filters_and_sorts(as_head, world, query, names):
    assert listed(page(as_head, query)) == names


def test_one_kam_alone(as_head, world, kam):
    source = page(as_head, f"?kam={kam.pk}")
    assert listed(source) == ["Soon Ltd", "Calm Ltd"]
    assert "Karol Kam · 2 clients" in source


@pytest.mark.parametrize("sort", ["client", "kam", "segment", "next", "share", "completeness"])
def test_every_heading_sorts_both_ways(as_head, world, sort):
    assert (
        len(listed(page(as_head, f"?sort={sort}")))
        == len(listed(page(as_head, f"?sort=-{sort}")))
        == 5
    )


@pytest.mark.parametrize(
    "query",
    [
        "?kam=99999999999999999999",
        "?kam=x",
        "?sort=password",
        "?page=77",
        "?segment=ZZ",
        "?q=%00",
        "?type=x",
    ],
)
def test_nonsense_in_the_address_counts_as_not_chosen(as_head, world, query):
    assert listed(page(as_head, query))


def test_in_place_only_the_list_comes_back(as_head, world):
    answer = as_head.get("/portfolio/?overdue=1", headers={"HX-Request": "true"})
    source = answer.content.decode()
    assert source.startswith('<div class="stack" id="portfolio-list">')
    assert listed(source) == ["Late Ltd"]
    assert "HX-Request" in answer["Vary"]


def test_without_a_run_the_page_says_what_is_missing(as_head, dossier):
    source = page(as_head)
    assert listed(source) == ["Huta Północ"]
    assert "No segmentation is in force" in source


def test_an_empty_portfolio_leads_to_the_ranked_clients(as_head):
    source = page(as_head)
    assert "No key client yet" in source
    assert "/clients/ranked/" in source


def test_a_closed_dossier_has_left_the_portfolio_and_is_found_under_its_tab(as_head, head, world):
    opening.release_key(world["Calm Ltd"], to="lost", by=head, reason="Gone.", today=TODAY)
    source = page(as_head)
    assert "Calm Ltd" not in listed(source)
    assert "which bring 15.0 % of all sales" in source
    closed = page(as_head, "?show=closed")
    assert listed(closed) == ["Calm Ltd"]
    assert "Lost" in closed


def test_nobody_else_sees_the_portfolio(as_kam, as_analyst, as_colleague, as_admin, anonymous):
    for browser in (as_kam, as_analyst, as_colleague, as_admin):
        assert browser.get("/portfolio/").status_code == 403
        assert browser.get("/portfolio/", headers={"HX-Request": "true"}).status_code == 403
    assert anonymous.get("/portfolio/").status_code == 302


def test_the_portfolio_asks_the_database_as_often_for_300_clients_as_for_3(
    as_head, head, django_assert_num_queries, django_assert_max_num_queries
):
    def grow(number):
        for _ in range(number):
            dossier = factories.dossier(kam=factories.kam(), by=head)
            figures.segment(dossier.client, "AX", share="0.001")

    grow(3)
    with django_assert_max_num_queries(15) as few:
        page(as_head)
    grow(297)
    with django_assert_num_queries(len(few.captured_queries)):
        page(as_head)
    # What is found is kept, so that asking again asks for less; by completeness it is found anew each time.
    with django_assert_max_num_queries(15) as again:
        page(as_head)
    assert len(again.captured_queries) < len(few.captured_queries)
    for query, more in (("?sort=-completeness", 1), ("?page=5", 0)):
        with django_assert_num_queries(len(again.captured_queries) + more):
            page(as_head, query)

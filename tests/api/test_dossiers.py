"""Dossiers by API: through the same door as pages, all pieces as they stand in the table."""

import datetime

from dossiers import reviewing
from dossiers.models import Dossier
from dossiers.pieces import PIECES
from tests import factories


def test_a_kam_reads_his_dossiers_and_no_others(as_kam, dossier, others_dossier):
    listed = as_kam.get("/api/dossiers/").json()["results"]
    assert [row["client"]["name"] for row in listed] == ["Huta Północ"]
    assert as_kam.get(f"/api/dossiers/{dossier.pk}/").status_code == 200
    assert as_kam.get(f"/api/dossiers/{others_dossier.pk}/").status_code == 404


def test_a_head_reads_all(as_head, dossier, others_dossier):
    assert as_head.get("/api/dossiers/").json()["count"] == 2


def test_who_has_no_dossiers_reads_none(as_colleague, as_analyst, as_admin, dossier):
    for browser in (as_colleague, as_analyst, as_admin):
        assert browser.get("/api/dossiers/").json()["count"] == 0
        assert browser.get(f"/api/dossiers/{dossier.pk}/").status_code == 404


def test_every_piece_is_there_with_its_fields_and_where_they_are_known_from(as_kam, dossier):
    factories.entry("financial-years", dossier, year=2025, revenue="1234567.89", source="KRS")
    buyer = factories.entry("stakeholders", dossier, name="Łucja Żak")
    factories.entry("timeline", dossier, stakeholder=buyer)
    sections = as_kam.get(f"/api/dossiers/{dossier.pk}/").json()["sections"]
    for piece in PIECES:
        kept = sections[piece.section][piece.key.replace("-", "_")]
        assert isinstance(kept, dict if piece.is_sheet else list), piece.key
        if piece.is_sheet:
            assert set(piece.fields) <= set(kept)
    year = sections["general"]["financial_years"][0]
    assert year["revenue"] == "1234567.89"
    assert (year["source"], year["certainty"], year["version"]) == ("KRS", "fact", 1)
    assert year["confirmed_by"]["name"] == "Helena Head"
    entry = sections["relationship"]["timeline"][0]
    assert entry["stakeholder"] == {"id": buyer.pk, "name": "Łucja Żak"}


def test_overdue_dossiers_can_be_asked_for(as_head, dossier, others_dossier):
    Dossier.objects.filter(pk=dossier.pk).update(
        last_reviewed_on=datetime.date(2020, 1, 1), next_review_on=datetime.date(2020, 4, 1)
    )
    late = as_head.get("/api/dossiers/", {"overdue": "true"}).json()["results"]
    assert [row["client"]["name"] for row in late] == ["Huta Północ"]
    assert late[0]["overdue"] is True


def test_everybody_reads_the_client_card_and_nothing_else_of_the_dossier(
    as_colleague, as_other_kam, dossier
):
    plan = dossier.plan
    plan.value_proposition, plan.do_not = "One delivery a month.", "Never talk about prices."
    plan.threats = "They are talking to the rival."
    plan.save()
    factories.entry("stakeholders", dossier, name="Łucja Żak")
    for browser in (as_colleague, as_other_kam):
        card = browser.get(f"/api/cards/{dossier.client_id}/").json()
        assert card["client"]["name"] == "Huta Północ"
        assert card["value_proposition"] == "One delivery a month."
        assert card["do_not"] == "Never talk about prices."
        assert card["kam"]["name"] == "Karol Kam"
        assert set(card) == {
            *("client", "types", "kam", "deputy", "value_proposition", "do", "do_not")
        }
    found = as_colleague.get("/api/cards/", {"q": "polnoc"}).json()["results"]
    assert [card["client"]["name"] for card in found] == ["Huta Północ"]


def test_a_client_that_is_not_key_has_no_card(as_head):
    small = factories.client(name="Small Ltd")
    assert as_head.get(f"/api/cards/{small.pk}/").status_code == 404


def test_revisions_follow_their_dossiers(as_kam, as_other_kam, as_colleague, dossier):
    reviewing.raise_due_reviews(today=dossier.next_review_on)
    review = dossier.reviews.get()
    seen = as_kam.get("/api/revisions/").json()["results"]
    assert [(row["state"], row["dossier"]["id"]) for row in seen] == [("raised", dossier.pk)]
    assert "snapshot" not in seen[0]
    for browser in (as_other_kam, as_colleague):
        assert browser.get(f"/api/revisions/{review.pk}/").status_code == 404


def test_asking_for_a_strangers_dossier_tells_nothing(as_kam, others_dossier):
    for number in (others_dossier.pk, 10**9):
        answer = as_kam.get("/api/revisions/", {"dossier": number})
        assert (answer.status_code, answer.json()["count"]) == (200, 0)


def test_the_number_of_queries_does_not_grow(as_head, head, dossier, django_assert_max_num_queries):
    def queries(address):
        with django_assert_max_num_queries(40) as seen:
            assert as_head.get(address).status_code == 200
        return len(seen)

    few = queries("/api/dossiers/?limit=500"), queries(f"/api/dossiers/{dossier.pk}/")
    for _number in range(5):
        factories.dossier(by=head)
    for number in range(20):
        factories.entry("timeline", dossier, title=f"Call {number}")
        factories.entry("competitors", dossier, name=f"Rival {number}")
    many = queries("/api/dossiers/?limit=500"), queries(f"/api/dossiers/{dossier.pk}/")
    assert few == many

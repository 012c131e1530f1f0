"""Clients by API: everybody sees which are key; figures only for those who may see them."""

from accounts import assigning
from tests import factories
from tests.factories import TODAY


def rows(answer) -> dict:
    assert answer.status_code == 200, answer.content
    return {row["name"]: row for row in answer.json()["results"]}


def test_a_head_reads_every_client_with_its_details(as_head, dossier):
    factories.client(name="Small Ltd", country="Poland", external_id="77")
    seen = rows(as_head.get("/api/clients/"))
    assert set(seen) == {"Huta Północ", "Small Ltd"}
    assert seen["Small Ltd"]["details"]["country"] == "Poland"
    assert seen["Small Ltd"]["kam"] is None
    assert seen["Huta Północ"]["kam"]["name"] == "Karol Kam"


def test_a_colleague_reads_key_clients_without_details(as_colleague, dossier):
    small = factories.client(name="Small Ltd")
    seen = rows(as_colleague.get("/api/clients/"))
    assert set(seen) == {"Huta Północ"}
    assert seen["Huta Północ"]["details"] is None
    assert as_colleague.get(f"/api/clients/{small.pk}/").status_code == 404


def test_a_kam_reads_details_of_his_own_clients_only(as_kam, dossier, others_dossier):
    seen = rows(as_kam.get("/api/clients/"))
    assert seen["Huta Północ"]["details"] is not None
    assert seen["Завод Восток"]["details"] is None


def test_a_deputy_reads_the_details_too(as_other_kam, other_kam, dossier, head):
    assigning.appoint_deputy(dossier.client, to=other_kam, by=head, today=TODAY)
    seen = rows(as_other_kam.get("/api/clients/"))
    assert seen["Huta Północ"]["details"] is not None
    assert seen["Huta Północ"]["deputy"]["name"] == "Olga Other"


def test_names_are_found_whatever_the_accents(as_head, dossier):
    assert set(rows(as_head.get("/api/clients/", {"q": "huta polnoc"}))) == {"Huta Północ"}
    assert not rows(as_head.get("/api/clients/", {"q": "nobody"}))


def test_asking_by_number_tells_a_colleague_nothing(as_colleague, as_head, dossier):
    number = {"external_id": dossier.client.external_id}
    assert not rows(as_colleague.get("/api/clients/", number))
    assert rows(as_head.get("/api/clients/", number))


def test_clients_of_one_kam(as_head, dossier, others_dossier, kam):
    assert set(rows(as_head.get("/api/clients/", {"kam": kam.pk}))) == {"Huta Północ"}


def test_a_wrong_filter_is_answered_with_a_sentence(as_head):
    answer = as_head.get("/api/clients/", {"stage": "whatever"})
    assert answer.status_code == 400
    assert "stage" in answer.json()


def test_rows_come_in_pages(as_head, db):
    for _number in range(3):
        factories.client()
    first = as_head.get("/api/clients/", {"limit": 2}).json()
    assert (first["count"], len(first["results"])) == (3, 2)
    second = as_head.get(first["next"]).json()
    assert len(second["results"]) == 1
    assert second["next"] is None


def test_the_api_only_reads_clients(as_head, dossier):
    address = f"/api/clients/{dossier.client_id}/"
    for method in ("post", "put", "patch", "delete"):
        assert getattr(as_head, method)(address).status_code == 405


def test_the_number_of_queries_does_not_grow(as_head, django_assert_max_num_queries, dossier):
    def queries():
        with django_assert_max_num_queries(8) as seen:
            assert as_head.get("/api/clients/", {"limit": 500}).status_code == 200
        return len(seen)

    few = queries()
    for _number in range(20):
        factories.client()
    assert queries() == few


def test_nonsense_is_a_refusal_and_no_error(as_head, dossier):
    for address in (
        "/api/clients/?q=%00",
        "/api/clients/?kam=1.5",
        "/api/clients/?kam=NaN",
        "/api/clients/?kam=1e400",
        "/api/clients/?kam=99999999999999999999999",
        "/api/clients/?limit=-1&offset=99999999999999999999",
        "/api/clients/999999999999999999999999/",
        "/api/clients/abc/",
        "/api/clients/%00/",
        "/api/dossiers/?client=1e400",
        "/api/dossiers/?due_before=0000-00-00",
        "/api/revisions/?dossier=Infinity",
    ):
        assert as_head.get(address).status_code in (200, 400, 404), address

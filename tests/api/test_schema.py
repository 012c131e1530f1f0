"""The API describes itself, completely and without a warning."""

import io

from django.core.management import call_command

from kam import api


def test_the_description_is_valid_and_nothing_in_it_is_guessed():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())


def test_the_description_is_for_people_who_sign_in(anonymous, as_colleague, db):
    assert anonymous.get("/api/schema/").status_code == 401
    answer = as_colleague.get("/api/schema/")
    assert answer.status_code == 200
    assert b"/api/dossiers/{id}/" in answer.content


def test_every_address_of_the_api_is_described(as_colleague):
    answer = as_colleague.get("/api/schema/", {"format": "json"})
    described = set(answer.json()["paths"])
    lists = {router_prefix for router_prefix, _view, _name in api.router.registry}
    assert lists
    assert {f"/api/{prefix}/" for prefix in lists} <= described

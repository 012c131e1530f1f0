"""What a load balancer sees."""

import json
import logging

import pytest
from django.core.cache import caches
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisIsAway

from kam import health
from kam.logging import JsonLines


@pytest.fixture(autouse=True)
def _forget_what_was_seen(monkeypatch):
    monkeypatch.setattr(health._Migrations, "applied", False)


def test_everything_is_there(client, db):
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "redis": "ok",
        "migrations": "ok",
    }
    assert not answer.cookies


def test_the_database_is_away(client, db, monkeypatch):
    def gone():
        raise OperationalError("password of kam: hunter2")

    with monkeypatch.context() as patch:
        patch.setattr(health.connection, "cursor", gone)
        answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unavailable"
    assert answer.json()["redis"] == "ok"
    assert b"hunter2" not in answer.content


def test_redis_is_away(client, db, monkeypatch):
    def gone(_key):
        raise RedisIsAway("nobody there")

    monkeypatch.setattr(caches["default"], "get", gone)
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["redis"] == "unavailable"


def test_a_migration_is_not_applied_yet(client, db, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["something"])
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "pending"


def test_the_process_says_it_lives_without_asking_anybody(client, django_assert_num_queries):
    answer = client.get("/health/live")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("max-age=0")


def test_a_load_balancer_knocks_by_number_without_https(client, settings):
    settings.ALLOWED_HOSTS = ["kam.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/live", headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_each_answer_carries_the_id_of_its_request(client, db):
    ours = client.get("/account/login/").headers["X-Request-ID"]
    assert len(ours) == 32
    kept = client.get("/account/login/", headers={"X-Request-ID": "proxy-1234.abcd"})
    assert kept.headers["X-Request-ID"] == "proxy-1234.abcd"
    forged = client.get("/account/login/", headers={"X-Request-ID": 'a"} {"level": "x'})
    assert len(forged.headers["X-Request-ID"]) == 32


def test_a_line_of_the_log_is_one_json_object_without_the_query(client, db, caplog):
    logger = logging.getLogger("kam.request")
    logger.setLevel(logging.INFO)
    try:
        client.get("/account/login/?q=secret-client")
    finally:
        logger.setLevel(logging.WARNING)
    record = next(record for record in caplog.records if record.name == "kam.request")
    line = json.loads(JsonLines().format(record))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/account/login/", 200)
    assert "secret-client" not in json.dumps(line)

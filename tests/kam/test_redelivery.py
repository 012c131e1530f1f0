"""What a killed worker had in its hands is done by the next one, at once and not hours later."""

import subprocess
import sys
import uuid

import pytest
from celery import Celery
from celery.app.control import Inspect
from django.conf import settings
from redis import Redis

from kam import redelivery

TAKES_ONE_AND_IS_KILLED = """
import os, sys
from celery import Celery
app = Celery("t", broker=sys.argv[1])
app.conf.broker_transport_options = {"global_keyprefix": sys.argv[2]}
connection = app.connection_for_read()
message = connection.default_channel.basic_get("work")
assert message is not None
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def app():
    prefix = f"test-{uuid.uuid4().hex}-"
    app = Celery("t", broker=settings.CELERY_BROKER_URL, set_as_current=False)
    app.conf.broker_transport_options = {"global_keyprefix": prefix}
    app.prefix = prefix
    yield app
    with app.connection_for_write() as connection:
        plain = Redis(connection_pool=connection.default_channel.client.connection_pool)
        for key in plain.scan_iter(f"{prefix}*"):
            plain.delete(key)


def waiting(app: Celery) -> int:
    with app.connection_for_read() as connection:
        return connection.default_channel._size("work")


def send_and_lose_one(app: Celery) -> None:
    app.send_task("anything", queue="work")
    assert waiting(app) == 1
    code = [sys.executable, "-c", TAKES_ONE_AND_IS_KILLED, settings.CELERY_BROKER_URL, app.prefix]
    assert subprocess.run(code).returncode == -9
    assert waiting(app) == 0


@pytest.mark.slow
def test_the_next_worker_finds_it_in_the_queue_again(app):
    send_and_lose_one(app)
    assert redelivery.take_back(app) == 1
    assert waiting(app) == 1
    assert redelivery.take_back(app) == 0
    assert waiting(app) == 1


@pytest.mark.slow
def test_while_another_worker_lives_nothing_is_taken_from_it(app, monkeypatch):
    send_and_lose_one(app)
    monkeypatch.setattr(Inspect, "ping", lambda self: {"celery@other": {"ok": "pong"}})
    assert redelivery.take_back(app) == 0
    assert waiting(app) == 0

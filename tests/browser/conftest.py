"""One Chromium for the whole run, one fresh window for each person."""

import os
import re

import kombu.pools
import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.db import connections
from django.test import Client as Session

from kam.celery import app as celery

# Playwright's synchronous API keeps an event loop running in this thread; the tests are not async.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    if not os.path.exists(CHROMIUM):
        pytest.skip(
            f"There is no Chromium at {CHROMIUM}: install it or say where it is in CHROMIUM."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.has_failed = report.failed
    return report


@pytest.fixture
def window_of(request, chromium, live_server, tmp_path):
    """`window_of(person)`: a window in which that person is signed in; `window_of()`: a stranger's.

    Whatever the browser complains of (a script that fails, something our policy refuses, a file that is
    not there) is gathered in `window.mistakes`, and fails the test at its end.
    """
    opened = []

    def open_window(person=None, *, width=1440, height=900, dark=False):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            base_url=live_server.url,
            locale="en-GB",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        if person is not None:
            signed_in = Session()
            signed_in.force_login(person)
            context.add_cookies(
                [
                    {
                        "name": "sessionid",
                        "value": signed_in.cookies["sessionid"].value,
                        "url": live_server.url,
                    }
                ]
            )
        window = context.new_page()
        window.mistakes = []
        window.on("pageerror", lambda error: window.mistakes.append(str(error)))
        window.on(
            "console",
            lambda said: (
                window.mistakes.append(f"{said.text} at {window.url}")
                if said.type == "error" and not _is_refusal(said)
                else None
            ),
        )
        opened.append((context, window))
        return window

    yield open_window
    mistakes = [mistake for _context, window in opened for mistake in window.mistakes]
    for at, (context, window) in enumerate(opened):
        if getattr(request.node, "has_failed", False):
            picture = tmp_path / f"window{at}.png"
            window.screenshot(path=picture, full_page=True)
            request.node.add_report_section("call", "window", f"{window.url}: {picture}")
        context.close()
    assert not mistakes, "\n".join(mistakes)


def _is_refusal(said) -> bool:
    """Chromium says of every answer from 400 on that it failed to load; some of ours are meant."""
    return any(
        f"the server responded with a status of {status}" in said.text
        for status in (400, 403, 404, 409, 422)
    )


@pytest.fixture
def worker(settings):
    """A Celery worker beside the server, with a queue of its own: tasks run as they do in life, not at once."""
    broker = re.sub(r"(virtual_host=|/)0$", r"\g<1>2", celery.conf.broker_url)
    before = celery.conf.broker_url, celery.conf.task_always_eager
    celery.conf.update(broker_url=broker, task_always_eager=False)
    with celery.connection_for_write() as connection:
        connection.default_channel.client.flushdb()

    def leave_the_database(**_kwargs):
        connections.close_all()

    def forget_connections():
        # A worker that begins closes this process's pooled connections, and here the server lives beside it.
        kombu.pools.reset()
        celery._pool = celery.amqp._producer_pool = None

    task_postrun.connect(leave_the_database)
    forget_connections()
    try:
        with start_worker(celery, perform_ping_check=False, shutdown_timeout=30):
            forget_connections()
            yield celery
    finally:
        forget_connections()
        task_postrun.disconnect(leave_the_database)
        celery.conf.update(broker_url=before[0], task_always_eager=before[1])

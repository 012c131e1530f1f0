"""One Chromium for the whole run, one fresh window for each person."""

import os

import pytest
from django.test import Client as Session

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


@pytest.fixture
def window_of(chromium, live_server):
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
    for context, _window in opened:
        context.close()
    assert not mistakes, "\n".join(mistakes)


def _is_refusal(said) -> bool:
    """Chromium says of every answer from 400 on that it failed to load; some of ours are meant."""
    return any(
        f"the server responded with a status of {status}" in said.text
        for status in (403, 404, 409, 422)
    )

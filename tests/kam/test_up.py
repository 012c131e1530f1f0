"""`make up`: one command to the sign-in page, Ctrl-C leaves nothing running, a kill is no obstacle."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kam import embedded
from kam.embedded import processes

BASE_DIR = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "data folder"
    home.mkdir()
    yield home
    for process in (*started_with(home), *map(psutil.Process, servers(home))):
        process.kill()
    for leftover in embedded.socket_folder(home).glob("*"):
        leftover.unlink()


@pytest.fixture
def environment(home, port) -> dict[str, str]:
    dropped = {"DATABASE_URL", "REDIS_URL", "KAM_MODE", "KAM_ROLE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "KAM_HOME": str(home), "PORT": str(port), "DEMO": "no"}


def servers(home: Path) -> list[int]:
    return [*processes.working_in(home / "postgres"), *processes.working_in(home / "valkey")]


def started_with(home: Path) -> list[psutil.Process]:
    """Living programs of ours that were started with this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and process.status() != psutil.STATUS_ZOMBIE
                and process.environ().get("KAM_HOME") == str(home)
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def start(environment: dict[str, str]) -> tuple[subprocess.Popen, list[str]]:
    """Starts it and reads what it says until it is ready."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ready:"):
            return process, said
    pytest.fail("".join(said))


def page(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": "localhost"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.slow
def test_from_nothing_to_the_sign_in_page_and_back_to_nothing(home, port, environment):
    process, said = start(environment)
    assert f"Ready: http://localhost:{port} " in said[-1]

    # Somebody starts it a second time, and is told so.
    second = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert f"Already running with this data folder: http://localhost:{port}" in second.stderr

    # Everything is killed at once, and nothing stays behind to be in the way.
    process.kill()
    process.communicate()
    patience = time.monotonic() + 30
    while (left := started_with(home)) and time.monotonic() < patience:
        time.sleep(0.1)
    assert not left

    process, _said = start(environment)
    status, sign_in = page(port, "/account/login/")
    assert status == 200
    assert 'type="password"' in sign_in
    style = re.search(r'href="(/static/[^"]+\.css)"', sign_in)[1]
    assert page(port, style)[0] == 200
    assert page(port, "/health/")[0] == 200

    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert "Stopped. Your data stays in" in rest, rest
    assert "SIGKILL" not in rest
    assert process.returncode == 0
    assert not started_with(home)
    assert not servers(home)


def test_a_taken_port_is_told_with_another_to_try(home, port, environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "manage.py", "up"],
            cwd=BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert f"PORT={port + 1} make up" in done.stderr
    assert not servers(home)

"""Starting, finding and ending a server's process, as root or not."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

_START_SECONDS = 120  # recovery after a kill in the middle of an import included
_STOP_SECONDS = 30

# Servers this process started: they must be reaped here when they end.
_children: list[subprocess.Popen[bytes]] = []


class CannotStart(RuntimeError):
    """A server did not start; the text says why and what to do."""


def spawn(command: list[str], log: Path, base: Path) -> subprocess.Popen[bytes]:
    """Starts a server in a session of its own: the terminal's Ctrl-C is for us, not for it."""
    with log.open("ab") as output:
        server = subprocess.Popen(
            [*_not_as_root(base), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            env=_environment(),
        )
    hand_over(log, base)
    _children.append(server)
    return server


def wait_until(
    is_ready: Callable[[], bool], server: subprocess.Popen[bytes] | None, log: Path, name: str
) -> None:
    """Returns when it is ready. Raises `CannotStart` with the end of its log when it ended or is late."""
    patience = time.monotonic() + _START_SECONDS
    while time.monotonic() < patience:
        if is_ready():
            return
        if server is not None and server.poll() is not None:
            break
        time.sleep(0.02)
    lines = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
    raise CannotStart(
        "\n".join([f"{name} did not start. The end of {log}:", *(f"    {line}" for line in lines)])
    )


def run(command: list[str], base: Path, problem: str, feed: str = "") -> None:
    done = subprocess.run(
        [*_not_as_root(base), *command],
        input=feed,
        capture_output=True,
        text=True,
        cwd="/",
        env=_environment(),
    )
    if done.returncode:
        raise CannotStart(f"{problem}:\n{(done.stderr or done.stdout).strip()}")


def end(process_id: int | None, base: Path, polite: signal.Signals, firm: signal.Signals) -> None:
    """Ends a server and waits for it; a process that only inherited its number is left alone."""
    if process_id is None or not _works_below(process_id, base):
        return
    for sign in (polite, firm):
        with suppress(ProcessLookupError):
            os.kill(process_id, sign)
        patience = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < patience:
            if _is_gone(process_id):
                return
            time.sleep(0.02)


def working_in(folder: Path) -> list[int]:
    """Live processes whose current folder this is: servers sit in the folder of their data."""
    found = []
    for process in psutil.process_iter(["status", "cwd"]):
        if process.info["status"] == psutil.STATUS_ZOMBIE or not process.info["cwd"]:
            continue
        if Path(process.info["cwd"]) == folder:
            found.append(process.pid)
    return found


def answers(path: Path) -> bool:
    """Something listens on this Unix socket."""
    try:
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(2)
            knock.connect(str(path))
        return True
    except OSError:
        return False


def first_number(path: Path) -> int | None:
    """The process id in a server's own pid file, if there is one."""
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def wheel(package: str) -> Path:
    """Where a wheel is installed, without importing it: its own start-up code is not wanted."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise CannotStart(f"{package} is not installed. Run `make setup`.")
    return Path(found.submodule_search_locations[0])


# ── Whose files and processes they are ───────────────────────────────────────────────────────


def owner_of(base: Path) -> tuple[int, int]:
    """User and group that the data folder belongs to, or will."""
    if base.exists():
        found = base.stat()
        return found.st_uid, found.st_gid
    return os.getuid(), os.getgid()


def hand_over(path: Path, base: Path) -> None:
    """What root makes in a folder of somebody else's is that person's, who comes back later."""
    owner, group = owner_of(base)
    if os.getuid() == 0 and owner != 0:
        os.chown(path, owner, group)


def make_data_folder(path: Path, base: Path) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    if os.getuid() == 0:
        os.chown(path, *_unprivileged(base))


def _unprivileged(base: Path) -> tuple[int, int]:
    """The user and group that servers run under when we are root, which PostgreSQL refuses to be."""
    owner, group = owner_of(base)
    if owner != 0:
        return owner, group
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise CannotStart(
            "PostgreSQL refuses to run as root, and there is no user “nobody” to run it under. "
            "Run this as an ordinary user, or give DATABASE_URL and REDIS_URL."
        ) from error
    return nobody.pw_uid, nobody.pw_gid


def _not_as_root(base: Path) -> list[str]:
    """The words before a server's command line when we are root.

    All powers are dropped but one, dac_override: without it the server could not reach its files
    below a folder, such as /root, that is closed to others.
    """
    if os.getuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotStart(
            "PostgreSQL refuses to run as root, and setpriv, which would run it as another user, is "
            "not here (package util-linux). Run this as an ordinary user, or give DATABASE_URL and "
            "REDIS_URL."
        )
    user, group = _unprivileged(base)
    powers = "-all,+dac_override"
    return [
        setpriv,
        *(f"--reuid={user}", f"--regid={group}", "--clear-groups"),
        *(f"--inh-caps={powers}", f"--ambient-caps={powers}", f"--bounding-set={powers}"),
        "--",
    ]


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", "LC_ALL": "C"}


def _works_below(process_id: int, base: Path) -> bool:
    try:
        return Path(psutil.Process(process_id).cwd()).is_relative_to(base)
    except (psutil.Error, OSError):
        return False


def _is_gone(process_id: int) -> bool:
    for child in _children:
        child.poll()
    try:
        status: Any = psutil.Process(process_id).status()
    except psutil.NoSuchProcess:
        return True
    return status == psutil.STATUS_ZOMBIE

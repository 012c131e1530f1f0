"""The project's own PostgreSQL and Valkey, for a computer that has neither.

Settings ask this package for addresses only. `ensure()` starts the servers, from `manage.py`, from the
tests and from a Celery worker. Each process that uses them holds a shared lock on one file; the last
to leave stops both. The kernel lets go of a killed process's lock, so nobody is counted who is gone.

Everything lives in KAM_HOME, except sockets whose path would be too long for the kernel.
"""

import atexit
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kam.embedded import postgresql, processes, valkey
from kam.embedded.processes import CannotStart

__all__ = [
    "CannotStart",
    "database_settings",
    "ensure",
    "home",
    "is_needed_by",
    "socket_folder",
    "stop",
    "valkey_urls",
]

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# A Unix socket's path must fit into 108 bytes (104 on macOS), the file's own name included.
_LONGEST_FOLDER = 80

# Commands that need no server, or must work where none can be started; `up` starts them itself.
_WITHOUT_SERVERS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "help",
        "makemessages",
        "messages",
        "spectacular",
        "startapp",
        "startproject",
        "up",
        "version",
    }
)


# ── Addresses ────────────────────────────────────────────────────────────────────────────────


def home() -> Path:
    """KAM_HOME, or `var/` beside the code."""
    given = os.environ.get("KAM_HOME", "").strip()
    return Path(given).expanduser().resolve() if given else BASE_DIR / "var"


def database_settings(base: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": postgresql.DATABASE,
        "USER": postgresql.DATABASE,
        "HOST": str(socket_folder(base)),
        "PORT": "5432",
    }


def valkey_urls(base: Path) -> tuple[str, str]:
    """The addresses for Celery and for the cache: two databases of one server."""
    path = socket_folder(base) / valkey.SOCKET
    return f"redis+socket://{path}?virtual_host=0", f"unix://{path}?db=1"


def socket_folder(base: Path) -> Path:
    """`base`/run; or, where that is too long or has characters servers stumble over, a private folder.

    The private folder depends on nothing but `base` and its owner, so that a process started by cron,
    with another environment, finds the same one.
    """
    folder = base / "run"
    text = str(folder)
    if len(os.fsencode(text)) <= _LONGEST_FOLDER and not set(text) & set(" \t,'\"\\?#%@&"):
        return folder
    name = hashlib.sha256(os.fsencode(text)).hexdigest()[:16]
    return Path("/tmp") / f"kam-{processes.owner_of(base)[0]}-{name}"


# ── Starting and stopping ────────────────────────────────────────────────────────────────────


def is_needed_by(argv: list[str]) -> bool:
    """Whether this `manage.py` command line talks to a server."""
    if len(argv) < 2 or argv[1].startswith("-") or {"-h", "--help", "--version"} & set(argv):
        return False
    if argv[1] == "check":
        return "--database" in argv
    return argv[1] not in _WITHOUT_SERVERS


def ensure() -> None:
    """Starts whichever own servers are asked for and not running, and holds them for this process.

    Does nothing for a server whose address is given in DATABASE_URL or REDIS_URL. May be called
    again. Raises `CannotStart`.
    """
    given = {name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name, "").strip()}
    if len(given) == 2:
        return
    base = home()
    with _starting_or_stopping(base):
        _hold(base)
        sockets = _private_socket_folder(base)
        if "DATABASE_URL" not in given:
            postgresql.start(base, sockets)
        if "REDIS_URL" not in given:
            valkey.start(base, sockets)


def stop() -> None:
    """Stops both servers, whoever uses them; nothing happens where none run."""
    base = home()
    if base.is_dir():
        with _starting_or_stopping(base):
            _stop_both(base)


def _stop_both(base: Path) -> None:
    postgresql.stop(base)
    valkey.stop(base)
    with suppress(OSError):
        socket_folder(base).rmdir()


@contextmanager
def _starting_or_stopping(base: Path) -> Iterator[None]:
    """One process at a time starts or stops servers; the others wait for it to finish."""
    try:
        base.mkdir(parents=True, exist_ok=True)
        lock = _open_lock(base, "start.lock")
    except OSError as error:
        raise CannotStart(
            f"The data folder {base} cannot be written to ({error.strerror}). "
            "Give it to this user, or point KAM_HOME to a folder of your own."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


# ── Who uses them ────────────────────────────────────────────────────────────────────────────

# By data folder: the process that holds it (a forked child inherits this table) and its lock.
_held: dict[Path, tuple[int, int]] = {}


def _hold(base: Path) -> None:
    """Counts this process among the users until it ends, however it ends."""
    if base in _held and _held[base][0] == os.getpid():
        return
    lock = _open_lock(base, "users.lock")
    fcntl.flock(lock, fcntl.LOCK_SH)
    _held[base] = (os.getpid(), lock)
    atexit.register(_leave, base)


def _leave(base: Path) -> None:
    """The last user out stops both servers."""
    holder, lock = _held.get(base, (0, -1))
    if holder != os.getpid():
        return  # a forked child runs its parent's exit handlers, but it is no user of its own
    del _held[base]
    with suppress(OSError, CannotStart), _starting_or_stopping(base):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            os.close(lock)
        _stop_both(base)


def _open_lock(base: Path, name: str) -> int:
    lock = os.open(base / name, os.O_RDWR | os.O_CREAT, 0o600)
    processes.hand_over(base / name, base)
    return lock


def _private_socket_folder(base: Path) -> Path:
    folder = socket_folder(base)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        processes.hand_over(folder, base)
    found = folder.lstat()
    # Anybody may make folders under /tmp: one that is not ours could lead us to a stranger's server.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {
        os.getuid(),
        processes.owner_of(base)[0],
    }:
        raise CannotStart(f"{folder} belongs to somebody else. Remove it, or move KAM_HOME.")
    folder.chmod(0o700)
    return folder

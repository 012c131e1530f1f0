"""Own servers come up wherever the project lies, whoever runs it, and after whatever was killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from kam import embedded
from kam.embedded import postgresql, processes, valkey

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# A process that starts the servers, proves that they answer, and waits until it is told to leave.
USER = """
import sys, psycopg, redis
from kam import embedded
embedded.ensure()
database = embedded.database_settings(embedded.home())
with psycopg.connect(host=database["HOST"], user="kam", dbname="kam", autocommit=True) as there:
    there.execute("CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())")
    there.execute("INSERT INTO visits DEFAULT VALUES")
    visits = there.execute("SELECT count(*), upper('łódź ёж') FROM visits").fetchone()
queue = redis.Redis.from_url(embedded.valkey_urls(embedded.home())[1])
print(visits[0], visits[1], queue.incr("visits"), flush=True)
sys.stdin.read()
"""


def environment(home: Path) -> dict[str, str]:
    dropped = {"DATABASE_URL", "REDIS_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "KAM_HOME": str(home)}


@contextmanager
def user(home: Path):
    """Somebody who uses the servers; yields what he saw and his process."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER],
        cwd=BASE_DIR,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        seen = process.stdout.readline().strip()
        if not seen:
            pytest.fail(process.stderr.read())
        yield seen, process
    finally:
        if process.poll() is None:
            process.communicate("")
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def servers(home: Path) -> list[int]:
    return [*processes.working_in(home / "postgres"), *processes.working_in(home / "valkey")]


def postmaster(home: Path) -> int:
    return processes.first_number(home / "postgres" / "postmaster.pid")


@pytest.fixture
def home(tmp_path):
    """A deep data folder with blanks and other letters in its name."""
    home = tmp_path / "мои данные i żółć" / ("deep " * 12) / "var"
    home.mkdir(parents=True)
    yield home
    for process_id in servers(home):
        os.kill(process_id, signal.SIGKILL)
    folder = embedded.socket_folder(home)
    if folder.exists():
        for leftover in folder.iterdir():
            leftover.unlink()
        folder.rmdir()


@pytest.mark.slow
def test_the_last_of_two_users_stops_the_servers_and_the_data_stays(home):
    with user(home) as (first, _):
        assert first == "1 ŁÓDŹ ЁЖ 1"
        with user(home) as (second, _):
            assert second == "2 ŁÓDŹ ЁЖ 2"
        assert servers(home), "the second one to come took the servers from the first"
    assert not servers(home)
    with user(home) as (third, _):
        assert third == "3 ŁÓDŹ ЁЖ 3"
    assert not embedded.socket_folder(home).exists(), "a folder was left lying in /tmp"


@pytest.mark.slow
def test_everything_is_killed_and_the_next_one_finds_all_that_was_written(home):
    with user(home) as (_, process):
        process.kill()
        for process_id in servers(home):
            os.kill(process_id, signal.SIGKILL)
    with user(home) as (seen, _):
        assert seen == "2 ŁÓDŹ ЁЖ 2"
    assert not servers(home)


@pytest.mark.slow
def test_a_user_is_killed_and_the_next_one_takes_over_the_running_servers(home):
    with user(home) as (_, process):
        process.kill()
    running = postmaster(home)
    assert psutil.pid_exists(running)
    with user(home):
        assert postmaster(home) == running
    assert not servers(home)


@pytest.mark.slow
def test_a_killed_postmaster_that_nobody_reaps_is_no_hindrance(home):
    with user(home) as (_, process):
        killed = postmaster(home)
        os.kill(killed, signal.SIGKILL)
        # The process that started it lives on and does not reap it: a zombie, as in a container
        # without an init.
        while psutil.Process(killed).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        with user(home) as (seen, _):
            assert seen == "2 ŁÓDŹ ЁЖ 2"
            assert postmaster(home) != killed
        assert process.poll() is None


@pytest.mark.slow
def test_a_number_that_another_program_got_since_is_no_hindrance_either(home):
    with user(home):
        pass
    # As after a restart of the computer: the file names a process that is not PostgreSQL.
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n{home}/postgres\n1\n5432\n")
    with user(home) as (seen, _):
        assert seen == "2 ŁÓDŹ ЁЖ 2"
    assert psutil.pid_exists(os.getppid())


@pytest.mark.slow
def test_an_interrupted_first_start_leaves_no_half_made_data_folder(home):
    draft = home / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with user(home) as (seen, _):
        assert seen == "1 ŁÓDŹ ЁЖ 1"
    assert not draft.exists()


def test_a_folder_nobody_can_write_to_is_named_with_a_remedy(tmp_path, monkeypatch):
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setenv("KAM_HOME", str(in_the_way / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(embedded.CannotStart, match="point KAM_HOME to a folder of your own"):
        embedded.ensure()


def test_data_of_another_postgresql_is_not_touched(tmp_path):
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(embedded.CannotStart, match="made by PostgreSQL 12"):
        postgresql.start(tmp_path, tmp_path)


def test_a_strangers_folder_in_the_place_of_our_sockets_is_refused(tmp_path, monkeypatch):
    home = tmp_path / "a b"
    home.mkdir()
    sockets = embedded.socket_folder(home)
    assert sockets.parent == Path("/tmp")
    sockets.symlink_to(tmp_path)
    monkeypatch.setenv("KAM_HOME", str(home))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    try:
        with pytest.raises(embedded.CannotStart, match="belongs to somebody else"):
            embedded.ensure()
    finally:
        sockets.unlink()


def test_a_servers_end_of_log_is_told_when_it_does_not_start(tmp_path):
    log = tmp_path / "valkey.log"
    log.write_text("FATAL: no room on the disk\n")
    ended = subprocess.Popen(["true"])
    ended.wait()
    with pytest.raises(embedded.CannotStart, match="no room on the disk"):
        processes.wait_until(lambda: False, ended, log, "Valkey")


def test_nothing_is_started_where_both_addresses_are_given(tmp_path, monkeypatch):
    monkeypatch.setenv("KAM_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/kam")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere")
    embedded.ensure()
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ("manage.py migrate", True),
        ("manage.py shell", True),
        ("manage.py makemigrations --check", True),
        ("manage.py check", False),
        ("manage.py check --database default", True),
        ("manage.py collectstatic --no-input", False),
        ("manage.py help migrate", False),
        ("manage.py migrate --help", False),
        ("manage.py --version", False),
        ("manage.py up", False),
        ("manage.py", False),
    ],
)
def test_servers_start_only_for_commands_that_need_them(command, needed):
    assert embedded.is_needed_by(command.split()) is needed


def test_sockets_lie_beside_the_data_where_the_path_allows_it():
    assert embedded.socket_folder(Path("/srv/kam")) == Path("/srv/kam/run")
    for awkward in ("/srv/my kam", "/srv/" + "deep/" * 20):
        folder = embedded.socket_folder(Path(awkward))
        assert folder.parent == Path("/tmp")
        assert len(str(folder / postgresql.SOCKET)) < 100
        assert str(folder / valkey.SOCKET) in embedded.valkey_urls(Path(awkward))[0]

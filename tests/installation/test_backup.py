"""A backup is taken while everything runs, and what is restored is the same, table by table and file by file."""

import json
import zipfile
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from trato.engine.postgres.embedded import ADMIN, Embedded, address

from .machine import Machine

pytestmark = pytest.mark.slow
PEOPLE = "First name,Last name,E-mail\nAna,García,ana@example.org\nIoan,Pop,ioan@example.org\n"
#: What a running installation writes by itself.
RESTLESS = {
    "procrastinate_workers",
    "procrastinate_periodic_defers",
    "procrastinate_jobs",
    "procrastinate_events",
    "django_cache",
    "engine_gathering",
}


def own(machine: Machine) -> dict[str, str]:
    """How the administrator of the embedded server connects."""
    password = json.loads((machine.data / "secrets.json").read_text())["database"]["admin"]
    return {**address(machine.data / "postgres"), "user": ADMIN, "password": password, "dbname": "trato"}


def contents(administrator: dict[str, str]) -> dict[str, tuple[int, str]]:
    """Rows and a digest of every table, as the server's administrator reads them."""
    with psycopg.connect(**administrator) as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            if name not in RESTLESS
        ]
        found = {}
        for name in names:
            row = connection.execute(
                f"SELECT count(*), coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM {name} t"
            ).fetchone()
            found[name] = (row[0], row[1])
        return found


def upload(machine: Machine, token: str) -> None:
    """One file, as an attachment of a record made through the API."""
    connection = HTTPConnection("127.0.0.1", machine.port, timeout=20)
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="hello.txt"\r\n\r\nHola, Ana.\r\n--b--\r\n'
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=b"}
    connection.request("POST", "/api/v1/uploads", body, headers)
    answer = connection.getresponse()
    assert answer.status == 201, answer.read()


@pytest.fixture
def other(folder: Path) -> Iterator[Machine]:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    elsewhere.chmod(0o711)
    machine = Machine(elsewhere)
    yield machine
    if machine.process is not None:
        machine.down()


def test_what_is_restored_is_what_was_there(machine: Machine, other: Machine, folder: Path) -> None:
    people, saved = folder / "people.csv", folder / "saved.zip"
    people.write_text(PEOPLE)
    machine.up()
    made = machine.command("workspace", "create", "Backed up", "--owner", "back@example.org")
    slug = made.stdout.split()[0]
    token = machine.command("token", "create", "--workspace", slug, "--user", "back@example.org").stdout.strip()
    upload(machine, token)
    assert machine.command("import", "contacts", str(people), "--workspace", slug).returncode == 0
    done = machine.command("backup", str(saved))
    assert (done.returncode, done.stdout.strip()) == (0, str(saved)), done.stderr
    assert saved.stat().st_mode & 0o777 == 0o600
    before = contents(own(machine))
    assert before["people_contact"][0] >= 2
    again = machine.command("backup", str(saved))
    assert again.returncode == 1
    assert "there already" in again.stderr
    machine.down()

    restored = other.command("restore", str(saved))
    assert restored.returncode == 0, restored.stderr
    assert "2 uploads" in restored.stdout  # the text and the imported file
    other.up()
    assert contents(own(other)) == before
    kept = [path.relative_to(machine.data) for path in (machine.data / "files").rglob("*") if path.is_file()]
    assert [(other.data / path).read_bytes() for path in kept] == [(machine.data / path).read_bytes() for path in kept]
    connection = HTTPConnection("127.0.0.1", other.port, timeout=20)
    connection.request("GET", "/api/v1/contacts?count=exact", headers={"Authorization": f"Bearer {token}"})
    assert json.loads(connection.getresponse().read())["count"] == 2
    assert other.command("doctor").returncode == 0
    other.down()

    refused = other.command("restore", str(saved))
    assert refused.returncode == 1
    assert "holds an installation already" in refused.stderr
    replaced = other.command("restore", str(saved), "--replace")
    assert replaced.returncode == 0, replaced.stderr
    [aside] = other.data.glob("replaced-*")
    assert (aside / "postgres").exists()
    other.up()
    assert contents(own(other)) == before


def test_a_server_of_ones_own_without_a_superuser_is_saved_and_restored_too(folder: Path) -> None:
    servers, machines = [], []
    try:
        for name in ("first", "second"):
            (folder / name).mkdir()
            (folder / name).chmod(0o711)
            servers.append(
                Embedded(folder / name / "pg", "secret", log=folder / f"{name}.log", settings={"fsync": "off"})
            )
            servers[-1].start()
            with psycopg.connect(**servers[-1].connection(), autocommit=True) as connection:
                connection.execute("CREATE ROLE boss LOGIN CREATEROLE CREATEDB PASSWORD 'boss'")
            host = servers[-1].connection()["host"]
            machines.append(Machine(folder / name, DATABASE_URL=f"postgresql://boss:boss@/trato?host={host}&port=5432"))
        saved = folder / "outside.zip"
        assert machines[0].command("db", "prepare").returncode == 0
        assert machines[0].command("workspace", "create", "X", "--owner", "x@example.org").returncode == 0
        assert machines[0].command("backup", str(saved)).returncode == 0
        restored = machines[1].command("restore", str(saved))
        assert restored.returncode == 0, restored.stderr
        before, after = (contents(server.connection("trato")) for server in servers)
        assert before == after
        assert before["workspaces_role"][0] > 0
        refused = machines[1].command("restore", str(saved), "--replace")
        assert (refused.returncode, "in use" in refused.stderr) == (1, True)
    finally:
        for server in servers:
            server.stop()


@pytest.mark.parametrize("damage", ["cut", "flipped", "strange", "none"])
def test_a_damaged_backup_changes_nothing(machine: Machine, other: Machine, folder: Path, damage: str) -> None:
    saved, broken = folder / "whole.zip", folder / f"{damage}.zip"
    if not saved.exists():
        assert machine.command("backup", str(saved)).returncode == 0
    content = bytearray(saved.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flipped":
        content[len(content) // 3] ^= 0xFF
    elif damage == "none":
        content = bytearray(b"Hello")
    broken.write_bytes(content)
    if damage == "strange":
        with zipfile.ZipFile(broken, "a") as parts:
            parts.writestr("files/../../etc/passwd", "x")
    there = other.data.exists() and sorted(path.name for path in (other.data / "postgres").glob("*"))
    done = other.command("restore", str(broken), "--replace")
    assert done.returncode == 1
    assert "Nothing was changed" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert there == (there is not False and sorted(path.name for path in (other.data / "postgres").glob("*")))

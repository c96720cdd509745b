"""The ``trato`` command: results on stdout, words on stderr, status 1 and one clear message for a mistake."""

import json

import psycopg
import pytest

from trato.engine.postgres.embedded import ADMIN, Embedded, address

from .machine import Machine

pytestmark = pytest.mark.slow
COMMANDS = (
    "up",
    "web",
    "live",
    "worker",
    "db",
    "demo",
    "workspace",
    "user",
    "secrets",
    "token",
    "import",
    "export",
    "backup",
    "restore",
    "doctor",
)


def test_help_lists_every_command(machine: Machine) -> None:
    words = machine.command("--help").stdout.split()
    assert [name for name in COMMANDS if name not in words] == []
    assert "first" not in words


def test_a_workspace_its_people_and_a_token(machine: Machine) -> None:
    made = machine.command("workspace", "create", "Ñandú & Söhne", "--owner", "Ana@Example.org", "--country", "es")
    slug, password = made.stdout.split()
    assert (made.returncode, slug) == (0, "nandu-sohne")
    assert len(password) >= 12
    again = machine.command("workspace", "create", "Nandu Sohne")
    assert (again.returncode, again.stdout) == (1, "")
    assert "nandu-sohne" in again.stderr

    added = machine.command("user", "add", "bo@example.org", "--workspace", slug, "--role", "Reader")
    assert added.returncode == 0
    assert "bo@example.org is Reader of nandu-sohne." in added.stderr
    member_again = machine.command("user", "add", "bo@example.org", "--workspace", slug, "--role", "Manager")
    assert (member_again.returncode, member_again.stdout) == (0, "")  # who has an account keeps its password

    token = machine.command("token", "create", "--workspace", slug, "--user", "bo@example.org", "--scope", "*:see")
    assert token.returncode == 0
    assert token.stdout.startswith("trato_")
    assert len(token.stdout.split()) == 1


def test_keys_are_changed_and_a_lost_factor_is_taken_away(machine: Machine) -> None:
    slug, _password = machine.command("workspace", "create", "Keys", "--owner", "kay@example.org").stdout.split()
    secrets = machine.data / "secrets.json"
    before = json.loads(secrets.read_text())
    assert machine.command("secrets", "rotate").returncode == 0
    first = json.loads(secrets.read_text())
    assert len(first["sealing"]) == 1 and first["django"] == before["django"]
    assert machine.command("secrets", "rotate").returncode == 0
    assert json.loads(secrets.read_text())["sealing"] != first["sealing"]
    assert secrets.stat().st_mode & 0o077 == 0
    reset = machine.command("user", "reset-factor", "kay@example.org")
    assert (reset.returncode, "there were 0" in reset.stderr) == (0, True), slug
    assert machine.command("user", "reset-factor", "nobody@example.org").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("workspace", "create", "!!!"), "letters or digits"),
        (("workspace", "create", "X", "--country", "ESP"), "'ESP' is no country"),
        (("workspace", "create", "X", "--currency", "EURO"), "'EURO' is no currency"),
        (("workspace", "create", "X", "--time-zone", "Madrid"), "'Madrid' is no time zone"),
        (("workspace", "create", "X", "--owner", "ana"), "'ana' is no e-mail address"),
        (("user", "add", "a@example.org", "--workspace", "nowhere"), "There is no workspace 'nowhere'"),
        (
            ("user", "add", "a@example.org", "--workspace", "my-company", "--role", "King"),
            "no role 'King'. Roles: Admin",
        ),
        (("token", "create", "--workspace", "my-company", "--user", "stranger@example.org"), "is not a member"),
        (
            ("token", "create", "--workspace", "my-company", "--user", "owner@example.com", "--scope", "contacts:fly"),
            "'contacts:fly' is no scope",
        ),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(machine: Machine, arguments: tuple[str, ...], said: str) -> None:
    def workspaces() -> str:
        return machine.command("user", "add", "a@example.org", "--workspace", "nowhere").stderr.split("Workspaces: ")[1]

    before = workspaces()
    done = machine.command(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert workspaces() == before


@pytest.mark.parametrize("port", ["0", "-1", "65535", "http"])
def test_a_port_that_is_none(machine: Machine, port: str) -> None:
    done = machine.command("up", f"--port={port}")
    assert done.returncode == 2
    assert "is no port" in done.stderr


def test_the_doctor_finds_a_missing_policy(machine: Machine) -> None:
    machine.up()
    well = machine.command("doctor").stdout
    assert "BAD workspaces" not in well
    assert "row-level security on every workspace table" in well
    admin = administrator(machine)
    with psycopg.connect(**admin, autocommit=True) as connection:
        connection.execute("ALTER TABLE workspaces_team NO FORCE ROW LEVEL SECURITY")
        try:
            ill = machine.command("doctor")
        finally:
            connection.execute("ALTER TABLE workspaces_team FORCE ROW LEVEL SECURITY")
    assert ill.returncode == 1
    assert "BAD workspaces" in ill.stdout
    assert "workspaces_team" in ill.stdout


@pytest.mark.database
def test_an_outside_server_is_prepared_and_then_used(machine: Machine, postgres: Embedded) -> None:
    server = postgres.connection()
    url = f"postgresql://{server['user']}:{server['password']}@/outside?host={server['host']}"
    try:
        first = machine.command("db", "prepare", DATABASE_URL=url)
        second = machine.command("db", "prepare", DATABASE_URL=url)
        assert (first.returncode, second.returncode) == (0, 0)
        assert "done       Database outside" in first.stderr
        assert "Tables: nothing to change" in second.stderr
        assert machine.command("workspace", "create", "Elsewhere", DATABASE_URL=url).stdout == "elsewhere\n"
        assert "yours (DATABASE_URL)" in machine.command("doctor", DATABASE_URL=url).stdout

        with psycopg.connect(**server, autocommit=True) as admin:
            admin.execute("ALTER ROLE outside_app BYPASSRLS")
        refused = machine.command("web", "--port", str(machine.port), DATABASE_URL=url)
        assert refused.returncode == 1
        assert "may bypass row-level security" in refused.stderr
    finally:
        with psycopg.connect(**server, autocommit=True) as admin:
            admin.execute("DROP DATABASE IF EXISTS outside WITH (FORCE)")
            for role in ("owner", "app", "maintenance"):
                admin.execute(f"DROP ROLE IF EXISTS outside_{role}")


@pytest.mark.parametrize("url", ["nonsense", "postgresql://a:b@127.0.0.1:1/c"])
def test_a_database_that_can_not_be_reached_is_said_in_a_line(machine: Machine, url: str) -> None:
    done = machine.command("workspace", "create", "X", DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def administrator(machine: Machine) -> dict[str, str]:
    """Connection parameters of the administrator of the machine's embedded server."""
    secrets = json.loads((machine.data / "secrets.json").read_text())
    password = secrets["database"]["admin"]
    return {**address(machine.data / "postgres"), "user": ADMIN, "password": password, "dbname": "trato"}

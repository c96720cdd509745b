"""``trato up``: ready in seconds with one line, everything gone after it, and back after whatever is killed."""

import re
import signal
import socket

import pytest

from .machine import Machine, alive, free_ports, until

pytestmark = pytest.mark.slow
LINE = re.compile(r"ready http://127\.0\.0\.1:(\d+) login (\S+@\S+) password (\S{12,})")


def test_one_line_says_where_and_as_whom_also_at_the_second_start(machine: Machine) -> None:
    line = machine.up()
    assert line == machine.first_line
    assert LINE.fullmatch(line)[1] == str(machine.port)
    assert machine.get("/healthz") == machine.get("/readyz") == machine.get("/healthz", machine.port + 1) == 200
    status, out, err = machine.down()
    assert (status, out, err) == (0, "", "Stopping ...\n")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_the_database_last(machine: Machine, how: signal.Signals) -> None:
    machine.up()
    below = machine.descendants()
    assert machine.down(how)[0] == 0
    assert not [one for one in below if alive(one)]
    assert "database system is shut down" in (machine.data / "logs" / "postgres.log").read_text().splitlines()[-1]
    assert machine.get("/healthz") == 0


@pytest.mark.faults
@pytest.mark.parametrize("name", ["web", "live", "worker", "postgres"])
def test_what_is_killed_is_started_again(machine: Machine, name: str) -> None:
    machine.up()
    victim = machine.child(name)
    workers = victim.children(recursive=True)
    victim.kill()
    assert until(lambda: machine.child(name).pid != victim.pid)
    assert until(lambda: machine.get("/readyz") == 200 and machine.get("/healthz", machine.port + 1) == 200)
    assert not [one for one in workers if alive(one)]
    assert "started again" in machine.down()[2]


@pytest.mark.faults
def test_nothing_outlives_a_killed_supervisor_and_the_next_start_works(machine: Machine) -> None:
    machine.up()
    below = machine.descendants()
    machine.down(signal.SIGKILL)
    assert until(lambda: not [one for one in below if alive(one)], 15)
    machine.up()
    assert machine.get("/readyz") == 200


def test_a_port_in_use_is_said_before_anything_starts(machine: Machine) -> None:
    port = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        done = machine.command("up", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Port {port + 1}, which live needs" in done.stderr
    assert "--port N" in done.stderr


def test_one_data_folder_is_run_once(machine: Machine) -> None:
    machine.up()
    done = machine.command("up", "--port", str(machine.port + 100))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"in use by process {machine.process.pid}" in done.stderr
    assert machine.get("/readyz") == 200


def test_secrets_logs_files_and_mail_are_private(machine: Machine) -> None:
    for name in ("secrets.json", "logs", "files", "mail"):
        assert (machine.data / name).stat().st_mode & 0o077 == 0, name

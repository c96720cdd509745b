"""kill -9 of the worker, and of the database, in the middle of an import: nothing is lost, nothing is done twice."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cast import assemble

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROWS, CHUNK = 4_800, 40
WORKER = f"""
import sys
import django
django.setup()
from trato.engine import jobs
from trato.engine.imports import work
work.CHUNK = {CHUNK}
jobs.run_job(*sys.argv[1:])
"""


@pytest.fixture
def run(settings):
    """An import of 4,800 rows, some of them bad, that waits for a worker."""
    from trato.engine import objects
    from trato.engine.imports import runs
    from trato.engine.postgres.scope import in_workspace
    from trato.engine.workspaces.actors import actor_for_user

    cast = assemble()
    text = "First name,Last name,E-mail,Birthday\n"
    text += "".join(f"N{n},L,n{n}@x.com,{'1990-02-30' if n % 100 == 7 else '1990-01-31'}\n" for n in range(ROWS))
    with in_workspace(cast.acme.id):
        actor = actor_for_user(cast.owner, cast.acme)
        draft = runs.draft(actor, objects.get("contacts"), "people.csv", io.BytesIO(text.encode()))
        return runs.start(actor, draft, match=["email"])


def worker(run):
    """Another process that does the job of the run, as a worker does."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "trato.site.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PGOPTIONS": "-c synchronous_commit=on",  # the tests' database is otherwise quick rather than durable
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(run.workspace_id), str(run.job_id)], env=environment, stderr=subprocess.PIPE
    )


def state(run):
    """The run as it is committed now."""
    from trato.engine.models import ImportRun
    from trato.engine.postgres.scope import in_workspace

    with in_workspace(run.workspace_id):
        return ImportRun.objects.get(id=run.id)


def wait_for_rows(run, process, rows):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, process.stderr.read().decode()
        if state(run).rows >= rows:
            return
        time.sleep(0.01)
    raise AssertionError("The import did not begin.")


def kept(run):
    """How many contacts, creations in the history, e-mail keys and problems there are."""
    from trato.engine.models import HistoryEntry, ImportProblem, Key
    from trato.engine.postgres.scope import in_workspace
    from trato.modules.people.models import Contact

    with in_workspace(run.workspace_id):
        created = HistoryEntry.objects.filter(batch_id=run.batch_id, action="created")
        return (
            Contact.objects.count(),
            created.values("record_id").distinct().count(),
            created.count(),
            Key.objects.filter(object="contacts", key__startswith="email:").count(),
            ImportProblem.objects.filter(run=run).count(),
        )


def assert_whole(run):
    """Every row done exactly once: 4,752 of them created, 48 failed for their date."""
    done = state(run)
    assert (done.state, done.rows, done.created, done.failed) == ("done", ROWS, 4_752, 48)
    assert kept(run) == (4_752, 4_752, 4_752, 4_752, 48)
    assert "Resumed after an interruption at row " in done.message


def test_a_killed_worker(run):
    first = worker(run)
    wait_for_rows(run, first, 2 * CHUNK)
    first.send_signal(signal.SIGKILL)
    first.wait()

    left = state(run)
    assert left.state == "running"
    assert left.rows % CHUNK == 0
    assert 0 < left.rows < ROWS
    assert kept(run)[0] == left.created  # a chunk is there whole, with what counts it, or not at all
    assert kept(run)[4] == left.failed

    second = worker(run)
    assert second.wait(120) == 0, second.stderr.read().decode()
    assert_whole(run)
    assert f"at row {left.rows + 1}." in state(run).message


def test_a_killed_database(run, postgres):
    from django.db import connections

    process = worker(run)
    wait_for_rows(run, process, 2 * CHUNK)
    process.send_signal(signal.SIGSTOP)  # so that it is in the middle when the database goes
    assert state(run).state == "running"
    connections.close_all()
    os.kill(postgres.pid, signal.SIGKILL)
    while not postgres.exited():
        time.sleep(0.05)
    postgres.start()
    process.send_signal(signal.SIGCONT)

    assert process.wait(120) == 0, process.stderr.read().decode()
    assert_whole(run)

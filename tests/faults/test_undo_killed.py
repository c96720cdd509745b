"""kill -9 of the worker in the middle of the undo of many records: each is taken back once, by whoever goes on."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cast import assemble

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

RECORDS, CHUNK = 2_400, 40
WORKER = f"""
import sys
import django
django.setup()
from trato.engine import jobs
from trato.engine.bulk import undoing
undoing.CHUNK = {CHUNK}
jobs.run_job(*sys.argv[1:])
"""


@pytest.fixture
def job():
    """The undo of 2,400 contacts made at once, that waits for a worker."""
    from trato.engine import objects, undo
    from trato.engine.bulk import Row, Writer
    from trato.engine.postgres.scope import in_workspace
    from trato.engine.workspaces.actors import actor_for_user
    from trato.engine.workspaces.ids import uuid7

    cast, batch = assemble(), uuid7()
    with in_workspace(cast.acme.id):
        actor = actor_for_user(cast.owner, cast.acme)
        writer = Writer(actor, objects.get("contacts"), batch)
        emails = ([{"address": f"n{n}@x.com", "primary": True}] for n in range(RECORDS))
        writer.write([Row(n, {"first_name": f"N{n}", "emails": each}) for n, each in enumerate(emails)])
        return undo.begin(actor, batch)


def worker(job):
    """Another process that does the job, as a worker does."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "trato.site.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(job.workspace_id), str(job.id)], env=environment, stderr=subprocess.PIPE
    )


def left(job):
    """How many contacts are still there, their keys, the undo's history, and what the job says."""
    from trato.engine.models import HistoryEntry, Job, Key
    from trato.engine.postgres.scope import in_workspace
    from trato.modules.people.models import Contact

    with in_workspace(job.workspace_id):
        undone = HistoryEntry.objects.filter(batch_id=job.arguments["new_batch"], action="deleted")
        return (
            Contact.objects.filter(deleted_at=None).count(),
            Key.objects.filter(object="contacts", key__startswith="email:").count(),
            undone.count(),
            undone.values("record_id").distinct().count(),
            Job.objects.get(id=job.id),
        )


def test_a_killed_worker(job):
    first = worker(job)
    end = time.monotonic() + 60
    while left(job)[2] < 2 * CHUNK:
        assert first.poll() is None, first.stderr.read().decode()
        assert time.monotonic() < end
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.wait()

    contacts, keys, writes, records, row = left(job)
    assert row.state == "running"
    assert 0 < contacts < RECORDS
    assert contacts % CHUNK == 0  # a step is there whole or not at all
    assert (keys, writes, records) == (contacts, RECORDS - contacts, RECORDS - contacts)

    second = worker(job)
    assert second.wait(120) == 0, second.stderr.read().decode()
    contacts, keys, writes, records, row = left(job)
    assert (contacts, keys, writes, records) == (0, 0, RECORDS, RECORDS)
    assert (row.state, row.message) == ("done", "2,400 records undone.")
    assert (row.result["undone"], row.result["of"]) == (RECORDS, RECORDS)

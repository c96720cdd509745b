"""A file four times as long takes no more memory."""

import io
import os
import subprocess
import sys

import pytest

from tests.cast import assemble

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WORKER = """
import re, sys
import django
django.setup()
from trato.engine import jobs
from trato.engine.imports import work
work.CHUNK = 500
jobs.run_job(*sys.argv[1:])
# Not getrusage: its maximum outlives exec, and the parent is large.
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def kilobytes(cast, rows):
    """The most memory a worker had while it imported so many rows."""
    from trato.engine import objects
    from trato.engine.imports import runs
    from trato.engine.models import ImportRun
    from trato.engine.postgres.scope import in_workspace
    from trato.engine.workspaces.actors import actor_for_user

    text = "First name,E-mail,Note\n" + "".join(f"N{n},n{n}@{rows}.example,{'x' * 500}\n" for n in range(rows))
    with in_workspace(cast.acme.id):
        actor = actor_for_user(cast.owner, cast.acme)
        draft = runs.draft(actor, objects.get("contacts"), "people.csv", io.BytesIO(text.encode()))
        run = runs.start(actor, draft, match=["email"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "trato.site.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", WORKER, str(run.workspace_id), str(run.job_id)]
    said = subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout
    with in_workspace(cast.acme.id):
        assert ImportRun.objects.get(id=run.id).created == rows
    return int(said)


def test_memory_is_flat():
    cast = assemble()
    little, much = kilobytes(cast, 3_000), kilobytes(cast, 12_000)
    assert much < little + 15_000  # 9,000 rows more are 5 MB of file, and 50 MB as Python values
    assert much < 200_000

"""The scan of all contacts for duplicates, in a process of its own, as the worker does it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Any

from .stack import ROOT

NAME, MEMORY = "duplicates, scan of contacts", "duplicates, memory of the scan"


def rows(bench: Any) -> list[dict[str, Any]]:
    """Records a second, of which a million in ten minutes need 1,667, and the most memory it took."""
    if bench.only not in f"{NAME}, {MEMORY}":
        return []
    command = [sys.executable, "-m", "benchmarks.duplicates", bench.workspace.slug]
    told = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    return [
        {"name": NAME, "value": told["records"] / told["seconds"], "unit": "records/s", "aim": ">= 1,667"},
        {"name": MEMORY, "value": told["megabytes"], "unit": "MB", "aim": "<= 300"},
    ]


def scan(slug: str) -> dict[str, Any]:
    """Look through all contacts of a workspace once."""
    import django  # noqa: PLC0415 - this module is also read by the benchmark, which has set it up

    django.setup()
    from trato.engine import objects  # noqa: PLC0415
    from trato.engine.duplicates import weighing  # noqa: PLC0415
    from trato.engine.duplicates.scan import Scan  # noqa: PLC0415
    from trato.engine.postgres.scope import in_workspace  # noqa: PLC0415
    from trato.engine.workspaces.actors import system_actor  # noqa: PLC0415
    from trato.engine.workspaces.ids import uuid7  # noqa: PLC0415
    from trato.engine.workspaces.models import Workspace  # noqa: PLC0415

    workspace = Workspace.objects.get(slug=slug)
    with in_workspace(workspace.id):
        contacts = objects.get("contacts")
        scorer = weighing.of(contacts).scorer(contacts.fields(workspace))
    began = time.perf_counter()
    done = Scan(system_actor(workspace, "job"), contacts, scorer, uuid7())
    found = done.run()
    return {
        "records": done.records,
        "compared": done.compared,
        "pairs": found,
        "seconds": time.perf_counter() - began,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(scan(sys.argv[1])))

"""``trato config export`` and ``trato config import``: a workspace's configuration as one JSON file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from trato.engine import configuration
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Refused
from trato.engine.workspaces.actors import system_actor

from ..problem import Problem
from .people import workspace_called
from .terminal import put, say

LARGEST = 20 * 2**20


def export_config(arguments: argparse.Namespace) -> None:
    """Writes the configuration to a file, or to the terminal."""
    workspace = workspace_called(arguments.workspace)
    with in_workspace(workspace.id):
        found = configuration.export(system_actor(workspace, "cli"))
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if arguments.file == "-":
        sys.stdout.write(text)
        return
    Path(arguments.file).write_text(text, encoding="utf-8")
    say(f"The configuration of {workspace.slug} is in {arguments.file}.")


def import_config(arguments: argparse.Namespace) -> None:
    """Takes a configuration over, whole or not at all; says each thing it adds or changes."""
    workspace, given = workspace_called(arguments.workspace), _read(Path(arguments.file))
    try:
        with in_workspace(workspace.id):
            actor = system_actor(workspace, "cli")
            changes = (configuration.compare if arguments.dry_run else configuration.apply)(actor, given)
    except Refused as refused:
        raise Problem(f"{refused} Nothing was changed.") from None
    for change in changes:
        put(f"{'add' if change.added else 'change'} {change.section} {'/'.join(map(str, change.key))}")
        for name, (old, new) in () if change.added else change.fields.items():
            say(f"  {name}: {json.dumps(old, ensure_ascii=False)} -> {json.dumps(new, ensure_ascii=False)}")
    if not changes:
        say("Nothing differs.")
    if arguments.dry_run:
        say("This was a dry run: nothing was changed.")


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST:
            raise Problem(f"{path} is larger than any configuration.")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(f"{path} can't be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise Problem(f"{path} is no JSON file.") from None

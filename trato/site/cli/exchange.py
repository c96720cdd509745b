"""``trato import`` and ``trato export``: files in, files out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.db import InterfaceError, OperationalError
from django.utils import translation

from trato.engine import access, objects
from trato.engine.exports import runs as exports
from trato.engine.imports import preview, runs, work
from trato.engine.models import ImportRun
from trato.engine.objects import Object
from trato.engine.postgres.scope import in_workspace
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor, actor_for_user, system_actor
from trato.engine.workspaces.models import Workspace

from ..problem import Problem
from .people import member_called, workspace_called
from .terminal import put, say

UNUSABLE = 2
#: Formats by the ending of a file's name.
FORMATS = {"csv": "csv", "tsv": "tsv", "xlsx": "xlsx", "ndjson": "ndjson", "vcf": "vcard"}


def import_file(arguments: argparse.Namespace) -> int:
    """Brings a file in and says what became of its rows; 2 for a file that can't be used, 0 once all rows are accounted
    for.
    """
    workspace = workspace_called(arguments.workspace)
    actor_of = _actor(workspace, arguments.user)
    obj = _object(workspace, arguments.objects)
    path = Path(arguments.file)
    if not path.is_file():
        raise Problem(f"There is no file {path}.")
    decisions = {
        "match": [arguments.match] if arguments.match else [],
        "on_match": arguments.on_match,
        "create_links": not arguments.no_new_links,
        "numbers": arguments.numbers,
        "dates": arguments.dates,
        "country": arguments.country,
    }
    try:
        with in_workspace(workspace.id):
            actor = actor_of()
            run = _draft(actor, obj, path)
            if arguments.dry_run:
                runs.choose(actor, run, **decisions)
                return _rehearsed(actor, run)
            run = _interrupted(run) or run
            if run.state == "draft":
                runs.launch(actor, run, **decisions)
            for column, target in run.mapping.items():
                say(f"  {column} -> {target or '(not imported)'}")
    except Refused as refused:
        say(f"trato: {refused}")
        say("trato: Nothing was imported.")
        return UNUSABLE
    except access.Forbidden:
        raise Problem(f"{arguments.user} may not import {obj.plural}.") from None
    try:
        run = work.carry_out(workspace.id, run.id, lambda: runs.as_import(actor_of(), run), _progress)
    except (OperationalError, InterfaceError) as error:
        raise Problem(f"The database went away: {error}. What was done stays; the same command goes on.") from None
    except work.Superseded:
        raise Problem("Another process works on this import, or has done it. This one changed nothing.") from None
    _tell(workspace, run, path)
    return 0


def _draft(actor: Actor, obj: Object, path: Path) -> ImportRun:
    with path.open("rb") as content:
        return runs.draft(actor, obj, path.name, content)


def _interrupted(draft: ImportRun) -> ImportRun | None:
    """An import of the same file that was killed: the draft gives way to it."""
    run = runs.interrupted(draft)
    if run:
        runs.discard(draft)
        say(f"An import of this file was interrupted; going on at row {run.rows + 1}.")
    return run


def _actor(workspace: Workspace, email: str | None) -> Callable[[], Actor]:
    """Makes the actor (inside ``in_workspace``): the person, else the system."""
    user = member_called(email, workspace) if email else None

    def actor() -> Actor:
        found = actor_for_user(user, workspace, "cli") if user else system_actor(workspace, "cli")
        if found is None:
            raise Problem(f"{email} is not an active member of {workspace.slug!r}.")
        translation.activate(found.language)
        return found

    return actor


def _object(workspace: Workspace, name: str) -> Object:
    with in_workspace(workspace.id):
        try:
            return objects.get(name)
        except objects.UnknownObject:
            known = ", ".join(obj.plural for obj in objects.all_objects() if obj.importable)
            raise Problem(f"There is nothing called {name!r}. Known: {known}.") from None


def _progress(done: int, total: int | None) -> None:
    if sys.stderr.isatty():
        say(f"  {done:,} of about {total or done:,} rows")


def _tell(workspace: Workspace, run: ImportRun, path: Path) -> None:
    """What became of the rows, and where those are that were not taken over."""
    put(" ".join(f"{result}={getattr(run, result)}" for result in work.RESULTS))
    if run.message:
        say(run.message)
    if run.failed:
        beside = path.with_name(f"{path.stem}.failed.csv")
        with in_workspace(workspace.id), beside.open("wb") as file:
            file.writelines(runs.problems_file(run))
        say(f"The rows that failed, each with its reason, are in {beside}; put them right and import that file.")


def _rehearsed(actor: Actor, run: ImportRun) -> int:
    counts, problems = preview.rehearse(actor, run)
    put(" ".join(f"{result}={counts[result]}" for result in work.RESULTS))
    for line, reason in problems:
        say(f"  line {line}: {reason}")
    say("This was a dry run: nothing was changed.")
    runs.discard(run)
    return 0


def export_file(arguments: argparse.Namespace) -> None:
    """Writes all records a person may see, or just all, to a file or the terminal."""
    workspace = workspace_called(arguments.workspace)
    actor_of, obj = _actor(workspace, arguments.user), _object(workspace, arguments.objects)
    name = arguments.format or Path(arguments.file).suffix.removeprefix(".").lower()
    if name not in FORMATS:
        raise Problem(f"Which format is {arguments.file}? Say it: --format {'|'.join(FORMATS)}.")
    try:
        with in_workspace(workspace.id):
            export = exports.plan(actor_of(), obj, FORMATS[name])
    except access.Forbidden:
        raise Problem(f"{arguments.user} may not export {obj.plural}.") from None
    except Refused as refused:
        raise Problem(str(refused)) from None
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done = rows

    if arguments.file == "-":
        sys.stdout.buffer.writelines(exports.stream(export, count))
    else:
        with _written(Path(arguments.file)) as file:
            file.writelines(exports.stream(export, count))
    say(f"{done:,} {obj.plural} written.")


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """A file that stands under its name only once it is whole; a device or a pipe is written to, never replaced."""
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)

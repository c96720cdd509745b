"""How the tests import: draft, decide, do the work, in the test's own transaction."""

import io

from trato.engine import objects
from trato.engine.imports import runs, work


def draft(actor, text, *, name="people.csv", plural="contacts", **hints):
    content = text if isinstance(text, bytes) else text.encode()
    return runs.draft(actor, objects.get(plural), name, io.BytesIO(content), **hints)


def carry_out(actor, run, **decisions):
    """The run once its work is done."""
    runs.launch(actor, run, **decisions)
    return go_on(actor, run)


def go_on(actor, run, tell=lambda done, total: None):
    return work.carry_out(actor.workspace.id, run.id, lambda: runs.as_import(actor, run), tell)


def imported(actor, text, *, name="people.csv", plural="contacts", hints=None, **decisions):
    return carry_out(actor, draft(actor, text, name=name, plural=plural, **hints or {}), **decisions)


def counts(run):
    """The results there are, without those that are none."""
    return {result: getattr(run, result) for result in work.RESULTS if getattr(run, result)}

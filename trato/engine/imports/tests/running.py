"""How the tests import: draft, decide, do the work, in the test's own transaction."""

import io

from trato.engine import access, objects
from trato.engine.imports import runs, work
from trato.engine.models import Key

PEOPLE = "First name,Last name,E-mail,Job title\nAna,García,ana@x.com,Engineer\nLuis,Pérez,luis@x.com,\n"


def contacts():
    return objects.get("contacts")


def by_email(actor, address):
    key = Key.objects.get(object="contacts", key=f"email:{address}")
    return access.get(actor, contacts(), key.record_id)


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

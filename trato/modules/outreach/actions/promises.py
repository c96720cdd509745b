"""Promises: kept, prolonged, withdrawn, and broken when their day has passed."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import Problem, Refused
from trato.engine.kinds import Date, LongText
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.models import Workspace

from .. import queries
from ..models import Promise

AT_ONCE = 200


def _is_open(promise: Promise) -> bool:
    return promise.status == "open"


def _require_open(promise: Promise) -> None:
    if not _is_open(promise):
        raise Refused([Problem("", "status", _now("This promise is decided already."))])


@actions.action(
    "promises",
    label=_("Kept"),
    icon="check",
    prominent=True,
    undo=_("The promise is open again."),
    applies=_is_open,
)
def keep(actor: Actor, record: Promise, *, on: Date() = None) -> Record:
    """It was done, today or on a day; done after the promised day it was broken all the same."""
    _require_open(record)
    today = queries.today(actor.workspace)
    day = on or today
    if day > today:
        raise Refused([Problem("on", "future", _now("Give a day that has come."))])
    status = "kept" if day <= record.due_on else "broken"
    return actions.write(actor, objects.get("promises"), record, {"status": status, "kept_on": day}, verb=status)


@actions.action(
    "promises",
    label=_("Prolong"),
    icon="calendar-plus",
    undo=_("The day it had comes back."),
    applies=_is_open,
)
def prolong(actor: Actor, record: Promise, *, until: Date(required=True), consent: LongText(required=True)) -> Record:
    """Another day, because the customer agreed: when, who and how they said so is kept with it."""
    _require_open(record)
    if until <= record.due_on:
        raise Refused([Problem("until", "earlier", _now("Choose a day after the one promised."))])
    said = "\n".join(part for part in (record.consent, f"{record.due_on} → {until}: {consent}") if part)
    given = {"due_on": until, "consent": said}
    return actions.write(actor, objects.get("promises"), record, given, verb="prolonged")


@actions.action(
    "promises",
    label=_("Withdraw"),
    icon="x",
    undo=_("The promise is open again."),
    applies=_is_open,
)
def withdraw(actor: Actor, record: Promise, *, why: LongText(required=True)) -> Record:
    """It is not owed any more, because the customer said so; it counts neither as kept nor as broken."""
    _require_open(record)
    note = "\n".join(part for part in (record.note, why) if part)
    given = {"status": "withdrawn", "note": note}
    return actions.write(actor, objects.get("promises"), record, given, verb="withdrawn")


def break_overdue(workspace: Workspace) -> int:
    """Promises whose day has passed in the workspace's zone are broken (inside ``in_workspace``); how many."""
    actor, obj = system_actor(workspace, "job"), objects.get("promises")
    found = queries.overdue(queries.today(workspace))[:AT_ONCE]
    for promise in found:
        actions.write(actor, obj, promise, {"status": "broken"}, verb="broken")
    return len(found)

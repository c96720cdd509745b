"""Sequences: who is put into them, their steps as the clock brings them, and what ends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import access, actions, doors, inbox, objects, outbox
from trato.engine.actions import Problem, Refused
from trato.engine.kinds import Link, Text
from trato.engine.models import Record
from trato.engine.printing import speaks
from trato.engine.workspaces.actors import Actor, actor_for_user, system_actor
from trato.engine.workspaces.members import people_of
from trato.engine.workspaces.models import User, Workspace

from .. import queries
from ..models import Enrolment, SequenceStep
from ..rules import hours, texts

PURPOSE = "unsubscribe"
AT_ONCE = 100
ENROL = {"label": _("Enrol in a sequence"), "icon": "list-numbers", "undo": _("Stop it, or delete the enrolment.")}
IN_SEQUENCES = Link(to=("sequences",), by_id=True, required=True)


# -- put in, and taken out ------------------------------------------------------------------------------------------


@actions.action("contacts", **ENROL)
def enrol(actor: Actor, record: Record, *, sequence: IN_SEQUENCES) -> Record:
    """The person goes through a sequence in the name of whoever says so; who is in it already stays where they are."""
    return _enrol(actor, record, sequence)


def _enrol(actor: Actor, record: Record, sequence: UUID) -> Record:
    obj, person = objects.get("enrolments"), objects.of_record(record)
    rows = access.visible(actor, obj).filter(person=person.ref(record.id), sequence_id=sequence, status="active")
    if known := rows.first():
        return known
    steps = queries.steps_of(access.get(actor, objects.get("sequences"), sequence).id)
    if not steps:
        raise Refused([Problem("sequence", "empty", _now("This sequence has no steps yet. Add one first."))])
    if record.no_mailings and any(step.kind == "mail" for step in steps):
        words = _now("%(name)s wants no mails of sequences; call, or ask them first.") % {"name": record.title}
        raise Refused([Problem("sequence", "no_mailings", words)])
    given = {"person": person.ref(record.id), "sequence": sequence, "owner": actor.user_id}
    return actions.create(actor, obj, given)


def _enrol_lead(actor: Actor, record: Record, *, sequence: IN_SEQUENCES) -> Record:
    """The lead goes through a sequence in the name of whoever says so; who is in it already stays where they are."""
    return _enrol(actor, record, sequence)


_enrol_lead.__name__ = "enrol"
actions.action("leads", **ENROL)(_enrol_lead)


def _is_active(enrolment: Enrolment) -> bool:
    return enrolment.status == "active"


@actions.action(
    "enrolments",
    label=_("Replied"),
    icon="message-reply",
    prominent=True,
    undo=_("The sequence goes on."),
    applies=_is_active,
)
def replied(actor: Actor, record: Enrolment) -> Record:
    """They answered, by whatever way: nothing more goes out."""
    return end(actor, record, "replied", _now("They answered"))


@actions.action(
    "enrolments",
    label=_("Stop"),
    icon="player-stop",
    undo=_("The sequence goes on."),
    applies=_is_active,
)
def stop(actor: Actor, record: Enrolment, *, why: Text() = "") -> Record:
    """Nothing more goes out."""
    return end(actor, record, "stopped", why)


def end(actor: Actor, enrolment: Enrolment, status: str, reason: str = "") -> Enrolment:
    """A sequence ends for a person, who is in it no more; one that has ended stays as it is."""
    if not _is_active(enrolment):
        return enrolment
    given = {"status": status, "reason": str(reason)[:300], "ended_at": timezone.now(), "next_at": None}
    actions.write(actor, objects.get("enrolments"), enrolment, given, verb=status)
    return enrolment


# -- what ended them meanwhile --------------------------------------------------------------------------------------

#: What ends a sequence: as which status, and why in words.
ENDS = {
    "call": ("replied", _("They called")),
    "meeting": ("replied", _("There was a meeting with them")),
    "quote": ("replied", _("They answered a quote")),
    "deal": ("finished", _("A deal with them was decided")),
    "converted": ("finished", _("The lead was converted or put aside")),
}


def notice(workspace: Workspace) -> int:
    """End the sequences of everybody who answered since, or is gone (inside ``in_workspace``); how many."""
    actor, beyond, ended = system_actor(workspace, "job"), None, 0
    with translation.override(workspace.language):
        while found := queries.under_way(beyond, AT_ONCE):
            beyond = found[-1].id
            told, there = queries.signs(found), queries.still_there(found)
            ended += sum(_noticed(actor, one, told, there) for one in found)
    return ended


def _noticed(actor: Actor, one: Enrolment, told: dict[UUID, list[tuple[datetime, str]]], there: set[str]) -> bool:
    whose = UUID(one.person.partition("/")[2])
    signs = sorted(sign for sign in told.get(whose, ()) if sign[0] >= one.started_at)
    if one.person not in there:
        end(actor, one, "stopped", _now("The record of this person was deleted"))
    elif signs:
        status, words = ENDS[signs[0][1]]
        end(actor, one, status, str(words))
    else:
        return False
    return True


# -- steps ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: the enrolment, its owner acting, and the person."""

    actor: Actor
    owner: User
    enrolment: Enrolment
    person: Record
    addresses: tuple[str, ...]

    @property
    def obj(self) -> Any:
        """The object of the person."""
        return objects.of_record(self.person)

    def wants_none(self) -> bool:
        """Whether the person, or who reads one of their addresses, wants no mails of sequences."""
        return self.person.no_mailings or queries.opted_out(self.addresses)

    def values(self) -> dict[str, str]:
        """What stands for the placeholders, as far as the owner may see it."""
        fields = access.fields(self.actor, self.obj)
        account = getattr(self.person, "account_id", None) if "account" in fields else None
        named = access.titles(self.actor, [f"accounts/{account}"]).get(f"accounts/{account}", "") if account else ""
        company = self.person.company if "company" in fields else ""
        return {
            "first_name": self.person.first_name if "first_name" in fields else "",
            "account": named or company,
            "sender": str(self.owner),
        }


def advance(workspace: Workspace, now: datetime) -> int:
    """Plan those who are new, and do the steps whose time has come (inside ``in_workspace``); how many there were.

    A step and that it was done are one transaction; a mail has a key of its own besides, so it goes once.
    """
    found = queries.due(now, AT_ONCE)
    with translation.override(workspace.language):
        for enrolment in found:
            _advance(workspace, enrolment, now)
    return len(found)


def _advance(workspace: Workspace, enrolment: Enrolment, now: datetime) -> None:
    system = system_actor(workspace, "job")
    steps = queries.steps_of(enrolment.sequence_id)
    if enrolment.steps_done >= len(steps):
        end(system, enrolment, "finished")
        return
    if enrolment.next_at is None:
        _plan(system, enrolment, steps[enrolment.steps_done], enrolment.started_at, enrolment.steps_done)
        return
    turn, why = _turn(workspace, enrolment)
    step = steps[enrolment.steps_done]
    if turn is not None and not why:
        why = _do(turn, step)
    if why:
        end(system, enrolment, "stopped" if turn is not None and turn.wants_none() else "failed", why)
    elif enrolment.steps_done + 1 < len(steps):
        _plan(system, enrolment, steps[enrolment.steps_done + 1], now, enrolment.steps_done + 1)
    else:
        actions.write(system, objects.get("enrolments"), enrolment, {"steps_done": len(steps)}, verb="advanced")
        end(system, enrolment, "finished")


def _plan(actor: Actor, enrolment: Enrolment, step: SequenceStep, since: datetime, done: int) -> None:
    """When the next step comes: some days after the one before, in the hours of the sequence."""
    zone, sequence = ZoneInfo(actor.workspace.time_zone), enrolment.sequence
    at = hours.within(hours.after(since, step.days, zone), zone, sequence.opens, sequence.closes, sequence.weekdays)
    given = {"next_at": at, "steps_done": done}
    actions.write(actor, objects.get("enrolments"), enrolment, given, verb="advanced")


def _turn(workspace: Workspace, enrolment: Enrolment) -> tuple[Turn | None, str]:
    """Who acts on whom, or why nobody can."""
    user = people_of([enrolment.owner_id]).get(enrolment.owner_id) if enrolment.owner_id else None
    actor = actor_for_user(user, workspace, "job") if user else None
    if user is None or actor is None:
        return None, _now("Its owner is no member of the workspace any more")
    plural, record_id = objects.split_ref(enrolment.person)
    obj = objects.get(plural)
    try:
        person = access.get(actor, obj, record_id)
    except access.Absent:
        return None, _now("Its owner may not see this person any more")
    seen = person.emails if "emails" in access.fields(actor, obj) else []
    primary_first = sorted(seen, key=lambda one: not one.get("primary"))
    addresses = tuple(one["address"] for one in primary_first if one.get("address"))
    return Turn(actor, user, enrolment, person, addresses), ""


def _do(turn: Turn, step: SequenceStep) -> str:
    """Do a step; why it can't be, "" where it was."""
    values = turn.values()
    subject, text = texts.filled(step.subject, values), texts.filled(step.text, values)
    try:
        if step.kind == "mail":
            return _mail(turn, step, subject, text)
        _task(turn, step, subject, text)
    except access.Forbidden:
        return _now("Its owner may not make tasks")
    except Refused as refused:
        return " ".join(str(problem.message) for problem in refused.problems)
    return ""


def _mail(turn: Turn, step: SequenceStep, subject: str, text: str) -> str:
    if not turn.addresses:
        return _now("There is no e-mail address")
    if turn.wants_none():
        return _now("They don't want mails of sequences")
    name, address = turn.person.title, turn.addresses[0]
    language = speaks(getattr(turn.person, "language", ""), turn.actor.workspace)
    _door, link = doors.make(turn.actor, turn.obj, turn.person.id, PURPOSE, name=name, email=address, language=language)
    paragraphs = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    with translation.override(language):
        bye = _now("If you don't want such mails any more: %(link)s") % {"link": link}
    body, html = outbox.written(language, paragraphs, after=[bye])
    outbox.put(
        turn.actor,
        key=f"sequence:{turn.enrolment.id}:{step.id}",
        to=[(name, address)],
        subject=subject,
        text=body,
        html=html,
        reply_to=inbox.answers_to(turn.owner.email),
        unsubscribe=f"{link}/one-click",
        about=(turn.obj, turn.person.id),
    )
    return ""


def _task(turn: Turn, step: SequenceStep, subject: str, text: str) -> None:
    """A task for the owner, due today; a call says so."""
    words = _now("Call: %(what)s") % {"what": subject} if step.kind == "call" else subject
    given = {
        "subject": words[:200],
        "body": text,
        "about": [turn.enrolment.person],
        "owner": turn.owner.id,
        "due_at": timezone.now(),
    }
    actions.create(turn.actor, objects.get("tasks"), given)

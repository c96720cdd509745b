"""Call lists: filled, called one after the other, each entry by one person at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import access, actions, filters, objects
from trato.engine.actions import Problem, Refused
from trato.engine.kinds import Link
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor

from .. import queries
from ..models import CALLED, Answer, CallList, CallListEntry
from ..rules import scripts

#: How long somebody holds an entry; then another may take it.
HELD = timedelta(minutes=15)
#: Entries looked through for one whose record the person may see.
LOOKED_AT = 50
#: Records a list takes from its filter in one go.
MOST = 500
IN_LISTS = Link(to=("call-lists",), by_id=True, required=True)
ADD = {"label": _("Put on a call list"), "icon": "phone-plus", "undo": _("Delete the entry from the list.")}
MISSED = ("no_answer", "voicemail", "busy")


# -- who is on it ---------------------------------------------------------------------------------------------------


def _adds(plural: str) -> None:
    """Records of this object can be put on a call list by hand, one or many."""

    def put_on_call_list(actor: Actor, record: Record, *, call_list: IN_LISTS) -> Record:
        """Put it on a call list; what is on it already stays."""
        access.get(actor, objects.get("call-lists"), call_list, "change")
        obj, ref = objects.get("call-list-entries"), objects.get(plural).ref(record.id)
        known = CallListEntry.objects.filter(call_list_id=call_list, record=ref, deleted_at=None).first()
        return known or actions.create(actor, obj, {"call_list": call_list, "record": ref})

    actions.action(plural, **ADD)(put_on_call_list)


for _plural in CALLED:
    _adds(_plural)


@actions.action(
    "call-lists",
    label=_("Fill"),
    icon="filter-plus",
    undo=_("Delete the entries that were added."),
    applies=lambda record: bool(record.filled_from),
)
def fill(actor: Actor, record: CallList) -> Record:
    """Add whoever the filter holds now and who is not on the list yet, as far as one may see them."""
    if not record.filled_from:
        raise Refused([Problem("filled_from", "required", _now("Say first what the list is filled from."))])
    obj = objects.get(record.filled_from)
    rows = access.visible(actor, obj)
    if tree := filters.parse(record.condition):
        rows = filters.narrow(actor, obj, rows, tree)
    entries = CallListEntry.objects.filter(call_list_id=record.id, deleted_at=None)
    known, added = set(entries.values_list("record", flat=True)), 0
    for record_id in rows.order_by("id").values_list("id", flat=True).iterator(500):
        if added == MOST:
            break
        if (ref := obj.ref(record_id)) not in known:
            actions.create(actor, objects.get("call-list-entries"), {"call_list": record.id, "record": ref})
            added += 1
    return record


# -- who calls whom -------------------------------------------------------------------------------------------------


def take(actor: Actor, call_list: CallList) -> CallListEntry | None:
    """The entry the person has in hand, else the next one, which is theirs from now on; None where there is none.

    Whoever is a moment earlier gets it, and the other the one after. What they may not see is left to others.
    """
    now = timezone.now()
    own = queries.held(actor, call_list.id, now)
    offered = [*([own] if own else []), *queries.waiting(call_list.id, now)[:LOOKED_AT]]
    seen = access.titles(actor, [one.record for one in offered])
    free = Q(held_until=None) | Q(held_until__lte=now) | Q(held_by_id=actor.user_id)
    for entry in offered:
        rows = CallListEntry.objects.filter(free, id=entry.id, status=entry.status)
        if entry.record in seen and rows.update(held_by_id=actor.user_id, held_until=now + HELD):
            return entry
    return None


def let_go(actor: Actor, call_list: CallList) -> None:
    """The person calls somebody else: what they had in hand goes behind the others for an hour."""
    now = timezone.now()
    rows = CallListEntry.objects.filter(call_list_id=call_list.id, held_by_id=actor.user_id, held_until__gt=now)
    rows.update(held_by=None, held_until=now + timedelta(hours=1))


@dataclass(frozen=True)
class Said:
    """What came of a call: an outcome, when to call again, notes, and the answers by question."""

    outcome: str
    again_at: datetime | None = None
    notes: str = ""
    number: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


def log(actor: Actor, call_list: CallList, entry_id: Any, said: Said) -> CallListEntry:
    """Keep a call: the activity, the answers, the fields they go into, and where the entry stands now. All or nothing;
    raises Absent, Forbidden, Refused, also where somebody else has the entry.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = CallListEntry.objects.filter(call_list_id=call_list.id, deleted_at=None, held_by_id=actor.user_id)
        entry = rows.filter(id=access.as_uuid(entry_id)).select_for_update(of=("self",)).first()
        if entry is None:
            words = _now("Somebody else has this call now, or it was kept already. Nothing was changed.")
            raise Refused([Problem("", "taken", words)])
        _check(said, now)
        asked = _answered(call_list, said)
        call = _call(actor, entry, said, asked)
        _keep(actor, entry, call.id, asked)
        given = _standing(call_list, entry, said, now) | {"outcome": said.outcome}
        actions.write(actor, objects.get("call-list-entries"), entry, given, verb="called")
        CallListEntry.objects.filter(id=entry.id).update(held_by=None, held_until=None)
    return entry


def _check(said: Said, now: datetime) -> None:
    if said.outcome not in ("reached", "later", *MISSED):
        raise Refused([Problem("outcome", "choice", _now("Choose what came of the call."))])
    if said.outcome == "later" and (said.again_at is None or said.again_at <= now):
        raise Refused([Problem("again_at", "past", _now("Say when to call back: a time to come."))])


def _answered(call_list: CallList, said: Said) -> list[tuple[scripts.Question, str]]:
    """The questions on the way that were answered; raises Refused for what is no answer."""
    way = scripts.way(queries.questions(call_list), said.answers)
    asked = [(question, answer) for question, answer in way if answer]
    wrong = [
        Problem(f"answer-{question['id']}", "answer", problem)
        for question, answer in asked
        if (problem := scripts.answer_problem(question, answer))
    ]
    if wrong:
        raise Refused(wrong)
    return asked


def _call(actor: Actor, entry: CallListEntry, said: Said, asked: Sequence[tuple[scripts.Question, str]]) -> Record:
    """The call as an activity, with what was asked and answered in it."""
    title = access.titles(actor, [entry.record]).get(entry.record)
    if title is None:
        raise access.Absent(entry.record)
    lines = [f"<p><strong>{escape(question['ask'])}</strong> {escape(answer)}</p>" for question, answer in asked]
    notes = [f"<p>{escape(part)}</p>" for part in said.notes.splitlines() if part.strip()]
    given = {
        "subject": (_now("Call with %(name)s") % {"name": title})[:200],
        "direction": "out",
        "outcome": "reached" if said.outcome == "later" else said.outcome,
        "number": said.number,
        "body": "".join([*lines, *notes]),
        "about": [entry.record],
        "owner": actor.user_id,
    }
    return actions.create(actor, objects.get("calls"), given)


def _keep(actor: Actor, entry: CallListEntry, call_id: UUID, asked: Sequence[tuple[scripts.Question, str]]) -> None:
    """The answers by themselves, and in the fields of the record that the script names."""
    Answer.objects.bulk_create(
        Answer(
            call_id=call_id,
            entry_id=entry.id,
            record=entry.record,
            question=question["id"],
            words=question["ask"],
            answer=scripts.stored(question, answer),
        )
        for question, answer in asked
    )
    fields = {q["field"]: scripts.stored(q, answer) for q, answer in asked if q.get("field")}
    if not fields:
        return
    plural, record_id = objects.split_ref(entry.record)
    try:
        actions.update(actor, objects.get(plural), record_id, fields)
    except Refused as refused:
        of = {question["field"]: question["id"] for question, _answer in asked if question.get("field")}
        told = [Problem(f"answer-{of.get(p.field, p.field)}", p.code, p.message) for p in refused.problems]
        raise Refused(told) from None


def _standing(call_list: CallList, entry: CallListEntry, said: Said, now: datetime) -> dict[str, Any]:
    """Where an entry stands after a call."""
    tried = entry.attempts + 1
    if said.outcome == "reached":
        return {"status": "reached", "attempts": tried, "call_back_at": None}
    if said.outcome == "later":
        return {"status": "later", "attempts": tried, "call_back_at": said.again_at}
    if tried >= call_list.most_attempts:
        return {"status": "done", "attempts": tried, "call_back_at": None}
    again = now + timedelta(hours=call_list.pause_hours)
    return {"status": "missed", "attempts": tried, "call_back_at": again}

"""The course of a contract: in force, reminded of, renewed, given notice, ended."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import action
from trato.engine.kinds import Choice, Date, Text
from trato.engine.models import Record
from trato.engine.numbers import next_number
from trato.engine.workspaces.actors import Actor
from trato.modules.catalog.queries import today

from .. import queries, rules
from ..models import REASONS, Contract
from .course import refuse


def write(actor: Actor, record: Contract, **given: Any) -> None:
    """Write stored values that only actions set."""
    actions.write(actor, objects.get("contracts"), record, given)


def agreed_of(record: Contract) -> rules.Agreed:
    """What a contract says of its end."""
    months = record.renewal_months if record.renewal == "auto" else None
    return rules.Agreed(record.starts_on, record.ends_on, record.notice, record.notice_unit, months)


@action(
    "contracts",
    label=_("Put into force"),
    icon="writing-sign",
    prominent=True,
    undo=_("Give notice."),
    applies=lambda record: record.status == "draft",
)
def enforce(actor: Actor, record: Contract) -> Record:
    """Both sides are bound from its first day on."""
    if record.status != "draft":
        raise refuse("", _now("It is in force already."))
    write(actor, record, status="active", number=record.number or next_number("contracts", record.starts_on))
    return record


@action(
    "contracts",
    label=_("Give notice"),
    icon="mail-x",
    undo=_("“Take notice back” before its last day."),
    text=_("The contract ends with its term; when notice comes too late, with the next one."),
    begins=lambda actor, record: {"on": today(actor)},
    applies=lambda record: record.status == "active",
)
def notice(
    actor: Actor,
    record: Contract,
    *,
    on: Date(),
    reason: Choice(choices=[(value, label) for value, label in REASONS], required=True),
    note: Text(),
) -> Record:
    """Notice was given on a day (today unless another is named): it ends with its term, or the next one if that is too
    late.
    """
    if record.status != "active":
        raise refuse("", _now("Notice can only be given of a contract in force."))
    given = on or today(actor)
    if given > today(actor) or given < record.starts_on - timedelta(days=366):
        raise refuse("on", _now("Choose the day the notice came, today or earlier."))
    write(
        actor,
        record,
        status="noticed",
        noticed_on=given,
        ends_on=rules.effective_end(agreed_of(record), max(given, record.starts_on)),
        notice_by=None,
        reason=reason,
        reason_note=note or "",
    )
    return record


@action(
    "contracts",
    label=_("Take notice back"),
    icon="heart-handshake",
    prominent=True,
    undo=_("Give notice again."),
    applies=lambda record: record.status == "noticed",
)
def withdraw(actor: Actor, record: Contract) -> Record:
    """Both sides go on after all."""
    if record.status != "noticed":
        raise refuse("", _now("No notice was given."))
    if record.ends_on and record.ends_on < today(actor):
        raise refuse("", _now("Its last day is over. Make a new contract."))
    write(actor, record, status="active", noticed_on=None, reason="", reason_note="")
    _follow_notice(actor, record)
    return record


@action(
    "contracts",
    label=_("Renew"),
    icon="calendar-plus",
    undo=_("Set its last day back."),
    applies=lambda record: record.status == "active" and record.ends_on is not None,
)
def renew(actor: Actor, record: Contract) -> Record:
    """It runs for as many months more as it says."""
    if record.status != "active" or record.ends_on is None:
        raise refuse("", _now("Only a contract in force with a last day is renewed."))
    if not record.renewal_months:
        raise refuse("", _now("It doesn't say for how many months it is renewed."))
    ends_on = rules.next_end(record.ends_on, record.renewal_months, record.starts_on)
    write(actor, record, ends_on=ends_on)
    _follow_notice(actor, record)
    return record


def _follow_notice(actor: Actor, record: Contract) -> None:
    """The last day of notice follows the term."""
    by = rules.last_notice(record.ends_on, record.notice, record.notice_unit) if record.ends_on else None
    write(actor, record, notice_by=by if record.renewal == "auto" else None)


def pass_days(actor: Actor) -> None:
    """What the day brings to all contracts of the workspace: terms that are over are renewed or end, and owners get a
    task before notice is due. Safe to do twice.
    """
    day = today(actor)
    for record in queries.contracts_past(day):
        while record.status == "active" and record.renewal == "auto" and record.renewal_months and record.ends_on < day:
            renew(actor, record)
        if record.ends_on < day:
            write(actor, record, status="ended", notice_by=None)
    for record in queries.contracts_to_remind(day):
        if record.notice_by - timedelta(days=record.remind_days) <= day:
            _remind(actor, record)


def _remind(actor: Actor, record: Contract) -> None:
    due = datetime.combine(record.notice_by, time(9), ZoneInfo(actor.workspace.time_zone))
    with translation.override(actor.workspace.language):
        subject = _now("Notice of “%(name)s” until %(day)s?") % {
            "name": record.name,
            "day": record.notice_by.isoformat(),
        }
    task = {"subject": subject[:200], "due_at": due, "owner": record.owner_id, "about": [f"contracts/{record.id}"]}
    actions.create(actor, objects.get("tasks"), task)
    write(actor, record, reminded_for=record.notice_by)

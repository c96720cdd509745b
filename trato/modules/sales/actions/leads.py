"""What is done with leads: given away, touched, asked, converted, put aside and taken up again."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import access, actions, objects
from trato.engine.actions import Problem, Refused
from trato.engine.kinds import Bool, Choice, Date, Link, MoneyKind, Text
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor, system_actor
from trato.engine.workspaces.models import Workspace

from ..models import Lead, LeadRuleMember
from ..queries import leads as queries
from ..queries.ways import questions
from ..rules.leads import choose, is_live, place_of, wish_of

QUESTION = Link(required=True, by_id=True, to=("qualifying-questions",))
ANSWER = Choice(required=True, choices=[("yes", _("Yes")), ("no", _("No")), ("open", _("Not known yet"))])
REASON = Link(required=True, by_id=True, to=("loss-reasons",))


def _is_live(lead: Record) -> bool:
    return is_live(lead.status)


# -- who gets it ----------------------------------------------------------------------------------------------------


@actions.action(
    "leads",
    label=_("Give by the rules"),
    icon="route",
    undo=_("The lead goes back to who had it."),
    applies=_is_live,
)
def assign(actor: Actor, record: Record) -> Record:
    """The first rule that fits says who gets the lead, and by when it is to be touched."""
    return _arrive(system_actor(actor.workspace, actor.face, "lead rules"), record, give=True) or record


def arrive(workspace: Workspace, lead_ids: Iterable[UUID], by: UUID | None, by_hand: bool) -> int:
    """Give new leads away and start their clocks, as the rules say; returns how many a rule held (inside
    ``in_workspace``). Who wrote a lead by hand, or named somebody else as its owner, keeps it so.
    """
    actor, held = system_actor(workspace, "job", "lead rules"), 0
    for lead in Lead.objects.filter(id__in=list(lead_ids), due_at=None, deleted_at=None).select_for_update():
        give = not by_hand and lead.owner_id in (None, by)
        held += _arrive(actor, lead, give=give) is not None
    return held


def _arrive(actor: Actor, lead: Record, *, give: bool) -> Record | None:
    rule = queries.rule_for(actor, lead.id) if is_live(lead.status) else None
    if rule is None:
        return None
    now = timezone.now()
    given: dict[str, Any] = {}
    if rule.minutes and lead.touched_at is None:
        given["due_at"] = now + timedelta(minutes=rule.minutes)
    if give:
        found, rows = queries.candidates(actor, rule.id, timezone.localtime(now).date())
        if chosen := choose(rule.method, found, place_of(lead.addresses)):
            given["owner"] = rows[chosen[0].id].person_id
            _keep_turns(rows, *chosen)
    return actions.write(actor, objects.get("leads"), lead, given)


def _keep_turns(rows: Mapping[UUID, LeadRuleMember], chosen: Any, owed: Mapping[UUID, int]) -> None:
    for member_id, balance in owed.items():
        given = rows[member_id].given + (member_id == chosen.id)
        LeadRuleMember.objects.filter(id=member_id).update(balance=balance, given=given)


# -- the clock ------------------------------------------------------------------------------------------------------


def touch(workspace: Workspace, lead_ids: Iterable[UUID]) -> int:
    """Stop the clocks of leads that somebody has called, met or written about; a new one is being worked on from then
    (inside ``in_workspace``). Returns how many.
    """
    actor, now, leads = system_actor(workspace, "job", "first touch"), timezone.now(), objects.get("leads")
    touched = queries.first_touches(lead_ids)
    for lead in queries.untouched(touched).select_for_update():
        status = {"status": "working"} if lead.status == "new" else {}
        actions.write(actor, leads, lead, {"touched_at": min(touched[lead.id], now)} | status)
    return len(touched)


# -- what is found out ----------------------------------------------------------------------------------------------


@actions.action(
    "leads",
    label=_("Answer a question"),
    icon="list-check",
    undo=_("The answer is as it was."),
    applies=_is_live,
)
def answer(actor: Actor, record: Record, *, question: QUESTION, met: ANSWER, note: Text(max_length=500) = "") -> Record:
    """What was found out, of the qualifying questions."""
    if question not in {each["id"] for each in questions()}:
        raise Refused([Problem("question", "absent", _now("This is not asked (any more)."))])
    given = {key: value for key, value in record.answers.items() if key != str(question)}
    if met != "open" or note:
        said = {"yes": True, "no": False}.get(met)
        given[str(question)] = {"met": said, "note": note, "by": actor.name, "at": timezone.now().isoformat()}
    return actions.write(actor, objects.get("leads"), record, {"answers": given})


@actions.action(
    "leads",
    label=_("Qualify"),
    icon="circle-check",
    undo=_("The lead is as far as it was."),
    applies=lambda lead: lead.status in ("new", "working"),
)
def qualify(actor: Actor, record: Record) -> Record:
    """The lead is worth a seller's time: all that is asked was answered."""
    return actions.update(actor, objects.get("leads"), record.id, {"status": "qualified"})


@actions.action(
    "leads",
    label=_("Disqualify"),
    icon="user-x",
    undo=_("The lead is open again."),
    text=_("It is none, for a reason. On the day in “Recycle on”, if any, it is new again."),
    applies=_is_live,
)
def disqualify(actor: Actor, record: Record, *, reason: REASON, recycle_on: Date() = None) -> Record:
    """It is none, for a reason; on the day given it is taken up again."""
    access.get(actor, objects.get("loss-reasons"), reason)
    if recycle_on and recycle_on <= timezone.localdate():
        raise Refused([Problem("recycle_on", "future", _now("Choose a day to come."))])
    given = {"status": "disqualified", "loss_reason": reason, "recycle_on": recycle_on}
    return actions.update(actor, objects.get("leads"), record.id, given)


@actions.action(
    "leads",
    label=_("Take up again"),
    icon="rotate",
    prominent=True,
    undo=_("The lead is disqualified as it was."),
    applies=lambda lead: lead.status == "disqualified",
)
def recycle(actor: Actor, record: Record) -> Record:
    """A lead that was put aside is new again."""
    given = {"status": "new", "loss_reason": None, "recycle_on": None, "touched_at": None}
    return actions.write(actor, objects.get("leads"), record, given)


def recycle_due(workspace: Workspace) -> int:
    """Take up again what was put aside until today; returns how many (inside ``in_workspace``)."""
    actor = system_actor(workspace, "job", "recycle")
    with transaction.atomic():
        due = list(queries.to_recycle(timezone.localdate()).select_for_update(skip_locked=True))
        for lead in due:
            recycle(actor, lead)
    return len(due)


# -- what it becomes ------------------------------------------------------------------------------------------------


@actions.action(
    "leads",
    label=_("Convert"),
    icon="transform",
    prominent=True,
    undo=_("Takes away what was made of it; the lead is as far as it was."),
    text=_("Makes an account, a contact and a deal. Choose those that you have already; what you leave empty is new."),
    begins=lambda actor, lead: {"deal_name": wish_of(lead)[2]["name"]},
    applies=_is_live,
)
def convert(
    actor: Actor,
    record: Record,
    *,
    account: Link(by_id=True, to=("accounts",)) = None,
    contact: Link(by_id=True, to=("contacts",)) = None,
    deal: Link(by_id=True, to=("deals",)) = None,
    without_deal: Bool(tristate=False) = False,
    deal_name: Text(max_length=200) = "",
    value: MoneyKind() = None,
    pipeline: Link(by_id=True, to=("pipelines",)) = None,
) -> Record:
    """Make an account, a contact and a deal of it, or join it to those that are named. What is made belongs to the
    lead's owner.
    """
    if not is_live(record.status):
        raise Refused([Problem("", "converted", _now("This lead is not open any more."))])
    owner = record.owner_id or actor.user_id
    new_account, new_contact, new_deal = wish_of(record)
    account = _known(actor, "accounts", account) or _made(actor, "accounts", new_account, owner=owner)
    if contact:
        contact = _known(actor, "contacts", contact)
        account = account or access.get(actor, objects.get("contacts"), contact).account_id
    else:
        contact = _made(actor, "contacts", new_contact, owner=owner, account=account)
    if deal:
        deal = _known(actor, "deals", deal)
    elif not without_deal:
        given = {"owner": owner, "account": account, "contact": contact, "lead": record.id}
        given |= {"value": value, "pipeline": pipeline, "name": deal_name or new_deal["name"]}
        deal = _made(actor, "deals", new_deal, **given)
    made = {"account": account, "contact": contact, "deal": deal}
    told = {"status": "converted", "converted_at": timezone.now(), "touched_at": record.touched_at or timezone.now()}
    return actions.write(actor, objects.get("leads"), record, told | made)


def _known(actor: Actor, plural: str, record_id: UUID | None) -> UUID | None:
    """The id of a record that is there for the actor; raises Refused."""
    if record_id is None:
        return None
    try:
        return access.get(actor, objects.get(plural), record_id).id
    except access.Absent:
        words = _now("There is no such record, or you may not see it.")
        raise Refused([Problem(plural.removesuffix("s"), "absent", words)]) from None


def _made(actor: Actor, plural: str, values: Mapping[str, Any], **more: Any) -> UUID | None:
    """A new record of what the lead says, as far as the actor may write it; None where it says nothing."""
    if not values:
        return None
    obj = objects.get(plural)
    writable = access.writable(actor, obj)
    given = {name: value for name, value in (dict(values) | more).items() if name in writable}
    return actions.create(actor, obj, given).id

"""Named reads of outreach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from trato.engine import access, objects
from trato.engine.models import Moment
from trato.engine.together.models import Comment
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.models import Workspace
from trato.modules.people.models import Call, Contact, Meeting
from trato.modules.people.queries import at_address
from trato.modules.quoting.models import Quote
from trato.modules.sales.models import DealContact, Lead

from .models import PERSONS, CallList, CallListEntry, Enrolment, OptOut, Promise, SequenceStep
from .rules.rates import Rate

#: Promises shown on the page of an account, and due ones in My day.
MOST_SHOWN = 20
LONG_ID = 36


def today(workspace: Workspace) -> date:
    """The day it is where the workspace is."""
    return timezone.now().astimezone(ZoneInfo(workspace.time_zone)).date()


# -- sequences ------------------------------------------------------------------------------------------------------


def under_way(beyond: UUID | None, most: int) -> list[Enrolment]:
    """Some enrolments that are under way, locked, those after an id."""
    rows = Enrolment.objects.filter(status="active", deleted_at=None).order_by("id")
    rows = rows.filter(id__gt=beyond) if beyond else rows
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:most])


def due(now: datetime, most: int) -> list[Enrolment]:
    """Some enrolments of sequences in use that are not planned yet, or whose next step has come; locked."""
    rows = Enrolment.objects.filter(Q(next_at=None) | Q(next_at__lte=now), status="active", deleted_at=None)
    rows = rows.filter(sequence__is_on=True, sequence__deleted_at=None).select_related("sequence")
    return list(rows.order_by("next_at", "id").select_for_update(skip_locked=True, of=("self",))[:most])


def steps_of(sequence_id: UUID) -> list[SequenceStep]:
    """The steps of a sequence, in order."""
    return list(SequenceStep.objects.filter(sequence_id=sequence_id, deleted_at=None).order_by("position", "id"))


def opted_out(addresses: Iterable[str]) -> bool:
    """Whether one of some addresses wants no mail of sequences any more."""
    return OptOut.objects.filter(address__in=[one.lower() for one in addresses]).exists()


def enrolments_of(person: str) -> list[Enrolment]:
    """The sequences somebody is in, locked."""
    rows = Enrolment.objects.filter(person=person, status="active", deleted_at=None).order_by("id")
    return list(rows.select_for_update(of=("self",), no_key=True))


def mailed(key: str) -> Enrolment | None:
    """The enrolment whose step put a mail with this key into the outbox, locked; None for any other mail."""
    kind, _colon, rest = key.partition(":")
    enrolment_id = rest.partition(":")[0]
    if kind != "sequence" or len(enrolment_id) != LONG_ID:
        return None
    rows = Enrolment.objects.filter(id=UUID(enrolment_id), deleted_at=None)
    return rows.select_for_update(of=("self",), no_key=True).first()


def under_way_at(actor: Actor, address: str) -> list[Enrolment]:
    """The sequences under way of whoever an e-mail address reaches, locked."""
    reached = {plural: at_address(actor, plural, address).values_list("id", flat=True) for plural in PERSONS}
    persons = [f"{plural}/{record_id}" for plural, ids in reached.items() for record_id in ids]
    rows = Enrolment.objects.filter(person__in=persons, status="active", deleted_at=None).order_by("-id")
    return list(rows.select_for_update(of=("self",), no_key=True))


def signs(enrolments: Sequence[Enrolment]) -> dict[UUID, list[tuple[datetime, str]]]:
    """What happened with the persons of some enrolments that ends a sequence, by their ids: when, and what:
    ``call`` (they called), ``meeting``, ``quote`` (answered or commented), ``deal`` (won or lost), ``converted``.
    """
    persons = [one.person.partition("/")[::2] for one in enrolments]
    contacts = [UUID(record_id) for plural, record_id in persons if plural == "contacts"]
    leads = [UUID(record_id) for plural, record_id in persons if plural == "leads"]
    since = min((one.started_at for one in enrolments), default=timezone.now())
    found: dict[UUID, list[tuple[datetime, str]]] = {}
    for whose, at, what in (*_spoken(contacts + leads, since), *_sold(contacts, since), *_converted(leads, since)):
        found.setdefault(whose, []).append((at, what))
    return found


def _spoken(ids: list[UUID], since: datetime) -> Iterable[tuple[UUID, datetime, str]]:
    """Calls that came in, and meetings, that were written down since then."""
    told = Moment.objects.filter(record_id__in=ids, item_object__in=("calls", "meetings"))
    moments = list(told.values_list("record_id", "item_object", "item_id"))
    wanted = [item for _whose, _place, item in moments]
    calls = Call.objects.filter(id__in=wanted, direction="in", happened_at__gte=since, deleted_at=None)
    meetings = Meeting.objects.filter(id__in=wanted, created_at__gte=since, deleted_at=None)
    known = {**dict(calls.values_list("id", "happened_at")), **dict(meetings.values_list("id", "created_at"))}
    for whose, place, item in moments:
        if item in known:
            yield whose, known[item], "call" if place == "calls" else "meeting"
    taking_part = {f"contacts/{one}": one for one in ids}
    rows = Meeting.objects.filter(participants__has_any_keys=list(taking_part), updated_at__gte=since, deleted_at=None)
    for refs, at in rows.filter(created_at__gte=since).values_list("participants", "created_at"):
        for ref in taking_part.keys() & set(refs):
            yield taking_part[ref], at, "meeting"


def _sold(ids: list[UUID], since: datetime) -> Iterable[tuple[UUID, datetime, str]]:
    """Answers to quotes, and deals that were decided, since then."""
    quotes = Quote.objects.filter(contact_id__in=ids, deleted_at=None)
    answered = quotes.filter(status__in=("accepted", "declined"), answered_at__gte=since)
    for whose, at in answered.values_list("contact_id", "answered_at"):
        yield whose, at, "quote"
    of_whom = dict(quotes.values_list("id", "contact_id"))
    said = Comment.objects.filter(object="quotes", record_id__in=of_whom, author_id=None, created_at__gte=since)
    for quote_id, at in said.values_list("record_id", "created_at"):
        yield of_whom[quote_id], at, "quote"
    deals = DealContact.objects.filter(contact_id__in=ids, deleted_at=None, deal__deleted_at=None)
    decided = deals.filter(deal__status__in=("won", "lost"), deal__closed_at__gte=since)
    for whose, at in decided.values_list("contact_id", "deal__closed_at"):
        yield whose, at, "deal"


def _converted(ids: list[UUID], since: datetime) -> Iterable[tuple[UUID, datetime, str]]:
    """Leads that became customers, or were put aside."""
    rows = Lead.objects.filter(id__in=ids, status__in=("converted", "disqualified"), updated_at__gte=since)
    for whose, at in rows.values_list("id", "updated_at"):
        yield whose, at, "converted"


def still_there(enrolments: Sequence[Enrolment]) -> set[str]:
    """The persons of some enrolments that are not deleted."""
    found = set()
    for plural, model in (("contacts", Contact), ("leads", Lead)):
        ids = [one.person.partition("/")[2] for one in enrolments if one.person.startswith(f"{plural}/")]
        rows = model.objects.filter(id__in=ids, deleted_at=None)
        found |= {f"{plural}/{record_id}" for record_id in rows.values_list("id", flat=True)}
    return found


# -- calls ----------------------------------------------------------------------------------------------------------


def waiting(list_id: UUID, now: datetime) -> QuerySet:
    """The entries of a call list that can be called now and that nobody holds: call-backs first, by their time, then
    who was not called yet, then who was not reached.
    """
    rows = CallListEntry.objects.filter(call_list_id=list_id, deleted_at=None)
    rows = rows.filter(Q(held_until=None) | Q(held_until__lte=now))
    rows = rows.filter(Q(status="open") | Q(status__in=("later", "missed"), call_back_at__lte=now))
    turns = (When(status="later", then=Value(0)), When(status="open", then=Value(1)))
    turn = Case(*turns, default=Value(2), output_field=IntegerField())
    return rows.annotate(turn=turn).order_by("turn", "call_back_at", "id")


def held(actor: Actor, list_id: UUID, now: datetime) -> CallListEntry | None:
    """The entry the person has in hand."""
    rows = CallListEntry.objects.filter(call_list_id=list_id, deleted_at=None, held_by_id=actor.user_id)
    return rows.filter(held_until__gt=now).order_by("held_until").first()


def questions(call_list: CallList) -> list[dict[str, Any]]:
    """What is asked in the calls of a list."""
    return (call_list.script.questions or []) if call_list.script else []


def standing(list_id: UUID) -> dict[str, int]:
    """How many entries of a call list stand where."""
    rows = CallListEntry.objects.filter(call_list_id=list_id, deleted_at=None)
    return dict(rows.values_list("status").annotate(n=Count("id")).order_by())


# -- promises -------------------------------------------------------------------------------------------------------


def overdue(day: date) -> QuerySet:
    """Open promises whose day has passed, locked."""
    rows = Promise.objects.filter(status="open", due_on__lt=day, deleted_at=None).order_by("id")
    return rows.select_for_update(skip_locked=True, of=("self",))


def _promises(actor: Actor) -> QuerySet:
    return access.visible(actor, objects.get("promises"))


def may_promise(actor: Actor) -> bool:
    """Whether the person sees promises at all, and how they ended."""
    obj = objects.get("promises")
    return access.may_see_any(actor, obj) and {"status", "due_on"} <= access.fields(actor, obj).keys()


def open_promises(actor: Actor, account_id: UUID) -> list[dict[str, Any]]:
    """What is promised to an account and not decided, the next day first."""
    rows = _promises(actor).filter(account_id=account_id, status="open").order_by("due_on", "id")
    return list(rows.values("id", "title", "due_on", "owner_id")[:MOST_SHOWN])


def rate_of(actor: Actor, account_id: UUID) -> Rate:
    """How many promises to an account were kept, of those the actor may see."""
    rows = _promises(actor).filter(account_id=account_id, status__in=("kept", "broken"))
    counts = dict(rows.values_list("status").annotate(n=Count("id")).order_by())
    return Rate(counts.get("kept", 0), counts.get("broken", 0))


def rates_by_owner(actor: Actor) -> list[tuple[UUID | None, Rate, int]]:
    """Of each owner how many promises were kept, and how many are open."""
    rows = _promises(actor).values("owner_id").order_by("owner_id")
    counted = {status: Count("id", filter=Q(status=status)) for status in ("kept", "broken", "open")}
    return [(row["owner_id"], Rate(row["kept"], row["broken"]), row["open"]) for row in rows.annotate(**counted)]


def due_promises(actor: Actor, until: date) -> list[dict[str, Any]]:
    """The person's own promises that are to be kept until a day, the earliest first."""
    rows = _promises(actor).filter(owner_id=actor.user_id, status="open", due_on__lte=until).order_by("due_on", "id")
    return list(rows.values("id", "title", "due_on", "account_id")[:MOST_SHOWN])

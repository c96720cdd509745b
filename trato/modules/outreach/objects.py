"""What sequences, call lists, scripts and promises are called, how they are laid out, and what they may say."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import access
from trato.engine.objects import Object, Span, register
from trato.engine.workspaces.actors import Actor

from .models import CallList, CallListEntry, Enrolment, Promise, Script, Sequence, SequenceStep
from .rules import texts

OUTREACH = _("Outreach")
UPKEEP = (_("Record details"), ("owner", "created_at", "updated_at"))
OWN = {"field": "owner", "op": "is", "value": "me"}
Pending = Callable[[UUID], Mapping[str, Any] | None]


def _fixed(values: Mapping[str, Any], old: Mapping[str, Any] | None, words: str, *names: str) -> dict[str, str]:
    """Fields that stay as they were made, each with why."""
    return {name: words for name in names if old is not None and values.get(name) != old.get(name)}


@register
class Sequences(Object):
    """Step by step until somebody answers."""

    model, name, plural = Sequence, "sequence", "sequences"
    label, label_plural, icon, group = _("Sequence"), _("Sequences"), "list-numbers", OUTREACH
    help = _("Mails, calls and tasks one after the other, that stop as soon as somebody answers.")
    columns = ("title", "is_on", "opens", "closes", "owner", "updated_at")
    head = ("is_on", "owner")
    sections = (
        (_("Sequence"), ("name", "is_on", "description")),
        (_("Goes out"), ("weekdays", "opens", "closes")),
        UPKEEP,
    )
    mergeable = False
    filters = {"on": (_("In use"), {"field": "is_on", "op": "is", "value": True})}


@register
class SequenceSteps(Object):
    """Steps of sequences."""

    model, name, plural, within = SequenceStep, "sequence step", "sequence-steps", "sequence"
    label, label_plural, icon, group = _("Step"), _("Steps"), "player-track-next", OUTREACH
    title_from = ("subject",)
    columns = ("kind", "days", "subject", "text")
    order = "position"
    sections = ((_("Step"), ("sequence", "position", "kind", "days", "subject", "text")),)

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Placeholders are known; a mail says something."""
        found = {name: texts.problem(values.get(name) or "") for name in ("subject", "text")}
        if values.get("kind") == "mail" and not (values.get("text") or "").strip():
            found["text"] = _now("Write what the mail says.")
        return {name: words for name, words in found.items() if words}


@register
class Enrolments(Object):
    """Who goes through which sequence."""

    model, name, plural = Enrolment, "enrolment", "enrolments"
    label, label_plural, icon, group = _("Enrolment"), _("Enrolments"), "user-plus", OUTREACH
    help = _("Who goes through which sequence, how far they are, and why it ended.")
    title_from, named_by = ("note",), ("person", "sequence")
    ties = ("person", "sequence", "status")
    columns = ("person", "sequence", "status", "steps_done", "next_at", "reason", "owner")
    head = ("status", "steps_done", "next_at", "owner")
    board_by = "status"
    sections = (
        (_("Enrolment"), ("person", "sequence", "note", "status", "steps_done", "next_at")),
        (_("Course"), ("started_at", "ended_at", "reason")),
        UPKEEP,
    )
    mergeable = False
    filters = {
        "mine": (_("Mine"), OWN),
        "active": (_("Under way"), {"field": "status", "op": "is", "value": "active"}),
        "replied": (_("Replied"), {"field": "status", "op": "is", "value": "replied"}),
    }

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Once a step is done, who goes through what stays; end it and enrol anew instead."""
        begun = old if old is not None and old.get("steps_done") else None
        return _fixed(values, begun, _now("Stop this one and enrol the person anew."), "person", "sequence")

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Pending,
    ) -> dict[str, str]:
        """Mails go out in the name of its owner: only of whom one may act for."""
        whose = values.get("owner")
        if actor.user_id is None or whose == actor.user_id or (old is not None and old.get("owner") == whose):
            return {}
        theirs = access.owners_seen(actor, self, "change")
        if theirs is None or whose in theirs:
            return {}
        return {"owner": _now("Mails go out in the owner's name; you can enrol people in your own.")}


@register
class Scripts(Object):
    """What is asked on the phone."""

    model, name, plural = Script, "script", "scripts"
    label, label_plural, icon, group = _("Script"), _("Scripts"), "message-question", OUTREACH
    help = _("Questions of a call; the next one depends on the answer.")
    columns = ("title", "owner", "updated_at")
    sections = ((_("Script"), ("name", "greeting", "questions")), UPKEEP)
    in_navigation = False
    mergeable = False


@register
class CallLists(Object):
    """Whom to call."""

    model, name, plural = CallList, "call list", "call-lists"
    label, label_plural, icon, group = _("Call list"), _("Call lists"), "phone-outgoing", OUTREACH
    help = _("Whom to call, with a script, one after the other.")
    columns = ("title", "script", "filled_from", "owner", "updated_at")
    sections = (
        (_("Call list"), ("name", "script", "filled_from", "condition")),
        (_("Calls"), ("most_attempts", "pause_hours", "sip_host")),
        UPKEEP,
    )
    mergeable = False
    filters = {"mine": (_("Mine"), OWN)}

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A filter is one of something; a host is no address."""
        if values.get("condition") and not values.get("filled_from"):
            return {"filled_from": _now("Say what the filter is for.")}
        host = values.get("sip_host") or ""
        if host and not all(part.isascii() and part.replace("-", "").isalnum() for part in host.split(".")):
            return {"sip_host": _now("Write the name of a host, such as sip.example.com.")}
        return {}


@register
class CallListEntries(Object):
    """Records on call lists."""

    model, name, plural, within = CallListEntry, "call list entry", "call-list-entries", "call_list"
    label, label_plural, icon, group = _("Entry"), _("Entries"), "phone", OUTREACH
    title_from, named_by = ("note",), ("record",)
    ties = ("call_list", "record")
    columns = ("record", "note", "status", "attempts", "outcome", "call_back_at")
    sections = ((_("Entry"), ("call_list", "record", "note", "status", "attempts", "outcome", "call_back_at")),)


@register
class Promises(Object):
    """What we said we would do."""

    model, name, plural = Promise, "promise", "promises"
    label, label_plural, icon, group = _("Promise"), _("Promises"), "heart-handshake", OUTREACH
    help = _("What was promised to whom, until when, and whether it was kept.")
    title_from = ("text",)
    columns = ("title", "account", "due_on", "status", "kept_on", "owner")
    head = ("account", "due_on", "status", "owner")
    order = "due_on"
    board_by = "status"
    calendar_on = (Span("due_on"),)
    sections = (
        (_("Promise"), ("text", "account", "contact", "deal", "due_on", "note")),
        (_("Course"), ("status", "kept_on", "consent")),
        UPKEEP,
    )
    mergeable = False
    thaw = ("owner", "note")
    filters = {
        "mine": (
            _("Mine, open"),
            {"and": [OWN, {"field": "status", "op": "is", "value": "open"}]},
        ),
        "open": (_("To be kept"), {"field": "status", "op": "is", "value": "open"}),
        "broken": (_("Not kept"), {"field": "status", "op": "is", "value": "broken"}),
    }

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """A day that was promised is moved only with the customer's consent."""
        words = _now("The customer counts on this day. Use “Prolong”, with what they said to it.")
        return _fixed(values, old, words, "due_on")

    def frozen(self, values: Mapping[str, Any]) -> str:
        """What was kept or broken stays so."""
        decided = values.get("status") in ("kept", "broken", "withdrawn")
        return _now("This promise is decided; it stays for the record. Make another one.") if decided else ""

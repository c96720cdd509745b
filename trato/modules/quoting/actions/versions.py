"""A quote made from another: its next version, or one like it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import Problem, Refused
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor

from .. import queries, rules
from ..models import Quote

HEAD = (
    *("name", "account", "contact", "deal", "currency", "prices", "rounding", "country", "reverse_charge"),
    *("discount_percent", "language", "intro", "terms", "tags", "owner"),
)
LINE = (
    *("position", "product", "description", "quantity", "unit", "price", "discount_percent", "tax_class"),
    "is_optional",
)


def _copy(actor: Actor, quote: Quote, **more: Any) -> Record:
    """A draft with the same head and the same lines, at the prices they had."""
    quotes, lines = objects.get("quotes"), objects.get("quote-lines")
    given = {name: quotes.builtin[name].read_from(quote) for name in HEAD}
    rows = [{name: lines.builtin[name].read_from(line) for name in LINE} for line in queries.lines(quote.id)]
    made = actions.create(actor, quotes, given | {"quote-lines": rows})
    return actions.write(actor, quotes, made, more) if more else made


@actions.action(
    "quotes",
    label=_("New version"),
    icon="versions",
    prominent=True,
    undo=_("Delete the new version, then use this one again."),
    opens=True,
    applies=lambda quote: quote.status in rules.VERSIONED,
)
def revise(actor: Actor, record: Quote) -> Record:
    """A draft of the same number to change; the customer can't accept this one any more, and their page leads to the
    new one once it is sent.
    """
    if record.status not in rules.VERSIONED:
        words = _now("Only what was sent, and not accepted, can become a new version. Duplicate it instead.")
        raise Refused([Problem("", "status", words)])
    actions.write(actor, objects.get("quotes"), record, {"status": "superseded"}, verb="replaced")
    revision = queries.highest_revision(record.number) + 1
    return _copy(actor, record, number=record.number, revision=revision, previous=record.id)


@actions.action(
    "quotes",
    label=_("Use again"),
    icon="arrow-back-up",
    undo=_("Make a new version."),
    applies=lambda quote: quote.status == "superseded",
)
def reinstate(actor: Actor, record: Quote) -> Record:
    """After its newer version was deleted, this one counts again."""
    if record.status != "superseded" or queries.newest(record) is not None:
        words = _now("There is a newer version. Delete that first, or go on with it.")
        raise Refused([Problem("", "status", words)])
    return actions.write(actor, objects.get("quotes"), record, {"status": "sent"}, verb="used again")


@actions.action("quotes", label=_("Duplicate"), icon="copy", undo=_("Delete the copy."), opens=True)
def duplicate(actor: Actor, record: Quote) -> Record:
    """A new quote like this one, a draft with a number of its own to come."""
    return _copy(actor, record)

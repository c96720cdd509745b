"""What billing does when something happens: how an order stands is kept with the change itself, all else by a job."""

from collections.abc import Callable, Mapping
from typing import Any

from trato.engine.events import react
from trato.engine.workspaces.actors import Actor

from . import actions, jobs, queries

Event = Mapping[str, Any]
#: How writes of one record, of many, of a file and of an undo are told.
WRITTEN = ("updated", "deleted", "restored", "changed", "undone")


def deliveries_written(actor: Actor, event: Event) -> None:
    """The orders know what is delivered."""
    _follow(actor, "deliveries", event)


def invoices_written(actor: Actor, event: Event) -> None:
    """The orders know what is invoiced."""
    _follow(actor, "invoices", event)


def _follow(actor: Actor, plural: str, event: Event) -> None:
    for order_id in sorted(queries.orders_of(plural, event["records"])):
        actions.follow_order(actor, order_id)


def payments_written(actor: Actor, event: Event) -> None:
    """What they settle, or don't any more, is paid, or open again."""
    actions.follow_payments(actor, event["records"])


def payments_came(actor: Actor, event: Event) -> None:
    """They settle what they are for."""
    jobs.settle.defer(workspace=str(actor.workspace.id))


REACTIONS: dict[str, Callable[[Actor, Event], None]] = {
    **{f"deliveries.{verb}": deliveries_written for verb in WRITTEN},
    **{f"invoices.{verb}": invoices_written for verb in ("deleted", "restored", "changed", "undone")},
    **{f"payments.{verb}": payments_written for verb in ("deleted", "restored", "changed", "undone")},
    **{f"payments.{verb}": payments_came for verb in ("created", "imported")},
}

react(REACTIONS)

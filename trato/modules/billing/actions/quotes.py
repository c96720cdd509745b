"""An accepted quote becomes an order."""

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from trato.engine import actions, objects
from trato.engine.actions import action
from trato.engine.models import Record
from trato.engine.workspaces.actors import Actor

from .. import queries
from .orders import HEAD, LINE, confirm, refuse, taken


@action(
    "quotes",
    label=_("Make an order"),
    icon="clipboard-check",
    prominent=True,
    undo=_("Delete the order."),
    opens=True,
    applies=lambda quote: quote.status == "accepted" and queries.order_of_quote(quote.id) is None,
)
def order(actor: Actor, record: Any) -> Record:
    """What a customer accepted becomes an order; of a quote there is one at most."""
    if record.status != "accepted":
        raise refuse(_now("Only a quote that was accepted becomes an order."))
    if known := queries.order_of_quote(record.id):
        raise refuse(_now("There is an order of this quote already: %(name)s.") % {"name": known.title or known.id})
    lines = [
        {**taken(line, LINE), "position": place} for place, line in enumerate(queries.quoted_lines(record.id), start=1)
    ]
    given = taken(record, (*HEAD, "discount_percent", "deal", "owner"))
    made = actions.create(actor, objects.get("orders"), {**given, "quote": record.id, "order-lines": lines})
    return confirm(actor, made)

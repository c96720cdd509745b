"""The parts of a record in another order: their ``position`` says which comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from .. import access, history, values, wholes
from ..objects import Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .staging import Staging


def arrange(actor: Actor, part: Object, whole_id: UUID, ids: Sequence[Any]) -> None:
    """Put the parts of one record into this order, as one write in the running batch; those not named come after.

    Raises Refused where they have no position the actor may set or the record is frozen, Absent for what is none of its
    parts, Forbidden where the record can't be changed.
    """
    if not wholes.is_positioned(part) or wholes.POSITION not in access.writable(actor, part):
        raise Refused([Problem("position", "read_only", _("These have no order of their own."))])
    wanted = [access.as_uuid(each) for each in ids]
    with transaction.atomic(), history.batch() as batch, wholes.settling(actor):
        wholes.require(actor, part, whole_id)
        rows = access.visible(actor, part).filter(**{f"{part.within}_id": whole_id})
        there = list(rows.order_by(*wholes.in_order(part)).values_list("id", flat=True))
        if missing := set(wanted) - set(there):
            raise access.Absent(part.ref(min(missing)))
        order = {each: place for place, each in enumerate(dict.fromkeys([*wanted, *there]), 1)}
        staging = Staging(actor, part, batch.id, part.stored(actor.workspace))
        changed = []
        for draft in staging.load(there).values():
            draft.values = draft.values | {wholes.POSITION: order[draft.id]}
            if changes := values.changes(staging.fields, draft.old or {}, draft.values):
                draft.changes, draft.version = changes, draft.version + 1
                changed.append(draft)
        staging.write(changed, [wholes.POSITION], {})

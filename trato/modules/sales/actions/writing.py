"""Writing what people can't set themselves."""

from collections.abc import Mapping
from typing import Any

from trato.engine import actions, values
from trato.engine.models import Record
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor


def write(actor: Actor, obj: Object, record: Record, given: Mapping[str, Any]) -> Record:
    """Change fields of a locked record, also read-only ones, with history; raises Refused."""
    fields = obj.stored(actor.workspace)
    old = values.of_record(obj, record, fields)
    new = old | dict(given)
    values.check(actor, obj, new, old)
    changed = values.changes(fields, old, new)
    return actions.rewrite(actor, obj, record, old, new, changed=changed) if changed else record

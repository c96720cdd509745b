"""Records that look like one being made, by their shared look-up keys: the same e-mail address, the same phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from . import access, derived
from .models import Key
from .objects import Object
from .workspaces.actors import Actor


@dataclass(frozen=True)
class Likeness:
    """A record the actor may see, and the labels of the fields in which it says the same."""

    id: UUID
    title: str
    why: tuple[str, ...]


def like(
    actor: Actor, obj: Object, values: Mapping[str, Any], *, besides: Any = None, limit: int = 5
) -> list[Likeness]:
    """The visible records that share a value of the object's ``duplicate_keys`` with these stored values."""
    fields = access.fields(actor, obj)
    asked: dict[str, str] = {}
    for name in obj.duplicate_keys:
        if name in fields and not fields[name].kind.is_empty(values.get(name)):
            keys = derived.stored_keys(fields[name], fields[name].kind.keys(values[name]))
            keys += derived.likeness_keys(obj, fields[name], values[name])
            asked |= dict.fromkeys(keys, str(fields[name].label))
    if not asked:
        return []
    found: dict[UUID, dict[str, None]] = {}
    pairs = Key.objects.filter(object=obj.plural, key__in=asked).exclude(record_id=besides)
    for record_id, key in pairs.values_list("record_id", "key")[:200]:
        found.setdefault(record_id, {})[asked[key]] = None
    rows = access.visible(actor, obj).filter(id__in=list(found)).values_list("id", "title")[:limit]
    return [Likeness(record_id, title, tuple(found[record_id])) for record_id, title in rows]

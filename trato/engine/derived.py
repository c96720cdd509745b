"""What is kept beside a record so that it is found: its look-up keys and its places on timelines, both following its
values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from .kinds import Invalid, Kind, Reader
from .models import BinnedPin, Key, Moment
from .objects import Field, Object, split_ref

#: Characters of a key: PostgreSQL's index takes 2,700 bytes a row.
LONGEST_KEY = 300

#: What does not tell two numbers apart: ``ES B58378431`` is ``es-b58378431``.
NO_SIGN = re.compile(r"[\W_]+")


def keys_of(obj: Object, fields: Iterable[Field], values: Mapping[str, Any]) -> set[str]:
    """The look-up keys of a record's stored values; links that place it on timelines are moments instead."""
    keys: set[str] = set()
    for field in fields:
        value = values.get(field.name)
        if field.kind.is_empty(value) or (obj.moment and field.name == obj.moment.about):
            continue
        keys.update(stored_keys(field, field.kind.keys(value)))
        keys.update(likeness_keys(obj, field, value))
        if field.unique:
            keys.add(unique_key(field, value))
    return keys


def likeness_keys(obj: Object, field: Field, value: Any) -> list[str]:
    """The key by which a value that tells duplicates is found where its kind has none: its letters and digits."""
    if not has_likeness(obj, field) or field.kind.is_empty(value):
        return []
    return [f"{field.name}:{NO_SIGN.sub('', field.kind.text(value, Reader()).casefold())}"[:LONGEST_KEY]]


def reached_by(obj: Object, names: Iterable[str], text: str, reader: Reader) -> set[str]:
    """The keys of records that are reached by a text: an e-mail address, a phone number, an article number. ``names``
    are the fields whoever asks may see.
    """
    keys: set[str] = set()
    contact = "@" in text or any(char.isdigit() for char in text)
    for name in set(obj.duplicate_keys).intersection(names):
        field = obj.builtin[name]
        keyed = not has_likeness(obj, field)
        if field.kind.name == "addresses" or (keyed and not contact):
            continue
        try:
            value = field.kind.parse(text, reader)
        except Invalid:
            continue
        keys.update(field.kind.keys(value) if keyed else likeness_keys(obj, field, value))
    return keys


def has_likeness(obj: Object, field: Field) -> bool:
    """Whether a field tells duplicates though its kind has no keys."""
    return field.name in obj.duplicate_keys and type(field.kind).keys is Kind.keys


def stored_keys(field: Field, keys: Iterable[str]) -> list[str]:
    """A kind's keys as they are stored for one field.

    Reach and tags of built-in fields are found by the value alone; what several fields of an object may hold (links,
    choices, an administrator's own) is told apart by the field; a link in a column of its own needs no key.
    """
    if not field.custom and field.kind.name not in ("link", "links", "user", "choices"):
        return list(keys)
    return [] if field.kind.by_id and not field.custom else [f"{field.name}:{key}" for key in keys]


def unique_key(field: Field, value: Any) -> str:
    """The key that only one record of the workspace may hold (case does not tell two apart); of
    long texts the digest.
    """
    text = field.kind.text(value, Reader()).strip().casefold()
    return f"unique:{field.name}:{text if len(text) <= LONGEST_KEY else sha256(text.encode()).hexdigest()}"


def sync_keys(obj: Object, record_id: UUID, old: set[str], new: set[str]) -> None:
    """Make the stored keys of one record those of its new values; raises IntegrityError where a unique one is taken."""
    if old - new:
        Key.objects.filter(object=obj.plural, record_id=record_id, key__in=old - new).delete()
    if new - old:
        Key.objects.bulk_create(Key(object=obj.plural, key=key, record_id=record_id) for key in sorted(new - old))


def sync_moments(obj: Object, record_id: UUID, values: Mapping[str, Any], now: datetime) -> None:
    """Make the moments of one item follow what it is about, when it happened and whose it is; pins stay."""
    if obj.moment is None:
        return
    about = {split_ref(ref) for ref in values.get(obj.moment.about) or ()}
    at = values.get(obj.moment.at) or now
    owner = values.get("owner")
    kept: set[tuple[str, str]] = set()
    for moment in Moment.objects.filter(item_id=record_id, item_object=obj.plural):
        place = (moment.object, str(moment.record_id))
        if place not in about:
            moment.delete()
            continue
        kept.add(place)
        if (moment.at, moment.owner_id) != (at, owner):
            Moment.objects.filter(id=moment.id).update(at=at, owner_id=owner)
    Moment.objects.bulk_create(
        Moment(object=plural, record_id=target, at=at, item_object=obj.plural, item_id=record_id, owner_id=owner)
        for plural, target in sorted(about - kept)
    )


def forget(obj: Object, record_id: UUID, keys: set[str]) -> None:
    """Drop the keys and moments of a record that went to the recycle bin; keys are found by what they say."""
    sync_keys(obj, record_id, keys, set())
    if obj.moment:
        bin_pins(obj, [record_id])
        Moment.objects.filter(item_object=obj.plural, item_id=record_id).delete()


def bin_pins(obj: Object, ids: Iterable[UUID]) -> None:
    """Remember where these items are pinned; their moments go with them into the recycle bin."""
    pinned = Moment.objects.filter(item_object=obj.plural, item_id__in=list(ids), is_pinned=True)
    places = pinned.values("object", "record_id", "item_object", "item_id")
    BinnedPin.objects.bulk_create([BinnedPin(**place) for place in places], ignore_conflicts=True)


def bring_pins_back(obj: Object, ids: Iterable[UUID]) -> None:
    """Pin restored items, whose moments are there again, where they were pinned."""
    binned = BinnedPin.objects.filter(item_object=obj.plural, item_id__in=list(ids))
    for pin in binned:
        places = Moment.objects.filter(item_object=obj.plural, item_id=pin.item_id)
        places.filter(object=pin.object, record_id=pin.record_id).update(is_pinned=True)
    binned.delete()

"""Lists and records of every registered object: one set of handlers for all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from trato.engine import access, actions, destroying, history, objects
from trato.engine.access import Forbidden
from trato.engine.models import Record
from trato.engine.objects import Object

from . import listing
from .endpoint import Answer, Call
from .merging import HANDLING, merge, refuse, unmerge
from .problems import Failure
from .shapes import Shape, dump_record, dump_rows, shape_of

#: Named writes for which it takes the right to delete.
DELETING = ("restore", "destroy", "merge", "unmerge")
ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def object_of(call: Call, plural: str, verb: str = "see") -> Object:
    """The object of an address; raises UnknownObject, and Forbidden where the token's scopes leave it out."""
    obj = objects.get(plural)
    if not call.actor.rights.token_allows(plural, verb):
        raise Forbidden(plural, verb)
    return obj


def listed(call: Call, plural: str) -> Answer:
    """A page of records."""
    return listing.list_records(call, object_of(call, plural))


def read(call: Call, plural: str, record_id: str) -> Answer:
    """One record."""
    obj = object_of(call, plural)
    words = call.parameters("fields", "include", "deleted")
    shape = shape_of(call.actor, obj, words.get("fields"), words.get("include"))
    shape.deleted = listing.choice("deleted", words.get("deleted", "false"), listing.BOOLEANS)
    rows = access.in_bin(call.actor, obj) if shape.deleted else access.visible(call.actor, obj)
    row = rows.filter(id=access.as_uuid(record_id)).values(*shape.columns).first()
    if row is None:
        raise access.Absent(obj.ref(record_id))
    return Answer(dump_rows(call.actor, shape, [row])[0], headers={"ETag": f'"{row["version"]}"'})


def create(call: Call, plural: str) -> Answer:
    """A new record: 201 with its address; 409 with the candidates where one that looks the same is there, unless
    ``duplicates=allow``.
    """
    obj = object_of(call, plural, "create")
    words = call.parameters("fields", "include", "duplicates")
    shape = shape_of(call.actor, obj, words.get("fields"), words.get("include"))
    allowed = listing.choice("duplicates", words.get("duplicates", "refuse"), HANDLING)

    def look(values: Mapping[str, Any]) -> None:
        if not allowed:
            refuse(call, obj, values)

    with history.batch():
        record = actions.create(call.actor, obj, call.body(), look=look)
    return _written(call, shape, record, status=201, headers={"Location": f"/api/v1/{obj.ref(record.id)}"})


def change(call: Call, plural: str, record_id: str) -> Answer:
    """Change the fields given; ``If-Match`` makes it depend on the version the caller read."""
    obj = object_of(call, plural, "change")
    shape = _written_shape(call, obj)
    with history.batch():
        record = actions.update(call.actor, obj, record_id, call.body(), version=_version(call))
    return _written(call, shape, record)


def delete(call: Call, plural: str, record_id: str) -> Answer:
    """Put a record into the recycle bin."""
    obj = object_of(call, plural, "delete")
    call.parameters()
    with history.batch():
        actions.delete(call.actor, obj, record_id, version=_version(call))
    return Answer(status=204)


def act(call: Call, plural: str, record_id: str, name: str) -> Answer:
    """Run a named action, ``restore`` a record from the recycle bin, ``destroy`` one that lies there, ``merge`` others
    into it, ``unmerge`` it; answers the record as it is then.
    """
    obj = object_of(call, plural, "delete" if name in DELETING else "change")
    if name == "destroy":
        return destroy(call, obj, record_id)
    shape = _written_shape(call, obj)
    given = call.body(optional=True)
    if name == "merge":
        return _written(call, shape, merge(call, obj, record_id, given))
    if name == "unmerge":
        unmerge(call, obj, record_id)
        return _written(call, shape, access.get(call.actor, obj, record_id))
    if name == "restore":
        with history.batch():
            record = actions.restore(call.actor, obj, record_id)
        return _written(call, shape, record)
    actions.run(call.actor, obj, name, record_id, given)
    found = access.visible(call.actor, obj).filter(id=access.as_uuid(record_id)).first()
    return _written(call, shape, found) if found else Answer(status=204)


def destroy(call: Call, obj: Object, record_id: str) -> Answer:
    """Delete a record of the recycle bin for good; nothing brings it back."""
    call.parameters()
    call.body(optional=True)
    done = destroying.begin(call.actor, obj, [record_id])
    if isinstance(done, destroying.Destroyed) and not done.count:
        raise access.Absent(obj.ref(record_id))
    return Answer(status=204)


def _written_shape(call: Call, obj: Object) -> Shape:
    words = call.parameters("fields", "include")
    return shape_of(call.actor, obj, words.get("fields"), words.get("include"))


def _written(
    call: Call, shape: Shape, record: Record, status: int = 200, headers: dict[str, str] | None = None
) -> Answer:
    tagged = {"ETag": f'"{record.version}"'} | (headers or {})
    return Answer(dump_record(call.actor, shape, record), status, tagged)


def _version(call: Call) -> int | None:
    """The version of ``If-Match``, None without one (or with ``*``); raises Failure 412 on what can't match."""
    given = call.request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        return None
    found = ETAG.fullmatch(given)
    if not found:
        raise Failure("precondition-failed", _('If-Match takes the ETag of the record, such as "3".'))
    return int(found[1])

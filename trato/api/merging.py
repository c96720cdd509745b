"""Duplicates refused on create, records merged and taken apart again, and old addresses that lead on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from trato.engine import merging
from trato.engine.duplicates import like
from trato.engine.models import Record
from trato.engine.objects import Object
from trato.engine.values import Problem, Refused

from .endpoint import Call
from .problems import Failure

#: What a create does about records that look the same.
HANDLING = {"refuse": False, "allow": True}


def refuse(call: Call, obj: Object, values: Mapping[str, Any]) -> None:
    """Raise Failure 409, with the candidates, where a new record is held to be one that is there."""
    alike = [one for one in like(call.actor, obj, values) if one.sure]
    if not alike:
        return
    candidates = [{"id": one.id, "title": one.title, "certainty": one.certainty, "why": list(one.why)} for one in alike]
    words = _("A record that looks the same is there. Nothing was changed; use that one, or send duplicates=allow.")
    raise Failure("duplicate", words, candidates=candidates)


#: The members of a merge.
PARTS = {"others", "take"}


def merge(call: Call, obj: Object, record_id: str, given: Mapping[str, Any]) -> Record:
    """Merge other records into one: ``{"others": [ids], "take": {field: id}}``; the record that remains."""
    unknown = [Problem(str(name)[:80], "unknown", _("There is no such field.")) for name in given.keys() - PARTS]
    others, take = given.get("others"), given.get("take", {})
    if not (isinstance(others, list) and all(isinstance(each, str) for each in others)):
        unknown.append(Problem("others", "list", _("Give a list of ids.")))
    if not (isinstance(take, dict) and all(isinstance(each, str) for each in take.values())):
        unknown.append(Problem("take", "object", _("Give an object of field names and ids.")))
    if unknown:
        raise Refused(unknown)
    assert isinstance(others, list) and isinstance(take, dict)
    return merging.merge(call.actor, obj, record_id, others, take)


def unmerge(call: Call, obj: Object, record_id: str) -> None:
    """Take the last merge of which a record was part apart."""
    merging.unmerge(call.actor, merging.latest(call.actor, obj, record_id).batch_id)

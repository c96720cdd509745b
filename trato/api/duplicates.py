"""The duplicates of an object over the API: found by a scan, listed, decided about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from trato.engine import access
from trato.engine.duplicates import pairs, scan, scoring, weighing
from trato.engine.objects import Object
from trato.engine.values import Problem, Refused

from .endpoint import Answer, Call
from .listing import choice, limit_of
from .records import object_of


def listed(call: Call, plural: str) -> Answer:
    """Pairs that look the same, the likeliest first; ``state`` is open, later or dismissed."""
    obj = object_of(call, plural)
    words = call.parameters("state", "limit", "cursor")
    state = choice("state", words.get("state", "open"), {name: name for name in pairs.STATES})
    rows = pairs.seen(call.actor, obj, state)
    if words.get("cursor"):
        rows = pairs.after(obj, rows, words["cursor"])
    limit = limit_of(words)
    found = list(rows[: limit + 1])
    titles = access.titles(call.actor, {obj.ref(key) for pair in found for key in (pair.left_id, pair.right_id)})
    threshold = weighing.of(obj).threshold
    data = [_pair_json(obj, pair, titles, threshold) for pair in found[:limit]]
    return Answer({"data": data, "next": str(found[limit - 1].id) if len(found) > limit else None})


def _pair_json(obj: Object, pair: Any, titles: Mapping[str, str], threshold: float) -> dict[str, Any]:
    return {
        "id": pair.id,
        "state": pair.state,
        "score": pair.score,
        "certainty": scoring.certainty(pair.score, threshold),
        "records": [{"id": key, "title": titles.get(obj.ref(key), "")} for key in (pair.left_id, pair.right_id)],
        "why": [{"field": name, "points": points} for name, points in pair.reasons],
        "found_at": pair.found_at,
    }


def look(call: Call, plural: str) -> Answer:
    """Look through all records of an object for duplicates, in the background."""
    obj = object_of(call, plural, "delete")
    call.parameters()
    call.only(optional=True)
    job = scan.start(call.actor, obj)
    return Answer({"job": job.id, "state": job.state}, 202)


def decide(call: Call, plural: str, pair_id: str) -> Answer:
    """Put a pair off, dismiss it for good, or open it again: ``{"state": "dismissed"}``."""
    obj = object_of(call, plural, "change")
    call.parameters()
    state = call.only("state").get("state")
    if state not in pairs.STATES:
        raise Refused([Problem("state", "choice", _("Choose open, later or dismissed."))])
    pairs.decide(call.actor, obj, [pair_id], state)
    pair = pairs.get(call.actor, obj, pair_id)
    titles = access.titles(call.actor, {obj.ref(pair.left_id), obj.ref(pair.right_id)})
    return Answer(_pair_json(obj, pair, titles, weighing.of(obj).threshold))

"""The filter language as a schema."""

from __future__ import annotations

from typing import Any

from trato.engine.filters import QUANTIFIERS, TOTALS
from trato.engine.kinds import KINDS

Json = dict[str, Any]
TREE: Json = {"$ref": "#/components/schemas/filter"}
TEXT: Json = {"type": "string"}
OPERATORS: Json = {"enum": sorted({op for kind in KINDS.values() for op in kind.operators})}
#: Of all that is related: an empty object asks nothing of it.
INSIDE: Json = {"anyOf": [TREE, {"type": "object", "maxProperties": 0}]}
ABOUT = (
    "A condition, or several together. `field` may go over links (`account.industry`). `related` names an own link "
    "(`account`; with `object` where it may point at several), another object's link to this one (`contacts.account`) "
    "or `timeline`. Days may be said relative to today: `today`, `last_week`, `{last: 7, unit: day}`, `{ago: 30, unit: "
    "day}`; persons as `me` and `my_team`."
)


def _one(needed: str, **members: Json) -> Json:
    return {"type": "object", "properties": members, "required": needed.split(), "additionalProperties": False}


def _related(word: str, schema: Json, **more: Json) -> Json:
    return _one(f"related {word}", related=TEXT, object=TEXT, **{word: schema}, **more)


FILTER: Json = {
    "description": ABOUT,
    "anyOf": [
        _one("field", field=TEXT, op=OPERATORS, value={}),
        *(_one(word, **{word: {"type": "array", "items": TREE}}) for word in ("and", "or")),
        _one("not", **{"not": TREE}),
        *(_related(word, INSIDE) for word in QUANTIFIERS),
        *(
            _related(word, {"const": True} if word == "count" else TEXT, where=INSIDE, op=OPERATORS, value={})
            for word in TOTALS
        ),
    ],
    "examples": [
        {"field": "lifecycle", "op": "in", "value": ["customer", "advocate"]},
        {"related": "contacts.account", "any": {"field": "job_title", "op": "contains", "value": "director"}},
        {
            "related": "calls.about",
            "where": {"field": "happened_at", "op": "within", "value": "this_quarter"},
            "count": True,
            "op": "gte",
            "value": 3,
        },
    ],
}

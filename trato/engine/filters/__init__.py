"""One filter language for lists, views, the API, reports and rules: a small tree, compiled to one SQL condition.

``{"field": "last_name", "op": "is", "value": "García"}`` compares; ``{"and": [...]}``, ``{"or": [...]}`` and
``{"not": {...}}`` combine; ``{"field": "account.industry", ...}`` goes over a link, and only matches where the actor
may see the target.

``{"related": "contacts.account", "any": {...}}`` (or ``none``, ``all``) asks what stands behind a link: here the
contacts whose account this is. ``{"related": "tasks.about", "where": {...}, "count": true, "op": "gte", "value": 3}``
counts them; ``"sum"``, ``"min"``, ``"max"`` and ``"avg"`` name a field. Only records the actor may see are asked and
counted. docs/guide/filters.md tells the whole language.
"""

from .compiler import ALL, MY_TEAM, NONE, condition, hop, narrow
from .relations import RANGED, SUMMED, TIMELINE, Relation, forwards, related, relation_of
from .tree import DEEPEST, QUANTIFIERS, TOTALS, WIDEST, BadFilter, parse

__all__ = [
    "ALL",
    "DEEPEST",
    "MY_TEAM",
    "NONE",
    "QUANTIFIERS",
    "RANGED",
    "SUMMED",
    "TIMELINE",
    "TOTALS",
    "WIDEST",
    "BadFilter",
    "Relation",
    "condition",
    "forwards",
    "hop",
    "narrow",
    "parse",
    "related",
    "relation_of",
]

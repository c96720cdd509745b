"""Values that the contract of every object needs told for those of sales."""

from typing import Any

from trato.modules.catalog.tests.samples import LINE

WEB = {"field": "source", "op": "is", "value": "Web"}
FAIR = {"field": "source", "op": "is", "value": "Fair"}
HOT = {"field": "title", "op": "contains", "value": "hot"}
FILTERS = [WEB, FAIR, HOT]

VALUES: dict[str, dict[str, Any]] = {
    "lead-rules": {"condition": FILTERS, "minutes": [1, 30, 60]},
    "lead-rule-members": {"weight": [1, 2, 3]},
    "score-rules": {"condition": FILTERS},
    "stages": {"kind": None},  # what it says of the probability is tested with the deals
    # Tasks need nothing but words; what a step sets is tested with the steps.
    "stage-steps": {"what": None, "field": None, "value": None, "words": ["amber", "hazel", "olive"]},
    # What decides a deal or a lead is tested with its actions.
    "leads": {"status": ["new", "working", "working"], "recycle_on": None},
    "deals": {"closed_at": None, "pipeline": None, "stage": None},
    "deal-lines": LINE,
}

"""Values that the contract of every object needs told for those of outreach."""

from typing import Any

VALUES: dict[str, dict[str, Any]] = {
    "sequences": {"opens": [1, 2, 3], "closes": [10, 11, 12]},
    "sequence-steps": {"": {"text": "Hello"}, "days": [0, 1, 2], "position": [1, 2, 3]},
    "scripts": {
        "questions": [[{"id": name, "ask": f"{name}?", "kind": "text"}] for name in ("amber", "hazel", "olive")]
    },
    "call-lists": {
        "filled_from": ["contacts", "contacts", "contacts"],
        "condition": [{"field": "title", "op": "contains", "value": name} for name in ("amber", "hazel", "olive")],
        "most_attempts": [1, 2, 3],
        "pause_hours": [1, 2, 3],
        "sip_host": ["a.example", "b.example", "c.example"],
    },
    # A promised day moves by an action alone.
    "promises": {"due_on": ["2100-01-01", "2100-01-01", "2100-01-01"]},
}

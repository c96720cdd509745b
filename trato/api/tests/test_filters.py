"""The filter language in addresses: simple conditions over links, periods in one word, the whole tree as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from trato.engine import actions, custom, objects

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(cast, as_):
    """Three lamps in two crates, one of them made long ago."""
    things, crates = objects.get("things"), objects.get("crates")
    with as_(cast.owner) as actor:
        custom.add(actor, things, {"name": "place", "label": "Place", "kind": "link", "options": {"to": ["crates"]}})
        near, far = (actions.create(actor, crates, {"name": name}) for name in ("Near", "Far"))
        for n, crate in enumerate((near, far, far)):
            day = datetime.now(UTC).date() - timedelta(days=40 * n)
            values = {
                "name": f"Lamp {n}",
                "crate": str(crate.id),
                "made_on": day.isoformat(),
                "tags": ["a", "b"][n % 2 :],
            }
            actions.create(actor, things, values | {"custom": {"place": str(near.id if n else far.id)}})


@pytest.mark.parametrize(
    ("parameters", "left"),
    [
        ({"crate.name": "far"}, ["Lamp 1", "Lamp 2"]),
        ({"custom.place.name[is]": "far"}, ["Lamp 0"]),
        ({"made_on[within]": "last_7_days"}, ["Lamp 0"]),
        ({"made_on[lt]": "30_days_ago"}, ["Lamp 1", "Lamp 2"]),
        ({"made_on[gte]": "this_year", "crate.name": "nowhere"}, []),
        ({"tags[has_none]": "a,c"}, ["Lamp 1"]),
        (
            {"filter": {"related": "crate", "any": {"related": "things.crate", "count": True, "op": "is", "value": 2}}},
            ["Lamp 1", "Lamp 2"],
        ),
    ],
)
def test_addresses_say_what_the_tree_says(client, token_for, cast, shelf, parameters, left):
    said = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in parameters.items()}
    headers = {"Authorization": f"Bearer {token_for(cast.owner)}"}
    answer = client.get("/api/v1/things", said | {"sort": "title"}, headers=headers)
    assert answer.status_code == 200, answer.content
    assert [each["name"] for each in answer.json()["data"]] == left


@pytest.mark.parametrize("name", ["custom.gone.name", "crate.", "crate.gone", "gone.name", "owner.email"])
def test_paths_that_lead_nowhere_are_refused_with_their_name(client, token_for, cast, shelf, name):
    headers = {"Authorization": f"Bearer {token_for(cast.owner)}"}
    answer = client.get("/api/v1/things", {name: "x"}, headers=headers)
    assert answer.status_code == 400
    assert any(part and part in answer.json()["detail"] for part in name.split("."))

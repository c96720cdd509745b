"""Events are told once, only if the change is kept, and without content."""

import json

import psycopg
import pytest
from django.db import connection, transaction

from tests.cast import assemble
from trato.engine import actions, events, objects
from trato.engine.postgres.notices import CHANNEL
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_user


@pytest.mark.django_db(transaction=True)
def test_open_pages_hear_of_what_was_kept_and_only_ids():
    cast, crates = assemble(), objects.get("crates")
    with psycopg.connect(
        **connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}, autocommit=True
    ) as ear:
        ear.execute(f"LISTEN {CHANNEL}")
        with pytest.raises(ZeroDivisionError), in_workspace(cast.acme.id):
            actions.create(actor_for_user(cast.owner, cast.acme), crates, {"name": "Never"})
            raise ZeroDivisionError
        with in_workspace(cast.acme.id):
            record = actions.create(actor_for_user(cast.owner, cast.acme), crates, {"name": "Secret name"})
        heard = [json.loads(note.payload) for note in ear.notifies(timeout=0.5)]
    assert [(each["event"], each["id"], each["workspace"]) for each in heard] == [
        ("crates.created", str(record.id), str(cast.acme.id))
    ]
    assert heard[0]["by"] == str(cast.owner.id)
    assert "Secret" not in json.dumps(heard)


def test_modules_react_to_what_they_name(owner, monkeypatch):
    heard = []
    monkeypatch.setattr(events, "_reactions", {})
    events.react({"crates.updated": lambda actor, event: heard.append((actor.name, event["id"]))})
    crates = objects.get("crates")
    record = actions.create(owner, crates, {"name": "A"})
    actions.update(owner, crates, record.id, {"name": "B"})
    actions.update(owner, crates, record.id, {"name": "B"})
    actions.delete(owner, crates, record.id)
    assert heard == [("Olga Owner", record.id)]


def test_a_refused_write_tells_nothing(owner, monkeypatch):
    heard = []
    monkeypatch.setattr(events, "_reactions", {})
    events.react({"things.created": lambda actor, event: heard.append(event)})
    with pytest.raises(actions.Refused), transaction.atomic():
        actions.create(owner, objects.get("things"), {"name": "Few", "count": -2000})
    assert heard == []

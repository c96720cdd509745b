"""The demo workspace: lived-in, the same every time, and free of real people."""

import re
from datetime import UTC, datetime

import pytest

from trato.engine import access, objects
from trato.engine.models import HistoryEntry
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces import members
from trato.engine.workspaces.actors import actor_for_user
from trato.modules.people import queries
from trato.modules.people.demo import seed

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
KINDS = ("accounts", "contacts", "relationships", "notes", "tasks", "calls", "meetings")


@pytest.mark.django_db
def test_the_demo_is_lived_in_and_of_invented_people() -> None:
    demo = workspace, user = seed("a password", NOW)
    assert workspace.is_demo and user.check_password("a password")
    with in_workspace(workspace.id):
        actor = actor_for_user(user, workspace)
        rows = {plural: list(access.visible(actor, objects.get(plural))) for plural in KINDS}
        assert all(len(found) >= 25 for found in rows.values()), {name: len(found) for name, found in rows.items()}
        assert all(record.title for name, found in rows.items() if name != "relationships" for record in found)
        for party in rows["accounts"] + rows["contacts"]:
            assert all(item["address"].endswith(".example") for item in party.emails)  # RFC 2606
            for item in party.phones:  # Ofcom, numbers for use in TV and radio drama
                assert re.fullmatch(r"\+447700900\d{3}|\+442079460\d{3}", item["number"])
        assert (NOW - min(note.happened_at for note in rows["notes"])).days > 365
        assert max(note.happened_at for note in rows["notes"]) <= NOW

        day = queries.open_tasks(actor, NOW)
        assert day["overdue"] and day["today"] and day["soon"]
        assert queries.meetings_of(actor, *queries.today(actor, NOW))
        assert queries.changed_in_mine(actor)
        told = set(HistoryEntry.objects.values_list("actor_name", flat=True))
        assert {"Elena Marin", "Carlos Vega"} <= told
    assert seed("another password") == demo, "a second one leaves it as it is"
    user.refresh_from_db()
    assert user.check_password("a password")


@pytest.mark.django_db
def test_somebodys_own_workspace_at_the_demos_address_is_left_alone() -> None:
    theirs = members.create_workspace("Mine", "demo")
    with pytest.raises(members.Taken):
        seed("a password", NOW)
    theirs.refresh_from_db()
    assert theirs.name == "Mine" and not theirs.is_demo

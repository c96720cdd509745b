"""Two people at once: neither waits for nothing, and no circle comes of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from tests.cast import assemble
from trato.engine import actions, objects
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_user
from trato.modules.people.models import Account

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_two_moves_at_once_make_no_circle_and_no_deadlock() -> None:
    cast = assemble()
    accounts = objects.get("accounts")
    with in_workspace(cast.acme.id):
        owner = actor_for_user(cast.owner, cast.acme)
        one, two = (actions.create(owner, accounts, {"name": name}).id for name in ("One", "Two"))
    ready, outcomes = threading.Barrier(2, timeout=20), []

    def move(child: Any, parent: Any) -> None:
        try:
            with in_workspace(cast.acme.id):
                actor = actor_for_user(cast.owner, cast.acme)
                actions.lock(actor, accounts, child)
                ready.wait()  # both hold their own record before either moves it
                actions.update(actor, accounts, child, {"parent": parent})
            outcomes.append("moved")
        except actions.Refused:
            outcomes.append("refused")
        except Exception as error:  # a deadlock, say
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["moved", "refused"]
    with in_workspace(cast.acme.id):
        assert Account.objects.exclude(parent=None).count() == 1

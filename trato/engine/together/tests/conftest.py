"""The record most tests of being told are about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone


@pytest.fixture
def things() -> Any:
    from trato.engine import objects

    return objects.get("things")


@pytest.fixture
def thing(owner: Any, things: Any) -> Any:
    """The administrator's lamp, in a workspace where nothing was gathered for an hour."""
    from trato.engine import actions
    from trato.engine.together.models import Gathering

    Gathering.objects.create(began_at=timezone.now() - timedelta(hours=1), through=timezone.now())
    return actions.create(owner, things, {"name": "Lamp", "owner": owner.user_id})

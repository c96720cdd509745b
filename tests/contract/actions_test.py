"""Every action that a module adds has a page and an endpoint of its own."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import resolve

from trato.engine import actions
from trato.web.pages import acts

ACTIONS = [(action.plural, action.name) for action in actions.all_actions()]


@pytest.mark.parametrize(("plural", "name"), ACTIONS, ids=lambda part: part)
def test_nothing_else_stands_at_the_address_of_an_action(plural: str, name: str) -> None:
    assert resolve(f"/w/acme/{plural}/{uuid4()}/{name}").func is acts.act
    assert resolve(f"/api/v1/{plural}/{uuid4()}/{name}").url_name == "action"

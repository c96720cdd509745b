"""What the journeys share: programs acting as a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.running import Person, Site, Visitor


@pytest.fixture(scope="session")
def program(site: Site) -> Callable[[str, Person], Visitor]:
    """``program(slug, person)``: somebody who speaks to the API with the person's token."""

    def make(workspace: str, person: Person) -> Visitor:
        visitor = site.visitor()
        visitor.headers.update(site.token(workspace, person))
        return visitor

    return make

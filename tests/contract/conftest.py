"""Runs each contract test for every registered object, and for one that an administrator added."""

import pytest

OWN = "buildings"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    from trato.engine import objects

    if "obj" in metafunc.fixturenames:
        plurals = [obj.plural for obj in objects.all_objects()]
        metafunc.parametrize("obj", [*plurals, OWN], indirect=True)


@pytest.fixture
def obj(request, cast, as_):
    """The object under test; the administrator's own is made first."""
    from tests.contract.samples import own_object
    from trato.engine import objects

    if request.param != OWN:
        return objects.get(request.param)
    with as_(cast.owner) as actor:
        return own_object(actor)

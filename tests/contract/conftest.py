"""Runs each contract test for every registered object, and for one that an administrator added; those of a module with
``PLURALS`` for the objects that names.
"""

import pytest

OWN = "buildings"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    from trato.engine import objects

    if "obj" in metafunc.fixturenames:
        every = [obj.plural for obj in objects.all_objects()] + [OWN]
        metafunc.parametrize("obj", getattr(metafunc.module, "PLURALS", every), indirect=True)


@pytest.fixture
def obj(request, cast, as_):
    """The object under test; the administrator's own is made first."""
    from tests.contract.samples import own_object
    from trato.engine import objects

    if request.param != OWN:
        return objects.get(request.param)
    with as_(cast.owner) as actor:
        return own_object(actor)

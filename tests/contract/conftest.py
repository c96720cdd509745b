"""Runs each contract test for every registered object."""

import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    from trato.engine import objects

    if "obj" in metafunc.fixturenames:
        metafunc.parametrize("obj", objects.all_objects(), ids=lambda obj: obj.plural)

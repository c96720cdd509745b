"""One running Trato for all tests that come from outside: started once with its demo, stopped at the end."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .installation.machine import Machine
from .running import Person, Site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="trato-site-"))
    folder.chmod(0o711)  # the database's own user passes through
    machine = Machine(folder)
    try:
        _ready, base, _login, email, _password, password = machine.up().split()
        yield Site(machine, base, Person(email, password))
    finally:
        if machine.process is not None:
            machine.down()
        shutil.rmtree(folder, ignore_errors=True)

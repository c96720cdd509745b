"""One installation for the tests of this folder, in a folder that the database's own user can pass through."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .machine import Machine


@pytest.fixture(scope="package")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="trato-machine-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="package")
def prepared(folder: Path) -> Machine:
    """An installation that was started with --empty once and is stopped."""
    machine = Machine(folder)
    machine.first_line = machine.up("--empty")
    machine.down()
    return machine


@pytest.fixture
def machine(prepared: Machine) -> Iterator[Machine]:
    """The same one; whatever a test leaves running is stopped."""
    yield prepared
    if prepared.process is not None:
        prepared.down()

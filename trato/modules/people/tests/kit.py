"""Short words for the tests of people."""

from collections.abc import Callable

from trato.engine import objects
from trato.engine.models import Record

Make = Callable[..., Record]


def ref(record: Record) -> str:
    """A record's address: ``contacts/<uuid>``."""
    return objects.of_model(type(record)).ref(record.id)

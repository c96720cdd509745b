"""A workspace's configuration as one JSON document: fetched, compared, taken over."""

from __future__ import annotations

from trato.engine import configuration
from trato.engine.access import Forbidden
from trato.engine.custom import NotAdministrator

from .endpoint import Answer, Call


def _administers(call: Call, verb: str) -> None:
    """A configuration is an administrator's; a token with scopes needs one such as ``configuration:change``."""
    if not call.actor.rights.admin:
        raise NotAdministrator
    if not call.actor.rights.token_allows("configuration", verb):
        raise Forbidden("configuration", verb)


def read(call: Call) -> Answer:
    """The whole configuration."""
    _administers(call, "see")
    call.parameters()
    return Answer(configuration.export(call.actor))


def compare(call: Call) -> Answer:
    """What taking a document over would add and change, each thing with old and new."""
    _administers(call, "see")
    call.parameters()
    return Answer({"data": [change.json() for change in configuration.compare(call.actor, call.body())], "next": None})


def write(call: Call) -> Answer:
    """Add what the document has and the workspace hasn't and change what differs, whole or not at all."""
    _administers(call, "change")
    call.parameters()
    return Answer({"data": [change.json() for change in configuration.apply(call.actor, call.body())], "next": None})

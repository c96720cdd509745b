"""Keys to the API: reading their text, finding whose they are, and noting that they were used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from ..postgres.scope import in_workspace
from .actors import Actor, actor_for_token
from .models import Token, digest_of

SHAPE = re.compile(r"trato_([0-9a-f]{32})_[A-Za-z0-9_-]{20,100}", re.ASCII)
#: ``last_used_at`` is exact to this much.
SELDOM = timedelta(minutes=1)


class BadToken(PermissionError):
    """The key opens nothing: malformed, unknown, revoked, expired, or its person left. All look the same."""


@dataclass(frozen=True)
class Key:
    """What the text of a key says before anything is looked up."""

    workspace_id: UUID
    digest: str


def read(text: str) -> Key:
    """The workspace named in a key's text, and the digest it is found by; raises BadToken."""
    found = SHAPE.fullmatch(text)
    if not found:
        raise BadToken
    return Key(UUID(found[1]), digest_of(text))


def find(key: Key) -> tuple[Token, Actor]:
    """The token and who acts with it (inside ``in_workspace`` of the key's workspace); raises BadToken."""
    token = Token.objects.select_related("user", "workspace").filter(digest=key.digest, revoked_at=None).first()
    if token is None or (token.expires_at and token.expires_at <= timezone.now()):
        raise BadToken
    actor = actor_for_token(token, token.workspace)
    if actor is None:
        raise BadToken
    return token, actor


def note_use(token: Token) -> None:
    """Keep when the token was last used, at most once a minute, in a transaction of its own: no call waits."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - SELDOM:
        with in_workspace(token.workspace_id):
            Token.objects.filter(id=token.id).update(last_used_at=now)

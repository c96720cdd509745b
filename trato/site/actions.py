"""What the ``trato`` command changes about people; it acts for the operator."""

from __future__ import annotations

from trato.engine.workspaces.models import User


def new_person(email: str, password: str, name: str = "") -> User:
    """Somebody who can sign in with this address and password, and is a member of nothing yet."""
    return User.objects.create_user(email, password, name=name)

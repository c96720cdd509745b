"""``trato demo``: the workspace to look around in."""

from __future__ import annotations

import argparse
import secrets

from trato.engine.workspaces.members import Taken
from trato.modules.people.demo import seed

from ..problem import Problem
from .terminal import put, say


def make_demo() -> tuple[str, str]:
    """Makes the demo workspace unless it is there; its administrator's login, "" for a password given out before."""
    password = secrets.token_urlsafe(12)
    try:
        _workspace, user = seed(password)
    except Taken as error:
        raise Problem(str(error)) from error
    user.refresh_from_db()
    return user.email, password if user.check_password(password) else ""


def demo(arguments: argparse.Namespace) -> None:
    """Makes the demo workspace and prints its login."""
    email, password = make_demo()
    if password:
        put(f"/w/demo/ login {email} password {password}")
    else:
        say(f"The demo workspace is there already; {email} signs in with the password printed when it was made.")

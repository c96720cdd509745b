"""What ``trato up`` does once before it serves: database, tables, and somebody who can sign in."""

from __future__ import annotations

import argparse
import secrets

from trato.engine.workspaces.members import add_member, create_workspace

from ..actions import new_person
from ..datafolder import DataFolder, folder_from_environment
from ..queries import any_workspace
from .database import make_roles, migrate
from .demo import make_demo
from .terminal import say

OWNER = "owner@example.com"


def first(arguments: argparse.Namespace) -> None:
    """Brings the database up to date; in a database without any workspace it makes one and keeps its login."""
    make_roles()
    migrate()
    if any_workspace():
        return
    if arguments.empty:
        email, password = _empty()
    else:
        say("Making the demo workspace (--empty starts without it) ...")
        email, password = make_demo()
    DataFolder(folder_from_environment()).keep(login={"email": email, "password": password})


def _empty() -> tuple[str, str]:
    password = secrets.token_urlsafe(12)
    workspace = create_workspace("My company")
    owner = new_person(OWNER, password)
    add_member(workspace, owner, "Administrator")
    return OWNER, password

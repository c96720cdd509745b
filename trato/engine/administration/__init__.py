"""What administrators decide: who is in the workspace, which roles and teams there are, and the workspace itself.

Every function that changes something raises NotAdministrator for anyone else, and writes an entry of the history of the
thing it changes.
"""

from .base import LEVELS, record, require
from .members import change_role, members, remove_member, teams_of_members
from .roles import change_fields, clone_role, delete_role, role, roles, save_role
from .teams import delete_team, save_team, team, teams
from .workspace import change_workspace

__all__ = [
    "LEVELS",
    "change_fields",
    "change_role",
    "change_workspace",
    "clone_role",
    "delete_role",
    "delete_team",
    "members",
    "record",
    "remove_member",
    "require",
    "role",
    "roles",
    "save_role",
    "save_team",
    "team",
    "teams",
    "teams_of_members",
]

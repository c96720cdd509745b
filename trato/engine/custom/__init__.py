"""What an administrator adds to a workspace: fields and objects, an overlay over what every workspace has.

Both are on every surface from the moment they are saved, and neither changes a table.
"""

from ..decisions import NotAdministrator
from .arranging import NOTHING as NO_LAYOUT
from .arranging import layout_of, layouts_said, placeable, set_layout, whole_layout
from .definitions import (
    MOST_OBJECTS,
    RESERVED,
    add_object,
    bury_object,
    change_object,
    destroy_object,
    listed_objects,
    revive_object,
)
from .fields import MOST_FIELDS, add, archive, change, listed
from .icons import ICONS
from .overlaying import needed_always, overlay_of, overlays, set_overlay
from .uniqueness import JOB as UNIQUE
from .uniqueness import NotUnique, Shared, last_job

__all__ = [
    "ICONS",
    "MOST_FIELDS",
    "MOST_OBJECTS",
    "NO_LAYOUT",
    "RESERVED",
    "UNIQUE",
    "NotAdministrator",
    "NotUnique",
    "Shared",
    "add",
    "add_object",
    "archive",
    "bury_object",
    "change",
    "change_object",
    "destroy_object",
    "last_job",
    "layout_of",
    "layouts_said",
    "listed",
    "listed_objects",
    "needed_always",
    "overlay_of",
    "overlays",
    "placeable",
    "revive_object",
    "set_layout",
    "set_overlay",
    "whole_layout",
]

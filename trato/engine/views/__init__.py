"""Saved views: a way to look at an object's records that has a name and an address; records in groups, and totals."""

from . import totals
from .grouping import GROUPABLE, LISTS, NONE, PAGE, BadGroup, Grouping, grouping_of, keys_of
from .keeping import (
    CHANGEABLE,
    VISIBILITIES,
    Shelf,
    change,
    create,
    delete,
    get,
    may_change,
    may_share,
    open_with,
    pin,
    roles,
    shelf,
)
from .looks import Look, look_of, remember
from .models import SavedView
from .settings import DENSITIES, KINDS, NARROWEST, WIDEST, Settings, clean, read, slot
from .totals import TOTALS

__all__ = [
    "CHANGEABLE",
    "DENSITIES",
    "GROUPABLE",
    "KINDS",
    "LISTS",
    "NARROWEST",
    "NONE",
    "PAGE",
    "TOTALS",
    "VISIBILITIES",
    "WIDEST",
    "BadGroup",
    "Grouping",
    "Look",
    "SavedView",
    "Settings",
    "Shelf",
    "change",
    "clean",
    "create",
    "delete",
    "get",
    "grouping_of",
    "keys_of",
    "look_of",
    "may_change",
    "may_share",
    "open_with",
    "pin",
    "read",
    "remember",
    "roles",
    "shelf",
    "slot",
    "totals",
]

"""Saved views: a way to look at an object's records that has a name and an address; records in groups, and totals."""

from .grouping import GROUPABLE, LISTS, NONE, PAGE, BadGroup, Grouping, grouping_of, keys_of
from .keeping import (
    CHANGEABLE,
    VISIBILITIES,
    change,
    create,
    delete,
    get,
    listed,
    may_change,
    may_share,
    open_with,
    opens_with,
    pin,
    pinned,
)
from .looks import Look, look_of, remember
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
    "Settings",
    "change",
    "clean",
    "create",
    "delete",
    "get",
    "grouping_of",
    "keys_of",
    "listed",
    "look_of",
    "may_change",
    "may_share",
    "open_with",
    "opens_with",
    "pin",
    "pinned",
    "read",
    "remember",
    "slot",
]

"""Every write: access, lock, transaction, history, event. Generic ones here; modules add theirs with ``@action``."""

from ..values import Problem, Refused
from .base import Conflict, broken_rule, lock
from .binning import delete, restore
from .named import Action, action, all_actions, of, parameters, run
from .sharing import share, unshare
from .writing import MOST_PARTS, bring_up_to_date, create, rewrite, update, write

__all__ = [
    "MOST_PARTS",
    "Action",
    "Conflict",
    "Problem",
    "Refused",
    "action",
    "all_actions",
    "bring_up_to_date",
    "broken_rule",
    "create",
    "delete",
    "lock",
    "of",
    "parameters",
    "restore",
    "rewrite",
    "run",
    "share",
    "unshare",
    "update",
    "write",
]

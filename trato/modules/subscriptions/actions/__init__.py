"""Writes of what is agreed for longer."""

from .contracts import enforce, notice, pass_days, renew, withdraw
from .course import activate, cancel, change, finish, keep, pause, reprice, resume
from .invoicing import bill, bill_due, invoiced_elsewhere
from .sums import settle_subscription

__all__ = [
    "activate",
    "bill",
    "bill_due",
    "cancel",
    "change",
    "enforce",
    "finish",
    "invoiced_elsewhere",
    "keep",
    "notice",
    "pass_days",
    "pause",
    "renew",
    "reprice",
    "resume",
    "settle_subscription",
    "withdraw",
]

"""Writes of what is agreed for longer."""

from .contracts import enforce, notice, pass_days, renew, withdraw
from .course import activate, cancel, change, finish, keep, pause, reprice, resume
from .invoicing import bill, bill_due, invoiced_elsewhere
from .sums import settle_subscription
from .waves import Wave, bill_wave

__all__ = [
    "Wave",
    "activate",
    "bill",
    "bill_due",
    "bill_wave",
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

"""How often a caller may come: counted in the database, so that every process knows, in one statement a call."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection

from .models import RateCount

#: Length of a window in seconds.
WINDOW = 60


@dataclass(frozen=True)
class Count:
    """How often a caller came in the running window, this call included, and the seconds until the next window."""

    used: int
    left: int


# A count that a crash of the server forgets is no loss, so that it need not wait for the disk.
COUNT = """
INSERT INTO engine_ratecount AS r (caller, "window", count) VALUES (%s, %s, 1)
ON CONFLICT (caller, "window") DO UPDATE SET count = r.count + 1
RETURNING count, set_config('synchronous_commit', 'off', true)
"""


def count(caller: str) -> Count:
    """Count one call of ``caller``; outside any transaction, so that callers don't wait for each other's work."""
    window, second = divmod(int(time.time()), WINDOW)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [caller[:120], window])
        return Count(cursor.fetchone()[0], WINDOW - second)


def forget(caller: str) -> None:
    """Leave no row of a caller that turned out to be nobody."""
    RateCount.objects.filter(caller=caller[:120]).delete()


def sweep() -> int:
    """Drop the counts of past windows; returns how many."""
    return RateCount.objects.filter(window__lt=int(time.time()) // WINDOW - 1).delete()[0]

"""Record ids: UUID version 7, made by the application, rising within a process."""

import os
import threading
import time
import uuid
from struct import unpack

RANDOM = (1 << 62) - 1
_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 12 bits of a finer clock, then 62 random
    bits.

    The finer clock is the fraction of the millisecond (RFC 9562, section 6.2, method 3), nudged so that ids made by
    one process always rise; lists sorted by id are then lists sorted by time of creation.
    """
    return uuid7s(1)[0]


def uuid7s(count: int) -> list[uuid.UUID]:
    """As many ids, rising, for half of what they cost one by one."""
    return [uuid.UUID(int=number) for number in _numbers(count)]


def uuid7_texts(count: int) -> list[str]:
    """As many ids as texts of 32 digits, for a tenth: for rows that are only written."""
    return [f"{number:032x}" for number in _numbers(count)]


def _numbers(count: int) -> list[int]:
    global _last  # noqa: PLW0603 - the clock of this process
    nanoseconds = time.time_ns()
    first = ((nanoseconds // 1_000_000) << 12) | ((nanoseconds % 1_000_000) * 4096 // 1_000_000)
    with _lock:
        first = max(first, _last + 1)
        _last = first + count - 1
    noise = unpack(f"{count}Q", os.urandom(8 * count))
    return [
        ((stamp >> 12) << 80) | (0x7 << 76) | ((stamp & 0xFFF) << 64) | (0b10 << 62) | (random & RANDOM)
        for stamp, random in zip(range(first, first + count), noise, strict=True)
    ]

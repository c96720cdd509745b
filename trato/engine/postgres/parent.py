"""A process that ends when the one that started it does, however that one ended."""

import ctypes
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(how: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel to send this process a signal when its parent is gone.

    Only Linux knows this wish; elsewhere nothing happens, and what is left behind is found by the next start.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(how))


def ending_with_parent(how: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """The same as a ``preexec_fn`` of subprocess; the parent that counts is the thread that starts the child."""

    def in_the_child() -> None:
        end_with_parent(how)

    return in_the_child

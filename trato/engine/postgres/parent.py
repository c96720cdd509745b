"""A process that ends when the one that started it does, however that one ended.

Only Linux knows this wish; elsewhere nothing happens, and what is left behind is found by the next start.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Asks the kernel to send this process a signal when ``parent``, which has to be its parent, is gone.

    If that one is gone already, this process ends here.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(how))
    if os.getppid() != parent:
        os._exit(1)


def ending_with_us(how: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """The same as a ``preexec_fn`` of subprocess; the parent that counts is the thread that starts the child."""
    parent = os.getpid()

    def in_the_child() -> None:
        end_with(parent, how)

    return in_the_child

"""Records in the recycle bin deleted for good: one, ticked ones, a whole bin, and every night what lies there too long.

Not undoable. What stays is that it happened: the lines of history, without values (docs/adr/0018).
"""

from .bins import FEW, MOST, Destroyed, allowed, begin, in_bin, running, tidy
from .records import Destroying

__all__ = ["FEW", "MOST", "Destroyed", "Destroying", "allowed", "begin", "in_bin", "running", "tidy"]

"""Gates: what a record needs before one of its fields takes a value, and how long it may stay there quietly.

An administrator says it for a value of a choice, such as a stage. It holds for every face and for imports too, since
``values.check`` asks it. docs/adr/0012 says why the rules are read with the fields.
"""

from .asking import key_of, missing, of, staleness
from .models import Gate

__all__ = ["Gate", "key_of", "missing", "of", "staleness"]

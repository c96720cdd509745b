"""Many records at once, set-wise: what imports, the bulk API and the undo of both write with (docs/adr/0006)."""

from .matching import ID
from .staging import Draft, Staging
from .writer import ON_MATCH, Outcome, Row, Writer

__all__ = ["ID", "ON_MATCH", "Draft", "Outcome", "Row", "Staging", "Writer"]

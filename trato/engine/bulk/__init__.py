"""Many records at once, set-wise: what imports, the bulk API and the undo of both write with (docs/adr/0006)."""

from .drafts import Draft
from .making import Made, Maker, create_all, write_many
from .matching import ID
from .staging import Staging
from .writer import ON_MATCH, Outcome, Row, Writer

__all__ = [
    "ID",
    "ON_MATCH",
    "Draft",
    "Made",
    "Maker",
    "Outcome",
    "Row",
    "Staging",
    "Writer",
    "create_all",
    "write_many",
]

"""A workspace's configuration as one JSON file: to keep it, to compare it, to move it from test to live.

The file holds what administrators decided (fields, objects, roles, ...) and no records. Each part of Trato that has
such decisions adds a section (``sections.section``).
"""

from .exchange import Change, apply, compare, export
from .sections import Section, section

__all__ = ["Change", "Section", "apply", "compare", "export", "section"]

"""Layouts: how the pages of an object look, to everybody or to a role; an overlay over what the object declares.

A layout says what stands where, never who may see it: a field it leaves out stays in the API, in filters and imports.
``custom.arranging`` writes them. docs/adr/0020 says why.
"""

from .models import Layout
from .reading import Look, hand_on, of, of_role, placed

__all__ = ["Layout", "Look", "hand_on", "of", "of_role", "placed"]

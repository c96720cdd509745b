"""Records that are held to be the same: rules, warnings while typing, a scan of all, and what people decided."""

from .looking import Likeness, label_of, like

__all__ = ["Likeness", "label_of", "like"]

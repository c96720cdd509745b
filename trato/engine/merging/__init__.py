"""Several records become one, with everything that points at them; and all of it can be taken apart again."""

from .merge import MOST, merge, united
from .pointing import counts
from .unmerge import merge_again, unmerge

__all__ = ["MOST", "counts", "merge", "merge_again", "united", "unmerge"]

"""Several records become one, with everything that points at them; and all of it can be taken apart again."""

from .address import moved
from .merge import MOST, merge, merged_already, united
from .pointing import counts
from .unmerge import latest, merge_again, unmerge

__all__ = ["MOST", "counts", "latest", "merge", "merge_again", "merged_already", "moved", "united", "unmerge"]

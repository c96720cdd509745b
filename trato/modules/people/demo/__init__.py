"""The demo workspace: a coffee roastery in London that has lived in Trato for three years.

Names and numbers are invented; telephone numbers are from the ranges Ofcom keeps for drama, addresses of the net end in
.example (RFC 2606).
"""

from .seed import fill, seed

__all__ = ["fill", "seed"]

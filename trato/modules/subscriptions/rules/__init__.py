"""Pure rules of what is agreed for longer: periods and their parts, recurring revenue, terms and notice."""

from .periods import INTERVALS, Course, Piece, Term, add_months, monthly, part_until, period_around, pieces
from .revenue import MOVEMENTS, Movement, movement, movements
from .terms import Agreed, effective_end, last_notice, next_end

__all__ = [
    "INTERVALS",
    "MOVEMENTS",
    "Agreed",
    "Course",
    "Movement",
    "Piece",
    "Term",
    "add_months",
    "effective_end",
    "last_notice",
    "monthly",
    "movement",
    "movements",
    "next_end",
    "part_until",
    "period_around",
    "pieces",
]

"""Formulas: what a field comes to that an administrator wrote as an expression over others.

The text is parsed (``grammar``), every name and type is checked (``checking``), and what comes out is SQL, made for
whoever reads (``computing``): so that a list is ordered, filtered, grouped and exported by it, and it is never out of
date.
docs/guide/formulas.md tells the language, docs/adr/0014 why it is so.
"""

from .computing import Preview, broken, digits_of, judge, preview, result_of, users_of, works_with
from .functions import EVERY
from .grammar import BadExpression

__all__ = [
    "EVERY",
    "BadExpression",
    "Preview",
    "broken",
    "digits_of",
    "judge",
    "preview",
    "result_of",
    "users_of",
    "works_with",
]

"""Named reads of sales."""

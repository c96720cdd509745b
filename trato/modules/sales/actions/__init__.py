"""Writes of sales that have a name of their own, and what follows by itself."""

from . import deals, forms, leads, mails, scoring, stages, starting

__all__ = ["deals", "forms", "leads", "mails", "scoring", "stages", "starting"]

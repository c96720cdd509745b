"""Saved views: a way to look at an object's records that has a name and an address."""

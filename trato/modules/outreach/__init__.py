"""Reaching many one by one: sequences, call lists with scripts, promises kept."""

"""Business modules, one folder each; found through the entry point group ``trato.modules``."""

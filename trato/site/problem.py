"""What ends a command with one clear message instead of a traceback."""


class Problem(Exception):
    """The command can't go on; the message says what happened and what to do."""

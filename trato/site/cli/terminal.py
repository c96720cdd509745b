"""The two streams of a command: results on stdout, everything that is said to a person on stderr."""

import sys


def say(line: str) -> None:
    """Tells the person at the terminal."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def put(line: str) -> None:
    """Prints a result, for a person or the next program of a pipe."""
    print(line, flush=True)  # noqa: T201

"""The ``trato`` command: one entry of the map below a command, one function each in the other files of this folder."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from trato.engine.postgres.binaries import NoPostgres

from .. import local
from ..datafolder import DataFolder, folder_from_environment
from ..problem import Problem
from .arguments import COMMANDS, Command
from .terminal import say


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status: 0 done, 1 not, with one clear message, 2 misspelt."""
    arguments = _parser().parse_args(argv)
    os.environ["TRATO_DATA"] = str(Path(arguments.data).absolute() if arguments.data else folder_from_environment())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trato.site.settings")
    try:
        return _run(arguments.command, arguments) or 0
    except (Problem, NoPostgres) as problem:
        say(f"trato: {problem}")
    except KeyboardInterrupt:
        say("trato: Interrupted.")
    except Exception as error:
        lost = error if isinstance(error, psycopg.OperationalError) else error.__cause__
        if not isinstance(lost, psycopg.OperationalError):
            raise
        say(f"trato: The database does not answer: {str(lost).strip()}")
        say("trato: See that it runs and, if it is an outside one, that DATABASE_URL is right. Then try again.")
    return 1


def _run(command: Command, arguments: argparse.Namespace) -> int | None:
    with ExitStack() as stack:
        folder = DataFolder(Path(os.environ["TRATO_DATA"]))
        folder.make()
        if command.database:
            stack.enter_context(local.database(folder, say))
        if command.django:
            import_module("django").setup()
        module, _, function = command.run.partition(":")
        run: Callable[[argparse.Namespace], int | None] = getattr(import_module(f"{__name__}.{module}"), function)
        return run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="trato", description="Trato, an open-source CRM.")
    parser.add_argument("--version", action="version", version=f"trato {version('trato')}")
    groups: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {
        "": parser.add_subparsers(metavar="COMMAND", required=True)
    }
    for name, command in COMMANDS.items():
        group, _, leaf = name.rpartition(" ")
        if group not in groups:
            words = ", ".join(sorted(other.rpartition(" ")[2] for other in COMMANDS if other.startswith(f"{group} ")))
            holder = groups[""].add_parser(group, help=f"{group}: {words}")
            groups[group] = holder.add_subparsers(metavar="COMMAND", required=True)
        shown: dict[str, Any] = {"help": command.help, "description": command.help} if command.help else {}
        one = groups[group].add_parser(leaf, **shown)
        for flags, options in command.arguments:
            one.add_argument(*flags, **options)
        one.add_argument("--data", metavar="DIR", help="the data folder (default: TRATO_DATA, or var)")
        one.set_defaults(command=command)
    return parser

"""Every command with its arguments, in the order in which ``trato --help`` lists them."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from typing import Any

Argument = tuple[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True)
class Command:
    """``run`` is ``file:function`` below this folder; ``database`` and ``django`` say what has to be there before it.

    A command without ``help`` is for other commands to call and isn't listed.
    """

    help: str | None
    run: str
    arguments: tuple[Argument, ...] = ()
    database: bool = True
    django: bool = True


def argument(*flags: str, **options: Any) -> Argument:
    """One argument as argparse wants it."""
    return flags, options


def port(text: str) -> int:
    """A port that leaves room for its neighbour, which live takes."""
    number = int(text) if text.isdigit() else 0
    if not 1 <= number <= 65534:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65534")
    return number


PORT = argument(
    "--port", type=port, default=os.environ.get("TRATO_PORT") or "8000", metavar="N", help="web's port (default: 8000)"
)
LIVE_PORT = argument("--port", type=port, default="8001", metavar="N", help="its port (default: 8001)")
HOST = argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
WORKSPACE = argument("--workspace", required=True, metavar="SLUG", help="the workspace, as in its address /w/SLUG/")

COMMANDS: dict[str, Command] = {
    "up": Command(
        "start everything on this machine and keep it running",
        "up:up",
        (PORT, argument("--empty", action="store_true", help="begin with an empty workspace, without the demo")),
        database=False,
        django=False,
    ),
    "web": Command("serve pages and the API", "processes:web", (PORT, HOST), database=False, django=False),
    "live": Command(
        "serve live updates",
        "processes:live",
        (LIVE_PORT, HOST),
        database=False,
        django=False,
    ),
    "worker": Command(
        "run jobs",
        "worker:worker",
        (argument("--concurrency", type=int, default=2, metavar="N", help="jobs at the same time (default: 2)"),),
        database=False,
    ),
    "db prepare": Command("make roles, rights and tables, and say what the server did not allow", "database:prepare"),
    "demo": Command("make the demo workspace", "demo:demo"),
    "workspace create": Command(
        "make an empty workspace",
        "people:create_workspace",
        (
            argument("name", help="its name, such as a company's"),
            argument("--slug", default="", help="its address /w/SLUG/ (default: from the name)"),
            argument("--owner", metavar="EMAIL", help="a person who becomes its administrator"),
            argument("--country", default="", metavar="CC", help="two letters; numbers without prefix are of it"),
            argument("--currency", default="EUR", metavar="CUR", help="three letters (default: EUR)"),
            argument("--language", default="en", help="en, es or ro (default: en)"),
            argument("--time-zone", default="UTC", metavar="ZONE", help="such as Europe/Madrid (default: UTC)"),
        ),
    ),
    "user add": Command(
        "add a person to a workspace; prints the password",
        "people:add_user",
        (
            argument("email", help="the address the person signs in with"),
            WORKSPACE,
            argument("--name", default="", help="the person's name"),
            argument("--role", default="Member", help="a role of the workspace (default: Member)"),
        ),
    ),
    "user reset-factor": Command(
        "take a lost second factor from a person, who signs in by the password then",
        "people:reset_factor",
        (argument("email", help="the address the person signs in with"),),
    ),
    "secrets rotate": Command("seal the secrets in the database by a new key", "secrets:rotate"),
    "token create": Command(
        "make an API token; prints just the token",
        "people:create_token",
        (
            WORKSPACE,
            argument("--user", required=True, metavar="EMAIL", help="whose rights it has"),
            argument(
                "--scope", action="append", default=[], metavar="OBJECTS:VERB", help="such as contacts:see; repeatable"
            ),
            argument("--name", default="trato token create", help="what it is for"),
            argument("--days", type=int, metavar="N", help="how long it is good for (default: until revoked)"),
        ),
    ),
    "import": Command(
        "bring records in from CSV, XLSX, vCard or NDJSON",
        "exchange:import_file",
        (
            argument("objects", help="what the file holds, such as contacts"),
            argument("file", help="the file"),
            WORKSPACE,
            argument("--user", metavar="EMAIL", help="in whose name (default: the system's)"),
            argument("--match", metavar="FIELD", help="the field by which a record is known again, such as email"),
            argument("--on-match", choices=("update", "fill", "skip"), default="update", help="(default: update)"),
            argument(
                "--no-new-links",
                action="store_true",
                help="fail rows that name an account (or other record) there is not, instead of making it",
            ),
            argument("--numbers", metavar="EXAMPLE", help="how the file writes 1,234.56 (default: as its cells tell)"),
            argument("--dates", metavar="ORDER", help="dmy, mdy or ymd (default: as its cells tell)"),
            argument("--country", metavar="CC", help="two letters; phone numbers without prefix are of it"),
            argument("--dry-run", action="store_true", help="say what would happen, change nothing"),
        ),
    ),
    "export": Command(
        "write records out as CSV, XLSX, NDJSON or vCard",
        "exchange:export_file",
        (
            argument("objects", help="what to write, such as contacts"),
            argument("file", help="the file to make; - is the terminal"),
            WORKSPACE,
            argument("--user", metavar="EMAIL", help="what this person may see (default: everything)"),
            argument("--format", choices=("csv", "tsv", "xlsx", "ndjson", "vcf"), help="(default: by the file's name)"),
        ),
    ),
    "config export": Command(
        "write a workspace's fields, objects, roles and other decisions into one JSON file",
        "config:export_config",
        (argument("file", help="the file to make; - is the terminal"), WORKSPACE),
    ),
    "config import": Command(
        "take such a file over, whole or not at all",
        "config:import_config",
        (
            argument("file", help="a file that trato config export made"),
            WORKSPACE,
            argument("--dry-run", action="store_true", help="say what would change, change nothing"),
        ),
    ),
    "backup": Command(
        "save everything into one file, while Trato runs",
        "backup:backup",
        (argument("file", help="the file to make, such as trato-monday.zip"),),
    ),
    "restore": Command(
        "make an installation from a backup",
        "backup:restore",
        (
            argument("file", help="a file that trato backup made"),
            argument("--replace", action="store_true", help="put the installation that is there aside first"),
        ),
        database=False,
        django=False,
    ),
    "first": Command(None, "first:first", (argument("--empty", action="store_true"),)),
    "doctor": Command("say how this installation is", "doctor:doctor"),
}

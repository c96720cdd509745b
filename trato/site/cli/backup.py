"""``trato backup`` and ``trato restore``: all of an installation in one file, taken while it runs.

The file is a ZIP: ``database.dump`` (pg_dump's own format, one moment of the database), ``files/…`` (uploads),
``secrets.json`` (without the keys in it, what was encrypted could not be read again), and ``manifest.json``. It is
made beside its place and renamed, and its table of contents comes last: what is there under its name is whole.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
import psycopg
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.migrations.loader import MigrationLoader

from trato.engine.postgres.binaries import Binaries, NoPostgres, find_binaries
from trato.engine.postgres.roles import role_name

from .. import local
from ..database import NAME, outside, server
from ..datafolder import DataFolder, folder_from_environment
from ..problem import Problem
from .database import answers, make_roles
from .terminal import put, say

DUMP, SECRETS, MANIFEST, FILES = "database.dump", "secrets.json", "manifest.json", "files/"
FORMAT = 1
#: How the keys of stored files look (engine/files.py): workspace, two letters, file.
KEY = re.compile(r"[0-9a-f-]{36}/[0-9a-f]{2}/[0-9a-f-]{36}(?:_\w{7})?")
BLOCK = 1 << 20


def backup(arguments: argparse.Namespace) -> None:
    """Writes the file; raises Problem where it is there already or something can't be read."""
    target = Path(arguments.file).absolute()
    if target.exists():
        raise Problem(f"{target} is there already, and was left as it is. Give another name.")
    if not target.parent.is_dir():
        raise Problem(f"There is no folder {target.parent}.")
    folder = DataFolder(folder_from_environment())
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            missing = _write(out, folder)
            out.flush()
            os.fsync(out.fileno())
        fresh.rename(target)
    finally:
        fresh.unlink(missing_ok=True)
    if missing:
        say(f"{missing} uploads are listed in the database but not in the file store; the backup is without them.")
    say("It holds everything, also passwords' hashes and the keys: keep it where only you can read it.")
    put(str(target))


def _write(out: Any, folder: DataFolder) -> int:
    """The parts, one after the other; how many uploads were missing."""
    parameters = server(folder)
    with psycopg.connect(**parameters) as connection:
        reader = _reader(connection, folder, parameters)
        major = connection.info.server_version // 10_000
    manifest = {
        "format": FORMAT,
        "trato": version("trato"),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgres": major,
        "database": parameters.get("dbname", NAME),
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as parts:
        with parts.open(DUMP, "w", force_zip64=True) as part:
            _dump(part, reader, _programs(major))
        with psycopg.connect(**reader) as connection:
            applied = connection.execute("SELECT app, name FROM django_migrations").fetchall()
            keys = [key for (key,) in connection.execute("SELECT key FROM engine_storedfile ORDER BY key")]
        kept = [key for key in keys if _add(parts, key)]
        parts.writestr(SECRETS, folder.secrets_file.read_bytes())
        parts.writestr(MANIFEST, json.dumps(manifest | {"migrations": applied, "files": len(kept)}, indent=1))
    return len(keys) - len(kept)


def _reader(connection: psycopg.Connection, folder: DataFolder, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Connection parameters of a role that sees every row: the administrator, or else the maintenance role."""
    row = connection.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone()
    if row and row[0]:
        return dict(parameters)
    user = role_name(str(parameters.get("dbname", NAME)), "maintenance")
    password = folder.secrets["database"]["maintenance"]
    return {**parameters, "user": user, "password": password, "options": "-c row_security=on"}


def _dump(part: Any, reader: Mapping[str, Any], programs: Binaries) -> None:
    command = [programs.program("pg_dump"), "--format=custom", "--no-password"]
    if "options" in reader:
        command.append("--enable-row-security")
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(reader)
    ) as process:
        assert process.stdout and process.stderr
        shutil.copyfileobj(process.stdout, part, BLOCK)
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise Problem(f"The database could not be read: {said}. No backup was made.")


def _add(parts: zipfile.ZipFile, key: str) -> bool:
    """One upload; False where the store has none of that key."""
    try:
        with default_storage.open(key, "rb") as source, parts.open(FILES + key, "w", force_zip64=True) as part:
            shutil.copyfileobj(source, part, BLOCK)
    except FileNotFoundError:
        return False
    return True


def _environment(parameters: Mapping[str, Any]) -> dict[str, str]:
    """What PostgreSQL's programs are told, the password too: arguments are seen by every user of the machine."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    told = {names[name]: str(value) for name, value in parameters.items() if name in names}
    return {"PATH": os.environ.get("PATH", ""), "PGDATABASE": NAME, **told}


def _programs(major: int) -> Binaries:
    """PostgreSQL's programs of a version; newer ones read an older server too."""
    try:
        return find_binaries(major)
    except NoPostgres:
        newest = find_binaries()
        if newest.major < major:
            raise
        return newest


def restore(arguments: argparse.Namespace) -> None:
    """Makes an installation from a backup; one that is there stays as it is, unless it is to be replaced."""
    source = Path(arguments.file)
    folder = DataFolder(folder_from_environment())
    try:
        parts = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise Problem(f"{source} is no whole backup ({error}). Nothing was changed.") from error
    with parts, local.hold(folder):
        django.setup()
        manifest = _checked(parts)
        if outside():
            _require_empty(folder)
        else:
            _make_room(folder, replace=arguments.replace)
        _take_keys(folder, json.loads(parts.read(SECRETS)))
        with _serving(folder):
            _fill(parts, manifest, folder)
    put(f"Restored what was there on {manifest['made']}: the database and {manifest['files']} uploads.")


def _checked(parts: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest of a backup that is whole and not from a later Trato; raises Problem."""
    names = set(parts.namelist())
    if not {DUMP, SECRETS, MANIFEST} <= names:
        raise Problem("This is no backup of Trato. Nothing was changed.")
    try:
        broken = parts.testzip()
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        broken = str(error)
    manifest = json.loads(parts.read(MANIFEST))
    strange = [name for name in names - {DUMP, SECRETS, MANIFEST} if not KEY.fullmatch(name.removeprefix(FILES))]
    if broken or strange or manifest.get("format") != FORMAT:
        raise Problem(f"The backup is damaged ({broken or strange[:1] or 'its format'}). Nothing was changed.")
    known = {(app, name) for app, name in MigrationLoader(None).disk_migrations}
    later = [f"{app}.{name}" for app, name in manifest["migrations"] if (app, name) not in known and _ours(app)]
    if later:
        raise Problem(f"The backup is of a later Trato ({manifest['trato']}; {later[0]}). Nothing was changed.")
    return dict(manifest)


def _ours(app: str) -> bool:
    return app not in {"procrastinate"}  # its migrations are merged over time; the tables say what they are


def _require_empty(folder: DataFolder) -> None:
    if not answers(server(folder)):
        return  # the database is still to be made
    with psycopg.connect(**server(folder)) as connection:
        row = connection.execute("SELECT to_regclass('public.workspaces_workspace')").fetchone()
    if row and row[0]:
        raise Problem("The database of DATABASE_URL is in use. Restore into an empty one; nothing was changed.")


def _make_room(folder: DataFolder, *, replace: bool) -> None:
    """Puts what is there aside, so that nothing is lost; raises Problem unless that was asked for."""
    there = [path for path in (folder.postgres, folder.files) if path.is_symlink() or _has_content(path)]
    if there and not replace:
        raise Problem(
            f"{folder.path} holds an installation already; nothing was changed. Give another --data, or --replace to "
            "put that one aside."
        )
    if there:
        aside = folder.path / f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        aside.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700)
        for path in there:
            path.rename(aside / path.name)
        say(f"What was there before is in {aside}.")
    folder.make()


def _has_content(path: Path) -> bool:
    return path.is_dir() and any(path.iterdir())


def _take_keys(folder: DataFolder, kept: dict[str, Any]) -> None:
    """The keys of the backup; the passwords of the database stay those of this machine."""
    folder.keep(**{name: value for name, value in kept.items() if name != "database"})


@contextmanager
def _serving(folder: DataFolder) -> Iterator[None]:
    """The embedded server during the block (the folder is held already), or simply the outside one."""
    if outside():
        yield
        return
    embedded = local.embedded(folder, say)
    embedded.start()
    try:
        yield
    finally:
        embedded.stop()


def _fill(parts: zipfile.ZipFile, manifest: Mapping[str, Any], folder: DataFolder) -> None:
    parameters = server(folder)
    name = str(parameters.get("dbname", NAME))
    if manifest["database"] != name:
        raise Problem(
            f"The roles of the backup are called after the database {manifest['database']!r}; this is {name!r}."
        )
    make_roles()
    with psycopg.connect(**parameters) as connection:
        major = connection.info.server_version // 10_000
    command = [_programs(max(major, int(manifest["postgres"]))).program("pg_restore"), "--no-password"]
    command += ["--exit-on-error", "--single-transaction", f"--dbname={name}"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment(parameters)
    ) as process:
        assert process.stdin and process.stderr
        try:
            with parts.open(DUMP) as part:
                shutil.copyfileobj(part, process.stdin, BLOCK)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it says itself what it met
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise Problem(f"The database could not be made from the backup: {said}")
    for info in parts.infolist():
        if info.filename.startswith(FILES):
            key = info.filename.removeprefix(FILES)
            default_storage.delete(key)
            with parts.open(info) as part:
                default_storage.save(key, File(part))
    # Rights and newer tables, in a process that knows where this database answers.
    prepared = subprocess.run([sys.executable, "-m", "trato.site", "db", "prepare"], check=False, capture_output=True)
    if prepared.returncode:
        raise Problem(f"The database is there but not brought up to date: {prepared.stderr.decode()}")

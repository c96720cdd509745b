"""One short text for the code that shapes the database: when it changes, the database has to be brought up to date."""

import hashlib
from importlib.metadata import entry_points, version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
WITH_TABLES = ("django", "django-allauth", "procrastinate")


def code_stamp() -> str:
    """A digest of our own migrations and roles, and of the versions of everything else that brings tables along."""
    digest = hashlib.sha256()
    for path in sorted([*PACKAGE.rglob("migrations/*.py"), PACKAGE / "engine" / "postgres" / "roles.py"]):
        digest.update(str(path.relative_to(PACKAGE)).encode() + path.read_bytes())
    for name in WITH_TABLES:
        digest.update(f"{name} {version(name)}\n".encode())
    for entry in sorted(entry_points(group="trato.modules")):
        digest.update(f"{entry.value} {entry.dist.version if entry.dist else ''}\n".encode())
    return digest.hexdigest()

"""The folder that holds everything Trato keeps on this machine: database, files, logs, mail and secrets."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from trato.engine.postgres.roles import ROLES


def folder_from_environment() -> Path:
    """TRATO_DATA, or ``var`` below the current folder."""
    return Path(os.environ.get("TRATO_DATA") or "var").absolute()


@dataclass(frozen=True)
class DataFolder:
    """Paths below one data folder, and its secrets. Nothing is written before ``make`` is called."""

    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def secrets_file(self) -> Path:
        """TRATO_SECRETS, for several machines that share one database, or ``secrets.json`` in the folder."""
        return Path(os.environ.get("TRATO_SECRETS") or self.path / "secrets.json")

    def make(self) -> None:
        """Makes what is missing: the folder and its parts, private to this user, and the secrets.

        Another user can pass through the folder itself when root makes it: the database's own user has to.
        """
        if not self.path.exists():
            self.path.mkdir(parents=True)
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.files, self.logs, self.mail):
            if not folder.exists():
                folder.mkdir(mode=0o700)
        if not self.secrets_file.exists():
            self._write(self.secrets)

    @cached_property
    def secrets(self) -> dict[str, Any]:
        """``django``: the key that signs; ``database``: a password by role; ``sealing``: see ``sealing_keys``.

        Without a secrets file (while building or checking) these are good for this process only.
        """
        try:
            kept: dict[str, Any] = json.loads(self.secrets_file.read_text())
        except FileNotFoundError:
            return _new_secrets()
        return kept

    def sealing_keys(self) -> list[str]:
        """The keys that secrets in the database are sealed with, the newest first, as the file has them now.

        Before the first rotation there is one, derived from the key that signs (HKDF, RFC 5869).
        """
        try:
            kept = json.loads(self.secrets_file.read_text())
        except FileNotFoundError:
            kept = self.secrets
        return list(kept.get("sealing") or [_derived(kept["django"])])

    def keep(self, **changes: Any) -> None:
        """Adds entries to the secrets, such as ``login``: who the first start made, and with which password.

        They are added to the file as it is now: another process may have changed keys since this one read it.
        """
        if self.secrets_file.exists():
            self.secrets.update(json.loads(self.secrets_file.read_text()))
        self.secrets.update(changes)
        self._write(self.secrets)

    def _write(self, content: dict[str, Any]) -> None:
        """Beside the place and a rename, so that the file is never seen half-written or by others."""
        fresh = self.secrets_file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.secrets_file)


def _derived(key: str) -> str:
    material = HKDF(hashes.SHA256(), 32, salt=None, info=b"trato sealing").derive(key.encode())
    return base64.urlsafe_b64encode(material).decode()


def _new_secrets() -> dict[str, Any]:
    return {
        "django": secrets.token_urlsafe(50),
        "database": {role: secrets.token_urlsafe(24) for role in ("admin", *ROLES)},
    }

"""Uploaded files: type sniffed from the content, size limited, kept outside the web root, only ever served as
attachment.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime, timedelta
from typing import IO, Any
from urllib.parse import quote
from uuid import UUID

import filetype
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access, derived, objects
from .models import Key, StoredFile
from .objects import Object
from .values import Problem, Refused
from .workspaces.actors import Actor
from .workspaces.ids import uuid7

LARGEST = 50 * 2**20
#: From what age on a file without a row is one that no transaction will name any more.
ORPHANED = timedelta(days=1)
#: Types a browser may be told; anything else is handed out as plain bytes. SVG and HTML are never among them.
TOLD = frozenset(
    {
        "application/pdf",
        "application/zip",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "audio/mpeg",
        "audio/ogg",
        "audio/x-wav",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "text/plain",
    }
)
#: Programs are refused, whatever they are called.
REFUSED = frozenset(
    {"application/x-msdownload", "application/x-executable", "application/x-sh", "application/x-mach-binary"}
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def safe_name(name: str) -> str:
    """A file's name without folders, controls and direction marks; never empty, at most 200 characters."""
    name = _UNSAFE.sub(" ", unicodedata.normalize("NFC", name or "").replace("\\", "/").rpartition("/")[2])
    stem, dot, ending = " ".join(name.split()).strip(". ").rpartition(".")
    return (f"{(stem or ending)[:180]}{dot}{ending[:18]}" if stem else ending[:200]) or "file"


def sniff(head: bytes) -> str:
    """The type by content, never by name; text and everything unknown is told apart by its bytes only."""
    guess = filetype.guess(head)
    if guess is not None:
        return str(guess.mime)
    if head[:2] == b"#!":
        return "application/x-sh"
    try:
        text = head.decode("utf-8") if len(head) < 8192 else head[:8000].decode("utf-8", "ignore")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if "\0" in text else "text/plain"


def store(actor: Actor, name: str, content: IO[bytes], *, largest: int = LARGEST) -> StoredFile:
    """Keep an upload and its row (inside ``in_workspace``); raises Refused when it is too large, empty or a program."""
    digest, size, head = hashlib.sha256(), 0, b""
    while block := content.read(1 << 20):
        head = head or block[:8192]
        size += len(block)
        if size > largest:
            megabytes = largest // 2**20
            raise Refused(
                [
                    Problem(
                        "file", "too_large", _("A file may have at most %(n)s MB. Nothing was kept.") % {"n": megabytes}
                    )
                ]
            )
        digest.update(block)
    if not size:
        raise Refused([Problem("file", "empty", _("The file is empty."))])
    kind = sniff(head)
    if kind in REFUSED:
        raise Refused([Problem("file", "program", _("Programs can't be kept here."))])
    content.seek(0)
    record_id = uuid7()
    key = default_storage.save(f"{actor.workspace.id}/{record_id.hex[-2:]}/{record_id}", File(content))
    return StoredFile.objects.create(
        id=record_id,
        name=safe_name(name),
        size=size,
        type=kind,
        digest=digest.hexdigest(),
        key=key,
        uploaded_by_id=actor.user_id,
    )


def remove(stored: StoredFile | None) -> None:
    """Forget a file nothing points at any more; its bytes go once the transaction is kept."""
    if stored is None:
        return
    key = stored.key
    stored.delete()
    transaction.on_commit(lambda: default_storage.delete(key))


def sweep(workspace_id: UUID, older_than: timedelta = ORPHANED) -> int:
    """Drop the bytes of uploads whose transaction was taken back: files of this workspace that no row names, older than
    any transaction (inside ``in_workspace``). Whatever isn't called as we call files is left alone. Returns how many.
    """
    dropped, before = 0, timezone.now() - older_than
    for folder in _listed(str(workspace_id))[0]:
        place = f"{workspace_id}/{folder}"
        keys = [f"{place}/{name}" for name in _listed(place)[1] if _ours(name, folder)]
        known = set(
            StoredFile.objects.filter(id__in=[key.rpartition("/")[2] for key in keys]).values_list("key", flat=True)
        )
        for key in keys:
            if key not in known and _changed(key) < before:
                default_storage.delete(key)
                dropped += 1
    return dropped


def _listed(place: str) -> tuple[list[str], list[str]]:
    """The folders and the files in a folder of the store; none where it isn't there."""
    try:
        return default_storage.listdir(place)
    except FileNotFoundError:
        return [], []


def _ours(name: str, folder: str) -> bool:
    """Whether a file is called as ``store`` calls them."""
    try:
        return str(UUID(name)) == name and UUID(name).hex[-2:] == folder
    except ValueError:
        return False


def _changed(key: str) -> datetime:
    """When a file was written; now, for one that has just gone."""
    try:
        return default_storage.get_modified_time(key)
    except FileNotFoundError:
        return timezone.now()


def described(stored: StoredFile) -> dict[str, Any]:
    """The value of a ``file`` field for a stored file."""
    return {"id": str(stored.id), "name": stored.name, "size": stored.size, "type": stored.type}


def open_file(file_id: Any) -> tuple[StoredFile, IO[bytes]]:
    """A stored file of the current workspace and its bytes; raises Absent. Who may have it is for
    the caller to decide.
    """
    stored = StoredFile.objects.filter(id=access.as_uuid(file_id)).first()
    if stored is None or not default_storage.exists(stored.key):
        raise access.Absent(str(file_id))
    return stored, default_storage.open(stored.key, "rb")


def readable(actor: Actor, file_id: Any) -> StoredFile:
    """A file the actor uploaded, or that a record they may see has in a field they may see; raises Absent."""
    stored = StoredFile.objects.filter(id=access.as_uuid(file_id)).first()
    if stored is None:
        raise access.Absent(str(file_id))
    if stored.uploaded_by_id == actor.user_id or any(_holds(actor, obj, stored) for obj in objects.all_objects()):
        return stored
    raise access.Absent(str(file_id))


def _holds(actor: Actor, obj: Object, stored: StoredFile) -> bool:
    """Whether a visible record of this object has the file; found through look-up keys."""
    fields = [field for field in access.fields(actor, obj).values() if field.kind.name == "file"]
    if not fields:
        return False
    keys = {key for field in fields for key in derived.stored_keys(field, [f"file:{stored.id}"])}
    ids = Key.objects.filter(object=obj.plural, key__in=keys).values("record_id")
    columns = {column for field in fields for column in field.columns}
    rows = access.visible(actor, obj).filter(id__in=ids).values(*columns)
    return any((field.read(row) or {}).get("id") == str(stored.id) for row in rows for field in fields)


def headers(stored: StoredFile) -> dict[str, str]:
    """How a stored file is sent: as an attachment, never run, never framed, never guessed at."""
    told = stored.type if stored.type in TOLD else "application/octet-stream"
    plain = stored.name.encode("ascii", "ignore").decode().replace('"', "") or "file"
    quoted = quote(stored.name, safe="")  # RFC 8187
    return {
        "Content-Type": told,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quoted}",
        "Content-Length": str(stored.size),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }

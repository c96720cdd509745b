"""Photos from the way: each is one file about its visit, however often it is sent, with the rights of its person."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from trato.engine import actions, objects
from trato.engine.models import IdempotencyKey, StoredFile
from trato.engine.postgres.scope import in_workspace
from trato.modules.field.models import Visit
from trato.modules.people.models import Attachment

pytestmark = pytest.mark.django_db
ALL = {"see": "all", "change": "all", "create": True, "delete": True}


def png(side: int = 4) -> bytes:
    """A white square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\xff" * side * 3) * side)
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(autouse=True)
def kept(settings: Any, tmp_path: Path) -> Path:
    """Where the files of this test are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def talk(cast: Any, as_: Any) -> Visit:
    """A visit of Mia's."""
    with as_(cast.owner) as actor:
        mine = {"owner": str(cast.member.id)}
        luna = actions.create(actor, objects.get("accounts"), {"name": "Bar Luna", **mine})
        values = {"purpose": "Talk", "account": str(luna.id), "planned_at": "2026-12-01T10:00:00Z", **mine}
        return actions.create(actor, objects.get("visits"), values)


def send(browser: Any, user: Any, visit: Visit, photo: bytes | None = None, **item: Any) -> Any:
    """One photo of a visit as a device sends it; ``about`` or whatever else of the item may be given."""
    values = {"subject": "Photo: Talk", "about": item.pop("about", [f"visits/{visit.id}"])}
    told = {"user": str(user.id), "id": str(uuid4()), "does": "create", "object": "files", "values": values} | item
    file = SimpleUploadedFile("photo.jpg", png() if photo is None else photo, "image/jpeg")
    return browser.post("/w/acme/offline/send", {"item": json.dumps(told), "photo": file})


def made(workspace: Any) -> list[Attachment]:
    with in_workspace(workspace.id):
        return list(Attachment.objects.all())


def nothing_kept(cast: Any) -> bool:
    with in_workspace(cast.acme.id):
        return not StoredFile.objects.exists() and not Attachment.objects.exists()


def test_a_photo_sent_twice_is_one_file_about_the_visit(cast: Any, signed_in: Any, talk: Visit, kept: Path) -> None:
    browser, item = signed_in(cast.member), str(uuid4())
    first, again = (send(browser, cast.member, talk, id=item) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201) and first.json() == again.json()
    [file] = made(cast.acme)
    assert (str(file.id), file.about, file.title) == (item, [f"visits/{talk.id}"], "Photo: Talk")
    assert file.owner_id == cast.member.id
    # What it is, is seen from its bytes: the form said image/jpeg.
    assert (file.file["type"], file.file["size"]) == ("image/png", len(png()))
    with in_workspace(cast.acme.id):
        IdempotencyKey.objects.all().delete()  # a day later
    assert send(browser, cast.member, talk, id=item).status_code == 200
    assert len(made(cast.acme)) == 1
    assert [path.read_bytes() for path in kept.rglob("*") if path.is_file()] == [png()]
    sent = browser.get(f"/w/acme/download/{file.file['id']}")
    assert b"".join(sent.streaming_content) == png()
    assert "Photo: Talk" in browser.get(f"/w/acme/visits/{talk.id}").content.decode()


def test_another_photo_under_the_same_key_is_refused(cast: Any, signed_in: Any, talk: Visit) -> None:
    browser, item = signed_in(cast.member), str(uuid4())
    assert send(browser, cast.member, talk, id=item).status_code == 201
    assert send(browser, cast.member, talk, png(8), id=item).status_code == 409
    assert [file.file["size"] for file in made(cast.acme)] == [len(png())]


def test_nobody_sends_a_photo_without_the_right_or_into_another_workspace(
    cast: Any, signed_in: Any, talk: Visit, set_role: Any, kept: Path
) -> None:
    assert send(signed_in(cast.stranger), cast.stranger, talk).status_code == 404
    assert send(signed_in(cast.owner), cast.member, talk).status_code == 403
    assert send(signed_in(cast.reader), cast.reader, talk).status_code == 403
    set_role(cast.member, {"objects": {"visits": ALL}})
    assert send(signed_in(cast.member), cast.member, talk).status_code == 403
    assert nothing_kept(cast) and not any(path.is_file() for path in kept.rglob("*"))
    set_role(cast.member, {"objects": {"files": ALL}})  # whoever may not see the visit doesn't write to it
    assert send(signed_in(cast.member), cast.member, talk).status_code == 422
    assert nothing_kept(cast)


def test_a_key_of_another_workspace_is_free_here(cast: Any, as_: Any, signed_in: Any, talk: Visit) -> None:
    item = uuid4()
    with as_(cast.stranger) as actor:
        theirs = actions.create(actor, objects.get("notes"), {"body": "<p>x</p>"}, record_id=item)
    assert send(signed_in(cast.member), cast.member, talk, id=str(theirs.id)).status_code == 201
    assert len(made(cast.acme)) == 1 and made(cast.globex) == []


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (b"", "This is no photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "This is no photo"),
        (b"MZ" + b"\0" * 200, "This is no photo"),
        (b"\xff\xd8\xff\xe0" + b"\0" * (10 * 2**20), "at most 10 MB"),
    ],
)
def test_what_is_no_photo_is_told_in_words(cast: Any, signed_in: Any, talk: Visit, photo: bytes, words: str) -> None:
    answer = send(signed_in(cast.member), cast.member, talk, photo)
    assert answer.status_code == 422 and words in answer.json()["message"]
    assert nothing_kept(cast)


def test_forms_that_are_no_photo_change_nothing(cast: Any, signed_in: Any, talk: Visit) -> None:
    browser = signed_in(cast.member)
    told = {"user": str(cast.member.id), "id": str(uuid4()), "does": "create", "object": "files"}
    item = json.dumps(told | {"values": {"about": [f"visits/{talk.id}"]}})
    note = json.dumps(told | {"object": "notes", "values": {"body": "x"}})
    file = json.dumps(told | {"values": {"file": {"id": str(uuid4())}}})

    def photo() -> SimpleUploadedFile:
        return SimpleUploadedFile("photo.jpg", png())

    for form in (
        {"item": item},
        {"photo": photo()},
        {"item": "[", "photo": photo()},
        {"item": item, "other": photo()},
        {"item": item, "photo": [photo(), photo()]},
        {"item": note, "photo": photo()},
        {"item": file, "photo": photo()},
        {"item": item + " " * 200_000, "photo": photo()},
    ):
        assert browser.post("/w/acme/offline/send", form).status_code == 400
    assert browser.post("/w/acme/offline/send", item, content_type="application/json").status_code == 400
    assert browser.post("/w/acme/offline/send", b"x", content_type="multipart/form-data").status_code == 400
    assert nothing_kept(cast)


def test_the_device_knows_who_may_take_photos(cast: Any, signed_in: Any, talk: Visit, set_role: Any) -> None:
    assert signed_in(cast.member).get("/w/acme/offline/bundle").json()["may"]["files"] is True
    set_role(cast.member, {"objects": {"visits": ALL}})
    assert signed_in(cast.member).get("/w/acme/offline/bundle").json()["may"]["files"] is False

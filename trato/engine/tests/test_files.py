"""Uploads: their type by content, their size and name made harmless, and sent so that no browser runs them."""

import io
import os
import time
import zipfile

import pytest
from django.db import transaction

from tests.cast import assemble
from trato.engine import access, actions, files, housekeeping, objects
from trato.engine.models import StoredFile
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import actor_for_user

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 100
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 100
EXE = b"MZ\x90\x00" + b"\0" * 200
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def zipped():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "a")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (PNG, "a.html", "image/png"),
        (PDF, "x.png", "application/pdf"),
        (zipped(), "x.docx", "application/zip"),
        (b"plain words", "x.exe", "text/plain"),
        ("naïve ünïcode".encode(), "x", "text/plain"),
        ("ü".encode() * 9000, "x", "text/plain"),
        (HTML, "x.html", "text/plain"),
        (SVG, "x.svg", "text/plain"),
        (b"a\0b", "x.txt", "application/octet-stream"),
        (b"\xff\xfe\xfd", "x.txt", "application/octet-stream"),
    ],
)
def test_the_type_is_what_the_content_says(owner, content, name, told):
    stored = files.store(owner, name, io.BytesIO(content))
    headers = files.headers(stored)
    assert headers["Content-Type"] == told
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    found, opened = files.open_file(stored.id)
    with opened:
        assert (found, opened.read(), found.size) == (stored, content, len(content))


@pytest.mark.parametrize("content", [ELF, EXE, b"#!/bin/sh\nrm -rf /\n"])
def test_programs_are_refused_whatever_they_are_called(owner, content):
    with pytest.raises(actions.Refused) as refused:
        files.store(owner, "holiday.png", io.BytesIO(content))
    assert [problem.code for problem in refused.value.problems] == ["program"]
    assert not StoredFile.objects.exists()


def test_empty_and_too_large_files_are_refused(owner):
    for content, code in ((b"", "empty"), (b"x" * 2_000_001, "too_large")):
        with pytest.raises(actions.Refused) as refused:
            files.store(owner, "x.txt", io.BytesIO(content), largest=2_000_000)
        assert [problem.code for problem in refused.value.problems] == [code]
    assert not StoredFile.objects.exists()
    assert files.store(owner, "x.txt", io.BytesIO(b"x" * 2_000_000), largest=2_000_000).size == 2_000_000


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\report.pdf", "report.pdf"),
        ("a\r\nSet-Cookie: x=1.txt", "a Set-Cookie x=1.txt"),
        ('a"b.txt', "a b.txt"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("", "file"),
        ("...", "file"),
        (".bashrc", "bashrc"),
        ("\0", "file"),
        ("informe año.pdf", "informe año.pdf"),
        ("x" * 500 + ".pdf", "x" * 180 + ".pdf"),
        ("no ending " + "y" * 500, ("no ending " + "y" * 500)[:200]),
        ("con.", "con"),
    ],
)
def test_names_carry_no_folders_and_no_controls(given, kept):
    assert files.safe_name(given) == kept


def test_a_name_in_any_script_is_sent_as_rfc_6266_says(owner):
    stored = files.store(owner, 'señor "x" 名.txt', io.BytesIO(b"x"))
    sent = files.headers(stored)["Content-Disposition"]
    assert sent == "attachment; filename=\"seor x .txt\"; filename*=UTF-8''se%C3%B1or%20x%20%E5%90%8D.txt"
    sent.encode("latin-1")


def test_a_file_of_another_workspace_is_absent(cast, as_):
    with as_(cast.owner) as actor:
        stored = files.store(actor, "x.txt", io.BytesIO(b"x"))
    with as_(cast.stranger):
        for wrong in (stored.id, "x", None, "../secrets.json"):
            with pytest.raises(access.Absent):
                files.open_file(wrong)


def test_only_the_uploader_attaches_a_file_and_its_facts_are_the_stores(cast, as_):
    """A record may not lend the right to a file whose id somebody merely names."""
    attachments = objects.get("files")
    with as_(cast.owner) as actor:
        stored = files.store(actor, "salaries.txt", io.BytesIO(b"secret"))
        value = files.described(stored)
    with as_(cast.member) as actor:
        with pytest.raises(actions.Refused) as refused:
            actions.create(actor, attachments, {"file": value})
        assert [(p.field, p.code) for p in refused.value.problems] == [("file", "absent")]
    with as_(cast.owner) as actor:
        record = actions.create(actor, attachments, {"file": {"id": value["id"], "name": "lie.png", "size": 1}})
        assert record.file == value


def old(path):
    """Make a file look as if it were there for two days."""
    day = 86_400
    os.utime(path, (time.time() - 2 * day, time.time() - 2 * day))


def test_uploads_that_were_taken_back_are_swept_a_day_later_and_nothing_else(owner, cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kept = files.store(owner, "kept.txt", io.BytesIO(b"kept"))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        files.store(owner, "lost.txt", io.BytesIO(b"lost"))
        raise ZeroDivisionError
    ours = tmp_path / str(cast.acme.id)
    theirs = tmp_path / str(cast.globex.id) / "ab"
    theirs.mkdir(parents=True)
    (theirs / "01a20000-0000-7000-8000-0000000000ab").write_text("another workspace's")
    (ours / "README.txt").write_text("somebody's own")
    (ours / "ab").mkdir(exist_ok=True)
    (ours / "ab" / "notes.txt").write_text("somebody's own")
    lost = [path for path in ours.glob("??/*-*") if path.name != str(kept.id)]
    assert [path.read_bytes() for path in lost] == [b"lost"]
    assert files.sweep(cast.acme.id) == 0  # it may belong to an upload that is under way
    for path in tmp_path.glob("**/*"):
        old(path)
    assert files.sweep(cast.acme.id) == 1
    left = {path.read_text() for path in tmp_path.glob("**/*") if path.is_file()}
    assert left == {"kept", "another workspace's", "somebody's own"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.without_sql_lint
def test_every_workspace_is_swept_each_night(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cast = assemble()
    kept = []
    for workspace, user in ((cast.acme, cast.owner), (cast.globex, cast.stranger)):
        with in_workspace(workspace.id):
            kept.append(files.store(actor_for_user(user, workspace), "a", io.BytesIO(b"kept")).key)
        with pytest.raises(ZeroDivisionError), in_workspace(workspace.id):
            files.store(actor_for_user(user, workspace), "a", io.BytesIO(b"lost"))
            raise ZeroDivisionError
    for path in tmp_path.glob("**/*"):
        old(path)
    housekeeping.sweep_files(0)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/*/*")} == set(kept)

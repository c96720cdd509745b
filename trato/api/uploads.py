"""Files over the API: sent first, then named by their id in the value of a file field."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils.translation import gettext as _

from trato.engine import access, files

from .endpoint import Answer, Call
from .problems import Failure, bad_request

FORM = "multipart/form-data"
#: What a form adds to the size of its file.
ENVELOPE = 64 * 2**10
WRITES = frozenset({"*", "create", "change", "import"})


def sent_file(call: Call, largest: int) -> UploadedFile:
    """The one file of a form, in its part ``file``; raises Failure 400, 413, 415."""
    request = call.request
    if request.content_type != FORM:
        raise Failure("unsupported-media-type", _("Send a form (multipart/form-data) with the part “file”."))
    if int(request.META.get("CONTENT_LENGTH") or 0) > largest + ENVELOPE:
        raise Failure("too-large", _("A file may have at most %(n)s MB. Nothing was kept.") % {"n": largest // 2**20})
    uploads = request.FILES.getlist("file")
    if len(uploads) != 1 or len(request.FILES) != 1:
        raise bad_request("file", "required", _("Send one file, in the part “file”."))
    return uploads[0]


def upload(call: Call) -> Answer:
    """Keep a file; the answer is a value for a file field."""
    call.parameters()
    scopes = call.actor.rights.scopes
    if scopes is not None and not any(scope.rpartition(":")[2] in WRITES for scope in scopes):
        raise access.Forbidden("uploads", "create")
    sent = sent_file(call, files.LARGEST)
    stored = files.store(call.actor, sent.name or "", sent.file)
    return Answer(files.described(stored), 201, {"Location": f"/api/v1/uploads/{stored.id}"})


def download(call: Call, file_id: str) -> FileResponse:
    """A file that the caller uploaded, or that a record they may see has."""
    call.parameters()
    return handed_out(files.readable(call.actor, file_id).id)


def handed_out(file_id: Any) -> FileResponse:
    """The bytes of a stored file that the caller may have, as an attachment."""
    stored, content = files.open_file(file_id)
    response = FileResponse(content)
    for header, value in files.headers(stored).items():  # FileResponse has made some of its own
        response[header] = value
    return response

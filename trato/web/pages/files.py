"""Handing out uploaded files: always as an attachment, only to who may see a record that holds it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_GET

from trato.engine import files


@require_GET
def download(request: HttpRequest, file_id: Any) -> FileResponse:
    """The bytes of a file; 404 where no record that the person may see holds it."""
    stored = files.readable(request.actor, file_id)
    _row, content = files.open_file(stored.id)
    response = FileResponse(content, as_attachment=True, filename=stored.name)
    for name, value in files.headers(stored).items():
        response.headers[name] = value
    return response

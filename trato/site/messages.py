"""Finds the words of Django templates for Babel, which reads Python and Jinja2 by itself."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def from_django_template(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """The messages of one template, as Babel's extraction methods give them."""
    source = templatize(file.read().decode("utf-8"))
    yield from extract_python(io.BytesIO(source.encode("utf-8")), keywords, comment_tags, {"encoding": "utf-8"})

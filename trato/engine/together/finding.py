"""Finding comments by their words: the newest first, of records the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from .. import access, objects
from ..kinds.markup import words
from ..search import words_of
from ..workspaces.actors import Actor
from .models import Comment
from .wording import shorten

#: Comments asked for at once, and how many times where few of them may be seen.
STEP, STEPS = 100, 5
#: Characters before the first word that was found.
BEFORE = 40


@dataclass(frozen=True)
class Found:
    """A comment with the title of its record, and the part of it that has the words."""

    comment: Comment
    title: str
    snippet: str

    @property
    def ref(self) -> str:
        """The address of the comment's record."""
        return f"{self.comment.object}/{self.comment.record_id}"


def find(actor: Actor, text: str, limit: int = 20) -> list[Found]:
    """The newest comments with all the words, the last of them maybe unfinished; at most ``limit``."""
    wanted = words_of(text)
    found: list[Found] = []
    last: UUID | None = None
    for _step in range(STEPS if wanted else 0):
        ids = _ids(wanted, last)
        rows = [row for row in Comment.objects.filter(id__in=ids).order_by("-id") if objects.is_known(row.object)]
        titles = access.titles(actor, {f"{row.object}/{row.record_id}" for row in rows})
        for row in rows:
            title = titles.get(f"{row.object}/{row.record_id}")
            if title is not None:
                found.append(Found(row, title, _snippet(words(row.text), wanted)))
        if len(found) >= limit or len(ids) < STEP:
            break
        last = ids[-1]
    return found[:limit]


def _ids(wanted: list[str], before: UUID | None) -> list[UUID]:
    """The next comments of the workspace that have the words, seen by the actor or not."""
    asked = " & ".join(f"'{word}':*" for word in wanted)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM trato_comment_search(%s::tsquery, %s, %s)", [asked, before, STEP])
        return [row[0] for row in cursor.fetchall()]


def _snippet(text: str, wanted: list[str]) -> str:
    """The text from shortly before the first of the words."""
    said = text.split()
    at = next((n for n, word in enumerate(said) if any(part.startswith(wanted[0]) for part in words_of(word))), 0)
    before = " ".join(said[:at])
    if len(before) <= BEFORE:
        return shorten(text)
    return shorten(" ".join(["…", before[-BEFORE:].partition(" ")[2], *said[at:]]))

"""Exports: every row a filter leaves, streamed while it is read, or made in the background and kept as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from .. import access, files, filters, jobs, paging
from ..models import ExportRun
from ..objects import Field, Object
from ..postgres.scope import in_workspace
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from .cells import ID, Cells
from .formats import FORMATS
from .formats import stream as written
from .tables import DELIMITERS, Table

#: How long a file that was made can be fetched, at least.
KEPT = timedelta(days=7)
#: Rows read at once: few enough for flat memory, many enough that titles of links cost one query for all of them.
CHUNK = 2_000
_MOMENTS = psycopg.adapters.get_loader(psycopg.adapters.types["timestamptz"].oid, psycopg.pq.Format.TEXT)


@dataclass(frozen=True)
class Export:
    """What is exported and how: made by ``plan``, which has checked all of it."""

    actor: Actor
    obj: Object
    format: str
    fields: Mapping[str, Field | None]
    rows: Callable[[], list[QuerySet]]

    @property
    def media_type(self) -> str:
        return FORMATS[self.format].media_type

    @property
    def file_name(self) -> str:
        return f"{self.obj.plural}.{FORMATS[self.format].suffix}"


def plan(
    actor: Actor,
    obj: Object,
    format: str,
    *,
    fields: Sequence[str] | None = None,
    filter: Mapping[str, Any] | str | None = None,
    order: str = "",
    narrow: Callable[[QuerySet], QuerySet] | None = None,
) -> Export:
    """Check everything about an export before its first byte (inside ``in_workspace``).

    ``fields`` are names the actor may see, ``id`` among them; all of them by default. ``narrow`` narrows the rows
    further (a search). Raises Forbidden without the right to export, Refused, filters.BadFilter, paging.BadPage.
    """
    access.require(actor, obj, "export")
    if not obj.exportable:
        raise access.Forbidden(obj.plural, "export")
    if format not in FORMATS or (format == "vcard" and "emails" not in obj.builtin):
        raise Refused([Problem("format", "choice", _("Records of this kind can't be written in that format."))])
    known = access.fields(actor, obj)
    names = list(dict.fromkeys(fields)) if fields else [ID, *known]
    unknown = [
        Problem(name[:80], "unknown", _("There is no such field.")) for name in names if name not in {ID, *known}
    ]
    if unknown:
        raise Refused(unknown)
    tree, ordered = filters.parse(filter), paging.order_of(known, obj, order)

    def rows() -> list[QuerySet]:
        found = filters.narrow(actor, obj, access.visible(actor, obj), tree)
        return [part for part in paging.stretches(narrow(found) if narrow else found, ordered) if _possible(part)]

    rows()
    return Export(actor, obj, format, {name: known.get(name) for name in names}, rows)


def _possible(rows: QuerySet) -> bool:
    """Whether rows can meet the conditions at all; Django refuses to write SQL where it sees that none can."""
    try:
        rows.query.sql_with_params()
    except EmptyResultSet:
        return False
    return True


def stream(export: Export, tell: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """The bytes of the file, in flat memory, in a transaction of its own unless one is open. ``tell`` learns how many
    rows are done.
    """
    with in_workspace(export.actor.workspace.id), translation.override(export.actor.language):
        cells = Cells(export.actor, export.obj, export.fields)
        if export.format in DELIMITERS and Table.can_hold(export.fields):
            yield from written(export.format, cells.header, ())
            yield from _lines(export, tell)
            return
        made = {"ndjson": cells.documents, "vcard": cells.cards}.get(export.format, cells.tables)
        yield from written(export.format, cells.header, made(_chunks(export.rows(), cells.columns, tell)))


def _lines(export: Export, tell: Callable[[int], None] | None) -> Iterator[bytes]:
    """The rows as the database writes them."""
    table, done = Table(export.actor, export.obj, export.fields), 0
    for rows in export.rows():
        for count, lines in table.lines(rows, export.format):
            yield lines
            done += count
            if tell:
                tell(done)


def _chunks(
    stretches: Sequence[QuerySet], columns: Sequence[str], tell: Callable[[int], None] | None
) -> Iterator[list[Any]]:
    """Raw rows, some thousands at a time, from a cursor of the server."""
    done = 0
    for rows in stretches:
        sql, params = rows.values_list(*columns).query.sql_with_params()
        with connection.chunked_cursor() as cursor:
            # Django's loader of moments is in Python; the driver's own gives the same moments, six times as fast.
            cursor.cursor.adapters.register_loader("timestamptz", _MOMENTS)
            cursor.execute(sql, params)
            while chunk := cursor.fetchmany(CHUNK):
                yield chunk
                done += len(chunk)
                if tell:
                    tell(done)


def start(actor: Actor, obj: Object, format: str, **choices: Any) -> ExportRun:
    """Make the file in the background, in the running transaction; choices are those of ``plan``, without ``narrow``.
    Raises as ``plan``.
    """
    plan(actor, obj, format, **choices)
    _drop_old_files()
    run = ExportRun.objects.create(
        object=obj.plural, format=format, options=choices, actor=jobs.remember(actor), user_id=actor.user_id
    )
    label = _("Export of %(what)s") % {"what": obj.label_plural}
    run.job = jobs.enqueue(actor, "export", label, run_id=str(run.id))
    run.save(update_fields=["job"])
    return run


def _drop_old_files() -> None:
    """Forget files that were made long ago; what they were is still listed."""
    old = ExportRun.objects.select_related("file").filter(ended_at__lt=timezone.now() - KEPT, file__isnull=False)
    for run in old:
        stored, run.file, run.state = run.file, None, "expired"
        run.save(update_fields=["file", "state"])
        files.remove(stored)


def get(actor: Actor, run_id: Any) -> ExportRun:
    """An export the actor made; raises Absent."""
    run = listed(actor).filter(id=access.as_uuid(run_id)).first()
    if run is None:
        raise access.Absent(str(run_id))
    return run


def listed(actor: Actor) -> QuerySet:
    """The actor's own exports, newest first: a file holds what its maker may see, so nobody else is handed it."""
    runs = ExportRun.objects.select_related("file", "user").filter(Q(user_id=actor.user_id)).order_by("-id")
    return access.left_open(actor, runs, "export")

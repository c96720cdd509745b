"""What a list shows, all of it in its address: view, filter, words, order, columns and page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from trato.engine import access, filters, paging, search
from trato.engine.kinds import Reader
from trato.engine.objects import Field, Object
from trato.engine.paging import Order
from trato.engine.workspaces.actors import Actor

ROWS = 50
MOST_FOUND = 1000
#: How records are shown ("" is the table): what it is called, its icon, and the kinds of fields of which it needs one.
KINDS: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "": (_("Table"), "table", ()),
    "board": (_("Board"), "layout-kanban", ("choice", "bool", "user", "link")),
    "calendar": (_("Calendar"), "calendar", ("date", "datetime")),
    "map": (_("Map"), "map-2", ("address", "addresses")),
}
#: What an address says besides of how they are shown: of a board its field and sums, of a calendar its fields.
KEPT = ("by", "sum", "on", "span", "day")


@dataclass(frozen=True)
class State:
    """The list a person asked for; ``columns`` empty means the object's own."""

    view: str = ""
    tree: Mapping[str, Any] | None = None
    words: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    cursor: str = ""
    kind: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    def parameters(self) -> list[tuple[str, str]]:
        """As the parameters of an address, without what is not said."""
        filter_text = json.dumps(self.tree, ensure_ascii=False, separators=(",", ":")) if self.tree else ""
        single = [("view", self.view), ("filter", filter_text), ("q", self.words), ("sort", self.sort)]
        several = [("columns", name) for name in self.columns]
        shown = [("as", self.kind), *self.extra]
        return [pair for pair in [*shown, *single, *several, ("cursor", self.cursor)] if pair[1]]

    def said(self, name: str) -> list[str]:
        """What the address says of how the records are shown: ``said("by")``."""
        return [value for known, value in self.extra if known == name]

    def with_said(self, **said: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """``extra`` with something said otherwise."""
        kept = [pair for pair in self.extra if pair[0] not in said]
        return (*kept, *((name, value) for name, values in said.items() for value in values))

    def url(self, base: str, **changes: Any) -> str:
        """The address of this list with something changed; another page is only kept where it is named."""
        state = replace(self, **({"cursor": ""} | changes))
        said = urlencode(state.parameters())
        return f"{base}?{said}" if said else base


def state_of(obj: Object, data: QueryDict) -> State:
    """What an address asks for; raises filters.BadFilter."""
    view = data.get("view", "")
    return State(
        view=view if view in obj.filters else "",
        tree=filters.parse(data.get("filter", "")),
        words=data.get("q", "").strip()[:200],
        sort=data.get("sort", "")[:100],
        columns=tuple(dict.fromkeys(name for name in data.getlist("columns") if name))[:40],
        cursor=data.get("cursor", "")[:2000],
        kind=kind if (kind := data.get("as", "")) in KINDS else "",
        extra=tuple((name, value[:200]) for name in KEPT for value in data.getlist(name)[:10] if value),
    )


def whole_filter(obj: Object, state: State) -> Mapping[str, Any] | None:
    """The view's own filter and the one of the address, together."""
    both = [tree for tree in (obj.filters[state.view][1] if state.view else None, state.tree) if tree]
    return {"and": both} if len(both) > 1 else both[0] if both else None


def narrow_by_words(actor: Actor, obj: Object, state: State) -> Callable[[QuerySet], QuerySet] | None:
    """What narrows rows to those found by the list's words; None where there are none."""
    if not state.words:
        return None
    found = [record_id for record_id, _rank in search.ids(actor, state.words, [obj], MOST_FOUND).get(obj.plural, [])]
    return lambda rows: rows.filter(id__in=found)


def rows_of(actor: Actor, obj: Object, state: State) -> QuerySet:
    """The records of a list, not yet ordered; raises filters.BadFilter."""
    rows = filters.narrow(actor, obj, access.visible(actor, obj), whole_filter(obj, state))
    narrow = narrow_by_words(actor, obj, state)
    return narrow(rows) if narrow else rows


def columns_of(fields: Mapping[str, Field], obj: Object, state: State) -> list[Field]:
    """The fields a list shows, as far as the actor may see them; the title is always the first."""
    chosen = [fields[name] for name in state.columns if name in fields]
    chosen = chosen or [fields[name] for name in obj.columns if name in fields]
    lead = fields["title"] if "title" in obj.columns or not chosen else chosen[0]
    return [lead, *(field for field in chosen if field.name != lead.name)]


@dataclass(frozen=True)
class Table:
    """One page of a list, ready to be written."""

    fields: list[Field]
    rows: list[tuple[str, str, str, list[Markup]]]
    order: Order
    next: str | None
    previous: str | None


def table(actor: Actor, obj: Object, state: State, fields: Mapping[str, Field], refs: set[str]) -> tuple[Table, Reader]:
    """One page of rows, and a reader that knows the titles of all links on it and of ``refs`` besides."""
    shown = columns_of(fields, obj, state)
    order = paging.order_of(fields, obj, state.sort)
    columns = {column for field in shown for column in field.columns}
    page = paging.page(rows_of(actor, obj, state), order, list(columns), ROWS, state.cursor)
    reader = access.reader(actor, refs | access.refs_in(shown, page.rows))
    rows = written(obj, shown, page.rows, reader)
    return Table(shown, rows, order, page.next, page.previous), reader


def written(
    obj: Object, shown: list[Field], rows: list[dict[str, Any]], reader: Reader
) -> list[tuple[str, str, str, list[Markup]]]:
    """Rows as (ref, address, title, the other columns' cells)."""
    lead, others = shown[0], [(field.read, field.kind.cell) for field in shown[1:]]
    start = f"{reader.base}/{obj.plural}/"
    unnamed = str(obj.label)
    found = []
    for row in rows:
        record_id = row["id"]
        title = lead.kind.plain(lead.read(row), reader) or unnamed
        cells = [cell(read(row), reader) for read, cell in others]
        found.append((f"{obj.plural}/{record_id}", f"{start}{record_id}", title, cells))
    return found

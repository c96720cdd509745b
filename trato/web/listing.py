"""What a list shows, all of it in its address: view, filter, words, order, columns and page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup

from trato.engine import access, filters, layouts, paging, search, views
from trato.engine.kinds import Reader
from trato.engine.objects import Field, Object
from trato.engine.paging import Order
from trato.engine.views import SavedView, Settings, Shelf
from trato.engine.workspaces.actors import Actor

ROWS = 50
MOST_FOUND = 1000
MOST_COLUMNS = 60
#: The view that is none: all records, where the list would open with a view. And the word for a table in addresses.
ALL, TABLE = "all", "table"
#: How records are shown ("" is the table): what it is called, its icon, and the kinds of fields of which it needs one.
KINDS: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "": (_("Table"), "table", ()),
    "board": (_("Board"), "layout-kanban", ("choice", "bool", "user", "link")),
    "calendar": (_("Calendar"), "calendar", ("date", "datetime")),
    "map": (_("Map"), "map-2", ("address", "addresses")),
}
#: What an address says besides of how they are shown: of a board its field and sums, of a calendar its fields.
KEPT = ("by", "sum", "inside", "on", "span", "day")


@dataclass(frozen=True)
class State:
    """The list a person asked for; ``columns`` empty means those of the layout. ``view`` is the name of one of the
    object's filters, the id of a saved view, or ``all``; of a saved view, ``saved``, an address says only what differs
    from what the view says, which is ``kept``. ``lost`` is how many parts of the view are gone or hidden.
    """

    view: str = ""
    tree: Mapping[str, Any] | None = None
    words: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    cursor: str = ""
    kind: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    group: str = ""
    totals: tuple[str, ...] = ()
    saved: SavedView | None = None
    kept: State | None = None
    settings: Settings = field(default_factory=Settings)
    lost: int = 0

    def parameters(self) -> list[tuple[str, str]]:
        """As the parameters of an address, without what is not said."""
        return [*([("view", self.view)] if self.view else []), *self.changes(), *self._place()]

    def changes(self) -> list[tuple[str, str]]:
        """What differs from what the view says; what the view says and is no longer so is said empty."""
        kept, told = self.kept or State(), []
        for name in ("as", *KEPT, "filter", "sort", "columns", "group", "totals"):
            now, before = self._values(name), kept._values(name)
            if now != before:
                told += [(name, value) for value in now or ([TABLE] if name == "as" else [""])]
        return told

    def _place(self) -> list[tuple[str, str]]:
        return [pair for pair in (("q", self.words), ("cursor", self.cursor)) if pair[1]]

    def _values(self, name: str) -> list[str]:
        """What an address says under one name, in full."""
        if name in KEPT:
            return self.said(name)
        if name in ("columns", "totals"):
            return list(getattr(self, name))
        if name == "filter":
            return [json.dumps(self.tree, ensure_ascii=False, separators=(",", ":"))] if self.tree else []
        value = self.kind if name == "as" else getattr(self, name)
        return [value] if value else []

    def said(self, name: str) -> list[str]:
        """What the address says of how the records are shown: ``said("by")``."""
        return [value for known, value in self.extra if known == name]

    def with_said(self, **said: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """``extra`` with something said otherwise."""
        kept = [pair for pair in self.extra if pair[0] not in said]
        return (*kept, *((name, value) for name, values in said.items() for value in values))

    def url(self, base: str, **changes: Any) -> str:
        """The address of this list with something changed; another page is only kept where it is named."""
        if changes.get("view", self.view) != self.view:
            changes = {"saved": None, "kept": None} | changes
        state = replace(self, **({"cursor": ""} | changes))
        said = urlencode(state.parameters())
        return f"{base}?{said}" if said else base

    def dump(self, obj: Object) -> dict[str, Any]:
        """The kind and the settings of a view that shows this list, as they are kept."""
        said = {name: values for name in KEPT if (values := self.said(name))}
        other = {self.kind: said} if self.kind and said else {}
        settings = replace(
            self.settings,
            filter=whole_filter(obj, self),
            columns=self.columns,
            sort=self.sort,
            group_by=self.group,
            totals=dict(total.rpartition(":")[::2] for total in self.totals),
            more={**self.settings.more, **other},
        )
        return {"kind": self.kind or TABLE, "settings": settings.dump()}


def shelf_of(request: HttpRequest, obj: Object | None = None) -> Shelf:
    """The views at hand, asked once a page: what the frame shows of them comes along with a list's own."""
    if not hasattr(request, "shelf"):
        request.shelf = views.shelf(request.actor, obj)
    return request.shelf


def state_of(request: HttpRequest, obj: Object) -> State:
    """What an address asks for; raises filters.BadFilter, and access.Absent for a view that is not there."""
    data, shelf = request.GET, shelf_of(request, obj)
    name = data.get("view", "")
    saved = next((view for view in shelf.views if str(view.id) == name), None)
    if saved is None and name not in (*obj.filters, "", ALL):
        raise access.Absent(name[:80])
    if not data and shelf.opens is not None:
        saved = shelf.opens
    kept = _kept(request, obj, saved) if saved else State(view="" if name == ALL and shelf.opens is None else name)
    told: dict[str, Any] = {"words": data.get("q", "").strip()[:200], "cursor": data.get("cursor", "")[:2000]}
    if "filter" in data:
        told["tree"] = filters.parse(data["filter"])
    for name, most in (("sort", 400), ("group", 100)):
        if name in data:
            told[name] = ",".join(filter(None, data.getlist(name)[:10]))[:most]
    for name in ("columns", "totals"):
        if name in data:
            told[name] = tuple(dict.fromkeys(value[:100] for value in data.getlist(name) if value))[:MOST_COLUMNS]
    if (kind := data.get("as", "")) in (*KINDS, TABLE) and kind:
        told["kind"] = "" if kind == TABLE else kind
    said = {name: [value[:200] for value in data.getlist(name)[:10] if value] for name in KEPT if name in data}
    return replace(kept, extra=kept.with_said(**said), kept=kept if saved else None, **told)


def _kept(request: HttpRequest, obj: Object, view: SavedView) -> State:
    """The list a view shows by itself."""
    settings, problems = views.read(request.actor, obj, view.settings)
    more = settings.more.get(view.kind, {})
    return State(
        view=str(view.id),
        tree=settings.filter,
        sort=settings.sort,
        columns=settings.columns,
        kind="" if view.kind == TABLE else view.kind,
        extra=tuple((name, value) for name in KEPT for value in more.get(name, ())),
        group=settings.group_by,
        totals=tuple(f"{name}:{word}" for name, word in settings.totals.items()),
        saved=view,
        settings=settings,
        lost=len(problems),
    )


def whole_filter(obj: Object, state: State) -> Mapping[str, Any] | None:
    """The view's own filter and the one of the address, together."""
    named = obj.filters.get(state.view)
    both = [tree for tree in (named[1] if named else None, state.tree) if tree]
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


def columns_of(actor: Actor, fields: Mapping[str, Field], obj: Object, state: State) -> list[Field]:
    """The fields a list shows, as far as the actor may see them; the title is always the first."""
    chosen = [fields[name] for name in state.columns if name in fields]
    chosen = chosen or [fields[name] for name in layouts.of(actor, obj).columns if name in fields]
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


def table(actor: Actor, obj: Object, state: State, fields: Mapping[str, Field]) -> Table:
    """One page of the list."""
    return table_of(actor, obj, state, fields, rows_of(actor, obj, state))


def table_of(
    actor: Actor, obj: Object, state: State, fields: Mapping[str, Field], rows: QuerySet, *, limit: int = ROWS
) -> Table:
    """One page of some of its rows."""
    shown = columns_of(actor, fields, obj, state)
    order = paging.order_of(fields, obj, state.sort)
    columns = {column for field in shown for column in field.columns}
    page = paging.page(rows, order, list(columns), limit, state.cursor)
    told = written(obj, shown, page.rows, access.reader(actor, access.refs_in(shown, page.rows)))
    return Table(shown, told, order, page.next, page.previous)


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

"""The registry: what an object is called, which fields it has, and the few things it says of itself.

An object is one class over one model. Kinds carry the surfaces and the model carries the facts; the class holds only
what deviates. Lists, record pages, forms, REST, import, export, search, history and rights are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .declared import Comparison, Moment, Span
from .fields import Field, custom_field, sort_path
from .kinds import Filter, Kind, Reader, kind_of
from .models import CustomField, CustomObject, CustomRecord, Record
from .overlays import laid_over
from .postgres.scope import current_workspace_id, is_inside, note, noted
from .slots import PLACES
from .workspaces.actors import VERSION, WHOLES, Actor
from .workspaces.models import Workspace

#: Columns every record has that are no fields of their own.
INTERNAL = frozenset(PLACES) | {"workspace", "id", "part", "version", "deleted_at", "custom", "title_key", "search"}


#: How long a title may be, as the column allows.
LONGEST_TITLE = 500

#: Reads a value that is no text for a title, in no one's own language.
READER = Reader()


class UnknownObject(KeyError):
    """No object of that name is registered."""


class Object:
    """One kind of record. Subclass it in a module's ``objects.py`` under ``@register``; see CONTRIBUTING.md for an
    example.

    ``board_by``: the field that a board has its columns by unless another is chosen; ``board_sums``: what they are
    summed up in. ``calendar_on``: what of it a calendar shows. ``portrait``: its records are shown with their initials.
    ``named_by``: the links whose names are the record's name, made when it is read. ``backwards``: by the name of a
    link, what its records are called on the page they point at. ``rollup``: whose timelines an object's records show;
    ``rolls_up_to``: the links of its own whose targets show its records' timelines.
    ``composer``: its pages begin with a form for activities. ``in_settings``: administrators find its list in settings.
    ``likeness``: by what two of its records are held to be the same, when the points reach ``likeness_from``. ``ties``:
    of an object that only ties others together, what it says: a tie that a merge makes circular or double is dissolved.
    ``part``: the columns that tell its records from those of other objects in the same table. ``prepared``: the fields
    that ``prepare`` always fills. ``figures``: the read-only figures that stand below its parts (None: all).

    ``within``: the link to the record whose part it is, such as the quote of a line. Its rights are that record's, it
    is shown on the pages of those it ``fits``, and goes with it; see docs/adr/0021. ``thaw``: the fields that may be
    changed of a record that is ``frozen``, or part of one. ``settles_on``: the fields whose change it ``settle``s on,
    too. ``board_within``: the link that a board shows one value of, such as the pipeline of a board by stage, whose own
    records name it alike.
    """

    model: ClassVar[type[Record]]
    name: ClassVar[str]
    plural: ClassVar[str]
    label: ClassVar[Any]
    label_plural: ClassVar[Any]
    help: ClassVar[Any] = ""
    icon: ClassVar[str] = "file"
    portrait: ClassVar[bool] = False
    group: ClassVar[Any] = _("Records")
    title_from: ClassVar[tuple[str, ...]] = ("name",)
    named_by: ClassVar[tuple[str, ...]] = ()
    backwards: ClassVar[Mapping[str, Any]] = {}
    columns: ClassVar[tuple[str, ...]] = ("title", "owner", "updated_at")
    sections: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = ()
    head: ClassVar[tuple[str, ...]] = ()
    order: ClassVar[str] = "-id"
    duplicate_keys: ClassVar[tuple[str, ...]] = ()
    likeness: ClassVar[tuple[Comparison, ...]] = ()
    likeness_from: ClassVar[float] = 12
    mergeable: ClassVar[bool] = True
    ties: ClassVar[tuple[str, ...]] = ()
    board_by: ClassVar[str] = ""
    board_sums: ClassVar[tuple[str, ...]] = ()
    calendar_on: ClassVar[tuple[Span, ...]] = ()
    moment: ClassVar[Moment | None] = None
    rollup: ClassVar[tuple[str | Callable[..., Any], ...]] = ()
    rolls_up_to: ClassVar[tuple[str, ...]] = ()
    composer: ClassVar[bool] = False
    importable: ClassVar[bool] = True
    exportable: ClassVar[bool] = True
    in_navigation: ClassVar[bool] = True
    in_settings: ClassVar[bool] = False
    filters: ClassVar[Mapping[str, tuple[Any, dict[str, Any]]]] = {}
    part: ClassVar[Mapping[str, Any]] = {}
    prepared: ClassVar[tuple[str, ...]] = ()
    figures: ClassVar[tuple[str, ...] | None] = None
    within: ClassVar[str] = ""
    fits: ClassVar[Callable[[Any], bool]] = staticmethod(lambda whole: True)
    settles_on: ClassVar[tuple[str, ...]] = ()
    thaw: ClassVar[tuple[str, ...]] = ()
    board_within: ClassVar[str] = ""

    def __init__(self) -> None:
        self._builtin: dict[str, Field] | None = None
        self._custom: dict[Any, tuple[int, dict[str, Field]]] = {}

    def __repr__(self) -> str:
        return f"<object {self.plural}>"

    def rows(self) -> models.QuerySet:
        """All records of the object in the workspace, whoever asks: ``access.visible`` is the door to them."""
        return self.model.objects.filter(**self.part)

    def new(self, record_id: UUID) -> Record:
        """An empty record, not written yet."""
        return self.model(id=record_id, **self.part)

    def part_sql(self, alias: str) -> str:
        """`` AND t.part_id = '…'::uuid`` where the table holds other objects' records too, else nothing."""
        return "".join(f" AND {alias}.{column} = '{UUID(str(value))}'::uuid" for column, value in self.part.items())

    def title(self, values: Mapping[str, Any], language: str) -> str:
        """A record's name, made on every write from its stored values (custom ones as ``custom.x``)."""
        for name in self.title_from:
            value, kind = values.get(name), self.builtin[name].kind
            if not kind.is_empty(value):
                return " ".join(kind.plain(value, READER).split())[:LONGEST_TITLE]
        return ""

    def check(self, values: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, str]:
        """Rules over the whole record: field name -> what is wrong. ``old`` is None on create."""
        return {}

    def verify(
        self,
        actor: Actor,
        record_id: UUID,
        values: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        pending: Callable[[UUID], Mapping[str, Any] | None],
    ) -> dict[str, str]:
        """Rules that need a look at other records, inside the transaction of the write: field name -> what is wrong.

        ``pending`` gives the values of a record that is changed in the same go and not written yet.
        """
        return {}

    def heading(self, values: Mapping[str, Any], reader: Reader) -> str:
        """What a record named by its links is called: its links' names, as far as the reader may see their targets.

        Such a name is never stored, or a list would tell who stands behind it.
        """
        names = [self.builtin[name].kind.plain(values.get(name), reader) or "…" for name in self.named_by]
        return " ".join(names) if set(names) != {"…"} else str(self.label)

    def prepare(self, values: dict[str, Any], old: Mapping[str, Any] | None) -> None:
        """Fill values that follow from others before they are checked, in place."""

    def frozen(self, values: Mapping[str, Any]) -> str:
        """Why a stored record of these values can't be changed or deleted any more, in a sentence that says what to do
        instead; "" where it can. Fields named in ``thaw`` may be changed all the same.
        """
        return ""

    def settle(self, actor: Actor, record: Record) -> None:
        """Bring a locked record up to date after records that are part of it, or fields it ``settles_on``, were
        written, once for all of them; see ``actions.bring_up_to_date``. It may not refuse.
        """

    def guard(self, ids: Collection[UUID]) -> None:
        """Take the locks that come before those of these records, where two writes could else wait for each other."""

    @cached_property
    def whole(self) -> Object | None:
        """The object whose records its own are part of, by the link ``within``."""
        return get(self.builtin[self.within].kind.to[0]) if self.within else None

    @cached_property
    def filtering(self) -> dict[str, Filter]:
        """The kinds of the fields that hold a filter, by name."""
        return {name: field.kind for name, field in self.builtin.items() if isinstance(field.kind, Filter)}

    @property
    def builtin(self) -> dict[str, Field]:
        """The fields of the model, in order of declaration."""
        if self._builtin is None:
            self._builtin = {field.name: field for field in self._model_fields()}
        return self._builtin

    def _model_fields(self) -> Iterator[Field]:
        known = {field: kind_of(field) for field in self.model._meta.local_fields if field.name not in INTERNAL}
        companions = {field.name + suffix for field, kind in known.items() for suffix in kind.suffixes[1:]}
        for field, kind in known.items():
            if field.name in companions or (self.within and field.name == "owner"):  # it is the whole's
                continue
            resolve_targets(kind, field)
            yield Field(
                name=field.name,
                label=capfirst(field.verbose_name),
                kind=kind,
                columns=tuple((field.attname if suffix == "" else field.name + suffix) for suffix in kind.suffixes),
                help=field.help_text,
                required=kind.required,
                readonly=not field.editable,
                default=field.default if field.has_default() else None,
                sort_column=sort_path(field),
            )

    def fields(self, workspace: Workspace | None) -> dict[str, Field]:
        """Built-in fields, then the workspace's own as ``custom.<name>`` (inside ``in_workspace``)."""
        if workspace is None:
            return self.builtin
        version, fields = self._custom.get(workspace.id, (-1, {}))
        if version != workspace.fields_version:
            fields = laid_over(self.plural, self.builtin | {field.name: field for field in self._own_fields()})
            if len(self._custom) > 1000:
                self._custom.clear()
            self._custom[workspace.id] = (workspace.fields_version, fields)
        return fields

    def stored(self, workspace: Workspace | None) -> dict[str, Field]:
        """The fields whose values are kept: all but formulas. What writes records looks at these."""
        fields = self.fields(workspace)
        return {name: f for name, f in fields.items() if not f.formula}

    def _own_fields(self) -> list[Field]:
        """The workspace's own fields in use; a link all of whose objects are gone is none."""
        rows = CustomField.objects.filter(object=self.plural, archived_at=None).order_by("position", "id")
        fields = [custom_field(row) for row in rows]
        for field in fields:
            field.kind.to = tuple(plural for plural in field.kind.to if plural == "users" or is_known(plural))
        return [field for field in fields if field.kind.to or field.kind.name not in ("link", "links")]

    def links_to(self, plural: str, workspace: Workspace | None = None) -> list[Field]:
        """The fields that can point at records of another object: the built-in ones, and the workspace's own."""
        return [field for field in self.fields(workspace).values() if field.points_at(plural)]

    def ref(self, record_id: Any) -> str:
        """A record's address everywhere: ``contacts/<uuid>``."""
        return f"{self.plural}/{record_id}"


def resolve_targets(kind: Kind, field: models.Field) -> None:
    """Give the kind of a foreign key the name of the object it points at."""
    if isinstance(field, models.ForeignKey) and hasattr(kind, "to") and not kind.to:
        target = of_model(field.remote_field.model)
        kind.to = (target.plural,) if target else ()


class Defined(Object):
    """An object that an administrator added to a workspace (a row of ``CustomObject``)."""

    model = CustomRecord
    composer = True

    def __init__(self, row: CustomObject) -> None:
        super().__init__()
        self.row = row
        labels = {"": (row.label, row.label_plural)} | row.labels
        vars(self).update(
            name=row.plural,
            plural=row.plural,
            label=_said(labels, 0),
            label_plural=_said(labels, 1),
            help=row.help,
            icon=row.icon,
            sections=((_said(labels, 0), ("name",)),),
            part={"part_id": row.id},
        )

    def _model_fields(self) -> Iterator[Field]:
        for field in super()._model_fields():
            named = field.name in ("name", "title")  # the title is the name
            yield replace(field, label=self.row.name_label or field.label) if named else field


def _say(labels: Mapping[str, Sequence[str]], place: int) -> str:
    return labels.get((get_language() or "").partition("-")[0], labels[""])[place]


#: One of the words an object is called by, in the language of who reads.
_said = lazy(_say, str)


_registry: dict[str, Object] = {}
_by_model: dict[type, Object] = {}
_defined: dict[UUID, tuple[int, dict[str, Object]]] = {}


def register(cls: type[Object]) -> type[Object]:
    """Class decorator: makes the object known under its plural."""
    if cls.plural in _registry:
        raise ValueError(f"Two objects are called {cls.plural}.")
    instance = cls()
    if cls.within:
        cls.in_navigation = cls.mergeable = False
        WHOLES[cls.plural] = lambda: instance.whole.plural  # type: ignore[union-attr]
    _registry[cls.plural] = instance
    modules = list(apps.app_configs)  # in the order a person meets them, whichever was imported by another before
    for plural in sorted(_registry, key=lambda plural: modules.index(_registry[plural].model._meta.app_label)):
        _registry[plural] = _registry.pop(plural)
    _by_model[cls.model] = instance
    return cls


def unregister(plural: str) -> None:
    """Forget an object (tests that declare one for themselves)."""
    _by_model.pop(_registry.pop(plural).model, None)
    WHOLES.pop(plural, None)


def own() -> dict[str, Object]:
    """The objects that administrators added to the current workspace, by plural; outside of one there are none."""
    if not is_inside():
        return {}
    workspace_id, version = current_workspace_id(), noted().get(VERSION)
    if version is None:
        version = Workspace.objects.values_list("fields_version", flat=True).get(id=workspace_id)
        note(VERSION, version)
    known_version, known = _defined.get(workspace_id, (0, {}))
    if version == known_version:
        return known
    rows = CustomObject.objects.filter(deleted_at=None).order_by("position", "id")
    before = {obj.row.id: obj for obj in known.values() if isinstance(obj, Defined)}
    found = [_again(before.get(row.id), row) for row in rows]
    if len(_defined) > 1000:
        _defined.clear()
    # A module that came later may have taken an object's name: its own goes first.
    _defined[workspace_id] = version, {obj.plural: obj for obj in found if obj.plural not in _registry}
    return _defined[workspace_id][1]


def _again(known: Defined | None, row: CustomObject) -> Defined:
    """The object as it is known, or anew where its definition changed."""
    same = known is not None and all(
        getattr(known.row, column.attname) == getattr(row, column.attname) for column in row._meta.local_concrete_fields
    )
    return known if known is not None and same else Defined(row)


def get(plural: str) -> Object:
    """The object of this plural, registered or the workspace's own; raises UnknownObject."""
    found = _registry.get(plural) or own().get(plural)
    if found is None:
        raise UnknownObject(plural)
    return found


def is_known(plural: str) -> bool:
    """Whether there is an object of this plural."""
    return plural in _registry or plural in own()


def registered() -> list[Object]:
    """The objects every workspace has, module by module."""
    return list(_registry.values())


def all_objects() -> list[Object]:
    """Every object: those of all workspaces, then the current workspace's own."""
    return [*_registry.values(), *own().values()]


def parts_of(plural: str) -> list[Object]:
    """The objects whose records are part of records of this one, in order of registration."""
    return [obj for obj in _registry.values() if obj.whole is not None and obj.whole.plural == plural]


def of_model(model: type) -> Object | None:
    """The registered object over a model, if there is one."""
    return _by_model.get(model)


def of_record(record: Record) -> Object:
    """The object of a record; raises UnknownObject."""
    if isinstance(record, CustomRecord):
        found = next((obj for obj in own().values() if obj.part["part_id"] == record.part_id), None)
    else:
        found = of_model(type(record))
    if found is None:
        raise UnknownObject(type(record).__name__)
    return found


def split_ref(ref: str) -> tuple[str, str]:
    """``contacts/<uuid>`` -> ("contacts", "<uuid>"); raises ValueError on anything else."""
    plural, slash, record_id = ref.partition("/")
    if not slash or not plural or not record_id:
        raise ValueError(f"{ref!r} is no record's address.")
    return plural, record_id

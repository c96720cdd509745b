"""The registry: what an object is called, which fields it has, and the few things it says of itself.

An object is one class over one model. Kinds carry the surfaces and the model carries the facts; the class holds only
what deviates. Lists, record pages, forms, REST, import, export, search, history and rights are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .kinds import Kind, Reader, kind_of, make
from .models import CustomField, Record
from .workspaces.actors import Actor
from .workspaces.models import User, Workspace

#: Columns every record has that are no fields of their own.
INTERNAL = frozenset({"workspace", "id", "version", "deleted_at", "custom", "title_key", "search"})


#: How long a title may be, as the column allows.
LONGEST_TITLE = 500

#: Reads a value that is no text for a title, in no one's own language.
READER = Reader()


class UnknownObject(KeyError):
    """No object of that name is registered."""


@dataclass(frozen=True)
class Field:
    """One field of an object, built in or added by an administrator: both travel the same code."""

    name: str
    label: Any
    kind: Kind
    columns: tuple[str, ...]
    help: Any = ""
    required: bool = False
    readonly: bool = False
    unique: bool = False
    custom: bool = False
    default: Any = None
    sort_column: str = ""

    @property
    def key(self) -> str:
        """The name without ``custom.``: what the value is called in the ``custom`` column."""
        return self.name.removeprefix("custom.")

    @property
    def sortable(self) -> bool:
        """Whether lists can be ordered by it: by links only where their targets' names can be reached."""
        linking = self.kind.name in ("link", "user")
        return bool(self.sort_column) or (self.kind.sortable and not self.kind.many and not linking)

    def points_at(self, plural: str) -> bool:
        """Whether it can link to records of this object; a link that names no objects links to any."""
        return self.kind.name in ("link", "links") and (not self.kind.to or plural in self.kind.to)

    def initial(self) -> Any:
        """The stored value a new record begins with."""
        return self.default() if callable(self.default) else self.default

    def read(self, row: Mapping[str, Any]) -> Any:
        """The stored value from a row of ``.values(*columns)`` (or any mapping of column to value)."""
        if self.custom:
            return self.kind.load((row["custom"] or {}).get(self.key, self.kind.empty))
        return self.kind.join(tuple(row[column] for column in self.columns))

    def read_from(self, record: Record) -> Any:
        """The stored value from a model instance."""
        return self.read({column: getattr(record, column) for column in self.columns})

    def expression(self) -> Any:
        """The SQL expression of the value, for conditions and orders."""
        return self.kind.custom(self.key) if self.custom else F(self.columns[0])

    @property
    def path(self) -> str:
        """The ORM path lists are ordered by (built-in fields only)."""
        return self.sort_column or self.columns[0]

    def order(self) -> Any:
        """The SQL expression lists are ordered by."""
        return self.expression() if self.custom else F(self.path)


@dataclass(frozen=True)
class Moment:
    """Says that records of an object stand on the timelines of the records they are about."""

    at: str
    about: str = "about"


@dataclass(frozen=True)
class Comparison:
    """One thing two records are compared by, in bits of evidence (docs/adr/0009): ``same`` where they agree wholly,
    ``different`` (below zero) where they clearly don't, between where they nearly do, nothing where one says nothing.

    ``how`` is the name of a comparator (``duplicates/comparing.py``). ``shared``: what people of one household or one
    company have in common, so that it speaks for nobody whose first name is another's.
    """

    how: str
    fields: tuple[str, ...]
    same: float
    different: float = 0
    shared: bool = False


class Object:
    """One kind of record. Subclass it in a module's ``objects.py`` under ``@register``; see CONTRIBUTING.md for an
    example.

    ``portrait``: its records are shown with their initials. ``named_by``: the links whose names are the record's name,
    made when it is read. ``backwards``: by the name of a link, what its records are called on the page they point at.
    ``rollup``: whose timelines an object's records show. ``composer``: its pages begin with a form for activities.
    ``in_settings``: administrators find its list in settings. ``likeness``: by what two of its records are held to be
    the same, when the points reach ``likeness_from``. ``ties``: of an object that only ties others together, what it
    says: a tie that a merge makes circular or double is dissolved.
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
    moment: ClassVar[Moment | None] = None
    rollup: ClassVar[tuple[str | Callable[..., Any], ...]] = ()
    composer: ClassVar[bool] = False
    importable: ClassVar[bool] = True
    exportable: ClassVar[bool] = True
    in_navigation: ClassVar[bool] = True
    in_settings: ClassVar[bool] = False
    filters: ClassVar[Mapping[str, tuple[Any, dict[str, Any]]]] = {}

    def __init__(self) -> None:
        self._builtin: dict[str, Field] | None = None
        self._custom: dict[Any, tuple[int, dict[str, Field]]] = {}

    def __repr__(self) -> str:
        return f"<object {self.plural}>"

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
            if field.name in companions:
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
            fields = self.builtin | {field.name: field for field in custom_fields(self.plural)}
            if len(self._custom) > 1000:
                self._custom.clear()
            self._custom[workspace.id] = (workspace.fields_version, fields)
        return fields

    def links_to(self, plural: str) -> list[Field]:
        """The built-in fields that can point at records of another object."""
        return [field for field in self.builtin.values() if field.points_at(plural)]

    def ref(self, record_id: Any) -> str:
        """A record's address everywhere: ``contacts/<uuid>``."""
        return f"{self.plural}/{record_id}"


def custom_fields(plural: str) -> list[Field]:
    """The workspace's own fields of one object that are in use."""
    rows = CustomField.objects.filter(object=plural, archived_at=None).order_by("position", "id")
    return [custom_field(row) for row in rows]


def custom_field(row: CustomField) -> Field:
    """The field a row of ``CustomField`` describes."""
    kind = make(row.kind, row.options | {"required": row.required})
    return Field(
        name=f"custom.{row.name}",
        label=row.label,
        help=row.help,
        kind=kind,
        columns=("custom",),
        required=row.required,
        unique=row.unique,
        custom=True,
        default=row.default,
    )


def sort_path(field: models.Field) -> str:
    """What a list ordered by this model field is ordered by: names of link targets, not their ids; folded titles."""
    if field.name == "title":
        return "title_key"
    if isinstance(field, models.ForeignKey):
        target = field.remote_field.model
        return (
            f"{field.name}__title_key"
            if issubclass(target, Record)
            else f"{field.name}__name"
            if target is User
            else ""
        )
    return ""


def resolve_targets(kind: Kind, field: models.Field) -> None:
    """Give the kind of a foreign key the name of the object it points at."""
    if isinstance(field, models.ForeignKey) and hasattr(kind, "to") and not kind.to:
        target = of_model(field.remote_field.model)
        kind.to = (target.plural,) if target else ()


_registry: dict[str, Object] = {}
_by_model: dict[type, Object] = {}


def register(cls: type[Object]) -> type[Object]:
    """Class decorator: makes the object known under its plural."""
    if cls.plural in _registry:
        raise ValueError(f"Two objects are called {cls.plural}.")
    instance = cls()
    _registry[cls.plural] = instance
    _by_model[cls.model] = instance
    return cls


def unregister(plural: str) -> None:
    """Forget an object (tests that declare one for themselves)."""
    _by_model.pop(_registry.pop(plural).model, None)


def get(plural: str) -> Object:
    """The object registered under this plural; raises UnknownObject."""
    try:
        return _registry[plural]
    except KeyError:
        raise UnknownObject(plural) from None


def is_known(plural: str) -> bool:
    """Whether an object is registered under this plural."""
    return plural in _registry


def all_objects() -> list[Object]:
    """Every object, in order of registration."""
    return list(_registry.values())


def of_model(model: type) -> Object | None:
    """The object over a model, if there is one."""
    return _by_model.get(model)


def split_ref(ref: str) -> tuple[str, str]:
    """``contacts/<uuid>`` -> ("contacts", "<uuid>"); raises ValueError on anything else."""
    plural, slash, record_id = ref.partition("/")
    if not slash or not plural or not record_id:
        raise ValueError(f"{ref!r} is no record's address.")
    return plural, record_id

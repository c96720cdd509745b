"""Declarations verified at start, as Django system checks: a typo fails script/check with words, never a page.

Each check yields (code, what is wrong, what to do). Codes from 1 are about objects, from 20 tables, from 30 actions.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise

from . import actions, filters, objects
from .derived import stored_keys
from .duplicates.comparing import COMPARATORS
from .kinds import Invalid, Reader, kind_of
from .models import Record
from .objects import INTERNAL, Object
from .postgres.backend.shape import is_workspace_link, workspace_field

Found = tuple[int, str, str]
PLURAL = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
SOMEBODY = Reader(user_id=UUID(int=0))


@register("trato")
def check_declarations(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """All of them, over every registered object, every workspace table and every action."""
    found: list[CheckMessage] = []
    for obj in objects.all_objects():
        found += _errors(check_object(obj), type(obj))
    for model in apps.get_models():
        if workspace_field(model) is not None:
            found += _errors(check_table(model), model)
    for action in actions.all_actions():
        found += _errors(check_action(action), action.function)
    return found


def _errors(problems: Iterable[Found], about: Any) -> list[CheckMessage]:
    return [Error(message, hint=hint, obj=about, id=f"trato.E{code:03}") for code, message, hint in problems]


def check_object(obj: Object) -> Iterator[Found]:
    """What an object says of itself."""
    if not PLURAL.fullmatch(obj.plural):
        yield 1, f"The plural “{obj.plural}” can't be part of an address.", "Use small letters, digits and hyphens."
    model: Any = obj.model
    if not (isinstance(model, type) and issubclass(model, Record)):
        yield 2, f"{model!r} is no record.", "Let the model inherit from trato.engine.models.Record."
        return
    try:
        fields = obj.builtin
    except TypeError as error:
        yield 10, str(error), "Give the model field's class a `kind`, or use one of trato.engine.kinds.fields."
        return
    yield from _unknown_names(obj, fields)
    yield from _unknown_targets(obj, fields)
    yield from _shared_keys(obj, fields)
    yield from _wrong_part(obj, fields)
    for name, (_label, tree) in obj.filters.items():
        for problem in wrong_filter(obj, tree):
            yield 6, f"The filter “{name}” can't be used: {problem}", "Correct it in `filters`."


def _unknown_names(obj: Object, fields: Mapping[str, Any]) -> Iterator[Found]:
    named = {
        "title_from": obj.title_from,
        "columns": obj.columns,
        "head": obj.head,
        "named_by": obj.named_by,
        "backwards": obj.backwards,
        "sections": [name for _label, names in obj.sections for name in names],
        "duplicate_keys": obj.duplicate_keys,
        "likeness": [name for each in obj.likeness for name in each.fields],
        "ties": obj.ties,
        "board_by": [obj.board_by] if obj.board_by else [],
        "board_sums": obj.board_sums,
        "calendar_on": [name for span in obj.calendar_on for name in vars(span).values() if name],
        "moment": (obj.moment.at, obj.moment.about) if obj.moment else (),
    }
    # An object that makes its title by a method of its own needs no `title_from`.
    if type(obj).title is not Object.title and obj.title_from == Object.title_from:
        del named["title_from"]
    for where, names in named.items():
        for name in names:
            if name not in fields:
                yield 3, f"`{where}` names “{name}”, which is no field.", f"Fields: {', '.join(fields)}."
    for each in obj.likeness:
        if each.how not in COMPARATORS:
            yield 3, f"`likeness` compares by “{each.how}”, which is no way to.", f"Ways: {', '.join(COMPARATORS)}."
    name = obj.order.removeprefix("-")
    if name != "id" and (name not in fields or not fields[name].sortable):
        yield 7, f"Lists can't be ordered by “{obj.order}”.", "Let `order` name a field that can be sorted, or id."
    searched = {field.name for field in obj.model._meta.local_fields}
    for names in obj.model._meta.get_field("search").groups.values():
        for name in names:
            if name not in searched:
                yield 4, f"Search names “{name}”, which is no column.", "Correct the model's SearchField."


def _unknown_targets(obj: Object, fields: Mapping[str, Any]) -> Iterator[Found]:
    known = {other.plural for other in objects.all_objects()} | {"users"}
    for name, field in fields.items():
        for plural in field.kind.to:
            if plural not in known:
                yield 8, f"“{name}” links to “{plural}”, which is no object.", "Register it, or correct `to`."
    for source in obj.rollup:
        if isinstance(source, str) and (problem := _wrong_source(obj, source)):
            yield 5, f"`rollup` names “{source}”: {problem}.", "Name a link to this object, such as contacts.account."
    for name in obj.rolls_up_to:
        if name not in obj.builtin or not obj.builtin[name].kind.to:
            yield 5, f"`rolls_up_to` names “{name}”, which is no link.", "Name a link of its own, such as account."


def _wrong_source(obj: Object, source: str) -> str:
    """Why ``contacts.account`` is no link to this object, or ""."""
    plural, _dot, name = source.partition(".")
    try:
        field = objects.get(plural).builtin.get(name)
    except objects.UnknownObject:
        return "there is no such object"
    return "" if field and field.points_at(obj.plural) else "it does not link here"


def _shared_keys(obj: Object, fields: Mapping[str, Any]) -> Iterator[Found]:
    """Two lists of one kind would answer for each other, since their keys are told apart by value only."""
    keyed = [f for f in fields.values() if f.kind.many and stored_keys(f, ["x"]) == ["x"]]
    for kind, count in Counter(f.kind.name for f in keyed).items():
        if count > 1:
            yield 9, f"Two fields are lists of the kind “{kind}”.", "Keep them in one, told apart by their labels."


def _wrong_part(obj: Object, fields: Mapping[str, Any]) -> Iterator[Found]:
    """What a part of other records, a frozen one and a board of one value can't be."""
    for name in obj.thaw:
        if name not in fields:
            yield 3, f"`thaw` names “{name}”, which is no field.", f"Fields: {', '.join(fields)}."
    if obj.board_within and obj.board_within not in fields:
        yield 3, f"`board_within` names “{obj.board_within}”, which is no field.", f"Fields: {', '.join(fields)}."
    if not obj.within:
        return
    field = fields.get(obj.within)
    if field is None or not (
        field.kind.name == "link" and field.kind.by_id and field.required and len(field.kind.to) == 1
    ):
        told = "Let it name a required WorkspaceForeignKey to the records these are part of."
        yield 11, f"`within` names “{obj.within}”, which is no such link.", told
        return
    whole = objects.get(field.kind.to[0])
    if whole.within or obj.moment:
        told = "Link it to what the other is part of; what stands on timelines is no part."
        yield 12, f"“{obj.plural}” is part of “{whole.plural}”, which is a part itself, or it has a moment.", told
    if obj.plural in whole.builtin:
        yield 13, f"“{whole.plural}” has a field called as its parts, “{obj.plural}”.", "Call one of them otherwise."


def wrong_filter(obj: Object, tree: Any) -> Iterator[str]:
    """What a named filter says that can't be, as far as it can be known without a workspace."""
    if not isinstance(tree, Mapping):
        yield "each condition is an object"
    elif set(tree) & {"and", "or"}:
        for part in next(iter(tree.values())):
            yield from wrong_filter(obj, part)
    elif "not" in tree:
        yield from wrong_filter(obj, tree["not"])
    elif "related" in tree:
        yield from _wrong_relation(obj, tree)
    else:
        yield from _wrong_comparison(obj, tree)


def _wrong_relation(obj: Object, tree: Mapping[str, Any]) -> Iterator[str]:
    name, own = str(tree["related"]), obj.builtin.get(str(tree["related"]))
    if name == filters.TIMELINE.plural:
        other: Object | None = filters.TIMELINE
    elif own is not None:
        to = [str(tree["object"])] if "object" in tree else list(own.kind.to)
        other = objects.get(to[0]) if len(to) == 1 and own.points_at(to[0]) and objects.is_known(to[0]) else None
        if other is None:
            yield f"“{name}” does not say which records are meant"
    elif problem := _wrong_source(obj, name):
        yield problem
        other = None
    else:
        other = objects.get(name.partition(".")[0])
    for word in (*filters.QUANTIFIERS, "where"):
        if other is not None and tree.get(word):
            yield from wrong_filter(other, tree[word])


def _wrong_comparison(obj: Object, tree: Mapping[str, Any]) -> Iterator[str]:
    name, op = str(tree.get("field")), str(tree.get("op", "is"))
    first, dot, rest = name.partition(".")
    field = obj.builtin.get(first)
    if field is None:
        yield f"there is no field “{first}”"
    elif dot:
        yield from wrong_filter(objects.get(field.kind.to[0]), dict(tree) | {"field": rest})
    elif op not in field.kind.operators:
        yield f"“{name}” can't be compared with “{op}”"
    elif not op.startswith("has") and tree.get("value") != filters.MY_TEAM:
        try:
            field.kind.lookup(F(field.columns[0]), op, tree.get("value"), SOMEBODY)
        except Invalid as problem:
            yield f"{name}: {problem}"


def check_table(model: type[models.Model]) -> Iterator[Found]:
    """What the shape of workspace tables asks of a model."""
    meta = model._meta
    for index in meta.indexes:
        if type(index).__name__ != "GinIndex" and _first(index) != "workspace":
            yield 20, f"The index {index.name} does not start with the workspace.", "Put `workspace` first."
    for constraint in meta.constraints:
        if not isinstance(constraint, models.UniqueConstraint):
            continue
        if [*constraint.fields, ""][0] != "workspace":
            yield 21, f"{constraint.name} does not start with the workspace.", "Put `workspace` first."
        if issubclass(model, Record) and constraint.condition != Q(deleted_at__isnull=True):
            yield (
                22,
                f"{constraint.name} also counts records in the recycle bin.",
                "Give it condition=Q(deleted_at__isnull=True).",
            )
    for field in (*meta.local_fields, *meta.local_many_to_many):
        yield from _check_column(model, field)


def _first(index: models.Index) -> str:
    """The first column of an index of columns or of expressions."""
    return index.fields[0] if index.fields else getattr(index.expressions[0], "name", "")


def _check_column(model: type[models.Model], field: Any) -> Iterator[Found]:
    name = field.name
    if field.unique and not field.primary_key:
        yield 23, f"“{name}” is unique by itself.", "Use UniqueConstraint(fields=['workspace', ...])."
    if isinstance(field, models.ManyToManyField):
        yield 24, f"“{name}” is many-to-many.", "Write the model between them, with WorkspaceForeignKeys."
    elif _points_into_workspace(field) and not is_workspace_link(field):
        yield 25, f"“{name}” links workspace tables by id alone.", "Use WorkspaceForeignKey."
    if not issubclass(model, Record) or name in INTERNAL:
        return
    try:
        kind = kind_of(field)
    except TypeError:
        return  # E010 says so
    if kind.empty is None and not (field.null or kind.required or field.has_default()):
        yield 26, f"“{name}” may be left empty, but its column can't hold nothing.", "Add null=True."


def _points_into_workspace(field: Any) -> bool:
    target = field.remote_field.model if field.remote_field else None
    return isinstance(target, type) and workspace_field(target) is not None


def check_action(action: actions.Action) -> Iterator[Found]:
    """What ``@action`` needs."""
    if not any(obj.plural == action.plural for obj in objects.all_objects()):
        yield (
            30,
            f"The action “{action.name}” is on “{action.plural}”, which is no object.",
            "Correct its first argument.",
        )
    if not (isinstance(action.undo, str | Promise) and str(action.undo).strip()):
        yield 31, f"The action “{action.name}” does not say how it is undone.", "Give `undo`, or say that it can't be."
    given = inspect.signature(action.function).parameters.values()
    for name in sorted({each.name for each in given if each.kind is each.KEYWORD_ONLY} - set(action.parameters)):
        yield 32, f"“{name}” of “{action.name}” has no kind.", "Annotate it with a kind, such as Text(required=True)."

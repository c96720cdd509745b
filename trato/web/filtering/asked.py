"""What ``kinds.above`` asks of pages: filters in words and in their builder, questions as cards, fields by label."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from markupsafe import Markup

from trato.engine import access, filters, objects
from trato.engine.filters import BadFilter
from trato.engine.kinds import Invalid, Kind, Questions, Reader, Typed, stands_above
from trato.engine.objects import Object

from ..names import labels
from . import questions, words
from .builder import builder


@stands_above
class Asked:
    """Filters and fields as the person who reads may see them."""

    def words(self, plurals: Sequence[str], tree: Mapping[str, Any], reader: Reader) -> str:
        """The filter in words; the titles of records it names are asked for unless the page has them."""
        obj = _fitting(plurals, tree, reader)
        named = set(words.refs(reader.actor, obj, tree, reader)) - reader.titles.keys()
        if named:
            reader = replace(reader, titles={**reader.titles, **access.titles(reader.actor, named)})
        return words.describe(reader.actor, obj, tree, reader)

    def shown(self, plurals: Sequence[str], tree: Mapping[str, Any], reader: Reader) -> Markup:
        """The words, and below them what is wrong with it by now."""
        context = {
            "text": self.words(plurals, tree, reader),
            "error": _problem(_fitting(plurals, tree, reader), tree, reader),
        }
        return Markup(render_to_string("parts/filter.html", context))  # noqa: S704 - escaped by the template

    def builder(self, plurals: Sequence[str], tree: Any, reader: Reader, *, name: str, typed: Any) -> Markup:
        """The builder as a control of a form; before it is known what it is about, only what it held."""
        context: dict[str, Any] = {"builder": None, "name": name, "value": json.dumps(tree) if tree else ""}
        if plurals:
            obj = _fitting(plurals, tree, reader)
            pressed = QueryDict() if typed is None else _pressed(typed, name)
            made = builder(reader.actor, obj, tree, pressed, name=name, **in_form(reader, obj, name))
            context["builder"] = made.context()
        return Markup(render_to_string("parts/builder.html", context))  # noqa: S704 - escaped by the template

    def built(self, plurals: Sequence[str], data: Mapping[str, str], reader: Reader, *, name: str) -> Any:
        """The tree with the condition that was open in the builder; raises Invalid for what is wrong with that."""
        try:
            tree = filters.parse(data.get(name, ""))
        except BadFilter as problem:
            raise Invalid("filter", problem.message) from None
        if not plurals:
            return tree
        obj = _fitting(plurals, tree, reader)
        made = builder(reader.actor, obj, tree, _pressed(data, name), name=name, **in_form(reader, obj, name))
        if made.error:
            raise Invalid("condition", _("The condition you began: %(problem)s") % {"problem": made.error})
        return made.tree

    def questions(self, kind: Questions, name: str, value: Any, reader: Reader, *, id: str) -> Markup:
        """A card a question."""
        do = value.get(f"{name}-do") if isinstance(value, Typed) else ""
        context = questions.context(
            kind.drafts(name, value), self.fields(kind.about, reader), do, name=name, id=id, about=kind.about
        )
        url = f"{reader.base}/pick/questions"
        return Markup(render_to_string("parts/questions.html", context | {"url": url}))  # noqa: S704 - as above

    def fields(self, plurals: Sequence[str], reader: Reader) -> list[tuple[str, str]]:
        """The fields of these objects that the person may set, each once, by label."""
        actor, found = reader.actor, {}
        for obj in (objects.get(plural) for plural in plurals):
            called = labels(actor, obj)
            plain = [name for name, field in access.writable(actor, obj).items() if _is_plain(field.kind)]
            found |= {name: called[name] for name in plain if name not in found}
        return sorted(found.items(), key=lambda pair: pair[1].casefold())


def _is_plain(kind: Kind) -> bool:
    """Whether a value is one text: what an answer can become."""
    return kind.in_cell and not kind.many and kind.name != "json"


def in_form(reader: Reader, obj: Object, name: str) -> dict[str, Any]:
    """Where the controls of a builder go that is a field of a form: its input ``name`` holds the filter as JSON."""
    return {"url": f"{reader.base}/{obj.plural}/filter?{urlencode({'builder': name})}"}


def _pressed(data: Mapping[str, str], name: str) -> QueryDict:
    """What a form sent, as if a condition still open in the builder were taken in; one of nothing is none."""
    pressed = QueryDict(mutable=True)
    pressed.update(data)
    is_open = pressed.get(f"{name}-mode") and pressed.get(f"{name}-what")
    pressed[f"{name}-do"] = "save" if is_open else ""
    return pressed


def _fitting(plurals: Sequence[str], tree: Any, reader: Reader) -> Object:
    """The object a filter is about: of several, the first one that has all it asks for."""
    first, *others = [objects.get(plural) for plural in plurals]
    others = others if others and _problem(first, tree, reader) else []
    return next((obj for obj in others if not _problem(obj, tree, reader)), first)


def _problem(obj: Object, tree: Any, reader: Reader) -> str:
    """Why a filter can't be asked; "" where it can."""
    try:
        if tree:
            filters.condition(reader.actor, obj, tree)
    except BadFilter as problem:
        return problem.message
    return ""

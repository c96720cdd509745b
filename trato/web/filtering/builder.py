"""The filter builder: one small state machine over a tree, driven by what its own controls send.

Every control sends the whole tree with what was pressed, so nothing is kept between two requests; only one condition
is edited at a time, so the tree is whole after every step. What is pressed is ``<name>-do``: a verb and the path it is
about. ``add``, ``group``, ``edit``, ``pick``, ``op`` and ``cancel`` only change what is shown; ``save``, ``remove``,
``not`` and ``word`` change the tree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from trato.engine import access, filters
from trato.engine.kinds import Invalid, Kind, Reader, Typed
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor

from ..words import QUANTIFIERS, TOTALS
from . import shapes, subjects, trees, words
from .subjects import Subject

COMPARED = ("gte", "lte", "is", "is_not", "gt", "lt", "between")
DRAFTS = ("add", "group", "edit", "pick", "op")
Node = dict[str, Any]


def builder(actor: Actor, obj: Object, tree: Any, data: QueryDict, *, name: str = "filter", **places: Any) -> Builder:
    """The builder of a tree after what was pressed. ``places``: ``url`` answers the builder alone, ``apply_url``
    (lists) the page the filter is applied to, ``hidden`` goes with every request.
    """
    made = Builder(actor, obj, tree, data, name, **places)
    made.turn()
    return made


class Builder:
    """A tree, what of it is being edited, and whether it was changed."""

    def __init__(
        self,
        actor: Actor,
        obj: Object,
        tree: Any,
        data: QueryDict,
        name: str,
        *,
        url: str,
        apply_url: str = "",
        hidden: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.actor, self.obj, self.tree, self.data, self.name = actor, obj, tree, data, name
        self.url, self.apply_url, self.hidden = url, apply_url, list(hidden)
        self.mode, self.at, self.error, self.changed, self.focus = "", "", "", False, ""
        self.verb, _space, self.path = self.said("do").partition(" ")

    def said(self, what: str) -> str:
        """What a control of the builder holds."""
        return self.data.get(f"{self.name}-{what}", "")[:20_000]

    @cached_property
    def reader(self) -> Reader:
        """How values are shown, with the titles of the records the tree names; asked for once the tree stands."""
        plain = access.reader(self.actor)
        named = set(words.refs(self.actor, self.obj, self.tree, plain))
        return access.reader(self.actor, named) if named else plain

    def turn(self) -> None:
        """Do what was pressed."""
        if self.verb in DRAFTS or self.verb == "save":
            here = self.verb in ("add", "group", "edit")
            self.mode, self.at = (self.verb, self.path) if here else (self.said("mode"), self.said("at"))
            if self.mode not in ("add", "group", "edit"):
                self.mode = ""
        if self.verb == "save" and self.mode:
            self._save()
        elif self.verb in ("remove", "not", "word"):
            one = {
                "remove": lambda tree, path: trees.replaced(tree, path, None),
                "not": trees.denied,
                "word": trees.turned,
            }
            self._become(one[self.verb](self.tree, self.path))

    def _become(self, tree: Any) -> None:
        self.tree, self.changed, self.focus = trees.tidy(tree), True, self.path or self.at
        self.mode = ""

    def _save(self) -> None:
        """Put the condition of the form into the tree; what is wrong with it is said in the form."""
        try:
            scope = trees.scope_of(self.actor, self.obj, self.tree, self.at)
            subject = subjects.of_key(self.actor, scope, self.said("what"))
            if subject is None:
                raise Invalid("no_field", _("Choose what the condition is about."))
            node = self._read(scope, subject)
            filters.condition(self.actor, scope, node)
        except Invalid as problem:
            self.error = str(problem)
        except filters.BadFilter as problem:
            self.error = problem.message
        else:
            if self.mode == "edit":
                return self._become(trees.replaced(self.tree, self.at, node))
            around = trees.word_of(trees.node_at(self.tree, self.at))
            grouped = {"and" if around == "or" else "or": [node]} if self.mode == "group" else node
            self._become(trees.added(self.tree, self.at, grouped))
            if grouped is node and "related" in node:
                self.focus = f"{self._newest()}/{trees.asked_of(node)}"

    def _newest(self) -> str:
        """The path of the condition that was just added."""
        here = trees.node_at(self.tree, self.at)
        word = trees.word_of(here)
        return f"{self.at}/{word}/{len(here[word]) - 1}" if word else self.at

    def _read(self, scope: Object, subject: Subject) -> Node:
        prefix = self.name
        if subject.relation is None:
            kind = subject.kind or shapes.COUNT
            said = shapes.read(self.actor, prefix, kind, self.said("op"), self.data)
            return {"field": subject.key} | said
        relation, how = subject.relation, self.said("how")
        node: Node = {"related": relation.name} | ({"object": relation.target} if relation.target else {})
        inner = self._inside(scope, subject)
        if how in QUANTIFIERS:
            return node | {how: inner or {}}
        if how not in TOTALS:
            raise Invalid("how", _("Choose what is asked of them."))
        of = self.said("of")
        if how != "count" and of not in dict(subjects.measured(self.actor, relation, how)):
            raise Invalid("of", _("Choose the field."))
        kind = self._kind_of_total(relation, how, of)
        said = shapes.read(self.actor, prefix, kind, self.said("op"), self.data)
        return node | {how: True if how == "count" else of} | ({"where": inner} if inner else {}) | said

    def _inside(self, scope: Object, subject: Subject) -> Any:
        """What is asked of the related records already, where these stay the same."""
        old = trees.node_at(self.tree, self.at) if self.mode == "edit" else None
        if not isinstance(old, Mapping) or "related" not in old:
            return None
        before = subjects.of_condition(self.actor, scope, old)
        return old.get(trees.asked_of(old)) if before and before.key == subject.key else None

    def _kind_of_total(self, relation: Any, how: str, of: str) -> Kind:
        field = subjects.of_field(self.actor, relation.object, of) if of else None
        if how == "count" or field is None or field.kind is None:
            return shapes.COUNT if how == "count" else shapes.Figure()
        return field.kind if how in ("min", "max") or field.kind.name == "money" else shapes.Figure()

    # -- what is shown ------------------------------------------------------------------------------------------

    def context(self) -> Node:
        """For the macro ``builder`` of macros/filters.html."""
        return {
            "id": f"{self.name}-builder",
            "name": self.name,
            "value": json.dumps(self.tree, ensure_ascii=False, separators=(",", ":")) if self.tree else "",
            "url": self.url,
            "apply_url": self.apply_url,
            "hidden": self.hidden,
            "root": self._group(self.obj, self.tree, ""),
            "focus": self.focus if self.changed else None,
        }

    def _group(self, scope: Object, tree: Any, path: str) -> Node:
        word = trees.word_of(tree)
        members = tree[word] if word else [tree] if tree else []
        children = [self._node(scope, each, f"{path}/{word}/{n}" if word else path) for n, each in enumerate(members)]
        adding = self.mode in ("add", "group") and self.at == path
        return {
            "kind": "group",
            "at": path,
            "explicit": bool(word),
            "word": word or "and",
            "children": children,
            "label": str(scope.label_plural),
            "form": self._form(scope) if adding else None,
            "negated": False,
            "outer": path,
        }

    def _node(self, scope: Object, node: Any, path: str) -> Node:
        outer, negated = path, False
        while isinstance(node, Mapping) and set(node) == {"not"}:
            node, path, negated = node["not"], f"{path}/not", not negated
        if trees.word_of(node):
            return self._group(scope, node, path) | {"negated": negated, "outer": outer}
        error, inside, subject = self._problem(scope, node), None, None
        if isinstance(node, Mapping) and "related" in node:
            subject = subjects.of_condition(self.actor, scope, node)
        if subject is not None and subject.relation is not None:
            asked = trees.asked_of(node)
            inside = self._group(subject.relation.object, node.get(asked), f"{path}/{asked}")
        return {
            "kind": "row",
            "at": path,
            "outer": outer,
            "negated": negated,
            "text": words.head(self.actor, scope, node, self.reader) if isinstance(node, Mapping) else str(node)[:200],
            "error": error,
            "inside": inside,
            "form": self._form(scope) if self.mode == "edit" and self.at == path else None,
        }

    def _problem(self, scope: Object, node: Any) -> str:
        """What is wrong with a condition by itself: a field that was deleted, a value that can't be."""
        if isinstance(node, Mapping) and "related" in node:
            asked = trees.asked_of(node)
            node = {**node, asked: {}}
        try:
            filters.condition(self.actor, scope, node)
        except filters.BadFilter as problem:
            return problem.message
        return ""

    def _form(self, scope: Object) -> Node:
        """The form of the condition being made or changed."""
        old = trees.node_at(self.tree, self.at) if self.verb == "edit" else None
        old = old if isinstance(old, Mapping) else None
        subject = (
            subjects.of_condition(self.actor, scope, old)
            if old
            else subjects.of_key(self.actor, scope, self.said("what"))
        )
        form: Node = {
            "mode": self.mode,
            "at": self.at,
            "scope": scope.plural,
            "what": subject.key if subject else "",
            "label": subject.label if subject else "",
            "error": self.error,
            "hows": [],
            "ofs": [],
            "operators": [],
            "control": "",
            "hint": "",
            "was": "",
            "fresh": self.verb in ("pick", "edit"),
        }
        if subject is None:
            return form
        if subject.relation is None:
            return form | self._comparison(
                subject.kind or shapes.COUNT, shapes.keys_of(subject.kind or shapes.COUNT), old
            )
        return form | self._of_related(subject, old)

    def _of_related(self, subject: Subject, old: Mapping[str, Any] | None) -> Node:
        relation = subject.relation
        assert relation is not None
        known = (*QUANTIFIERS, *TOTALS)
        offered = [each for each in known if each not in TOTALS or each == "count" or self._ofs(relation, each)]
        how = next((each for each in known if each in old), "count") if old else self.said("how")
        how = how if how in offered else "any"
        labels = {**QUANTIFIERS, **TOTALS}
        form: Node = {"hows": [{"name": each, "label": labels[each], "current": each == how} for each in offered]}
        if how in QUANTIFIERS:
            return form
        ofs = self._ofs(relation, how) if how != "count" else []
        of = str(old.get(how)) if old else self.said("of")
        of = of if of in dict(ofs) else ofs[0][0] if ofs else ""
        kind = self._kind_of_total(relation, how, of)
        offered_keys = shapes.keys_of(kind) if how in ("min", "max") else list(COMPARED)
        form["ofs"] = [{"name": name, "label": label, "current": name == of} for name, label in ofs]
        return form | self._comparison(kind, offered_keys, {"op": "gte", "value": 1, **old} if old else None)

    def _ofs(self, relation: Any, how: str) -> list[tuple[str, str]]:
        return subjects.measured(self.actor, relation, how)

    def _comparison(self, kind: Kind, offered: list[str], old: Mapping[str, Any] | None) -> Node:
        """The menu of operators and the controls of the value."""
        reader = self.reader
        if old is not None:
            op, value = str(old.get("op", "is")), old.get("value")
            key = shapes.key_of(kind, op, value, reader)
        else:
            key, value = self.said("op"), None
            if key.partition(":")[0] not in kind.operators:
                key = offered[0]
            elif self.said("was") == key:
                value = Typed(self.data)
        offered = offered if key in offered else [*offered, key]
        return {
            "operators": [
                {"name": each, "label": shapes.key_words(kind, each), "current": each == key} for each in offered
            ],
            "control": shapes.control(self.name, kind, key, reader, value),
            "hint": _hint(kind, reader),
            "was": key,
        }


def _hint(kind: Kind, reader: Reader) -> str:
    """What becomes of amounts in other currencies."""
    if kind.name != "money":
        return ""
    if len(reader.rates) > 1:
        return _("Other currencies count at the latest exchange rate; amounts without a rate are left out.")
    return _("Only amounts in this currency are found: there are no exchange rates.")

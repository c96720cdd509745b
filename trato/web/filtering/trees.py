"""Changing a filter's tree, one node at a time. A path such as ``/and/0/any`` says which; "" is the whole tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trato.engine import filters
from trato.engine.objects import Object
from trato.engine.workspaces.actors import Actor

Tree = Any
GROUPS = ("and", "or")


def parts(tree: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The conditions that hold together: each is a chip."""
    if not tree:
        return []
    return list(tree["and"]) if set(tree) == {"and"} and isinstance(tree["and"], list) else [tree]


def whole(conditions: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The filter of some chips."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return {"and": conditions}


def word_of(tree: Tree) -> str:
    """``and`` or ``or`` of a group; "" for anything else."""
    word = next(iter(tree)) if isinstance(tree, Mapping) and len(tree) == 1 else ""
    return word if word in GROUPS and isinstance(tree[word], list) else ""


def asked_of(tree: Mapping[str, Any]) -> str:
    """Under which word a condition on related records keeps what it asks of them."""
    return next((word for word in filters.QUANTIFIERS if word in tree), "where")


def node_at(tree: Tree, path: str) -> Tree:
    """The node a path leads to; None where there is none."""
    for step in path.split("/")[1:]:
        if isinstance(tree, Mapping):
            tree = tree.get(step)
        elif isinstance(tree, list) and step.isdecimal() and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return None
    return tree


def replaced(tree: Tree, path: str, node: Tree) -> Tree:
    """The tree with another node at a path; None takes it out, with the groups it leaves empty."""
    if not path:
        return node
    step, _slash, rest = path[1:].partition("/")
    rest = f"/{rest}" if rest else ""
    if isinstance(tree, list):
        kept = [replaced(each, rest, node) if step == str(n) else each for n, each in enumerate(tree)]
        return [each for each in kept if each is not None] or None
    if not isinstance(tree, Mapping):
        return tree
    changed = replaced(tree.get(step), rest, node)
    if changed is None and step in filters.QUANTIFIERS:
        changed = {}
    others = {word: value for word, value in tree.items() if changed is not None or word != step}
    return {**others, step: changed} if changed is not None else others or None


def added(tree: Tree, path: str, node: Tree) -> Tree:
    """The tree with one more condition in the group at a path, which becomes a group where it is none yet."""
    here = node_at(tree, path)
    word = word_of(here)
    if word:
        return replaced(tree, path, {word: [*here[word], node]})
    return replaced(tree, path, {"and": [here, node]} if here else node)


def turned(tree: Tree, path: str) -> Tree:
    """The tree with the other word on the group at a path: any in place of all."""
    here = node_at(tree, path)
    word = word_of(here)
    if not word:
        return replaced(tree, path, {"or": [here]}) if here else tree
    return replaced(tree, path, {"or" if word == "and" else "and": here[word]})


def denied(tree: Tree, path: str) -> Tree:
    """The tree with the opposite of the node at a path."""
    here = node_at(tree, path)
    if isinstance(here, Mapping) and set(here) == {"not"}:
        return replaced(tree, path, here["not"])
    return replaced(tree, path, {"not": here}) if here else tree


def tidy(tree: Tree) -> Tree:
    """Without a group around a single condition at the root."""
    word = word_of(tree)
    return tree["and"][0] if word == "and" and len(tree["and"]) == 1 else tree or None


def scope_of(actor: Actor, obj: Object, tree: Tree, path: str) -> Object:
    """The object whose records the conditions at a path are about; raises BadFilter."""
    for step in path.split("/")[1:]:
        if isinstance(tree, Mapping) and "related" in tree:
            obj = filters.relation_of(actor, obj, tree, "").object
        tree = node_at(tree, f"/{step}")
    return obj

"""Links of many rows at once: names and keys become the visible records they stand for, or new ones where that is
wanted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from .. import access, derived, objects, values
from ..kinds import Invalid, Kind, Reader, Unresolved
from ..models import Key
from ..objects import Field, Object
from ..values import Problem
from ..workspaces.actors import Actor

#: Answers kept between chunks, at most; a file names the same companies again and again.
KEPT = 100_000
Values = dict[str, Any]


class Links:
    """Resolves the links of rows. ``make(object, texts)`` creates the targets that are missing, as text -> ref; None:
    they stay missing.
    """

    def __init__(
        self,
        actor: Actor,
        fields: Mapping[str, Field],
        reader: Reader,
        make: Callable[[Object, list[str]], dict[str, str]] | None,
    ) -> None:
        self.actor, self.reader, self.make = actor, reader, make
        self.fields = {name: field for name, field in fields.items() if type(field.kind).refs is not Kind.refs}
        self._refs: dict[tuple[tuple[str, ...], str], str | Invalid] = {}
        self._seen: set[str] = set()

    def forget(self) -> None:
        """Drop what was learnt in a transaction that was rolled back."""
        self._refs.clear()
        self._seen.clear()

    def resolve(self, rows: Sequence[Values]) -> list[list[Problem]]:
        """Put refs in place of names in ``rows``; the problems of each row, where a target isn't there."""
        if not self.fields:
            return [[] for _row in rows]
        if len(self._refs) + len(self._seen) > KEPT:
            self.forget()
        self._learn(rows)
        return [self._settle(row) for row in rows]

    def _learn(self, rows: Sequence[Values]) -> None:
        """Look up every name and every ref of these rows that isn't known yet."""
        names: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        refs: set[str] = set()
        for row in rows:
            for name, field in self.fields.items():
                if not (value := row.get(name)):
                    continue
                for item in value if isinstance(value, list) else (value,):
                    if isinstance(item, Unresolved) and (field.kind.to, item.text) not in self._refs:
                        names[field.kind.to][item.text] = None
                refs.update(field.kind.refs(value))
        for to, texts in names.items():
            self._name(to, list(texts))
        self._look(refs)

    def _look(self, refs: set[str]) -> None:
        """Learn which of these the actor may see."""
        unknown = refs - self._seen
        if unknown:
            self._seen |= access.titles(self.actor, unknown).keys()

    def meet(self, records: Iterable[Values], names: Iterable[str]) -> None:
        """Learn what the links of these names hold in records that are to be changed, before ``keep`` is asked."""
        linking = [field for name, field in self.fields.items() if name in names]
        if linking:
            self._look({ref for held in records for field in linking for ref in field.kind.refs(held[field.name])})

    def keep(self, name: str, value: Any, current: Any) -> Any:
        """A link's new value with what it holds and the actor can't see: they can't take that away."""
        field = self.fields.get(name)
        unseen = [ref for ref in field.kind.refs(current) if ref not in self._seen] if field else []
        return values.kept(field.kind, value, current, unseen) if field and unseen else value

    def _settle(self, row: Values) -> list[Problem]:
        problems = []
        for name, field in self.fields.items():
            value = row.get(name)
            if not value:
                continue
            try:
                if isinstance(value, Unresolved):
                    row[name] = value = field.kind.point(self._answer(field, value))  # type: ignore[attr-defined]
                elif isinstance(value, list) and any(isinstance(item, Unresolved) for item in value):
                    row[name] = value = [
                        self._answer(field, item) if isinstance(item, Unresolved) else item for item in value
                    ]
                if not self._seen.issuperset(field.kind.refs(value)):
                    raise Invalid("absent", _("There is no such record, or you may not see it."))
            except Invalid as problem:
                problems.append(Problem(name, problem.code, str(problem)))
        return problems

    def _answer(self, field: Field, item: Unresolved) -> str:
        found = self._refs[field.kind.to, item.text]
        if isinstance(found, Invalid):
            raise found
        return found

    def _name(self, to: tuple[str, ...], texts: list[str]) -> None:
        """Learn what these texts stand for among the objects ``to``."""
        found: dict[str, set[str]] = {text: set() for text in texts}
        if to == ("users",):
            self._people(found)
        else:
            for plural in (each for each in to or [obj.plural for obj in objects.all_objects()] if each != "users"):
                self._by_title(objects.get(plural), found)
                self._by_key(objects.get(plural), found)
        missing = [text for text, refs in found.items() if not refs]
        if missing and self.make and len(to) == 1 and to != ("users",):
            for text, ref in self.make(objects.get(to[0]), missing).items():
                found[text] = {ref}
        for text, refs in found.items():
            self._refs[to, text] = next(iter(refs)) if len(refs) == 1 else _unclear(text, bool(refs))
            self._seen |= refs

    def _people(self, found: dict[str, set[str]]) -> None:
        """Members by name or e-mail address."""
        called: dict[str, set[str]] = defaultdict(set)
        for person in access.members(self.actor):
            for word in {person.name.casefold(), person.email.casefold()}:
                called[word].add(f"users/{person.id}")
        for text, refs in found.items():
            refs.update(called.get(text.casefold(), ()))

    def _by_title(self, obj: Object, found: dict[str, set[str]]) -> None:
        """Records called so, without regard to case and accents; an exact match wins over the others."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.text, t.id, t.title = s.text FROM unnest(%s::text[]) AS s(text) "
                f"JOIN {connection.ops.quote_name(obj.model._meta.db_table)} t "
                f"ON t.title_key = trato_title_key(s.text) AND t.title_key <> '' "
                f"WHERE t.workspace_id = '{self.actor.workspace.id}'::uuid AND t.deleted_at IS NULL"
                f"{obj.part_sql('t')}",
                [list(found)],
            )
            rows = cursor.fetchall()
        seen = self._visible(obj, {record_id for _text, record_id, _exact in rows})
        exact = {text for text, record_id, same in rows if same and record_id in seen}
        for text, record_id, same in rows:
            if record_id in seen and (same or text not in exact):
                found[text].add(obj.ref(record_id))

    def _by_key(self, obj: Object, found: dict[str, set[str]]) -> None:
        """Records that are reached so: by e-mail address, phone number, code, or another of their duplicate keys."""
        texts: dict[str, list[str]] = defaultdict(list)
        known = access.fields(self.actor, obj) if obj.duplicate_keys else {}
        for text in (text for text, refs in found.items() if not refs):
            for key in derived.reached_by(obj, known, text, self.reader):
                texts[key].append(text)
        if not texts:
            return
        rows = list(Key.objects.filter(object=obj.plural, key__in=texts).values_list("key", "record_id"))
        seen = self._visible(obj, {record_id for _key, record_id in rows})
        for key, record_id in rows:
            if record_id in seen:
                for text in texts[key]:
                    found[text].add(obj.ref(record_id))

    def _visible(self, obj: Object, ids: set[UUID]) -> set[UUID]:
        return set(access.visible(self.actor, obj).filter(id__in=ids).values_list("id", flat=True)) if ids else set()


def _unclear(text: str, several: bool) -> Invalid:
    words = _("Several records are called “%(text)s”; choose one.") if several else _("Nothing is called “%(text)s”.")
    return Invalid("unresolved", words, text=text[:80])

"""Rows of a file as rows for the database: cells by the mapping, each value read by the kind of its field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from .. import access
from ..bulk import ID, Row
from ..kinds import Invalid, Kind, Reader
from ..kinds.person_name import split_name
from ..objects import Field, Object
from ..values import Problem
from ..workspaces.actors import Actor
from .assembly import assembler
from .formats import Figure, SourceRow
from .formats.ndjson import as_text
from .mapping import MappingField, fold
from .places import clean_address

#: The target of a column that is left out.
IGNORE = ""
#: The target of a full name where the object has name parts, and the parts by what ``split_name`` calls them.
NAME = "name"
NAME_PARTS = {
    "prefix": "salutation",
    "first": "first_name",
    "middle": "middle_name",
    "last": "last_name",
    "suffix": "suffix",
}
#: Kinds a file can't carry: files themselves.
NOT_IMPORTED = frozenset({"file"})
#: Texts whose value is kept, a column; columns in which hardly any text comes twice stop keeping.
KEPT = 20_000
TRIED = 4_000

Fixes = Mapping[str, Mapping[str, str]]


def targets(actor: Actor, obj: Object) -> dict[str, Field]:
    """The fields a file may fill for this actor."""
    writable = access.writable(actor, obj)
    return {name: field for name, field in writable.items() if field.kind.name not in NOT_IMPORTED}


def mapping_fields(known: Mapping[str, Field]) -> list[MappingField]:
    """What the guess of the mapping has to know about these fields."""
    return [MappingField(name, str(field.label), field.kind.name) for name, field in known.items()]


def has_name_parts(known: Mapping[str, Field]) -> bool:
    """Whether a full name can be taken apart for these fields."""
    return "first_name" in known and "last_name" in known and NAME not in known


def header_digest(header: Sequence[str]) -> str:
    """Equal for files with the same columns in the same order."""
    return sha256("\n".join(map(fold, header)).encode()).hexdigest()


def keepable(text: str, longest: int = 10_000) -> str:
    """Text of a file as the database can hold it to show it again: without NULs and broken characters, and not without
    end.
    """
    return text[:longest].replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class Reading:
    """How the rows of one file are read. ``mapping`` is column -> target; ``fixes`` are cells a person put right, by
    line and column.
    """

    def __init__(
        self,
        known: Mapping[str, Field],
        header: Sequence[str],
        mapping: Mapping[str, str],
        reader: Reader,
        fixes: Fixes | None = None,
    ) -> None:
        self.known, self.header, self.reader, self.fixes = known, list(header), reader, fixes or {}
        self.columns = [mapping.get(name) or None for name in header]
        self.left_out: Counter[str] = Counter()
        self.notes: list[str] = []
        self._names = frozenset(header)
        self._assemble = assembler(self.header, self.columns, mapping_fields(known))
        self._readers = {name: _reader(field.kind, reader) for name, field in known.items()}
        self._readers[ID] = _record_id
        if has_name_parts(known):
            self._readers[NAME] = split_name

    def row(self, source: SourceRow) -> Row:
        """The row of the database that a row of the file stands for, with every problem of its cells."""
        if source.problem:
            return Row(source.line, {}, None, (Problem("", "unreadable", source.problem),))
        cells = source.cells
        if str(source.line) in self.fixes:
            cells = self._fixed(source)
        if isinstance(cells, dict):
            self.left_out.update(cells.keys() - self._names)
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, given in self._assemble(cells).items():
            try:
                value = self._readers[name](given)
            except Invalid as problem:
                problems.append(Problem(name, problem.code, str(problem)))
                continue
            if name == NAME and NAME not in self.known:
                self._take_name(value, values)
            elif value not in (None, "", []):
                values[name] = value
        record_id = values.pop(ID, None)
        if not values and not problems:
            problems.append(Problem("", "empty", _("None of the chosen columns has anything in this row.")))
        return Row(source.line, values, record_id, tuple(problems))

    def texts(self, source: SourceRow) -> list[str]:
        """The cells as they stand in the file, in the order of the header."""
        cells = source.cells
        return [as_text(cells.get(name)) for name in self.header] if isinstance(cells, dict) else cells

    def _fixed(self, source: SourceRow) -> Any:
        """The cells with what a person put right in the preview."""
        fixes = {int(column): text for column, text in self.fixes[str(source.line)].items()}
        if isinstance(source.cells, dict):
            return source.cells | {self.header[at]: text for at, text in fixes.items() if at < len(self.header)}
        return [fixes.get(at, cell) for at, cell in enumerate(source.cells)]

    def _take_name(self, parts: Mapping[str, str], values: dict[str, Any]) -> None:
        """Put the parts of a full name where columns of their own say nothing."""
        for part, name in NAME_PARTS.items():
            if parts[part] and name in self.known:
                values.setdefault(name, parts[part])


def _record_id(text: Any) -> UUID:
    try:
        return UUID(str(text).strip())
    except ValueError:
        raise Invalid("id", _("This is no id of a record.")) from None


def _reader(kind: Kind, reader: Reader) -> Callable[[Any], Any]:
    """How a field's value is made of what the assembler gives: text, JSON, or for several values a list of both."""
    parse = _remembering(lambda text: kind.parse(text, reader))

    def clean(item: Any) -> Any:
        return clean_address(kind, item, reader) if kind.name == "addresses" else kind.clean([item], reader)

    def one(given: Any) -> Any:
        if isinstance(given, Figure):
            return kind.clean(str(given), reader)
        return parse(given) if isinstance(given, str) else kind.clean(given, reader)

    def several(given: Any) -> Any:
        if not isinstance(given, list):
            return one(given)
        if len(given) == 1:
            return parse(given[0]) if isinstance(given[0], str) else clean(given[0])
        value: Any = []
        for item in given:
            read = parse(item) if isinstance(item, str) else clean(item)
            value = kind.merge(value, read)
        return value

    return several if kind.many else one


def _remembering(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """``parse`` that answers texts seen before from memory, as long as they do come again. Values are never changed in
    place.
    """
    kept: dict[str, Any] = {}
    calls = hits = 0

    def remembered(text: str) -> Any:
        nonlocal calls, hits
        if text in kept:
            hits += 1
            return kept[text]
        value = parse(text)
        calls += 1
        if calls < TRIED or (hits * 4 > calls and len(kept) < KEPT):
            kept[text] = value
        elif kept and hits * 4 <= calls:
            kept.clear()
        return value

    return remembered

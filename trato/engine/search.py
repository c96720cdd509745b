"""Finding records by words, as they are typed, over all objects at once.

The text index is asked through each table's own search function (see ``postgres/backend/schema.py``), because row-level
security keeps ``@@`` from using it; the function narrows to what the role may see before its limit. What comes back are
ids, which are read again through the one door.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any
from uuid import UUID

from django.db import connection

from . import access, objects
from .kinds import Reader
from .objects import Object
from .postgres.functions import LETTERS, PLAIN
from .workspaces.actors import Actor

SHORTEST_PREFIX, SHORTEST_NUMBER = 3, 5
MOST_WORDS = 8
#: Accents, and what is not seen: soft hyphens, joiners, variation selectors.
_DROPPED = re.compile("[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
_PLAIN = str.maketrans(LETTERS, PLAIN)
_PHONE = re.compile(r"[+(]?[\d][\d\s().\-/]{4,}")


@dataclass(frozen=True)
class Hit:
    """One record found: where it is, what it is called, and a line that tells it from its namesakes."""

    object: Object
    id: UUID
    title: str
    subtitle: str
    rank: float

    @property
    def ref(self) -> str:
        """The record's address: ``contacts/<uuid>``."""
        return self.object.ref(self.id)


def words_of(text: str) -> list[str]:
    """The words of a text, folded and parted as the index does it (``trato_fold`` in postgres/functions.py)."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKD", text)).lower()
    plain = plain.translate(_PLAIN)
    # A vowel sign of Hindi or Thai is a mark, and part of its word; a word never begins with one.
    parted = "".join(c if c.isdecimal() or _category(c) in "LM" else " " for c in plain).split()
    words = ("".join(dropwhile(lambda c: _category(c) == "M", word)) for word in parted)
    return [word for word in words if word][:MOST_WORDS]


def _category(character: str) -> str:
    """``L`` for a letter, ``M`` for a mark that combines with one."""
    return unicodedata.category(character)[0]


def readings(text: str) -> list[list[str]]:
    """What a search may mean: its words; before them the one telephone number that its digits are, in groups or not."""
    text = text.replace("\0", " ")[:200]
    number = [re.sub(r"\D", "", text)] if _PHONE.fullmatch(text.strip()) else []
    words = words_of(text)
    return [each for each in ([number, words] if number != words else [words]) if each]


def _tsquery(meanings: list[list[str]], marks: str) -> str:
    """``('ana':*A & 'gar':*A)``: words as prefixes, within the weights the actor may search."""
    return _joined([_prefix(word, marks) for word in words] for words in meanings)


def _joined(meanings: Iterable[list[str]]) -> str:
    return " | ".join(f"({' & '.join(words)})" for words in meanings)


def _indexed(words: list[str]) -> list[tuple[str, bool]]:
    """The words the index is asked for, and whether as prefixes: short ones match too much of a million records.

    Where there are only short ones they are asked for as whole words (``Li``, house number 42).
    """
    long = [word for word in words if len(word) >= (SHORTEST_NUMBER if word.isdecimal() else SHORTEST_PREFIX)]
    return [(word, True) for word in long] or [(word, False) for word in words]


def _asked(meanings: list[list[str]], marks: str) -> str:
    """The tsquery the index is asked."""
    weights = f":{marks}" if marks else ""
    return _joined(
        [_prefix(word, marks) if prefix else f"'{word}'{weights}" for word, prefix in _indexed(words)]
        for words in meanings
    )


def _prefix(word: str, marks: str) -> str:
    """One word as a prefix; digits with a trunk or exit zero in front (020..., 0044...) also without it, as numbers are
    kept.
    """
    bare = word.lstrip("0") if word.isdecimal() and word[0] == "0" else ""
    return f"('{word}':*{marks} | '{bare}':*{marks})" if len(bare) >= SHORTEST_PREFIX else f"'{word}':*{marks}"


def _weights(actor: Actor, obj: Object) -> str:
    """The weights of the search document that hold no field hidden from the actor; "" when none is hidden."""
    if actor.rights.admin:
        return ""
    groups = obj.model._meta.get_field("search").groups
    custom_hidden = any(
        f.custom and actor.rights.field(obj.plural, f.name) == "hidden" for f in obj.fields(actor.workspace).values()
    )
    open_weights = [
        weight
        for weight, names in groups.items()
        if names
        and all(actor.rights.field(obj.plural, name) != "hidden" for name in names)
        and not ("custom" in names and custom_hidden)
    ]
    used = [weight for weight, names in groups.items() if names]
    return "" if open_weights == used else "".join(open_weights) or "-"


def _sources(actor: Actor, only: Iterable[Object] | None) -> list[Object]:
    """What is looked through: what is part of other records only where it is named."""
    every = only or [obj for obj in objects.all_objects() if not obj.within]
    return [obj for obj in every if actor.rights.scope(obj.plural, "see") != "none"]


def ids(
    actor: Actor, text: str, only: Iterable[Object] | None = None, limit: int = 20
) -> dict[str, list[tuple[UUID, float]]]:
    """Ids and ranks by object, best first, of what the actor may see; one statement over all objects."""
    meanings = readings(text)
    if not meanings:
        return {}
    statements, parameters, sources = [], [], _sources(actor, only)
    for obj in sources:
        marks = _weights(actor, obj)
        if marks == "-":
            continue
        # Parts have no owner: what is found of them is narrowed where it is read.
        owners = None if obj.within else access.owners_seen(actor, obj)
        shared = [] if owners is None else access.shared_ids(actor, obj)
        statements.append(
            f"SELECT %s AS object, id, rank FROM {obj.model._meta.db_table}_search("
            f"%s::tsquery, %s::tsquery, %s, %s::uuid[], %s::uuid[], %s{', %s' * len(obj.part)})"
        )
        parameters += [
            obj.plural,
            _asked(meanings, marks),
            _tsquery(meanings, marks),
            " ".join(meanings[-1]),
            None if owners is None else list(owners),
            shared,
            limit,
            *obj.part.values(),
        ]
    if not statements:
        return {}
    found: dict[str, list[tuple[UUID, float]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), parameters)
        for plural, record_id, rank in cursor.fetchall():
            found.setdefault(plural, []).append((record_id, rank))
    return found


def find(actor: Actor, text: str, only: Iterable[Object] | None = None, limit: int = 20) -> list[Hit]:
    """The best matches over all objects (or ``only`` some), best first; at most ``limit``."""
    hits: list[Hit] = []
    reader = access.reader(actor)
    for plural, found in ids(actor, text, only, limit).items():
        obj, ranks = objects.get(plural), dict(found)
        fields = [field for name, field in access.fields(actor, obj).items() if name in ("emails", "phones")]
        columns = {column for field in fields for column in field.columns}
        rows = access.visible(actor, obj).filter(id__in=list(ranks)).values("id", "title", *columns)
        hits += [Hit(obj, row["id"], row["title"], _subtitle(fields, row, reader), ranks[row["id"]]) for row in rows]
    hits.sort(key=lambda hit: (-hit.rank, hit.title.casefold()))
    return hits[:limit]


def _subtitle(fields: Iterable[Any], row: dict[str, Any], reader: Reader) -> str:
    return " · ".join(text for field in fields if (text := field.kind.plain(field.read(row)[:1], reader)))

"""The two generated columns of every record: its folded title, and the words it is found by."""

from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func

from .kinds import kind_of

WEIGHTS = ("A", "B", "C", "D")
#: Of the texts of one weight, what is found by their words: PostgreSQL keeps at most 1 MB of words a document.
MOST_CHARACTERS = 100_000


class SearchWords(Func):
    """``setweight(to_tsvector('simple', trato_fold(...)), 'A') || ...`` over columns grouped by weight."""

    def __init__(self, groups: dict[str, tuple[str, ...]], **extra: Any) -> None:
        self.groups = {weight: tuple(names) for weight, names in groups.items() if names}
        super().__init__(*(F(name) for names in self.groups.values() for name in names), **extra)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        """The expression; each column contributes the text its kind says it is found by."""
        columns = iter(self.get_source_expressions())
        parts = []
        for weight, names in self.groups.items():
            texts = []
            for _name in names:
                column = next(columns)
                sql, _params = compiler.compile(column)
                texts.append(kind_of(column.target).search_sql % sql)
            joined = " || ' ' || ".join(texts)
            folded = f"trato_fold(left({joined}, {MOST_CHARACTERS}))"
            parts.append(f"setweight(to_tsvector('simple'::regconfig, {folded}), '{weight}')")
        return " || ".join(parts), []


class SearchField(models.GeneratedField):
    """The stored text-search document of a record; weight A is its title, B how it is reached, C and D the rest.

    A role that may not see a field searches without that field's whole weight, so group fields by who may see them.
    """

    is_search_document = True

    def __init__(self, *, A: Any = ("title",), B: Any = (), C: Any = (), D: Any = ("custom",), **kwargs: Any) -> None:
        self.groups = {"A": tuple(A), "B": tuple(B), "C": tuple(C), "D": tuple(D)}
        kwargs |= {"expression": SearchWords(self.groups), "output_field": SearchVectorField(), "db_persist": True}
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        """The groups are all a migration has to know."""
        name, path, args, kwargs = super().deconstruct()
        for key in ("expression", "output_field", "db_persist"):
            kwargs.pop(key, None)
        return name, path, args, kwargs | self.groups


class TitleKeyField(models.GeneratedField):
    """The title folded for sorting and for finding by its beginning: no accents, no case, no punctuation."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {
            "expression": Func(F("title"), function="trato_title_key"),
            "output_field": models.TextField(db_collation="C"),
            "db_persist": True,
        }
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        """Nothing but the name."""
        name, path, args, kwargs = super().deconstruct()
        for key in ("expression", "output_field", "db_persist"):
            kwargs.pop(key, None)
        return name, path, args, kwargs

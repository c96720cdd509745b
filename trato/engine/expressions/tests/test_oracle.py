"""What the database works out is what Python does, for formulas nobody thought of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trato.engine import access, actions, custom, objects
from trato.engine.expressions.checked import Context
from trato.engine.expressions.checking import Checker
from trato.engine.expressions.grammar import parse
from trato.engine.kinds import KINDS
from trato.engine.workspaces.actors import system_actor

from .oracle import worked_out

pytestmark = pytest.mark.django_db
NUMBERS = [None, Decimal(0), Decimal(7), Decimal("-2.5"), Decimal("0.01"), Decimal("123456.78")]
TEXTS = ["", "Ana", "  Åse ", "ANA ruiz", "a'b\"c%s{0}\\", "100"]
DATES = [None, date(2000, 2, 29), date(2026, 1, 31), date(1969, 7, 20), date(2024, 2, 29)]
FIELDS = {"a": ("number", NUMBERS), "b": ("number", NUMBERS[::-1]), "s": ("text", TEXTS), "t": ("text", TEXTS[::-1])}
FIELDS |= {"d": ("date", DATES), "e": ("date", DATES[::-1]), "f": ("bool", [True, False])}
assert {kind for kind, _values in FIELDS.values()} <= KINDS.keys()


def names(kind):
    return st.sampled_from([f"custom.{name}" for name, (known, _values) in FIELDS.items() if known == kind])


def said(*templates):
    """Texts of formulas: templates whose N, T, B and D are formulas of that type."""
    return templates


def built(templates, kinds):
    def fill(template):
        parts = [kinds[part] if part in kinds else st.just(part) for part in template.split()]
        return st.tuples(*parts).map(" ".join)

    return st.one_of([fill(each) for each in templates])


N = said(
    "( N + N )", "( N - N )", "( N * N )", "( N / N )", "- N", "abs( N )", "floor( N )", "ceil( N )", "length( T )"
)
N += said("round( N , 2 )", "mod( N , N )", "if( B , N , N )", "if_empty( N , N )", "smallest( N , N )", "year( D )")
N += said(
    "days_between( D , D )", "weekday( D )", "largest( N , N , N )", "years_between( D , D )", "if( B , empty , N )"
)
T = said(
    "concat( T , N , T )", "upper( T )", "lower( T )", "trim( T )", "left( T , 3 )", "right( T , 2 )", "if( B , T , T )"
)
T += said("if_empty( T , T )", "concat( D , T )")
B = said(
    "( B and B )", "( B or B )", "not B", "N < N", "N >= N", "N = N", "N <> N", "T = T", "T <> T", "D < D", "D = D"
)
B += said(
    "contains( T , T )", "starts_with( T , T )", "ends_with( T , T )", "is_empty( N )", "is_empty( T )", "is_empty( D )"
)
D = said("if( B , D , D )", "add_days( D , 40 )", "add_months( D , 1 )", "smallest( D , D )", "if_empty( D , D )")
SMALL = {
    "N": names("number") | st.integers(0, 50).map(str) | st.sampled_from(["0.5", "12.25"]),
    "T": names("text") | st.sampled_from(['"a"', "'it''s'", '""', '"%s"']),
    "B": names("bool") | st.sampled_from(["true", "false"]),
    "D": names("date") | st.just('date("2024-02-29")'),
}


def grown(kinds):
    return {name: SMALL[name] | built(templates, kinds) for name, templates in (("N", N), ("T", T), ("B", B), ("D", D))}


GROWN = grown(grown(SMALL))


@pytest.fixture
def rows(owner):
    obj = objects.get("contacts")
    for name, (kind, _values) in FIELDS.items():
        custom.add(
            owner,
            obj,
            {"name": name, "label": name, "kind": kind, "options": {"digits": 2} if kind == "number" else {}},
        )
    found = {}
    given_values = {name: cycle(values) for name, (_kind, values) in FIELDS.items()}
    for number in range(13):
        values = {name: next(each) for name, each in given_values.items()}
        values["f"] = number % 3 == 0
        record = actions.create(owner, obj, {"first_name": f"n{number}", "custom": values})
        stored = {field.name: field.read_from(record) for field in obj.fields(owner.workspace).values() if field.custom}
        found[record.id] = {name: "" if value is None and name[-1] in "st" else value for name, value in stored.items()}
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=st.one_of(list(GROWN.values())))
def test_the_database_and_python_agree(owner, rows, source):
    obj = objects.get("contacts")
    checked = Checker(system_actor(owner.workspace)).formula(obj, "x", source)
    told = access.bare(owner, obj).annotate(x_=checked.make(Context(owner))).values_list("id", "x_")
    for record_id, value in told:
        expected = worked_out(parse(source), rows[record_id])
        if isinstance(expected, Decimal) and value is not None:
            assert abs(value - expected) <= abs(expected) * Decimal("1e-12") + Decimal("1e-9"), (
                source,
                rows[record_id],
            )
        else:
            assert value == expected, (source, rows[record_id])

"""The functions of formulas, as a table: what each takes, what it gives, and its SQL.

Nothing in, nothing out: what is worked out from an empty number, date or amount is empty. An empty text is a text
without characters. Yes or no is never empty. docs/guide/formulas.md lists them, with examples that a test works out.
"""

from __future__ import annotations

from dataclasses import dataclass

#: No date is later or earlier, and none is moved farther.
DATES = "least(greatest(({})::date, '0001-01-01'::date), '9999-12-31'::date)"
FAR_DAYS, FAR_MONTHS = 4_000_000, 120_000


@dataclass(frozen=True)
class Function:
    """``takes`` are the types of its arguments; with ``many`` the last may come several times, ``joined`` by a sign.
    ``same`` stands for one type shared by all of them, among ``among``.
    """

    takes: tuple[str, ...]
    gives: str
    template: str
    many: bool = False
    joined: str = ", "
    whole: bool = False
    among: tuple[str, ...] = ()


def _moved(unit: str, most: int) -> str:
    """SQL of a day moved on by whole days or months; what is empty or too far is empty."""
    step = DATES.format(f"d + make_interval({unit} => trunc(n)::int)")
    once = "FROM (SELECT {0} AS d, {1} AS n OFFSET 0) q"  # OFFSET keeps the planner from working them out twice
    return f"(SELECT CASE WHEN abs(n) <= {most} AND d IS NOT NULL THEN {step} END {once})"


#: Whole months between two days, as one counts a person's age: the day of the month has to come round.
MONTHS = (
    "(SELECT (extract(year FROM v) * 12 + extract(month FROM v))::numeric FROM (SELECT age({1}, {0}) AS v OFFSET 0) q)"
)
COMPARABLE = ("number", "date", "datetime", "money")

FUNCTIONS: dict[str, Function] = {
    "abs": Function(("number",), "number", "abs({0})"),
    "floor": Function(("number",), "number", "floor({0})", whole=True),
    "ceil": Function(("number",), "number", "ceil({0})", whole=True),
    "round": Function(("number", "number"), "number", "round({0}, least(6, greatest(0, trunc({1})))::int)"),
    "mod": Function(("number", "number"), "number", "mod({0}, nullif({1}, 0))"),
    "smallest": Function(("same",), "same", "least({})", many=True, among=("number", "date", "datetime")),
    "largest": Function(("same",), "same", "greatest({})", many=True, among=("number", "date", "datetime")),
    "concat": Function(("text",), "text", "({})", many=True, joined=" || "),
    "upper": Function(("text",), "text", "upper({0})"),
    "lower": Function(("text",), "text", "lower({0})"),
    "trim": Function(("text",), "text", "btrim({0}, E' \\t\\n\\r')"),
    "length": Function(("text",), "number", "length({0})::numeric", whole=True),
    "left": Function(("text", "number"), "text", "left({0}, coalesce(least(greatest(trunc({1}), 0), 10000), 0)::int)"),
    "right": Function(
        ("text", "number"), "text", "right({0}, coalesce(least(greatest(trunc({1}), 0), 10000), 0)::int)"
    ),
    "contains": Function(("text", "text"), "bool", "(strpos(lower({0}), lower({1})) > 0)"),
    "starts_with": Function(("text", "text"), "bool", "starts_with(lower({0}), lower({1}))"),
    "ends_with": Function(("text", "text"), "bool", "starts_with(reverse(lower({0})), reverse(lower({1})))"),
    "days_between": Function(("date", "date"), "number", "({1} - {0})::numeric", whole=True),
    "months_between": Function(("date", "date"), "number", MONTHS, whole=True),
    "years_between": Function(("date", "date"), "number", "extract(year FROM age({1}, {0}))::numeric", whole=True),
    "add_days": Function(("date", "number"), "date", _moved("days", FAR_DAYS)),
    "add_months": Function(("date", "number"), "date", _moved("months", FAR_MONTHS)),
    "year": Function(("date",), "number", "extract(year FROM {0})::numeric", whole=True),
    "month": Function(("date",), "number", "extract(month FROM {0})::numeric", whole=True),
    "day": Function(("date",), "number", "extract(day FROM {0})::numeric", whole=True),
    "weekday": Function(("date",), "number", "extract(isodow FROM {0})::numeric", whole=True),
    "date": Function(("date",), "date", "{0}"),
    "text": Function(("text",), "text", "{0}"),
}
#: Those that are no templates: see ``checking``.
SPECIAL = ("if", "is_empty", "is_filled", "if_empty", "today", "now", "amount", "currency", "money")
TOTALS = ("count", "sum", "min", "max", "avg")
EVERY = (*FUNCTIONS, *SPECIAL, *TOTALS)

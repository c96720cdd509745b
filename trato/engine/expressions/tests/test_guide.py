"""Every example of docs/guide/formulas.md comes to what it says."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from trato.engine import access, actions, expressions, objects
from trato.engine.expressions.checked import Context
from trato.engine.expressions.functions import FUNCTIONS

pytestmark = pytest.mark.django_db
TEXT = (Path(__file__).parents[4] / "docs" / "guide" / "formulas.md").read_text()
TABLE = TEXT.partition("<!-- examples -->")[2].partition("<!-- end -->")[0]
EXAMPLES = re.findall(r"^\| `(.+)` \| (.+) \|$", TABLE, re.MULTILINE)


def said(value):
    if value in (None, ""):
        return "*(empty)*"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


def test_the_guide_tells_every_function():
    told = {name for source, _value in EXAMPLES for name in re.findall(r"(\w+)\(", source)}
    assert set(FUNCTIONS) <= told
    missing = {name for name in expressions.EVERY if f"{name}(" not in TEXT and f"`{name}`" not in TEXT}
    assert not missing


@pytest.mark.parametrize(("source", "value"), EXAMPLES)
def test_an_example_comes_to_what_it_says(owner, source, value):
    obj = objects.get("contacts")
    actions.create(owner, obj, {"first_name": "Ana"})
    made = expressions.judge(owner, obj, "x", source).make(Context(owner))
    assert said(access.bare(owner, obj).annotate(x_=made).values_list("x_", flat=True).get()) == value

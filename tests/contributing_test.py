"""The worked examples of CONTRIBUTING.md, run as they stand there."""

import re
import sys
from pathlib import Path
from textwrap import indent
from types import ModuleType

import pytest
from django.apps import apps
from django.db import connections

from trato.engine import access, actions, history, objects, undo
from trato.engine.kinds import Invalid, Reader

TEXT = (Path(__file__).resolve().parent.parent / "CONTRIBUTING.md").read_text()
EXAMPLES = dict(re.findall(r"<!-- example: (\w+) -->\n```python\n(.*?)```", TEXT, re.DOTALL))
HEAD = """
import re
from typing import Any
from django.db import models
from django.utils.translation import gettext_lazy as _
from trato.engine.actions import action, update
from trato.engine.kinds import Invalid, Number, Reader, Text
from trato.engine.models import Record
from trato.engine.objects import Object, get, register
from trato.engine.workspaces.actors import Actor
"""


def run(*names: str, extra: str = "") -> ModuleType:
    """A module made of examples; Django takes its models for the toys'."""
    module = ModuleType("tests.toys.contributed")
    sys.modules[module.__name__] = module
    code = HEAD + "\n".join(EXAMPLES[name] + (extra if name == "model" else "") for name in names)
    exec(compile(code, "CONTRIBUTING.md", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def sites(django_db_setup, django_db_blocker):
    """The example object, its table made as a migration would, with the example field added to it."""
    module = run("model", "object", "action", extra=indent(EXAMPLES["field"], "    "))
    with django_db_blocker.unblock(), connections["owner"].schema_editor() as editor:
        editor.create_model(module.Site)
    yield objects.get("sites")
    objects.unregister("sites")
    actions.of("sites").clear()
    with django_db_blocker.unblock(), connections["owner"].schema_editor() as editor:
        editor.delete_model(module.Site)
    connections["owner"].close()
    apps.all_models["toys"].pop("site")
    apps.clear_cache()
    del sys.modules[module.__name__]


@pytest.mark.django_db
def test_an_object_a_field_and_an_action_are_all_there(sites, cast, as_):
    with as_(cast.owner) as actor:
        record = actions.create(actor, sites, {"name": "Pier 4", "nickname": "The Pier", "surface": 10})
        assert (record.title, record.nickname) == ("Pier 4", "The Pier")
        actions.run(actor, sites, "measure", record.id, {"surface": 900})
        last = history.of_record(actor, sites, record.id)[0]
        assert (last.action, last.changes) == ("measure", {"surface": [10, 900]})
        undo.undo(actor, last.batch_id)
        assert access.get(actor, sites, record.id).surface == 10
        with pytest.raises(actions.Refused) as refused:
            actions.run(actor, sites, "measure", record.id, {"surface": 0})
        assert [problem.field for problem in refused.value.problems] == ["surface"]


def test_a_kind_reads_and_refuses():
    colour = run("kind").Colour()
    assert colour.parse("#1A7F64", Reader()) == "#1a7f64"
    with pytest.raises(Invalid, match="#1a7f64"):
        colour.parse("green", Reader())

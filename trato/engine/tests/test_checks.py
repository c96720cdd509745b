"""Wrong declarations are found at start, each with a code and with what to do."""

import pytest
from django.core.checks import run_checks
from django.db import models
from django.db.models import Q
from django.test.utils import isolate_apps

from tests.toys.models import Crate, Thing
from tests.toys.objects import Things
from trato.engine import actions, checks, objects
from trato.engine.kinds import Text
from trato.engine.objects import Comparison, Moment
from trato.engine.workspaces.base import WorkspaceModel


def codes(found):
    return {code for code, _message, _hint in found}


def test_what_is_declared_now_is_right():
    assert [str(error) for error in run_checks(tags=["trato"])] == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"plural": "Things!"}, 1),
        ({"plural": ""}, 1),
        ({"model": object}, 2),
        ({"columns": ("title", "nme")}, 3),
        ({"head": ("stat",)}, 3),
        ({"sections": (("Thing", ("name", "colr")),)}, 3),
        ({"title_from": ("nam",)}, 3),
        ({"duplicate_keys": ("email",)}, 3),
        ({"likeness": (Comparison("words", ("nickname",), 9),)}, 3),
        ({"likeness": (Comparison("guess", ("name",), 9),)}, 3),
        ({"ties": ("target",)}, 3),
        ({"moment": Moment(at="used", about="related")}, 3),
        ({"thaw": ("nothing",)}, 3),
        ({"board_within": "nothing"}, 3),
        ({"within": "nothing"}, 11),
        ({"within": "crate"}, 11),
        ({"order": "-nothing"}, 7),
        ({"order": "emails"}, 7),
        ({"rollup": ("crates.thing",)}, 5),
        ({"rollup": ("nothing.at_all",)}, 5),
        ({"rolls_up_to": ("nothing",)}, 5),
        ({"filters": {"x": ("X", {"field": "broke", "op": "is", "value": True})}}, 6),
        ({"filters": {"x": ("X", {"field": "broken", "op": "contains", "value": "x"})}}, 6),
        ({"filters": {"x": ("X", {"and": [{"field": "count", "op": "gt", "value": "many"}]})}}, 6),
        ({"filters": {"x": ("X", {"not": {"field": "crate.nme", "op": "is", "value": "x"}})}}, 6),
        ({"filters": {"x": ("X", {"related": "crates.name", "op": "gte", "value": 1})}}, 6),
        ({"filters": {"x": ("X", ["broken"])}}, 6),
    ],
)
def test_a_wrong_word_in_an_object_is_found(wrong, code):
    found = list(checks.check_object(type("Wrong", (Things,), wrong)()))
    without_owner = {3} if "within" in wrong else set()  # parts have none, whatever they name
    assert codes(found) == {code} | without_owner
    assert all(message and hint for _code, message, hint in found)


def test_search_links_and_keys_of_a_model_are_looked_at():
    with isolate_apps("tests.toys"):
        from trato.engine.documents import SearchField
        from trato.engine.kinds import fields as kinds
        from trato.engine.models import Record

        class Bad(Record):
            name = models.CharField(max_length=10)
            where = kinds.RefField(to=("no-such-object",), blank=True)
            emails = kinds.EmailsField()
            more_emails = kinds.EmailsField()
            blob = models.BinaryField(blank=True)
            search = SearchField(A=("title",), B=("nme",))

            class Meta(Record.Meta):
                app_label = "toys"

    shown = {"columns": (), "sections": (), "head": (), "board_by": "", "board_sums": (), "calendar_on": ()}
    bad = type("Bad", (Things,), {"model": Bad, "plural": "bads", **shown})
    wrong = bad()
    assert codes(checks.check_object(wrong)) == {10}
    Bad._meta.local_fields = [field for field in Bad._meta.local_fields if field.name != "blob"]
    wrong = type("Bad", (bad,), {"duplicate_keys": (), "likeness": (), "filters": {}})()
    assert codes(checks.check_object(wrong)) == {4, 8, 9}


def test_tables_whose_shape_is_wrong_are_found():
    with isolate_apps("tests.toys"):

        class Bad(WorkspaceModel):
            code = models.CharField(max_length=5, unique=True)
            crate = models.ForeignKey(Crate, models.CASCADE)
            one = models.OneToOneField("toys.Bad", models.CASCADE)
            many = models.ManyToManyField("toys.Bad")

            class Meta(WorkspaceModel.Meta):
                app_label = "toys"
                indexes = [models.Index(fields=["code"], name="bad_code")]
                constraints = [models.UniqueConstraint(fields=["code"], name="bad_unique")]

        found = list(checks.check_table(Bad))
    assert codes(found) == {20, 21, 23, 24, 25}
    assert len([code for code, *_ in found if code == 23]) == 2


def test_records_that_can_not_be_empty_or_unique_in_the_bin_are_found():
    with isolate_apps("tests.toys"):
        from trato.engine.models import Record

        class Bad(Record):
            size = models.IntegerField(blank=True)

            class Meta(Record.Meta):
                app_label = "toys"
                constraints = [models.UniqueConstraint(fields=["workspace", "size"], name="bad_size")]

        assert codes(checks.check_table(Bad)) == {22, 26}
        Bad._meta.constraints[0].condition = Q(deleted_at__isnull=True)
        assert codes(checks.check_table(Bad)) == {26}


def test_actions_say_what_they_take_and_how_they_are_undone():
    def function(actor, record, *, reason, other: Text(), more: int = 1): ...

    known = actions.Action("function", "nothing", "X", function, {"other": Text()}, undo=" ")
    found = list(checks.check_action(known))
    assert sorted(code for code, *_ in found) == [30, 31, 32, 32]


def test_two_objects_can_not_share_a_name():
    assert objects.get("things").model is Thing
    with pytest.raises(ValueError, match="things"):
        objects.register(type("Other", (Things,), {}))
    assert objects.get("things").__class__ is Things

"""Who sees, makes, changes, shares and pins a view, and what of it is taken back."""

import pytest

from trato.engine import access, custom, history, objects, undo, views
from trato.engine.models import HistoryEntry
from trato.engine.values import Refused
from trato.engine.views.models import SavedView
from trato.engine.workspaces.models import Role, Team

pytestmark = pytest.mark.django_db

BIG = {"field": "count", "op": "gt", "value": 5}


@pytest.fixture
def things():
    return objects.get("things")


def seen_by(as_, user, obj) -> list[str]:
    with as_(user) as actor:
        return sorted(view.name for view in views.shelf(actor, obj).views)


def test_a_private_view_is_its_owners_alone_even_for_administrators(cast, as_, things):
    with as_(cast.member) as actor:
        view = views.create(actor, things, {"name": " My  big ones ", "settings": {"filter": BIG}})
        assert (view.name, view.visibility, view.settings) == ("My big ones", "private", {"filter": BIG})
    assert seen_by(as_, cast.member, things) == ["My big ones"]
    for other in (cast.owner, cast.manager, cast.teammate, cast.stranger):
        assert seen_by(as_, other, things) == []
        with as_(other) as actor, pytest.raises(access.Absent):
            views.get(actor, view.id)
        with as_(other) as actor, pytest.raises(access.Absent):
            views.change(actor, view.id, {"name": "Mine now"})


def test_a_shared_view_is_seen_by_everybody_here_and_by_nobody_elsewhere(cast, as_, things):
    with as_(cast.manager) as actor:
        view = views.create(actor, things, {"name": "For all", "visibility": "everyone"})
    for other in (cast.owner, cast.member, cast.reader, cast.limited):
        assert seen_by(as_, other, things) == ["For all"]
    assert seen_by(as_, cast.stranger, things) == []
    for other in (cast.member, cast.reader):
        with as_(other) as actor, pytest.raises(access.Forbidden):
            views.change(actor, view.id, {"name": "Other"})
        with as_(other) as actor, pytest.raises(access.Forbidden):
            views.delete(actor, view.id)
    with as_(cast.owner) as actor:
        assert views.change(actor, view.id, {"name": "Tidied"}).name == "Tidied"


def test_sharing_needs_the_right_to(cast, as_, things):
    with as_(cast.member) as actor:
        with pytest.raises(access.Forbidden):
            views.create(actor, things, {"name": "For all", "visibility": "everyone"})
        view = views.create(actor, things, {"name": "Mine"})
        with pytest.raises(access.Forbidden):
            views.change(actor, view.id, {"visibility": "team", "team": str(cast.sales.id)})
        view.refresh_from_db()
        assert (view.visibility, view.team_id) == ("private", None)


def test_a_view_for_a_team_is_seen_by_its_members_and_administrators(cast, as_, set_role, things):
    set_role(cast.member, {"objects": {"*": {"see": "all", "share": True}}})
    with as_(cast.member) as actor:
        with pytest.raises(Refused):
            views.create(actor, things, {"name": "Ours", "visibility": "team"})
        other = Team.objects.create(name="Others")
        with pytest.raises(Refused):
            views.create(actor, things, {"name": "Ours", "visibility": "team", "team": str(other.id)})
        view = views.create(actor, things, {"name": "Ours", "visibility": "team", "team": str(cast.sales.id)})
    assert [seen_by(as_, who, things) for who in (cast.member, cast.teammate, cast.owner)] == [["Ours"]] * 3
    assert [seen_by(as_, who, things) for who in (cast.manager, cast.reader, cast.stranger)] == [[]] * 3
    with as_(cast.owner):
        cast.sales.delete()
    assert seen_by(as_, cast.member, things) == ["Ours"]
    assert seen_by(as_, cast.teammate, things) == [], "a view whose team is gone is its owner's alone"
    assert view.id


def test_views_of_an_object_that_may_not_be_seen_are_not_there(cast, as_, set_role, things):
    with as_(cast.owner) as actor:
        view = views.create(actor, things, {"name": "For all", "visibility": "everyone"})
    set_role(cast.reader, {"objects": {"crates": {"see": "all"}}})
    with as_(cast.reader) as actor:
        with pytest.raises(access.Absent):
            views.get(actor, view.id)
        assert views.shelf(actor).pinned == []
        with pytest.raises(access.Forbidden):
            views.create(actor, things, {"name": "Mine"})


def test_every_write_is_in_the_history_and_is_undone(owner, things):
    with history.batch() as made:
        view = views.create(owner, things, {"name": "One", "settings": {"filter": BIG}})
    with history.batch() as renamed:
        views.change(owner, view.id, {"name": "Two", "settings": {"sort": "-count"}})
    with history.batch() as gone:
        views.delete(owner, view.id)
    assert views.shelf(owner, things).views == []
    assert [row.action for row in HistoryEntry.objects.filter(object="views").order_by("id")] == [
        "created",
        "updated",
        "deleted",
    ]
    undo.undo(owner, gone.id)
    assert [each.name for each in views.shelf(owner, things).views] == ["Two"]
    redo = undo.undo(owner, renamed.id)
    found = views.get(owner, view.id)
    assert (found.name, found.settings) == ("One", {"filter": BIG})
    undo.undo(owner, redo)
    assert views.get(owner, view.id).name == "Two"
    with pytest.raises(Refused):
        undo.undo(owner, made.id)  # what was done to it later stands on it
    assert views.get(owner, view.id)


def test_somebody_elses_write_of_a_view_is_not_undone(cast, as_, things):
    with as_(cast.manager) as actor, history.batch() as batch:
        views.create(actor, things, {"name": "For all", "visibility": "everyone"})
    with as_(cast.member) as actor, pytest.raises(access.Absent):
        undo.undo(actor, batch.id)


def test_pins_are_each_persons_own_and_come_first(cast, as_, things):
    with as_(cast.manager) as actor:
        first, second = (
            views.create(actor, things, {"name": name, "visibility": "everyone"}) for name in ("First", "Second")
        )
    with as_(cast.reader) as actor:
        views.pin(actor, second.id)
        views.pin(actor, second.id)
        shelf = views.shelf(actor, things)
        assert [(each.name, shelf.is_pinned(each)) for each in shelf.views] == [("Second", True), ("First", False)]
        assert [each.name for each in views.shelf(actor).pinned] == ["Second"]
    with as_(cast.manager) as actor:
        assert [each.name for each in views.shelf(actor, things).views] == ["First", "Second"]
        views.change(actor, second.id, {"visibility": "private"})
    with as_(cast.reader) as actor:
        assert views.shelf(actor).pinned == [], "a pin shows nothing that may no longer be seen"
        views.pin(actor, first.id)
        views.pin(actor, first.id, pinned=False)
        assert views.shelf(actor).pinned == []


def test_a_list_opens_with_the_persons_own_view_else_with_their_roles(cast, as_, things):
    with as_(cast.owner) as actor:
        role = Role.objects.get(name="Member")
        for_all = views.create(actor, things, {"name": "For all", "visibility": "everyone"})
        secret = views.create(actor, things, {"name": "Secret"})
        with pytest.raises(Refused):
            views.open_with(actor, things, secret.id, role_id=role.id)
        views.open_with(actor, things, for_all.id, role_id=role.id)
        assert views.shelf(actor, things).opens is None
    with as_(cast.member) as actor:
        assert views.shelf(actor, things).opens.id == for_all.id
        mine = views.create(actor, things, {"name": "Mine"})
        views.open_with(actor, things, mine.id)
        assert views.shelf(actor, things).opens.id == mine.id
        views.delete(actor, mine.id)
        assert views.shelf(actor, things).opens.id == for_all.id
        with pytest.raises(access.Forbidden):
            views.open_with(actor, things, for_all.id, role_id=role.id)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\0b"},
        {"name": 5},
        {"name": "A", "kind": "pie"},
        {"name": "A", "visibility": ["everyone"]},
        {"name": "A", "icon": "<svg>"},
        {"name": "A", "icon": {}},
        {"name": "A", "position": True},
        {"name": "A", "owner": "somebody"},
        {"name": "A", "settings": []},
        {"name": "A", "settings": {"filter": {"field": "nope", "op": "is", "value": 1}}},
        {"name": "A", "settings": {"columns": ["nope"]}},
        {"name": "A", "settings": {"columns": [{}]}},
        {"name": "A", "settings": {"columns": "title"}},
        {"name": "A", "settings": {"widths": {"title": "wide"}}},
        {"name": "A", "settings": {"sort": "story"}},
        {"name": "A", "settings": {"sort": ["title", 5]}},
        {"name": "A", "settings": {"group_by": "story"}},
        {"name": "A", "settings": {"group_by": "made_on:decade"}},
        {"name": "A", "settings": {"group_by": {"field": "state"}}},
        {"name": "A", "settings": {"totals": {"title": "sum"}}},
        {"name": "A", "settings": {"totals": {"count": ["sum"]}}},
        {"name": "A", "settings": {"density": "tight"}},
        {"name": "A", "settings": {"wheels": 4}},
        {"name": "A", "settings": {"filter": {"field": "name", "op": "is", "value": "\0"}}},
        {"name": "A", "settings": {"filter": {"field": "name", "op": "is", "value": "\ud800"}}},
        {"name": "A", "settings": {"widths": {"title": float("nan")}}},
        {"name": "A", "settings": {"filter": {"or": [BIG] * 5000}}},
    ],
)
def test_nonsense_is_refused_and_nothing_is_kept(owner, things, given):
    with pytest.raises(Refused) as refused:
        views.create(owner, things, given)
    assert all(problem.message for problem in refused.value.problems)
    assert not SavedView.objects.exists()


def test_settings_nested_without_end_are_refused(owner, things):
    tree = BIG
    for _n in range(20_000):
        tree = {"not": tree}
    for deep in (tree, {"and": [tree]}):
        with pytest.raises(Refused):
            views.create(owner, things, {"name": "Deep", "settings": {"filter": deep}})


def test_what_a_view_names_and_is_gone_is_left_out_and_counted(owner, things):
    custom.add(owner, things, {"name": "n", "label": "N", "kind": "number"})
    owner.workspace.refresh_from_db()
    lost = {"field": "custom.n", "op": "gt", "value": 1}
    settings = {
        "filter": {"and": [BIG, {"or": [lost, lost]}]},
        "columns": ["title", "custom.n", "count"],
        "widths": {"custom.n": 100, "count": 90},
        "sort": "-custom.n,count",
        "group_by": "state",
        "totals": {"custom.n": "sum", "count": "max"},
    }
    view = views.create(owner, things, {"name": "Mine", "settings": settings})
    custom.archive(owner, things, "n")
    owner.workspace.refresh_from_db()
    found, problems = views.read(owner, things, view.settings)
    assert found.dump() == {
        "filter": {"and": [BIG]},
        "columns": ["title", "count"],
        "widths": {"count": 90},
        "sort": "count",
        "group_by": "state",
        "totals": {"count": "max"},
    }
    assert {problem.field for problem in problems} == {"filter", "columns", "sort", "totals"}


def test_a_view_shows_nothing_of_a_field_hidden_from_its_reader(cast, as_, things):
    with as_(cast.owner) as actor:
        settings = {
            "columns": ["title", "secret"],
            "filter": {"field": "secret", "op": "is", "value": "x"},
            "sort": "secret",
            "group_by": "secret",
            "totals": {"secret": "count"},
        }
        view = views.create(actor, things, {"name": "All", "visibility": "everyone", "settings": settings})
    with as_(cast.limited) as actor:
        found, problems = views.read(actor, things, views.get(actor, view.id).settings)
        assert found.dump() == {"columns": ["title"]}
        assert len(problems) == 5


def test_a_change_on_top_of_another_is_refused(owner, things):
    view = views.create(owner, things, {"name": "One"})
    views.change(owner, view.id, {"name": "Two"}, version=1)
    with pytest.raises(Refused):
        views.change(owner, view.id, {"name": "Three"}, version=1)
    assert views.get(owner, view.id).name == "Two"


def test_widths_are_kept_in_the_own_view_and_beside_anothers(cast, as_, things):
    with as_(cast.manager) as actor:
        view = views.create(
            actor, things, {"name": "All", "visibility": "everyone", "settings": {"density": "compact"}}
        )
        views.remember(actor, things, view, {"widths": {"title": 300}})
        assert views.get(actor, view.id).settings == {"density": "compact", "widths": {"title": 300}}
    with as_(cast.reader) as actor:
        view = views.get(actor, view.id)
        settings, _problems = views.read(actor, things, view.settings)
        views.remember(actor, things, view, {"widths": {"count": 10}})
        assert views.look_of(actor, things, view, settings) == views.Look({"title": 300, "count": 48}, "compact")
        views.remember(actor, things, None, {"density": "comfortable"})
        assert views.look_of(actor, things, None, views.Settings()) == views.Look({}, "comfortable")
        with pytest.raises(Refused):
            views.remember(actor, things, None, {"widths": {"count": "x"}})
        assert views.get(actor, view.id).settings == {"density": "compact", "widths": {"title": 300}}

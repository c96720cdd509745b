"""Who sees and changes what, of every object."""

from __future__ import annotations

import pytest

from tests.contract.samples import full, least, make, name_of
from trato.engine import access, actions, filters, history, search, values
from trato.engine.models import HistoryEntry, Share
from trato.engine.postgres.scope import NoWorkspace


@pytest.fixture
def owned(obj, cast, as_):
    """A record of each of four people, by person."""
    if obj.within:
        pytest.skip("its rights are those of its whole: trato/engine/tests/test_wholes.py")
    found = {}
    for person in (cast.member, cast.teammate, cast.manager, cast.limited):
        with as_(cast.owner) as actor:
            values = name_of(obj, full(actor, obj, 0), f"Of {person.name.split()[0]}")
            found[person] = actions.create(actor, obj, values | {"owner": str(person.id)}).id
    return found


def role(**rules):
    return {"objects": {"*": rules}}


def seen_by(actor, obj, owned):
    ids = set(access.visible(actor, obj).filter(id__in=owned.values()).values_list("id", flat=True))
    return {person.name.split()[0] for person, record_id in owned.items() if record_id in ids}


#: Whose records the member, a seller of one team, meets with each scope.
SCOPES = {
    "none": set(),
    "own": {"Mia"},
    "team": {"Mia", "Tom"},
    "all": {"Mia", "Tom", "Max", "Lia"},
    "nonsense": set(),
}


def test_a_role_opens_the_records_it_says(obj, cast, as_, set_role, owned):
    for scope, wanted in SCOPES.items():
        set_role(cast.member, role(see=scope, change=scope))
        with as_(cast.member) as actor:
            assert seen_by(actor, obj, owned) == wanted, scope
            assert access.may_see_any(actor, obj) == (scope in ("own", "team", "all"))
            for person, record_id in owned.items():
                if person.name.split()[0] in wanted:
                    actions.update(actor, obj, record_id, {"owner": str(person.id)})
                    assert access.titles(actor, [obj.ref(record_id)])
                    continue
                assert access.titles(actor, [obj.ref(record_id)]) == {}
                for try_it in attempts(actor, obj, record_id):
                    with pytest.raises((access.Absent, access.Forbidden)):
                        try_it()


def attempts(actor, obj, record_id):
    """Everything one may try with a record by its id."""
    return [
        lambda: access.get(actor, obj, record_id),
        lambda: actions.update(actor, obj, record_id, {"owner": None}),
        lambda: actions.delete(actor, obj, record_id),
        lambda: actions.restore(actor, obj, record_id),
        lambda: actions.share(actor, obj, record_id, user=str(actor.user_id)),
        lambda: history.of_record(actor, obj, record_id),
        lambda: history.provenance(actor, obj, history.lately(actor, obj, record_id)),
    ]


def test_what_is_seen_but_not_changed_is_forbidden_and_stays(obj, cast, as_, set_role, owned):
    set_role(cast.member, role(see="all", change="own"))
    with as_(cast.member) as actor:
        theirs = owned[cast.manager]
        before = access.get(actor, obj, theirs).version
        with pytest.raises(access.Forbidden):
            actions.update(actor, obj, theirs, {"owner": str(cast.member.id)})
        for verb in ("create", "delete"):
            with pytest.raises(access.Forbidden):
                access.require(actor, obj, verb)
        with pytest.raises(access.Forbidden):
            actions.create(actor, obj, {})
        with pytest.raises(access.Forbidden):
            actions.delete(actor, obj, owned[cast.member])
        assert access.get(actor, obj, theirs).version == before
    with as_(cast.reader) as actor, pytest.raises(access.Forbidden):
        actions.update(actor, obj, owned[cast.manager], {"owner": None})


def test_a_share_opens_one_record_to_a_person_or_a_team(obj, cast, as_, set_role, owned):
    set_role(cast.limited, role(see="own", change="own"))
    set_role(cast.member, role(see="own", change="own"))
    record_id = owned[cast.manager]
    with as_(cast.owner) as actor:
        actions.share(actor, obj, record_id, user=str(cast.limited.id))
        actions.share(actor, obj, record_id, team=str(cast.sales.id), can_change=True)
        actions.share(actor, obj, record_id, team=str(cast.sales.id), can_change=True)
        assert Share.objects.filter(record_id=record_id).count() == 2
    with as_(cast.limited) as actor:
        assert seen_by(actor, obj, owned) == {"Lia", "Max"}
        if name_of(obj, {}, "Of Max"):  # else its title is not a text
            assert record_id in [hit.id for hit in search.find(actor, "Of Max", [obj])]
        with pytest.raises(access.Forbidden):
            actions.update(actor, obj, record_id, {"owner": None})
    with as_(cast.member) as actor:
        assert seen_by(actor, obj, owned) == {"Mia", "Max"}
        actions.update(actor, obj, record_id, {"owner": str(cast.manager.id)})
    with as_(cast.owner) as actor:
        share = Share.objects.get(record_id=record_id, user=cast.limited)
        actions.unshare(actor, obj, record_id, share.id)
    with as_(cast.limited) as actor:
        assert seen_by(actor, obj, owned) == {"Lia"}


def test_a_share_names_one_member_or_one_team(owner, obj, cast):
    record = make(owner, obj)
    for wrong in ({}, {"user": "x"}, {"user": str(cast.stranger.id)}, {"team": str(record.id)}):
        with pytest.raises(values.Refused):
            actions.share(owner, obj, record.id, **wrong)
    with pytest.raises(values.Refused):
        actions.share(owner, obj, record.id, user=str(cast.member.id), team=str(cast.sales.id))
    if obj.within:
        with pytest.raises(values.Refused):
            actions.share(owner, obj, record.id, user=str(cast.member.id))
    assert not Share.objects.exists()


def test_a_hidden_field_is_nowhere_and_a_read_only_one_is_not_written(obj, cast, as_, set_role, owned):
    names = [
        name for name, field in obj.builtin.items() if not field.readonly and not field.required and name != "owner"
    ]
    if len(names) < 2:
        pytest.skip("has no two fields to hide")
    hidden, read = names[:2]
    fields = {hidden: "hidden", read: "read"}
    set_role(cast.member, role(see="all", change="all", create=True, fields=fields))
    record_id = owned[cast.member]
    with as_(cast.member) as actor:
        assert hidden not in access.fields(actor, obj)
        assert read in access.fields(actor, obj)
        assert not {hidden, read} & set(access.writable(actor, obj))
        for name, code in ((hidden, "unknown"), (read, "read_only")):
            with pytest.raises(values.Refused) as refused:
                actions.update(actor, obj, record_id, {name: None})
            assert [(p.field, p.code) for p in refused.value.problems] == [(name, code)]
        with pytest.raises(filters.BadFilter):
            filters.condition(actor, obj, {"field": hidden, "op": "empty"})
        for entry in history.of_record(actor, obj, record_id):
            assert hidden not in history.shown(actor, obj, entry)
        assert hidden not in history.provenance(actor, obj, history.lately(actor, obj, record_id))
        created = actions.create(actor, obj, {k: v for k, v in least(actor, obj, "Mine").items() if k not in fields})
        assert created.owner_id == cast.member.id


def test_a_stranger_meets_absence_everywhere(obj, cast, as_, owned):
    record_id = owned[cast.manager]
    with as_(cast.owner):
        before = HistoryEntry.objects.count()
    with as_(cast.stranger) as actor:
        for try_it in attempts(actor, obj, record_id):
            with pytest.raises(access.Absent):
                try_it()
        assert not access.visible(actor, obj).filter(id__in=owned.values()).exists()
        assert not search.find(actor, "Of Max", [obj])
        assert access.titles(actor, [obj.ref(record_id), f"users/{cast.manager.id}"]) == {}
        tree = {"field": "id", "op": "is", "value": str(record_id)}
        assert not filters.narrow(actor, obj, access.visible(actor, obj), tree).exists()
        assert not HistoryEntry.objects.filter(record_id=record_id).exists()
    with as_(cast.owner) as actor:
        assert HistoryEntry.objects.count() == before
        assert access.get(actor, obj, record_id).version == 1


def test_a_stranger_can_not_point_a_link_here(obj, cast, as_, owned):
    links = [f for f in obj.builtin.values() if f.kind.name in ("link", "links") and f.kind.to and not f.readonly]
    if not links:
        pytest.skip("has no links")
    with as_(cast.owner) as actor:
        target = full(actor, obj, 0)[links[0].name]
    with as_(cast.stranger) as actor:
        with pytest.raises(values.Refused) as refused:
            actions.create(actor, obj, full(actor, obj, 0) | {links[0].name: target})
        assert (links[0].name, "absent") in [(p.field, p.code) for p in refused.value.problems]


def test_nothing_is_read_without_an_actor_or_from_another_place(obj, cast, as_):
    with as_(cast.owner) as actor:
        with pytest.raises(TypeError):
            access.visible(None, obj)
        with pytest.raises(access.Absent):
            access.get(actor, obj, "../../etc/passwd")
        with pytest.raises(access.Absent):
            access.get(actor, obj, "\0")
    with pytest.raises(NoWorkspace):
        access.visible(actor, obj)
    with as_(cast.stranger), pytest.raises(PermissionError):
        access.visible(actor, obj)


def test_a_token_does_no_more_than_its_scopes(obj, cast, as_, token_for, owned):
    from trato.engine.workspaces.actors import actor_for_token
    from trato.engine.workspaces.models import Token, digest_of

    text = token_for(cast.manager, f"{obj.plural}:see")
    with as_(cast.manager):
        actor = actor_for_token(Token.objects.get(digest=digest_of(text)), cast.acme)
        assert access.get(actor, obj, owned[cast.manager])
        for verb in ("create", "delete", "import", "export"):
            with pytest.raises(access.Forbidden):
                access.require(actor, obj, verb)
        with pytest.raises(access.Forbidden):
            actions.update(actor, obj, owned[cast.manager], {"owner": None})
    text = token_for(cast.manager, "nothing:see")
    with as_(cast.manager):
        actor = actor_for_token(Token.objects.get(digest=digest_of(text)), cast.acme)
        assert not access.visible(actor, obj).exists()
        assert not search.find(actor, "Of Max", [obj])

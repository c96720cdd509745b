"""Create, update, title, history, keys, moments, recycle bin and undo of every object."""

from __future__ import annotations

import pytest

from tests.contract.samples import another, fitting, full, least, make, name_of, sample
from trato.engine import access, actions, history, objects, undo, values
from trato.engine.models import HistoryEntry, Key, Moment

UNKNOWN = "00000000-0000-7000-8000-000000000000"


def stored(actor, obj, record):
    """The values of a record as the database has them, as JSON."""
    fresh = access.get(actor, obj, record.id)
    return {name: field.kind.dump(field.read_from(fresh)) for name, field in obj.fields(actor.workspace).items()}


def test_what_is_created_is_what_is_read(owner, obj):
    given = full(owner, obj, 0)
    record = actions.create(owner, obj, given)
    reader = access.reader(owner)
    found = stored(owner, obj, record)
    for name, value in given.items():
        kind = obj.builtin[name].kind
        assert found[name] == kind.dump(kind.clean(value, reader)), name
    assert access.get(owner, obj, record.id).version == 1


def test_the_least_record_is_enough(owner, obj):
    record = actions.create(owner, obj, least(owner, obj, "Least"))
    assert access.get(owner, obj, record.id).owner_id == (None if obj.within else owner.user_id)


def test_every_record_has_a_title_that_follows_its_values(owner, obj):
    record = make(owner, obj, 1)
    if obj.named_by and not obj.title_from:
        assert access.title(owner, obj, record).strip()
        return
    assert record.title.strip()
    fresh = access.get(owner, obj, record.id)
    assert fresh.title == record.title == obj.title(values.of_record(obj, fresh, obj.builtin), owner.language)


def test_an_update_changes_what_it_names_and_nothing_else(owner, obj):
    record = make(owner, obj, 0)
    before = stored(owner, obj, record)
    after = make(owner, obj, 1)
    for name, field in obj.builtin.items():
        if field.readonly or field.kind.name in ("link", "user"):
            continue
        value = field.kind.dump(field.read_from(after))
        if value == before[name]:
            continue
        try:
            actions.update(owner, obj, record.id, {name: value})
        except values.Refused as refused:
            assert all(problem.code in ("rule", "unique") for problem in refused.problems), refused
            continue
        now = stored(owner, obj, record)
        changed = {key for key in now if now[key] != before[key] and not obj.builtin[key].readonly}
        assert changed == {name}
        before = now


def test_an_update_that_changes_nothing_leaves_no_trace(owner, obj):
    record = make(owner, obj, 0)
    again = actions.update(owner, obj, record.id, stored_writable(owner, obj, record))
    assert again.version == 1
    assert HistoryEntry.objects.filter(record_id=record.id).count() == 1


def stored_writable(actor, obj, record):
    found = stored(actor, obj, record)
    return {name: found[name] for name, field in obj.builtin.items() if not field.readonly}


def test_history_has_each_value_old_and_new(owner, obj):
    record = make(owner, obj, 0)
    created = history.of_record(owner, obj, record.id).get()
    assert (created.action, created.actor_id, created.face, created.version) == ("created", owner.user_id, "web", 1)
    found = stored(owner, obj, record)
    for name, (old, new) in created.changes.items():
        assert new == found[name]
        assert obj.builtin[name].kind.is_empty(obj.builtin[name].kind.load(old))
    nothing = {name: field.kind.dump(field.kind.empty) for name, field in obj.builtin.items()}
    filled = {
        name
        for name, field in obj.builtin.items()
        if (not field.readonly or name in obj.prepared) and found[name] not in (nothing[name], [])
    }
    assert filled == set(created.changes)


def test_a_stale_version_is_a_conflict_that_names_the_other_writes(owner, obj):
    record = make(owner, obj, 0)
    given = another(owner, obj, record)
    [name] = given
    before = stored(owner, obj, record)
    actions.update(owner, obj, record.id, given, version=1)
    now = stored(owner, obj, record)
    with pytest.raises(actions.Conflict) as conflict:
        actions.update(owner, obj, record.id, {name: before[name]}, version=1)
    assert [entry.changes[name] for entry in conflict.value.entries] == [[before[name], now[name]]]
    assert stored(owner, obj, record) == now


def test_look_up_keys_follow_the_values(owner, obj):
    record = make(owner, obj, 0)
    fields = [f for f in obj.builtin.values() if not (obj.moment and f.name == obj.moment.about)]

    def wanted():
        fresh = access.get(owner, obj, record.id)
        keys = {key for field in fields for key in as_kept(field, field.kind.keys(field.read_from(fresh)))}
        return keys | {key for field in fields for key in likeness(field, field.read_from(fresh))}

    def likeness(field, value):
        """Texts that tell duplicates are kept by their letters and digits."""
        if field.name not in obj.duplicate_keys or field.kind.keys(value) or not value or not isinstance(value, str):
            return []
        return [f"{field.name}:" + "".join(c for c in value.casefold() if c.isalnum())]

    def as_kept(field, keys):
        if field.kind.name in ("link", "links", "choices"):
            return [f"{field.name}:{key}" for key in keys if isinstance(field.read_from(record), str | list)]
        return [] if field.kind.name == "user" else keys

    def kept():
        return set(Key.objects.filter(object=obj.plural, record_id=record.id).values_list("key", flat=True))

    assert kept() == wanted()
    for field in fields:
        if field.kind.many and not field.required and not field.readonly:
            actions.update(owner, obj, record.id, {field.name: []})
            assert kept() == wanted()


def test_moments_follow_what_an_item_is_about(owner, obj):
    if obj.moment is None:
        pytest.skip("no item of timelines")
    record = make(owner, obj, 0)
    about = obj.builtin[obj.moment.about].read_from(record)
    if obj.builtin[obj.moment.about].readonly:  # it follows from other fields
        on = Moment.objects.filter(item_id=record.id).values_list("object", "record_id")
        assert sorted(f"{plural}/{target}" for plural, target in on) == sorted(about) != []
        return
    [moment] = Moment.objects.filter(item_id=record.id)
    at = obj.builtin[obj.moment.at].read_from(record) if obj.moment.at in obj.builtin else record.created_at
    assert (f"{moment.object}/{moment.record_id}", moment.at, moment.owner_id) == (about[0], at, owner.user_id)
    other = sample(owner, obj.builtin[obj.moment.about], 1)
    actions.update(owner, obj, record.id, {obj.moment.about: [*about, *other]})
    assert Moment.objects.filter(item_id=record.id).count() == 2
    actions.update(owner, obj, record.id, {obj.moment.about: []})
    assert not Moment.objects.filter(item_id=record.id).exists()


def test_wrong_values_are_refused_and_nothing_changes(owner, obj):
    record = make(owner, obj, 0)
    before = stored(owner, obj, record)
    cases = [{"no_such_field": 1}, {"custom": 5}, {"custom": {"nothing": 1}}, {"id": UNKNOWN}, {"version": 9}]
    cases += [{"workspace": UNKNOWN}, {"search": "x"}, {"deleted_at": None}, {"created_at": "2020-01-01T00:00:00Z"}]
    cases += [{name: object()} for name, field in obj.builtin.items() if not field.readonly]
    cases += [{name: {"x": [1, 2]}} for name, f in obj.builtin.items() if not f.readonly and f.kind.name != "json"]
    cases += [{name: "\0"} for name, field in obj.builtin.items() if not field.readonly]
    for case in cases:
        with pytest.raises(values.Refused) as refused:
            actions.update(owner, obj, record.id, case)
        assert refused.value.problems[0].field.partition(".")[0] == next(iter(case)), case
        with pytest.raises(values.Refused):
            actions.create(owner, obj, full(owner, obj, 1) | case)
    assert stored(owner, obj, record) == before
    assert HistoryEntry.objects.filter(record_id=record.id).count() == 1


def test_required_fields_are_required(owner, obj):
    for name, field in obj.builtin.items():
        if not field.required or field.readonly:
            continue
        given = {key: value for key, value in full(owner, obj, 0).items() if key != name}
        with pytest.raises(values.Refused) as refused:
            actions.create(owner, obj, given | {name: None})
        assert (name, "required") in [(p.field, p.code) for p in refused.value.problems]


def test_a_link_to_what_is_not_there_is_refused(owner, obj):
    for name, field in obj.builtin.items():
        if field.kind.name not in ("link", "links", "user") or field.readonly:
            continue
        place = (field.kind.to or ("crates",))[0]
        ref = f"{place}/{UNKNOWN}"
        with pytest.raises(values.Refused) as refused:
            actions.create(owner, obj, full(owner, obj, 0) | {name: [ref] if field.kind.many else ref})
        assert (name, "absent") in [(p.field, p.code) for p in refused.value.problems]


def test_a_link_given_by_name_finds_the_one_that_is_called_so(owner, obj, cast):
    """As a form or a file gives it; no name, or one of several, is refused in words."""
    reader = access.reader(owner)
    links = [f for f in obj.builtin.values() if f.kind.name in ("link", "links", "user") and not f.readonly]
    links = [field for field in links if fitting(obj, field) is not None]
    for field, plural in [(each, to) for each in links for to in (each.kind.to or ("crates",))]:
        if plural == "users":
            title, wanted = "Mia Member", f"users/{cast.member.id}"
        else:
            other = objects.get(plural)
            called = least(owner, other, f"Únique of {field.name} {plural}") | fitting(obj, field)
            target = actions.create(owner, other, called)
            title, wanted = target.title, other.ref(target.id)
        given = name_of(obj, full(owner, obj, 1), f"Of {plural}") | {field.name: field.kind.parse(title, reader)}
        record = actions.create(owner, obj, given)
        assert field.kind.refs(field.read_from(record)) == [wanted]
        with pytest.raises(values.Refused) as refused:
            actions.update(owner, obj, record.id, {field.name: field.kind.parse("Nobody is called so", reader)})
        assert [(p.field, p.code) for p in refused.value.problems] == [(field.name, "unresolved")]


def test_the_recycle_bin_hides_a_record_and_gives_it_back_whole(owner, obj):
    record = make(owner, obj, 0)
    before, keys = stored(owner, obj, record), Key.objects.filter(record_id=record.id).count()
    moments = Moment.objects.filter(item_id=record.id).count()
    actions.delete(owner, obj, record.id)
    with pytest.raises(access.Absent):
        access.get(owner, obj, record.id)
    with pytest.raises(access.Absent):
        actions.update(owner, obj, record.id, {"owner": None})
    assert access.titles(owner, [obj.ref(record.id)]) == {}
    assert access.get(owner, obj, record.id, deleted=True).title == record.title
    actions.restore(owner, obj, record.id)
    assert stored(owner, obj, record) == before
    assert Key.objects.filter(record_id=record.id).count() == keys
    assert Moment.objects.filter(item_id=record.id).count() == moments


def test_undo_takes_back_each_kind_of_write(owner, obj):
    record = make(owner, obj, 0)
    before = stored(owner, obj, record)

    def last():
        return HistoryEntry.objects.filter(record_id=record.id).order_by("-id").first().batch_id

    actions.update(owner, obj, record.id, another(owner, obj, record))
    undo.undo(owner, last())
    assert stored(owner, obj, record) | {"updated_at": 0} == before | {"updated_at": 0}
    created = HistoryEntry.objects.filter(record_id=record.id).order_by("id").first().batch_id
    actions.delete(owner, obj, record.id)
    undo.undo(owner, last())
    assert access.get(owner, obj, record.id)
    undo.undo(owner, created)
    with pytest.raises(access.Absent):
        access.get(owner, obj, record.id)


def test_it_is_known_by_its_name_and_by_its_records(owner, obj):
    assert objects.get(obj.plural) is obj
    assert objects.of_record(make(owner, obj)) is obj

"""Every object's records become one and come apart again, as every field and every link was."""

from __future__ import annotations

import pytest

from tests.contract.samples import make
from tests.snapshot import differences, everything
from trato.engine import access, actions, merging, objects, undo
from trato.engine.models import HistoryEntry, Merge
from trato.engine.values import Refused


@pytest.fixture
def two(owner, obj):
    if not obj.mergeable:
        pytest.skip(f"{obj.plural} can't be merged")
    return make(owner, obj, 0), make(owner, obj, 1)


def test_a_merge_is_undone_exactly(owner, obj, two):
    one, other = two
    for link in (field for each in objects.all_objects() for field in each.links_to(obj.plural, owner.workspace)):
        assert link.points_at(obj.plural)
    before = everything()
    try:
        merging.merge(owner, obj, one.id, [other.id])
    except Refused as refused:
        assert all(problem.code in ("rule", "unique") for problem in refused.problems), refused
        assert differences(before, everything()) == []
        return
    with pytest.raises(access.Absent):
        access.get(owner, obj, other.id)
    assert merging.moved(owner, access.Absent(obj.ref(other.id))) == (obj.ref(other.id), obj.ref(one.id))
    batch = HistoryEntry.objects.filter(object=obj.plural, record_id=other.id, action="merged").get().batch_id
    undo.undo(owner, batch)
    assert differences(before, everything()) == []
    assert not Merge.objects.filter(undone_at=None).exists()


def test_what_links_to_the_loser_links_to_the_winner_and_back(owner, obj, two):
    """From every object that can link here, by every field that can."""
    one, other = two
    pointing = []
    for source in objects.all_objects():
        for field in source.fields(owner.workspace).values():
            if not field.points_at(obj.plural) or field.readonly or source.ties:
                continue
            value = [obj.ref(other.id)] if field.kind.many else obj.ref(other.id)
            record = make(owner, source, 2)
            try:
                actions.update(owner, source, record.id, {field.name: value})
            except Refused:
                continue  # a rule of that object forbids it
            pointing.append((source, field, record.id))
    before = everything()
    merging.merge(owner, obj, one.id, [other.id])
    for source, field, record_id in pointing:
        held = field.kind.refs(field.read_from(access.get(owner, source, record_id)))
        assert held == [obj.ref(one.id)], (source, field.name)
    batch = HistoryEntry.objects.filter(object=obj.plural, record_id=other.id, action="merged").get().batch_id
    undo.undo(owner, batch)
    assert differences(before, everything()) == []

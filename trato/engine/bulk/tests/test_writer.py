"""Many rows at once behave as many single writes would: same values, history, keys, rights; each row accounted for."""

from datetime import date

import pytest

from trato.engine import access, actions, custom, objects
from trato.engine.bulk import Row, Writer
from trato.engine.kinds import Unresolved
from trato.engine.models import HistoryEntry, Key, Moment
from trato.engine.values import Refused
from trato.engine.workspaces.ids import uuid7

from .writing import emails, results, things, write


def test_a_new_row_is_what_a_single_create_makes(owner):
    given = {"name": "Ana's", "emails": emails("ana@x.com"), "count": 3, "tags": ["vip"], "made_on": None}
    single = actions.create(owner, things(), given)
    [outcome], _batch = write(owner, [dict(given)])
    many = access.get(owner, things(), outcome.record_id)

    own = {"id", "created_at", "updated_at"}
    rows = [things().model.objects.filter(id=record.id).values().get() for record in (single, many)]
    one, other = ({name: row[name] for name in row.keys() - own} for row in rows)
    assert one == other
    assert rows[1]["search"] == "'ana':1A,3B 'com':5B 's':2A 'vip':6C 'x':4B"
    one, other = (HistoryEntry.objects.get(record_id=record.id) for record in (single, many))
    assert (one.changes, one.action, one.version, one.actor_id) == (
        other.changes,
        other.action,
        other.version,
        other.actor_id,
    )
    keys = [set(Key.objects.filter(record_id=r.id).values_list("object", "key")) for r in (single, many)]
    assert keys[0] == keys[1] == {("things", "email:ana@x.com"), ("things", "tag:vip")}


def test_an_update_is_what_a_single_update_makes(owner):
    first = actions.create(owner, things(), {"name": "A", "emails": emails("a@x.com"), "tags": ["old"]})
    second = actions.create(owner, things(), {"name": "A", "emails": emails("b@x.com"), "tags": ["old"]})
    actions.update(owner, things(), first.id, {"tags": ["new"], "count": 5})
    [outcome], _batch = write(
        owner, [{"emails": emails("b@x.com"), "tags": ["new"], "count": 5}], match=["emails"], unite=False
    )

    assert (outcome.result, outcome.record_id) == ("updated", second.id)
    one, other = (HistoryEntry.objects.get(record_id=record.id, action="updated") for record in (first, second))
    assert one.changes == other.changes == {"tags": [["old"], ["new"]], "count": [None, 5]}
    assert (one.version, other.version) == (2, 2)
    assert set(Key.objects.filter(record_id=second.id).values_list("key", flat=True)) == {"email:b@x.com", "tag:new"}
    assert access.get(owner, things(), second.id).version == 2


def test_the_same_rows_again_change_nothing(owner):
    rows = [{"name": f"N{n}", "emails": emails(f"n{n}@x.com"), "weight": 1} for n in range(5)]
    write(owner, [dict(row) for row in rows])
    outcomes, batch = write(owner, [dict(row) for row in rows], match=["email"])
    assert results(outcomes) == ["unchanged"] * 5
    assert not HistoryEntry.objects.filter(batch_id=batch).exists()


@pytest.mark.parametrize(
    ("on_match", "result", "colour", "note"),
    [("update", "updated", "red", "new"), ("fill", "updated", "blue", "new"), ("skip", "skipped", "blue", "")],
)
def test_what_happens_on_a_match(owner, on_match, result, colour, note):
    kept = actions.create(owner, things(), {"name": "A", "emails": emails("a@x.com"), "colour": "blue"})
    row = {"emails": emails("A@X.com"), "colour": "red", "note": "new"}
    [outcome], _batch = write(owner, [row], match=["emails"], on_match=on_match)
    kept.refresh_from_db()
    assert (outcome.result, kept.colour, kept.note) == (result, colour, note)


def test_several_values_are_united_the_rows_first(owner):
    kept = actions.create(owner, things(), {"name": "A", "emails": emails("a@x.com"), "tags": ["one"]})
    write(owner, [{"emails": emails("b@x.com", "a@x.com"), "tags": ["two"]}], match=["emails"])
    kept.refresh_from_db()
    assert [item["address"] for item in kept.emails] == ["b@x.com", "a@x.com"]
    assert kept.tags == ["two", "one"]


def test_rows_of_one_file_that_mean_the_same_record_become_one(owner):
    outcomes, _batch = write(
        owner,
        [
            {"name": "A", "emails": emails("a@x.com")},
            {"name": "A", "emails": emails("a@x.com")},
            {"name": "A", "emails": emails("a@x.com"), "count": 2},
        ],
        match=["emails"],
    )
    assert results(outcomes) == ["created", "unchanged", "updated"]
    assert len({outcome.record_id for outcome in outcomes}) == 1
    [record] = access.visible(owner, things())
    assert (record.count, record.version) == (2, 1)
    [entry] = HistoryEntry.objects.filter(record_id=record.id)
    assert entry.changes["count"] == [None, 2]


def test_a_row_that_matches_several_records_fails(owner):
    for address in ("a@x.com", "b@x.com"):
        actions.create(owner, things(), {"name": "A", "emails": emails(address)})
    [outcome], _batch = write(owner, [{"emails": emails("a@x.com", "b@x.com"), "count": 1}], match=["emails"])
    assert outcome.result == "failed"
    assert outcome.problems[0].code == "ambiguous"


def test_all_match_fields_have_to_agree(owner):
    day = date(2020, 1, 31)
    one = actions.create(owner, things(), {"name": "Ana", "made_on": day})
    actions.create(owner, things(), {"name": "Ana", "made_on": date(2020, 2, 1)})
    [same, other, empty], _batch = write(
        owner,
        [
            {"name": "ANA", "made_on": day, "count": 1},
            {"name": "Bob", "made_on": day, "count": 1},
            {"name": "Ana", "count": 1},
        ],
        match=["name", "made_on"],
    )
    assert (same.result, same.record_id) == ("updated", one.id)
    assert (other.result, empty.result) == ("created", "created")


def test_matching_by_id_never_makes_a_record(owner, cast, as_):
    known = actions.create(owner, things(), {"name": "A"})
    rows = [Row(1, {"count": 1}, known.id), Row(2, {"name": "B"}, uuid7())]
    outcomes, _batch = write(owner, rows, match=["id"])
    assert results(outcomes) == ["updated", "failed"]
    assert outcomes[1].problems[0].code == "absent"
    assert access.visible(owner, things()).count() == 1


def test_one_bad_row_does_not_stop_the_others(owner):
    rows = [{"name": "A", "count": 1}, {"name": "B", "count": -5000}, {"count": 1}, {"name": "D"}]
    outcomes, _batch = write(owner, rows)
    assert results(outcomes) == ["created", "failed", "failed", "created"]
    assert outcomes[1].problems[0].message == "Not so few."  # the words of the database's own rule
    assert (outcomes[2].problems[0].field, outcomes[2].problems[0].code) == ("name", "required")
    assert {thing.name for thing in access.visible(owner, things())} == {"A", "D"}


def test_a_unique_value_is_taken_once(owner):
    custom.add(owner, things(), {"name": "number", "label": "Number", "kind": "text", "unique": True})
    write(owner, [{"name": "A", "custom.number": "7"}])
    outcomes, _batch = write(owner, [{"name": "B", "custom.number": "7"}, {"name": "C", "custom.number": "8"}])
    assert results(outcomes) == ["failed", "created"]
    assert outcomes[0].problems[0].code == "unique"
    [matched], _batch = write(owner, [{"custom.number": "8", "count": 1}], match=["number"])
    assert (matched.result, matched.record_id) == ("updated", outcomes[1].record_id)


def test_custom_fields_keep_what_a_row_does_not_name(owner):
    for name in ("one", "two"):
        custom.add(owner, things(), {"name": name, "label": name, "kind": "text"})
    kept = actions.create(owner, things(), {"name": "A", "emails": emails("a@x.com"), "custom": {"one": "1"}})
    write(owner, [{"emails": emails("a@x.com"), "custom.two": "2"}], match=["emails"])
    kept.refresh_from_db()
    assert kept.custom == {"one": "1", "two": "2"}


def test_links_are_found_by_name_and_made_if_wanted(owner):
    crate = actions.create(owner, objects.get("crates"), {"name": "Big Crate"})
    rows = [{"name": "A", "crate": Unresolved("big crate")}, {"name": "B", "crate": Unresolved("Other")}]
    outcomes, _batch = write(owner, [dict(row) for row in rows])
    assert results(outcomes) == ["created", "failed"]
    assert (outcomes[1].problems[0].field, outcomes[1].problems[0].code) == ("crate", "unresolved")
    assert access.get(owner, things(), outcomes[0].record_id).crate_id == crate.id

    outcomes, batch = write(
        owner, [{"name": "C", "crate": Unresolved(text)} for text in ("Other", "OTHER")], create_links=True
    )
    assert results(outcomes) == ["created", "created"]
    [made] = access.visible(owner, objects.get("crates")).filter(title="Other")
    assert {access.get(owner, things(), o.record_id).crate_id for o in outcomes} == {made.id}
    assert HistoryEntry.objects.filter(batch_id=batch, object="crates", action="created").count() == 1


def test_a_link_to_what_the_actor_may_not_see_is_absent(owner, cast, as_):
    hidden = actions.create(owner, objects.get("crates"), {"name": "Hidden"})
    with as_(cast.limited) as limited:
        outcomes, _batch = write(
            limited, [{"name": "A", "crate": hidden.id}, {"name": "B", "crate": Unresolved("Hidden")}]
        )
    assert results(outcomes) == ["failed", "failed"]
    assert [outcome.problems[0].code for outcome in outcomes] == ["absent", "unresolved"]


def test_a_link_the_actor_can_not_see_is_not_taken_away(owner, cast, as_):
    crates = objects.get("crates")
    hidden, mine = (
        actions.create(owner, crates, {"name": name, "owner": person.id})
        for name, person in (("Hidden", cast.owner), ("Mine", cast.limited))
    )
    given = {"name": "A", "owner": cast.limited.id, "crate": hidden.id}
    thing = actions.create(owner, things(), given)
    both = [crates.ref(hidden.id), crates.ref(mine.id)]
    trip = actions.create(owner, objects.get("trips"), {"name": "V", "owner": cast.limited.id, "about": both})
    with as_(cast.limited) as limited:
        [emptied], _batch = write(limited, [Row(1, {"crate": None}, thing.id)], match=["id"], unite=False)
        rows = [Row(1, {"about": []}, trip.id)]
        write(limited, rows, obj=objects.get("trips"), match=["id"], unite=False)
    assert emptied.result == "unchanged", "nothing tells that there is a link"
    thing.refresh_from_db()
    trip.refresh_from_db()
    assert (thing.crate_id, trip.about) == (hidden.id, both[:1])


def test_only_whom_the_role_lets_import_may(cast, as_):
    for person in (cast.member, cast.reader):
        with as_(person) as actor, pytest.raises(access.Forbidden):
            Writer(actor, things(), uuid7())


def test_what_the_actor_may_not_see_is_no_match_and_what_they_may_not_change_fails(owner, cast, as_, set_role):
    theirs = actions.create(owner, things(), {"name": "Theirs", "emails": emails("a@x.com")})
    with as_(cast.limited) as limited:  # sees only their own
        [outcome], _batch = write(limited, [{"name": "Mine", "emails": emails("a@x.com")}], match=["emails"])
    assert outcome.result == "created"
    set_role(cast.member, {"objects": {"*": {"see": "all", "change": "own", "create": True, "import": True}}})
    with as_(cast.member) as member:
        [outcome], _batch = write(member, [Row(1, {"count": 1}, theirs.id)], match=["id"])
    assert (outcome.result, outcome.problems[0].code) == ("failed", "forbidden")
    theirs.refresh_from_db()
    assert (theirs.name, theirs.count) == ("Theirs", None)


def test_a_field_the_actor_may_only_read_is_refused(cast, as_):
    with as_(cast.limited) as limited, pytest.raises(Refused):
        write(limited, [{"name": "A", "colour": "red"}])


def test_another_workspaces_record_is_neither_found_nor_touched(cast, as_):
    with as_(cast.owner) as owner:
        ours = actions.create(owner, things(), {"name": "Ours", "emails": emails("a@x.com")})
    with as_(cast.stranger) as stranger:
        [outcome], _batch = write(stranger, [{"name": "Theirs", "emails": emails("a@x.com")}], match=["emails"])
        by_id, _batch = write(stranger, [Row(1, {"count": 1}, ours.id)], match=["id"])
    assert outcome.result == "created"
    assert results(by_id) == ["failed"]
    with as_(cast.owner) as owner:
        found = access.get(owner, things(), ours.id)
        assert (found.name, found.count, found.version) == ("Ours", None, 1)


def test_items_stand_on_the_timelines_of_what_they_are_about(owner):
    crate = actions.create(owner, objects.get("crates"), {"name": "C"})
    ref = objects.get("crates").ref(crate.id)
    [outcome], _batch = write(owner, [{"name": "V", "about": [ref]}], obj=objects.get("trips"))
    moment = Moment.objects.get(item_id=outcome.record_id)
    assert (moment.object, moment.record_id, moment.owner_id) == ("crates", crate.id, owner.user_id)
    write(owner, [Row(1, {"about": []}, outcome.record_id)], obj=objects.get("trips"), match=["id"], unite=False)
    assert not Moment.objects.filter(item_id=outcome.record_id).exists()


def test_nobody_matches_by_a_field_there_is_not(owner):
    with pytest.raises(Refused):
        Writer(owner, things(), uuid7(), match=["nope"])

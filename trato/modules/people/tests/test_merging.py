"""Contacts and accounts become one, with all that points at them, and come apart again as they were."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connections

from tests.cast import As, Cast
from tests.snapshot import GROWS, differences, everything
from trato.engine import access, actions, history, merging, objects, seen, timeline, undo
from trato.engine.models import HistoryEntry, Key, Merge, Moment, Record, Share
from trato.engine.values import Refused
from trato.engine.workspaces.actors import Actor
from trato.engine.workspaces.base import WorkspaceModel

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


@pytest.fixture
def make(owner: Actor) -> Make:
    return lambda plural, **values: actions.create(owner, objects.get(plural), values)


ANA = {
    "first_name": "Ana",
    "last_name": "Lumbreras",
    "emails": [{"address": "ana@lumbre.example", "primary": True}],
    "tags": ["vip"],
}
ANNA = {
    "first_name": "Anna",
    "last_name": "Lumbreras",
    "birthday": "1980-03-12",
    "emails": [{"address": "anna@work.example", "primary": True}, {"address": "ana@lumbre.example"}],
    "phones": [{"number": "+34600123456", "primary": True}],
    "tags": ["press"],
    "job_title": "Editor",
}


@pytest.fixture
def world(owner: Actor, make: Make, cast: Cast) -> dict[str, Any]:
    """Ana and Anna, who are one, with something of every sort that points at Anna."""
    from trato.engine import custom

    for name, kind in (("adviser", "link"), ("friends", "links")):
        field = {"name": name, "label": name.title(), "kind": kind, "options": {"to": ["contacts"]}}
        custom.add(owner, objects.get("accounts"), field)
    owner.workspace.refresh_from_db()
    ana, anna, eva = make("contacts", **ANA), make("contacts", **ANNA), make("contacts", first_name="Eva")
    ref_ana, ref_anna, ref_eva = (f"contacts/{each.id}" for each in (ana, anna, eva))
    acme = make("accounts", name="Acme", custom={"adviser": ref_anna, "friends": [ref_anna, ref_eva, ref_ana]})
    kinds = {row.name: row.id for row in access.visible(owner, objects.get("relationship-types"))}
    works, partner = kinds["works at"], kinds["partner of"]
    ties = {
        "mine": make("relationships", source=ref_ana, kind=works, target=f"accounts/{acme.id}"),
        "double": make("relationships", source=ref_anna, kind=works, target=f"accounts/{acme.id}", since="2020-01-01"),
        "itself": make("relationships", source=ref_ana, kind=partner, target=ref_anna),
        "other": make("relationships", source=ref_eva, kind=partner, target=ref_anna),
    }
    note = make("notes", body="<p>Met her</p>", about=[ref_anna])
    both = make("notes", body="<p>Met both</p>", about=[ref_anna, ref_ana])
    task = make("tasks", subject="Call", about=[ref_anna, ref_eva])
    meeting = make("meetings", subject="Lunch", participants=[ref_anna, ref_eva], about=[ref_eva])
    for item in (note, both):
        timeline.pin(
            owner, objects.get("contacts"), anna.id, Moment.objects.get(item_id=item.id, record_id=anna.id).id, on=True
        )
    actions.share(owner, objects.get("contacts"), anna.id, user=cast.limited.id, can_change=True)
    actions.share(owner, objects.get("contacts"), anna.id, user=cast.reader.id)
    actions.share(owner, objects.get("contacts"), ana.id, user=cast.reader.id)
    seen.touch(owner, objects.get("contacts"), anna.id)
    return {
        "ana": ana,
        "anna": anna,
        "eva": eva,
        "acme": acme,
        "note": note,
        "both": both,
        "task": task,
        "meeting": meeting,
    } | ties


def merged(owner: Actor, world: dict[str, Any], **take: Any) -> Record:
    return merging.merge(owner, objects.get("contacts"), world["ana"].id, [world["anna"].id], take)


def batch_of(record: Record) -> UUID:
    return HistoryEntry.objects.filter(record_id=record.id, action="merged").latest("id").batch_id


def test_fields_are_chosen_and_the_rest_is_united(owner: Actor, world: dict[str, Any]) -> None:
    ana, anna = world["ana"], world["anna"]
    merged(owner, world, first_name=str(anna.id))
    now = access.get(owner, objects.get("contacts"), ana.id)
    assert (now.first_name, now.last_name, now.title) == ("Anna", "Lumbreras", "Anna Lumbreras")
    assert (now.birthday, now.job_title) == (date(1980, 3, 12), "Editor")
    assert [item["address"] for item in now.emails] == ["ana@lumbre.example", "anna@work.example"]
    assert now.tags == ["vip", "press"] and [item["number"] for item in now.phones] == ["+34600123456"]
    with pytest.raises(access.Absent):
        access.get(owner, objects.get("contacts"), anna.id)
    keys = set(Key.objects.filter(object="contacts", key__startswith="email:").values_list("key", "record_id"))
    assert keys == {("email:ana@lumbre.example", ana.id), ("email:anna@work.example", ana.id)}


def test_everything_that_pointed_at_the_loser_points_at_the_winner(
    owner: Actor, world: dict[str, Any], cast: Cast
) -> None:
    merged(owner, world)
    ana, _anna, eva = (f"contacts/{world[name].id}" for name in ("ana", "anna", "eva"))
    for model in apps.get_models():
        if not issubclass(model, WorkspaceModel) or model._meta.label_lower in GROWS:
            continue
        rows = model.objects.all()
        if any(field.name == "deleted_at" for field in model._meta.local_fields):
            rows = rows.filter(deleted_at=None)
        named = [row for row in rows.values() if str(world["anna"].id) in str(row)]
        assert not named, model
    fresh = {name: type(record).objects.get(id=record.id) for name, record in world.items()}
    assert fresh["acme"].custom == {"adviser": ana, "friends": [ana, eva]}
    assert fresh["note"].about == [ana] and fresh["both"].about == [ana] and fresh["task"].about == [ana, eva]
    assert fresh["meeting"].participants == [ana, eva]
    # The tie of Ana to Anna ties her to herself, and she works at Acme once, since when Anna did.
    assert fresh["itself"].deleted_at and fresh["double"].deleted_at and not fresh["mine"].deleted_at
    assert fresh["mine"].since == date(2020, 1, 1) and fresh["other"].target == ana
    pins = Moment.objects.filter(record_id=world["ana"].id, is_pinned=True).values_list("item_id", flat=True)
    assert set(pins) == {world["note"].id, world["both"].id}
    shares = Share.objects.filter(record_id=world["ana"].id).values_list("user_id", "can_change")
    assert set(shares) == {(cast.limited.id, True), (cast.reader.id, False)}
    entries, _more = timeline.page(owner, objects.get("contacts"), world["ana"].id, only=["notes", "tasks"])
    assert {entry.id for entry in entries} == {world["note"].id, world["both"].id, world["task"].id}
    told = {entry.record_id for entry in history.of_record(owner, objects.get("contacts"), world["ana"].id)}
    assert told == {world["ana"].id, world["anna"].id}  # her history is read with his


def test_a_merge_is_undone_field_by_field_and_link_by_link(owner: Actor, world: dict[str, Any]) -> None:
    before = everything()
    record = merged(owner, world, birthday=str(world["anna"].id))
    assert differences(before, everything())
    undo.undo(owner, batch_of(record))
    assert differences(before, everything()) == []
    # And the undo is itself undone: the same merge again, and once more taken back.
    after_first = batch_of(record)
    last = HistoryEntry.objects.filter(action="unmerged").latest("id").batch_id
    again = undo.undo(owner, last)
    assert again != after_first and Merge.objects.filter(batch_id=again, undone_at=None).count() == 1
    undo.undo(owner, again)
    assert differences(before, everything()) == []
    with pytest.raises(Refused, match="undone already"):
        undo.undo(owner, again)


def test_later_changes_that_do_not_stand_on_it_stay(owner: Actor, world: dict[str, Any], make: Make) -> None:
    contacts = objects.get("contacts")
    record = merged(owner, world)
    actions.update(owner, contacts, record.id, {"department": "Sales"})
    new = make("notes", body="<p>Later</p>", about=[f"contacts/{record.id}"])
    actions.delete(owner, objects.get("tasks"), world["task"].id)
    undo.undo(owner, batch_of(record))
    ana, anna = (access.get(owner, contacts, world[name].id) for name in ("ana", "anna"))
    assert (ana.department, ana.birthday, anna.birthday) == ("Sales", None, date(1980, 3, 12))
    assert type(new).objects.get(id=new.id).about == [f"contacts/{ana.id}"]
    task = actions.restore(owner, objects.get("tasks"), world["task"].id)
    assert task.about[0] == f"contacts/{anna.id}"


def test_later_changes_that_stand_on_it_are_named(owner: Actor, world: dict[str, Any]) -> None:
    record = merged(owner, world)
    before = everything()
    change = {"emails": [{"address": "new@lumbre.example"}]}
    actions.update(owner, objects.get("contacts"), record.id, change)
    changed = everything()
    with pytest.raises(Refused, match=r"Olga Owner changed .Contact. later \(E-mails\); undo that first"):
        undo.undo(owner, batch_of(record))
    assert differences(changed, everything()) == []
    undo.undo(owner, HistoryEntry.objects.filter(record_id=record.id).latest("id").batch_id)
    assert differences(before, everything()) == []
    actions.update(owner, objects.get("notes"), world["note"].id, {"about": [f"contacts/{world['eva'].id}"]})
    with pytest.raises(Refused, match=r"Note. later \(About\)"):
        undo.undo(owner, batch_of(record))


def test_a_winner_in_the_bin_is_restored_first(owner: Actor, world: dict[str, Any]) -> None:
    contacts = objects.get("contacts")
    before = everything()
    record = merged(owner, world)
    actions.delete(owner, contacts, record.id)
    with pytest.raises(Refused, match="restore it first"):
        undo.undo(owner, batch_of(record))
    actions.restore(owner, contacts, record.id)
    undo.undo(owner, batch_of(record))
    assert differences(before, everything()) == []


def test_what_was_merged_further_is_taken_apart_in_order(owner: Actor, world: dict[str, Any]) -> None:
    contacts = objects.get("contacts")
    before = everything()
    first = batch_of(merged(owner, world))
    second = batch_of(merging.merge(owner, contacts, world["eva"].id, [world["ana"].id]))
    with pytest.raises(Refused, match="since merged this into another"):
        undo.undo(owner, first)
    undo.undo(owner, second)
    undo.undo(owner, first)
    assert differences(before, everything()) == []


def test_several_become_one_and_come_apart(owner: Actor, world: dict[str, Any]) -> None:
    contacts = objects.get("contacts")
    before = everything()
    record = merging.merge(owner, contacts, world["eva"].id, [world["ana"].id, world["anna"].id])
    assert (record.first_name, record.birthday) == ("Eva", date(1980, 3, 12))
    assert not access.visible(owner, objects.get("relationships")).filter(id=world["other"].id).exists()
    undo.undo(owner, batch_of(record))
    assert differences(before, everything()) == []


def test_accounts_take_their_people_along_and_never_stand_below_themselves(owner: Actor, make: Make) -> None:
    accounts = objects.get("accounts")
    acme, double = make("accounts", name="Acme"), make("accounts", name="ACME", website="https://acme.example/")
    part = make("accounts", name="Part", parent=double.id)
    make("contacts", first_name="Ana", account=double.id)
    before = everything()
    merging.merge(owner, accounts, acme.id, [double.id])
    assert access.visible(owner, objects.get("contacts")).get().account_id == acme.id
    assert access.get(owner, accounts, part.id).parent_id == acme.id
    undo.undo(owner, batch_of(acme))
    assert differences(before, everything()) == []
    merging.merge(owner, accounts, part.id, [double.id])  # the part becomes the whole
    assert access.get(owner, accounts, part.id).parent_id is None
    undo.undo(owner, batch_of(part))
    below = make("accounts", name="Below", parent=part.id)
    with pytest.raises(Refused, match="part of"):
        merging.merge(owner, accounts, below.id, [double.id])


def test_a_merge_takes_the_right_to_change_and_delete_all_of_them(
    world: dict[str, Any], cast: Cast, as_: As, owner: Actor
) -> None:
    contacts = objects.get("contacts")
    before = everything()
    ids = world["ana"].id, [world["anna"].id]
    with as_(cast.limited) as limited, pytest.raises(access.Absent):
        merging.merge(limited, contacts, *ids)
    with as_(cast.reader) as reader, pytest.raises(access.Forbidden):
        merging.merge(reader, contacts, *ids)
    for wrong, why in (
        ((world["ana"].id, []), "two records"),
        ((world["ana"].id, [world["ana"].id]), "two records"),
        ((*ids, {"nonsense": str(world["ana"].id)}), "no such field"),
        ((*ids, {"birthday": str(world["eva"].id)}), "one of the records"),
    ):
        with pytest.raises(Refused, match=why):
            merging.merge(owner, contacts, *wrong)
    assert differences(before, everything()) == []


def test_a_merged_record_is_not_in_the_bin_and_says_where_it_is(owner: Actor, world: dict[str, Any]) -> None:
    contacts = objects.get("contacts")
    merged(owner, world)
    assert not access.in_bin(owner, contacts).exists()
    with pytest.raises(Refused, match="undo the merge"):
        actions.restore(owner, contacts, world["anna"].id)
    with pytest.raises(Refused, match="Olga Owner has already merged this into “Ana Lumbreras”"):
        merging.merge(owner, contacts, world["eva"].id, [world["anna"].id])


def test_what_comes_back_from_the_bin_points_where_the_loser_went(owner: Actor, world: dict[str, Any]) -> None:
    tasks, notes = objects.get("tasks"), objects.get("notes")
    for obj, name in ((tasks, "task"), (notes, "note")):
        actions.delete(owner, obj, world[name].id)
    before = everything()
    record = merged(owner, world)
    task = actions.restore(owner, tasks, world["task"].id)
    assert task.about == [f"contacts/{world['ana'].id}", f"contacts/{world['eva'].id}"]
    assert Moment.objects.filter(item_id=task.id, record_id=world["ana"].id).exists()
    actions.delete(owner, tasks, world["task"].id)
    undo.undo(owner, batch_of(record))
    left = differences(before, everything())
    assert all(str(world["task"].id) in row for row in left), left  # the note in the bin was not touched at all


@pytest.mark.django_db(transaction=True)
def test_two_people_who_merge_the_same_pair_at_once(cast: Cast, as_: As) -> None:
    """With real connections: one merge is done, the other person is told who did it."""
    contacts = objects.get("contacts")
    with as_(cast.owner) as actor:
        ids = [actions.create(actor, contacts, {"first_name": name}).id for name in ("Ana", "Anna")]
    answers: list[Any] = []
    start = threading.Barrier(2)

    def work(user: Any, winner: UUID, loser: UUID) -> None:
        try:
            with as_(user) as actor:
                start.wait(10)
                answers.append(merging.merge(actor, contacts, winner, [loser]).id)
        except Refused as refused:
            answers.append(str(refused))
        finally:
            connections.close_all()

    people = [
        threading.Thread(target=work, args=(cast.owner, *ids)),
        threading.Thread(target=work, args=(cast.manager, *reversed(ids))),
    ]
    for one in people:
        one.start()
    for one in people:
        one.join(30)
    done = [answer for answer in answers if isinstance(answer, UUID)]
    told = [answer for answer in answers if isinstance(answer, str)]
    assert len(done) == len(told) == 1, answers
    assert "has already merged this into" in told[0]
    with as_(cast.owner) as actor:
        assert access.visible(actor, contacts).filter(id__in=ids).count() == 1
        assert Merge.objects.count() == 1

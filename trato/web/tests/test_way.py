"""Boards of what lies inside one record, and the steps of a record in its head."""

import re

import pytest

from trato.engine import actions, gatekeeping, objects


@pytest.fixture
def lanes(cast, as_):
    """Two crates with lanes, and a parcel in the first lane of the first."""
    with as_(cast.owner) as actor:
        crates = [actions.create(actor, objects.get("crates"), {"name": name}) for name in ("Alpha", "Beta")]
        steps = [
            actions.create(actor, objects.get("lanes"), {"name": name, "crate": str(crates[n].id), "position": place})
            for n, name, place in [(0, "Zulu", 1), (0, "Mike", 2), (0, "Anna", 3), (1, "Else", 1)]
        ]
        given = {"name": "P", "lane": str(steps[0].id), "crate": str(crates[0].id)}
        return crates, steps, actions.create(actor, objects.get("parcels"), given)


def columns(text):
    return re.findall(r'class="board-label">([^<]*)', text)


def test_a_board_shows_the_steps_of_one_at_a_time(cast, signed_in, lanes):
    crates, _steps, _parcel = lanes
    client, base = signed_in(cast.owner), f"/w/{cast.acme.slug}/parcels/?as=board"
    page = client.get(base).content.decode()
    assert columns(page)[-3:] == ["Zulu", "Mike", "Anna"]
    assert f"inside={crates[1].id}" in page
    other = client.get(f"{base}&inside={crates[1].id}").content.decode()
    assert [name for name in columns(other) if name != "Empty"] == ["Else"]
    filtered = client.get(base, {"as": "board", "filter": f'{{"field":"crate","op":"is","value":"{crates[1].id}"}}'})
    assert "Else" in columns(filtered.content.decode())
    assert "Zulu" in columns(client.get(f"{base}&inside=nonsense").content.decode())


def test_a_click_on_a_step_moves_the_record_through_its_gate(cast, as_, signed_in, lanes):
    _crates, (zulu, mike, anna, _other), parcel = lanes
    client, base = signed_in(cast.owner), f"/w/{cast.acme.slug}/parcels/{parcel.id}"
    page = client.get(base).content.decode()
    way = re.search(r"<trato-way.*?</trato-way>", page, re.DOTALL)[0]
    assert re.findall(r"<(?:button|span)[^>]*>(Zulu|Mike|Anna)<", way) == ["Zulu", "Mike", "Anna"]
    assert 'aria-current="step"' in way
    move = re.search(r'data-move="([^"]*)"', way)[1].replace("&amp;", "&")
    assert client.post(move, {"to": str(mike.id), "version": "1"}).status_code == 200
    with as_(cast.owner) as actor:
        gatekeeping.set_gate(actor, objects.get("parcels"), "lane", str(anna.id), needed=["note"])
    asked = client.post(move, {"to": str(anna.id), "version": "2"})
    assert (asked.status_code, 'name="note"' in asked.content.decode()) == (422, True)
    assert client.post(move, {"to": str(anna.id), "ask": "note", "note": "yes", "version": "2"}).status_code == 200
    plain = client.post(f"{base}/field/lane", {"lane": str(zulu.id), "version": "3"})
    assert plain.status_code == 303
    with as_(cast.owner):
        assert objects.get("parcels").rows().get().lane_id == zulu.id
    shown = signed_in(cast.reader).get(base).content.decode()
    assert "<trato-way" in shown
    assert "data-to=" not in shown

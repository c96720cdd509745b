"""Who else has a record open: told to those who see it, until they leave or are heard of no more."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest

from trato.live import door
from trato.live.app import Live
from trato.live.presence import EXPIRES, Place, Presence, only_others

from .test_live import Page, cookie, write  # noqa: F401 - fixtures

WORKSPACE, ANA, BEN = uuid4(), uuid4(), uuid4()
REF = "things/1"
AT = (WORKSPACE, REF)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_two_pages_of_a_person_are_one_and_the_last_one_ends_it():
    presence = Presence()
    told = [presence.enter(Place(WORKSPACE, REF, ANA)), presence.enter(Place(WORKSPACE, REF, ANA))]
    told += [presence.leave(Place(WORKSPACE, REF, ANA)), presence.leave(Place(WORKSPACE, REF, ANA))]
    assert [one and one["on"] for one in told] == [True, None, None, False]


def test_who_is_here_is_known_across_processes_and_forgotten():
    clock = Clock()
    here, there = Presence(clock), Presence(clock)
    told = there.enter(Place(WORKSPACE, REF, BEN))
    assert here.hear(told) == (AT, True)
    assert here.is_answered(told) and not there.is_answered(told)
    assert here.hear(there.beats(AT)[0]) == (AT, False)
    assert only_others(here.people(AT), ANA) == [BEN]
    clock.now = EXPIRES + 1
    assert here.forget() == {AT}
    assert here.people(AT) == set() and here.known == {}


@pytest.mark.parametrize("told", [{}, {"workspace": "x"}, {"workspace": str(WORKSPACE), "ref": "a", "user": "b"}])
def test_what_is_no_such_notice_is_refused(told):
    with pytest.raises((KeyError, ValueError)):
        Presence().hear(told)


class Visit(Page):
    def __init__(self, live, cookie, here):  # noqa: F811
        super().__init__(live, f"acme&here={here}", cookie)

    @property
    def here(self):
        """The names it was told last."""
        lines = self.text.splitlines()
        told = [lines[n + 1][6:] for n, line in enumerate(lines) if line == "event: here"]
        return [one["name"] for one in json.loads(told[-1])] if told else None


@pytest.mark.django_db(transaction=True)
def test_colleagues_meet_at_a_record_they_both_see(cast, cookie, write):  # noqa: F811
    cookies = {user: cookie(user) for user in (cast.owner, cast.member, cast.limited)}

    async def scene():
        live = Live()
        thing = await write(cast.owner, "things", name="Lamp")
        ref = f"things/{thing}"
        owner = Visit(live, cookies[cast.owner], ref)
        await owner.until(lambda page: page.here == [])
        await live.hub.listening.wait()
        limited = Visit(
            live, cookies[cast.limited], ref
        )  # sees only their own: nobody meets them, and they meet nobody
        member = Visit(live, cookies[cast.member], ref)
        await owner.until(lambda page: page.here == ["Mia Member"])
        await member.until(lambda page: page.here == ["Olga Owner"])
        await member.close()
        await owner.until(lambda page: page.here == [])
        assert "Olga" not in limited.text and "Mia" not in limited.text
        await limited.close()
        await owner.close()
        live.hub.close()

    asyncio.run(scene())


@pytest.mark.django_db(transaction=True)
def test_a_bell_rings_for_one_person_alone(cast, cookie, write):  # noqa: F811
    cookies = {user: cookie(user) for user in (cast.owner, cast.member)}

    async def scene():
        live = Live()
        owner, member = Page(live, "acme", cookies[cast.owner]), Page(live, "acme", cookies[cast.member])
        for page in (owner, member):
            await page.until(lambda page: "retry" in page.text)
        await live.hub.listening.wait()
        told = {"workspace": str(cast.acme.id), "object": "notifications", "to": str(cast.member.id)}
        await asyncio.to_thread(door.announce, "notifications.told", [told])
        await member.until(lambda page: page.changes)
        assert [change["object"] for change in member.changes] == ["notifications"]
        await write(cast.owner, "things", name="Lamp")
        await owner.until(lambda page: page.changes)
        assert [change["object"] for change in owner.changes] == ["things"]
        await owner.close()
        await member.close()
        live.hub.close()

    asyncio.run(scene())

"""Streams: who may open one, what they hear, and that they survive the database's absence."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from trato.engine import actions, administration, objects
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.models import Membership
from trato.live.app import Live
from trato.live.hub import Hub

pytestmark = pytest.mark.django_db(transaction=True)


class Page:
    """A browser's end of a stream: what it was sent, and the closing of it."""

    def __init__(self, live: Live, slug: str, cookie: str = "", origin: str = "") -> None:
        self.sent: list[dict[str, Any]] = []
        self.news, self.closed = asyncio.Event(), asyncio.Event()
        headers = [(b"cookie", cookie.encode()), (b"origin", (origin or settings.TRATO_URL).encode())]
        scope = {"type": "http", "method": "GET", "path": "/live/events", "headers": headers}
        scope["query_string"] = f"workspace={slug}".encode()
        self.task = asyncio.create_task(live(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        self.news.set()

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    @property
    def changes(self) -> list[dict[str, Any]]:
        return [json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: ")]

    async def until(self, true: Any, seconds: float = 8) -> None:
        async with asyncio.timeout(seconds):
            while not true(self):
                await self.news.wait()
                self.news.clear()

    async def close(self) -> None:
        self.closed.set()
        await asyncio.wait_for(self.task, 5)


@pytest.fixture
def cookie(signed_in: Any):
    return lambda user: f"{settings.SESSION_COOKIE_NAME}={signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def write(as_: Any):
    def make(user: Any, plural: str, **values: Any) -> str:
        with as_(user) as actor:
            return str(actions.create(actor, objects.get(plural), values).id)

    return lambda *args, **values: asyncio.to_thread(_closing, make, *args, **values)


def _closing(function: Any, *args: Any, **values: Any) -> Any:
    try:
        return function(*args, **values)
    finally:
        connection.close()


def run(story: Any) -> None:
    """Run an async story, and end the hub's listening with it."""

    async def whole() -> None:
        live = Live(Hub(pause=lambda tries: 0.1))
        try:
            await story(live)
        finally:
            live.hub.close()

    asyncio.run(whole())


def test_a_member_hears_what_others_write_and_only_its_address(cast, cookie, write):
    mine = cookie(cast.member)

    async def story(live: Live) -> None:
        page = Page(live, "acme", mine)
        await page.until(lambda p: p.sent)
        await asyncio.wait_for(live.hub.listening.wait(), 5)
        record = await write(cast.owner, "crates", name="Secret name")
        await page.until(lambda p: p.changes)
        assert page.status == 200
        assert page.changes == [{"ref": f"crates/{record}", "object": "crates", "by": "Olga Owner", "about": []}]
        assert "Secret name" not in page.text
        await page.close()
        assert len(live.hub) == 0

    run(story)


def test_another_workspace_and_unseen_objects_are_not_heard(cast, cookie, write, set_role):
    set_role(cast.member, {"objects": {"things": {"see": "all"}}})
    mine, theirs = cookie(cast.member), cookie(cast.stranger)

    async def story(live: Live) -> None:
        page, stranger = Page(live, "acme", mine), Page(live, "globex", theirs)
        await page.until(lambda p: p.sent)
        await stranger.until(lambda p: p.sent)
        await asyncio.wait_for(live.hub.listening.wait(), 5)
        await write(cast.owner, "crates", name="Unseen")
        thing = await write(cast.owner, "things", name="Seen")
        await page.until(lambda p: p.changes)
        assert [change["ref"] for change in page.changes] == [f"things/{thing}"]
        assert stranger.changes == []
        await page.close()
        await stranger.close()

    run(story)


def test_who_sees_only_their_own_hears_only_of_their_own(cast, cookie, write, as_):
    mine = cookie(cast.limited)

    async def story(live: Live) -> None:
        page = Page(live, "acme", mine)
        await page.until(lambda p: p.sent)
        await asyncio.wait_for(live.hub.listening.wait(), 5)
        await write(cast.owner, "things", name="Not theirs")
        own = await write(cast.limited, "things", name="Theirs")
        await page.until(lambda p: p.changes)
        assert [change["ref"] for change in page.changes] == [f"things/{own}"]
        await page.close()

    run(story)


def test_what_happened_with_a_record_is_told_with_the_record(cast, cookie, write, set_role):
    set_role(cast.member, {"objects": {"trips": {"see": "all"}, "crates": {"see": "all"}}})
    mine = cookie(cast.member)

    async def story(live: Live) -> None:
        page = Page(live, "acme", mine)
        await page.until(lambda p: p.sent)
        await asyncio.wait_for(live.hub.listening.wait(), 5)
        crate = await write(cast.owner, "crates", name="Box")
        thing = await write(cast.owner, "things", name="Unseen")
        await write(cast.owner, "trips", name="Trip", about=[f"crates/{crate}", f"things/{thing}"])
        await page.until(lambda p: any(change["object"] == "trips" for change in p.changes))
        assert page.changes[-1]["about"] == [f"crates/{crate}"]
        await page.close()

    run(story)


def test_what_a_record_is_about_is_only_told_to_those_who_may_see_that(cast, cookie, write, set_role):
    set_role(cast.member, {"objects": {"trips": {"see": "all"}, "crates": {"see": "own"}}})
    set_role(cast.teammate, {"objects": {"trips": {"see": "all", "fields": {"about": "hidden"}}, "*": {"see": "all"}}})
    mine, theirs = cookie(cast.member), cookie(cast.teammate)

    async def story(live: Live) -> None:
        page, quiet = Page(live, "acme", mine), Page(live, "acme", theirs)
        for one in (page, quiet):
            await one.until(lambda p: p.sent)
        await asyncio.wait_for(live.hub.listening.wait(), 5)
        own = await write(cast.owner, "crates", name="Box", owner=str(cast.member.id))
        hidden = await write(cast.owner, "crates", name="Theirs")
        trip = await write(cast.owner, "trips", name="Trip", about=[f"crates/{own}", f"crates/{hidden}"])
        for one in (page, quiet):
            await one.until(lambda p: any(change["object"] == "trips" for change in p.changes))
        assert page.changes[-1]["ref"] == quiet.changes[-1]["ref"] == f"trips/{trip}"
        assert page.changes[-1]["about"] == [f"crates/{own}"]
        assert hidden not in page.text
        assert quiet.changes[-1]["about"] == []
        await page.close()
        await quiet.close()

    run(story)


@pytest.fixture
def administer(as_: Any, cast: Any):
    """``await administer(administration.remove_member, ...)``: the administrator decides something."""

    def decide(what: Any, *args: Any) -> Any:
        with as_(cast.owner) as actor:
            return what(actor, *args)

    return lambda *args: asyncio.to_thread(_closing, decide, *args)


def member_id(user: Any, workspace: Any) -> Any:
    with in_workspace(workspace.id):
        return Membership.objects.get(user=user).id


def test_who_is_taken_out_of_the_workspace_hears_nothing_more_at_once(cast, cookie, write, administer):
    mine, membership = cookie(cast.member), member_id(cast.member, cast.acme)

    async def story(live: Live) -> None:
        page = Page(live, "acme", mine)
        await page.until(lambda p: ": still here" in p.text)
        await administer(administration.remove_member, membership)
        await write(cast.owner, "crates", name="After")
        await asyncio.wait_for(page.task, 5)
        assert page.changes == []
        assert page.sent[-1]["more_body"] is False

    run(story)


def test_a_right_taken_away_is_heard_at_once(cast, cookie, write, set_role, administer):
    set_role(cast.member, {"objects": {"crates": {"see": "all"}, "things": {"see": "all"}}})
    mine = cookie(cast.member)
    with in_workspace(cast.acme.id):
        role = Membership.objects.get(user=cast.member).role_id

    async def story(live: Live) -> None:
        page = Page(live, "acme", mine)
        await page.until(lambda p: ": still here" in p.text)
        await administer(administration.save_role, role, "Less", {"things": {"see": "all"}})
        await write(cast.owner, "crates", name="Unseen now")
        thing = await write(cast.owner, "things", name="Seen")
        await page.until(lambda p: p.changes)
        assert [change["ref"] for change in page.changes] == [f"things/{thing}"]
        await page.close()

    run(story)


@pytest.mark.parametrize("how", ["signed out", "another password", "deactivated"])
def test_a_stream_ends_soon_after_its_session(cast, signed_in, how):
    browser = signed_in(cast.member)
    mine = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"

    def end() -> None:
        if how == "signed out":
            browser.post("/accounts/logout/")
        elif how == "another password":
            cast.member.set_password("another long phrase")
            cast.member.save()
        else:
            type(cast.member).objects.filter(id=cast.member.id).update(is_active=False)

    async def story(live: Live) -> None:
        live.hub.watch = 0.1
        page, other = Page(live, "acme", mine), Page(live, "acme", others)
        for one in (page, other):
            await one.until(lambda p: p.sent)
        await asyncio.sleep(0.5)
        assert not page.task.done()
        await asyncio.to_thread(_closing, end)
        await asyncio.wait_for(page.task, 5)
        assert not other.task.done()
        await other.close()

    others = f"{settings.SESSION_COOKIE_NAME}={signed_in(cast.owner).cookies[settings.SESSION_COOKIE_NAME].value}"
    run(story)


def test_nobody_else_is_let_in(cast, cookie):
    stranger, member = cookie(cast.stranger), cookie(cast.member)

    async def story(live: Live) -> None:
        for slug, given, origin in [
            ("acme", "", ""),
            ("acme", f"{settings.SESSION_COOKIE_NAME}=forged", ""),
            ("acme", stranger, ""),
            ("no-such-place", member, ""),
            ("acme", member, "https://evil.example"),
        ]:
            page = Page(live, slug, given, origin)
            await asyncio.wait_for(page.task, 5)
            assert page.status == 403
        assert len(live.hub) == 0

    run(story)


def test_a_stream_goes_on_after_the_database_was_away(cast, cookie, write, postgres):
    import psycopg

    mine = cookie(cast.member)

    def cut() -> None:
        with psycopg.connect(**postgres.connection("trato"), autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
            )

    async def story(live: Live) -> None:
        page = Page(live, "acme", mine)
        await page.until(lambda p: p.sent)
        await asyncio.wait_for(live.hub.listening.wait(), 5)
        await asyncio.to_thread(cut)
        while live.hub.listening.is_set():
            await asyncio.sleep(0.02)
        await asyncio.wait_for(live.hub.listening.wait(), 5)
        await write(cast.owner, "crates", name="After")
        await page.until(lambda p: p.changes)
        await page.close()

    run(story)


def test_signs_of_life_are_sent_and_a_stream_ends_in_time(cast, cookie):
    mine = cookie(cast.member)

    async def story(live: Live) -> None:
        live.heartbeat, live.lifetime = 0.05, 0.3
        page = Page(live, "acme", mine)
        await asyncio.wait_for(page.task, 5)
        assert page.text.count(": still here") >= 2
        assert page.sent[-1]["more_body"] is False

    run(story)


def test_a_thousand_streams_hear_of_one_change(cast, write):
    from trato.live.door import Listener

    async def story(live: Live) -> None:
        listener = Listener(cast.acme.id, cast.member.id, frozenset({"crates"}))
        streams = [live.hub.join(listener) for _ in range(1000)]
        await asyncio.wait_for(live.hub.listening.wait(), 5)
        record = await write(cast.owner, "crates", name="For all")
        async with asyncio.timeout(5):
            while not all(stream.pending for stream in streams):
                await asyncio.sleep(0.02)
        assert {stream.take()[0]["ref"] for stream in streams} == {f"crates/{record}"}
        for stream in streams:
            live.hub.leave(stream)

    run(story)


def test_many_changes_at_once_are_told_by_object(cast):
    from trato.live.door import Listener
    from trato.live.hub import Stream

    async def story(live: Live) -> None:
        stream = Stream(Listener(cast.acme.id, cast.member.id, frozenset({"crates"})))
        for n in range(51):
            stream.tell({"ref": f"crates/{n}", "object": "crates", "by": "", "about": []})
        assert stream.take() == [{"ref": "", "object": "crates", "by": "", "about": []}]

    run(story)

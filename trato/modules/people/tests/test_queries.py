"""What belongs to whom, what is to be done today, and what the timelines roll up."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import As, Cast, assemble
from trato.engine import access, actions, filters, objects, paging, timeline
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces.actors import Actor, Rights, actor_for_user
from trato.engine.workspaces.members import change_profile
from trato.modules.people import queries

from .kit import Make, ref


def day(shift: int) -> str:
    return (date.today() + timedelta(days=shift)).isoformat()


def on_timeline(actor: Actor, record: object) -> list[str]:
    obj = objects.of_model(type(record))
    entries, _next = timeline.page(actor, obj, record, only=["notes", "tasks", "calls", "meetings", "files"])
    titles = access.titles(actor, [f"{entry.object}/{entry.id}" for entry in entries])
    return [titles[f"{entry.object}/{entry.id}"] for entry in entries]


@pytest.mark.django_db
class TestRollUp:
    def test_an_account_shows_what_happened_with_its_contacts(self, make: Make, owner: Actor) -> None:
        acme, other = make("accounts", name="Acme"), make("accounts", name="Other")
        ana = make("contacts", first_name="Ana", account=acme.id)
        make("notes", subject="Of Ana", body="x", about=[ref(ana)], happened_at="2026-01-02T10:00:00Z")
        make("calls", subject="Of Acme", about=[ref(acme), ref(ana)], happened_at="2026-01-03T10:00:00Z")
        make("notes", subject="Of Other", body="x", about=[ref(other)])
        assert on_timeline(owner, acme) == ["Of Acme", "Of Ana"]
        actions.update(owner, objects.get("contacts"), ana.id, {"account": other.id})
        assert on_timeline(owner, acme) == ["Of Acme"]

    @pytest.mark.parametrize(
        ("words", "dates", "shown"),
        [
            ("member of", {}, True),
            ("member of", {"since": day(-100)}, True),
            ("member of", {"since": day(-100), "until": day(2)}, True),
            ("member of", {"until": day(-2)}, False),  # it has ended
            ("member of", {"since": day(2)}, False),  # it has not begun
            ("works at", {}, False),  # its type makes no member
        ],
    )
    def test_a_household_shows_what_happened_with_its_members(
        self, make: Make, tie: Make, owner: Actor, words: str, dates: dict, shown: bool
    ) -> None:
        home = make("accounts", name="García household", kind="household")
        ana = make("contacts", first_name="Ana")
        tie(ana, words, home, **dates)
        make("notes", subject="Of Ana", body="x", about=[ref(ana)])
        assert on_timeline(owner, home) == (["Of Ana"] if shown else [])

    def test_accounts_can_be_members_too(self, make: Make, tie: Make, owner: Actor) -> None:
        chamber, acme = make("accounts", name="Chamber"), make("accounts", name="Acme")
        tie(acme, "member of", chamber)
        make("notes", subject="Of Acme", body="x", about=[ref(acme)])
        assert on_timeline(owner, chamber) == ["Of Acme"]

    def test_nothing_of_members_one_may_not_see(self, make: Make, tie: Make, cast: Cast, as_: As) -> None:
        home = make("accounts", name="Home", kind="household", owner=cast.limited.id)
        ana = make("contacts", first_name="Ana")
        tie(ana, "member of", home, owner=cast.limited.id)
        make("notes", subject="Secret", body="x", about=[ref(ana)])
        with as_(cast.limited) as limited:
            assert on_timeline(limited, home) == []

    def test_pinned_entries_stand_apart(self, make: Make, owner: Actor) -> None:
        contacts, ana = objects.get("contacts"), make("contacts", first_name="Ana")
        for n in range(3):
            make("notes", subject=f"Note {n}", body="x", about=[ref(ana)], happened_at=f"2026-01-0{n + 1}T10:00:00Z")
        oldest = timeline.page(owner, contacts, ana, only=["notes"])[0][-1]
        timeline.pin(owner, contacts, ana.id, oldest.moment, on=True)
        assert [entry.id for entry in timeline.pinned(owner, contacts, ana.id)] == [oldest.id]
        timeline.pin(owner, contacts, ana.id, oldest.moment, on=False)
        assert timeline.pinned(owner, contacts, ana.id) == []


@pytest.mark.django_db
class TestTies:
    def test_a_relationship_is_read_from_both_sides(self, make: Make, tie: Make, owner: Actor) -> None:
        ana, acme = make("contacts", first_name="Ana"), make("accounts", name="Acme")
        tie(ana, "works at", acme, since=day(-9), note="Buys")
        (from_ana,), (from_acme,) = queries.ties_of(owner, ref(ana)), queries.ties_of(owner, ref(acme))
        assert (from_ana["words"], from_ana["other"]) == ("works at", ref(acme))
        assert (from_acme["words"], from_acme["other"], from_acme["note"]) == ("employs", ref(ana), "Buys")

    def test_what_the_role_hides_is_not_told(self, make: Make, tie: Make, owner: Actor) -> None:
        ana = make("contacts", first_name="Ana")
        tie(ana, "works at", make("accounts", name="Acme"), since=day(-9), note="Buys")
        rules = {"see": "all", "fields": {"note": "hidden", "since": "hidden"}}
        role = Rights(permissions={"objects": {"*": {"see": "all"}, "relationships": rules}})
        (told,) = queries.ties_of(replace(owner, rights=role), ref(ana))
        assert (told["words"], told["note"], told["since"]) == ("works at", "", None)

    def test_those_that_ended_come_last(self, make: Make, tie: Make, owner: Actor) -> None:
        ana = make("contacts", first_name="Ana")
        first, second = make("accounts", name="First"), make("accounts", name="Second")
        tie(ana, "works at", second)
        tie(ana, "works at", first, until=day(-1))
        assert [(one["other"], one["ended"]) for one in queries.ties_of(owner, ref(ana))] == [
            (ref(second), False),
            (ref(first), True),
        ]


NOW = datetime(2026, 6, 17, 21, 30, tzinfo=UTC)  # half past eleven at night in Madrid, the 18th in Auckland


def subjects(groups: dict) -> dict[str, list[str]]:
    return {name: [row["title"] for row in rows] for name, rows in groups.items()}


@pytest.mark.django_db
class TestTasks:
    def test_overdue_today_and_soon_are_of_the_persons_own_day(self, make: Make, owner: Actor, cast: Cast) -> None:
        for due in ("2026-06-16T20:00", "2026-06-17T08:00", "2026-06-18T10:00", "2026-06-30T10:00"):
            make("tasks", subject=due, due_at=f"{due}:00Z")
        make("tasks", subject="whenever")
        make("tasks", subject="done", due_at="2026-06-17T08:00:00Z", done_at="2026-06-17T09:00:00Z")
        make("tasks", subject="another's", due_at="2026-06-17T08:00:00Z", owner=cast.member.id)
        change_profile(cast.owner, {"time_zone": "Europe/Madrid"})
        cast.owner.refresh_from_db()
        madrid = actor_for_user(cast.owner, cast.acme)
        assert subjects(queries.open_tasks(madrid, NOW)) == {
            "overdue": ["2026-06-16T20:00"],
            "today": ["2026-06-17T08:00"],
            "soon": ["2026-06-18T10:00", "whenever"],
        }
        change_profile(cast.owner, {"time_zone": "Pacific/Auckland"})
        cast.owner.refresh_from_db()
        auckland = actor_for_user(cast.owner, cast.acme)
        # There it is the 18th, half past nine in the morning; the 16th 20:00 UTC was the 17th there.
        assert subjects(queries.open_tasks(auckland, NOW)) == {
            "overdue": ["2026-06-16T20:00", "2026-06-17T08:00"],
            "today": ["2026-06-18T10:00"],
            "soon": ["whenever"],
        }

    def test_a_reminder_that_has_come_brings_a_task_to_my_day(self, make: Make, owner: Actor) -> None:
        later = {"due_at": "2026-07-30T10:00:00Z"}
        make("tasks", subject="reminded", remind_at="2026-06-17T21:00:00Z", **later)
        make("tasks", subject="not yet", remind_at="2026-06-17T22:00:00Z", **later)
        make("tasks", subject="without a date", remind_at="2026-06-01T10:00:00Z")
        make("tasks", subject="late", due_at="2026-06-10T10:00:00Z", remind_at="2026-06-09T10:00:00Z")
        groups = subjects(queries.open_tasks(owner, NOW))
        assert groups == {"overdue": ["late"], "today": ["reminded", "without a date"], "soon": []}

    def test_to_whom_it_is_hidden_when_tasks_are_due_nothing_is_overdue(self, make: Make, owner: Actor) -> None:
        make("tasks", subject="Late", due_at=(NOW - timedelta(days=3)).isoformat(), priority="high")
        rules = {"see": "all", "fields": {"due_at": "hidden", "priority": "hidden"}}
        role = Rights(permissions={"objects": {"tasks": rules}})
        groups = queries.open_tasks(replace(owner, rights=role), NOW)
        assert (groups["overdue"], groups["today"]) == ([], [])
        (told,) = groups["soon"]
        assert (told["title"], told["due_at"], told["priority"]) == ("Late", None, "")

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("overdue", {"late"}),
            ("today", {"now"}),
            ("open", {"late", "now", "later", "another's"}),
            ("mine", {"late", "now", "later"}),
            ("done", {"done"}),
        ],
    )
    def test_named_filters(self, make: Make, owner: Actor, cast: Cast, name: str, found: set[str]) -> None:
        now = timezone.now()
        make("tasks", subject="late", due_at=(now - timedelta(days=2)).isoformat())
        make("tasks", subject="now", due_at=now.isoformat())
        make("tasks", subject="later", due_at=(now + timedelta(days=40)).isoformat())
        make("tasks", subject="done", due_at=(now - timedelta(days=2)).isoformat(), done_at=now.isoformat())
        make("tasks", subject="another's", owner=cast.member.id)
        tasks = objects.get("tasks")
        rows = filters.narrow(owner, tasks, access.visible(owner, tasks), tasks.filters[name][1])
        assert {row.title for row in rows} == found


@pytest.mark.django_db
class TestMeetings:
    def test_a_weekly_meeting_keeps_its_hour_when_clocks_change(self, make: Make, owner: Actor) -> None:
        # Every Monday at 10:00 of Madrid: 08:00 UTC in summer, 09:00 UTC from 25 October 2026 on.
        make(
            "meetings",
            subject="Round",
            happened_at="2026-10-05T08:00:00Z",
            ends_at="2026-10-05T09:00:00Z",
            recurrence="FREQ=WEEKLY;BYDAY=MO",
            time_zone="Europe/Madrid",
        )
        first, last = datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
        found = [(row["at"], row["until"] - row["at"]) for row in queries.meetings_of(owner, first, last)]
        hour = timedelta(hours=1)
        assert found == [
            (datetime(2026, 10, 19, 8, tzinfo=UTC), hour),
            (datetime(2026, 10, 26, 9, tzinfo=UTC), hour),
            (datetime(2026, 11, 2, 9, tzinfo=UTC), hour),
        ]

    def test_without_a_zone_it_keeps_the_hour_of_the_workspace(self, make: Make, owner: Actor) -> None:
        make("meetings", subject="Round", happened_at="2026-10-05T08:00:00Z", recurrence="FREQ=WEEKLY")
        first, last = datetime(2026, 10, 26, tzinfo=UTC), datetime(2026, 10, 27, tzinfo=UTC)
        (row,) = queries.meetings_of(owner, first, last)  # Acme is in Madrid
        assert row["at"] == datetime(2026, 10, 26, 9, tzinfo=UTC)

    def test_mine_are_those_i_own_or_take_part_in(self, make: Make, owner: Actor, cast: Cast) -> None:
        at = "2026-10-05T08:00:00Z"
        make("meetings", subject="Own", happened_at=at)
        make("meetings", subject="Guest", happened_at=at, owner=cast.member.id, participants=[f"users/{cast.owner.id}"])
        make("meetings", subject="Other", happened_at=at, owner=cast.member.id)
        start = datetime(2026, 10, 5, tzinfo=UTC)
        rows = queries.meetings_of(owner, start, start + timedelta(days=1))
        assert sorted(row["title"] for row in rows) == ["Guest", "Own"]


@pytest.mark.django_db
class TestChangedInMine:
    def test_what_others_did_with_what_i_own(self, make: Make, owner: Actor, cast: Cast, as_: As) -> None:
        mine = make("contacts", first_name="Mine")
        theirs = make("contacts", first_name="Theirs", owner=cast.manager.id)
        make("contacts", first_name="Untouched")
        contacts = objects.get("contacts")
        with as_(cast.manager) as manager:
            for record in (mine, theirs):
                actions.update(manager, contacts, record.id, {"job_title": "Buyer"})
                actions.update(manager, contacts, record.id, {"job_title": "Chef"})
        actions.update(owner, contacts, mine.id, {"department": "Kitchen"})
        assert [(entry.record_id, entry.actor_name) for entry in queries.changed_in_mine(owner)] == [
            (mine.id, "Max Manager")
        ]

    def test_my_own_import_does_not_hide_it_for_ever_nor_cost_more(self, owner: Actor) -> None:
        with CaptureQueriesContext(connection) as asked:
            queries.changed_in_mine(owner)
        assert f"LIMIT {queries.LATEST}" in asked[0]["sql"]


# The indexes are used, as the app role under row-level security.

N = 50_000
FILL = (
    """INSERT INTO people_contact (workspace_id, id, title, first_name, middle_name, last_name, salutation, suffix,
       job_title, department, occupation, lifecycle, language, time_zone, preferences, description, source, emails,
       phones, addresses, handles, tags, owner_id, created_at, updated_at, version, custom,
       no_mailings)
       SELECT %(ws)s, gen_random_uuid(), 'First Last' || n %% 5000, 'First', '', 'Last' || n %% 5000, '', '', '', '',
       '', 'lead', '', '', '', '', '', '[]', '[]', '[]', '[]', '[]', %(owner)s, now(),
       now() - n * interval '1 minute', 1, '{}', false
       FROM generate_series(1, %(n)s) n""",
    """INSERT INTO people_task (workspace_id, id, title, subject, body, about, tags, happened_at, due_at, remind_at,
       priority, done_at, owner_id, created_at, updated_at, version, custom)
       SELECT %(ws)s, gen_random_uuid(), 'Task', 'Task', '', '[]', '[]', now(),
       now() + (n - 40000) * interval '1 hour', CASE WHEN n %% 100 = 0 THEN now() + (n - 45000) * interval '1 hour' END,
       'normal', CASE WHEN n < 35000 THEN now() END,
       CASE WHEN n %% 50 = 0 THEN %(owner)s ELSE %(member)s END::uuid, now(), now(), 1, '{}'
       FROM generate_series(1, %(n)s) n""",
)


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """One workspace with many records, committed once for all tests here."""
    with django_db_blocker.unblock():
        cast = assemble()
        with in_workspace(cast.acme.id), connection.cursor() as cursor:
            for statement in FILL:
                cursor.execute(
                    statement, {"ws": cast.acme.id, "owner": cast.owner.id, "member": cast.member.id, "n": N}
                )
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE people_contact, people_task")
        yield cast
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        connections["owner"].close()


def plan(sql: str) -> list[tuple[str, str]]:
    """The nodes of a statement's plan: (type, index or table)."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        answer = cursor.fetchone()[0]
    nodes: list[tuple[str, str]] = []

    def walk(node: dict) -> None:
        nodes.append((node["Node Type"], node.get("Index Name") or node.get("Relation Name") or ""))
        for child in node.get("Plans", ()):
            walk(child)

    walk((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    return nodes


@pytest.mark.database
@pytest.mark.without_sql_lint
@pytest.mark.parametrize(
    ("plural", "tree", "order", "index"),
    [
        ("tasks", None, "due_at", "task_due"),
        ("tasks", None, "-due_at", "task_due"),
        ("tasks", "open", "due_at", "task_open"),
        ("tasks", "overdue", "due_at", "task_open"),
        ("tasks", "mine", "due_at", "task_mine"),
        ("contacts", None, "last_name", "contact_last_name"),
        ("contacts", {"field": "last_name", "op": "is", "value": "LAST77"}, "-id", "contact_last_name_folded"),
        (
            "contacts",
            {"field": "last_name", "op": "in", "value": ["last77", "Last78"]},
            "-id",
            "contact_last_name_folded",
        ),
    ],
)
def test_a_list_and_its_filter_read_an_index(filled: Cast, plural: str, tree: object, order: str, index: str) -> None:
    with in_workspace(filled.acme.id):
        actor, obj = actor_for_user(filled.owner, filled.acme), objects.get(plural)
        condition = obj.filters[tree][1] if isinstance(tree, str) else tree
        rows = filters.narrow(actor, obj, access.visible(actor, obj), condition)
        ordered = paging.order_of(access.fields(actor, obj), obj, order)
        with CaptureQueriesContext(connection) as asked:
            assert paging.page(rows, ordered, ["title"], 50).rows
        first = next(query["sql"] for query in asked if query["sql"].startswith("SELECT"))
        nodes = plan(first)
    assert index in {name for kind, name in nodes if "Index" in kind}, nodes
    assert not [name for kind, name in nodes if kind == "Seq Scan"]


@pytest.mark.database
@pytest.mark.without_sql_lint
def test_reminders_and_my_day_read_their_indexes(filled: Cast) -> None:
    with in_workspace(filled.acme.id):
        actor = actor_for_user(filled.owner, filled.acme)
        with CaptureQueriesContext(connection) as asked:
            list(queries.reminders_due(timezone.now()).values_list("id"))
            queries.open_tasks(actor)
        plans = [plan(query["sql"]) for query in asked if query["sql"].startswith("SELECT")]
    used = [{name for kind, name in nodes if "Index" in kind} for nodes in plans]
    assert "task_remind" in used[0], plans[0]
    assert all(names & {"task_mine", "task_open"} for names in used[1:]), plans
    assert isinstance(actor.user_id, UUID)

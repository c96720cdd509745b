"""Fills a database with made-up people, set-wise: one large workspace beside fifty small ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

FIRST = (
    "Ana Maria Ioana Elena Andrei Mihai Radu Ion Carmen Lucia Jose Carlos Juan Pedro Sofia Hugo Laura Marta Pablo Diego John Mary James "
    "Linda Robert Susan David Karen Paul Nancy Mark Lisa Peter Emma Oliver Amelia George Isla Harry Ava Noah Mia Leo Ella Liam Zoe Max Eva"
).split()
LAST = (
    "Popescu Ionescu Popa Radu Dumitru Stan Stoica García Martínez López Sánchez Pérez Gómez Fernández Moreno Romero Smith Jones Taylor "
    "Brown Williams Wilson Johnson Davies Patel Wright Walker White Green Hall Wood Harris Martin Clarke Young King Allen Scott Turner"
).split()
SYLLABLES = (
    "an bel cor dan el far gal hol is jan kor lim mar nor ol pas quin ros sal tor ul var wen xan yor zel".split()
)


@dataclass(frozen=True)
class Scale:
    """How many records the large workspace has, and each small one."""

    contacts: int
    accounts: int
    activities: int
    small: int = 50
    small_contacts: int = 200


SCALES = {
    "small": Scale(10_000, 2_000, 50_000, small=5, small_contacts=50),
    "full": Scale(1_000_000, 200_000, 5_000_000),
}

# Ids that rise with n, as UUIDv7 made by the application would.
ID = "(lpad(to_hex(1700000000000 + {base} + n), 12, '0') || '7' || substr(md5((n + {base})::text), 1, 3) || 'a' || substr(md5((n + {base})::text), 4, 15))::uuid"
PICK = "({words})[1 + floor(power(random(), {skew}) * {count})::int]"


def _pick(words: list[str], skew: float = 1.0) -> str:
    quoted = "ARRAY[" + ", ".join("'" + word.replace("'", "''") + "'" for word in words) + "]"
    return PICK.format(words=quoted, skew=skew, count=len(words))


def _id(base: int) -> str:
    return ID.format(base=base)


SURNAMES = LAST + [a + b + c for a in SYLLABLES for b in SYLLABLES for c in ("escu", "ez", "son", "er")][:2000]
SURNAMES = [name.capitalize() for name in SURNAMES]

ACCOUNTS = f"""
INSERT INTO people_account (workspace_id, id, title, owner_id, created_at, updated_at, version, custom, emails, phones, addresses, handles,
    tags, source, name, kind, industry, size, website, tax_number, lifecycle, description)
SELECT %(ws)s, id, name, owner, at, at, 1, '{{}}',
    jsonb_build_array(jsonb_build_object('address', 'info@' || web || '.example', 'primary', true)), '[]',
    jsonb_build_array(jsonb_build_object('line1', n || ' Market Street', 'line2', '', 'city', city, 'postcode', (10000 + n %% 80000)::text,
        'region', '', 'country', 'ES', 'primary', true)), '[]', '[]', '', name, 'company', industry, '10-49', 'https://' || web || '.example',
    '', lifecycle, ''
FROM (SELECT n, {_id(0)} AS id, initcap(w1 || w2) || ' ' || w3 || ' ' || n AS name, w1 || w2 || n AS web, city, industry, lifecycle,
        (%(owners)s::uuid[])[1 + n %% %(nowners)s::int] AS owner, now() - (n %% 1500) * interval '1 day' AS at
    FROM (SELECT n, {_pick(SYLLABLES)} AS w1, {_pick(SYLLABLES)} AS w2, {_pick(["Ltd", "SL", "SRL", "Group", "Bros", "Partners"])} AS w3,
            {_pick(["Madrid", "Sevilla", "Cluj", "Iași", "Leeds", "Bristol", "Valencia", "Oradea"])} AS city,
            {_pick(["Retail", "Health", "Hospitality", "Education", "Manufacturing", "Media", "Legal", "Transport", "Energy", "Farming"])} AS industry,
            {_pick(["lead", "prospect", "customer", "former", "advocate"], 0.8)} AS lifecycle
        FROM generate_series(%(from)s::int, %(to)s::int) AS n) AS a) AS b
"""

CONTACTS = f"""
INSERT INTO people_contact (workspace_id, id, title, owner_id, created_at, updated_at, version, custom, emails, phones, addresses, handles,
    tags, source, first_name, middle_name, last_name, salutation, suffix, account_id, job_title, department, occupation, lifecycle,
    birthday, language, time_zone, no_mailings, preferences, description)
SELECT %(ws)s, id, first || ' ' || last, owner, at, at, 1, '{{}}',
    jsonb_build_array(jsonb_build_object('address', mail, 'primary', true)),
    jsonb_build_array(jsonb_build_object('number', phone, 'primary', true)), '[]', '[]', '[]', '', first, '', last, '', '', account,
    job, '', '', lifecycle, DATE '1950-01-01' + (n %% 19000), 'en', '', false, '', ''
FROM (SELECT n, {_id(10_000_000)} AS id, first, last, job, lifecycle, lower(first) || '.' || n || '@mail' || (n %% 997) || '.example' AS mail,
        '+346' || lpad((n %% 100000000)::text, 8, '0') AS phone, (%(owners)s::uuid[])[1 + n %% %(nowners)s::int] AS owner,
        now() - (n %% 1500) * interval '1 day' - (n %% 86400) * interval '1 second' AS at,
        CASE WHEN n %% 10 = 0 OR %(accounts)s::int = 0 THEN NULL ELSE
            (SELECT {_id(0).replace(" + n", " + m").replace("(n +", "(m +")} FROM (SELECT 1 + (n::bigint * 7919) %% greatest(%(accounts)s::int, 1) AS m) AS x) END AS account
    FROM (SELECT n, {_pick(FIRST, 1.5)} AS first, {_pick(SURNAMES, 2.0)} AS last,
            {_pick(["Buyer", "Director", "Engineer", "Owner", "Teacher", "Nurse", "Manager", "Analyst"])} AS job,
            {_pick(["lead", "prospect", "customer", "former", "advocate"], 0.8)} AS lifecycle
        FROM generate_series(%(from)s::int, %(to)s::int) AS n) AS a) AS b
"""

# The activities of the first contact are exactly a thousand; the others are spread.
TARGET = "CASE WHEN n <= 1000 AND {first} THEN 1 ELSE 1 + (n::bigint * 104729) %% %(contacts)s::int END"
ABOUT = _id(10_000_000).replace(" + n", " + c").replace("(n +", "(c +")
ACTIVITIES = """
WITH made AS (
    SELECT n, {id} AS id, {about} AS target, (%(owners)s::uuid[])[1 + n %% %(nowners)s::int] AS owner,
        now() - (n %% 1400) * interval '1 day' - (n %% 86400) * interval '1 second' AS at, {subject} AS subject
    FROM (SELECT n, {place} AS c FROM generate_series(%(from)s::int, %(to)s::int) AS n) AS x
), items AS (
    INSERT INTO {table} (workspace_id, id, title, owner_id, created_at, updated_at, version, custom, about, happened_at, tags, {columns})
    SELECT %(ws)s, id, subject, owner, at, at, 1, '{{}}', jsonb_build_array('contacts/' || target), at, '[]', {values} FROM made
)
INSERT INTO engine_moment (workspace_id, id, object, record_id, at, item_object, item_id, owner_id, is_pinned)
SELECT %(ws)s, {moment}, 'contacts', target, at, '{plural}', id, owner, false FROM made
"""

KEYS = f"""
INSERT INTO engine_key (workspace_id, id, object, key, record_id)
SELECT %(ws)s, {_id(400_000_000)}, 'contacts', key, id FROM (
    SELECT row_number() OVER () AS n, k.key, c.id FROM people_contact c,
    LATERAL (VALUES ('email:' || (c.emails->0->>'address')), ('phone:' || (c.phones->0->>'number'))) AS k (key)
    WHERE c.workspace_id = %(ws)s AND c.id BETWEEN %(first)s AND %(last)s) AS x
"""

HISTORY = f"""
INSERT INTO engine_historyentry (workspace_id, id, object, record_id, action, at, actor_kind, actor_name, face, source, changes, version, batch_id)
SELECT %(ws)s, {_id(600_000_000)}, 'contacts', id, 'created', created_at, 'import', 'Bench', 'import', 'file:people.csv',
    jsonb_build_object('first_name', jsonb_build_array(NULL, first_name), 'last_name', jsonb_build_array(NULL, last_name),
        'emails', jsonb_build_array(NULL, emails), 'phones', jsonb_build_array(NULL, phones)), 1, %(ws)s
FROM (SELECT row_number() OVER () AS n, * FROM people_contact WHERE workspace_id = %(ws)s AND id BETWEEN %(first)s AND %(last)s) AS x
"""


def _kinds() -> list[tuple[str, str, float, str, str, str]]:
    subject = _pick(
        [
            "Follow-up",
            "Question about the invoice",
            "New order",
            "Complaint",
            "Thanks",
            "Plan for the quarter",
            "Visit",
            "Renewal",
        ]
    )
    return [
        ("notes", "people_note", 0.4, "subject, body", "subject, '<p>' || subject || ' was discussed.</p>'", subject),
        (
            "calls",
            "people_call",
            0.3,
            "subject, direction, outcome, number, body",
            "subject, 'out', 'reached', '', ''",
            subject,
        ),
        (
            "tasks",
            "people_task",
            0.2,
            "subject, body, due_at, priority, done_at",
            "subject, '', at, 'normal', at",
            subject,
        ),
        (
            "meetings",
            "people_meeting",
            0.1,
            "subject, place, participants, recurrence, time_zone, body",
            "subject, '', '[]', '', '', ''",
            subject,
        ),
    ]


def fill(connection: psycopg.Connection, workspace: UUID, owners: list[UUID], scale: Scale, say: Any = print) -> None:
    """Fill one workspace, in portions of at most 250,000 rows; each portion is a transaction of its own."""
    common = {
        "ws": workspace,
        "owners": owners,
        "nowners": len(owners),
        "accounts": scale.accounts,
        "contacts": scale.contacts,
    }

    def portions(count: int, statement: str, what: str) -> None:
        for start in range(1, count + 1, 250_000):
            with connection.transaction():
                connection.execute(statement, common | {"from": start, "to": min(count, start + 249_999)})
            say(f"{what}: {min(count, start + 249_999):,}")

    portions(scale.accounts, ACCOUNTS, "accounts")
    portions(scale.contacts, CONTACTS, "contacts")
    for place, (plural, table, share, columns, values, subject) in enumerate(_kinds()):
        base = 100_000_000 * (place + 1)
        statement = ACTIVITIES.format(
            id=_id(base),
            about=ABOUT,
            subject=subject,
            place=TARGET.format(first="true" if place == 0 else "false"),
            table=table,
            columns=columns,
            values=values,
            plural=plural,
            moment=_id(base + 50_000_000),
        )
        portions(int(scale.activities * share), statement, plural)
    first, last = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
    for statement, what in ((KEYS, "keys"), (HISTORY, "history")):
        with connection.transaction():
            connection.execute(statement, common | {"first": first, "last": last})
        say(what)

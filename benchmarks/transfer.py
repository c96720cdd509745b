"""Import and export against PostgreSQL's own COPY, and the floors of the API's writes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
import psycopg
from django.conf import settings

from trato.engine.models import HistoryEntry, Key
from trato.modules.people.models import Contact

from .stack import ROOT, timed

ROWS = 50_000
TEXTS = (
    "middle_name",
    "salutation",
    "suffix",
    "department",
    "occupation",
    "language",
    "time_zone",
    "preferences",
    "description",
)
LISTS = ("addresses", "handles", "tags")


def dumping(content: bytes) -> float:
    """Milliseconds orjson takes for the same answer."""
    data = orjson.loads(content)
    return timed(lambda: orjson.dumps(data), 50)[0]


def owner_connection() -> psycopg.Connection:
    """As the owner, for tables without policies that a measurement makes for itself."""
    known = settings.DATABASES["owner"]
    return psycopg.connect(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"], autocommit=True
    )


def insert_floor(bench: Any) -> float:
    """Milliseconds of the inserts one create needs (record, two keys, history) sent bare, rolled back each time."""
    contact, key, entry = (model._meta.db_table for model in (Contact, Key, HistoryEntry))
    sqls = [
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(){more}))).* "
        f"FROM {table} t WHERE workspace_id = '{bench.workspace.id}' LIMIT 1"
        for table, more in ((key, ", 'key', gen_random_uuid()"), (entry, ""))
    ]
    columns = ", ".join(f.column for f in Contact._meta.local_concrete_fields if not f.generated and f.name != "id")
    sqls.insert(
        0,
        f"INSERT INTO {contact} (id, {columns}) SELECT gen_random_uuid(), {columns} FROM {contact} "
        f"WHERE workspace_id = '{bench.workspace.id}' LIMIT 1",
    )
    bare = bench.bare

    def once() -> None:
        with bare.connection.transaction(), bare.connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL trato.workspace = '{bench.workspace.id}'")
            for sql in sqls:
                cursor.execute(sql)

    return timed(once, 60)[0]


def rows(bench: Any) -> list[dict[str, Any]]:
    """Import and export in rows a second, each with COPY of the same rows as floor."""
    found = []
    if bench.only in "import CSV":
        found.append(_import(bench))
    if bench.only in "export CSV":
        found.append(_export(bench))
    return found


def _people() -> list[list[str]]:
    return [
        [
            f"First{n % 977}",
            f"Last{n % 7919}",
            f"person.{n}@import.example",
            f"+3461{n:07}",
            "Buyer",
            "lead",
            "Fair",
            f"19{50 + n % 50}-03-07",
        ]
        for n in range(ROWS)
    ]


def _import(bench: Any) -> dict[str, Any]:
    """A file of new people, matched on e-mail, through the same pipeline as the wizard's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(
                ["First name", "Last name", "E-mail", "Phone", "Job title", "Lifecycle", "Source", "Birthday"]
            )
            writer.writerows(_people())
        command = [
            sys.executable,
            "-m",
            "trato.site",
            "import",
            "contacts",
            str(path),
            "--workspace",
            "bench",
            "--match",
            "email",
        ]
        began = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        seconds = time.perf_counter() - began
    floor = _copy_in()
    speed = ROWS / seconds
    return {
        "name": "import CSV",
        "value": speed,
        "unit": "rows/s",
        "floor": floor,
        "ratio": speed / floor,
        "aim": ">= 0.25x",
    }


def _as_columns(number: int, person: list[str]) -> dict[str, Any]:
    """One person as the columns of the table."""
    first, last, mail, phone, job, stage, source, birthday = person
    key = f"018f0000-0000-7000-8000-{number:012d}"
    return {
        "workspace_id": key,
        "id": key,
        "title": f"{first} {last}",
        "created_at": "2026-01-01",
        "updated_at": "2026-01-01",
        "version": 1,
        "custom": "{}",
        "emails": json.dumps([{"address": mail, "primary": True}]),
        "phones": json.dumps([{"number": phone, "primary": True}]),
        "source": source,
        "first_name": first,
        "last_name": last,
        "job_title": job,
        "lifecycle": stage,
        "birthday": birthday,
        **dict.fromkeys(TEXTS, ""),
        **dict.fromkeys(LISTS, "[]"),
    }


def _copy_in() -> float:
    """Rows a second of raw COPY into a table with the same columns, generated columns and indexes."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    for n, person in enumerate(_people()):
        writer.writerow(_as_columns(n, person).values())
    data = lines.getvalue().encode()
    columns = ", ".join(_as_columns(0, _people()[0]))
    texts = ", ".join(TEXTS)
    with owner_connection() as owner:
        owner.execute(f"CREATE TABLE bench_copy (LIKE {Contact._meta.db_table} INCLUDING ALL)")
        try:
            began = time.perf_counter()
            with (
                owner.cursor() as cursor,
                cursor.copy(f"COPY bench_copy ({columns}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({texts}))") as copy,
            ):
                copy.write(data)
            return ROWS / (time.perf_counter() - began)
        finally:
            owner.execute("DROP TABLE bench_copy")


def _export(bench: Any) -> dict[str, Any]:
    """All contacts as CSV to nowhere, against COPY TO of the same columns."""
    command = [
        sys.executable,
        "-m",
        "trato.site",
        "export",
        "contacts",
        "/dev/null",
        "--format",
        "csv",
        "--workspace",
        "bench",
    ]
    with bench.bare.connection.transaction(), bench.bare.connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL trato.workspace = '{bench.workspace.id}'")
        cursor.execute(
            f"SELECT count(*) FROM {Contact._meta.db_table} WHERE workspace_id = '{bench.workspace.id}' AND deleted_at IS NULL"
        )
        total = cursor.fetchone()[0]
        plain = ", ".join(f.column for f in Contact._meta.local_concrete_fields if not f.generated)
        began = time.perf_counter()
        with cursor.copy(
            f"COPY (SELECT {plain} FROM {Contact._meta.db_table} WHERE workspace_id = '{bench.workspace.id}') TO STDOUT (FORMAT csv)"
        ) as copy:
            for _block in copy:
                pass
        floor = total / (time.perf_counter() - began)
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    speed = total / (time.perf_counter() - began)
    return {
        "name": "export CSV",
        "value": speed,
        "unit": "rows/s",
        "floor": floor,
        "ratio": speed / floor,
        "aim": ">= 0.25x",
    }

"""Makes the database of one scale, once: a later run finds it filled."""

from __future__ import annotations

from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from trato.engine.postgres.roles import prepare as prepare_roles
from trato.engine.workspaces import members
from trato.engine.workspaces.models import User
from trato.site.local import embedded, hold

from .load import Scale, fill

EMAIL, PASSWORD = "u0@bench.example", "bench-bench-bench"


def prepare(data: Path, scale: Scale) -> None:
    """Fill the database below ``data`` unless a run before has done it; says how far it is on the way."""
    done = data / "filled"
    if done.exists():
        return
    folder = settings.DATA
    folder.make()
    with hold(folder):
        server = embedded(folder, print)
        server.start()
        try:
            prepare_roles(server.connection(), "trato", folder.secrets["database"])
            call_command("migrate", database="owner", verbosity=0)
            call_command("createcachetable", database="owner", verbosity=0)
            role = {"user": settings.TRATO_ROLES["maintenance"], "password": folder.secrets["database"]["maintenance"]}
            with psycopg.connect(**server.connection("trato") | role, autocommit=True) as connection:
                _workspaces(connection, scale)
            with psycopg.connect(**server.connection("trato"), autocommit=True) as admin:
                admin.execute("VACUUM ANALYZE")
        finally:
            connections.close_all()
            server.stop()
    done.write_text("")


def _workspaces(connection: psycopg.Connection, scale: Scale) -> None:
    large = members.create_workspace("Bench", "bench", country="ES")
    people = []
    for number in range(8):
        person = User.objects.create_user(
            f"u{number}@bench.example", PASSWORD if number == 0 else None, name=f"User {number}"
        )
        members.add_member(large, person, "Administrator" if number == 0 else "Member")
        people.append(person)
    fill(connection, large.id, [person.id for person in people], scale)
    for number in range(scale.small):
        small = members.create_workspace(f"Small {number}", f"small-{number}")
        members.add_member(small, people[0], "Administrator")
        quiet = Scale(scale.small_contacts, scale.small_contacts // 10, scale.small_contacts * 5)
        fill(connection, small.id, [people[0].id], quiet, say=lambda *_: None)

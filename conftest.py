"""The database of the tests: a PostgreSQL of their own, used as the app role, so that row-level security is always on.

It lives for one run below a temporary folder. Migrations run once, as the owner. TRATO_TEST_PG=system takes the
machine's PostgreSQL instead of the bundled one. A migrated database is kept in the user's cache for later runs, until
something changes that it is made by; TRATO_TEST_KEPT names another folder for it, or as an empty word none.
"""

import gc
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

pytest_plugins = ["tests.cast", "tests.dovecot", "tests.sql_lint"]

# Settings read the data folder when they are imported. They are named here and not in pyproject.toml, since
# pytest-django would import them before this file is read, and tests would run in the developer's own data folder.
HOME = Path(tempfile.mkdtemp(prefix="trato-test-"))
HOME.chmod(0o711)  # the database's own user passes through
os.environ["TRATO_DATA"] = str(HOME / "data")
os.environ["DJANGO_SETTINGS_MODULE"] = "trato.site.settings"
for inherited in ("DATABASE_URL", "TRATO_SECRETS", "TRATO_URL", "TRATO_LIVE_URL", "TRATO_PORT", "EMAIL_URL"):
    os.environ.pop(inherited, None)

NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
}


#: Where the database is kept that this run's tree makes, and whether it was there when the run began.
PLACE, IS_MADE = pytest.StashKey[Path | None](), pytest.StashKey[bool]()
#: Migrated databases kept at most, for branches one goes to and fro between.
MOST_KEPT = 4


def kept() -> Path | None:
    """Where a database that is migrated as this tree says is kept, or would be."""
    folder = os.environ.get("TRATO_TEST_KEPT", str(Path.home() / ".cache" / "trato-tests"))
    if not folder or os.environ.get("TRATO_TEST_PG"):
        return None
    root, said = Path(__file__).parent, hashlib.sha256()
    for pattern in (
        "trato/**/migrations/*.py",
        "trato/engine/postgres/**/*.py",
        "trato/engine/*.py",
        "tests/toys/*.py",
    ):
        for path in sorted(root.glob(pattern)):
            said.update(path.as_posix().encode() + path.read_bytes())
    return Path(folder) / said.hexdigest()[:20]


def keep(server: object, place: Path | None) -> None:
    """Put the migrated database where later runs find it, whole or not at all; nothing where the tree has changed."""
    if place is None or place.exists() or place != kept():
        return
    server.stop()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.parent.chmod(0o711)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=place.parent))
    fresh.chmod(0o711)
    subprocess.run(["cp", "-a", f"{HOME / 'data'}/.", fresh], check=True)
    try:
        fresh.rename(place)
    except OSError:  # another run was quicker
        shutil.rmtree(fresh, ignore_errors=True)
    for old in sorted(place.parent.iterdir(), key=lambda each: each.stat().st_mtime)[:-MOST_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    server.start()


def pytest_configure(config: pytest.Config) -> None:
    place = config.stash[PLACE] = kept()
    config.stash[IS_MADE] = place is not None and place.exists()
    if config.stash[IS_MADE]:
        subprocess.run(["cp", "-a", place, HOME / "data"], check=True)
    from django.conf import settings

    assert settings.DATA.path == HOME / "data", "Settings were imported before the tests' own data folder was named."
    settings.DATA.make()
    settings.INSTALLED_APPS.append("tests.toys")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again is a fifth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process of several has a database and a data folder of its own, which its settings have to wait for."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English, whatever a page spoke that an earlier one asked for."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """The running server of this test run, an ``Embedded``."""
    from django.conf import settings

    from trato.engine.postgres.embedded import Embedded

    server = Embedded(
        settings.DATA.postgres,
        settings.DATA.secrets["database"]["admin"],
        log=HOME / "postgres.log",
        settings=NOT_DURABLE,
        system=os.environ.get("TRATO_TEST_PG") == "system",
        say=print,
    )
    server.start()
    yield server
    server.stop()
    place = server.home
    if place != settings.DATA.postgres:  # kept elsewhere because the database's user can't enter the folder
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(request, postgres, django_test_environment, django_db_blocker) -> Iterator[None]:
    """Roles, tables and rights, as an installation makes them; pytest-django's own would migrate as the app role."""
    is_made = request.config.stash[IS_MADE]
    import psycopg
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from tests.toys.apps import make_tables
    from trato.engine.postgres.roles import prepare, role_name

    if not is_made:
        prepare(postgres.connection(), "trato", settings.DATA.secrets["database"])
    for alias in connections:
        connections.settings[alias]["HOST"] = postgres.connection()["host"]
    if not is_made:
        with django_db_blocker.unblock():
            call_command("migrate", database="owner", verbosity=0)
            call_command("createcachetable", database="owner", verbosity=0)
            make_tables()
            connections["owner"].close()
        with psycopg.connect(**postgres.connection("trato"), autocommit=True) as admin:
            # Tests that commit empty all tables afterwards, which the app itself may never do.
            admin.execute(f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {role_name('trato', 'app')}")
        keep(postgres, request.config.stash[PLACE])
    yield
    with django_db_blocker.unblock():
        connections.close_all()

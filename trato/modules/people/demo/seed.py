"""Makes the demo workspace through the same actions as any person would; the same every time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize

from django.contrib.auth.hashers import make_password
from django.utils import translation

from trato.engine import access, actions, objects, seeding
from trato.engine.postgres.scope import in_workspace
from trato.engine.workspaces import members
from trato.engine.workspaces.actors import Actor, actor_for_user
from trato.engine.workspaces.models import User, Workspace

from ..actions import USUAL_RELATIONSHIPS
from . import words

SLUG = "demo"
OWNER = "elena@alborada.example"
STAFF = (
    (OWNER, "Elena Marin", "Administrator", "Sales"),
    ("carlos@alborada.example", "Carlos Vega", "Manager", "Sales"),
    ("ioana@alborada.example", "Ioana Popescu", "Member", "Service"),
    ("tom@alborada.example", "Tom Becker", "Member", "Sales"),
)
YEARS = 3


def seed(password: str, now: datetime | None = None) -> tuple[Workspace, User]:
    """Make the workspace ``demo``, whose administrator signs in as ``elena@alborada.example`` with ``password``.

    Returns both; where there is one already it is left as it is. The colleagues' accounts have no password.
    Raises members.Taken where somebody has a workspace of their own at that address.
    """
    found, owner = Workspace.objects.filter(slug=SLUG).first(), User.objects.filter(email=OWNER).first()
    if found and owner:
        return found, owner
    now = (now or datetime.now(UTC)).replace(second=0, microsecond=0)
    workspace = members.create_workspace(
        "Alborada Coffee", SLUG, country="GB", currency="GBP", time_zone="Europe/London", is_demo=True
    )
    people = [_person(workspace, *who) for who in STAFF]
    people[0].password = make_password(password)
    User.objects.filter(id=people[0].id).update(password=people[0].password)
    with in_workspace(workspace.id):
        actors = [actor for user in people if (actor := actor_for_user(user, workspace))]
        _Story(actors, now).tell()
        seeding.go_on(actors[0], fill)
    return workspace, people[0]


@seeding.story
def fill(actor: Actor) -> None:
    """Tell the same story in somebody's own workspace, where all of it was done by them."""
    _Story([actor] * len(STAFF), datetime.now(UTC).replace(second=0, microsecond=0)).tell()


def _person(workspace: Workspace, email: str, name: str, role: str, team: str) -> User:
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, name=name, time_zone="Europe/London"
    )
    members.add_member(workspace, user, role)
    with in_workspace(workspace.id):
        members.join_team(user, team)
    return user


class _Story:
    """Three years of a roastery, told from a fixed seed."""

    def __init__(self, actors: list[Actor], now: datetime) -> None:
        self.now, self.chance = now, random.Random(2026)  # noqa: S311 - no secret comes of it
        self.actors = [actor.via("web", seeding.SOURCE) for actor in actors]
        self.elena = self.actors[0]
        self.sales = [self.actors[1], self.actors[3]]  # Carlos and Tom may change what is Elena's
        self.accounts: list[dict[str, Any]] = []
        self.contacts: list[dict[str, Any]] = []

    def tell(self) -> None:
        """Everything, in the order in which it could have happened."""
        types = self._relationship_types()
        for number, row in enumerate(words.ACCOUNTS):
            self._account(number, row)
        for account in self.accounts:
            for _ in range(1 if account["kind"] != "household" else 2):
                self._contact(account)
            for _ in range(self.chance.randint(0, 4) if account["kind"] != "household" else 1):
                self._contact(account)
        self._ties(types)
        self._past()
        self._agenda()

    def _put(self, plural: str, values: dict[str, Any], actor: Actor | None = None) -> Any:
        return actions.create(actor or self.elena, objects.get(plural), values).id

    def _ago(self, most: int, least: int = 0) -> datetime:
        return self.now - timedelta(days=self.chance.randint(least, most), hours=self.chance.randint(0, 8))

    def _relationship_types(self) -> dict[str, Any]:
        """The usual ones of a new workspace by their English names, and one that a roastery adds."""
        self._put("relationship-types", {"name": "supplies", "reverse_name": "is supplied by"})
        ids = dict(access.visible(self.elena, objects.get("relationship-types")).values_list("name", "id"))
        with translation.override(self.elena.workspace.language):
            usual = [str(name) for name, _back, _member in USUAL_RELATIONSHIPS]
        with translation.override("en"):
            english = [str(name) for name, _back, _member in USUAL_RELATIONSHIPS]
        return ids | {name: ids[told] for name, told in zip(english, usual, strict=True)}

    def _phone(self, mobile: bool = False) -> dict[str, Any]:
        number = self.chance.randint(0, 999)
        text = f"+447700900{number:03}" if mobile else f"+442079460{number:03}"
        return {"number": text, "label": "mobile" if mobile else "work"}

    def _account(self, number: int, row: tuple[str, ...]) -> None:
        name, kind, industry, size, city, region, postcode, country, web = row
        street = f"{self.chance.randint(2, 180)} {words.STREETS[number % len(words.STREETS)]}"
        since = self.now - timedelta(days=365 * YEARS - number * 30)
        values = {
            "name": name,
            "kind": kind,
            "industry": industry,
            "size": size,
            "website": f"https://www.{web}.example" if web else "",
            "emails": [{"address": f"hello@{web}.example", "label": "work"}] if web else [],
            "phones": [self._phone()],
            "addresses": [{"line1": street, "city": city, "postcode": postcode, "region": region, "country": country}],
            "lifecycle": self.chance.choice(
                ["customer", "customer", "customer", "prospect", "lead", "advocate", "former"]
            ),
            "tags": sorted(self.chance.sample(words.TAGS, self.chance.randint(0, 2))),
            "source": self.chance.choice(words.SOURCES),
            "owner": str(self.chance.choice(self.actors).user_id),
        }
        if name.startswith("Almendro"):
            values["parent"] = str(self.accounts[13]["id"])
        record = self._put("accounts", values)
        seeding.backdate(objects.get("accounts"), record, since)
        self.accounts.append(values | {"id": record, "web": web, "since": since})

    def _contact(self, account: dict[str, Any]) -> None:
        household = account["kind"] == "household"
        first = self.chance.choice(words.FIRST_NAMES)
        last = account["name"].split()[0] if household else self.chance.choice(words.LAST_NAMES)
        letters = normalize("NFKD", f"{first}.{last}".lower())
        plain = "".join(c for c in letters if c.isascii() and (c.isalpha() or c == "."))
        country = account["addresses"][0]["country"]
        values = {
            "first_name": first,
            "last_name": last,
            "account": None if household else str(account["id"]),
            "emails": [
                {"address": f"{plain}@{account['web'] or 'post'}.example", "label": "home" if household else "work"}
            ],
            "phones": [self._phone(mobile=True)],
            "addresses": account["addresses"] if household else [],
            "job_title": "" if household else self.chance.choice(words.JOBS),
            "department": "" if household else self.chance.choice(words.DEPARTMENTS),
            "language": {"ES": "es", "RO": "ro"}.get(country, "en"),
            "birthday": self._birthday() if self.chance.random() < 0.4 else None,
            "lifecycle": account["lifecycle"],
            "preferences": self.chance.choice(words.PREFERENCES) if self.chance.random() < 0.3 else "",
            "source": account["source"],
            "owner": account["owner"],
        }
        record = self._put("contacts", values)
        seeding.backdate(objects.get("contacts"), record, account["since"] + timedelta(days=self.chance.randint(0, 20)))
        self.contacts.append(values | {"id": record, "place": account})

    def _birthday(self) -> str:
        year, month, day = self.chance.randint(1958, 2003), self.chance.randint(1, 12), self.chance.randint(1, 28)
        return f"{year}-{month:02}-{day:02}"

    def _ties(self, types: dict[str, Any]) -> None:
        """Households and who is in them, where people worked before, who decides, knows or supplies whom."""
        bodies = [account for account in self.accounts if account["kind"] != "household"]
        working = [contact for contact in self.contacts if contact["account"]]
        for contact in self.contacts:
            if not contact["account"]:
                self._tie(types["member of"], f"contacts/{contact['id']}", f"accounts/{contact['place']['id']}")
        for contact in self.chance.sample(working, 16):
            before = self.chance.choice([account for account in bodies if account is not contact["place"]])
            left = self._ago(900, 300).date().isoformat()
            self._tie(types["works at"], f"contacts/{contact['id']}", f"accounts/{before['id']}", until=left)
        pairs = self.chance.sample(self.contacts, 16)
        for first, second in zip(pairs[:8], pairs[8:], strict=True):
            kind = self.chance.choice(["partner of", "refers"])
            self._tie(types[kind], f"contacts/{first['id']}", f"contacts/{second['id']}")
        for contact in self.chance.sample(working, 20):
            self._tie(types["decides for"], f"contacts/{contact['id']}", f"accounts/{contact['account']}")
        for account in bodies:
            if account["industry"] in ("Bakery", "Wholesale", "Manufacturing"):
                for customer in self.chance.sample([body for body in bodies if body is not account], 3):
                    self._tie(types["supplies"], f"accounts/{account['id']}", f"accounts/{customer['id']}")

    def _tie(self, kind: Any, source: str, target: str, **more: str) -> None:
        values = {"kind": str(kind), "source": source, "target": target, "since": self._since(more), **more}
        self._put("relationships", values)

    def _since(self, more: dict[str, str]) -> str:
        """The day a relationship began; one that ended began before all others."""
        return self._ago(*((1500, 920) if "until" in more else (900, 200))).date().isoformat()

    def _about(self) -> tuple[list[str], Actor]:
        contact = self.chance.choice(self.contacts)
        refs = [f"contacts/{contact['id']}"]
        if contact["account"] and self.chance.random() < 0.5:
            refs.append(f"accounts/{contact['account']}")
        return refs, self.chance.choice(self.actors)

    def _past(self) -> None:
        """Notes, calls, meetings and finished tasks, thicker towards today."""
        for days in sorted((int(365 * YEARS * self.chance.random() ** 2) for _ in range(420)), reverse=True):
            refs, actor = self._about()
            at = self.now - timedelta(
                days=days, hours=self.chance.randint(0, 9), minutes=5 * self.chance.randint(0, 11)
            )
            self.chance.choice([self._note, self._call, self._call, self._meeting, self._done_task])(refs, actor, at)

    def _note(self, refs: list[str], actor: Actor, at: datetime) -> None:
        self._put(
            "notes", {"body": self.chance.choice(words.NOTES), "about": refs, "happened_at": at.isoformat()}, actor
        )

    def _call(self, refs: list[str], actor: Actor, at: datetime) -> None:
        values = {
            "subject": self.chance.choice(words.CALLS),
            "direction": self.chance.choice(["in", "out"]),
            "outcome": self.chance.choice(["reached", "reached", "voicemail", "no_answer"]),
            "minutes": self.chance.randint(1, 35),
            "about": refs,
            "happened_at": at.isoformat(),
        }
        self._put("calls", values, actor)

    def _meeting(self, refs: list[str], actor: Actor, at: datetime, **more: Any) -> None:
        at = at.replace(minute=self.chance.choice([0, 30]))
        values = {
            "subject": self.chance.choice(words.MEETINGS),
            "happened_at": at.isoformat(),
            "ends_at": (at + timedelta(minutes=self.chance.choice([30, 60, 90]))).isoformat(),
            "place": self.chance.choice(["Roastery", "On site", "Video call"]),
            "participants": [ref for ref in refs if ref.startswith("contacts/")] + [f"users/{actor.user_id}"],
            "about": refs,
        }
        self._put("meetings", values | more, actor)

    def _done_task(self, refs: list[str], actor: Actor, at: datetime) -> None:
        due = at + timedelta(days=self.chance.randint(-2, 5))
        values = {
            "subject": self.chance.choice(words.TASKS),
            "about": refs,
            "due_at": due.isoformat(),
            "done_at": at.isoformat(),
        }
        self._put("tasks", values | {"happened_at": at.isoformat()}, actor)

    def _agenda(self) -> None:
        """What is to be done now: overdue, today and soon, most of it Elena's."""
        for days in (-9, -4, -2, -1, 0, 0, 0, 1, 2, 3, 5, 8, 13, 21):
            refs, actor = self._about()
            actor = self.elena if self.chance.random() < 0.6 else actor
            due = (self.now + timedelta(days=days)).replace(hour=16, minute=0)
            values = {
                "subject": self.chance.choice(words.TASKS),
                "about": refs,
                "due_at": due.isoformat(),
                "priority": self.chance.choice(["normal", "normal", "high", "low"]),
            }
            self._put("tasks", values, actor)
        for days, hour in ((0, 10), (0, 15), (1, 11), (3, 9), (6, 14)):
            refs, _actor = self._about()
            self._meeting(refs, self.elena, (self.now + timedelta(days=days)).replace(hour=hour))
        theirs = [contact for contact in self.contacts if contact["owner"] == str(self.elena.user_id)]
        for contact, actor in zip(self.chance.sample(theirs, 4), self.sales * 2, strict=True):
            wish = {"preferences": self.chance.choice(words.PREFERENCES)}
            actions.update(actor, objects.get("contacts"), contact["id"], wish)
        refs, _actor = self._about()
        weekly = (self.now - timedelta(days=self.now.weekday() + 21)).replace(hour=9)
        self._meeting(
            refs,
            self.elena,
            weekly,
            subject="Weekly sales round",
            recurrence="FREQ=WEEKLY;BYDAY=MO",
            time_zone="Europe/London",
        )

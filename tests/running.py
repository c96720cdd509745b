"""A Trato that really runs (web, worker, live), for tests that come to it from outside as people and programs do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import requests

from .installation.machine import Machine, until


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    email: str
    password: str


class Visitor(requests.Session):
    """A browser without scripts: addresses below the site, cookies, and the token that forms need."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        """As requests does, for a path; whatever is sent carries the token of the last form."""
        headers = {"X-CSRFToken": self.cookies.get("trato_csrf", "")} | (kwargs.pop("headers", None) or {})
        address = url if "://" in url else self.base + url
        return super().request(method, address, *args, headers=headers, timeout=60, **kwargs)

    def sign_in(self, person: Person) -> requests.Response:
        """Fills the form in and sends it."""
        self.get("/accounts/login/")
        return self.post("/accounts/login/", {"login": person.email, "password": person.password})


@dataclass
class Site:
    """The running installation, the person who owns its demo, and ways to more."""

    machine: Machine
    base: str
    owner: Person
    _visitors: dict[Person, Visitor] = field(default_factory=dict)

    def visitor(self, person: Person | None = None) -> Visitor:
        """A new browser; the session of a person is opened once and shared."""
        if person is None:
            return Visitor(self.base)
        if person not in self._visitors:
            self._visitors[person] = Visitor(self.base)
            assert self._visitors[person].sign_in(person).url.startswith(f"{self.base}/w/")
        return self._visitors[person]

    def workspace(self, name: str, owner: str) -> tuple[str, Person]:
        """A new empty workspace in Spain: its slug, and who administers it."""
        made = self.run(
            "workspace", "create", name, "--owner", owner, "--country", "ES", "--time-zone", "Europe/Madrid"
        )
        slug, password = made.split()
        return slug, Person(owner, password)

    def person(self, email: str, workspace: str, role: str) -> Person:
        """A new person, who is a member with that role."""
        return Person(email, self.run("user", "add", email, "--workspace", workspace, "--role", role).strip())

    def token(self, workspace: str, person: Person) -> dict[str, str]:
        """The headers of an API token with all the person's rights."""
        text = self.run("token", "create", "--workspace", workspace, "--user", person.email).strip()
        return {"Authorization": f"Bearer {text}"}

    def run(self, *arguments: str) -> str:
        """What a command of ``trato`` put out; it has to succeed."""
        done = self.machine.command(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def mail_to(self, address: str) -> str:
        """The last mail to an address, waited for; the installation keeps its mails as files."""
        found: list[str] = []

        def arrived() -> bool:
            files = sorted(Path(self.machine.data / "mail").glob("*"), key=lambda path: path.stat().st_mtime)
            found[:] = [text for text in map(Path.read_text, files) if f"To: {address}\n" in text]
            return bool(found)

        assert until(arrived, 10), f"no mail to {address}"
        return found[-1]


def link_in(mail: str) -> str:
    """The first address in a mail."""
    return re.search(r"https?://\S+", mail.replace("=\n", ""))[0]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self.silent += tag in ("script", "style", "head")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style", "head")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def words(page: requests.Response) -> str:
    """What a page says, in one line, without its tags."""
    reader = _Words()
    reader.feed(page.text)
    return " ".join(" ".join(reader.found).split())

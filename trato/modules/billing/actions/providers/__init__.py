"""What a provider of payments online has to do: open a page for an amount, and say what a signed message tells."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trato.engine.kinds.money import Money


class Forged(ValueError):
    """The message is not signed by the provider, or was too long on its way."""


class Unreachable(RuntimeError):
    """The provider can't be reached, or refuses."""


@dataclass(frozen=True)
class Wanted:
    """A payment page that is wanted; ``key`` is the same for the same wish, however often it is asked for."""

    workspace: str
    invoice: str
    words: str
    amount: Money
    language: str
    email: str
    back: str
    until: datetime
    key: str


@dataclass(frozen=True)
class Opened:
    """A page of the provider: what it calls it, and its address."""

    key: str
    url: str


@dataclass(frozen=True)
class Notice:
    """What a provider tells of one of its pages: ``what`` is ``paid``, ``expired`` or ``other``."""

    provider: str
    key: str
    what: str
    amount: Money | None = None
    reference: str = ""


class Provider(ABC):
    """One account at one provider, with its keys."""

    name: str

    @abstractmethod
    def open(self, wanted: Wanted) -> Opened:
        """A page where the amount can be paid; raises Unreachable."""

    @abstractmethod
    def read(self, payload: bytes, headers: Mapping[str, str]) -> Notice:
        """What a message tells, if it is the provider's own; raises Forged."""

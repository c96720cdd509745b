"""Secrets that have to be read again (codes of authenticator apps, keys to a company's sign-in) are sealed before they
are kept: Fernet (AES-128-CBC with HMAC-SHA256), by keys that stand in the secrets file and not in the database.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class BrokenSeal(ValueError):
    """The text was sealed by a key that is not here (any more), for another purpose, or was changed."""


def _box() -> MultiFernet:
    """The keys of this moment: another process may have added one since."""
    return MultiFernet([Fernet(key) for key in settings.TRATO_SEALING_KEYS()])


def seal(purpose: str, text: str) -> str:
    """A text that only ``unseal`` with the same purpose reads."""
    return _box().encrypt(f"{purpose}\0{text}".encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """What was sealed; raises BrokenSeal."""
    try:
        said, _nul, text = _box().decrypt(sealed).decode().partition("\0")
    except InvalidToken:
        said = text = ""
    if said != purpose:
        raise BrokenSeal("The secret can't be read: its key is not in the secrets file.")
    return text


def reseal(sealed: str) -> str:
    """The same sealed by the newest key, and unchanged where it is already; raises BrokenSeal."""
    newest = Fernet(settings.TRATO_SEALING_KEYS()[0])
    try:
        newest.decrypt(sealed)
        return sealed
    except InvalidToken:
        pass
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise BrokenSeal("A secret can't be read: its key is not in the secrets file.") from None

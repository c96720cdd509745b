"""Reading a mailbox over IMAP (RFC 3501): connections as ``outbound`` makes them, nothing marked there, all bounded."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from imaplib import IMAP4, IMAP4_SSL
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox

from .. import outbound
from ..sealing import BrokenSeal, unseal
from .models import Mailbox

#: Bytes of one mail that are read, and of anything else a server may say at once.
LARGEST, LONGEST_ANSWER = 2**20, 2 * 2**20
#: How long all of a reading may take; what is left is read by the next.
SECONDS = 120
#: A folder that was made anew is read from so long ago: less than what was read is remembered.
BACK = timedelta(days=30)
UID, SIZE = re.compile(rb"\bUID (\d{1,10})\b"), re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")
ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')

TROUBLES = {
    "host": _("There is no server of this name. Check its spelling."),
    "inside": _("This server is not on the Internet. Who runs Trato may allow it (TRATO_INTERNAL_HOSTS)."),
    "plain": _("Without TLS only servers of the own network are read. Choose TLS."),
    "port": _("On the Internet, mailboxes are read at port 993 (TLS) or 143 (STARTTLS)."),
    "certificate": _("The server's certificate is not valid for this name, so no password was sent."),
    "tls": _("The server doesn't speak TLS at this port. Try the other kind of connection."),
    "refused": _("Nothing answers at this port of the server."),
    "silent": _("The server did not answer in time."),
    "login": _("The server refuses the user name or the password. Some want a password for programs, made there."),
    "folder": _("There is no such folder in the mailbox."),
    "broken": _("The server broke the connection off, or answered what can't be understood."),
    "seal": _("The password can't be read any more: its key is gone. Type it again."),
}


class Trouble(Exception):
    """Why a mailbox can't be read; ``code`` is one of ``TROUBLES``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Arrived:
    """A mail as the server has it; ``size`` is of the whole, of which ``raw`` may be the beginning."""

    uid: int
    at: datetime
    size: int
    raw: bytes

    @property
    def is_cut(self) -> bool:
        """Whether there is more of it."""
        return self.size > len(self.raw)


class _Bounded(IMAP4):
    """A client that is not told more at once than it asked for, and hangs up after some ``seconds``."""

    def __init__(self, *args: Any, seconds: float, **named: Any) -> None:
        self.seconds = seconds
        super().__init__(*args, **named)

    def _create_socket(self, timeout: float | None) -> Any:
        connected = outbound.connect(self.host, self.port)
        self.ending = outbound.Ending(connected, self.seconds)
        return connected

    def read(self, size: int) -> bytes:
        """A literal of the server."""
        if size > LONGEST_ANSWER:
            raise self.abort("more than was asked for")
        return super().read(size)

    def shutdown(self) -> None:
        """Close the connection."""
        if ending := getattr(self, "ending", None):
            ending.over()
        super().shutdown()


class _Tls(_Bounded, IMAP4_SSL):
    def _create_socket(self, timeout: float | None) -> Any:
        connected = super()._create_socket(timeout)
        try:
            return self.ssl_context.wrap_socket(connected, server_hostname=self.host)
        except BaseException:
            self.ending.over()
            connected.close()
            raise


class Box(BaseMailBox):
    """A folder of a mailbox, open for reading only; its ``validity`` (UIDVALIDITY) and how many mails it holds."""

    def __init__(self, mailbox: Mailbox, seconds: float) -> None:
        self.mailbox, self.seconds, self.validity, self.count = mailbox, seconds, 0, 0
        super().__init__()

    def _get_mailbox_client(self) -> IMAP4:
        host, port = self.mailbox.host, self.mailbox.port
        bounds = {"timeout": outbound.SECONDS, "seconds": self.seconds}
        if self.mailbox.security == "tls":
            return _Tls(host, port, ssl_context=ssl.create_default_context(), **bounds)
        client = _Bounded(host, port, **bounds)
        if self.mailbox.security == "starttls":
            try:
                client.starttls(ssl.create_default_context())
            except BaseException:
                with suppress(OSError):  # TLS took the socket over
                    client.shutdown()
                raise
        return client

    def enter(self) -> None:
        """Sign in and open the folder for reading only (EXAMINE); raises Trouble."""
        password = unseal(seal_of(self.mailbox), self.mailbox.password)
        try:
            if (self.mailbox.user + password).isascii():
                self.login(self.mailbox.user, password, initial_folder=None)
            else:
                self.login_utf8(self.mailbox.user, password, initial_folder=None)
        except IMAP4.abort:
            raise
        except (ImapToolsError, IMAP4.error) as error:
            raise Trouble("login") from error
        try:
            found = self.folder.set(self.mailbox.folder, readonly=True)
        except IMAP4.abort:
            raise
        except (ImapToolsError, IMAP4.error) as error:
            raise Trouble("folder") from error
        self.count = int(found[1][0])
        said = self.client.response("UIDVALIDITY")[1]
        self.validity = int(said[0]) if said and said[0] else 1

    def fresh(self) -> list[int]:
        """The UIDs of what was not read yet, ascending: after the last one, or of a folder that was made anew, or is
        new, what may have come since reading began.
        """
        if self.validity == self.mailbox.validity:
            last = self.mailbox.last_uid
            # Of an interval that is empty IMAP gives the last mail there is.
            return sorted({int(uid) for uid in self.uids(f"UID {last + 1}:*", charset=None)} - set(range(last + 1)))
        since = max(self.mailbox.since, timezone.now() - BACK) - timedelta(days=1)  # days of any time zone
        return sorted(int(uid) for uid in self.uids(f"SINCE {since:%d}-{MONTHS[since.month]}-{since:%Y}", charset=None))

    def get(self, uid: int) -> Arrived | None:
        """One mail, or its beginning; None where it is gone meanwhile."""
        asked = f"(UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{LARGEST}>)"
        answer: list[Any] = self.client.uid("FETCH", str(uid), asked)[1]
        raw = next((one[1] for one in answer if isinstance(one, tuple)), None)
        said = b" ".join(one[0] if isinstance(one, tuple) else one for one in answer if one)
        found = UID.search(said)
        if raw is None or found is None or int(found[1]) != uid:
            return None
        size = SIZE.search(said)
        return Arrived(uid, _moment(ARRIVED.search(said)), int(size[1]) if size else len(raw), raw)


MONTHS = ["", *"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()]


def _moment(said: re.Match[bytes] | None) -> datetime:
    """When the server took a mail in; now where it doesn't say, or says a time to come."""
    now = timezone.now()
    if said is None:
        return now
    try:
        return min(parsedate_to_datetime(said[1].decode("ascii", "replace")).astimezone(UTC), now)
    except (ValueError, OverflowError):
        return now


def seal_of(mailbox: Mailbox) -> str:
    """What the password of a mailbox is sealed for: this one, and no other."""
    return f"mailbox:{mailbox.workspace_id}:{mailbox.id}"


@contextmanager
def opened(mailbox: Mailbox, seconds: float = 0) -> Iterator[Box]:
    """The folder of a mailbox, for some seconds; raises Trouble, also for what goes wrong inside."""
    is_inside = mailbox.host in settings.TRATO_INTERNAL_HOSTS
    if not is_inside and mailbox.security == "none":
        raise Trouble("plain")
    if not is_inside and mailbox.port not in (143, 993):
        raise Trouble("port")
    try:
        box = Box(mailbox, seconds or SECONDS)
        try:
            box.enter()
            yield box
        finally:
            _leave(box)
    except BrokenSeal as error:
        raise Trouble("seal") from error
    except (OSError, ValueError, IMAP4.error, ImapToolsError) as error:
        raise Trouble(_code(error)) from error


def _leave(box: Box) -> None:
    with suppress(OSError, IMAP4.error, ImapToolsError):
        box.logout()
    with suppress(OSError):
        box.client.shutdown()


def _code(error: Exception) -> str:
    """Which trouble an error is."""
    known: list[tuple[type[Exception], str]] = [
        (outbound.NoHost, "host"),
        (outbound.Inside, "inside"),
        (ssl.SSLCertVerificationError, "certificate"),
        (ssl.SSLError, "tls"),
        (ConnectionRefusedError, "refused"),
        (TimeoutError, "silent"),
    ]
    return next((code for kind, code in known if isinstance(error, kind)), "broken")

"""Calls to addresses that people name: https only, no redirects, never into the operator's own network.

A name is looked up once, every address it has must be public, and the connection goes to the one that was checked, so
that a second answer of the name service changes nothing. Hosts in TRATO_INTERNAL_HOSTS may be inside, and without TLS.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

#: How long each step of a call may take, and the whole of it: who answers a byte at a time holds nothing up.
SECONDS, WHOLE = 10, 20
LARGEST = 2 * 2**20
# What Python 3.11 takes for global, and leads elsewhere: NAT64, 6to4, the service continuity and the old relay prefix.
LEADING_INSIDE = [ip_network(net) for net in ("64:ff9b::/96", "2002::/16", "192.0.0.0/24", "192.88.99.0/24")]


class Refused(requests.RequestException):
    """The address is not one that Trato calls, or its answer is too long, or not whole."""


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the Internet and to nobody's own network."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    inside = any(address in net for net in LEADING_INSIDE if net.version == address.version)
    return address.is_global and not address.is_multicast and not inside


class NoHost(OSError):
    """There is no host of this name."""


class Inside(OSError):
    """The host is not on the Internet."""


def connect(host: str, port: int) -> socket.socket:
    """A socket to the checked address of a host; raises NoHost, Inside, or OSError where nobody answers in time."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoHost(f"no such host: {error}") from error
    if host not in settings.TRATO_INTERNAL_HOSTS and not all(is_public(str(one[4][0])) for one in found):
        raise Inside("the host is not on the Internet")
    return socket.create_connection((str(found[0][4][0]), port), timeout=SECONDS)


class Ending:
    """Hangs a connection up after some seconds, whatever it is in the middle of, unless it is over before."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self.same = connected.dup()  # TLS takes the first one over
        self.timer = Timer(seconds, _hang_up, [self.same])
        self.timer.daemon = True
        self.timer.start()

    def over(self) -> None:
        """Nobody needs to end it any more."""
        self.timer.cancel()
        self.same.close()


class _Ending:
    """A connection to the checked address that ends after ``WHOLE`` seconds."""

    _end: Ending | None = None

    def _new_conn(self) -> socket.socket:
        try:
            connected = connect(self._dns_host, self.port)  # type: ignore[attr-defined]
        except (NoHost, Inside) as error:
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]
        self._end = Ending(connected, WHOLE)
        return connected

    def close(self) -> None:
        """Close it; nobody needs to end it any more."""
        super().close()  # type: ignore[misc]
        if self._end is not None:
            self._end.over()


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError), connected:
        connected.shutdown(socket.SHUT_RDWR)


class _Plain(_Ending, HTTPConnection):
    pass


class _Tls(_Ending, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class _Adapter(HTTPAdapter):
    """Connects as said above, whatever asks for it."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        """One call; raises Refused for an address that is not https on a usual port, unless its host is inside."""
        place = urlsplit(request.url or "")
        if place.hostname not in settings.TRATO_INTERNAL_HOSTS and (
            place.scheme != "https" or place.port not in (None, 443)
        ):
            raise Refused("only https addresses are called")
        return super().send(request, *args, **named)


class Session(requests.Session):
    """A session of requests that keeps the rules."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no proxy of the environment, which would do the looking-up
        self.mount("https://", _Adapter())
        self.mount("http://", _Adapter())

    def request(self, method: Any, url: Any, *args: Any, **named: Any) -> requests.Response:
        """As requests does, within a time, without redirects, and only so much of an answer."""
        named |= {"timeout": SECONDS, "allow_redirects": False, "stream": True}
        began = monotonic()
        answer = super().request(method, url, *args, **named)
        try:
            body = answer.raw.read(LARGEST + 1, decode_content=True)
        except HTTPError as error:  # cut off, or packed wrongly
            raise Refused("the answer is not whole") from error
        finally:
            answer.close()
        if monotonic() - began >= WHOLE:  # cut off in its head, which then reads like a whole one without a body
            raise Refused("the answer took too long")
        if len(body) > LARGEST:
            raise Refused("the answer is too long")
        answer._content, answer._content_consumed = body, True  # what ``stream`` left to be read
        return answer

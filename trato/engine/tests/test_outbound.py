"""Addresses that people name lead nowhere but to the Internet."""

import socket
import threading
import time

import pytest
import requests

from tests.providers import running
from trato.engine import outbound

# IANA's special-purpose registries, RFC 6890 and its successors; and ways to write loopback that resolvers know.
INSIDE = """127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 192.0.0.8 192.88.99.1 224.0.0.1
255.255.255.255 ::1 fe80::1%1 fd00::1 ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: ff02::1 ::""".split()
OUTSIDE = "93.184.216.34 8.8.8.8 2606:4700:4700::1111 ::ffff:8.8.8.8".split()


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_not_public(address):
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_outside_is(address):
    assert outbound.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://localhost/",
        "https://[::1]/",
    ],
)
def test_loopback_is_not_called_however_it_is_written(address):
    with pytest.raises(requests.RequestException):
        outbound.Session().get(address)


@pytest.mark.parametrize(
    "address", ["http://example.com/", "https://example.com:8443/", "ftp://example.com/", "file:///etc/passwd"]
)
def test_only_https_on_its_port_is_called(address):
    with pytest.raises((requests.RequestException, outbound.Refused)):
        outbound.Session().get(address)


def test_a_name_that_changes_its_mind_reaches_nothing_inside(monkeypatch):
    """Rebinding: the first answer of the name service is public, the second is not; there is no second look."""
    asked, called = [], []

    def answer(host, port, *rest, **named):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address, *rest, **named):
        called.append(address[0])
        raise OSError("no network in a test")

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(requests.RequestException):
        outbound.Session().get("https://rebind.example/")
    assert called and set(called) == {"93.184.216.34"}


def test_one_address_inside_among_several_is_enough_to_refuse(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *rest, **named: both)
    monkeypatch.setattr(socket, "create_connection", lambda *rest, **named: pytest.fail("it was called"))
    with pytest.raises(requests.RequestException):
        outbound.Session().get("https://both.example/")


def test_a_host_the_operator_names_is_called_and_its_redirects_are_not_followed(settings):
    with running("tests.providers.saml", ready="/metadata") as base:
        with pytest.raises(requests.RequestException):
            outbound.Session().get(f"{base}/metadata")
        settings.TRATO_INTERNAL_HOSTS = {"127.0.0.1"}
        assert outbound.Session().get(f"{base}/metadata").status_code == 200
        assert not [
            one for one in threading.enumerate() if isinstance(one, threading.Timer) and not one.finished.is_set()
        ]


@pytest.mark.parametrize(
    "said", [b"H", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_who_answers_a_byte_at_a_time_keeps_nobody_waiting(monkeypatch, settings, said):
    monkeypatch.setattr(outbound, "WHOLE", 1)
    settings.TRATO_INTERNAL_HOSTS = {"127.0.0.1"}
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            connection, _address = server.accept()
            with connection:
                connection.sendall(said)
                try:
                    for _n in range(100):
                        connection.sendall(b"x")
                        time.sleep(0.1)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        with pytest.raises((requests.RequestException, OSError)), outbound.Session() as session:
            session.get(f"http://127.0.0.1:{server.getsockname()[1]}/")
        assert time.monotonic() - began < 5
        thread.join()

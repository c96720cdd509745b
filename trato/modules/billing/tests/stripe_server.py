"""A server that speaks Stripe's documented API, as far as it is used: Checkout Sessions, and webhooks signed as theirs.

https://docs.stripe.com/api/checkout/sessions/create, /api/idempotent_requests, /webhooks#verify-manually
"""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

KEY, HOOK_SECRET = "sk_test_local", "whsec_local"


class Server:
    """What it was asked, and what it answered."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.by_wish: dict[str, str] = {}
        self.calls = 0
        self.is_broken = False
        self.address = ""

    def open_session(self, given: dict[str, str], wish: str) -> tuple[int, dict[str, Any]]:
        self.calls += 1
        if self.is_broken:
            return 500, {"error": {"type": "api_error", "message": "broken"}}
        if wish in self.by_wish:
            return 200, self.sessions[self.by_wish[wish]]
        amount = int(given["line_items[0][price_data][unit_amount]"]) * int(given["line_items[0][quantity]"])
        key = f"cs_test_{len(self.sessions) + 1}"
        session = {
            "id": key,
            "object": "checkout.session",
            "mode": given["mode"],
            "amount_total": amount,
            "currency": given["line_items[0][price_data][currency]"],
            "client_reference_id": given["client_reference_id"],
            "metadata": {"invoice": given["metadata[invoice]"], "workspace": given["metadata[workspace]"]},
            "payment_status": "unpaid",
            "status": "open",
            "payment_intent": None,
            "url": f"https://checkout.stripe.example/c/pay/{key}",
            "success_url": given["success_url"],
        }
        self.sessions[key], self.by_wish[wish] = session, key
        return 200, session

    def event(self, key: str, kind: str = "checkout.session.completed", **said: Any) -> bytes:
        """The body of a webhook about a session that was paid."""
        paid = {"payment_status": "paid", "status": "complete", "payment_intent": f"pi_{key}"}
        session = self.sessions[key] | paid | said
        return json.dumps(
            {
                "id": f"evt_{key}",
                "object": "event",
                "type": kind,
                "created": int(time.time()),
                "data": {"object": session},
            }
        ).encode()


def signature(body: bytes, secret: str = HOOK_SECRET, at: float | None = None) -> str:
    """The header ``Stripe-Signature``: HMAC-SHA256 over "timestamp.body"."""
    stamp = int(time.time() if at is None else at)
    signed = hmac.new(secret.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
    return f"t={stamp},v1={signed}"


@contextmanager
def running() -> Iterator[Server]:
    """The server on a free port of this machine."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.headers["Authorization"] != f"Bearer {KEY}":
                status, answer = 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}
            elif not re.fullmatch("/v1/checkout/sessions", self.path):
                status, answer = 404, {"error": {"type": "invalid_request_error", "message": "Unrecognized URL"}}
            else:
                status, answer = server.open_session(dict(parse_qsl(body)), self.headers["Idempotency-Key"])
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *said: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{http.server_port}"
    thread = Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()

"""Coming in through a company's provider, as tests do it."""

import requests
from django.test import Client

HOST = {"host": "testserver"}


def come(base, sub, after="/w/acme/things/", **claims):
    """A browser that comes through the provider as somebody of whom it says these claims; the last answer."""
    requests.put(f"{base}/users/{sub}", json=claims, timeout=10).raise_for_status()
    guest = Client(headers=HOST)
    start = guest.get(f"/accounts/company/?next={after}", follow=False)
    leave = guest.get(start["Location"])
    assert leave["Location"].startswith(f"{base}/oauth2/authorize"), leave.content.decode()
    back = requests.post(leave["Location"], {"sub": sub}, allow_redirects=False, timeout=10).headers["Location"]
    return guest, guest.get(back.removeprefix("http://testserver"))


def is_in(guest, path="/w/acme/alive"):
    return guest.get(path).status_code == 200

"""Why a mail did not arrive, in plain words (enhanced status codes of RFC 3463)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

UNDELIVERED = gettext_lazy("The mail could not be delivered.")
#: By subject and detail of a status, then by its subject alone.
WORDS = {
    "2.2": gettext_lazy("Their mailbox is full."),
    "1": gettext_lazy("There is no such address."),
    "2": gettext_lazy("Their mailbox takes no mails."),
    "3": gettext_lazy("Their mail server does not take this mail."),
    "4": gettext_lazy("Their mail server could not be reached."),
    "7": gettext_lazy("Their mail server refuses mails of ours."),
}


def why(failures: Sequence[Mapping[str, str]]) -> str:
    """What the first failure of a report says, and what the mail server said itself."""
    if not failures:
        return str(UNDELIVERED)
    _class, _dot, rest = failures[0].get("status", "").partition(".")
    words = WORDS.get(rest) or WORDS.get(rest.partition(".")[0]) or UNDELIVERED
    said = failures[0].get("words", "")
    return _("%(words)s Their server says: %(said)s") % {"words": words, "said": said} if said else str(words)

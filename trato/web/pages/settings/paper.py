"""What customers meet: the letterhead, the seal of documents, and the mails that left."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup

from trato.engine import access, outbox
from trato.engine.kinds import Bool, Date, LongText, Reader, Text, Typed
from trato.engine.kinds.html import element
from trato.engine.outbox.models import STATES, Mail
from trato.engine.printing import certificates, letterhead, logos
from trato.engine.values import Problem, Refused

from ... import words
from ...respond import said
from .frame import administrators, ask, fail, form, mail_list, read, settings_url, show

LINES = LongText()


class Upload(Text):
    """A file that is read when it is sent, and not kept as it is."""

    def __init__(self, accept: str) -> None:
        super().__init__()
        self.accept = accept

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """A field to choose a file."""
        values = self._attributes(name, id, invalid, described_by)
        return element("input", {"type": "file", "accept": self.accept, **values})

    def from_form(self, data: Any, name: str, reader: Reader) -> str:
        """Nothing: the file is in the request."""
        return ""


class Secret(Text):
    """A password of a file: never shown again, never trimmed."""

    def input(
        self, name: str, value: Any, reader: Reader, *, id: str, invalid: bool = False, described_by: str = ""
    ) -> Markup:
        """A password field."""
        values = self._attributes(name, id, invalid, described_by)
        return element("input", {"type": "password", "autocomplete": "off", **values})

    def from_form(self, data: Any, name: str, reader: Reader) -> str:
        """What was typed, as it is."""
        return data.get(name, "")


def sent_file(request: HttpRequest, name: str, largest: int) -> bytes:
    """The bytes of an upload, one more than allowed where it is larger; b"" where none was sent."""
    upload = request.FILES.get(name)
    return upload.read(largest + 1) if upload else b""


# -- letterhead -----------------------------------------------------------------------------------------------------


@administrators
def head(request: HttpRequest) -> HttpResponse:
    """Logo, address, numbers and colour, as letters and customers' pages have them."""
    address, kept = settings_url(request, "letterhead"), letterhead.own()
    sections = [
        (_("Who writes"), _who(request)),
        (_("How it looks"), _looks(bool(kept.logo))),
    ]
    fields = [field for _label, some in sections for field in some]
    shown: Any = {field.name: getattr(kept, field.name, "") for field in fields}
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            given = read(request, fields)
            logo = sent_file(request, "logo", logos.LARGEST)
            letterhead.change(request.actor, given, logo=logo or None, without_logo=bool(given.get("no_logo")))
            return said(request, address, _("Saved."))
        except Refused as refused:
            shown, problems = Typed(request.POST), refused.problems
    text = Markup("{} {}").format(
        _("Stands on quotes, invoices and letters, and on the pages customers see."), _seen(kept)
    )
    return form(request, _("Letterhead"), sections, shown, action=address, problems=problems, text=text)


def _who(request: HttpRequest) -> list[Any]:
    return [
        ask("name", _("Name"), Text(max_length=200), _("Empty: %(name)s.") % {"name": request.actor.workspace.name}),
        ask("address", _("Address"), LINES),
        ask("tax_number", _("Tax number"), Text(max_length=60)),
        ask("bank", _("Bank details"), LINES),
        ask("footer", _("Footer"), LINES, _("Register, managers, opening hours: what else has to stand there.")),
    ]


def _looks(has_logo: bool) -> list[Any]:
    help_text = _("SVG, PNG or JPEG, at most %(n)s KB. Left empty, the one there is stays.")
    fields = [
        ask("logo", _("Logo"), Upload("image/svg+xml,image/png,image/jpeg"), help_text % {"n": logos.LARGEST // 1024}),
        ask("colour", _("Colour"), Text(max_length=7), _("Such as #1a7f64; of lines, headings and buttons.")),
    ]
    return [*fields, ask("no_logo", _("Without a logo"), Bool(tristate=False))] if has_logo else fields


def _seen(kept: Any) -> Markup:
    if not kept.picture:
        return Markup()
    picture = Markup('<img class="logo-now" src="data:image/png;base64,{}" alt="{}">')
    return picture.format(kept.picture, _("The logo as it is"))


# -- the seal -------------------------------------------------------------------------------------------------------


@administrators
def seal(request: HttpRequest) -> HttpResponse:
    """The certificate that documents are sealed with, and bringing another."""
    address = settings_url(request, "seal")
    fields = [
        ask("file", _("PKCS#12 file"), Upload(".p12,.pfx"), _("A certificate with its private key (.p12, .pfx).")),
        ask("password", _("Password of the file"), Secret(max_length=200)),
    ]
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            given = read(request, fields)
            certificates.bring(request.actor, sent_file(request, "file", certificates.LARGEST), given["password"])
            return said(request, address, _("Documents are sealed with this certificate from now on."))
        except Refused as refused:
            problems = refused.problems
    renewal = {
        "url": f"{address}/renew",
        "label": _("Make a new one"),
        "question": _("Make a new certificate of this workspace's own? The one in use is forgotten."),
        "text": _("What was sealed before stays valid."),
    }
    return form(
        request,
        _("Document seal"),
        [(_("Bring your own certificate"), fields)],
        {},
        action=address,
        problems=problems,
        text=_described(request),
        submit=_("Use this certificate"),
        danger=renewal,
    )


def _described(request: HttpRequest) -> Markup:
    """The certificate in use, in words."""
    kept = certificates.kept()
    if kept is None:
        return Markup.escape(_("A certificate of this workspace's own is made when the first document is sealed."))
    found = certificates.shown(kept)
    reader, day = access.reader(request.actor), Date()
    whose = _("made by Trato for this workspace") if found.is_own else _("issued by %(who)s") % {"who": found.issuer}
    told = _("Signed quotes are sealed with %(subject)s, %(whose)s, valid until %(day)s.")
    values = {"subject": found.subject, "whose": whose, "day": day.plain(found.until.date(), reader)}
    return Markup("{}<br><code>SHA-256 {}</code>").format(told % values, found.fingerprint)


@administrators
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Make a new certificate of the workspace's own."""
    certificates.renew(request.actor)
    return said(request, settings_url(request, "seal"), _("There is a new certificate."))


# -- mails ----------------------------------------------------------------------------------------------------------


@administrators
@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """The mails to people outside, and what became of them."""
    context = mail_list(request, "mails", STATES, outbox.listed, _mail)
    return show(request, "mails", _("Mails"), context, text=_("Quotes, invoices and letters that went out by mail."))


def _mail(request: HttpRequest, mail: Mail, reader: Reader, address: str) -> dict[str, Any]:
    base = f"/w/{request.actor.workspace.slug}"
    return {
        "subject": mail.subject,
        "to": ", ".join(to_whom for _name, to_whom in mail.to),
        "who": mail.by_name,
        "state": mail.state,
        "state_label": str(STATES[mail.state]),
        "message": _(mail.message) if mail.message else "",
        "when": words.when(mail.ended_at or mail.created_at, reader),
        "url": f"{base}/{mail.object}/{mail.record_id}" if mail.object else "",
        "cancel_url": f"{address}/{mail.id}/cancel" if mail.state == "waiting" else "",
        "retry_url": f"{address}/{mail.id}/retry" if mail.state in ("failed", "cancelled") else "",
    }


@administrators
@require_POST
def mail_turn(request: HttpRequest, mail_id: Any, turn: str) -> HttpResponse:
    """Take a mail back that waits, or try one again that did not go."""
    try:
        {"cancel": outbox.cancel, "retry": outbox.retry}[turn](request.actor, mail_id)
    except access.Absent:
        gone = Problem("", "absent", _("That mail is in another state by now. Nothing was changed."))
        return fail(request, "mails", Refused([gone]))
    text = _("The mail is taken back.") if turn == "cancel" else _("The mail is on its way again.")
    return said(request, settings_url(request, "mails"), text)

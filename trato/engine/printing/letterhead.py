"""The letterhead of a workspace: how it stands on its letters and on the pages its customers see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ..decisions import record, require
from ..postgres.scope import current_workspace_id
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.models import Workspace
from . import logos
from .models import Letterhead

COLOUR = re.compile(r"#[0-9a-f]{6}")
#: What lines and characters there is room for on a page.
LONGEST = {"name": 200, "address": 400, "tax_number": 60, "bank": 400, "footer": 600}
MOST_LINES = 8


def own() -> Letterhead:
    """The workspace's letterhead (inside ``in_workspace``); an empty one where nothing was set yet."""
    return Letterhead.objects.first() or Letterhead()


def current() -> tuple[Workspace, dict[str, Any]]:
    """The workspace, and its letterhead as templates read it: name, address, bank and footer by lines, tax_number,
    colour and logo.
    """
    workspace, kept = Workspace.objects.get(id=current_workspace_id()), own()
    return workspace, {
        "name": kept.name or workspace.name,
        "address": kept.address.splitlines(),
        "tax_number": kept.tax_number,
        "bank": kept.bank.splitlines(),
        "footer": kept.footer.splitlines(),
        "colour": kept.colour or "#1a2124",
        "logo": kept.logo,
    }


def change(actor: Actor, given: Mapping[str, Any], *, logo: bytes | None = None, without_logo: bool = False) -> None:
    """Set name, address, tax_number, bank, footer and colour, and the logo where one was uploaded; raises
    NotAdministrator, Refused.
    """
    require(actor)
    kept = Letterhead.objects.select_for_update().first() or Letterhead()
    before = {name: getattr(kept, name) for name in (*LONGEST, "colour")}
    problems = []
    for name, longest in LONGEST.items():
        text = "\n".join(line.rstrip() for line in str(given.get(name) or "").strip().splitlines())
        if len(text) > longest or len(text.splitlines()) > MOST_LINES or "\0" in text:
            words = _("At most %(lines)s lines and %(n)s characters.") % {"lines": MOST_LINES, "n": longest}
            problems.append(Problem(name, "too_long", words))
        setattr(kept, name, text)
    kept.colour = str(given.get("colour") or "").strip().lower()
    if kept.colour and not COLOUR.fullmatch(kept.colour):
        problems.append(Problem("colour", "colour", _("Write a colour such as #1a7f64.")))
    if problems:
        raise Refused(problems)
    changes = {name: (old, getattr(kept, name)) for name, old in before.items() if getattr(kept, name) != old}
    if logo or without_logo:
        found = logos.read(logo) if logo else logos.Logo("", "")
        changes["logo"] = (bool(kept.logo), bool(found.svg))
        kept.logo, kept.picture = found.svg, found.picture
    kept.save()
    if changes:
        record(actor, "letterhead", kept.id, "updated", changes)


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour ``#rrggbb`` (relative luminance, WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"

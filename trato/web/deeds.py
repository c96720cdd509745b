"""What a batch did, in words: "Changed 1,204 contacts: lifecycle, tags", "Imported people.csv: 4,959 created"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trato.engine import actions, history, objects
from trato.engine.batches import Line, Part
from trato.engine.workspaces.actors import Actor

from . import words
from .names import called, labels

#: Fields that are named; further ones are "…".
NAMED = 6
DID = {
    "created": gettext_lazy("Created %(what)s"),
    "updated": gettext_lazy("Changed %(what)s"),
    "deleted": gettext_lazy("Deleted %(what)s"),
    "restored": gettext_lazy("Restored %(what)s"),
    "destroyed": gettext_lazy("Deleted for good: %(what)s"),
    "shared": gettext_lazy("Shared %(what)s"),
    "unshared": gettext_lazy("No longer shared: %(what)s"),
    "unmerged": gettext_lazy("Took a merge apart: %(what)s"),
}
IMPORTED = {"created": gettext_lazy("%(n)s created"), "updated": gettext_lazy("%(n)s changed")}
KINDS = {
    "created": gettext_lazy("Created"),
    "changed": gettext_lazy("Changed"),
    "deleted": gettext_lazy("Deleted"),
    "restored": gettext_lazy("Restored"),
    "merged": gettext_lazy("Merged"),
    "shared": gettext_lazy("Shared"),
    "imported": gettext_lazy("Imported"),
    "undone": gettext_lazy("Undone"),
    "destroyed": gettext_lazy("Deleted for good"),
}
#: What has a history and is no record.
BESIDE = {
    "views": gettext_lazy("a view"),
    "comments": gettext_lazy("a comment"),
    "workspace": gettext_lazy("the workspace"),
    "members": gettext_lazy("a member"),
    "roles": gettext_lazy("a role"),
    "teams": gettext_lazy("a team"),
    "tokens": gettext_lazy("an API key"),
}


def refs(lines: Iterable[Line]) -> set[str]:
    """The records whose titles the words may name."""
    found = set()
    for line in lines:
        found |= {f"{part.object}/{each}" for part in line.parts if part.count == 1 for each in part.ids[:1]}
        if line.winner:
            found.add(f"{line.winner[0]}/{line.winner[1]}")
    return found


def words_of(actor: Actor, line: Line, titles: Mapping[str, str]) -> str:
    """One line, in words; titles are those the reader may see."""
    if line.undo_of is not None:
        again = len(history.undo_chain(line.batch)) % 2 == 1
        return (_("Redone: %(what)s") if again else _("Undone: %(what)s")) % {"what": _parts(actor, line, titles)}
    if line.first.face == "import":
        return _imported(line)
    if line.winner:
        return _merged(line, titles)
    return _parts(actor, line, titles)


def _parts(actor: Actor, line: Line, titles: Mapping[str, str]) -> str:
    return " · ".join(_part(actor, part, titles) for part in line.parts)


def _part(actor: Actor, part: Part, titles: Mapping[str, str]) -> str:
    known = objects.get(part.object) if objects.is_known(part.object) else None
    named = actions.of(part.object).get(part.action)
    if part.action in DID:
        told = str(DID[part.action]) % {"what": _what(part, titles)}
    else:
        told = f"{named.label if named else words.write(part.action)}: {_what(part, titles)}"
    if known is None or not part.fields:
        return told
    called_so = labels(actor, known)
    fields = ", ".join(called_so.get(name, name) for name in part.fields[:NAMED])
    return f"{told}: {fields}" + (", …" if len(part.fields) > NAMED else "")


def _what(part: Part, titles: Mapping[str, str]) -> str:
    if not objects.is_known(part.object):
        return str(BESIDE.get(part.object) or part.object.replace("_", " "))
    if part.count == 1 and part.ids and (title := titles.get(f"{part.object}/{part.ids[0]}")):
        return _("“%(title)s”") % {"title": title}
    name = called(objects.get(part.object))
    return f"{_number(part)} {name.one if part.count == 1 else name.many}".strip()


def _number(part: Part) -> str:
    if part.count is None:
        return ""
    return _("more than %(n)s") % {"n": f"{part.count:,}"} if part.more else f"{part.count:,}"


def _imported(line: Line) -> str:
    name = line.run.file_name if line.run else line.first.source.partition(":")[2]
    counts = {"created": line.run.created, "updated": line.run.updated} if line.run and line.whole else {}
    told = []
    for part in line.parts:
        n = f"{counts[part.action]:,}" if counts.get(part.action) else _number(part)
        pattern = IMPORTED.get(part.action)
        told.append(str(pattern) % {"n": n} if pattern and n else f"{n} {words.write(part.action)}".strip())
    return _("Imported %(file)s: %(what)s") % {"file": name, "what": ", ".join(dict.fromkeys(told))}


def _merged(line: Line, titles: Mapping[str, str]) -> str:
    plural, winner = line.winner or ("", None)
    merged = next((part for part in line.parts if part.object == plural and part.action == history.MERGED), None)
    what = _what(merged, {}) if merged else called(objects.get(plural)).many
    title = titles.get(f"{plural}/{winner}")
    if title is None:
        return _("Merged %(what)s") % {"what": what}
    return _("Merged %(what)s into “%(title)s”") % {"what": what, "title": title}


def source(line: Line) -> str:
    """The file, the form or the key it came from; nothing for an undo, whose words say it."""
    text: Any = line.first.source
    return "" if line.first.face in ("undo", "import") or line.winner else text.partition(":")[2] or text

"""Imports as people meet them: draft a file, look at it, decide, start, follow, undo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import IO, Any

import pycountry
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, files, jobs, objects, undo
from ..bulk import ID, ON_MATCH
from ..exports import formats as written
from ..models import ImportMemory, ImportRun
from ..objects import Field, Object
from ..values import Problem, Refused
from ..workspaces.actors import Actor
from ..workspaces.ids import uuid7
from . import conventions
from .formats import Sniffed, Unreadable, sniff
from .mapping import guess
from .places import country_of, regions_in
from .rows import IGNORE, NAME, NAME_PARTS, has_name_parts, header_digest, keepable, mapping_fields, targets
from .synonyms import PARTS
from .work import local_file

#: Bytes of an upload, at most.
LARGEST = 4 * 2**30
#: How long the file of an import is kept after its end, and a draft that nobody starts.
KEPT, DRAFT_KEPT = timedelta(days=30), timedelta(days=7)


def draft(actor: Actor, obj: Object, name: str, content: IO[bytes], **hints: Any) -> ImportRun:
    """Keep an upload, find out what is in it and guess what each column means (inside ``in_workspace``).

    ``hints`` are encoding, delimiter, has_header, sheet. Raises Forbidden without the right to import, Refused when it
    is too large or nothing can be read from it; then nothing is kept.
    """
    access.require(actor, obj, "import")
    if not obj.importable:
        raise access.Forbidden(obj.plural, "import")
    _drop_old_files()
    stored = files.store(actor, name, content, largest=LARGEST)
    run = ImportRun(
        object=obj.plural, file=stored, file_name=stored.name, user_id=actor.user_id, actor=jobs.remember(actor)
    )
    try:
        return read_as(actor, run, **hints)
    except Refused:
        default_storage.delete(stored.key)
        stored.delete()
        raise


def _drop_old_files() -> None:
    """Forget uploads that nobody needs any more: of imports long ended, and of drafts nobody started."""
    now = timezone.now()
    old = Q(ended_at__lt=now - KEPT) | Q(state="draft", created_at__lt=now - DRAFT_KEPT)
    for run in ImportRun.objects.select_related("file").filter(old, file__isnull=False):
        stored, run.file = run.file, None
        run.state = "cancelled" if run.state == "draft" else run.state
        run.save(update_fields=["file", "state"])
        files.remove(stored)


def read_as(actor: Actor, run: ImportRun, **hints: Any) -> ImportRun:
    """Look at a draft's file again, with what a person says about it; raises Refused."""
    _still(run, "draft")
    obj = objects.get(run.object)
    try:
        with local_file(run.file) as path:
            sniffed = sniff(path, run.file_name, **hints)
    except Unreadable as problem:
        raise Refused([Problem("file", problem.code, problem.message)]) from None
    header = [keepable(name, 200) for name in sniffed.header]
    sample = [[keepable(cell, 200) for cell in row] for row in sniffed.sample]
    sniffed = replace(sniffed, header=header, sample=sample)
    run.format, run.total = asdict(sniffed), sniffed.rows_estimate
    run.mapping = guessed(actor, obj, sniffed)
    home = actor.workspace.country
    found = _found(actor, run)
    run.options = {
        "match": [name for name in _usual_match(obj) if name in run.mapping.values()][:1],
        "on_match": "update",
        "create_links": True,
        "country": country_of(regions_in(sniffed.header, sniffed.sample, run.mapping), home),
        "numbers": "",
        "dates": "",
        "found": found,
    }
    run.save()
    return run


def _found(actor: Actor, run: ImportRun) -> dict[str, str]:
    """How the file writes its numbers and dates, where its columns go as the draft says; raises Refused."""
    known = targets(actor, objects.get(run.object))
    with local_file(run.file) as path:
        return conventions.found(path, Sniffed(**run.format), run.mapping, known, access.reader(actor))


def guessed(actor: Actor, obj: Object, sniffed: Sniffed) -> dict[str, str]:
    """Column -> target as guessed, or as a person chose the last time for this header."""
    memory = ImportMemory.objects.filter(object=obj.plural, header_digest=header_digest(sniffed.header)).first()
    remembered = {name: target or None for name, target in memory.mapping.items()} if memory else None
    known = targets(actor, obj)
    found = guess(sniffed.header, sniffed.sample, mapping_fields(known), remembered)
    return {name: target or IGNORE for name, target in zip(sniffed.header, found, strict=True)}


def choices(actor: Actor, obj: Object) -> list[tuple[str, str]]:
    """What a column can go to, as (target, words), for the page where the mapping is chosen."""
    known = targets(actor, obj)
    found = [(NAME, _("Full name"))] if has_name_parts(known) else []
    for name, field in known.items():
        found.append((name, str(field.label)))
        if field.kind.name == "addresses":
            labels = {part.name: str(part.label) for part in getattr(field.kind, "parts", ())}
            found += [(f"{name}.{part}", f"{field.label}: {labels.get(part, _('House number'))}") for part in PARTS]
    return [*found, (ID, _("Id of the record"))]


def columns_of(run: ImportRun, field: str) -> list[int]:
    """The places of the columns that a field is read from."""
    whole_name = {NAME} if field in NAME_PARTS.values() else set()
    told = {field, *whole_name}
    return [
        place
        for place, column in enumerate(run.format["header"])
        if (target := run.mapping.get(column, IGNORE)) in told or (field and target.startswith(f"{field}."))
    ]


def _usual_match(obj: Object) -> Sequence[str]:
    """The fields records are usually known again by: the first keyed one that the file has."""
    return [name for name in obj.duplicate_keys if obj.builtin[name].kind.name != "addresses"]


def get(actor: Actor, run_id: Any) -> ImportRun:
    """An import the actor may look at: their own, or any for an administrator; raises Absent."""
    run = listed(actor).filter(id=access.as_uuid(run_id)).first()
    if run is None:
        raise access.Absent(str(run_id))
    return run


def listed(actor: Actor) -> QuerySet:
    """The imports the actor may look at, newest first."""
    runs = access.left_open(actor, ImportRun.objects.select_related("file", "job").order_by("-id"), "import")
    return runs if actor.rights.admin else runs.filter(Q(user_id=actor.user_id))


def fix(actor: Actor, run: ImportRun, line: int, column: int, text: str) -> None:
    """Put one cell right: ``text`` is read in place of what the file holds there. Raises Refused."""
    _still(run, "draft")
    if not (line > 0 and 0 <= column < len(run.format["header"])):
        raise Refused([Problem("column", "absent", _("There is no such cell."))])
    fixes = run.options.setdefault("fixes", {})
    fixes.setdefault(str(line), {})[str(column)] = text
    run.save(update_fields=["options"])


def choose(
    actor: Actor,
    run: ImportRun,
    *,
    mapping: Mapping[str, str] | None = None,
    match: Sequence[str] | None = None,
    on_match: str = "update",
    create_links: bool = False,
    country: str | None = None,
    numbers: str | None = None,
    dates: str | None = None,
    lawful_basis: str = "",
    source: str = "",
) -> None:
    """Keep what a person decided about a draft; raises Refused with every problem, and changes nothing then.

    ``country`` is that of addresses and phone numbers that say none, ``numbers`` (one of ``conventions.NUMBERS``) and
    ``dates`` (of ``conventions.DATES``) are how the file writes them, "" as its cells tell; None leaves what was
    decided.
    """
    _still(run, "draft")
    obj = objects.get(run.object)
    chosen = run.mapping if mapping is None else {name: mapping.get(name, IGNORE) for name in run.format["header"]}
    matching = run.options.get("match", []) if match is None else [_plural(actor, obj, name) for name in match if name]
    problems = [*_mapping_problems(targets(actor, obj), chosen), *_match_problems(chosen, matching)]
    if on_match not in ON_MATCH:
        problems.append(Problem("on_match", "choice", _("Choose update, fill or skip.")))
    if country and country not in {each.alpha_2 for each in pycountry.countries}:
        problems.append(Problem("country", "country", _("Choose a country, by its two letters.")))
    if numbers and numbers not in conventions.NUMBERS:
        known_ways = ", ".join(conventions.NUMBERS)
        problems.append(Problem("numbers", "choice", _("Choose one of: %(choices)s.") % {"choices": known_ways}))
    if dates and dates not in conventions.DATES:
        known_ways = ", ".join(conventions.DATES)
        problems.append(Problem("dates", "choice", _("Choose one of: %(choices)s.") % {"choices": known_ways}))
    if problems:
        raise Refused(problems)
    if chosen != run.mapping:
        run.mapping = chosen
        run.options["found"] = _found(actor, run)
    run.options |= {
        "match": matching,
        "on_match": on_match,
        "create_links": bool(create_links),
        "lawful_basis": lawful_basis.strip()[:200],
        "source": source.strip()[:200],
    }
    told = {"country": country, "numbers": numbers, "dates": dates}
    run.options |= {name: value for name, value in told.items() if value is not None}
    run.save(update_fields=["mapping", "options"])


def _plural(actor: Actor, obj: Object, name: str) -> str:
    """A match field by its own name, also where it was given in the singular: ``email``."""
    known = access.fields(actor, obj)
    return next((each for each in (name, f"{name}s", f"custom.{name}") if each in known), name)


def _mapping_problems(known: Mapping[str, Field], chosen: Mapping[str, str]) -> Iterator[Problem]:
    if not any(chosen.values()):
        yield Problem("mapping", "empty", _("Choose a field for at least one column."))
    taken: dict[str, str] = {}
    for column, target in chosen.items():
        name, _dot, part = target.partition(".")
        is_part = part in PARTS and name in known and known[name].kind.name == "addresses"
        if not (target in ("", ID) or target in known or is_part or (target == NAME and has_name_parts(known))):
            yield Problem("mapping", "unknown", _("“%(column)s”: there is no such field.") % {"column": column})
        elif target and not is_part and not (target in known and known[target].kind.many):
            if target in taken:
                words = _("“%(one)s” and “%(other)s” can't both go to one field.")
                yield Problem("mapping", "twice", words % {"one": taken[target], "other": column})
            taken[target] = column


def _match_problems(chosen: Mapping[str, str], match: Iterable[str]) -> Iterator[Problem]:
    filled = {target.partition(".")[0] if not target.startswith("custom.") else target for target in chosen.values()}
    for name in match:
        parts = name in ("first_name", "last_name") and NAME in filled
        if name not in filled and not parts:
            words = _("No column goes to “%(name)s”, so records can't be matched by it.")
            yield Problem("match", "unmapped", words % {"name": name})


def start(actor: Actor, run: ImportRun, **decisions: Any) -> ImportRun:
    """Decide (see ``choose``) and begin in the background, in the running transaction. Raises Refused, Forbidden."""
    launch(actor, run, **decisions)
    label = _("Import of %(name)s") % {"name": run.file_name}
    run.job = jobs.enqueue(as_import(actor, run), "import", label, run_id=str(run.id))
    run.save(update_fields=["job"])
    return run


def launch(actor: Actor, run: ImportRun, **decisions: Any) -> None:
    """Decide, and make the run ready for whoever does the work."""
    access.require(actor, objects.get(run.object), "import")
    choose(actor, run, **decisions)
    run.state, run.batch_id, run.actor = "waiting", uuid7(), jobs.remember(as_import(actor, run))
    run.save(update_fields=["state", "batch_id", "actor"])


def as_import(actor: Actor, run: ImportRun) -> Actor:
    """The actor whose history entries name the file, where it comes from and on what lawful basis."""
    said = {"source": run.options.get("source"), "basis": run.options.get("lawful_basis")}
    told = "".join(f"; {name}: {words}" for name, words in said.items() if words)
    return actor.via("import", f"file:{run.file_name}{told}", "import")


def cancel(actor: Actor, run: ImportRun) -> bool:
    """Ask an import, or its undo, to stop after the rows it is at; a draft is thrown away. False when it had ended
    already.
    """
    if run.state == "draft":
        run.state, run.ended_at = "cancelled", timezone.now()
        run.save(update_fields=["state", "ended_at"])
        return True
    if run.job_id is None or not jobs.cancel(actor, run.job_id):
        return False
    ImportRun.objects.filter(id=run.id, state="waiting").update(state="cancelled", ended_at=timezone.now())
    if run.state == "undoing" and jobs.ended(run.job_id):
        ImportRun.objects.filter(id=run.id).update(state="partly", message=_("The undo was stopped before it began."))
    return True


def interrupted(draft: ImportRun) -> ImportRun | None:
    """The import of the same file that no job looks after and that was never finished."""
    assert draft.file is not None
    rows = ImportRun.objects.select_related("file").filter(state="running", job=None, object=draft.object)
    return rows.filter(file__digest=draft.file.digest).order_by("-id").first()


def discard(run: ImportRun) -> None:
    """Forget a draft and its file; raises Refused once it was started."""
    _still(run, "draft")
    stored = run.file
    run.delete()
    files.remove(stored)


def take_back(actor: Actor, run: ImportRun) -> bool:
    """Undo everything an import did: at once and whole (True), or as a job when there is a lot of it, which leaves
    alone what can't be taken back. Raises Refused, Absent.
    """
    _still(run, "done", "cancelled", "failed", "partly")
    if run.batch_id is None:
        raise Refused([Problem("", "nothing", _("There is nothing to undo."))])
    if undo.is_large(run.batch_id):
        label = _("Undo of the import of %(name)s") % {"name": run.file_name}
        run.job = undo.enqueue(actor, run.batch_id, "undo import", label, run_id=str(run.id))
        run.state = "undoing"
        run.save(update_fields=["state", "job"])
        return False
    undo.undo(actor, run.batch_id)
    run.state, run.ended_at = "undone", timezone.now()
    run.save(update_fields=["state", "ended_at"])
    return True


def problems_file(run: ImportRun) -> Iterator[bytes]:
    """The rows that were not taken over as CSV: the file's own columns, then the line and the reason. Can be imported
    again.
    """
    header = [*run.format["header"], _("Line"), _("Reason")]
    return written.stream("csv", header, _problem_rows(run))


def _problem_rows(run: ImportRun) -> Iterator[list[list[str]]]:
    last = 0
    while True:
        problems = list(run.problems.filter(line__gt=last).order_by("line")[:2_000])
        if not problems:
            return
        yield [[*problem.row, str(problem.line), problem.message] for problem in problems]
        last = problems[-1].line


def _still(run: ImportRun, *states: str) -> None:
    """Refuse what comes too late, or too early."""
    if run.state not in states:
        words = _("This import is %(state)s; that can't be done with it now.")
        raise Refused([Problem("state", "state", words % {"state": run.state})])

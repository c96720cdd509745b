"""Writes the generated documents below docs/, or says which of them are out of date."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from trato.api.docs import files

DOCS = Path(__file__).resolve().parents[4] / "docs"


class Command(BaseCommand):
    """``document`` writes docs/api/openapi.json and docs/objects/*.md; with ``--check`` it compares them and fails."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail when a document is out of date.")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        with translation.override("en"):
            wanted = {DOCS / name: text for name, text in files().items()}
        gone = set((DOCS / "objects").glob("*.md")) - wanted.keys()
        stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
        if check and (stale or gone):
            names = ", ".join(sorted(str(path.relative_to(DOCS)) for path in {*stale, *gone}))
            raise CommandError(f"Out of date: {names}. Run: .venv/bin/python -m django document")
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path])
        for path in gone:
            path.unlink()

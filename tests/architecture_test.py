"""The rules of ARCHITECTURE.md that no other tool looks after: what a module has, who asks the database, how large
things get.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "trato"
SOURCES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if not {"migrations", "tests", "node_modules"} & set(path.relative_to(PACKAGE).parts)
)
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
#: Files and functions that are longer, each with its reason.
LONGER = {"api/openapi/paths.py:object_paths": "a table of addresses, read from top to bottom"}
#: What a module may consist of; ARCHITECTURE.md says what each holds. Others are named with their reason.
PARTS = {"actions", "demo", "endpoints", "jobs", "models", "objects", "pages", "queries", "reactions", "rules"}
MODULE_FILES = {"__init__.py", "apps.py"} | {f"{part}.py" for part in PARTS}
#: A part that is larger than one file may hold is a folder of the same name.
MODULE_FOLDERS = {"templates", "migrations", "locale", "tests", "data", "__pycache__"} | PARTS
MODULE_EXTRAS = {
    "people/graph.py": "the drawing of relationships on the record page",
}


#: Who asks the database itself beside the engine and the modules' queries.py and actions.py, each with its reason.
ASKERS = {"modules/people/demo/seed.py": "makes the people and the workspace of the demo, whom no actor precedes"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    """Which part of its module a file belongs to: ``rules`` of ``rules.py`` and of all in ``rules/``; else its name."""
    parts = path.relative_to(PACKAGE).parts
    return parts[2].removesuffix(".py") if parts[0] == "modules" and len(parts) > 2 else path.stem


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 100


def test_files_and_functions_stay_small():
    long = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    long = {place: lines for place, lines in long.items() if lines > LONGEST_FILE}
    for path in SOURCES:
        for function in functions(tree_of(path)):
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > LONGEST_FUNCTION:
                long[f"{name_of(path)}:{function.name}"] = lines
    assert set(long) == set(LONGER), long


def test_every_file_says_what_it_is_for():
    trees = {name_of(path): tree_of(path) for path in SOURCES}
    assert [place for place, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_nothing_is_imported_inside_a_function():
    imports = ast.Import | ast.ImportFrom
    assert [
        f"{name_of(path)}:{node.lineno}"
        for path in SOURCES
        for function in functions(tree_of(path))
        for node in ast.walk(function)
        if isinstance(node, imports)
    ] == []


def test_there_are_no_signals_and_no_work_in_save():
    found = []
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and node.module in ("django.db.models.signals", "django.dispatch"):
                found.append(f"{name_of(path)}:{node.lineno}")
            elif isinstance(node, ast.ClassDef) and "models" in path.stem and _names(node) & {"save", "delete"}:
                found.append(f"{name_of(path)}:{node.name}")
    assert found == []


def _names(node: ast.ClassDef) -> set[str]:
    return {each.name for each in node.body if isinstance(each, ast.FunctionDef)}


def test_rows_are_read_through_the_one_door():
    """`.objects` only in the engine, and in a module's named reads and writes; everything else goes through access."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in SOURCES
        if not name_of(path).startswith("engine/") and part_of(path) not in ("queries", "actions")
        if name_of(path) not in ASKERS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
        if isinstance(node.value, ast.Name) and node.value.id[:1].isupper()
    ]
    assert found == [], "ask access, or give the module's queries.py a named read"


def test_rules_touch_no_database_and_queries_no_requests():
    for path in SOURCES:
        imported = {
            module
            for node in ast.walk(tree_of(path))
            for module in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        if part_of(path) == "rules":
            assert not {name for name in imported if name.startswith("django.db") or name == "models"}, path
        if part_of(path) in ("queries", "actions", "rules", "jobs") and "modules" in path.parts:
            assert not {name for name in imported if name.startswith(("django.http", "trato.web", "trato.api"))}, path


def test_a_module_has_only_the_files_that_are_agreed():
    for module in (each for each in (PACKAGE / "modules").iterdir() if each.is_dir() and each.name != "__pycache__"):
        for path in module.iterdir():
            place = f"{module.name}/{path.name}"
            allowed = MODULE_FOLDERS if path.is_dir() else MODULE_FILES
            assert path.name in allowed or place in MODULE_EXTRAS, f"{place}: no other name without a reason"


def test_every_process_knows_every_job():
    """A worker loads no pages: a job that only they import would be queued and never found."""
    named = {
        decorator.args[0].value
        for path in SOURCES
        for function in functions(tree_of(path))
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in ("jobs.job", "job")
        if isinstance(decorator.args[0], ast.Constant)
    }
    told = "import django; django.setup(); from trato.engine import jobs; print(*jobs.names(), sep='\\n')"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "trato.site.settings"}
    known = subprocess.run([sys.executable, "-c", told], cwd=ROOT, env=environment, check=True, capture_output=True)
    assert "change" in named
    assert named <= set(known.stdout.decode().splitlines())


def test_the_engine_knows_no_business_module():
    for path in SOURCES:
        if name_of(path).startswith("engine/"):
            assert "trato.modules" not in path.read_text(encoding="utf-8"), path

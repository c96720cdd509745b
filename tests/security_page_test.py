"""What docs/admin/security.md names is there: a claim without its file or its test is none."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/admin/security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:trato|tests)/[\w./]+(?:::\w+)?)`", PAGE)))
ROW = re.compile(r"^\| (\d[\d., to]*) \| (.+?) \| (.+) \|$", re.M)


def test_every_file_and_test_is_there():
    missing = []
    for name in NAMED:
        path, _sign, test = name.partition("::")
        if not (ROOT / path).exists() or (test and test not in functions(ROOT / path)):
            missing.append(name)
    assert missing == []


def functions(path: Path) -> set[str]:
    return {
        node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }


def test_every_item_says_whether_it_is_met():
    rows = ROW.findall(PAGE)
    assert len(rows) == PAGE.count("\n| ") - PAGE.count("\n| item |")
    verdicts = ("met", "partly", "**not met**", "does not apply", "yours to do")
    assert [row[0] for row in rows if not row[2].startswith(verdicts)] == []

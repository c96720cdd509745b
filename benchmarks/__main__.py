"""``script/bench``: fills a database (once), starts the stack, and prints every figure as a ratio to its floor.

--scale small|full   10,000 or 1,000,000 contacts (default: small)
--data DIR           where the filled databases are kept (default: var/bench)
--json FILE          the figures as JSON too
--only WORD          only rows whose name holds this word
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from .load import SCALES
from .stack import ROOT, environment


def main() -> int:
    """Run the benchmark; the exit code is 0 however the figures turn out: they are for reading, not for asserting."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Speeds as ratios to floors of the same run.")
    parser.add_argument("--scale", choices=sorted(SCALES), default="small")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    results: dict[str, list[dict[str, Any]]] = {}
    scales = ["small"] if options.scale == "small" else ["small", "full"]
    for scale in scales:
        results[scale] = _measure(options.data / scale, scale, options.only)
    table = report(results)
    print(table)
    if options.json:
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
        options.json.write_text(json.dumps({"machine": machine, "figures": results}, indent=1))
    return 0


def _measure(data: Path, scale: str, only: str) -> list[dict[str, Any]]:
    """The figures of one scale, measured in a process of its own (Django's settings belong to one data folder)."""
    data.mkdir(parents=True, exist_ok=True)
    found = data / "figures.json"
    found.unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        try:
            environment(data)
            from .measure import measure  # noqa: PLC0415 - Django's settings must know the folder first

            found.write_text(json.dumps(measure(data, SCALES[scale], only)))
            os._exit(0)
        except BaseException as problem:
            import traceback  # noqa: PLC0415

            traceback.print_exception(problem)
            os._exit(1)
    _pid, status = os.waitpid(pid, 0)
    if status:
        sys.exit(f"The measurements at scale {scale} failed.")
    return json.loads(found.read_text())


def report(results: dict[str, list[dict[str, Any]]]) -> str:
    """The table for people; growth is each row of the full scale against itself at the small one."""
    small = {row["name"]: row for row in results["small"]}
    lines = [f"{'what':44} {'median':>12} {'p95':>9} {'floor':>12} {'ratio':>8} {'aim':>8} {'growth':>7}"]
    for row in results.get("full", results["small"]):
        before = small.get(row["name"])
        grown = f"{row['value'] / before['value']:.2f}" if "full" in results and before and row["unit"] == "ms" else ""
        ratio = f"{row['ratio']:.2f}x" if row.get("ratio") is not None else ""
        p95 = f"{row['p95']:.1f}" if row.get("p95") else ""
        floor = f"{row['floor']:,.2f}" if row.get("floor") is not None else ""
        value = f"{row['value']:,.2f} {row['unit']}"
        lines.append(f"{row['name']:44} {value:>12} {p95:>9} {floor:>12} {ratio:>8} {row['aim']:>8} {grown:>7}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

"""``trato doctor``: how this installation is, a line each; ends with status 1 when something has to be done."""

from __future__ import annotations

import argparse

from django.conf import settings
from django.core.management.color import supports_color

from trato.engine.health import findings

from ..database import outside
from .terminal import put


def doctor(arguments: argparse.Namespace) -> int:
    """Looks at everything, also when the first thing is wrong already."""
    well = True
    mark = {True: "\33[32mok\33[0m ", False: "\33[31mBAD\33[0m"} if supports_color() else {True: "ok ", False: "BAD"}
    more = {
        "disk": f" at {settings.DATA.path}",
        "database": f", {'yours (DATABASE_URL)' if outside() else 'the embedded one'}",
    }
    for finding in findings(working=False):  # whoever asks here may not have started it
        put(f"{mark[finding.well]} {finding.what:<12} {finding.seen}{more.get(finding.what, '')}")
        well &= finding.well
    return 0 if well else 1

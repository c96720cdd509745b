"""What the contract tests fill into quotes and their lines, where their rules ask for more than the kinds."""

from __future__ import annotations

from typing import Any

from trato.modules.catalog.tests.samples import LINE, euros

VALUES: dict[str, dict[str, Any]] = {
    "quotes": {"valid_until": ["2091-01-31", "2092-02-29", "2093-12-31"], "currency": ["EUR", "EUR", "EUR"]},
    "quote-lines": LINE,
    "approval-rules": {"amount": euros("0", "1.5", "1234.56")},
}

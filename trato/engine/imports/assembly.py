"""Rows of a file turned into values by field, as the mapping says."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .mapping import MappingField, read_name
from .synonyms import PARTS

Values = dict[str, Any]
Step = Callable[[Any, Values], None]
_SEVERAL = " ::: "  # how Google separates several values in one cell


def assembler(
    header: Sequence[str], targets: Sequence[str | None], fields: Sequence[MappingField]
) -> Callable[[list[str] | Mapping[str, Any]], Values]:
    """A function that makes {field: value} of the cells of a row (or of the dict of a record), without what is empty.

    A single field gets its text (or JSON value), to be parsed (or cleaned) by its kind. A field of many values gets a
    list of texts and JSON items. What the column's name says goes with them: texts of e-mails and telephones end in
    `(work)` as the kinds read it, handles begin with their network, addresses are objects of their parts with a
    label. A whole name is under `name`.
    """
    known = {field.name: field for field in fields}
    steps: list[tuple[int, str, Step]] = []
    addresses: dict[tuple[str, str, str], dict[str, int]] = {}
    for at, (name, target) in enumerate(zip(header, targets, strict=True)):
        if target is None:
            continue
        column = read_name(name)
        field, _dot, part = target.partition(".")
        if part in PARTS and field in known:
            addresses.setdefault((field, column.label, column.number), {})[part] = at
        elif target in known and known[target].many:
            steps.append((at, name, _adder(target, known[target].kind_name, column.label, column.network)))
        else:
            steps.append((at, name, _setter(target)))

    def assemble(cells: list[str] | Mapping[str, Any]) -> Values:
        values: Values = {}
        if isinstance(cells, Mapping):
            for _at, name, step in steps:
                step(cells.get(name), values)
            cells = [str(cells.get(name) or "") for name in header] if addresses else []
        else:
            for at, _name, step in steps:
                step(cells[at].strip(), values)
        for (field, label, _number), parts in addresses.items():
            address = _address(cells, parts)
            if address:
                values.setdefault(field, []).append({**address, "label": label} if label else address)
        return values

    return assemble


def _setter(target: str) -> Step:
    def put(value: Any, values: Values) -> None:
        if value not in (None, "", []):
            values.setdefault(target, value)

    return put


def _adder(target: str, kind: str, label: str, network: str) -> Step:
    def add(value: Any, values: Values) -> None:
        if value in (None, "", []):
            return
        if isinstance(value, str):
            items = [_worded(text, kind, label, network) for text in _pieces(value, kind)]
        else:
            items = value if isinstance(value, list) else [value]
        values.setdefault(target, []).extend(items)

    return add


def _pieces(text: str, kind: str) -> list[str]:
    """The values in one cell. Google marks the tags of its own with an asterisk."""
    pieces = text.split(_SEVERAL) if _SEVERAL in text else [text]
    return [piece for piece in map(str.strip, pieces) if piece and not (kind == "tags" and piece.startswith("* "))]


def _worded(text: str, kind: str, label: str, network: str) -> str:
    """The text with what the column's name says of it."""
    if network and not re.match(r"https?://|www\.", text):
        return f"{network}: {text}"
    if label and kind in ("emails", "phones") and not re.search(r"[;,\n()]", text):
        return f"{text} ({label})"
    return text


def _address(cells: Sequence[str], parts: Mapping[str, int]) -> dict[str, str]:
    """The parts that aren't empty; a house number of its own stands on the side of the street that its column does."""
    address = {part: text for part, at in parts.items() if (text := cells[at].strip())}
    number = address.pop("number", "")
    if number:
        street = address.get("line1", "")
        before = parts["number"] < parts.get("line1", -1)
        address["line1"] = " ".join(filter(None, (number, street) if before else (street, number)))
    return address

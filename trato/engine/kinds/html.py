"""The few HTML pieces that kinds share. Everything is escaped here; nothing else in kinds writes a tag by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape


def attributes(values: Mapping[str, Any]) -> Markup:
    """Attributes in order: True gives the bare name; False, None and "" leave it out, but for `value`."""
    parts = []
    for name, value in values.items():
        if value is True:
            parts.append(escape(name))
        elif value is not None and value is not False and (value != "" or name == "value"):
            parts.append(Markup('{}="{}"').format(name, value))
    return Markup(" ").join(parts)


def element(tag: str, values: Mapping[str, Any], content: str | None = None) -> Markup:
    """One element; `content` None makes it void (input)."""
    said = attributes(values)
    opened = Markup("<{} {}>").format(tag, said) if said else Markup("<{}>").format(tag)
    return opened if content is None else Markup("{}{}</{}>").format(opened, content, tag)


def attributes_of(name: str, id: str, invalid: bool, described_by: str, required: bool = False) -> dict[str, Any]:
    """What every control says of itself to CSS and to assistive technology."""
    return {
        "class": "form-control is-invalid" if invalid else "form-control",
        "name": name,
        "id": id,
        "aria-invalid": "true" if invalid else None,
        "aria-describedby": described_by,
        "required": required,
    }


def control(value: str, values: Mapping[str, Any], *, type: str = "text", **more: Any) -> Markup:
    return element("input", {"type": type, **values, "value": value, **more})


def select(chosen: Iterable[str], choices: Iterable[tuple[str, str]], values: Mapping[str, Any]) -> Markup:
    """A <select>; a value in `chosen` that no choice offers is offered too, so that saving a form never loses it."""
    chosen = list(chosen)
    offered = list(choices)
    known = {value for value, _label in offered}
    offered += [(value, value) for value in chosen if value not in known]
    inside = Markup("").join(
        element("option", {"value": value, "selected": value in chosen}, label) for value, label in offered
    )
    styled = {**values, "class": str(values["class"]).replace("form-control", "form-select")}
    return element("select", styled, inside)


def fieldset(content: str, *, id: str, invalid: bool = False, described_by: str = "") -> Markup:
    """A group of controls, named by the element "<id>-label" that the form's template gives."""
    values = {
        "id": id,
        "class": "trato-group is-invalid" if invalid else "trato-group",
        "aria-labelledby": f"{id}-label",
        "aria-describedby": described_by,
    }
    return element("fieldset", values, content)

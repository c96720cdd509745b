"""The few HTML pieces that kinds share. Everything is escaped here; nothing else in kinds writes a tag by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape


class Pattern:
    """HTML with places, cut once: a page of cells fills hundreds, and Markup.format reads its template each time."""

    def __init__(self, text: str) -> None:
        self.first, *self.rest = text.split("{}")

    def format(self, *values: Any) -> Markup:
        """The HTML with the values in its places, escaped."""
        parts = [self.first]
        for value, piece in zip(values, self.rest, strict=True):
            parts += (escape(value), piece)
        return Markup("".join(parts))  # noqa: S704 - the pieces are ours, the values escaped above


def attributes(values: Mapping[str, Any]) -> Markup:
    """Attributes in order: True gives the bare name; False, None and "" leave it out, but for `value`."""
    parts = []
    for name, value in values.items():
        if value is True:
            parts.append(str(escape(name)))
        elif value is not None and value is not False and (value != "" or name == "value"):
            parts.append(f'{escape(name)}="{escape(value)}"')
    return Markup(" ".join(parts))  # noqa: S704 - each piece was escaped above


def element(tag: str, values: Mapping[str, Any], content: str | None = None) -> Markup:
    """One element; `content` None makes it void (input)."""
    said, tag = attributes(values), str(escape(tag))
    opened = f"<{tag} {said}>" if said else f"<{tag}>"
    return Markup(opened if content is None else f"{opened}{escape(content)}</{tag}>")  # noqa: S704 - escaped above


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


def options(choices: Iterable[tuple[str, str]]) -> Markup:
    """The options of a select, none of them chosen: long lists are made once a language and kept."""
    return Markup("").join(Markup('<option value="{}">{}</option>').format(value, label) for value, label in choices)


def select(chosen: str, offered: Markup, values: Mapping[str, Any]) -> Markup:
    """A <select>. A chosen value that is not offered is offered too, so that saving a form never loses it."""
    plain = Markup('<option value="{}">').format(chosen)
    inside = offered.replace(plain, Markup('<option value="{}" selected>').format(chosen), 1)
    if inside == offered and chosen:
        inside += Markup('<option value="{0}" selected>{0}</option>').format(chosen)
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

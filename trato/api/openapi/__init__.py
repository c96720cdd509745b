"""The OpenAPI 3.1 document: every path of every object, its schemas made from the fields' kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from trato.engine.objects import Field, Object

from . import together, views
from .common import common_paths
from .custom import SCHEMAS, configuration_paths, custom_object_paths
from .parts import COMMON, PARAMETERS, PROBLEM, Json, ref
from .paths import object_paths
from .records import record_schema, written_schema

__all__ = ["document"]


def document(known: Mapping[Object, Mapping[str, Field]], writable: Mapping[Object, Iterable[str]]) -> Json:
    """The document for these objects with the fields that may be seen, and the names of those that may be written."""
    paths: Json = common_paths() | together.own_paths() | custom_object_paths() | configuration_paths()
    paths |= views.view_paths()
    schemas: Json = COMMON | SCHEMAS | together.SCHEMAS | views.SCHEMAS
    for obj, fields in known.items():
        schemas[obj.plural] = record_schema(obj, fields)
        schemas[f"{obj.plural}-new"] = written_schema(obj, fields, writable[obj], required=True)
        schemas[f"{obj.plural}-change"] = written_schema(obj, fields, writable[obj], required=False)
        if obj.within:  # as it is made with what it is part of
            own = {name: field for name, field in fields.items() if name != obj.within}
            schemas[f"{obj.plural}-part"] = written_schema(obj, own, writable[obj], required=True)
        paths |= object_paths(obj, fields) | together.of_record(obj)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trato",
            "version": version("trato"),
            "description": "Records of a Trato workspace. Every object is read and written in the same way.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": obj.plural, "description": str(obj.help or obj.label_plural)} for obj in known],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "parameters": PARAMETERS,
            "responses": {
                "problem": {"description": "What is wrong", "content": {PROBLEM: {"schema": ref("problem")}}}
            },
        },
    }

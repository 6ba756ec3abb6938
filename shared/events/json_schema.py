"""The JSON Schema of an event's body, made from its class so that the two cannot differ."""

import inspect
from typing import Any

import msgspec

from shared.events.envelope import Event

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFINITIONS = "#/$defs/"


def event_schema(event: type[Event]) -> Schema:
    """One event's body, self-contained; unknown members are allowed, as consumers allow them."""
    components = components_of(event, DEFINITIONS)
    nested = {name: part for name, part in components.items() if name != event.__name__}
    body = components[event.__name__]
    definitions = {"$defs": nested} if nested else {}
    return {"$schema": DIALECT, "$id": f"urn:scrutiny:{event.TYPE}", **body, **definitions}


def components_of(event: type[Event], prefix: str) -> dict[str, Schema]:
    """The event's schema and every schema it needs, by name, referred to under `prefix`."""
    _, components = msgspec.json.schema_components([event], ref_template=f"{prefix}{{name}}")
    return {name: _tidy(part) for name, part in sorted(components.items())}


def _tidy(schema: Schema) -> Schema:
    """Docstrings lose their indentation, which is Python's and no reader's concern."""
    if "description" in schema:
        return {**schema, "description": inspect.cleandoc(schema["description"])}
    return schema

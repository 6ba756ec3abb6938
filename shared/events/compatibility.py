"""What may change in an event without a new version: optional fields may be added, nothing else."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# What a schema says to people; validators and decoders pass over it.
WORDS = {"$schema", "$id", "$defs", "$comment", "title", "description", "examples"}
# What is compared member by member; everything else must be equal.
PARTS = {"properties", "required", "items", "anyOf"}


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Every change that a reader of the old or the new version could trip over, in plain words."""
    return list(_compare(old, new, old, new, "body"))


def _compare(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str
) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    if _rest(old) != _rest(new):
        yield f"{at}: {_rest(old)} became {_rest(new)}"
    yield from _members(old, new, old_root, new_root, at)
    yield from _pairs(old, new, old_root, new_root, at)


def _members(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        if name in after:
            yield from _compare(before[name], after[name], old_root, new_root, f"{at}.{name}")
        else:
            yield f"{at}.{name}: was removed"
    was, now = set(old.get("required", ())), set(new.get("required", ()))
    yield from (f"{at}.{name}: became required" for name in sorted(now - was))
    yield from (f"{at}.{name}: is no longer promised" for name in sorted(was - now))


def _pairs(old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str) -> Iterator[str]:
    before, after = _parts(old), _parts(new)
    if len(before) != len(after):
        yield f"{at}: its alternatives changed"
    for one, other in zip(before, after, strict=False):
        yield from _compare(one, other, old_root, new_root, f"{at}[]")


def _parts(schema: Schema) -> list[Schema]:
    """The schemas inside a schema that have no name: of a list's items, or of its alternatives."""
    items = [schema["items"]] if isinstance(schema.get("items"), dict) else []
    return items + list(schema.get("anyOf", ()))


def _rest(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name not in WORDS | PARTS}


def _resolved(schema: Schema, root: Schema) -> Schema:
    """A reference is what it refers to; `$defs` is the only place our schemas refer to."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    return {**root["$defs"][reference.removeprefix("#/$defs/")], **_rest(_without_ref(schema))}


def _without_ref(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name != "$ref"}

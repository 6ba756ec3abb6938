"""Who somebody is in the directory, which knows people by ids of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

LINK_INSPECTOR = "link-inspector"
Load = Mapping[str, Any]


def own_load(loads: Iterable[Load], subject: str, name: str) -> Load | None:
    """What this person holds: found by their id, or else by a name that only one has."""
    all_of_them = list(loads)
    known = [one for one in all_of_them if one["person"] == subject] or [
        one for one in all_of_them if one["name"] == name
    ]
    return known[0] if len(known) == 1 else None


def linked_areas(load: Load) -> list[str]:
    """The codes of the areas whose link inspector they are."""
    return sorted(post["area"] for post in load["posts"] if post["role"] == LINK_INSPECTOR)


def link_inspectors(loads: Iterable[Load]) -> list[Load]:
    """Everybody who is link inspector of some area, by name."""
    return sorted((one for one in loads if linked_areas(one)), key=lambda one: one["name"])

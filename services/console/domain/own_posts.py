"""Who somebody is in the directory, which knows people by ids of its own, and their accounts."""

from collections.abc import Iterable, Mapping
from typing import Any

LINK_INSPECTOR = "link-inspector"
Load = Mapping[str, Any]


def own_load(loads: Iterable[Load], subject: str) -> Load | None:
    """What whoever signs in as `subject` holds; the directory has one person for each account."""
    return next((one for one in loads if one.get("signs_in_as") == subject), None)


def linked_areas(load: Load) -> list[str]:
    """The codes of the areas whose link inspector they are."""
    return sorted(post["area"] for post in load["posts"] if post["role"] == LINK_INSPECTOR)


def link_inspectors(loads: Iterable[Load]) -> list[Load]:
    """Everybody who is link inspector of some area, by name."""
    return sorted((one for one in loads if linked_areas(one)), key=lambda one: one["name"])

"""Addresses as they may be written down: people paste names where a reference belongs."""

import re

from shared.own_ids import is_own_id

_WORD = re.compile(r"[a-z0-9.-]{0,30}")
_HIDDEN = "-"


def shown_path(path: str, template: str | None) -> str:
    """The path of a route with its parameters, of which only our own ids are shown."""
    if template is None:
        return f"/{_HIDDEN}"
    pairs = zip(template.split("/"), path.split("/"), strict=False)
    return "/".join(_shown(given) if "{" in told else told for told, given in pairs)


def shown_address(raw_path: bytes) -> str:
    """The same of a path that we ask of another service: every second part is a parameter."""
    parts = raw_path.partition(b"?")[0].decode("ascii", "replace").split("/")[1:]
    told = [_shown(part) if at % 2 else _word(part) for at, part in enumerate(parts)]
    return "/" + "/".join(told)


def _shown(part: str) -> str:
    return part if is_own_id(part) else _HIDDEN


def _word(part: str) -> str:
    return part if _WORD.fullmatch(part) else _HIDDEN

"""What is ours to write down anywhere: references, ids and area codes say nothing about anybody."""

import re

_OURS = re.compile(
    r"[A-Z]{2}-[0-9]{4}-[A-Z0-9]{4,10}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[0-9a-f]{32}"
    r"|[ENSW][0-9]{8}"
)


def is_own_id(text: str) -> bool:
    """Whether a text can only be one of our own; what else people send might be a name."""
    return _OURS.fullmatch(text) is not None

"""Values as statements take them where a column holds JSON, or rows travel as one text."""

from typing import Any

import msgspec


def as_json(value: Any) -> str:
    """What PostgreSQL reads as `json` or `jsonb`."""
    return msgspec.json.encode(value).decode()

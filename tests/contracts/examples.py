"""One example message an event, as it lies on the bus; every reference in them is invented."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Example:
    """A Kafka message: where it lies, its key, its headers and its body."""

    topic: str
    key: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def type(self) -> str:
        """The CloudEvents type."""
        return self.headers["ce_type"]

    @property
    def value(self) -> bytes:
        """The body as bytes."""
        return json.dumps(self.body).encode()

    @property
    def pairs(self) -> list[tuple[str, bytes]]:
        """The headers as a Kafka client hands them over."""
        return [(name, value.encode()) for name, value in self.headers.items()]


EXAMPLES = [Example(**json.loads(file.read_text())) for file in sorted(FOLDER.glob("*.json"))]

"""Write the contracts that others read: `python -m shared.events.generate [--check]`.

One JSON Schema an event in `schemas/`, `asyncapi.json` for the whole map, and `README.md` for
people. All are checked in; a test fails when they are not what this would write.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from shared.events.asyncapi import TOPICS, document
from shared.events.json_schema import Schema, event_schema
from shared.events.page import page

HERE = Path(__file__).parent


def contracts() -> dict[Path, str]:
    """Every contract, by its place under `shared/events/`, and what it says."""
    events = [event for topic in TOPICS for event in topic.events]
    schemas = {Path("schemas", f"{event.TYPE}.json"): event_schema(event) for event in events}
    files: dict[Path, Schema] = {**schemas, Path("asyncapi.json"): document()}
    return {path: json.dumps(content, indent=2) + "\n" for path, content in files.items()}


def generated() -> dict[Path, str]:
    """The contracts, and the page about them."""
    return {**contracts(), Path("README.md"): page()}


def written(folder: Path) -> dict[Path, str]:
    """Every generated file that is in `folder` now."""
    files = [*folder.glob("schemas/*.json"), *folder.glob("asyncapi.json"), *folder.glob("*.md")]
    return {file.relative_to(folder): file.read_text() for file in files}


def write(folder: Path, wanted: Mapping[Path, str]) -> None:
    """Make `folder` hold what is wanted, all of it and nothing that was generated before."""
    for stale in written(folder).keys() - wanted.keys():
        (folder / stale).unlink()
    for path, text in wanted.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)


def main(arguments: list[str]) -> int:
    """Write, or with `--check` only say whether that would change anything."""
    if "--check" not in arguments:
        write(HERE, generated())
        return 0
    return 0 if written(HERE) == generated() else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

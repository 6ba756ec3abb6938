"""Publish today's contracts: `python -m tests.contracts.publish`.

`published/` holds what other people may have built on. Only changes they cannot trip over are let
in; anything else needs a new version of the event.
"""

import json
from pathlib import Path

from shared.events.compatibility import Schema, breaking_changes
from shared.events.generate import contracts, write

PUBLISHED = Path(__file__).parent / "published"
MAP = Path("asyncapi.json")


def broken_promises(published: dict[Path, Schema], today: dict[Path, Schema]) -> list[str]:
    """What somebody who reads or writes by the published contracts would trip over."""
    schemas = published.keys() - {MAP}
    gone = [f"{path.stem}: is no longer published" for path in schemas - today.keys()]
    changed = [
        f"{path.stem}: {change}"
        for path in schemas & today.keys()
        for change in breaking_changes(published[path], today[path])
    ]
    return sorted(gone + changed) + moved_channels(published.get(MAP, {}), today[MAP])


def moved_channels(published: Schema, today: Schema) -> list[str]:
    """A topic keeps its address, its partitions (they order the keys) and every message it has."""
    channels = today["channels"]
    return [
        f"{name}: its {what} changed"
        for name, old in published.get("channels", {}).items()
        for what, kept in _kept(old, channels.get(name)).items()
        if not kept
    ]


def _kept(old: Schema, new: Schema | None) -> dict[str, bool]:
    if new is None:
        return {"existence": False}
    partitions = [each["bindings"]["kafka"]["partitions"] for each in (old, new)]
    return {
        "address": old["address"] == new["address"],
        "partitions": partitions[0] == partitions[1],
        "messages": old["messages"].keys() <= new["messages"].keys(),
    }


def parsed(files: dict[Path, str]) -> dict[Path, Schema]:
    """Contract files as JSON."""
    return {path: json.loads(text) for path, text in files.items()}


def published_files() -> dict[Path, str]:
    """What is published now."""
    files = (file for file in PUBLISHED.rglob("*.json"))
    return {file.relative_to(PUBLISHED): file.read_text() for file in files}


def main() -> int:
    """Publish, or say what stands in the way."""
    PUBLISHED.mkdir(exist_ok=True)
    broken = broken_promises(parsed(published_files()), parsed(contracts()))
    if broken:
        print("\n".join(broken))
        return 1
    write(PUBLISHED, contracts())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

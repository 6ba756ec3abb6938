"""What was acknowledged, kept outside the system: a file that only ever grows."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One acknowledgement: `what` is `notified`, `decided` or `submitted`, under `key`."""

    what: str
    key: str
    reference: str = ""


class Ledger:
    """Written by whoever was answered, after the answer and before anything else is done."""

    def __init__(self, file: Path) -> None:
        file.unlink(missing_ok=True)
        self._file = file.open("ab", buffering=0)
        self._lock = threading.Lock()
        self._path = file
        self.count: Counter[str] = Counter()

    def acknowledged(self, what: str, key: str, reference: str = "") -> None:
        """Keep one answer."""
        line = msgspec.json.encode(Entry(what, key, reference)) + b"\n"
        with self._lock:
            self._file.write(line)
            self.count[what] += 1

    @property
    def requests(self) -> int:
        """How many requests were answered 201."""
        return self.count["notified"] + self.count["decided"]

    def read(self) -> "Acknowledged":
        """All of it, read back from the file; nothing more is acknowledged."""
        self._file.close()
        decoder, found = msgspec.json.Decoder(Entry), Acknowledged()
        for line in self._path.read_bytes().splitlines():
            entry = decoder.decode(line)
            match entry.what:
                case "notified":
                    found.references.setdefault(entry.key, set()).add(entry.reference)
                case "decided":
                    found.decisions[entry.reference] += 1
                case _:
                    found.messages.add(entry.key)
        return found


@dataclass
class Acknowledged:
    """The reference given for each key, decisions per reference, and partner messages by id."""

    references: dict[str, set[str]] = field(default_factory=dict)
    decisions: Counter[str] = field(default_factory=Counter)
    messages: set[str] = field(default_factory=set)

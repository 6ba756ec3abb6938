"""Batches with header names that are not UTF-8, which aiokafka would fail on for ever.

Any program that may write to a topic can write such a name, brokers accept it, and reading the
whole of a consumer's partitions would end there.
"""

from collections.abc import Callable, Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record import memory_records
from aiokafka.record.default_records import _DefaultRecordBatchPy

_QuickRecords: Any = memory_records.MemoryRecords
_SlowRecords: Any = memory_records._MemoryRecordsPy  # noqa: SLF001


def read_tolerantly() -> None:
    """From now on every consumer of this process shows such names with escapes (`\\xff`)."""
    reader: Any = fetcher
    reader.MemoryRecords = TolerantRecords


class TolerantRecords:
    """What a broker answered with, read by aiokafka's compiled parser as long as that can."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._quick = _QuickRecords(data)
        self._taken = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._quick, name)

    def next_batch(self) -> "TolerantBatch":
        """The next batch; its records are parsed when they are asked for."""
        number = self._taken
        self._taken += 1
        return TolerantBatch(self._quick.next_batch(), lambda: self._slow_batch(number))

    def _slow_batch(self, number: int) -> Any:
        records = _SlowRecords(self._data)
        for _ in range(number):
            records.next_batch()
        batch: Any = _DefaultRecordBatchPy(records._next_slice)  # noqa: SLF001
        batch._maybe_uncompress()  # noqa: SLF001
        batch._buffer = _Buffer(batch._buffer)  # noqa: SLF001
        return batch


class TolerantBatch:
    """One batch, with all that the compiled parser says of it."""

    def __init__(self, quick: Any, slow: Callable[[], Any]) -> None:
        self._quick = quick
        self._slow = slow

    def __getattr__(self, name: str) -> Any:
        return getattr(self._quick, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._quick))
        except UnicodeDecodeError:
            return iter(list(self._slow()))

    def __next__(self) -> Any:
        return next(self._quick)


class _Text(bytearray):
    """aiokafka decodes nothing of a record but the names of its headers."""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return super().decode(encoding, "backslashreplace" if errors == "strict" else errors)


class _Buffer(bytearray):
    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Text(found) if isinstance(place, slice) else found

"""What became of partners' messages: receipts on the bus, bytes in the database, effects."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import msgspec

from shared.confidential.fields import FieldCipher
from shared.events.topics import partner_receipts
from shared.messaging.delivery import RawRecord
from shared.messaging.parking import CONTEXT
from tests.access_kit import FIELD_KEYS
from tests.chaos.poison import ACCEPTED, PARKED, REFUSED, Message, digest_of
from tests.chaos.topic_log import topic_log

_KEPT = "SELECT partner, message_id, record FROM partner_messages WHERE record IS NOT NULL"

_ROWS = """SELECT (SELECT count(*) FROM partner_messages) + (SELECT count(*) FROM parked) AS done,
                  (SELECT count(*) FROM outbox WHERE sent_at IS NULL) AS unsent"""
# Without a step forward for so long, something is blocked.
STILL_SECONDS = 60


@dataclass
class Outcomes:
    """Receipts by the id they answer and how; originals by their digest and where they lie."""

    receipts: Counter[tuple[str, str]] = field(default_factory=Counter)
    originals: Counter[tuple[bytes, str]] = field(default_factory=Counter)
    notifications: int = 0


@dataclass
class Judgement:
    """What is wrong, message by message, each as its kind and its number."""

    lost: list[tuple[str, int]] = field(default_factory=list)
    more_than_once: list[tuple[str, int]] = field(default_factory=list)
    not_kept: list[tuple[str, int]] = field(default_factory=list)
    otherwise: list[tuple[str, int]] = field(default_factory=list)

    @property
    def nothing_wrong(self) -> bool:
        """Whether each message got what it must get, once."""
        return self == Judgement()


async def outcomes(url: str, bootstrap: str, partners: Iterable[str]) -> Outcomes:
    """Read it all."""
    found, cipher = Outcomes(), FieldCipher(FIELD_KEYS)
    for partner in partners:
        for record in topic_log(bootstrap, partner_receipts(partner).name):
            kind = dict(record.headers())["ce_type"].decode().split(".")[-2]
            found.receipts[msgspec.json.decode(record.value())["in_reply_to"], kind] += 1
    connection = await asyncpg.connect(url)
    try:
        for row in await connection.fetch(_KEPT):
            context = f"partner_messages.record/{row['partner']}/{row['message_id']}"
            _note(found, cipher.decrypt(row["record"], context), REFUSED)
        for row in await connection.fetch("SELECT record FROM parked"):
            _note(found, cipher.decrypt(row["record"], CONTEXT), PARKED)
        found.notifications = await connection.fetchval("SELECT count(*) FROM notifications")
    finally:
        await connection.close()
    return found


def _note(found: Outcomes, plain: bytes, where: str) -> None:
    raw = msgspec.msgpack.decode(plain, type=RawRecord)
    found.originals[digest_of(raw.key, raw.headers, raw.value), where] += 1


def judge(messages: Sequence[Message], found: Outcomes) -> Judgement:
    """Hold every message that was written against what became of it."""
    judgement = Judgement()
    wanted = Counter((one.message_id, one.expected) for one in messages)
    for one in messages:
        wrong = _wrong_with(one, wanted[one.message_id, one.expected], found)
        if wrong:
            getattr(judgement, wrong).append((one.kind, one.number))
    return judgement


def _wrong_with(one: Message, wanted: int, found: Outcomes) -> str | None:
    answers = {how: found.receipts[one.message_id, how] for how in (ACCEPTED, REFUSED)}
    kept = {where: found.originals[one.digest, where] for where in (REFUSED, PARKED)}
    told, due = (kept[PARKED], 1) if one.expected == PARKED else (answers[one.expected], wanted)
    if told > due or max(kept.values()) > 1:
        return "more_than_once"
    if told < due:
        return "otherwise" if any((*answers.values(), *kept.values())) else "lost"
    if one.expected == REFUSED and not kept[REFUSED]:
        return "not_kept"
    return None


async def until_done(url: str, count: int, log: Path, still: float = STILL_SECONDS) -> None:
    """Every message has left one row behind, and every receipt has left."""
    connection = await asyncpg.connect(url)
    last, stood = None, 0.0
    try:
        while (row := await connection.fetchrow(_ROWS)) and tuple(row) != (count, 0):
            stood = 0.0 if tuple(row) != last else stood + 0.2
            last = tuple(row)
            assert stood < still, f"{last} of {count}, {_end_of(log)}"
            await asyncio.sleep(0.2)
    finally:
        await connection.close()


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]

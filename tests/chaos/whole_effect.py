"""Whether each of some notifications has had its whole effect, once, in every service."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import Message

from tests.chaos.ground import Ground

CLOCKS = 4
_CASES = """SELECT n.reference,
                   count(*) FILTER (WHERE h.what = 'clock.started') AS started,
                   count(*) FILTER (WHERE h.what = 'person.told'
                                    AND h.facts ->> 'about' = 'notification') AS told
            FROM notifications n LEFT JOIN happenings h ON h.notification_id = n.id
            WHERE n.reference = ANY($1) GROUP BY 1"""
_CLOCKS = """SELECT c.reference, count(*) AS clocks FROM clocks k JOIN cases c ON c.id = k.case_id
             WHERE c.reference = ANY($1) GROUP BY 1"""


@dataclass(frozen=True)
class Effects:
    """What is wrong, by reference, and how many mails were only copies of others."""

    wrong: dict[str, str]
    copies: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


async def effects(ground: Ground, references: Sequence[str], mails: Iterable[Message]) -> Effects:
    """What is missing or too much, reference by reference."""
    cases = {row[0]: (row[1], row[2]) for row in await ground.rows("intake", _CASES, references)}
    clocks = {row[0]: row[1] for row in await ground.rows("deadlines", _CLOCKS, references)}
    written = _about_notifications(mails)
    wrong = {
        one: f"{what} (intake told of clocks and mails, clocks, mails)"
        for one in references
        if (what := (*cases.get(one, (None, None)), clocks.get(one), len(written.get(one, ()))))
        != (CLOCKS, 1, CLOCKS, 1)
    }
    copies = sum(sum(found.values()) - len(found) for found in written.values())
    return Effects(wrong, copies)


async def whole_effect(
    ground: Ground, references: Sequence[str], mails: Sequence[Message], within: float
) -> Effects:
    """As soon as nothing is wrong, or what still is at the end of that time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not (found := await effects(ground, references, mails)).whole and loop.time() < end:
        await asyncio.sleep(0.5)
    return found


def _about_notifications(mails: Iterable[Message]) -> dict[str, Counter[str]]:
    """The mails that say that a notification came, by reference; a copy has the same Message-ID."""
    found: dict[str, Counter[str]] = {}
    for mail in list(mails):
        message_id = str(mail["Message-ID"])
        if message_id.startswith("<notification."):
            reference = str(mail["X-Scrutiny-Reference"])
            found.setdefault(reference, Counter())[message_id] += 1
    return found

"""Everything the databases, the bus and the mail folder say in the end, gathered in one place."""

import asyncio
from dataclasses import dataclass
from typing import Any

from services.intake.entrypoints.subscribers import TOLD
from shared.events.topics import DEADLINES, INTAKE
from tests.chaos.bus_extract import Bus, Extract, Places, extract
from tests.chaos.ground import Ground
from tests.chaos.ledger import Acknowledged
from tests.system.partner import INBOUND, RECEIPTS

TOPICS = (INTAKE.name, DEADLINES.name, INBOUND, RECEIPTS)
# What intake's timeline has to tell in the name of deadlines.
IN_THE_TIMELINE = [event.TYPE for event in TOLD]

_CASES = "SELECT reference, id FROM notifications"
_FROM_PARTNER = "SELECT id FROM notifications WHERE partner IS NOT NULL"
_DECISIONS = """SELECT n.reference, count(*) AS decisions
                FROM decisions d JOIN notifications n ON n.id = d.notification_id GROUP BY 1"""
_EVENTS = """SELECT topic, key, array_agg(event_id ORDER BY position) AS ids,
                    array_agg(sequence ORDER BY position) AS sequences
             FROM outbox GROUP BY topic, key"""
# What is told in intake's timeline in the name of deadlines, line by line as it was written ...
_TOLD = """SELECT notification_id AS key,
                  array_agg(concat(what, ' ', facts ->> 'rule') ORDER BY position) AS lines
           FROM happenings WHERE service = 'deadlines' GROUP BY 1"""
# ... and what deadlines published, in the order in which it happened.
_SAID = """SELECT key, array_agg(concat(substring(type from 'scot.scrutiny.(.*).v1'), ' ',
                                 convert_from(body, 'UTF8')::json ->> 'rule')
                                 ORDER BY sequence) AS lines
           FROM outbox WHERE type = ANY($1) GROUP BY 1"""
# Likewise the decisions that intake published, and those that deadlines has acted on.
_DECIDED = """SELECT key, array_agg(convert_from(body, 'UTF8')::json ->> 'decision'
                                    ORDER BY sequence) AS lines
              FROM outbox WHERE type = 'scot.scrutiny.decision.recorded.v1' GROUP BY 1"""
_ACTED_ON = """SELECT c.id AS key, array_agg(d.one ->> 'decision' ORDER BY d.number) AS lines
               FROM cases c, jsonb_array_elements(c.facts -> 'decisions')
                    WITH ORDINALITY AS d (one, number) GROUP BY 1"""
_CLOCKS = "SELECT case_id AS key, count(*) AS clocks FROM clocks GROUP BY 1"
_TOLD_BY_MAIL = """SELECT key, convert_from(body, 'UTF8')::json ->> 'message_id' AS message_id
                   FROM outbox WHERE type = 'scot.scrutiny.person.told.v1'
                   AND convert_from(body, 'UTF8')::json ->> 'about' = 'notification'"""
_LEFT = """SELECT (SELECT count(*) FROM outbox WHERE sent_at IS NULL) AS unsent,
                  (SELECT count(*) FROM parked WHERE state = 'waiting') AS parked"""


@dataclass(frozen=True)
class Evidence:
    """Lines and counts are by the id of a case; `outboxes` by service, then topic and key."""

    acknowledged: Acknowledged
    cases: dict[str, str]
    from_partner: set[str]
    decisions: dict[str, int]
    outboxes: dict[str, dict[tuple[str, str], list[tuple[int, str]]]]
    inboxes: dict[str, set[str]]
    said: dict[str, list[str]]
    told: dict[str, list[str]]
    decided: dict[str, list[str]]
    acted_on: dict[str, list[str]]
    clocks: dict[str, int]
    mails: list[tuple[str, str]]
    mail_files: set[str]
    left: dict[str, dict[str, int]]
    bus: Extract

    @property
    def events(self) -> int:
        """How many events there were, each counted once."""
        return sum(len(ids) for one in self.outboxes.values() for ids in one.values())


async def gather(ground: Ground, acknowledged: Acknowledged, starts: Places) -> Evidence:
    """Read all of it; the attacked services have stopped."""
    bus = Bus(ground.system.bootstrap)
    return Evidence(
        acknowledged=acknowledged,
        cases={row[0]: row[1] for row in await ground.rows("intake", _CASES)},
        from_partner={row[0] for row in await ground.rows("intake", _FROM_PARTNER)},
        decisions=dict([tuple(row) for row in await ground.rows("intake", _DECISIONS)]),
        outboxes={one: await _outbox(ground, one) for one in ("intake", "deadlines")},
        inboxes={one: await _inbox(ground, one) for one in ("intake", "deadlines")},
        said=await _lines(ground, "deadlines", _SAID, IN_THE_TIMELINE),
        told=await _lines(ground, "intake", _TOLD),
        decided=await _lines(ground, "intake", _DECIDED),
        acted_on=await _lines(ground, "deadlines", _ACTED_ON),
        clocks=dict([tuple(row) for row in await ground.rows("deadlines", _CLOCKS)]),
        mails=[tuple(row) for row in await ground.rows("deadlines", _TOLD_BY_MAIL)],
        mail_files={file.name for file in ground.home.mails.glob("*.eml")},
        left={one: await left_over(ground, one) for one in ("intake", "deadlines")},
        bus=await asyncio.to_thread(_extract, bus, starts),
    )


async def left_over(ground: Ground, service: str) -> dict[str, int]:
    """Events that wait to be sent, and messages that are parked."""
    return dict((await ground.rows(service, _LEFT))[0])


def _extract(bus: Bus, starts: Places) -> Extract:
    return extract(bus.between(starts, bus.ends(TOPICS)), INBOUND, RECEIPTS)


async def _outbox(ground: Ground, service: str) -> dict[tuple[str, str], list[tuple[int, str]]]:
    found = await ground.rows(service, _EVENTS)
    return {
        (row["topic"], row["key"]): list(zip(row["sequences"], row["ids"], strict=True))
        for row in found
    }


async def _inbox(ground: Ground, service: str) -> set[str]:
    return {row[0] for row in await ground.rows(service, "SELECT message_id FROM inbox")}


async def _lines(ground: Ground, service: str, query: str, *values: Any) -> dict[str, list[str]]:
    found = await ground.rows(service, query, *values)
    return {row["key"]: [line.strip() for line in row["lines"]] for row in found}

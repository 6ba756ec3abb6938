"""Promise: what cannot take effect neither blocks what can, nor vanishes, nor weighs anything.

Attack: two partners write messages of every malformed kind we could think of, made by a seed, with
good ones between them. Each must be refused by a receipt, or parked where nobody can be answered:
once, with its original bytes. Every good one must take effect. What is too large or for somebody
else's topic is refused by the bus. The memory of the process stays where it was.

Controls: a parser that raises on a header that is no text; a judge who is told of a message that
nobody ever wrote, and of one whose bytes were changed.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from deploy.local.kafka import EmbeddedKafka
from shared.events.topics import INTAKE, partner_inbound
from tests.chaos.figures import record
from tests.chaos.intake_process import intake_process
from tests.chaos.memory import watched
from tests.chaos.partner_outcomes import Judgement, Outcomes, judge, outcomes, until_done
from tests.chaos.partner_sending import PASSWORDS, Partners, partner_bus
from tests.chaos.poison import (
    ACCEPTED,
    NOT_UTF8,
    PARKED,
    REFUSED,
    Message,
    good,
    message,
)
from tests.chaos.sizes import SEED, size
from tests.conftest import FreshDatabase

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

# Four of five are malformed.
MESSAGES = size(2_500, 125_000)
AT_ONCE = 2_500
MESSAGES_OF_CONTROL = 60
TOO_LARGE = size(2, 40)
GROWTH, GROWTH_MEGABYTES = 1.1, 24


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A bus with two partners."""
    with partner_bus(tmp_path_factory.mktemp("poisoned-bus")) as server:
        yield server


async def test_each_malformed_message_is_refused_or_parked_once_and_holds_up_nobody(
    bus: EmbeddedKafka, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    url, partners, sent = fresh_database("intake"), Partners(bus), list[Message]()
    async with AsyncExitStack() as stack:
        intake = await stack.enter_async_context(intake_process(url, bus.bootstrap, tmp_path))
        memory = await stack.enter_async_context(watched(intake.running.pid))
        for first in range(0, MESSAGES, AT_ONCE):
            some = [message(SEED, number) for number in range(first, first + AT_ONCE)]
            await asyncio.to_thread(partners.send, some)
            sent += some
            await until_done(url, len(sent), intake.log)
        before, after = memory.quarters()
    found = await outcomes(url, bus.bootstrap, PASSWORDS)
    judgement = judge(sent, found)
    counts = {how: sum(one.expected == how for one in sent) for how in (ACCEPTED, REFUSED, PARKED)}
    _tell(counts, judgement, megabytes_before=round(before), megabytes_after=round(after))
    assert judgement.nothing_wrong, judgement
    assert found.notifications == counts[ACCEPTED]
    assert after < before * GROWTH + GROWTH_MEGABYTES


@pytest.mark.parametrize("packed", ["none", "gzip", "zstd"])
async def test_the_bus_refuses_what_is_too_large_and_what_is_for_somebody_elses_topic(
    bus: EmbeddedKafka, packed: str
) -> None:
    partners = Partners(bus, **{"compression.type": packed})
    large = replace(good(SEED, 0), value=b"x" * 5_000_000)
    for _ in range(TOO_LARGE):
        await asyncio.to_thread(partners.try_to_send, "fife", partner_inbound("fife").name, large)
    assert (partners.taken, partners.refused) == (0, {"MSG_SIZE_TOO_LARGE": TOO_LARGE})
    for topic in (partner_inbound("moray").name, INTAKE.name):
        await asyncio.to_thread(partners.try_to_send, "fife", topic, good(SEED, 5))
    assert (partners.taken, partners.refused["TOPIC_AUTHORIZATION_FAILED"]) == (0, 2)


async def test_a_parser_that_raises_is_found_out(
    bus: EmbeddedKafka, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    url, partners = fresh_database("intake"), Partners(bus)
    unreadable = next(one for one in map(partial(message, SEED), count(1)) if _not_utf8(one))
    others = (message(SEED, number) for number in range(MESSAGES_OF_CONTROL))
    sent = [unreadable, *(one for one in others if one != unreadable)]
    raising = {"SCRUTINY_CHAOS_PARSER": "raises"}
    async with intake_process(url, bus.bootstrap, tmp_path, **raising) as intake:
        await asyncio.to_thread(partners.send, sent)
        with pytest.raises(AssertionError, match=f" of {len(sent)}"):
            await until_done(url, len(sent), intake.log, still=15)
    judgement = judge(sent, await outcomes(url, bus.bootstrap, PASSWORDS))
    assert (unreadable.kind, unreadable.number) in judgement.lost


def test_the_judge_finds_each_wrong_by_its_name() -> None:
    refused = next(one for one in _some() if one.kind == "truncated")
    parked = next(one for one in _some() if one.kind == "no id")
    right = Outcomes(
        Counter({(refused.message_id, REFUSED): 1}),
        Counter({(refused.digest, REFUSED): 1, (parked.digest, PARKED): 1}),
    )
    assert judge([refused, parked], right).nothing_wrong
    unanswered = Outcomes(Counter(), right.originals - Counter({(parked.digest, PARKED): 1}))
    assert judge([parked], unanswered).lost == [(parked.kind, parked.number)]
    assert judge([refused], unanswered).otherwise == [(refused.kind, refused.number)]
    changed = Outcomes(right.receipts, Counter({(parked.digest, REFUSED): 1}))
    assert judge([refused], changed).not_kept == [(refused.kind, refused.number)]
    twice = Outcomes(right.receipts + right.receipts, right.originals)
    assert judge([refused], twice).more_than_once == [(refused.kind, refused.number)]


def _not_utf8(one: Message) -> bool:
    """Parked for a header that is no text, as the broken parser would have it."""
    return one.kind == "id is no text" and dict(one.headers)["ce_id"] in NOT_UTF8


def _some() -> Iterator[Message]:
    return (message(7, number) for number in range(500))


def _tell(counts: dict[str, int], judgement: Judgement, **memory: int) -> None:
    wrong = {name: len(which) for name, which in vars(judgement).items()}
    record("poison", **counts, **wrong, **memory)

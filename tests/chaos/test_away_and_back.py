"""Promise: whatever is away only costs time, and comes back without a person.

Attack: while people notify without pause, the broker, the database, the mail server and the trace
collector are away in turn, for seconds and for minutes: killed, frozen, cut off, or swallowing
everything that is sent. Now and then a service is told to stop while something is away, and
started again before that is back. Intake answers 201 without the broker, the mail server or the
collector, and 503 with Retry-After without the database; every stop ends within thirty seconds;
in the end every acknowledged notification has had its whole effect, once.

Controls: services that do without: a relay that takes for sent what nobody took, a consumer that
passes over what it cannot apply, mails that are sent to nobody, requests that need a collector.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from tests.chaos.absences import WAYS, Absence, begin, end, plan
from tests.chaos.away_service import VARIANTS
from tests.chaos.far_ground import STOP_SECONDS, FarGround, far_ground, serving
from tests.chaos.figures import record
from tests.chaos.sizes import SEED, size
from tests.chaos.steady_notifiers import Notifiers, notifying
from tests.chaos.whole_effect import whole_effect

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

# At least one of every way there is.
ABSENCES = size(1, 10)
# A mail whose server was away for minutes is tried again every minute.
WITHIN_SECONDS = size(180, 300)
LOST_SECONDS = 15


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FarGround]:
    """A system with proxies in front of everything."""
    async with far_ground(tmp_path_factory.mktemp("far")) as made:
        yield made


@dataclass
class Course:
    """How it went: stops with their seconds and exit codes, and when intake was not there."""

    stops: list[tuple[str, int, float]] = field(default_factory=list)
    without_intake: list[tuple[float, float]] = field(default_factory=list)
    recovered: list[float] = field(default_factory=list)


@pytest.mark.parametrize("what", sorted(WAYS))
async def test_it_may_be_away_at_any_moment_and_nothing_is_lost(
    ground: FarGround, what: str
) -> None:
    course, absences = Course(), plan(what, SEED, ABSENCES)
    async with serving(ground):
        async with notifying(ground.system.url("intake"), _notifier(ground)) as notifiers:
            for absence in absences:
                await _be_away(ground, absence, course, notifiers)
        found = await whole_effect(
            ground, sorted(notifiers.acknowledged.values()), ground.mail.mails, WITHIN_SECONDS
        )
    statuses = notifiers.statuses(apart_from=course.without_intake)
    record(
        f"away-and-back-{what.replace(' ', '-')}",
        absences=[f"{one.how} {one.seconds:g} s" for one in absences],
        acknowledged=len(notifiers.acknowledged),
        statuses={str(status): count for status, count in statuses.items()},
        stops=len(course.stops),
        slowest_stop_seconds=round(max((one[2] for one in course.stops), default=0), 1),
        slowest_recovery_seconds=round(max(course.recovered), 1),
        copies_of_mails=found.copies,
        not_whole=len(found.wrong),
    )
    assert found.whole, (list(found.wrong.items())[:5], ground.system.logs())
    assert set(statuses) == {201, 503} if what == "database" else set(statuses) == {201}
    assert all(one.retry_after for one in notifiers.answers if one.status == 503)
    assert all(seconds <= STOP_SECONDS for _, _, seconds in course.stops), course.stops


@pytest.mark.parametrize("what", sorted(VARIANTS))
async def test_a_service_that_cannot_bear_it_is_found_out(ground: FarGround, what: str) -> None:
    absence = Absence(what, "refuses", 3)
    async with (
        serving(ground, variant=what),
        notifying(ground.system.url("intake"), _notifier(ground)) as notifiers,
    ):
        async with _asleep(ground, "deadlines"):
            await _acknowledges_more(notifiers)
            await begin(ground, absence)
        await asyncio.sleep(absence.seconds)
        await end(ground, absence)
        await _acknowledges_more(notifiers)
        notifiers.enough.set()
        references = sorted(notifiers.acknowledged.values())
        found = await whole_effect(ground, references, ground.mail.mails, LOST_SECONDS)
    statuses = notifiers.statuses(apart_from=[])
    assert (500 in statuses) if what == "trace collector" else not found.whole, statuses


async def _be_away(
    ground: FarGround, absence: Absence, course: Course, notifiers: Notifiers
) -> None:
    loop = asyncio.get_running_loop()
    await begin(ground, absence)
    until = loop.time() + absence.seconds
    await asyncio.sleep(absence.seconds / 2)
    if absence.stopped:
        await _stop_and_start(ground, absence.stopped, course)
    await asyncio.sleep(max(0, until - loop.time()))
    await end(ground, absence)
    back = loop.time()
    await _acknowledges_more(notifiers)
    course.recovered.append(loop.time() - back)


async def _stop_and_start(ground: FarGround, service: str, course: Course) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    code, seconds = await ground.end(service)
    course.stops.append((service, code, seconds))
    await ground.spawn(service)
    await ground.listens(service)
    if service == "intake":
        course.without_intake.append((began, loop.time()))


@asynccontextmanager
async def _asleep(ground: FarGround, service: str) -> AsyncIterator[None]:
    """It sleeps during the block, and finds on the bus what was said meanwhile."""
    ground.send(ground.running[service], signal.SIGSTOP)
    try:
        yield
    finally:
        ground.send(ground.running[service], signal.SIGCONT)


async def _acknowledges_more(notifiers: Notifiers) -> None:
    """Each of the senders has been answered 201 since now."""
    wanted = len(notifiers.acknowledged) + 10
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(notifiers.acknowledged) < wanted:
            await asyncio.sleep(0.05)


def _notifier(ground: FarGround) -> dict[str, str]:
    return ground.system.auth("notifier", "S12000047")
